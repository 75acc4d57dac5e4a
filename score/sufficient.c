/* Score `sufficient`: the smallest sets of modalities on which a sample is solved. */
#include "score/sufficient.h"

#include <math.h>

#include "core/ops.h"
#include "score/lattice.h"
#include "score/sets.h"

uint64_t bf_minimal_sufficient(const double *v, int n)
{
    uint64_t minimal = 0;

    for (uint32_t s = 0; s < 1u << n; s++) {
        if (!(v[s] > 0.5))
            continue;
        bool smaller = false;
        /* All proper subsets of s have smaller numbers, and were looked at already. */
        for (uint32_t t = 0; t < s && !smaller; t++)
            smaller = (t & s) == t && (minimal >> t & 1);
        if (!smaller)
            minimal |= (uint64_t)1 << s;
    }
    return minimal;
}

enum bf_sufficient_class bf_sufficient_class(uint64_t minimal, int n, uint32_t *necessary_out)
{
    int n_single = 0;
    bool disjoint = false;
    uint32_t every = UINT32_MAX;

    *necessary_out = 0;
    if (minimal == 0)
        return BF_SUF_UNSOLVED;
    if (minimal & 1)
        return BF_SUF_ANSWERABLE;
    for (uint32_t s = 1; s < 1u << n; s++) {
        if (!(minimal >> s & 1))
            continue;
        every &= s;
        n_single += (s & (s - 1)) == 0;
        for (uint32_t t = 1; t < s; t++)
            disjoint |= (minimal >> t & 1) && (t & s) == 0;
    }
    *necessary_out = every;
    if (n_single == 0)
        return disjoint ? BF_SUF_MIXED : BF_SUF_SYNERGISTIC;
    /* Other minimal sets do not contain the single one, so they are disjoint from it. */
    return disjoint ? BF_SUF_REDUNDANT : BF_SUF_NECESSARY;
}

static const char *const words[] = {
    [BF_SUF_ANSWERABLE] = "answerable",
    [BF_SUF_NECESSARY] = "necessary",
    [BF_SUF_REDUNDANT] = "redundant",
    [BF_SUF_SYNERGISTIC] = "synergistic",
    [BF_SUF_MIXED] = "mixed",
    [BF_SUF_UNSOLVED] = "unsolved",
    [BF_SUF_COUNT] = NULL,
};

/* What every step of this score works with. */
struct work {
    const struct bf_table *t;
    double *cls;
    double *necessary[BF_MAX_MODALITIES]; /* NULL where no sample has the modality */
    const char *why;                      /* why some sample was null */
};

static int make_columns(struct work *w, struct bf_scores *out, struct bf_err *err)
{
    const uint32_t n_samples = w->t->pool->n_samples;
    uint32_t any = 0;

    w->cls = bf_scores_column(out, "sufficient_class", words, n_samples);
    if (!w->cls)
        return bf_fail_memory(err, "scores");
    for (uint32_t i = 0; i < n_samples; i++)
        any |= w->t->pool->samples[i].has;
    for (int m = 0; m < w->t->spec->n_modalities; m++) {
        if (!(any & BF_BIT(m)))
            continue;
        const char *name =
            bf_arena_printf(&out->arena, "necessary.%s", w->t->spec->modalities[m].name);
        w->necessary[m] = name ? bf_scores_column(out, name, NULL, n_samples) : NULL;
        if (!w->necessary[m])
            return bf_fail_memory(err, "scores");
    }
    return BF_OK;
}

static int fill_columns(struct work *w, struct bf_lattices *lattices, struct bf_err *err)
{
    for (uint32_t s = 0; s < w->t->pool->n_samples; s++) {
        double v[BF_LATTICE_SIZE];
        const struct bf_lattice *l = bf_lattice_of(lattices, w->t, s);
        if (!l)
            return bf_fail_memory(err, "a lattice");
        const char *why = bf_lattice_values(w->t, l, s, bf_lattice_all(l), v);
        if (why) {
            w->why = why;
            continue;
        }
        uint32_t necessary;
        const enum bf_sufficient_class cls =
            bf_sufficient_class(bf_minimal_sufficient(v, l->n), l->n, &necessary);
        w->cls[s] = cls;
        for (int i = 0; i < l->n && cls != BF_SUF_UNSOLVED; i++)
            w->necessary[l->modality[i]][s] = necessary >> i & 1;
    }
    return BF_OK;
}

static int compute(const struct bf_table *t, struct bf_scores *out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_lattices lattices = { 0 };
    struct bf_sets sets;
    struct work w = { .t = t, .why = bf_no_answers };

    int rc = make_columns(&w, out, err);
    if (rc == BF_OK)
        rc = fill_columns(&w, &lattices, err);
    if (rc == BF_OK)
        rc = bf_sets_make(t->pool, &sets, &a, err);
    if (rc == BF_OK) {
        const struct bf_stat like = { .score = "sufficient",
                                      .null_reason = w.why,
                                      .selected_on = bf_pool_selects(t->spec) };
        rc = bf_stat_shares(t, &sets, w.cls, words, &like, out, err);
    }
    bf_lattices_done(&lattices);
    bf_arena_reset(&a);
    return rc;
}

static const struct bf_column_row columns[] = {
    { "sufficient_class", "word",
      "answerable, necessary, redundant, synergistic, mixed, unsolved" },
    { "necessary.<modality>", "bit", "1 when every way to solve the sample needs the modality" },
    { .name = NULL },
};

const struct bf_metric bf_metric_sufficient = {
    .op = {
        .name = "sufficient",
        .summary = "the smallest sets of modalities on which a sample is solved",
        .source = "docs/metrics.md#sufficient",
    },
    .wanted_by_default = true,
    .columns = columns,
    .compute = compute,
};
