/* Probe `serve`: a model server that we start on this machine, ask as `chat` does, and stop. See
 * docs/asking.md, "A local server". */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "probe/chat.h"
#include "probe/child.h"
#include "probe/server/http.h"

enum { MOST_RESTARTS = 3 };              /* in one asking */
static const double probing_seconds = 5; /* one question whether it is healthy */

struct serve {
    const char *command, *model_path, *health;
    double ready; /* seconds */
    struct bf_client_options client;
    struct bf_manner manner;
};

/* The server, while it is asked. */
struct server {
    const struct bf_asking *asking;
    const struct serve *o;
    struct bf_child child;
    char *line; /* for the shell, places filled in */
    char *log;
    int port, n_restarts;
};

/* --- The command -------------------------------------------------------------------------- */

/* A word for the shell. */
static void add_word(struct bf_buf *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./:@%+=,-";
    if (word[0] && word[strspn(word, plain)] == '\0') {
        bf_buf_str(out, word);
        return;
    }
    bf_buf_char(out, '\'');
    for (; *word; word++)
        if (*word == '\'')
            bf_buf_str(out, "'\\''");
        else
            bf_buf_char(out, *word);
    bf_buf_char(out, '\'');
}

static void fill_places(const struct serve *o, int port, struct bf_buf *out)
{
    static const char port_place[] = "{port}", model_place[] = "{model}";
    for (const char *c = o->command; *c;) {
        if (strncmp(c, port_place, sizeof port_place - 1) == 0) {
            bf_buf_printf(out, "%d", port);
            c += sizeof port_place - 1;
        } else if (strncmp(c, model_place, sizeof model_place - 1) == 0) {
            add_word(out, o->model_path[0] ? o->model_path : o->manner.model);
            c += sizeof model_place - 1;
        } else {
            bf_buf_char(out, *c++);
        }
    }
}

/* A port of the loopback device that nobody listens on at this moment, or -1. */
static int free_port(void)
{
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const bool ok = fd >= 0 && bind(fd, (const struct sockaddr *)(const void *)&a, n) == 0 &&
                    getsockname(fd, (struct sockaddr *)(void *)&a, &n) == 0;
    if (fd >= 0)
        close(fd);
    return ok ? ntohs(a.sin_port) : -1;
}

/* --- Its health --------------------------------------------------------------------------- */

/* One look at one page: its status, 0 when there was no reply. */
static int look(struct bf_http *http, const struct bf_http_target *to, struct bf_err *err)
{
    struct bf_http_result r;
    bool readable;
    int n = 0;
    BF_TRY(bf_http_send(http, to, "", 0, probing_seconds, &n, err));
    while (!bf_http_next(http, &r))
        BF_TRY(bf_http_wait(http, NULL, 0, 0.5, &readable, err));
    return r.end == BF_HTTP_REPLY ? r.status : 0;
}

static int fail_server(struct server *s, const char *what, struct bf_err *err)
{
    char words[320];
    bf_child_stop(&s->child, 0);
    bf_child_words(&s->child, words, sizeof words);
    return bf_fail(err, BF_EIO, "probe '%s': its server %s, %s", s->asking->probe->name, what,
                   words);
}

static void add_target(struct bf_http *http, int port, const char *path,
                       struct bf_http_target **out, int *rc, struct bf_err *err)
{
    char url[600];
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", port, path);
    if (*rc == BF_OK)
        *rc = bf_http_target(http, url, false, NULL, 0, out, err);
}

/* Wait until it answers a look at its health with 200. Some servers have no page for that: then the
 * list of models will do. */
