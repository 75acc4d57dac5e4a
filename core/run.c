/* The driver: the stages of one run, in order. */
#include "core/run.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/damage.h"
#include "core/file.h"
#include "core/json.h"
#include "core/refit.h"
#include "core/state.h"

void bf_summary_done(struct bf_summary *s)
{
    bf_arena_reset(&s->arena);
    *s = (struct bf_summary){ 0 };
}

/* Where the benchmark goes; NULL when out of memory. */
static char *benchmark_dir(const struct bf_state *st, struct bf_arena *a)
{
    return st->spec->emit.to ? bf_arena_strdup(a, st->spec->emit.to)
                             : bf_path_join(a, st->run_dir, "benchmark");
}

static int open_run(struct bf_state *st, struct bf_err *err)
{
    struct bf_buf b = { 0 };
    const struct bf_spec *spec = st->spec;
    st->run_dir = st->options->out ? bf_arena_strdup(&st->arena, st->options->out)
                                   : bf_arena_printf(&st->arena, "runs/%s", spec->name);
    char *ledger = st->run_dir ? bf_path_join(&st->arena, st->run_dir, "ledger.db") : NULL;
    char *copy = st->run_dir ? bf_path_join(&st->arena, st->run_dir, "spec.yaml") : NULL;
    char *dir = st->run_dir ? benchmark_dir(st, &st->arena) : NULL;
    if (!ledger || !copy || !dir)
        return bf_fail_memory(err, "a path");
    if (spec->emit.on)
        BF_TRY(bf_emit_check(dir, err));
    BF_TRY(bf_dir_make(st->run_dir, err));
    BF_TRY(bf_ledger_open(ledger, &st->ledger, err));
    bf_spec_print(spec, &b);
    int rc = b.failed ? bf_fail_memory(err, "the spec") : bf_file_write(copy, b.data, b.len, err);
    bf_buf_done(&b);
    return rc;
}

static int ingest(struct bf_state *st, struct bf_err *err)
{
    struct bf_summary *s = st->summary;
    BF_TRY(bf_ingest_media(st, err));
    s->n_samples = st->pool.n_samples;
    s->n_set_aside = st->pool.n_set_aside;
    s->n_rows = s->n_samples + s->n_set_aside;
    s->n_files = st->pool.n_files;
    bf_damage_count(&st->pool, &s->damage);
    BF_TRY(bf_write_set_aside(st, err));
    if (s->n_set_aside)
        bf_note(st->options, "%u of %u samples set aside, the first: %s: %s", s->n_set_aside,
                s->n_rows, st->pool.set_aside[0].where, st->pool.set_aside[0].reason);
    if (s->n_samples == 0)
        return bf_fail(err, BF_EDATA,
                       "no sample of the pool can be used; '%s/set_aside.jsonl' "
                       "says why",
                       st->run_dir);
    return BF_OK;
}

static int score(struct bf_state *st, struct bf_err *err)
{
    st->table = (struct bf_table){
        .spec = st->spec,
        .pool = &st->pool,
        .conditions = &st->conditions,
        .cells = st->cells,
        .votes = st->votes,
        .judge = st->judge,
        .seed = st->spec->seed,
        .n_threads = st->n_threads,
        .refitter = bf_refitting_refitter(st->refitting),
    };
    for (int i = 0; i < st->spec->n_scores; i++)
        BF_TRY(st->spec->scores[i]->compute(&st->table, &st->scores, err));
    return bf_filters_prepare(&st->table, &st->arena, err);
}

/* Verdicts, then quotas among what they left. */
static int choose(struct bf_state *st, struct bf_balance_result *balance, uint32_t **kept_out,
                  uint32_t *n_kept_out, struct bf_err *err)
{
    struct bf_summary *s = st->summary;
    BF_TRY(bf_filters_conclude(&st->table, &st->scores, &st->arena, err));
    BF_TRY(bf_verdicts(&st->table, &st->scores, &st->verdicts, &s->drops, &s->arena, err));
    s->n_drops = st->spec->n_filters;
    uint32_t *kept = bf_arena_alloc(&st->arena, (size_t)st->pool.n_samples + 1, sizeof *kept);
    uint32_t n = 0;
    if (!kept)
        return bf_fail_memory(err, "the samples kept");
    for (uint32_t i = 0; i < st->pool.n_samples; i++)
        if (st->verdicts[i].kind == BF_KEEP)
            kept[n++] = i;
    s->n_kept_by_filters = n;
    if (st->spec->balance.on) {
        BF_TRY(bf_balance(st->spec, &st->pool, &st->scores, kept, n, balance, &s->arena, err));
        kept = balance->chosen;
        n = balance->n_chosen;
        s->balanced = true;
        s->n_shortfalls = balance->n_shortfalls;
        s->shortfalls = balance->shortfalls;
        s->promise_broken = balance->n_shortfalls > 0;
    }
    s->n_kept = n;
    *kept_out = kept;
    *n_kept_out = n;
    return BF_OK;
}

