/* Score `bias`: how well each answer is predicted without the media, sample by sample. */
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "score/sets.h"

/* What every step of this score works with. */
struct work {
    const struct bf_table *t;
    int blind; /* the condition */
    struct bf_sets sets;
    struct bf_scores *out;
};

/* One column and its means, for one probe. */
struct part {
    const char *score;
    /* NaN = null */
    double (*of)(const struct work *w, int probe, uint32_t sample);
};

/* s(x): p(gold) averaged over repeats; of a number its mean relative accuracy. */
static double bias(const struct work *w, int probe, uint32_t sample)
{
    return (double)bf_cell_at(w->t, probe, w->blind, sample)->a;
}

/* s(x) - 1/k */
static double adjusted(const struct work *w, int probe, uint32_t sample)
{
    const struct bf_sample *s = &w->t->pool->samples[sample];
    const bool one_of_k = s->task == BF_CHOICE || s->task == BF_YESNO;
    return one_of_k && s->n_choices > 0 ? bias(w, probe, sample) - 1.0 / s->n_choices : NAN;
}

static double spread(const struct work *w, int probe, uint32_t sample)
{
    const struct bf_cell *c = bf_cell_at(w->t, probe, w->blind, sample);
    return c->n_p > 1 ? (double)c->p_sd : NAN;
}

static int probe_before(const struct bf_spec *spec, int probe)
{
    for (int p = 0; spec->probes[probe].before && p < spec->n_probes; p++)
        if (strcmp(spec->probes[p].name, spec->probes[probe].before) == 0)
            return p;
    return -1;
}

/* delta(x) = s(x) - s0(x) */
static double delta(const struct work *w, int probe, uint32_t sample)
{
    const int before = probe_before(w->t->spec, probe);
    return before < 0 ? NAN : bias(w, probe, sample) - bias(w, before, sample);
}

/* Probes that learn from the pool, those that give probabilities, and whose base is known. */
static bool is_wanted(const struct work *w, int probe)
{
    const struct bf_probe_spec *p = &w->t->spec->probes[probe];
    bool any = p->before || (p->base && p->base->refit);
    if (p->judge || !bf_probe_is_asked(p, "blind"))
        return false;
    for (uint32_t i = 0; !any && i < w->t->pool->n_samples; i++)
        any = bf_cell_at(w->t, probe, w->blind, i)->n_p > 0;
    return any;
}

static int add_part(const struct work *w, const struct part *part, int probe, struct bf_err *err)
{
    const struct bf_spec *spec = w->t->spec;
    const uint32_t n = w->t->pool->n_samples;
    const struct bf_stat like = {
        .score = part->score,
        .probe = spec->probes[probe].name,
        .condition = "blind",
        .modality = "",
        .null_reason = "no answers",
        .selected_on = bf_probe_selects(spec, probe) ||
                       (part->of == delta && bf_probe_selects(spec, probe_before(spec, probe))),
    };
    const char *name = bf_arena_printf(&w->out->arena, "%s.%s", part->score, like.probe);
    double *v = name ? bf_scores_column(w->out, name, NULL, n) : NULL;
    if (!v)
        return bf_fail_memory(err, "scores");
    for (uint32_t i = 0; i < n; i++)
        v[i] = part->of(w, probe, i);
    return bf_stat_means(w->t, &w->sets, v, &like, w->out, err);
}

static int compute(const struct bf_table *t, struct bf_scores *out, struct bf_err *err)
{
    static const struct part parts[] = {
        { "bias", bias }, { "bias_adjusted", adjusted }, { "bias_sd", spread }, { "delta", delta }
    };
    struct bf_arena a = { 0 };
    struct work w = { .t = t, .blind = bf_condition_find(t->conditions, "blind"), .out = out };
    if (w.blind < 0)
        return BF_OK;
    int rc = bf_sets_make(t->pool, &w.sets, &a, err);
    for (int p = 0; rc == BF_OK && p < t->spec->n_probes; p++)
        for (size_t k = 0; rc == BF_OK && is_wanted(&w, p) && k < sizeof parts / sizeof *parts;
             k++) {
            const bool is_delta = parts[k].of == delta, is_spread = parts[k].of == spread;
            if ((!is_delta || probe_before(t->spec, p) >= 0) &&
                (!is_spread || t->spec->probes[p].trials > 1))
                rc = add_part(&w, &parts[k], p, err);
        }
    bf_arena_reset(&a);
    return rc;
}

static const struct bf_column_row columns[] = {
    { "bias.<probe>", "0 .. 1", "p(gold) without the targets, s(x); of a number its accuracy" },
    { "bias_adjusted.<probe>", "-1 .. 1", "the same less 1/k where one of k choices is right" },
    { "bias_sd.<probe>", "0 .. 1", "standard deviation of p(gold) over repeats" },
    { "delta.<probe>", "-1 .. 1", "the same as bias less that of the probe's base" },
    { .name = NULL },
};

const struct bf_metric bf_metric_bias = {
    .op = {
        .name = "bias",
        .summary = "how well answers are predicted without the media, sample by sample",
        .source = "Brown et al. (arXiv 2511.04655), s(x) and delta(x); docs/metrics.md#bias",
    },
    .wanted_by_default = true,
    .columns = columns,
    .compute = compute,
};
