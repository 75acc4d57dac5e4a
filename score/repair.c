/* Score `repair`: which samples that tell their answer would no longer do so once mended. */
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "core/table.h"
#include "score/sets.h"

/* What can be done short of removal. Each takes one kind of evidence away from whoever trains on
 * the pool; a set of them is a sum of their bits. */
enum { SHUFFLE = 1, LEVEL = 2, NEW_CHOICES = 4, N_SETS = 8 };

static const struct {
    const char *column;
    int bit;
    uint32_t evidence;
} mends[] = {
    { "repair.shuffle", SHUFFLE, BF_BIT(BF_EVIDENCE_POSITION) },
    { "repair.level", LEVEL, BF_BIT(BF_EVIDENCE_LENGTH) },
    { "repair.new_choices", NEW_CHOICES, BF_BIT(BF_EVIDENCE_CHOICE) },
};

/* In the order in which they are tried: one alone, the least trouble first, then several. */
static const int order[] = { SHUFFLE,
                             LEVEL,
                             NEW_CHOICES,
                             SHUFFLE | LEVEL,
                             SHUFFLE | NEW_CHOICES,
                             LEVEL | NEW_CHOICES,
                             SHUFFLE | LEVEL | NEW_CHOICES };

/* By set, 0 being none: of no help whatever is done. */
static const char *const words[] = { "rewrite",
                                     "shuffle",
                                     "level",
                                     "shuffle+level",
                                     "new_choices",
                                     "shuffle+new_choices",
                                     "level+new_choices",
                                     "shuffle+level+new_choices",
                                     NULL };

struct work {
    const struct bf_table *t;
    struct bf_scores *out;
    int probe, condition;
    double above;
    uint32_t n_above, n_open; /* samples above the limit; of them not saved so far */
    double *how;              /* [n_samples] index into words; NaN = not above the limit */
    double *p;                /* [n_samples] mean over the repeats of the probe */
    float *once;              /* [n_samples] of one repeat */
};

/* The value of a filter's option of that name; NULL when it has none. */
static const void *option(const struct bf_filter_spec *f, const char *name, enum bf_opt_type type)
{
    const struct bf_opt *o = bf_opt_find(f->base->op.opts, name);
    return o && o->type == type ? (const char *)f->priv + o->offset : NULL;
}

/* A probe of that name that learns from the pool, or -1. */
static int learner(const struct bf_spec *spec, const char *name)
{
    for (int p = 0; p < spec->n_probes; p++)
        if (name && strcmp(spec->probes[p].name, name) == 0 && spec->probes[p].base &&
            spec->probes[p].base->refit)
            return p;
    return -1;
}

/* Who judges, under what and by which limit: as the first filter `shortcut` of a probe that learns,
 * else the first such probe, under `blind`, and 1/2. */
static void settle(struct work *w)
{
    const struct bf_spec *spec = w->t->spec;
    w->above = 0.5;
    w->condition = bf_condition_find(w->t->conditions, "blind");
    for (int p = spec->n_probes - 1; p >= 0; p--)
        if (spec->probes[p].base && spec->probes[p].base->refit)
            w->probe = p;
    for (int i = spec->n_filters - 1; i >= 0; i--) {
        const struct bf_filter_spec *f = &spec->filters[i];
        if (strcmp(f->base->op.name, "shortcut") != 0)
            continue;
        const char *const *probe = option(f, "probe", BF_OPT_STR);
        const char *const *under = option(f, "under", BF_OPT_STR);
        const double *above = option(f, "above", BF_OPT_NUM);
        const int p = probe ? learner(spec, *probe) : -1;
        if (p < 0 || !under || !above)
            continue;
        w->probe = p;
        w->condition = bf_condition_find(w->t->conditions, *under);
        w->above = *above;
    }
}

/* Letters, lengths and other wrong choices are mended where there are choices to deal. */
static bool can_be_mended(const struct bf_sample *s)
{
    return s->task == BF_CHOICE;
}

/* Train again without some evidence, as often as the probe was asked. */
static int train(struct work *w, struct bf_refit *how, struct bf_err *err)
{
    const struct bf_refitter *r = w->t->refitter;
    const uint32_t n = w->t->pool->n_samples;
    const int trials = w->t->spec->probes[w->probe].trials;
    memset(w->p, 0, n * sizeof *w->p);
    for (how->repeat = 0; how->repeat < trials; how->repeat++) {
        BF_TRY(r->refit(r->ctx, w->probe, how, w->once, err));
        for (uint32_t i = 0; i < n; i++)
            w->p[i] += (double)w->once[i] / trials;
    }
    return BF_OK;
}

