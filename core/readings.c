#include "core/readings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/file.h"
#include "core/keymap.h"
#include "core/sparse.h"

enum {
    READINGS_VERSION = 3,
    BATCH = 1024, /* in one commit, or what came in within a second */
};

/* What the ledger stores, as many features as there are, packed by core/sparse.h: most words of a
 * reading are zero, and rows over a kilobyte take SQLite a page each. */
struct row {
    struct bf_reading reading;
    struct bf_features features;
};

#define WORDS_OF(n_features)                                                                       \
    (int)((offsetof(struct row, features.v) + 4 * (size_t)(n_features)) / 4)

/* Of one wanted reading. */
struct slot {
    struct bf_reading *reading; /* NULL until it is there */
    const char *reason;         /* why it cannot be */
    struct features *features;  /* NULL unless loaded, or there is no ledger */
};

struct features {
    int n;
    float v[];
};

/* One that is yet to be read. */
struct wanted {
    uint32_t slot;
    struct bf_reading_key key;
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
    uint32_t n_wanted, cap_wanted;
    struct wanted *wanted; /* [n_wanted], malloc'ed */
    uint64_t n_cached, n_new;
    /* while filling */
    const struct bf_run_options *options;
    const char *stage;
    uint32_t n_taken;
    uint32_t n_unsaved;
    time_t unsaved_since;
};

struct bf_apply bf_apply_for(const struct bf_spec *spec, const struct bf_pool *pool,
                             const struct bf_sample *s, const struct bf_part *part,
                             const struct bf_replace *by)
{
    const uint64_t index =
        by->op->together ? 0 : (uint64_t)part->modality << 16 | (uint64_t)part->number;
    struct bf_apply with = { .rng = bf_rng_for(spec->seed, s->id, by->op->op.name, index) };
    memcpy(with.pool_mean, pool->mean_rgb[part->modality], sizeof with.pool_mean);
    const struct bf_reading *reading = part->file->readings[part->modality];
    if (reading) {
        with.w = reading->info.w;
        with.h = reading->info.h;
    }
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
    return by->op->looks_at && by->op->looks_at(by->priv) == BF_LOOKS_AT_NOTHING;
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
    if (k->by->op->version)
        bf_buf_printf(b, "by v%d;", k->by->op->version);
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

static int name_reading(const struct bf_spec *spec, const struct bf_pool *pool,
                        const struct bf_reading_key *k, struct bf_buf *scratch,
                        uint8_t out[BF_SHA_BYTES], struct bf_err *err)
{
    scratch->len = 0;
    scratch->failed = false;
    bf_buf_printf(scratch, "reading v%d;%zu;", READINGS_VERSION, sizeof(struct row));
    bf_reading_print(spec, pool, k, false, scratch);
    if (scratch->failed)
        return bf_fail_memory(err, "a key");
    bf_sha256(scratch->data, scratch->len, out);
    return BF_OK;
}

static int make_key(struct bf_readings *r, const struct bf_reading_key *k,
                    uint8_t out[BF_SHA_BYTES], struct bf_err *err)
{
    return name_reading(r->spec, r->pool, k, &r->key, out, err);
}

int bf_reading_name(const struct bf_spec *spec, int modality, const uint8_t sha[BF_SHA_BYTES],
                    uint8_t out[BF_SHA_BYTES], struct bf_err *err)
{
    struct bf_buf scratch = { 0 };
    struct bf_file file = { 0 };
    const struct bf_part part = { .modality = modality, .file = &file };
    memcpy(file.sha, sha, BF_SHA_BYTES);
    const struct bf_reading_key key = { .part = &part };
    const int rc = name_reading(spec, NULL, &key, &scratch, out, err);
    bf_buf_done(&scratch);
    return rc;
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
    free(r->wanted);
    free(r);
}

/* The slot of a key, made when it is new: `*new_out` says so. */
static int slot_of(struct bf_readings *r, const uint8_t key[BF_SHA_BYTES], struct slot **out,
                   bool *new_out, struct bf_err *err)
{
    const uint32_t i = bf_keymap_find(&r->keys, key);
    *new_out = i == BF_NO_KEY;
    if (!*new_out) {
        *out = &r->slots[i];
        return BF_OK;
    }
    if (r->keys.n == r->cap) {
        const uint32_t cap = r->cap ? r->cap * 2 : 256;
        struct slot *more = realloc(r->slots, cap * sizeof *more);
        if (!more)
            return bf_fail_memory(err, "readings");
        r->slots = more;
        r->cap = cap;
    }
    *out = &r->slots[r->keys.n];
    **out = (struct slot){ 0 };
    return bf_keymap_add(&r->keys, key) == BF_OK ? BF_OK : bf_fail_memory(err, "readings");
}

int bf_readings_want(struct bf_readings *r, const struct bf_reading_key *key, struct bf_err *err)
{
    uint8_t sha[BF_SHA_BYTES];
    struct slot *s;
    bool is_new;
    BF_TRY(make_key(r, key, sha, err));
    if (r->n_wanted == r->cap_wanted) {
        const uint32_t cap = r->cap_wanted ? r->cap_wanted * 2 : 256;
        struct wanted *more = realloc(r->wanted, cap * sizeof *more);
        if (!more)
            return bf_fail_memory(err, "readings");
        r->wanted = more;
        r->cap_wanted = cap;
    }
    BF_TRY(slot_of(r, sha, &s, &is_new, err));
    if (is_new)
        r->wanted[r->n_wanted++] = (struct wanted){ (uint32_t)(s - r->slots), *key };
    return BF_OK;
}

static int make_job(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err)
{
    struct bf_readings *r = ctx;
    if (bf_run_stopped(r->options))
        return bf_fail(err, BF_EIO, "stopped while reading media");
    const struct wanted *w = &r->wanted[i];
    const struct bf_file *file = w->key.part->file;
    *job = (struct bf_job){ .modality = w->key.part->modality,
                            .by = w->key.by,
                            .sha = file->sha,
                            .want = BF_WANT_READING };
    if (w->key.by)
        job->with = bf_apply_for(r->spec, r->pool, w->key.sample, w->key.part, w->key.by);
    struct bf_err why;
    job->fd = bf_file_open(file->path, file->rel_path, &why);
    if (job->fd >= 0)
        return BF_OK;
    const char *reason = bf_arena_strdup(&r->arena, why.msg);
    r->slots[w->slot].reason = reason;
    return reason ? BF_END : bf_fail_memory(err, "readings");
}

static time_t now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return t.tv_sec;
}

