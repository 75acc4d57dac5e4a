/* Vectors of words from /v1/embeddings, each asked for once ever. A batch of texts is a question
 * to the client that asks chat models, so that all its care is theirs. */
#include "probe/server/embed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/keymap.h"
#include "core/view.h"
#include "probe/server/access.h"
#include "probe/server/models.h"

enum {
    MAX_BATCH_BYTES = 256 << 10, /* of texts in one request, unless one alone is longer */
    MAX_DIM = 65536
};

static const char kind[] = "embedding";

/* Texts that go out together, and what came back for them. */
struct batch {
    uint32_t first, n; /* of fetch.missing */
    const float *got;  /* [n][dim], NULL = nothing yet */
};

struct fetch {
    const struct bf_embed_server *s;
    const struct bf_asking *real; /* who is asked for: its ledger, its notes, its limits */
    struct bf_asking asking;      /* of batches */
    struct bf_question *questions;
    struct batch *batches; /* [asking.n], as `questions` malloc'ed [cap] */
    uint32_t cap;
    struct bf_arena *a, arena; /* of vectors; of what is needed meanwhile */
    struct bf_keymap keys;     /* of distinct texts */
    const char **texts;        /* [keys.n] */
    const float **vectors;     /* [keys.n] */
    uint32_t *missing;         /* numbers of keys */
    uint32_t n_missing, n_failed;
    int dim;
    char why[256]; /* of the last that failed */
};

/* ---- what is known ---- */

static int key_of(const char *identity, const char *text, uint8_t out[BF_SHA_BYTES],
                  struct bf_buf *scratch)
{
    scratch->len = 0;
    bf_buf_str(scratch, identity);
    bf_buf_char(scratch, '\n');
    bf_buf_str(scratch, text);
    if (scratch->failed)
        return BF_ENOMEM;
    bf_sha256(scratch->data, scratch->len, out);
    return BF_OK;
}

/* The least significant byte first, whatever the machine. */
static void pack(const float *v, int dim, uint8_t *out)
{
    for (int i = 0; i < dim; i++) {
        uint32_t bits;
        memcpy(&bits, &v[i], sizeof bits);
        for (int b = 0; b < 4; b++)
            out[4 * i + b] = (uint8_t)(bits >> (8 * b));
    }
}

/* NULL when it is no vector of this length: a bad disk. */
static const float *unpack(const struct fetch *f, const uint8_t *p, size_t n, int *no_memory)
{
    const int dim = (int)(n / 4);
    if (n % 4 != 0 || dim == 0 || n > 4 * (size_t)MAX_DIM)
        return NULL;
    float *v = bf_arena_alloc(f->a, (size_t)dim, sizeof *v);
    *no_memory |= !v;
    for (int i = 0; v && i < dim; i++) {
        const uint8_t *q = p + 4 * (size_t)i;
        const uint32_t bits =
            q[0] | (uint32_t)q[1] << 8 | (uint32_t)q[2] << 16 | (uint32_t)q[3] << 24;
        memcpy(&v[i], &bits, sizeof bits);
        if (!isfinite(v[i]))
            return NULL;
    }
    return v;
}

static int take_dim(struct fetch *f, int dim, struct bf_err *err)
{
    if (f->dim == 0)
        f->dim = dim;
    if (f->dim != dim)
        return bf_fail(err, BF_EIO, "model '%s' gives vectors of %d and of %d values", f->s->model,
                       f->dim, dim);
    return BF_OK;
}

static int recall(struct fetch *f, uint32_t number, struct bf_err *err)
{
    struct bf_arena scratch = { 0 };
    const void *value = NULL;
    size_t n = 0;
    int no_memory = 0;
    int rc = f->real->recall(f->real->ctx, kind, f->keys.keys[number], &value, &n, &scratch, err);
    if (rc == BF_OK) {
        f->vectors[number] = unpack(f, value, n, &no_memory);
        rc = no_memory ? bf_fail_memory(err, "vectors") : BF_OK;
        if (f->vectors[number])
            rc = take_dim(f, (int)(n / 4), err);
    }
    if (rc >= 0 && !f->vectors[number])
        f->missing[f->n_missing++] = number;
    bf_arena_reset(&scratch);
    return rc < 0 ? rc : BF_OK;
}

