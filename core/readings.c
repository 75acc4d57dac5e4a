#include "core/readings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/keymap.h"

enum { READINGS_VERSION = 2, BATCH = 32 };

/* Of one wanted reading. */
struct slot {
    const struct bf_part *part;
    const struct bf_sample *sample;
    const struct bf_replace *by;
    struct bf_reading *reading; /* NULL until it is there */
    const char *reason;         /* why it cannot be */
};

struct bf_readings {
    const struct bf_spec *spec;
    const struct bf_pool *pool;
    struct bf_ledger *ledger;
    struct bf_arena arena;
    struct bf_buf key; /* the key being made, as text; kept, so that looking up takes no memory */
    struct bf_keymap keys; /* in order of want */
    uint32_t cap;
    struct slot *slots; /* [keys.n], malloc'ed */
    uint32_t n_filled;  /* slots before this one are done */
    uint64_t n_cached, n_new;
    /* while filling */
    const struct bf_run_options *options;
    const char *stage;
    uint32_t *missing, n_missing, n_taken, n_unsaved;
};

struct bf_apply bf_apply_for(const struct bf_spec *spec, const struct bf_pool *pool,
                             const struct bf_sample *s, const struct bf_part *part,
                             const struct bf_replace *by)
{
    struct bf_apply with = { .rng = bf_rng_for(spec->seed, s->id, by->op->op.name,
                                               (uint64_t)part->modality << 16 |
                                                   (uint64_t)part->number) };
    memcpy(with.pool_mean, pool->mean_rgb[part->modality], sizeof with.pool_mean);
    return with;
}

static void print_options(const struct bf_opt *opts, const void *priv, const char *const *but,
                          struct bf_buf *b)
{
    for (const struct bf_opt *o = opts; o && o->name; o++) {
        bool left_out = false;
        for (int i = 0; but && but[i]; i++)
            left_out |= strcmp(but[i], o->name) == 0;
        if (left_out)
            continue;
        bf_buf_printf(b, "%s=", o->name);
        bf_opt_print(o, priv, b);
        bf_buf_char(b, ';');
    }
}

/* Whether what an operator makes has nothing of its input, not even its size. */
static bool is_blind(const struct bf_replace *by)
{
    const struct bf_opt *size = bf_opt_find(by->op->op.opts, "size");
    struct bf_buf word = { 0 };
    if (size)
        bf_opt_print(size, by->priv, &word);
    const bool fixed = !size || (word.data && strcmp(word.data, "fixed") == 0);
    bf_buf_done(&word);
    return by->op->removes && fixed;
}

void bf_reading_print(const struct bf_spec *spec, const struct bf_pool *pool,
                      const struct bf_reading_key *k, bool shown, struct bf_buf *b)
{
    const struct bf_modality_use *use = &spec->modalities[k->part->modality];
    char hex[BF_SHA_HEX] = "any";
    if (!shown || !k->by || !is_blind(k->by))
        bf_hex(k->part->file->sha, BF_SHA_BYTES, hex);
    bf_buf_printf(b, "%s;%s v%d;", hex, use->base->op.name, use->base->version);
    print_options(use->base->op.opts, use->priv, shown ? NULL : use->base->shown_by, b);
    if (!k->by)
        return;
    bf_buf_printf(b, "by=%s;", k->by->op->op.name);
    print_options(k->by->op->op.opts, k->by->priv, NULL, b);
    if (k->by->op->random) {
        bf_buf_printf(b, "seed=%llu;sample=", (unsigned long long)spec->seed);
        bf_buf_json(b, k->sample->id);
        bf_buf_printf(b, ";part=%d;", k->part->number);
    }
    for (int i = 0; i < 3 && k->by->op->pool_mean; i++) {
        bf_buf_num(b, pool->mean_rgb[k->part->modality][i]);
        bf_buf_char(b, ';');
    }
}

static int make_key(struct bf_readings *r, const struct bf_reading_key *k,
                    uint8_t out[BF_SHA_BYTES], struct bf_err *err)
{
    struct bf_buf *b = &r->key;
    b->len = 0;
    b->failed = false;
    bf_buf_printf(b, "reading v%d;%zu;", READINGS_VERSION, sizeof(struct bf_reading));
    bf_reading_print(r->spec, r->pool, k, false, b);
    if (b->failed)
        return bf_fail_memory(err, "a key");
    bf_sha256(b->data, b->len, out);
    return BF_OK;
}

int bf_readings_open(const struct bf_spec *spec, const struct bf_pool *pool,
                     struct bf_ledger *ledger, struct bf_readings **out, struct bf_err *err)
{
    struct bf_readings *r = calloc(1, sizeof *r);
    if (!r)
        return bf_fail_memory(err, "readings");
    r->spec = spec;
    r->pool = pool;
    r->ledger = ledger;
    *out = r;
    return BF_OK;
}

void bf_readings_close(struct bf_readings *r)
{
    if (!r)
        return;
    bf_arena_reset(&r->arena);
    bf_buf_done(&r->key);
    free(r->slots);
    bf_keymap_done(&r->keys);
    free(r->missing);
    free(r);
}

int bf_readings_want(struct bf_readings *r, const struct bf_reading_key *key, struct bf_err *err)
{
    uint8_t sha[BF_SHA_BYTES];
    BF_TRY(make_key(r, key, sha, err));
    if (bf_keymap_find(&r->keys, sha) != BF_NO_KEY)
        return BF_OK;
    if (r->keys.n == r->cap) {
        const uint32_t cap = r->cap ? r->cap * 2 : 256;
        struct slot *more = realloc(r->slots, cap * sizeof *more);
        if (!more)
            return bf_fail_memory(err, "readings");
        r->slots = more;
        r->cap = cap;
    }
    r->slots[r->keys.n] = (struct slot){ .part = key->part, .sample = key->sample, .by = key->by };
    return bf_keymap_add(&r->keys, sha) == BF_OK ? BF_OK : bf_fail_memory(err, "readings");
}

