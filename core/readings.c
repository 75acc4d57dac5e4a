#include "core/readings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"

enum { READINGS_VERSION = 1, BATCH = 32 };

/* Of one wanted reading. */
struct slot {
    uint8_t key[BF_SHA_BYTES];
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
    uint32_t n, cap;
    struct slot *slots; /* malloc'ed, in order of want */
    uint32_t *table;    /* index + 1 by key; 0 = empty */
    uint32_t mask;
    uint32_t n_filled; /* slots before this one are done */
    uint64_t n_cached, n_new;
    /* while filling */
    const struct bf_run_options *options;
    const char *stage;
    uint32_t *todo, n_todo, n_taken, n_unsaved;
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

static int make_key(struct bf_readings *r, const struct bf_reading_key *k,
                    uint8_t out[BF_SHA_BYTES], struct bf_err *err)
{
    const struct bf_modality_use *use = &r->spec->modalities[k->part->modality];
    struct bf_buf *b = &r->key;
    char hex[BF_SHA_HEX];
    b->len = 0;
    b->failed = false;
    bf_hex(k->part->file->sha, BF_SHA_BYTES, hex);
    bf_buf_printf(b, "reading v%d;%zu;%s;%s v%d;", READINGS_VERSION, sizeof(struct bf_reading), hex,
                  use->base->op.name, use->base->version);
    for (const struct bf_opt *o = use->base->op.opts; o && o->name; o++) {
        bf_buf_printf(b, "%s=", o->name);
        bf_opt_print(o, use->priv, b);
        bf_buf_char(b, ';');
    }
    if (k->by) {
        bf_buf_printf(b, "by=%s;", k->by->op->op.name);
        for (const struct bf_opt *o = k->by->op->op.opts; o && o->name; o++) {
            bf_buf_printf(b, "%s=", o->name);
            bf_opt_print(o, k->by->priv, b);
            bf_buf_char(b, ';');
        }
        if (k->by->op->random)
            bf_buf_printf(b, "seed=%llu;sample=%s;part=%d;", (unsigned long long)r->spec->seed,
                          k->sample->id, k->part->number);
        for (int i = 0; i < 3 && k->by->op->pool_mean; i++) {
            bf_buf_num(b, r->pool->mean_rgb[k->part->modality][i]);
            bf_buf_char(b, ';');
        }
    }
    if (b->failed)
        return bf_fail_memory(err, "a key");
    bf_sha256(b->data, b->len, out);
    return BF_OK;
}

int bf_readings_open(const struct bf_spec *spec, const struct bf_pool *pool,
                     struct bf_ledger *ledger, struct bf_readings **out, struct bf_err *err)
{
    struct bf_readings *r = calloc(1, sizeof *r);
    if (r) {
        r->mask = 1023;
        r->table = calloc((size_t)r->mask + 1, sizeof *r->table);
    }
    if (!r || !r->table) {
        bf_readings_close(r);
        return bf_fail_memory(err, "readings");
    }
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
    free(r->table);
    free(r->todo);
    free(r);
}

/* Place of a key in the table: of its slot, or of the empty place it would take. */
static uint32_t *place_of(const struct bf_readings *r, const uint8_t key[BF_SHA_BYTES])
{
    uint32_t i;
    memcpy(&i, key, sizeof i);
    for (i &= r->mask; r->table[i]; i = (i + 1) & r->mask)
        if (memcmp(r->slots[r->table[i] - 1].key, key, BF_SHA_BYTES) == 0)
            break;
    return &r->table[i];
}

static int grow(struct bf_readings *r)
{
    if (r->n == r->cap) {
        const uint32_t cap = r->cap ? r->cap * 2 : 256;
        struct slot *more = realloc(r->slots, cap * sizeof *more);
        if (!more)
            return BF_ENOMEM;
        r->slots = more;
        r->cap = cap;
    }
    if ((r->n + 1) * 2 <= r->mask)
        return BF_OK;
    uint32_t *table = calloc(((size_t)r->mask + 1) * 2, sizeof *table);
    if (!table)
        return BF_ENOMEM;
    free(r->table);
    r->table = table;
    r->mask = r->mask * 2 + 1;
    for (uint32_t i = 0; i < r->n; i++)
        *place_of(r, r->slots[i].key) = i + 1;
    return BF_OK;
}

int bf_readings_want(struct bf_readings *r, const struct bf_reading_key *key, struct bf_err *err)
{
    struct slot s = { .part = key->part, .sample = key->sample, .by = key->by };
    BF_TRY(make_key(r, key, s.key, err));
    if (*place_of(r, s.key))
        return BF_OK;
    if (grow(r) != BF_OK)
        return bf_fail_memory(err, "readings");
    *place_of(r, s.key) = r->n + 1;
    r->slots[r->n++] = s;
    return BF_OK;
}

static int make_job(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err)
{
    struct bf_readings *r = ctx;
    if (bf_run_stopped(r->options))
        return bf_fail(err, BF_EIO, "stopped while reading media");
    struct slot *s = &r->slots[r->todo[i]];
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
    BF_TRY(bf_ledger_put(r->ledger, "reading", s->key, s->reading, sizeof *s->reading, err));
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
    struct slot *s = &r->slots[r->todo[i]];
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
        r->options->progress(r->options->ctx, r->stage, r->n_taken, r->n_todo);
    return BF_OK;
}

static int look_up(struct bf_readings *r, struct slot *s, struct bf_err *err)
{
    const void *value = NULL;
    size_t n = 0;
    struct bf_arena a = { 0 };
    if (!r->ledger)
        return BF_END;
    int rc = bf_ledger_get(r->ledger, "reading", s->key, &value, &n, &a, err);
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
    free(r->todo);
    r->todo = malloc(((size_t)r->n + 1) * sizeof *r->todo);
    if (!r->todo)
        return bf_fail_memory(err, "readings");
    r->n_todo = r->n_taken = r->n_unsaved = 0;
    r->options = options;
    r->stage = stage;
    for (; r->n_filled < r->n; r->n_filled++) {
        struct slot *s = &r->slots[r->n_filled];
        BF_TRY(look_up(r, s, err));
        if (!s->reading)
            r->todo[r->n_todo++] = r->n_filled;
    }
    if (r->n_todo == 0)
        return BF_OK;
    if (!*workers)
        BF_TRY(bf_workers_open(n_workers, r->spec, &bf_default_limits, workers, err));
    int rc = bf_workers_run(*workers, r->n_todo, make_job, take_result, r, err);
    /* What came in before a failure is kept: committing it is worth a try. */
    if (r->n_unsaved) {
        const int saved = bf_ledger_commit(r->ledger, rc == BF_OK ? err : NULL);
        if (saved != BF_OK)
            bf_ledger_rollback(r->ledger);
        rc = rc == BF_OK ? saved : rc;
    }
    return rc;
}

struct bf_reading *bf_readings_get(struct bf_readings *r, const struct bf_reading_key *key,
                                   const char **reason_out)
{
    uint8_t k[BF_SHA_BYTES];
    if (reason_out)
        *reason_out = "it was not read";
    if (make_key(r, key, k, NULL) != BF_OK)
        return NULL;
    const uint32_t i = *place_of(r, k);
    if (i == 0)
        return NULL;
    if (reason_out && !r->slots[i - 1].reading)
        *reason_out = r->slots[i - 1].reason;
    return r->slots[i - 1].reading;
}

void bf_readings_counts(const struct bf_readings *r, uint64_t *cached_out, uint64_t *new_out)
{
    *cached_out = r->n_cached;
    *new_out = r->n_new;
}
