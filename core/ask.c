/* Stage ask: every (sample, condition, probe, trial) gets its answer, from the ledger when it was
 * ever received, else from the probe. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"

enum { KEY_VERSION = 1 };

/* What is asked of one probe, and where the answers go. */
struct asking {
    struct bf_state *st;
    int probe;
    uint32_t n, cap;
    struct bf_question *questions; /* those the ledger cannot answer */
    uint8_t (*keys)[BF_SHA_BYTES]; /* [n] */
    struct bf_view *views;         /* [n_conditions][n_samples], shared by all probes */
    int16_t *same;                 /* [n_conditions][n_samples]: first condition that shows the
                                        same, or -1 when not asked */
    uint32_t done;
};

static void count(struct bf_state *st, int probe, int condition, const struct bf_sample *s,
                  int trial, struct bf_answer *a)
{
    /* The gold may have been corrected since the answer came. */
    if (a->cls == BF_RIGHT || a->cls == BF_WRONG)
        a->cls = bf_answer_judge(s, a);
    const size_t row = (size_t)probe * (size_t)st->conditions.n + (size_t)condition;
    struct bf_cell *c = &st->cells[row * st->pool.n_samples + s->index];
    if (trial == 0) {
        c->first = (int16_t)a->choice;
        c->first_class = (uint8_t)a->cls;
    }
    c->n[a->cls]++;
    if (a->cls != BF_FAILED && a->n_p && s->gold >= 0 && s->gold < a->n_p) {
        const float p = a->p[s->gold];
        c->p = c->n_p ? (c->p * (float)c->n_p + p) / (float)(c->n_p + 1) : p;
        c->n_p++;
    }
    const int n = c->n[BF_RIGHT] + c->n[BF_WRONG] + c->n[BF_REFUSED] + c->n[BF_UNPARSED];
    c->a = n == 0 ? NAN : isnan(c->p) ? (float)c->n[BF_RIGHT] / (float)n : c->p;
}

static void print_shown(const struct bf_state *st, const struct bf_sample *s,
                        const struct bf_view *v, struct bf_buf *b)
{
    char hex[BF_SHA_HEX];
    bf_view_print(st->spec, s, v, b);
    bf_buf_str(b, ";question=");
    bf_buf_json(b, v->question);
    for (int c = 0; v->choices && c < s->n_choices; c++) {
        bf_buf_char(b, ',');
        bf_buf_json(b, s->choices[c]);
    }
    for (int p = 0; p < s->n_parts; p++) {
        const struct bf_part *part = &s->parts[p];
        const struct bf_replace *by = v->by[part->modality];
        if (!(v->kept & BF_BIT(part->modality)) && !by)
            continue;
        bf_hex(part->file->sha, BF_SHA_BYTES, hex);
        bf_buf_printf(b, ";%s.%d=%s/v%d", st->spec->modalities[part->modality].name, part->number,
                      hex, st->spec->modalities[part->modality].base->version);
        if (by && by->op->random)
            bf_buf_printf(b, "/seed=%llu", (unsigned long long)st->spec->seed);
    }
}

static int make_key(const struct asking *k, const char *identity, const struct bf_sample *s,
                    const struct bf_view *v, int trial, uint8_t out[BF_SHA_BYTES],
                    struct bf_buf *scratch, struct bf_err *err)
{
    scratch->len = 0;
    bf_buf_printf(scratch, "answer v%d;%s;sample=", KEY_VERSION, identity);
    bf_buf_json(scratch, s->id);
    bf_buf_printf(scratch, ";trial=%d;", trial);
    print_shown(k->st, s, v, scratch);
    if (scratch->failed)
        return bf_fail_memory(err, "a key");
    bf_sha256(scratch->data, scratch->len, out);
    return BF_OK;
}

static int add_question(struct asking *k, const struct bf_question *q,
                        const uint8_t key[BF_SHA_BYTES], struct bf_err *err)
{
    if (k->n == k->cap) {
        const uint32_t cap = k->cap ? k->cap * 2 : 1024;
        struct bf_question *questions = realloc(k->questions, cap * sizeof *questions);
        if (questions)
            k->questions = questions;
        uint8_t(*keys)[BF_SHA_BYTES] = realloc(k->keys, (size_t)cap * BF_SHA_BYTES);
        if (keys)
            k->keys = keys;
        if (!questions || !keys)
            return bf_fail_memory(err, "questions");
        k->cap = cap;
    }
    k->questions[k->n] = *q;
    memcpy(k->keys[k->n++], key, BF_SHA_BYTES);
    return BF_OK;
}

