/* The probe `chat` against servers that say, byte for byte, what a test wants them to, and over
 * TLS: what is sent where, what is never said, what odd replies come to. */
#include "tests/asking/servers.h"

enum { N = 60 };

#define JSON(status, headers, body)                                                                \
    "HTTP/1.1 " status "\r\nContent-Type: application/json\r\n" headers                            \
    "Connection: close\r\n\r\n" body
#define NO_LIST JSON("404 Not Found", "", "{}")
#define ANSWER  JSON("200 OK", "", "{\"choices\":[{\"message\":{\"content\":\"B\"}}]}")

/* 404 for the list of models, then what `ctx` [n] says, the last of it for ever. */
static const char *in_turn(void *ctx, int n, const char *request)
{
    const char *const *says = ctx;
    if (strncmp(request, "GET ", 4) == 0)
        return NO_LIST;
    int i = 0;
    while (i < n - 1 && says[i + 1])
        i++;
    return says[i];
}

static struct fake *ask_told(struct told *t, const char *const *says, uint32_t n, int *rc,
                             struct bf_err *err)
{
    told_start(t, in_turn, (void *)(uintptr_t)says);
    struct fake *f = questions(n, 0, t->url, "1");
    fake_set(f, "key_env", "TEST_KEY");
    f->key = "sk-canary-0123456789";
    *rc = bf_probe_chat.ask(&f->asking, err);
    told_stop(t);
    return f;
}

static void retry_after_is_never_undercut(void)
{
    struct told t;
    struct bf_err err = { 0 };
    int rc;
    static const char *const says[] = { JSON("429 Too Many Requests", "Retry-After: 1\r\n", "{}"),
                                        JSON("503 Busy", "retry-after-ms: 400\r\n", "{}"), ANSWER,
                                        NULL };
    struct fake *f = ask_told(&t, says, 1, &rc, &err);
    CHECK_INT(rc, BF_OK);
    CHECK_INT(f->n_answered, 1);
    CHECK_INT(t.n, 4); /* the list, and three times the question */
    CHECK(t.at[2] - t.at[1] >= 1 && t.at[2] - t.at[1] < 2.3);
    CHECK(t.at[3] - t.at[2] >= 0.4 && t.at[3] - t.at[2] < 2);
    fake_free(f);
}

static void a_redirect_is_not_followed(void)
{
    struct told t;
    struct bf_err err = { 0 };
    int rc;
    char want[200];
    static const char *const says[] = {
        JSON("302 Found", "Location: http://127.0.0.1:1/steal?k=v\r\n", ""), NULL
    };
    struct fake *f = ask_told(&t, says, 3, &rc, &err);
    CHECK_INT(rc, BF_EINVAL);
    snprintf(want, sizeof want,
             "server '%s' redirects to 'http://127.0.0.1:1/steal' (302); name that as 'url'",
             t.url);
    CHECK_STR(err.msg, want);
    CHECK_INT(t.n, 2);
    fake_free(f);
}

static void the_key_is_sent_and_never_said(void)
{
    struct told t;
    struct bf_err err = { 0 };
    int rc;
    static const char *const says[] = {
        JSON("400 Bad Request", "", "{\"error\":{\"message\":\"odd sk-canary-0123456789\"}}"),
        JSON("401 Unauthorized", "",
             "{\"error\":{\"message\":\"wrong key: sk-canary-0123456789\"}}"),
        NULL
    };
    struct fake *f = ask_told(&t, says, 3, &rc, &err);
    CHECK_INT(rc, BF_EINVAL);
    CHECK(strstr(t.last, "Authorization: Bearer sk-canary-0123456789\r\n"));
    CHECK(strstr(err.msg, "refuses the key in 'TEST_KEY' (401: wrong key: ********************)"));
    CHECK_STR(f->asked[0].text, "400: odd ********************");
    CHECK(!strstr(f->last_error, "canary"));
    fake_free(f);

    f = questions(1, 0, t.url, "1");
    fake_set(f, "key_env", "TEST_KEY");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EINVAL);
    CHECK_STR(err.msg, "the environment variable 'TEST_KEY' named by 'key_env' is not set");
    f->key = "sk-canary\r\nHost: evil";
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EINVAL);
    CHECK(!strstr(err.msg, "canary"));
    fake_free(f);
}

static const char *azure(void *ctx, int n, const char *request)
{
    (void)ctx, (void)n;
    return strstr(request, "POST /openai/deployments/D/chat/completions?api-version=2024-06-01 ") &&
                   strstr(request, "api-key: sk-canary\r\n") && !strstr(request, "Authorization")
               ? ANSWER
               : NO_LIST;
}