int bf_readings_save(struct bf_readings *r, int rc, struct bf_err *err)
{
    if (r->n_unsaved == 0)
        return rc;
    /* What came in before a failure is kept: committing it is worth a try. */
    const int saved = bf_ledger_commit(r->ledger, rc == BF_OK ? err : NULL);
    if (saved != BF_OK)
        bf_ledger_rollback(r->ledger);
    r->n_unsaved = 0;
    return rc == BF_OK ? saved : rc;
}

/* In batches: a commit waits for the disk. */
static int store(struct bf_readings *r, const struct slot *s, const struct bf_features *f,
                 struct bf_err *err)
{
    struct row row;
    uint8_t packed[BF_SPARSE_BYTES(sizeof row / 4)];
    memset(&row, 0, sizeof row); /* padding, too: it goes to the disk */
    row.reading = *s->reading;
    row.features = *f;
    if (r->n_unsaved == 0) {
        BF_TRY(bf_ledger_begin(r->ledger, err));
        r->unsaved_since = now_seconds();
    }
    r->n_unsaved++;
    BF_TRY(bf_ledger_put(r->ledger, "reading", r->keys.keys[s - r->slots], packed,
                         bf_sparse_pack(&row, WORDS_OF(f->n), packed), err));
    if (r->n_unsaved >= BATCH || now_seconds() > r->unsaved_since)
        return bf_readings_save(r, BF_OK, err);
    return BF_OK;
}

static int keep_features(struct bf_readings *r, struct slot *s, const struct bf_features *f,
                         struct bf_err *err)
{
    const size_t n_bytes = (size_t)f->n * sizeof *f->v;
    s->features = bf_arena_alloc(&r->arena, 1, sizeof *s->features + n_bytes);
    if (!s->features)
        return bf_fail_memory(err, "features");
    s->features->n = f->n;
    memcpy(s->features->v, f->v, n_bytes);
    return BF_OK;
}

/* What came of a slot's file. */
static int settle(struct bf_readings *r, struct slot *s, const struct bf_job_result *result,
                  struct bf_err *err)
{
    if (result->code != BF_OK) {
        s->reason = bf_arena_strdup(&r->arena, result->reason);
        return s->reason ? BF_OK : bf_fail_memory(err, "readings");
    }
    s->reading = bf_arena_memdup(&r->arena, &result->reading, sizeof result->reading);
    if (!s->reading)
        return bf_fail_memory(err, "readings");
    r->n_new++;
    return r->ledger ? store(r, s, &result->features, err)
                     : keep_features(r, s, &result->features, err);
}

int bf_readings_put(struct bf_readings *r, const struct bf_reading_key *key,
                    const struct bf_job_result *result, struct bf_err *err)
{
    uint8_t sha[BF_SHA_BYTES];
    struct slot *s;
    bool is_new;
    BF_TRY(make_key(r, key, sha, err));
    BF_TRY(slot_of(r, sha, &s, &is_new, err));
    return s->reading ? BF_OK : settle(r, s, result, err);
}