/* Number the distinct texts, recall what the ledger has of them. */
static int look_up(struct fetch *f, const char *const *texts, uint32_t n, uint32_t *number_of,
                   struct bf_err *err)
{
    struct bf_buf identity = { 0 }, scratch = { 0 };
    uint8_t key[BF_SHA_BYTES];
    int rc = bf_embed_identify(f->s, &identity, err);
    for (uint32_t i = 0; rc == BF_OK && i < n; i++) {
        number_of[i] = BF_NO_KEY;
        if (!texts[i] || !texts[i][0])
            continue;
        if (key_of(identity.data, texts[i], key, &scratch) != BF_OK)
            rc = bf_fail_memory(err, "a key");
        number_of[i] = rc == BF_OK ? bf_keymap_find(&f->keys, key) : BF_NO_KEY;
        if (rc != BF_OK || number_of[i] != BF_NO_KEY)
            continue;
        if (bf_keymap_add(&f->keys, key) != BF_OK) {
            rc = bf_fail_memory(err, "keys");
            continue;
        }
        number_of[i] = f->keys.n - 1;
        f->texts[number_of[i]] = texts[i];
        rc = recall(f, number_of[i], err);
    }
    bf_buf_done(&identity);
    bf_buf_done(&scratch);
    return rc;
}

/* ---- batches ---- */

static int add_batch(struct fetch *f, uint32_t first, uint32_t n, struct bf_err *err)
{
    static const struct bf_view shows_words = { .asked = true };
    if (f->asking.n == f->cap) {
        const uint32_t cap = f->cap ? f->cap * 2 : 64;
        struct bf_question *questions = realloc(f->questions, cap * sizeof *questions);
        if (questions)
            f->asking.questions = f->questions = questions;
        struct batch *batches = realloc(f->batches, cap * sizeof *batches);
        if (batches)
            f->batches = batches;
        if (!questions || !batches)
            return bf_fail_memory(err, "texts");
        f->cap = cap;
    }
    f->questions[f->asking.n] = (struct bf_question){ .view = &shows_words };
    f->batches[f->asking.n++] = (struct batch){ first, n, NULL };
    return BF_OK;
}

static int make_batches(struct fetch *f, struct bf_err *err)
{
    for (uint32_t first = 0, n; first < f->n_missing; first += n) {
        size_t bytes = strlen(f->texts[f->missing[first]]);
        for (n = 1; n < (uint32_t)f->s->batch && first + n < f->n_missing; n++) {
            bytes += strlen(f->texts[f->missing[first + n]]);
            if (bytes > MAX_BATCH_BYTES)
                break;
        }
        BF_TRY(add_batch(f, first, n, err));
    }
    return BF_OK;
}

static uint32_t number_at(const struct fetch *f, const struct batch *b, uint32_t i)
{
    return f->missing[b->first + i];
}

/* ---- one request ---- */

static int write_body(void *ctx, uint32_t q, struct bf_buf *out, struct bf_err *err)
{
    const struct fetch *f = ctx;
    const struct batch *b = &f->batches[q];
    bf_buf_str(out, "{\"model\":");
    bf_buf_json(out, f->s->model);
    bf_buf_str(out, ",\"input\":[");
    for (uint32_t i = 0; i < b->n; i++) {
        if (i)
            bf_buf_char(out, ',');
        bf_buf_json(out, f->texts[number_at(f, b, i)]);
    }
    bf_buf_char(out, ']');
    if (f->s->dimensions)
        bf_buf_printf(out, ",\"dimensions\":%d", f->s->dimensions);
    bf_buf_char(out, '}');
    return out->failed ? bf_fail_memory(err, "a request") : BF_OK;
}