static void azure_has_its_own_path_and_header(void)
{
    struct told t;
    struct bf_err err = { 0 };
    char url[200];
    told_start(&t, azure, NULL);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/openai/deployments/D?api-version=2024-06-01",
             t.port);
    struct fake *f = questions(2, 0, url, "1");
    fake_set(f, "key_env", "TEST_KEY");
    f->key = "sk-canary";
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_answered, 2);
    CHECK_INT(t.n, 2); /* no list of models is asked for */
    struct bf_buf id = { 0 };
    CHECK_INT(bf_probe_chat.identify(&f->probe, &f->spec, &f->pool, &id, &err), BF_OK);
    CHECK(strstr(id.data, "/openai/deployments/D?api-version=2024-06-01\""));
    bf_buf_done(&id);
    told_stop(&t);
    fake_free(f);
}

static const char *wrong_key(void *ctx, int n, const char *request)
{
    (void)ctx, (void)n, (void)request;
    return JSON("401 Unauthorized", "", "{\"error\":{\"message\":\"no sk-canary\"}}");
}

static void a_wrong_key_is_told_before_anything_is_sent(void)
{
    struct told t;
    struct bf_err err = { 0 };
    char want[200];
    told_start(&t, wrong_key, NULL);
    struct fake *f = questions(5, 0, t.url, "1");
    fake_set(f, "key_env", "TEST_KEY");
    f->key = "sk-canary";
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EINVAL);
    snprintf(want, sizeof want, "server '%s' refuses the key in 'TEST_KEY' (401)", t.url);
    CHECK_STR(err.msg, want);
    CHECK_INT(t.n, 1);
    told_stop(&t);
    fake_free(f);
}

static void a_refused_modality_is_asked_once(void)
{
    struct told t;
    struct bf_err err = { 0 };
    static const char *const says[] = {
        JSON("500 Internal Server Error", "",
             "{\"error\":{\"code\":500,\"message\":\"image input is not supported - hint: mmproj\","
             "\"type\":\"server_error\"}}"),
        NULL
    };
    told_start(&t, in_turn, (void *)(uintptr_t)says);
    struct fake *f = questions(N, 1, t.url, "1");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_failed, N);
    each_was_put_once(f);
    CHECK_INT(t.n, 2); /* the list and one question */
    CHECK_STR(f->asked[5].text, "image input is not supported");
    CHECK_INT(f->n_notes, 1);
    CHECK(strstr(f->note, "takes no image: questions that show it fail"));
    told_stop(&t);
    fake_free(f);
}

static const char *no_pictures(void *ctx, int n, const char *request)
{
    (void)ctx, (void)n;
    if (strncmp(request, "GET ", 4) == 0)
        return NO_LIST;
    return strstr(request, "image_url")
               ? JSON("500 Oh", "", "{\"error\":\"image input is not supported\"}")
               : ANSWER;
}

static void what_only_a_dead_server_takes_is_given_up(void)
{
    struct told t;
    struct bf_err err = { 0 };
    char dead[64];
    told_start(&t, no_pictures, NULL);
    snprintf(dead, sizeof dead, "http://127.0.0.1:%d/v1", free_port());
    struct fake *f = questions(N, 1, t.url, "4");
    const char *urls[] = { t.url, dead };
    bf_opt_set(bf_opt_find(bf_probe_chat.op.opts, "url"), f->probe.priv, urls, 2, &f->arena, NULL);
    fake_set(f, "patience", "0.02 min");
    f->every_other = true;
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_answered, N / 2);
    CHECK_INT(f->n_failed, N / 2);
    each_was_put_once(f);
    CHECK_STR(f->asked[N - 1].text, "no server that takes what it shows answers");
    told_stop(&t);
    fake_free(f);
}

