/* Score `imbalance`: the largest contribution over the smallest, for a set of samples. */
#include "score/imbalance.h"

#include <math.h>

#include "core/ops.h"
#include "score/per_modality.h"
#include "score/sets.h"

double bf_imbalance(const double *c, int n, int *max_out, int *min_out)
{
    *max_out = *min_out = 0;
    for (int i = 1; i < n; i++) {
        if (c[i] > c[*max_out])
            *max_out = i;
        if (c[i] < c[*min_out])
            *min_out = i;
    }
    return n >= 2 && c[*min_out] > 0 ? c[*max_out] / c[*min_out] : NAN;
}

/* What every step of this score works with. */
struct work {
    const struct bf_table *t;
    double *c;       /* [n_samples][n_modalities], NaN = this sample is null */
    const char *why; /* why some sample was null */
    struct bf_scores *out;
};

static int fill(struct work *w, struct bf_lattices *lattices, struct bf_arena *a,
                struct bf_err *err)
{
    const int n_mod = w->t->spec->n_modalities;
    w->c = bf_arena_alloc(a, (size_t)w->t->pool->n_samples * (size_t)n_mod + 1, sizeof *w->c);
    if (!w->c)
        return bf_fail_memory(err, "contributions");
    for (uint32_t s = 0; s < w->t->pool->n_samples; s++) {
        double *row = &w->c[(size_t)s * (size_t)n_mod];
        double value[BF_MAX_LATTICE];
        const struct bf_lattice *l = bf_lattice_of(lattices, w->t, s);
        if (!l)
            return bf_fail_memory(err, "a lattice");
        const char *why = bf_contribution_of(w->t, l, s, value);
        if (why) {
            row[0] = NAN;
            w->why = why;
            continue;
        }
        for (int i = 0; i < l->n; i++)
            row[l->modality[i]] = value[i];
    }
    return BF_OK;
}

/* Means scale alike, so that the ratio of sums is the ratio of means. */
static void ratio_of(const double *total, const void *ctx, double *out)
{
    int max, min;
    out[0] = bf_imbalance(total, *(const int *)ctx, &max, &min);
}

/* Sums of the set's contributions, for the modalities that some sample of it has: `modality` and
 * `total` [return value]. */
static int gather(const struct work *w, const struct bf_sets *sets, uint32_t set,
                  struct bf_sums *sums, int *modality, double *total, uint32_t *n_samples)
{
    const int n_mod = w->t->spec->n_modalities;
    uint32_t any = 0;
    int n = 0;

    for (uint32_t s = 0; s < w->t->pool->n_samples; s++)
        if (bf_sets_has(sets, set, s) && !isnan(w->c[(size_t)s * (size_t)n_mod]))
            any |= w->t->pool->samples[s].has;
    for (int m = 0; m < n_mod; m++) {
        if (!(any & BF_BIT(m)))
            continue;
        total[n] = 0;
        modality[n++] = m;
    }

    bf_sums_clear(sums);
    sums->n_sums = n;
    *n_samples = 0;
    for (uint32_t s = 0; s < w->t->pool->n_samples && n > 0; s++) {
        const double *row = &w->c[(size_t)s * (size_t)n_mod];
        if (!bf_sets_has(sets, set, s) || isnan(row[0]))
            continue;
        double *sum = bf_sums_row(sums, w->t->pool->samples[s].group);
        for (int i = 0; i < n; i++) {
            sum[i] += row[modality[i]];
            total[i] += row[modality[i]];
        }
        ++*n_samples;
    }
    return n;
}

static int set_stat(const struct work *w, const struct bf_sets *sets, uint32_t set,
                    struct bf_sums *sums, struct bf_err *err)
{
    struct bf_stat stat = { .score = "imbalance",
                            .group = sets->names[set],
                            .selected_on = bf_pool_selects(w->t->spec) };
    int modality[BF_MAX_MODALITIES], max, min;
    double total[BF_MAX_MODALITIES];
    struct bf_interval interval = { NAN, NAN };

    const int n = gather(w, sets, set, sums, modality, total, &stat.n);
    if (n == 0 && set > 0)
        return BF_OK;
    stat.value = bf_imbalance(total, n, &max, &min);
    if (!isnan(stat.value)) {
        const struct bf_resample r = { .seed = w->t->seed,
                                       .n_groups = sums->n_groups,
                                       .n_sums = n,
                                       .sums = sums->rows,
                                       .n_stats = 1,
                                       .stats = ratio_of,
                                       .ctx = &n };
        BF_TRY(bf_bootstrap(&r, &interval, err));
    } else {
        stat.null_reason = n == 0  ? w->why
                           : n < 2 ? "only one modality"
                                   : "the smallest contribution is not above 0";
    }
    stat.lo = interval.lo;
    stat.hi = interval.hi;
    if (n >= 2) {
        const struct bf_modality_use *use = w->t->spec->modalities;
        stat.modality = bf_arena_printf(&w->out->arena, "%s/%s", use[modality[max]].name,
                                        use[modality[min]].name);
        if (!stat.modality)
            return bf_fail_memory(err, "scores");
    }
    return bf_scores_stat(w->out, &stat, err);
}

static int compute(const struct bf_table *t, struct bf_scores *out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_lattices lattices = { 0 };
    struct bf_sets sets;
    struct bf_sums sums;
    struct work w = { .t = t, .why = bf_no_answers, .out = out };

    int rc = fill(&w, &lattices, &a, err);
    if (rc == BF_OK)
        rc = bf_sets_make(t->pool, &sets, &a, err);
    if (rc == BF_OK)
        rc = bf_sums_init(&sums, t->pool, t->spec->n_modalities + 1, &a, err);
    for (uint32_t set = 0; rc == BF_OK && set < sets.n; set++)
        rc = set_stat(&w, &sets, set, &sums, err);
    bf_lattices_done(&lattices);
    bf_arena_reset(&a);
    return rc;
}

const struct bf_metric bf_metric_imbalance = {
    .op = {
        .name = "imbalance",
        .summary = "the largest contribution over the smallest, for a set of samples",
        .source = "MLLMs are Deeply Affected by Modality Bias, Eq. 2; docs/metrics.md#imbalance",
    },
    .wanted_by_default = true,
    .compute = compute,
};
