/* Score `accuracy`: share of right answers of every probe under every condition. */
#include <math.h>

#include "core/ops.h"
#include "score/sets.h"

/* What every step of this score works with. */
struct work {
    const struct bf_table *t;
    struct bf_sets sets;
    struct bf_scores *out;
};

static unsigned answered(const struct bf_cell *c)
{
    return (unsigned)c->n[BF_RIGHT] + c->n[BF_WRONG] + c->n[BF_REFUSED] + c->n[BF_UNPARSED];
}

/* What luck gives: 1/k where one of k choices is right, else NaN. */
static double chance(const struct bf_sample *s)
{
    const bool one_of_k = s->task == BF_CHOICE || s->task == BF_YESNO;
    return one_of_k && s->n_choices > 0 ? 1. / s->n_choices : NAN;
}

static double *column(struct work *w, const char *kind, int p, int c, struct bf_err *err)
{
    const char *name = bf_arena_printf(&w->out->arena, "%s.%s.%s", kind, w->t->spec->probes[p].name,
                                       w->t->conditions->v[c].name);
    double *v = name ? bf_scores_column(w->out, name, NULL, w->t->pool->n_samples) : NULL;
    if (!v)
        (void)bf_fail_memory(err, "scores"); /* the caller returns BF_ENOMEM */
    return v;
}

static struct bf_stat stat_of(const struct work *w, const char *score, int p, int c)
{
    return (struct bf_stat){
        .score = score,
        .probe = w->t->spec->probes[p].name,
        .condition = w->t->conditions->v[c].name,
        .group = "all",
        .null_reason = "no answers",
        .selected_on = bf_probe_selects(w->t->spec, p),
    };
}

/* With one trial a share is 0 or 1, and the counts are those of a proportion. */
static int proportion_stats(const struct work *w, const double *share, int p, int c,
                            struct bf_err *err)
{
    for (uint32_t set = 0; set < w->sets.n; set++) {
        struct bf_stat stat = stat_of(w, "accuracy", p, c);
        double right = 0;
        for (uint32_t i = 0; i < w->t->pool->n_samples; i++) {
            if (isnan(share[i]) || !bf_sets_has(&w->sets, set, i))
                continue;
            right += share[i];
            stat.n++;
        }
        if (stat.n == 0 && set > 0)
            continue;
        const struct bf_interval wilson = bf_wilson(right, stat.n);
        stat.group = w->sets.names[set];
        stat.value = stat.n ? right / stat.n : NAN;
        stat.lo = wilson.lo;
        stat.hi = wilson.hi;
        if (stat.n)
            stat.null_reason = "";
        BF_TRY(bf_scores_stat(w->out, &stat, err));
    }
    return BF_OK;
}

/* Shares of all trials that were refused, unparsed or failed; nothing when all three are 0. */
static int no_answer_stats(const struct work *w, int p, int c, struct bf_err *err)
{
    static const struct {
        const char *score;
        enum bf_answer_class cls;
    } kinds[] = {
        { "refused_share", BF_REFUSED },
        { "unparsed_share", BF_UNPARSED },
        { "failed_share", BF_FAILED },
    };
    double n[BF_CLASS_COUNT] = { 0 }, n_all = 0;
    uint32_t n_samples = 0;

    for (uint32_t i = 0; i < w->t->pool->n_samples; i++) {
        const struct bf_cell *cell = bf_cell_at(w->t, p, c, i);
        for (int k = 0; k < BF_CLASS_COUNT; k++) {
            n[k] += cell->n[k];
            n_all += cell->n[k];
        }
        n_samples += answered(cell) + cell->n[BF_FAILED] > 0;
    }
    if (n[BF_REFUSED] + n[BF_UNPARSED] + n[BF_FAILED] <= 0)
        return BF_OK;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct bf_stat stat = stat_of(w, kinds[k].score, p, c);
        const struct bf_interval wilson = bf_wilson(n[kinds[k].cls], n_all);
        stat.value = n[kinds[k].cls] / n_all;
        stat.lo = wilson.lo;
        stat.hi = wilson.hi;
        stat.n = n_samples;
        stat.null_reason = "";
        BF_TRY(bf_scores_stat(w->out, &stat, err));
    }
    return BF_OK;
}

/* The share of right answers when those that give none count 1/k, as if one of k choices had been
 * drawn; nothing when all give one. */
