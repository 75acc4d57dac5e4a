/* Columns and stats of a score that has one number for each modality. */
#include "score/per_modality.h"

#include <math.h>

#include "score/sets.h"

/* What one call of bf_per_modality works with. */
struct work {
    const struct bf_table *t;
    const char *name;
    int n;                                 /* modalities that some sample has */
    int modality[BF_MAX_MODALITIES];       /* [n] */
    double *column[BF_MAX_MODALITIES + 1]; /* [n], then that of the targets */
    const char *why;                       /* why some sample was null */
    struct bf_scores *out;
};

static int make_columns(struct work *w, struct bf_err *err)
{
    const struct bf_spec *spec = w->t->spec;
    const uint32_t n_samples = w->t->pool->n_samples;
    uint32_t any = 0;

    for (uint32_t i = 0; i < n_samples; i++)
        any |= w->t->pool->samples[i].has;
    for (int m = 0; m <= spec->n_modalities; m++) {
        if (m < spec->n_modalities && !(any & BF_BIT(m)))
            continue;
        const char *place = m < spec->n_modalities ? spec->modalities[m].name : "target";
        const char *name = bf_arena_printf(&w->out->arena, "%s.%s", w->name, place);
        double *v = name ? bf_scores_column(w->out, name, NULL, n_samples) : NULL;
        if (!v)
            return bf_fail_memory(err, "scores");
        w->column[w->n] = v;
        if (m < spec->n_modalities)
            w->modality[w->n++] = m;
    }
    return BF_OK;
}

static int fill_columns(struct work *w, bf_per_modality_fn *of, struct bf_lattices *lattices,
                        struct bf_err *err)
{
    for (uint32_t s = 0; s < w->t->pool->n_samples; s++) {
        const struct bf_lattice *l = bf_lattice_of(lattices, w->t, s);
        if (!l)
            return bf_fail_memory(err, "a lattice");
        double value[BF_MAX_LATTICE] = { 0 }, target = 0;
        const char *why = of(w->t, l, s, value);
        if (why) {
            w->why = why;
            continue;
        }
        for (int i = 0, m = 0; i < l->n; i++) {
            while (m < w->n && w->modality[m] != l->modality[i])
                m++;
            w->column[m][s] = value[i];
            if (l->target & BF_BIT(l->modality[i]))
                target += value[i];
        }
        if (l->target)
            w->column[w->n][s] = target;
    }
    return BF_OK;
}

/* Sums of a group: one a modality, then its number of samples, and so on for "target"; last the
 * number of all that were measured. */
static void gather(const struct work *w, const struct bf_sets *sets, uint32_t set,
                   struct bf_sums *sums, uint32_t *n_having)
{
    for (int m = 0; m <= w->n + 1; m++)
        n_having[m] = 0;
    bf_sums_clear(sums);
    for (uint32_t s = 0; s < w->t->pool->n_samples; s++) {
        if (!bf_sets_has(sets, set, s))
            continue;
        bool measured = false;
        for (int m = 0; m <= w->n; m++) {
            if (isnan(w->column[m][s]))
                continue;
            double *row = bf_sums_row(sums, w->t->pool->samples[s].group);
            row[2 * m] += w->column[m][s];
            row[2 * m + 1] += 1;
            n_having[m]++;
            measured = true;
        }
        if (measured) {
            bf_sums_row(sums, w->t->pool->samples[s].group)[2 * w->n + 2] += 1;
            n_having[w->n + 1]++;
        }
    }
}

static int add_stat(const struct work *w, int m, const char *group, const struct bf_ratio *r,
                    uint32_t n, struct bf_err *err)
{
    const struct bf_stat stat = {
        .score = w->name,
        .modality = m < w->n ? w->t->spec->modalities[w->modality[m]].name : "target",
        .group = group,
        .value = r->value,
        .lo = r->interval.lo,
        .hi = r->interval.hi,
        .n = n,
        .null_reason = n ? "" : w->why,
        .selected_on = bf_pool_selects(w->t->spec),
    };
    return bf_scores_stat(w->out, &stat, err);
}

static int set_stats(const struct work *w, const struct bf_sets *sets, uint32_t set,
                     struct bf_sums *sums, struct bf_err *err)
{
    uint32_t n_having[BF_MAX_MODALITIES + 2];
    struct bf_ratio ratios[2 * BF_MAX_MODALITIES + 2];

    gather(w, sets, set, sums, n_having);
    const uint32_t n_measured = n_having[w->n + 1];
    if (n_measured == 0 && set > 0)
        return BF_OK;
    for (int m = 0; m <= w->n; m++) {
        ratios[2 * m] = (struct bf_ratio){ .num = 2 * m, .den = 2 * w->n + 2 };
        ratios[2 * m + 1] = (struct bf_ratio){ .num = 2 * m, .den = 2 * m + 1 };
    }
    BF_TRY(bf_sums_ratios(sums, w->t->seed, ratios, 2 * w->n + 2, err));
    for (int m = 0; m <= w->n; m++) {
        if (set > 0 && n_having[m] == 0)
            continue;
        BF_TRY(add_stat(w, m, sets->names[set], &ratios[2 * m], n_measured, err));
        if (set == 0)
            BF_TRY(add_stat(w, m, "having", &ratios[2 * m + 1], n_having[m], err));
    }
    return BF_OK;
}

int bf_per_modality(const struct bf_table *t, const char *name, bf_per_modality_fn *of,
                    struct bf_scores *out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_lattices lattices = { 0 };
    struct bf_sets sets;
    struct bf_sums sums;
    struct work w = { .t = t, .name = name, .why = bf_no_answers, .out = out };

    int rc = make_columns(&w, err);
    if (rc == BF_OK)
        rc = fill_columns(&w, of, &lattices, err);
    if (rc == BF_OK)
        rc = bf_sets_make(t->pool, &sets, &a, err);
    if (rc == BF_OK)
        rc = bf_sums_init(&sums, t->pool, 2 * w.n + 3, &a, err);
    for (uint32_t set = 0; rc == BF_OK && set < sets.n; set++)
        rc = set_stats(&w, &sets, set, &sums, err);
    bf_lattices_done(&lattices);
    bf_arena_reset(&a);
    return rc;
}