/* Views of everything, and which conditions show a sample the same. */
static int make_views(struct asking *k, struct bf_err *err)
{
    struct bf_state *st = k->st;
    const size_t n = (size_t)st->conditions.n * st->pool.n_samples;
    k->views = calloc(n + 1, sizeof *k->views);
    k->same = calloc(n + 1, sizeof *k->same);
    if (!k->views || !k->same)
        return bf_fail_memory(err, "views");
    for (int c = 0; c < st->conditions.n; c++)
        for (uint32_t i = 0; i < st->pool.n_samples; i++) {
            struct bf_view *v = &k->views[(size_t)c * st->pool.n_samples + i];
            int16_t *same = &k->same[(size_t)c * st->pool.n_samples + i];
            bf_view_of(&st->conditions.v[c], &st->pool.samples[i], v);
            *same = v->asked ? (int16_t)c : -1;
            for (int e = 0; v->asked && e < c; e++) {
                const struct bf_view *w = &k->views[(size_t)e * st->pool.n_samples + i];
                if (bf_view_same(w, v)) {
                    *same = (int16_t)e;
                    break;
                }
            }
        }
    return BF_OK;
}

/* Count every answer the ledger has, in the order of condition, sample and trial: cells come out
 * the same whatever the order answers arrived in. `add` notes what it has not. */
static int look_up(struct asking *k, const char *identity, bool add, struct bf_err *err)
{
    struct bf_state *st = k->st;
    const struct bf_probe_spec *probe = &st->spec->probes[k->probe];
    struct bf_buf scratch = { 0 };
    int rc = BF_OK;
    for (int c = 0; rc == BF_OK && c < st->conditions.n; c++)
        for (uint32_t i = 0; rc == BF_OK && i < st->pool.n_samples; i++) {
            const size_t at = (size_t)c * st->pool.n_samples + i;
            if (k->same[at] != c)
                continue;
            for (int t = 0; rc == BF_OK && t < probe->trials; t++) {
                const struct bf_question q = { i, c, t, &k->views[at] };
                uint8_t key[BF_SHA_BYTES];
                struct bf_answer a;
                struct bf_arena tmp = { 0 };
                rc = make_key(k, identity, &st->pool.samples[i], q.view, t, key, &scratch, err);
                if (rc == BF_OK)
                    rc = bf_ledger_answer(st->ledger, key, &a, &tmp, err);
                if (rc == BF_OK) {
                    count(st, k->probe, c, &st->pool.samples[i], t, &a);
                    st->summary->n_answers_cached += add;
                } else if (rc == BF_END) {
                    rc = add ? add_question(k, &q, key, err) : BF_OK;
                }
                bf_arena_reset(&tmp);
            }
        }
    bf_buf_done(&scratch);
    return rc;
}

static const struct bf_features *features(void *ctx, const struct bf_sample *s,
                                          const struct bf_part *part, const struct bf_view *view)
{
    const struct asking *k = ctx;
    const struct bf_replace *by = view->by[part->modality];
    if (view->kept & BF_BIT(part->modality))
        return &part->file->readings[part->modality]->features;
    if (!by)
        return NULL;
    const struct bf_reading_key key = { s, part, by };
    const struct bf_reading *r = bf_readings_get(k->st->readings, &key, NULL);
    return r ? &r->features : NULL;
}

static int put(void *ctx, const uint32_t *which, const struct bf_answer *answers, uint32_t n,
               struct bf_err *err)
{
    struct asking *k = ctx;
    struct bf_state *st = k->st;
    const char *probe = st->spec->probes[k->probe].name;
    BF_TRY(bf_ledger_begin(st->ledger, err));
    int rc = BF_OK;
    for (uint32_t i = 0; rc == BF_OK && i < n; i++) {
        const struct bf_question *q = &k->questions[which[i]];
        rc = bf_ledger_put_answer(st->ledger, k->keys[which[i]], probe,
                                  st->pool.samples[q->sample].id,
                                  st->conditions.v[q->condition].name, q->trial, &answers[i], err);
    }
    if (rc == BF_OK)
        rc = bf_ledger_commit(st->ledger, err);
    if (rc != BF_OK) {
        bf_ledger_rollback(st->ledger);
        return rc;
    }
    st->summary->n_answers_new += n;
    k->done += n;
    if (st->options->progress)
        st->options->progress(st->options->ctx, probe, k->done, k->n);
    return BF_OK;
}

static bool stopped(void *ctx)
{
    const struct asking *k = ctx;
    return bf_run_stopped(k->st->options);
}

static void note(void *ctx, const char *line)
{
    const struct asking *k = ctx;
    bf_note(k->st->options, "%s", line);
}

static int want(struct asking *k, const struct bf_condition *c, const struct bf_reading_key *key,
                struct bf_err *err)
{
    (void)c;
    return bf_readings_want(k->st->readings, key, err);
}

/* Without it a model would see the medium as dropped, and answers that are not so be stored. */
static int is_there(struct asking *k, const struct bf_condition *c,
                    const struct bf_reading_key *key, struct bf_err *err)
{
    const char *reason = NULL;
    if (bf_readings_get(k->st->readings, key, &reason))
        return BF_OK;
    return bf_fail(err, BF_EIO, "condition '%s': %s file '%s': %s", c->name,
                   k->st->spec->modalities[key->part->modality].name, key->part->file->rel_path,
                   reason);
}