/* Everything the benchmark's bytes depend on. */
static int emit_key(const struct bf_state *st, const uint32_t *kept, uint32_t n_kept,
                    const char *dir, uint8_t out[BF_SHA_BYTES], struct bf_err *err)
{
    struct bf_buf b = { .max = (size_t)8 << 30 };
    uint8_t sha[BF_SHA_BYTES];
    const size_t n_cells =
        (size_t)st->spec->n_probes * (size_t)st->conditions.n * st->pool.n_samples;
    bf_buf_printf(&b, "emit %s %s ", bf_version(), dir);
    bf_spec_print(st->spec, &b);
    bf_buf_add(&b, st->pool.digest, BF_SHA_BYTES);
    bf_sha256(kept, n_kept * sizeof *kept, sha);
    bf_buf_add(&b, sha, BF_SHA_BYTES);
    /* What the card and the samples say beside what the digest covers. */
    bf_buf_printf(&b, "%u,%u", st->pool.n_set_aside, st->summary->damage.n_aside);
    for (uint32_t i = 0; i < st->pool.n_samples; i++) {
        const struct bf_sample *s = &st->pool.samples[i];
        bf_buf_json(&b, s->licence);
        bf_damage_json(st->spec, s, &b);
        for (int k = 0; k < s->n_extras; k++) {
            bf_buf_json(&b, s->extras[k].name);
            bf_buf_json(&b, s->extras[k].value);
        }
    }
    /* Field by field: padding between them is not content. */
    for (size_t i = 0; i < n_cells; i++) {
        const struct bf_cell *c = &st->cells[i];
        bf_buf_add(&b, &c->a, sizeof c->a);
        bf_buf_add(&b, c->n, sizeof c->n);
        bf_buf_add(&b, &c->first, sizeof c->first);
        bf_buf_add(&b, &c->first_class, sizeof c->first_class);
        if (st->votes)
            bf_buf_add(&b, st->votes[i].n, sizeof st->votes[i].n);
    }
    const bool failed = b.failed;
    if (!failed)
        bf_sha256(b.data, b.len, out);
    bf_buf_done(&b);
    return failed ? bf_fail_memory(err, "the benchmark's key") : BF_OK;
}

/* Whether every file that a manifest lists is in `dir`, with its size: a look, not a check. */
static bool files_are_there(const char *manifest, size_t n, const char *dir, struct bf_arena *a)
{
    struct bf_json_doc *doc = NULL;
    struct bf_json_iter it = { 0 };
    const struct bf_json *file;
    if (bf_json_parse(manifest, n, &doc, NULL) != BF_OK)
        return false;
    const struct bf_json *files = bf_json_get(bf_json_root(doc), "files");
    bool there = true;
    while (there && bf_json_each(files, &it, NULL, &file)) {
        const char *name = bf_json_string(bf_json_get(file, "path"));
        const char *path = name ? bf_path_join(a, dir, name) : NULL;
        struct stat st;
        double bytes = -1;
        there = path && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
                bf_json_number(bf_json_get(file, "bytes"), &bytes) && (double)st.st_size == bytes;
    }
    bf_json_free(&doc);
    return there;
}

/* Whether the benchmark on disk is the one this key made. */
static int is_up_to_date(struct bf_state *st, const uint8_t key[BF_SHA_BYTES], const char *dir,
                         bool *out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    const void *stored = NULL;
    size_t n_stored = 0, n = 0;
    char *text, *path = bf_path_join(&a, dir, "manifest.json");
    uint8_t sha[BF_SHA_BYTES];
    int rc = path ? bf_ledger_get(st->ledger, "emit", key, &stored, &n_stored, &a, err)
                  : bf_fail_memory(err, "a path");
    *out = false;
    if (rc == BF_OK && bf_file_read(path, (size_t)1 << 30, &text, &n, &a, NULL) == BF_OK) {
        bf_sha256(text, n, sha);
        *out = n_stored == BF_SHA_BYTES && memcmp(sha, stored, BF_SHA_BYTES) == 0 &&
               files_are_there(text, n, dir, &a);
    }
    bf_arena_reset(&a);
    return rc < 0 ? rc : BF_OK;
}

static int remember_emitted(struct bf_state *st, const uint8_t key[BF_SHA_BYTES], const char *dir,
                            struct bf_err *err)
{
    struct bf_arena a = { 0 };
    char *text, *path = bf_path_join(&a, dir, "manifest.json");
    size_t n;
    uint8_t sha[BF_SHA_BYTES];
    int rc = path ? bf_file_read(path, (size_t)1 << 30, &text, &n, &a, err)
                  : bf_fail_memory(err, "a path");
    if (rc == BF_OK) {
        bf_sha256(text, n, sha);
        rc = bf_ledger_put(st->ledger, "emit", key, sha, sizeof sha, err);
    }
    bf_arena_reset(&a);
    return rc;
}