static int guess_stats(const struct work *w, const double *share, int p, int c, struct bf_err *err)
{
    const uint32_t n = w->t->pool->n_samples;
    struct bf_arena a = { 0 };
    double *v = bf_arena_alloc(&a, (size_t)n + 1, sizeof *v);
    bool any = false;
    if (!v)
        return bf_fail_memory(err, "scores");
    for (uint32_t i = 0; i < n; i++) {
        const struct bf_cell *cell = bf_cell_at(w->t, p, c, i);
        const unsigned none = (unsigned)cell->n[BF_REFUSED] + cell->n[BF_UNPARSED];
        const double luck = chance(&w->t->pool->samples[i]);
        any |= none > 0;
        v[i] = share[i] + (none && !isnan(luck) ? none * luck / answered(cell) : 0);
    }
    const struct bf_stat like = stat_of(w, "accuracy_guess", p, c);
    const int rc = any ? bf_stat_means(w->t, &w->sets, v, &like, w->out, err) : BF_OK;
    bf_arena_reset(&a);
    return rc;
}

static int probability_column(struct work *w, int p, int c, struct bf_err *err)
{
    const uint32_t n = w->t->pool->n_samples;
    bool any = false;

    for (uint32_t i = 0; i < n; i++)
        any |= !isnan(bf_cell_at(w->t, p, c, i)->p);
    if (!any)
        return BF_OK;
    double *v = column(w, "p_gold", p, c, err);
    if (!v)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        v[i] = (double)bf_cell_at(w->t, p, c, i)->p;
    const struct bf_stat like = stat_of(w, "p_gold", p, c);
    return bf_stat_means(w->t, &w->sets, v, &like, w->out, err);
}

static int probe_condition(struct work *w, int p, int c, struct bf_err *err)
{
    double *share = column(w, "accuracy", p, c, err);
    if (!share)
        return BF_ENOMEM;
    bool proportion = w->t->spec->probes[p].trials == 1;
    for (uint32_t i = 0; i < w->t->pool->n_samples; i++) {
        const struct bf_cell *cell = bf_cell_at(w->t, p, c, i);
        const unsigned n = answered(cell);
        if (n == 0)
            continue;
        share[i] = (double)cell->n[BF_RIGHT] / n;
        /* a number can be right in part (mean relative accuracy) */
        if (w->t->pool->samples[i].task == BF_NUMBER && !isnan(cell->a))
            share[i] = (double)cell->a;
        proportion &= share[i] <= 0 || share[i] >= 1;
    }
    if (proportion) {
        BF_TRY(proportion_stats(w, share, p, c, err));
    } else {
        const struct bf_stat like = stat_of(w, "accuracy", p, c);
        BF_TRY(bf_stat_means(w->t, &w->sets, share, &like, w->out, err));
    }
    BF_TRY(no_answer_stats(w, p, c, err));
    BF_TRY(guess_stats(w, share, p, c, err));
    return probability_column(w, p, c, err);
}

/* Mean of 1/k over the samples that some probe answered under the condition. */
static int chance_stats(const struct work *w, int c, struct bf_err *err)
{
    for (uint32_t set = 0; set < w->sets.n; set++) {
        struct bf_stat stat = { .score = "chance",
                                .condition = w->t->conditions->v[c].name,
                                .group = w->sets.names[set],
                                .lo = NAN,
                                .hi = NAN };
        double sum = 0;
        for (uint32_t i = 0; i < w->t->pool->n_samples; i++) {
            const double luck = chance(&w->t->pool->samples[i]);
            bool asked = false;
            for (int p = 0; p < w->t->spec->n_probes && !asked; p++)
                asked = !w->t->spec->probes[p].judge && answered(bf_cell_at(w->t, p, c, i)) > 0;
            if (!asked || isnan(luck) || !bf_sets_has(&w->sets, set, i))
                continue;
            sum += luck;
            stat.n++;
        }
        if (stat.n == 0)
            continue;
        stat.value = sum / stat.n;
        BF_TRY(bf_scores_stat(w->out, &stat, err));
    }
    return BF_OK;
}

static int compute(const struct bf_table *t, struct bf_scores *out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct work w = { .t = t, .out = out };
    int rc = bf_sets_make(t->pool, &w.sets, &a, err);

    for (int p = 0; rc == BF_OK && p < t->spec->n_probes; p++)
        for (int c = 0; rc == BF_OK && c < t->conditions->n; c++)
            if (bf_probe_is_asked(&t->spec->probes[p], t->conditions->v[c].name))
                rc = probe_condition(&w, p, c, err);
    for (int c = 0; rc == BF_OK && c < t->conditions->n; c++)
        rc = chance_stats(&w, c, err);
    bf_arena_reset(&a);
    return rc;
}

static const struct bf_column_row columns[] = {
    { "accuracy.<probe>.<condition>", "0 .. 1", "share of answered trials that are right" },
    { "p_gold.<probe>.<condition>", "0 .. 1", "probability of the gold answer" },
    { .name = NULL },
};

const struct bf_metric bf_metric_accuracy = {
    .op = {
        .name = "accuracy",
        .summary = "share of right answers of each probe under each condition",
        .source = "Wilson (1927) for the interval; docs/metrics.md#accuracy",
    },
    .wanted_by_default = true,
    .columns = columns,
    .compute = compute,
};