static int wait_healthy(struct server *s, struct bf_http *http, struct bf_err *err)
{
    struct bf_http_target *pages[2] = { NULL, NULL };
    const double until = bf_child_now() + s->o->ready;
    const bool given = s->o->health[0] != '\0';
    char what[64];
    int rc = BF_OK;
    add_target(http, s->port, given ? s->o->health : "/health", &pages[0], &rc, err);
    add_target(http, s->port, given ? s->o->health : "/v1/models", &pages[1], &rc, err);
    for (int page = 0; rc == BF_OK;) {
        const int status = look(http, pages[page], err);
        BF_TRY(status);
        if (bf_child_ended(&s->child))
            return fail_server(s, "ended before it was ready", err);
        if (status == 200)
            return BF_OK;
        page = status >= 400 && status < 500 ? 1 - page : page;
        if (s->asking->stopped(s->asking->ctx))
            return bf_fail(err, BF_EIO, "probe '%s': stopped", s->asking->probe->name);
        snprintf(what, sizeof what, "was not ready after %g s", s->o->ready);
        if (bf_child_now() > until)
            return fail_server(s, what, err);
        (void)nanosleep(&(struct timespec){ 0, 100000000 }, NULL); /* a shorter one does no harm */
    }
    return rc;
}

static int start(struct server *s, struct bf_err *err)
{
    const struct bf_http_options options = { .max_in_flight = 1,
                                             .connect_seconds = probing_seconds,
                                             .stall_seconds = probing_seconds,
                                             .max_reply = 1 << 20 };
    struct bf_http *http = NULL;
    int rc = bf_http_open(&options, &http, err);
    if (rc == BF_OK)
        rc = bf_child_start(&s->child, s->line, s->asking->spec->dir, s->log, false, err);
    if (rc == BF_OK)
        rc = wait_healthy(s, http, err);
    bf_http_close(http);
    return rc;
}

/* Called while it is asked: one that died is started again, on the same port. */
static int keep_alive(void *ctx, struct bf_err *err)
{
    struct server *s = ctx;
    char words[320], line[512];
    if (!bf_child_ended(&s->child))
        return BF_OK;
    if (s->n_restarts++ == MOST_RESTARTS)
        return fail_server(s, "ended again after 3 restarts", err);
    bf_child_stop(&s->child, 0);
    bf_child_words(&s->child, words, sizeof words);
    snprintf(line, sizeof line, "probe '%s': its server ended, %s: it is started again",
             s->asking->probe->name, words);
    s->asking->note(s->asking->ctx, line);
    bf_child_done(&s->child);
    return start(s, err);
}

/* --- The probe ---------------------------------------------------------------------------- */

static struct bf_chat_server server_of(const struct serve *o, const char **url)
{
    return (struct bf_chat_server){
        .urls = { 1, url }, .key_env = "", .ca_file = "", .client = &o->client, .manner = &o->manner
    };
}

static int serve_ask(const struct bf_asking *asking, struct bf_err *err)
{
    const struct serve *o = asking->probe->priv;
    struct bf_arena a = { 0 };
    struct bf_buf line = { 0 };
    struct server s = { .asking = asking, .o = o, .port = free_port() };
    if (s.port < 0)
        return bf_fail(err, BF_EIO, "probe '%s': no free port: %s", asking->probe->name,
                       strerror(errno));
    fill_places(o, s.port, &line);
    s.line = line.data;
    s.log = bf_arena_printf(&a, "%s/%s.log", asking->run_dir, asking->probe->name);
    const char *url = bf_arena_printf(&a, "http://127.0.0.1:%d/v1", s.port);
    struct bf_chat_server chat = server_of(o, &url);
    chat.tick = keep_alive;
    chat.tick_ctx = &s;
    int rc = line.failed || !s.log || !url ? bf_fail_memory(err, "a command") : start(&s, err);
    if (rc == BF_OK)
        rc = bf_chat_ask(&chat, asking, err);
    bf_child_done(&s.child);
    bf_buf_done(&line);
    bf_arena_reset(&a);
    return rc;
}