/* Train again without some evidence, and settle the samples that this saves. */
static int try(struct work *w, int set, struct bf_err *err)
{
    struct bf_refit how = { .condition = w->condition };
    double *column = NULL;
    for (size_t i = 0; i < sizeof mends / sizeof *mends; i++) {
        how.without |= set & mends[i].bit ? mends[i].evidence : 0;
        if (set != mends[i].bit)
            continue;
        column = bf_scores_column(w->out, mends[i].column, NULL, w->t->pool->n_samples);
        if (!column)
            return bf_fail_memory(err, "scores");
    }
    BF_TRY(train(w, &how, err));
    for (uint32_t i = 0; i < w->t->pool->n_samples; i++) {
        if (isnan(w->how[i]) || !can_be_mended(&w->t->pool->samples[i]))
            continue;
        if (column)
            column[i] = w->p[i];
        if (w->how[i] <= 0 && w->p[i] <= w->above) {
            w->how[i] = set;
            w->n_open--;
        }
    }
    return BF_OK;
}

static const char *sentence(const struct work *w, struct bf_arena *a)
{
    uint32_t n[N_SETS] = { 0 };
    for (uint32_t i = 0; i < w->t->pool->n_samples; i++)
        if (!isnan(w->how[i]))
            n[(int)w->how[i]]++;
    const uint32_t several = n[SHUFFLE | LEVEL] + n[SHUFFLE | NEW_CHOICES] +
                             n[LEVEL | NEW_CHOICES] + n[SHUFFLE | LEVEL | NEW_CHOICES];
    return bf_arena_printf(a,
                           "of %u questions above %g: %u would be saved by shuffling letters, %u "
                           "by levelling lengths, %u by new choices, %u by several of these; %u "
                           "are to be rewritten or removed",
                           w->n_above, w->above, n[SHUFFLE], n[LEVEL], n[NEW_CHOICES], several,
                           n[0]);
}

static struct bf_stat like(const struct work *w)
{
    return (struct bf_stat){ .score = "repair",
                             .probe = w->t->spec->probes[w->probe].name,
                             .condition = w->t->conditions->v[w->condition].name,
                             .group = "all",
                             .value = NAN,
                             .lo = NAN,
                             .hi = NAN,
                             .null_reason = "no sample is above the limit",
                             .selected_on = bf_probe_selects(w->t->spec, w->probe) };
}

static int find_above(struct work *w, struct bf_err *err)
{
    const uint32_t n = w->t->pool->n_samples;
    w->how = bf_scores_column(w->out, "repair", words, n);
    w->p = bf_arena_alloc(&w->out->arena, (size_t)n + 1, sizeof *w->p);
    w->once = bf_arena_alloc(&w->out->arena, (size_t)n + 1, sizeof *w->once);
    if (!w->how || !w->p || !w->once)
        return bf_fail_memory(err, "scores");
    for (uint32_t i = 0; i < n; i++) {
        const struct bf_cell *cell = bf_cell_at(w->t, w->probe, w->condition, i);
        if (!(cell->n_p > 0 && (double)cell->p > w->above))
            continue;
        w->how[i] = 0;
        w->n_above++;
        w->n_open += can_be_mended(&w->t->pool->samples[i]);
    }
    return BF_OK;
}

static int compute(const struct bf_table *t, struct bf_scores *out, struct bf_err *err)
{
    struct work w = { .t = t, .out = out, .probe = -1 };
    struct bf_sets sets;
    settle(&w);
    if (w.probe < 0 || w.condition < 0 || !t->refitter) {
        const struct bf_stat none = { .score = "repair",
                                      .group = "all",
                                      .value = NAN,
                                      .lo = NAN,
                                      .hi = NAN,
                                      .null_reason = "no probe that learns from the pool was "
                                                     "asked under the condition" };
        return bf_scores_stat(out, &none, err);
    }
    BF_TRY(find_above(&w, err));
    for (size_t i = 0; i < sizeof order / sizeof *order && w.n_open > 0; i++)
        BF_TRY(try(&w, order[i], err));
    const struct bf_stat stat = like(&w);
    struct bf_arena a = { 0 };
    int rc = bf_sets_make(t->pool, &sets, &a, err);
    if (rc == BF_OK)
        rc = bf_stat_shares(t, &sets, w.how, words, &stat, out, err);
    bf_arena_reset(&a);
    if (rc != BF_OK)
        return rc;
    out->repair_said = sentence(&w, &out->arena);
    return out->repair_said ? BF_OK : bf_fail_memory(err, "scores");
}

static const struct bf_column_row columns[] = {
    { "repair", "word", "what would save a sample that tells its answer: shuffle, level, ..." },
    { "repair.shuffle", "0 .. 1", "p(gold) where letters tell nothing" },
    { "repair.level", "0 .. 1", "p(gold) where lengths tell nothing" },
    { "repair.new_choices", "0 .. 1", "p(gold) where the words of choices tell nothing" },
    { .name = NULL },
};

const struct bf_metric bf_metric_repair = {
    .op = {
        .name = "repair",
        .summary = "which samples shuffled letters, level lengths or new choices would save",
        .source = "refits without one kind of evidence; docs/metrics.md#repair",
    },
    .columns = columns,
    .compute = compute,
};