static void odd_servers_are_survived(void)
{
    static const char *const bad[] = {
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"choices\"",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 99999 ?\r\n\r\n",
        JSON("200 OK", "", "{\"choices\":[{\"message\":{\"content\":\"\x1b[2J\"}}]}"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct told t;
        struct bf_err err = { 0 };
        int rc;
        const char *const says[] = { bad[i], ANSWER, NULL };
        struct fake *f = ask_told(&t, says, 1, &rc, &err);
        CHECK_INT(rc, BF_OK);
        CHECK_INT(f->n_answered, 1);
        if (test_failed)
            printf("# with %s: %s, %s\n", bad[i], err.msg, f->asked[0].text);
        fake_free(f);
    }
}

static void a_reply_too_long_fails_its_question(void)
{
    enum { SIZE = 17 << 20 };
    char *reply = malloc(SIZE);
    CHECK(reply != NULL);
    if (!reply)
        return;
    const int head = snprintf(reply, 200, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"x\":\"");
    memset(reply + head, 'x', (size_t)(SIZE - head - 1));
    reply[SIZE - 1] = '\0';
    struct told t;
    struct bf_err err = { 0 };
    int rc;
    const char *const says[] = { reply, ANSWER, NULL };
    struct fake *f = ask_told(&t, says, 2, &rc, &err);
    CHECK_INT(rc, BF_OK);
    CHECK_INT(f->n_failed, 1);
    CHECK_INT(f->n_answered, 1);
    CHECK_STR(f->asked[0].text, "the reply is over 16777216 bytes");
    fake_free(f);
    free(reply);
}

/* ---- TLS ---- */

struct tls {
    pid_t pid;
    char url[64], cert[256], stats[256];
};

/* False where there is no node or openssl. */
static bool tls_start(struct tls *t)
{
    char key[256], number[16], script[512], line[64] = "";
    int port = free_port(), ends[2], status = 1;
    snprintf(key, sizeof key, "%s/tls-key.pem", TEST_BUILD);
    snprintf(t->cert, sizeof t->cert, "%s/tls-cert.pem", TEST_BUILD);
    snprintf(t->stats, sizeof t->stats, "%s/tls-stats", TEST_BUILD);
    snprintf(script, sizeof script, "%s/tests/asking/tls.js", TEST_ROOT);
    snprintf(t->url, sizeof t->url, "https://127.0.0.1:%d/v1", port);
    snprintf(number, sizeof number, "%d", port);
    const char *const make[] = { "openssl",  "req",    "-x509",   "-newkey",
                                 "rsa:2048", "-nodes", "-keyout", key,
                                 "-out",     t->cert,  "-days",   "2",
                                 "-subj",    "/CN=x",  "-addext", "subjectAltName=IP:127.0.0.1",
                                 NULL };
    const char *const serve[] = { "node", script, number, key, t->cert, t->stats, NULL };
    waitpid(spawn(make, -1, true), &status, 0);
    if (status != 0 || pipe(ends) != 0)
        return false;
    t->pid = spawn(serve, ends[1], true);
    close(ends[1]);
    const bool up = read(ends[0], line, sizeof line - 1) > 0 && strstr(line, "LISTENING");
    close(ends[0]);
    if (!up)
        waitpid(t->pid, NULL, 0);
    return up;
}

static void http2_is_spoken_where_it_is_offered(void)
{
    struct tls t;
    struct bf_err err = { 0 };
    char line[200] = "", want[200];
    int n_connections = 0, n_questions = 0, n_old = -1;
    if (!tls_start(&t))
        TEST_SKIP("no node or openssl");
    struct fake *f = questions(400, 0, t.url, "32");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EINVAL);
    snprintf(want, sizeof want,
             "cannot reach server '%s': its certificate is not trusted; 'ca_file' names others to "
             "trust",
             t.url);
    CHECK_STR(err.msg, want);
    fake_set(f, "ca_file", t.cert);
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_answered, 400);
    each_was_put_once(f);
    fake_free(f);
    kill(t.pid, SIGTERM);
    waitpid(t.pid, NULL, 0);
    FILE *stats = fopen(t.stats, "r");
    CHECK(stats && fgets(line, sizeof line, stats));
    if (stats)
        fclose(stats);
    sscanf(line, "connections %d questions %d old %d", &n_connections, &n_questions, &n_old);
    CHECK_INT(n_old, 0);
    CHECK_INT(n_questions, 400);
    CHECK(n_connections <= 4); /* one that did not trust, one for the list, one for all questions */
}

TEST_MAIN(TEST(retry_after_is_never_undercut), TEST(a_redirect_is_not_followed),
          TEST(the_key_is_sent_and_never_said), TEST(azure_has_its_own_path_and_header),
          TEST(a_wrong_key_is_told_before_anything_is_sent), TEST(a_refused_modality_is_asked_once),
          TEST(what_only_a_dead_server_takes_is_given_up), TEST(odd_servers_are_survived),
          TEST(a_reply_too_long_fails_its_question), TEST(http2_is_spoken_where_it_is_offered))
