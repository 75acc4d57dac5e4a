/* GET /models: whether a server is there, takes the key, has the model, and what that takes. */
#include "probe/server/models.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "probe/server/http.h"
#include "probe/server/reply.h"

enum { MAX_LIST = 16 << 20, MAX_NAMED = 12, MAX_TAKES = 16 };

static const double connect_seconds = 10, look_seconds = 60;

/* "llama3" is Ollama's name of "llama3:latest"; a star is a router's for any. */
static bool is_model(const char *id, const char *model)
{
    const size_t n = strlen(model);
    return strcmp(id, model) == 0 || strchr(id, '*') ||
           (strncmp(id, model, n) == 0 && strcmp(id + n, ":latest") == 0);
}

static int add_takes(const struct bf_json *modalities, struct bf_names *takes, struct bf_arena *a,
                     struct bf_err *err)
{
    struct bf_json_iter it = { 0 };
    const struct bf_json *v;
    if (!takes->v)
        takes->v = bf_arena_alloc(a, MAX_TAKES, sizeof *takes->v);
    if (!takes->v)
        return bf_fail_memory(err, "a list of models");
    while (bf_json_each(modalities, &it, NULL, &v)) {
        const char *name = bf_json_string(v);
        bool there = !name || takes->n == MAX_TAKES;
        for (int i = 0; i < takes->n && !there; i++)
            there = strcmp(takes->v[i], name) == 0;
        if (there)
            continue;
        takes->v[takes->n] = bf_arena_strdup(a, name);
        if (!takes->v[takes->n++])
            return bf_fail_memory(err, "a list of models");
    }
    return BF_OK;
}

static int read_list(const struct bf_json *list, const char *model, bool *has_out,
                     struct bf_names *takes, bool *known_out, struct bf_buf *others_out,
                     struct bf_arena *a, struct bf_err *err)
{
    const bool only_one = bf_json_count(list) == 1;
    struct bf_json_iter it = { 0 };
    const struct bf_json *entry;
    int n_named = 0;
    *has_out = bf_json_kind(list) != BF_JSON_ARRAY;
    while (!*has_out && bf_json_each(list, &it, NULL, &entry)) {
        const char *id = bf_json_string(bf_json_get(entry, "id"));
        const char *owner = bf_json_string(bf_json_get(entry, "owned_by"));
        if (!id)
            continue;
        if (n_named++ < MAX_NAMED)
            bf_buf_printf(others_out, "%s%.100s", n_named > 1 ? ", " : "", id);
        /* llama.cpp answers to any name when it has one model. */
        const bool any = only_one && owner && strcmp(owner, "llamacpp") == 0;
        if (!any && !is_model(id, model))
            continue;
        *has_out = true;
        const struct bf_json *in =
            bf_json_get(bf_json_get(entry, "architecture"), "input_modalities");
        if (bf_json_kind(in) == BF_JSON_ARRAY) {
            *known_out = true;
            return add_takes(in, takes, a, err);
        }
    }
    if (n_named > MAX_NAMED)
        bf_buf_printf(others_out, " and %d more", n_named - MAX_NAMED);
    return others_out->failed ? bf_fail_memory(err, "a list of models") : BF_OK;
}

int bf_models_read(const char *body, size_t n, const char *model, bool *has_out,
                   struct bf_names *takes, bool *known_out, struct bf_buf *others_out,
                   struct bf_arena *a, struct bf_err *err)
{
    struct bf_json_doc *doc = NULL;
    struct bf_err ignored;
    int rc = bf_json_parse(body, n, &doc, &ignored);
    *has_out = true;
    if (rc == BF_ENOMEM)
        return bf_fail_memory(err, "a list of models");
    if (rc != BF_OK)
        return BF_OK;
    rc = read_list(bf_json_get(bf_json_root(doc), "data"), model, has_out, takes, known_out,
                   others_out, a, err);
    bf_json_free(&doc);
    return rc;
}