static int make_job(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err)
{
    struct bf_readings *r = ctx;
    if (bf_run_stopped(r->options))
        return bf_fail(err, BF_EIO, "stopped while reading media");
    struct slot *s = &r->slots[r->missing[i]];
    *job = (struct bf_job){ .modality = s->part->modality, .by = s->by, .want = BF_WANT_READING };
    if (s->by)
        job->with = bf_apply_for(r->spec, r->pool, s->sample, s->part, s->by);
    struct bf_err why;
    job->fd = bf_file_open(s->part->file->path, s->part->file->rel_path, &why);
    if (job->fd >= 0)
        return BF_OK;
    s->reason = bf_arena_strdup(&r->arena, why.msg);
    return s->reason ? BF_END : bf_fail_memory(err, "readings");
}

/* In batches: a commit waits for the disk. */
static int save(struct bf_readings *r, const struct slot *s, struct bf_err *err)
{
    if (!r->ledger)
        return BF_OK;
    if (r->n_unsaved == 0)
        BF_TRY(bf_ledger_begin(r->ledger, err));
    r->n_unsaved++;
    BF_TRY(bf_ledger_put(r->ledger, "reading", r->keys.keys[s - r->slots], s->reading,
                         sizeof *s->reading, err));
    if (r->n_unsaved == BATCH) {
        BF_TRY(bf_ledger_commit(r->ledger, err));
        r->n_unsaved = 0;
    }
    return BF_OK;
}

static int take_result(void *ctx, uint32_t i, const struct bf_job_result *result,
                       struct bf_err *err)
{
    struct bf_readings *r = ctx;
    struct slot *s = &r->slots[r->missing[i]];
    if (result->code == BF_OK) {
        s->reading = bf_arena_memdup(&r->arena, &result->reading, sizeof result->reading);
        if (!s->reading)
            return bf_fail_memory(err, "readings");
        r->n_new++;
        BF_TRY(save(r, s, err));
    } else {
        s->reason = bf_arena_strdup(&r->arena, result->reason);
        if (!s->reason)
            return bf_fail_memory(err, "readings");
    }
    r->n_taken++;
    if (r->options->progress)
        r->options->progress(r->options->ctx, r->stage, r->n_taken, r->n_missing);
    return BF_OK;
}

static int look_up(struct bf_readings *r, struct slot *s, struct bf_err *err)
{
    const void *value = NULL;
    size_t n = 0;
    struct bf_arena a = { 0 };
    if (!r->ledger)
        return BF_END;
    int rc = bf_ledger_get(r->ledger, "reading", r->keys.keys[s - r->slots], &value, &n, &a, err);
    if (rc == BF_OK && n == sizeof *s->reading) {
        s->reading = bf_arena_memdup(&r->arena, value, n);
        rc = s->reading ? BF_OK : bf_fail_memory(err, "readings");
        r->n_cached++;
    }
    bf_arena_reset(&a);
    return rc;
}

int bf_readings_fill(struct bf_readings *r, struct bf_workers **workers, int n_workers,
                     const struct bf_run_options *options, const char *stage, struct bf_err *err)
{
    free(r->missing);
    r->missing = malloc(((size_t)r->keys.n + 1) * sizeof *r->missing);
    if (!r->missing)
        return bf_fail_memory(err, "readings");
    r->n_missing = r->n_taken = r->n_unsaved = 0;
    r->options = options;
    r->stage = stage;
    for (; r->n_filled < r->keys.n; r->n_filled++) {
        struct slot *s = &r->slots[r->n_filled];
        BF_TRY(look_up(r, s, err));
        if (!s->reading)
            r->missing[r->n_missing++] = r->n_filled;
    }
    if (r->n_missing == 0)
        return BF_OK;
    if (!*workers)
        BF_TRY(bf_workers_open(n_workers, r->spec, &bf_default_limits, workers, err));
    int rc = bf_workers_run(*workers, r->n_missing, make_job, take_result, r, err);
    /* What came in before a failure is kept: committing it is worth a try. */
    if (r->n_unsaved) {
        const int saved = bf_ledger_commit(r->ledger, rc == BF_OK ? err : NULL);
        if (saved != BF_OK)
            bf_ledger_rollback(r->ledger);
        rc = rc == BF_OK ? saved : rc;
    }
    return rc;
}

int bf_readings_recall(struct bf_readings *r, struct bf_err *err)
{
    for (; r->n_filled < r->keys.n; r->n_filled++)
        BF_TRY(look_up(r, &r->slots[r->n_filled], err));
    return BF_OK;
}

struct bf_reading *bf_readings_get(struct bf_readings *r, const struct bf_reading_key *key,
                                   const char **reason_out)
{
    uint8_t k[BF_SHA_BYTES];
    if (reason_out)
        *reason_out = "it was not read";
    if (make_key(r, key, k, NULL) != BF_OK)
        return NULL;
    const uint32_t i = bf_keymap_find(&r->keys, k);
    if (i == BF_NO_KEY)
        return NULL;
    if (reason_out && !r->slots[i].reading)
        *reason_out = r->slots[i].reason;
    return r->slots[i].reading;
}

void bf_readings_counts(const struct bf_readings *r, uint64_t *cached_out, uint64_t *new_out)
{
    *cached_out = r->n_cached;
    *new_out = r->n_new;
}
