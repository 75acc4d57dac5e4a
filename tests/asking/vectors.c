/* Vectors of words, fetched from a server that is told what to say: each text is asked for once,
 * what is refused costs no other, what came is kept. */
#include "probe/server/embed.h"
#include "tests/asking/servers.h"

enum { MAX_KEPT = 64 };

/* A ledger in memory, and who asks. */
struct ledger {
    struct fake *f;
    struct told t; /* the server */
    struct bf_asking asking;
    int n, n_again, n_flying, n_flown;
    struct {
        uint8_t key[BF_SHA_BYTES], value[64];
        size_t n;
    } kept[MAX_KEPT];
};

static int place_of(const struct ledger *l, const uint8_t *key)
{
    int i = 0;
    while (i < l->n && memcmp(l->kept[i].key, key, BF_SHA_BYTES) != 0)
        i++;
    return i;
}

static int recall(void *ctx, const char *kind, const uint8_t *key, const void **value_out,
                  size_t *n_out, struct bf_arena *a, struct bf_err *err)
{
    const struct ledger *l = ctx;
    const int i = place_of(l, key);
    (void)a, (void)err;
    CHECK_STR(kind, "embedding");
    if (i == l->n)
        return BF_END;
    *value_out = l->kept[i].value;
    *n_out = l->kept[i].n;
    return BF_OK;
}

static int remember(void *ctx, const char *kind, const struct bf_kept *v, uint32_t n,
                    struct bf_err *err)
{
    struct ledger *l = ctx;
    (void)err;
    CHECK_STR(kind, "embedding");
    for (uint32_t k = 0; k < n && l->n < MAX_KEPT; k++) {
        const int i = place_of(l, v[k].key);
        CHECK(v[k].n <= sizeof l->kept[0].value);
        memcpy(l->kept[i].key, v[k].key, BF_SHA_BYTES);
        memcpy(l->kept[i].value, v[k].value, v[k].n);
        l->kept[i].n = v[k].n;
        l->n_again += i < l->n;
        l->n += i == l->n;
    }
    l->n_flying--;
    return BF_OK;
}

static void fly(void *ctx, const uint8_t *key, bool in_flight)
{
    struct ledger *l = ctx;
    (void)key;
    l->n_flying += in_flight ? 1 : -1;
    l->n_flown += in_flight;
}

static bool stopped(void *ctx)
{
    (void)ctx;
    return false;
}

static void note(void *ctx, const char *line)
{
    fake_note(((struct ledger *)ctx)->f, line);
}

static const char *env(void *ctx, const char *name)
{
    return fake_env(((struct ledger *)ctx)->f, name);
}

#define HEAD "HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"

/* How the server is to behave. */
struct manners {
    int fail_first;     /* so many requests with 503 */
    int longer_from;    /* vectors of one value more from this request on; 0 = never */
    bool one_too_few;   /* of the first reply */
    const char *poison; /* a text that is refused, with all beside it; NULL = none */
    int n_posts, n_texts;
    char reply[16384];
};

/* The vector of a text is (its length, its last letter); rows come in backward order. */
static const char *embed(void *ctx, int n, const char *request)
{
    struct manners *m = ctx;
    const char *texts[32], *s = strstr(request, "\"input\":[\"");
    size_t lengths[32];
    int n_texts = 0;
    (void)n;
    if (strncmp(request, "GET ", 4) == 0) {
        snprintf(m->reply, sizeof m->reply, HEAD "{}", "404 Not Found");
        return m->reply;
    }
    m->n_posts++;
    CHECK(strncmp(request, "POST /v1/embeddings ", 20) == 0);
    CHECK(strstr(request, "{\"model\":\"small\",\"input\":[") != NULL);
    if (m->n_posts <= m->fail_first || (m->poison && strstr(request, m->poison))) {
        snprintf(m->reply, sizeof m->reply, HEAD "{\"error\":{\"message\":\"%s\"}}",
                 m->poison ? "400 Bad Request" : "503 Busy", m->poison ? "too odd" : "later");
        return m->reply;
    }
    for (s += 9; *s == '"' && n_texts < 32; s += s[0] == ',') {
        texts[n_texts] = ++s;
        lengths[n_texts++] = strcspn(s, "\"");
        s += lengths[n_texts - 1] + 1;
    }
    m->n_texts += n_texts;
    int at = snprintf(m->reply, sizeof m->reply, HEAD "{\"data\":[", "200 OK");
    for (int i = n_texts - 1; i >= (m->one_too_few && m->n_posts == 1); i--)
        at += snprintf(m->reply + at, sizeof m->reply - (size_t)at,
                       "%s{\"index\":%d,\"embedding\":[%zu,%d.5%s]}", i < n_texts - 1 ? "," : "", i,
                       lengths[i], texts[i][lengths[i] - 1],
                       m->longer_from && m->n_posts >= m->longer_from ? ",0" : "");
    snprintf(m->reply + at, sizeof m->reply - (size_t)at, "],\"usage\":{\"prompt_tokens\":10}}");
    return m->reply;
}