/* What the servers said so far. */
struct look {
    const struct bf_client *c;
    struct bf_names *takes;
    bool *known;
    struct bf_arena *a;
    int n_reached;     /* or without a list to ask for */
    int n_without;     /* that have a list without the model */
    struct bf_err why; /* of the last that was not reached, or has it not */
};

static int take_refusal(const struct look *k, const char *url, const struct bf_http_result *res,
                        struct bf_err *err)
{
    /* What it says of the key may repeat it: the status says enough. */
    if (k->c->key_env)
        return bf_fail(err, BF_EINVAL, "server '%s' refuses the key in '%s' (%d)", url,
                       k->c->key_env, res->status);
    return bf_fail(err, BF_EINVAL,
                   "server '%s' wants a key: name its environment variable with 'key_env' (%d)",
                   url, res->status);
}

static int take_list(struct look *k, int server, const struct bf_http_result *res,
                     struct bf_err *err)
{
    const char *url = k->c->servers[server].shown;
    struct bf_buf others = { 0 };
    bool has = true;
    k->n_reached++;
    if (res->status == 401 || res->status == 403)
        return take_refusal(k, url, res, err);
    if (res->status != 200)
        return BF_OK;
    int rc = bf_models_read(res->body, res->n, k->c->manner->model, &has, k->takes, k->known,
                            &others, k->a, err);
    if (rc == BF_OK && !has) {
        k->n_without++;
        bf_fail(&k->why, BF_EINVAL, "server '%s' does not have model '%s'; it has: %s", url,
                k->c->manner->model, others.len ? others.data : "none");
    }
    bf_buf_done(&others);
    return rc;
}

static void take_silence(struct look *k, int server, const struct bf_http_result *res)
{
    k->n_reached += res->end == BF_HTTP_LATE; /* it is there, and slow */
    bf_fail(&k->why, res->hopeless ? BF_EINVAL : BF_EIO, "cannot reach server '%s': %s",
            k->c->servers[server].shown, res->message);
}

static int look(struct look *k, struct bf_http *http, struct bf_err *err)
{
    const struct bf_client *c = k->c;
    struct bf_http_result res;
    bool ignored;
    for (int i = 0; i < c->n_servers; i++) {
        const struct bf_client_server *s = &c->servers[i];
        struct bf_http_target *to;
        if (!s->models_url) {
            k->n_reached++;
            continue;
        }
        if (bf_http_target(http, s->models_url, false, c->headers, c->n_headers, &to, err) != BF_OK)
            return bf_fail_in(err, err ? err->code : BF_EINVAL, "server '%s'", s->shown);
        BF_TRY(bf_http_send(http, to, NULL, 0, look_seconds, (void *)(uintptr_t)i, err));
    }
    while (bf_http_in_flight(http)) {
        BF_TRY(bf_http_wait(http, NULL, 0, 1, &ignored, err));
        while (bf_http_next(http, &res)) {
            const int server = (int)(uintptr_t)res.tag;
            if (res.end == BF_HTTP_REPLY)
                BF_TRY(take_list(k, server, &res, err));
            else
                take_silence(k, server, &res);
        }
    }
    if (k->n_reached == k->n_without)
        return bf_fail(err, k->why.code, "%s", k->why.msg);
    return BF_OK;
}

int bf_models_look(const struct bf_client *c, struct bf_names *takes_out, bool *known_out,
                   struct bf_arena *a, struct bf_err *err)
{
    struct look k = { .c = c, .takes = takes_out, .known = known_out, .a = a };
    const struct bf_http_options o = { .max_in_flight = c->n_servers,
                                       .connect_seconds = connect_seconds,
                                       .stall_seconds = look_seconds,
                                       .max_reply = MAX_LIST,
                                       .ca_file = c->ca_file };
    struct bf_http *http = NULL;
    *known_out = false;
    *takes_out = (struct bf_names){ 0 };
    BF_TRY(bf_http_open(&o, &http, err));
    int rc = look(&k, http, err);
    bf_http_close(http);
    return rc;
}