static int serve_check(const struct bf_probe_spec *p, const struct bf_spec *spec,
                       struct bf_err *err)
{
    const struct serve *o = p->priv;
    const char *url = "http://127.0.0.1/v1";
    const struct bf_chat_server chat = server_of(o, &url);
    if (!strstr(o->command, "{port}"))
        return bf_fail(err, BF_EINVAL,
                       "'command' has no place {port}; allowed: a line such as 'llama-server -m "
                       "{model} --port {port}'");
    if (o->model_path[0] && !strstr(o->command, "{model}"))
        return bf_fail(err, BF_EINVAL, "'command' has no place {model} for 'model_path'");
    if (o->health[0] && o->health[0] != '/')
        return bf_fail(err, BF_EINVAL, "'health' is '%.200s'; allowed: a path that begins with /",
                       o->health);
    return bf_chat_check(&chat, spec, err);
}

/* The path as the spec writes it, so that a folder can be moved; the port says nothing. */
static int serve_identify(const struct bf_probe_spec *p, const struct bf_spec *spec,
                          const struct bf_pool *pool, struct bf_buf *out, struct bf_err *err)
{
    const struct serve *o = p->priv;
    const size_t n = strlen(spec->dir);
    const bool below = strncmp(o->model_path, spec->dir, n) == 0 && o->model_path[n] == '/';
    (void)pool, (void)err;
    bf_buf_str(out, "serve v1;command=");
    bf_buf_json(out, o->command);
    bf_buf_str(out, ";model_path=");
    bf_buf_json(out, o->model_path + (below ? n + 1 : 0));
    bf_buf_char(out, ';');
    bf_manner_identify(&o->manner, p, out);
    return BF_OK;
}

static void serve_read(const struct bf_probe_spec *p, const struct bf_sample *s,
                       const uint8_t *order, struct bf_answer *a)
{
    const struct serve *o = p->priv;
    bf_chat_read(&o->manner, s, order, a);
}

static int serve_preview(const struct bf_asking *asking, uint32_t q, struct bf_buf *out,
                         struct bf_err *err)
{
    const char *url = "http://127.0.0.1/v1";
    const struct bf_chat_server chat = server_of(asking->probe->priv, &url);
    return bf_chat_preview(&chat, asking, q, out, err);
}

static void serve_estimate(const struct bf_probe_spec *p, const struct bf_spec *spec,
                           const struct bf_sample *s, const struct bf_view *view, double *n_in_out,
                           double *n_out_out)
{
    const struct serve *o = p->priv;
    bf_manner_estimate(&o->manner, spec, s, view, n_in_out, n_out_out);
}

static const char *serve_model(const struct bf_probe_spec *p)
{
    const struct serve *o = p->priv;
    return o->manner.model;
}

static const struct bf_opt serve_opts[] = {
    { "command", BF_OPT_STR, offsetof(struct serve, command), NULL, 0, 0, NULL,
      "a line for /bin/sh that starts the server, run in the spec's folder; {port} becomes a free "
      "port, {model} the model's path, or its name",
      NULL },
    { "model_path", BF_OPT_PATH, offsetof(struct serve, model_path), "", 0, 0, NULL,
      "file or folder of the model, for {model}; empty: 'model' is", NULL },
    { "ready", BF_OPT_NUM, offsetof(struct serve, ready), "300", 0.1, 86400, "s",
      "how long the server may take until it answers", NULL },
    { "health", BF_OPT_STR, offsetof(struct serve, health), "", 0, 0, NULL,
      "page that answers with status 200 once the server is ready; empty: /health, or /v1/models",
      NULL },
    BF_CLIENT_OPTS(struct serve, client),
    BF_MANNER_OPTS(struct serve, manner),
    { .name = NULL },
};

const struct bf_probe bf_probe_serve = {
    .op = {
        .name = "serve",
        .summary = "starts a model server on this machine, asks it, stops it",
        .source = "docs/asking.md#a-local-server",
        .priv_size = sizeof(struct serve),
        .opts = serve_opts,
    },
    .by_content = true,
    .costs = true,
    .check = serve_check,
    .identify = serve_identify,
    .ask = serve_ask,
    .read = serve_read,
    .preview = serve_preview,
    .estimate = serve_estimate,
    .model = serve_model,
};