static int take_result(void *ctx, uint32_t i, const struct bf_job_result *result,
                       struct bf_err *err)
{
    struct bf_readings *r = ctx;
    BF_TRY(settle(r, &r->slots[r->wanted[i].slot], result, err));
    r->n_taken++;
    if (r->options->progress)
        r->options->progress(r->options->ctx, r->stage, r->n_taken, r->n_wanted);
    return BF_OK;
}

/* What the ledger has of a slot, with its features when `features`; BF_END when that is nothing. */
static int look_up(struct bf_readings *r, struct slot *s, bool features, struct bf_err *err)
{
    const void *value = NULL;
    size_t n = 0;
    struct bf_arena a = { 0 };
    if (!r->ledger)
        return BF_END;
    int rc = bf_ledger_get(r->ledger, "reading", r->keys.keys[s - r->slots], &value, &n, &a, err);
    struct row row;
    const int n_words = rc == BF_OK ? bf_sparse_unpack(value, n, &row, sizeof row / 4) : -1;
    const bool whole = n_words >= WORDS_OF(0) && row.features.n >= 0 &&
                       row.features.n <= BF_MAX_FEATURES && n_words == WORDS_OF(row.features.n);
    if (whole && !s->reading) {
        s->reading = bf_arena_memdup(&r->arena, &row.reading, sizeof row.reading);
        rc = s->reading ? BF_OK : bf_fail_memory(err, "readings");
        r->n_cached++;
    }
    if (whole && rc == BF_OK && features)
        rc = keep_features(r, s, &row.features, err);
    bf_arena_reset(&a);
    return rc == BF_OK && !whole ? BF_END : rc;
}

static bool is_settled(const struct slot *s)
{
    return s->reading || s->reason;
}

/* What is not in the ledger is left in `wanted`. */
int bf_readings_recall(struct bf_readings *r, struct bf_err *err)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n_wanted; i++) {
        struct slot *s = &r->slots[r->wanted[i].slot];
        if (!is_settled(s))
            BF_TRY(look_up(r, s, false, err));
        if (!is_settled(s))
            r->wanted[n++] = r->wanted[i];
    }
    r->n_wanted = n;
    return BF_OK;
}

int bf_readings_fill(struct bf_readings *r, struct bf_workers **workers, int n_workers,
                     const struct bf_run_options *options, const char *stage, struct bf_err *err)
{
    r->n_taken = 0;
    r->options = options;
    r->stage = stage;
    BF_TRY(bf_readings_recall(r, err));
    if (r->n_wanted == 0)
        return BF_OK;
    if (!*workers)
        BF_TRY(bf_workers_open(n_workers, r->spec, &bf_default_limits, workers, err));
    int rc = bf_workers_run(*workers, r->n_wanted, make_job, take_result, r, err);
    rc = bf_readings_save(r, rc, err);
    if (rc == BF_OK)
        r->n_wanted = 0;
    return rc;
}

int bf_readings_load_features(struct bf_readings *r, struct bf_err *err)
{
    for (uint32_t i = 0; i < r->keys.n; i++) {
        struct slot *s = &r->slots[i];
        if (!s->reading || s->features)
            continue;
        const int rc = look_up(r, s, true, err);
        if (rc == BF_END)
            return bf_fail(err, BF_EIO, "the ledger has lost a reading that it had; run again");
        BF_TRY(rc);
    }
    return BF_OK;
}

static const struct slot *find(struct bf_readings *r, const struct bf_reading_key *key)
{
    uint8_t k[BF_SHA_BYTES];
    if (make_key(r, key, k, NULL) != BF_OK)
        return NULL;
    const uint32_t i = bf_keymap_find(&r->keys, k);
    return i == BF_NO_KEY ? NULL : &r->slots[i];
}

const float *bf_readings_features(struct bf_readings *r, const struct bf_reading_key *key,
                                  int *n_out)
{
    const struct slot *s = find(r, key);
    *n_out = s && s->features ? s->features->n : 0;
    return s && s->features ? s->features->v : NULL;
}

struct bf_reading *bf_readings_get(struct bf_readings *r, const struct bf_reading_key *key,
                                   const char **reason_out)
{
    const struct slot *s = find(r, key);
    if (reason_out)
        *reason_out = s ? s->reason : "it was not read";
    return s ? s->reading : NULL;
}

void bf_readings_counts(const struct bf_readings *r, uint64_t *cached_out, uint64_t *new_out)
{
    *cached_out = r->n_cached;
    *new_out = r->n_new;
}