static int emit(struct bf_state *st, const struct bf_balance_result *balance, const uint32_t *kept,
                uint32_t n_kept, struct bf_err *err)
{
    struct bf_summary *s = st->summary;
    if (!st->spec->emit.on)
        return BF_OK;
    const char *dir = benchmark_dir(st, &s->arena);
    if (!dir)
        return bf_fail_memory(err, "a path");
    s->benchmark_dir = dir;
    uint8_t key[BF_SHA_BYTES];
    bool up_to_date = false;
    BF_TRY(emit_key(st, kept, n_kept, dir, key, err));
    BF_TRY(is_up_to_date(st, key, dir, &up_to_date, err));
    if (up_to_date) {
        bf_note(st->options, "'%s' is up to date", dir);
        return BF_OK;
    }
    const struct bf_release release = {
        .spec = st->spec,
        .pool = &st->pool,
        .table = &st->table,
        .scores = &st->scores,
        .verdicts = st->verdicts,
        .n_kept = n_kept,
        .kept = kept,
        .n_before_after = s->n_before_after,
        .before_after = s->before_after,
        .balance = s->balanced ? balance : NULL,
    };
    BF_TRY(bf_emit(&release, dir, err));
    s->emitted = true;
    return remember_emitted(st, key, dir, err);
}

static void note_without(const struct bf_state *st)
{
    for (int c = 0; c < st->conditions.n; c++) {
        if (st->conditions.v[c].absent)
            bf_note(st->options, "condition '%s' names '%s', which no sample shows",
                    st->conditions.v[c].name, st->conditions.v[c].absent);
        if (st->conditions.v[c].n_without)
            bf_note(st->options,
                    "condition '%s': %u of %u samples are not asked: no other sample has what "
                    "would take the place of their own",
                    st->conditions.v[c].name, st->conditions.v[c].n_without, st->pool.n_samples);
    }
}

static int run_stages(struct bf_state *st, struct bf_err *err)
{
    struct bf_balance_result balance = { 0 };
    uint32_t *kept = NULL, n_kept = 0;
    struct timespec t0, t1;
    clock_gettime(CLOCK_MONOTONIC, &t0);
    /* What is wrong with the order shows before anything is written. */
    BF_TRY(bf_ingest_rows(st->spec, &st->pool, err));
    BF_TRY(bf_ingest_check(st->spec, &st->pool, err));
    BF_TRY(open_run(st, err));
    BF_TRY(ingest(st, err));
    BF_TRY(bf_conditions_expand(st->spec, &st->pool, &st->conditions, &st->arena, err));
    note_without(st);
    BF_TRY(bf_refitting_open(st, &st->refitting, err));
    BF_TRY(bf_ask_all(st, score, err));
    BF_TRY(choose(st, &balance, &kept, &n_kept, err));
    uint8_t *in = bf_arena_alloc(&st->arena, (size_t)st->pool.n_samples + 1, 1);
    if (!in)
        return bf_fail_memory(err, "the samples kept");
    for (uint32_t i = 0; i < n_kept; i++)
        in[kept[i]] = 1;
    struct bf_summary *s = st->summary;
    BF_TRY(bf_blind_accuracy(&st->table, kept, n_kept, &s->before_after, &s->n_before_after,
                             &s->arena, err));
    BF_TRY(bf_blind_stats(s->before_after, s->n_before_after, &st->scores, err));
    BF_TRY(bf_write_tables(st, in, err));
    BF_TRY(bf_write_leaks(st, err));
    BF_TRY(bf_summarize_leaks(&st->scores, st->summary, err));
    BF_TRY(emit(st, &balance, kept, n_kept, err));
    bf_readings_counts(st->readings, &st->summary->n_readings_cached, &st->summary->n_readings_new);
    clock_gettime(CLOCK_MONOTONIC, &t1);
    return bf_write_run_json(
        st, (double)(t1.tv_sec - t0.tv_sec) + 1e-9 * (double)(t1.tv_nsec - t0.tv_nsec), err);
}

int bf_run(const struct bf_spec *spec, const struct bf_run_options *options, struct bf_summary *out,
           struct bf_err *err)
{
    struct bf_state st = { .spec = spec, .options = options, .summary = out };
    const long n_cpu = sysconf(_SC_NPROCESSORS_ONLN);
    st.n_threads = options->n_threads ? options->n_threads : n_cpu > 0 ? (int)n_cpu : 1;
    *out = (struct bf_summary){ 0 };
    int rc = run_stages(&st, err);
    if (st.run_dir)
        out->run_dir = bf_arena_strdup(&out->arena, st.run_dir);
    bf_refitting_close(st.refitting);
    bf_workers_close(st.workers);
    bf_readings_close(st.readings);
    bf_ledger_close(st.ledger);
    bf_scores_done(&st.scores);
    bf_pool_done(&st.pool);
    free(st.cells);
    free(st.votes);
    bf_arena_reset(&st.arena);
    return rc;
}