/* A token has about four bytes, of scripts without blanks three or less. */
static void estimate(void *ctx, uint32_t q, double *n_in_out, double *n_out_out)
{
    const struct fetch *f = ctx;
    double bytes = 0;
    for (uint32_t i = 0; i < f->batches[q].n; i++)
        bytes += (double)strlen(f->texts[number_at(f, &f->batches[q], i)]);
    *n_in_out = ceil(bytes / 3);
    *n_out_out = 0;
}

/* One {"index": i, "embedding": [...]} into its row; false when it is none, or there already. */
static bool read_row(const struct bf_json *row, float *rows, uint32_t n, size_t dim, bool *seen)
{
    const struct bf_json *list = bf_json_get(row, "embedding"), *item;
    struct bf_json_iter it = { 0 };
    double index, v;
    if (!bf_json_number(bf_json_get(row, "index"), &index) || index < 0 || index >= n ||
        seen[(uint32_t)index] || bf_json_kind(list) != BF_JSON_ARRAY || bf_json_count(list) != dim)
        return false;
    seen[(uint32_t)index] = true;
    float *to = rows + (size_t)index * dim;
    while (bf_json_each(list, &it, NULL, &item)) {
        if (!bf_json_number(item, &v) || !isfinite((float)v))
            return false;
        *to++ = (float)v;
    }
    return true;
}

static bool read_rows(const struct bf_json *data, float *rows, uint32_t n, size_t dim, bool *seen)
{
    const struct bf_json *row;
    struct bf_json_iter it = { 0 };
    bool good = true;
    while (good && bf_json_each(data, &it, NULL, &row))
        good = read_row(row, rows, n, dim, seen);
    return good;
}

/* As many vectors as texts, one for each, all of one length. */
static int read_reply(void *ctx, uint32_t q, const struct bf_json *root, struct bf_answer *a,
                      struct bf_err *err)
{
    struct fetch *f = ctx;
    struct batch *b = &f->batches[q];
    const struct bf_json *data = bf_json_get(root, "data");
    const size_t dim = bf_json_count(bf_json_get(bf_json_at(data, 0), "embedding"));
    double tokens;
    if (bf_json_kind(data) != BF_JSON_ARRAY || bf_json_count(data) != b->n || dim < 1 ||
        dim > MAX_DIM)
        return BF_END;
    float *rows = bf_arena_alloc(f->a, (size_t)b->n * dim, sizeof *rows);
    bool *seen = bf_arena_alloc(&f->arena, b->n, sizeof *seen);
    if (!rows || !seen)
        return bf_fail_memory(err, "vectors");
    if (!read_rows(data, rows, b->n, dim, seen))
        return BF_END;
    BF_TRY(take_dim(f, (int)dim, err));
    b->got = rows;
    a->cls = BF_UNPARSED; /* there is nothing to be read in it but `got` */
    if (bf_json_number(bf_json_get(bf_json_get(root, "usage"), "prompt_tokens"), &tokens) &&
        tokens > 0 && tokens < 4e9)
        a->n_in = (uint32_t)tokens;
    return BF_OK;
}

/* ---- what becomes of it ---- */

static int store(struct fetch *f, const struct batch *b, struct bf_err *err)
{
    const size_t size = 4 * (size_t)f->dim;
    struct bf_arena scratch = { 0 };
    struct bf_kept *kept = bf_arena_alloc(&scratch, b->n, sizeof *kept);
    uint8_t *bytes = bf_arena_alloc(&scratch, b->n, size);
    int rc = kept && bytes ? BF_OK : bf_fail_memory(err, "vectors");
    for (uint32_t i = 0; rc == BF_OK && i < b->n; i++) {
        const uint32_t number = number_at(f, b, i);
        f->vectors[number] = b->got + (size_t)i * (size_t)f->dim;
        pack(f->vectors[number], f->dim, bytes + i * size);
        kept[i] = (struct bf_kept){ f->keys.keys[number], bytes + i * size, size };
    }
    if (rc == BF_OK)
        rc = f->real->remember(f->real->ctx, kind, kept, b->n, err);
    bf_arena_reset(&scratch);
    return rc;
}