static const char *const texts[] = { "one", "three",  "",  "one", NULL,   "fifteen",
                                     "six", "seven!", "a", "b!",  "three" };
enum { N = sizeof texts / sizeof *texts, N_DISTINCT = 7 };

static void ledger_open(struct ledger *l, struct manners *m)
{
    *l = (struct ledger){ .f = fake_new(1, 0) };
    l->asking = (struct bf_asking){ .spec = &l->f->spec,
                                    .probe = &l->f->probe,
                                    .ctx = l,
                                    .stopped = stopped,
                                    .note = note,
                                    .env = env,
                                    .recall = recall,
                                    .remember = remember,
                                    .fly = fly };
    told_start(&l->t, embed, m);
}

static int fetch(struct ledger *l, const float **out, struct bf_arena *a, struct bf_err *err)
{
    int dim = 0;
    const char *url = l->t.url;
    const struct bf_embed_server s = { .urls = { 1, &url },
                                       .model = "small",
                                       .batch = 3,
                                       .key_env = l->f->key ? "TEST_KEY" : "",
                                       .ca_file = "" };
    memset(out, 0, N * sizeof *out);
    const int rc = bf_embed_texts(&s, &l->asking, texts, N, out, &dim, a, err);
    CHECK(rc != BF_OK || dim == 2);
    if (l->f->key)
        CHECK(strstr(l->t.last, "Authorization: Bearer sk-canary-0123456789\r\n") != NULL);
    CHECK_INT(l->n_flying, 0);
    return rc;
}

/* Every text but `without` has the vector that the server's rule gives. */
static void check_vectors(const float *const *v, const char *without)
{
    for (int i = 0; i < N; i++) {
        const size_t n = texts[i] ? strlen(texts[i]) : 0;
        if (n == 0 || (without && strcmp(texts[i], without) == 0))
            CHECK(v[i] == NULL);
        else
            CHECK(v[i] && v[i][0] == (float)n && v[i][1] == (float)texts[i][n - 1] + 0.5f);
    }
}

static void ledger_close(struct ledger *l, struct bf_arena *a)
{
    told_stop(&l->t);
    fake_free(l->f);
    bf_arena_reset(a);
}

static void each_text_is_asked_for_once(void)
{
    struct ledger l;
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    struct manners m = { .fail_first = 1 };
    const float *v[N];
    ledger_open(&l, &m);
    CHECK_INT(fetch(&l, v, &a, &err), BF_OK);
    check_vectors(v, NULL);
    CHECK_INT(m.n_texts, N_DISTINCT);
    CHECK_INT(m.n_posts, 4); /* three batches of at most 3, and the one that was turned away */
    CHECK_INT(l.n_flown, 4);
    CHECK_INT(l.n, N_DISTINCT);
    m = (struct manners){ 0 };
    CHECK_INT(fetch(&l, v, &a, &err), BF_OK);
    check_vectors(v, NULL);
    CHECK_INT(m.n_posts, 0);
    CHECK_INT(l.n_again, 0);
    l.kept[2].n = 5; /* as a bad disk has it */
    l.n--;           /* and one that was lost */
    CHECK_INT(fetch(&l, v, &a, &err), BF_OK);
    check_vectors(v, NULL);
    CHECK_INT(m.n_texts, 2);
    CHECK_INT(l.n_again, 1);
    ledger_close(&l, &a);
}

