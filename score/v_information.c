/* Score `v_information`: bits about the gold answer that media give to a probe. */
#include "score/v_information.h"

#include <math.h>

#include "core/ops.h"
#include "score/lattice.h"
#include "score/sets.h"

double bf_pvi(double p_with, double p_without)
{
    const double least = 1e-6;
    if (isnan(p_with) || isnan(p_without))
        return NAN; /* fmax would pass over it */
    return log2(fmax(p_with, least)) - log2(fmax(p_without, least));
}

double bf_letter_prior(uint32_t n_letter, uint32_t n, int k)
{
    return (n_letter - 1.0 + 1.0) / (n - 1.0 + k);
}

/* What every step of this score works with. */
struct work {
    const struct bf_table *t;
    struct bf_lattices lattices;
    struct bf_sets sets;
    struct bf_scores *out;
};

static bool gives_probabilities(const struct bf_table *t, int p)
{
    for (int c = 0; c < t->conditions->n; c++)
        for (uint32_t i = 0; i < t->pool->n_samples; i++)
            if (!isnan(bf_cell_at(t, p, c, i)->p))
                return true;
    return false;
}

/* p(gold) on a subset of the lattice, NaN when it was not measured. */
static double p_of(const struct bf_table *t, const struct bf_lattice *l, int p, uint32_t sample,
                   uint32_t subset)
{
    const int c = l->condition[subset];
    return c < 0 ? NAN : (double)bf_cell_at(t, p, c, sample)->p;
}

/* The subset left when modality `m` goes; m < 0: when all targets go. UINT32_MAX when that is
 * nothing of this sample. */
static uint32_t subset_without(const struct bf_lattice *l, int m)
{
    const uint32_t all = (1u << l->n) - 1;
    uint32_t gone = 0;
    for (int i = 0; i < l->n; i++)
        if (m < 0 ? l->target & BF_BIT(l->modality[i]) : l->modality[i] == m)
            gone |= BF_BIT(i);
    return gone ? all & ~gone : UINT32_MAX;
}

/* Column and stats of one probe, for one modality or, m < 0, for all targets. */
static int one_column(struct work *w, int p, int m, struct bf_err *err)
{
    const struct bf_spec *spec = w->t->spec;
    const uint32_t n_samples = w->t->pool->n_samples;
    const struct bf_stat like = {
        .score = "v_information",
        .probe = spec->probes[p].name,
        .modality = m < 0 ? "" : spec->modalities[m].name,
        .null_reason = "no probability with and without",
        .selected_on = bf_probe_selects(spec, p),
    };
    const char *name =
        m < 0 ? bf_arena_printf(&w->out->arena, "pvi.%s", like.probe)
              : bf_arena_printf(&w->out->arena, "pvi.%s.%s", like.probe, like.modality);
    double *v = name ? bf_scores_column(w->out, name, NULL, n_samples) : NULL;
    if (!v)
        return bf_fail_memory(err, "scores");
    for (uint32_t i = 0; i < n_samples; i++) {
        const struct bf_lattice *l = bf_lattice_of(&w->lattices, w->t, i);
        if (!l)
            return bf_fail_memory(err, "a lattice");
        const uint32_t less = subset_without(l, m);
        if (less != UINT32_MAX)
            v[i] = bf_pvi(p_of(w->t, l, p, i, (1u << l->n) - 1), p_of(w->t, l, p, i, less));
    }
    return bf_stat_means(w->t, &w->sets, v, &like, w->out, err);
}

/* Whether nothing shown leaves one of k letters to guess. */
static bool has_letters(const struct bf_sample *s)
{
    return (s->task == BF_CHOICE || s->task == BF_YESNO) && s->gold >= 0 && s->n_choices >= 2;
}

/* g(gold | nothing) of every sample: letters of the gold among all others of as many choices. */
static void guess_letters(const struct bf_pool *pool, double *g)
{
    uint32_t n[BF_MAX_CHOICES + 1] = { 0 }, by_letter[BF_MAX_CHOICES + 1][BF_MAX_CHOICES] = { 0 };
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        if (has_letters(s)) {
            n[s->n_choices]++;
            by_letter[s->n_choices][s->gold]++;
        }
    }
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        g[i] = has_letters(s) ? bf_letter_prior(by_letter[s->n_choices][s->gold], n[s->n_choices],
                                                s->n_choices)
                              : NAN;
    }
}

/* What question and choices alone tell, against nothing shown. */
static int words_column(struct work *w, int p, struct bf_err *err)
{
    const struct bf_stat like = {
        .score = "v_information_words",
        .probe = w->t->spec->probes[p].name,
        .modality = "",
        .null_reason = "no probability without the targets",
        .selected_on = bf_probe_selects(w->t->spec, p),
    };
    const char *name = bf_arena_printf(&w->out->arena, "pvi_words.%s", like.probe);
    double *v = name ? bf_scores_column(w->out, name, NULL, w->t->pool->n_samples) : NULL;
    if (!v)
        return bf_fail_memory(err, "scores");
    guess_letters(w->t->pool, v);
    for (uint32_t i = 0; i < w->t->pool->n_samples; i++) {
        const struct bf_lattice *l = bf_lattice_of(&w->lattices, w->t, i);
        if (!l)
            return bf_fail_memory(err, "a lattice");
        const uint32_t less = subset_without(l, -1);
        v[i] = less == UINT32_MAX ? NAN : bf_pvi(p_of(w->t, l, p, i, less), v[i]);
    }
    return bf_stat_means(w->t, &w->sets, v, &like, w->out, err);
}

static int compute(const struct bf_table *t, struct bf_scores *out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct work w = { .t = t, .out = out };
    uint32_t any = 0;

    for (uint32_t i = 0; i < t->pool->n_samples; i++)
        any |= t->pool->samples[i].has;
    int rc = bf_sets_make(t->pool, &w.sets, &a, err);
    for (int p = 0; rc == BF_OK && p < t->spec->n_probes; p++) {
        if (t->spec->probes[p].judge || !gives_probabilities(t, p))
            continue;
        for (int m = -1; rc == BF_OK && m < t->spec->n_modalities; m++)
            if (m < 0 || any & BF_BIT(m))
                rc = one_column(&w, p, m, err);
        if (rc == BF_OK)
            rc = words_column(&w, p, err);
    }
    bf_lattices_done(&w.lattices);
    bf_arena_reset(&a);
    return rc;
}

static const struct bf_column_row columns[] = {
    { "pvi.<probe>", "bit", "what the targets tell the probe about the gold answer" },
    { "pvi.<probe>.<modality>", "bit", "what one modality adds to all others" },
    { "pvi_words.<probe>", "bit", "what question and choices tell without the targets" },
    { .name = NULL },
};

const struct bf_metric bf_metric_v_information = {
    .op = {
        .name = "v_information",
        .summary = "bits about the gold answer that media give to a probe",
        .source = "Ethayarajh et al. (2022), pointwise V-information; "
                  "docs/metrics.md#v_information",
    },
    .wanted_by_default = true,
    .columns = columns,
    .compute = compute,
};