static int take(struct fetch *f, const struct batch *b, uint32_t tokens, struct bf_err *err)
{
    if (f->real->spent)
        f->real->spent->vectors += tokens;
    return store(f, b, err);
}

static void fly(struct fetch *f, uint32_t q, bool in_flight)
{
    f->real->fly(f->real->ctx, f->keys.keys[number_at(f, &f->batches[q], 0)], in_flight);
}

static void sent(void *ctx, uint32_t q)
{
    fly(ctx, q, true);
}

static void came_back(void *ctx, uint32_t q)
{
    fly(ctx, q, false);
}

/* A batch that is refused may hold one text that is: its halves are asked. */
static int give_up(struct fetch *f, uint32_t q, const char *why, struct bf_err *err)
{
    const struct batch b = f->batches[q];
    fly(f, q, false);
    if (b.n == 1) {
        f->n_failed++;
        snprintf(f->why, sizeof f->why, "%s", why);
        return BF_OK;
    }
    BF_TRY(add_batch(f, b.first, b.n / 2, err));
    return add_batch(f, b.first + b.n / 2, b.n - b.n / 2, err);
}

static int put(void *ctx, const uint32_t *which, const struct bf_answer *answers, uint32_t n,
               struct bf_err *err)
{
    struct fetch *f = ctx;
    for (uint32_t i = 0; i < n; i++)
        if (answers[i].cls == BF_FAILED)
            BF_TRY(give_up(f, which[i], answers[i].text, err));
        else
            BF_TRY(take(f, &f->batches[which[i]], answers[i].n_in, err));
    return BF_OK;
}

static int no_media(void *ctx, uint32_t q, const struct bf_encoded_part **parts_out, int *n_out,
                    struct bf_err *err)
{
    (void)ctx, (void)q, (void)parts_out, (void)err;
    *n_out = 0;
    return BF_OK;
}

static int none_ahead(void *ctx, uint32_t q, struct bf_err *err)
{
    (void)ctx, (void)q, (void)err;
    return BF_OK;
}

static bool stopped(void *ctx)
{
    const struct fetch *f = ctx;
    return f->real->stopped && f->real->stopped(f->real->ctx);
}

static void note(void *ctx, const char *line)
{
    const struct fetch *f = ctx;
    if (f->real->note)
        f->real->note(f->real->ctx, line);
}

static int not_woken(void *ctx, struct bf_err *err)
{
    (void)ctx, (void)err;
    return BF_OK;
}

/* Batches are not what people count. */
static void unseen(void *ctx, const struct bf_live *live)
{
    (void)ctx, (void)live;
}

/* ---- all of them ---- */

static int send_all(struct fetch *f, struct bf_access *x, struct bf_err *err)
{
    static const struct bf_client_options options = {
        .timeout = 300, .attempts = 6, .retry_for = 10, .patience = 10
    };
    const struct bf_embed_server *s = f->s;
    const struct bf_manner manner = { .model = s->model };
    const struct bf_client_form form = { f, write_body, estimate, read_reply,
                                         "no vectors in the reply, or not one a text" };
    struct bf_names takes;
    bool known;
    BF_TRY(bf_access_urls(x, &s->urls, true, err));
    BF_TRY(bf_access_key(x, s->key_env, f->real, err));
    const struct bf_client client = {
        .options = &options,
        .manner = &manner,
        .form = &form,
        .n_servers = x->n,
        .servers = x->servers,
        .n_headers = x->n_headers,
        .headers = x->headers,
        .key = x->key,
        .key_env = s->key_env && s->key_env[0] ? s->key_env : NULL,
        .ca_file = s->ca_file,
    };
    const int rc = bf_models_look(&client, &takes, &known, &x->arena, err);
    /* A run that has sent requests is under way: it waits for a server that is away. */
    if (rc != BF_EIO || !f->real->spent || f->real->spent->requests <= 0)
        BF_TRY(rc);
    return bf_client_ask(&client, &f->asking, err);
}