/* Call `visit` for every medium that a condition puts something else in place of. */
static int each_replaced(struct asking *k,
                         int (*visit)(struct asking *, const struct bf_condition *,
                                      const struct bf_reading_key *, struct bf_err *),
                         struct bf_err *err)
{
    struct bf_state *st = k->st;
    for (int c = 0; c < st->conditions.n; c++)
        for (uint32_t i = 0; i < st->pool.n_samples; i++) {
            const struct bf_view *v = &k->views[(size_t)c * st->pool.n_samples + i];
            const struct bf_sample *s = &st->pool.samples[i];
            for (int p = 0; v->asked && p < s->n_parts; p++) {
                const struct bf_reading_key key = { s, &s->parts[p], v->by[s->parts[p].modality] };
                if (key.by)
                    BF_TRY(visit(k, &st->conditions.v[c], &key, err));
            }
        }
    return BF_OK;
}

/* Features of what operators make, for every sample: a model learns from all of them. */
static int want_replaced(struct asking *k, struct bf_err *err)
{
    struct bf_state *st = k->st;
    BF_TRY(each_replaced(k, want, err));
    BF_TRY(bf_readings_fill(st->readings, &st->workers, st->n_threads, st->options, "conditions",
                            err));
    return each_replaced(k, is_there, err);
}

static void clear_cells(struct bf_state *st, int probe)
{
    const size_t n = (size_t)st->conditions.n * st->pool.n_samples;
    for (size_t i = 0; i < n; i++)
        st->cells[(size_t)probe * n + i] =
            (struct bf_cell){ .a = NAN, .p = NAN, .first = -1, .first_class = BF_CLASS_COUNT };
}

/* Ask what the ledger cannot answer. */
static int ask_missing(struct asking *k, struct bf_err *err)
{
    struct bf_state *st = k->st;
    const struct bf_probe_spec *probe = &st->spec->probes[k->probe];
    if (probe->base->sees_features)
        BF_TRY(want_replaced(k, err));
    const struct bf_asking asking = {
        .spec = st->spec,
        .probe = probe,
        .pool = &st->pool,
        .conditions = &st->conditions,
        .n = k->n,
        .questions = k->questions,
        .n_threads = st->n_threads,
        .ctx = k,
        .features = features,
        .put = put,
        .stopped = stopped,
        .note = note,
    };
    BF_TRY(probe->base->ask(&asking, err));
    st->summary->n_unmeasured += k->n - k->done;
    return BF_OK;
}

static int ask_probe(struct asking *k, struct bf_err *err)
{
    struct bf_state *st = k->st;
    const struct bf_probe_spec *probe = &st->spec->probes[k->probe];
    struct bf_buf identity = { 0 };
    k->n = k->done = 0;
    clear_cells(st, k->probe);
    bf_buf_printf(&identity, "%s;", probe->base->op.name);
    int rc = probe->base->identify(probe, st->spec, &st->pool, &identity, err);
    if (rc == BF_OK)
        rc = look_up(k, identity.data, true, err);
    if (rc == BF_OK && k->n)
        rc = ask_missing(k, err);
    if (rc == BF_OK && k->done) {
        clear_cells(st, k->probe);
        rc = look_up(k, identity.data, false, err);
    }
    bf_buf_done(&identity);
    return rc;
}

/* A condition that shows a sample what an earlier one did has that one's answers. */
static void copy_same(const struct asking *k)
{
    struct bf_state *st = k->st;
    const uint32_t n = st->pool.n_samples;
    struct bf_cell *cells = st->cells + (size_t)k->probe * (size_t)st->conditions.n * n;
    for (int c = 0; c < st->conditions.n; c++)
        for (uint32_t i = 0; i < n; i++) {
            const int same = k->same[(size_t)c * n + i];
            if (same >= 0 && same != c)
                cells[(size_t)c * n + i] = cells[(size_t)same * n + i];
        }
}

int bf_ask_all(struct bf_state *st, struct bf_err *err)
{
    const size_t n_cells =
        (size_t)st->spec->n_probes * (size_t)st->conditions.n * st->pool.n_samples;
    st->cells = malloc((n_cells + 1) * sizeof *st->cells);
    if (!st->cells)
        return bf_fail_memory(err, "the table of answers");
    struct asking k = { .st = st };
    int rc = make_views(&k, err);
    for (k.probe = 0; rc == BF_OK && k.probe < st->spec->n_probes; k.probe++) {
        rc = ask_probe(&k, err);
        if (rc == BF_OK)
            copy_same(&k);
    }
    free(k.questions);
    free(k.keys);
    free(k.views);
    free(k.same);
    return rc;
}