static void a_text_that_is_refused_costs_no_other(void)
{
    struct ledger l;
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    struct manners m = { .poison = "\"six\"" };
    const float *v[N];
    ledger_open(&l, &m);
    CHECK_INT(fetch(&l, v, &a, &err), BF_OK);
    check_vectors(v, "six");
    CHECK_INT(l.f->n_notes, 1);
    CHECK_STR(l.f->note, "probe 'm': 1 text got no vector of model 'small' (400: too odd)");
    CHECK_INT(l.n, N_DISTINCT - 1);
    ledger_close(&l, &a);
}

static void a_reply_that_is_not_whole_is_asked_for_again(void)
{
    struct ledger l;
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    struct manners m = { .one_too_few = true };
    const float *v[N];
    ledger_open(&l, &m);
    CHECK_INT(fetch(&l, v, &a, &err), BF_OK);
    check_vectors(v, NULL);
    CHECK_INT(m.n_posts, 4);
    ledger_close(&l, &a);
}

static void vectors_of_two_lengths_stop_the_run(void)
{
    struct ledger l;
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    struct manners m = { .longer_from = 2 };
    const float *v[N];
    int dim = 0;
    ledger_open(&l, &m);
    const char *url = l.t.url;
    const struct bf_embed_server s = { { 1, &url }, "small", 0, 3, "", "" };
    CHECK_INT(bf_embed_texts(&s, &l.asking, texts, N, v, &dim, &a, &err), BF_EIO);
    CHECK_STR(err.msg, "model 'small' gives vectors of 2 and of 3 values");
    ledger_close(&l, &a);
}

static void a_limit_stops_it_and_it_goes_on_later(void)
{
    struct ledger l;
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    struct manners m = { 0 };
    const float *v[N];
    struct bf_spent spent = { 0 };
    ledger_open(&l, &m);
    l.asking.spent = &spent;
    l.f->spec.spend.requests = 2;
    CHECK_INT(fetch(&l, v, &a, &err), BF_EIO);
    CHECK_STR(err.msg, "spend limit of 2 requests reached; raise 'spend' and run again to go on");
    CHECK_INT(m.n_posts, 2);
    CHECK_INT(l.n, 6);
    CHECK_INT((long long)spent.tokens, 20);
    CHECK_INT((long long)spent.vectors, 20);
    l.f->spec.spend.requests = 0;
    CHECK_INT(fetch(&l, v, &a, &err), BF_OK);
    check_vectors(v, NULL);
    CHECK_INT(m.n_texts, N_DISTINCT);
    ledger_close(&l, &a);
}

static void the_key_is_sent_and_never_said(void)
{
    struct ledger l;
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    struct manners m = { .poison = "\"six\"" };
    const float *v[N];
    ledger_open(&l, &m);
    l.f->key = "sk-canary-0123456789";
    CHECK_INT(fetch(&l, v, &a, &err), BF_OK);
    check_vectors(v, "six");
    for (int i = 0; i < l.n; i++)
        CHECK(memchr(l.kept[i].value, 'k', l.kept[i].n) == NULL);
    ledger_close(&l, &a);
}

static void another_model_or_url_is_another_vector(void)
{
    static const char *const urls[] = { "http://a:1/v1", "http://b:1/v1",
                                        "http://a:1/v1/embeddings/" };
    struct bf_buf b[4] = { 0 };
    for (int i = 0; i < 4; i++) {
        const char *url = urls[i % 3];
        const struct bf_embed_server s = { { 1, &url }, i == 3 ? "large" : "small", 0, 3, "", "" };
        CHECK_INT(bf_embed_identify(&s, &b[i], NULL), BF_OK);
    }
    CHECK_STR(b[0].data, "embedding v1;url=\"http://a:1/v1\";model=\"small\";dimensions=0");
    CHECK(strcmp(b[0].data, b[1].data) != 0);
    CHECK_STR(b[2].data, b[0].data);
    CHECK(strcmp(b[0].data, b[3].data) != 0);
    for (int i = 0; i < 4; i++)
        bf_buf_done(&b[i]);
}

TEST_MAIN(TEST(each_text_is_asked_for_once), TEST(a_text_that_is_refused_costs_no_other),
          TEST(a_reply_that_is_not_whole_is_asked_for_again),
          TEST(vectors_of_two_lengths_stop_the_run), TEST(a_limit_stops_it_and_it_goes_on_later),
          TEST(the_key_is_sent_and_never_said), TEST(another_model_or_url_is_another_vector))