static int ask_missing(struct fetch *f, struct bf_err *err)
{
    struct bf_sample nobody = { .task = BF_FREE_TEXT };
    const struct bf_pool nothing = { .n_samples = 1, .samples = &nobody };
    struct bf_access x = { 0 };
    const struct bf_asking *real = f->real;
    f->asking = (struct bf_asking){ .spec = real->spec,
                                    .probe = real->probe,
                                    .pool = &nothing,
                                    .n_threads = real->n_threads,
                                    .spent = real->spent,
                                    .run_dir = real->run_dir,
                                    .ctx = f,
                                    .media = no_media,
                                    .media_ahead = none_ahead,
                                    .sent = sent,
                                    .came_back = came_back,
                                    .put = put,
                                    .woken = not_woken,
                                    .stopped = stopped,
                                    .note = note,
                                    .live = unseen };
    int rc = make_batches(f, err);
    if (rc == BF_OK)
        rc = send_all(f, &x, err);
    bf_access_done(&x);
    return rc;
}

static void note_failed(const struct fetch *f)
{
    char line[512];
    if (!f->n_failed)
        return;
    snprintf(line, sizeof line, "probe '%s': %u text%s got no vector of model '%s' (%s)",
             f->real->probe->name, f->n_failed, f->n_failed == 1 ? "" : "s", f->s->model, f->why);
    note((void *)(uintptr_t)f, line);
}

int bf_embed_texts(const struct bf_embed_server *s, const struct bf_asking *asking,
                   const char *const *texts, uint32_t n, const float **out, int *dim_out,
                   struct bf_arena *a, struct bf_err *err)
{
    struct fetch f = { .s = s, .real = asking, .a = a };
    uint32_t *number_of = bf_arena_alloc(&f.arena, (size_t)n + 1, sizeof *number_of);
    f.texts = bf_arena_alloc(&f.arena, (size_t)n + 1, sizeof *f.texts);
    f.vectors = bf_arena_alloc(&f.arena, (size_t)n + 1, sizeof *f.vectors);
    f.missing = bf_arena_alloc(&f.arena, (size_t)n + 1, sizeof *f.missing);
    int rc = number_of && f.texts && f.vectors && f.missing ? BF_OK : bf_fail_memory(err, "texts");
    if (rc == BF_OK)
        rc = look_up(&f, texts, n, number_of, err);
    if (rc == BF_OK && f.n_missing)
        rc = ask_missing(&f, err);
    if (rc == BF_OK)
        note_failed(&f);
    for (uint32_t i = 0; rc == BF_OK && i < n; i++)
        out[i] = number_of[i] == BF_NO_KEY ? NULL : f.vectors[number_of[i]];
    if (rc == BF_OK)
        *dim_out = f.dim;
    free(f.questions);
    free(f.batches);
    bf_keymap_done(&f.keys);
    bf_arena_reset(&f.arena);
    return rc;
}

int bf_embed_check(const struct bf_embed_server *s, struct bf_err *err)
{
    struct bf_access x = { 0 };
    int rc = bf_access_urls(&x, &s->urls, true, err);
    bf_access_done(&x);
    if (rc == BF_OK && (!s->model || !s->model[0]))
        rc = bf_fail(err, BF_EINVAL, "'embed_url' needs 'embed_model', the model's name there");
    return rc;
}

int bf_embed_identify(const struct bf_embed_server *s, struct bf_buf *out, struct bf_err *err)
{
    struct bf_access x = { 0 };
    int rc = bf_access_urls(&x, &s->urls, true, err);
    if (rc == BF_OK) {
        bf_buf_str(out, "embedding v1;url=");
        bf_buf_json(out, x.urls[0].named);
        bf_buf_str(out, ";model=");
        bf_buf_json(out, s->model);
        bf_buf_printf(out, ";dimensions=%d", s->dimensions);
        rc = out->failed ? bf_fail_memory(err, "an identity") : BF_OK;
    }
    bf_access_done(&x);
    return rc;
}
