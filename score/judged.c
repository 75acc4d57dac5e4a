/* Score `judged`: accuracy on free text as people would judge it, from a judge that errs. */
#include <math.h>

#include "core/ops.h"
#include "score/judged.h"
#include "score/sets.h"

struct bf_judged bf_judged(double right, double n, const struct bf_judge_rates *r)
{
    const double z = 1.959963984540054;
    struct bf_judged out = { NAN, { NAN, NAN } };
    if (!(n > 0) || !r->n_right || !r->n_wrong)
        return out;
    const double se0 = (double)r->n_right_yes / r->n_right;
    const double sp0 = (double)r->n_wrong_no / r->n_wrong;
    if (se0 + sp0 <= 1)
        return out; /* a judge no better than a coin says nothing */
    /* Lang and Reiczigel (2014): counts are widened before use. */
    const double n1 = n + z * z, q = (right + z * z / 2) / n1;
    const double n_se = r->n_right + 2.0, se = (r->n_right_yes + 1.0) / n_se;
    const double n_sp = r->n_wrong + 2.0, sp = (r->n_wrong_no + 1.0) / n_sp;
    const double p = (q + sp - 1) / (se + sp - 1);
    const double v_se = se * (1 - se) / n_se, v_sp = sp * (1 - sp) / n_sp;
    const double shift = 2 * z * z * (p * v_se - (1 - p) * v_sp);
    const double spread =
        z * sqrt(q * (1 - q) / n1 + p * p * v_se + (1 - p) * (1 - p) * v_sp) / (se + sp - 1);
    out.value = fmin(fmax((right / n + sp0 - 1) / (se0 + sp0 - 1), 0), 1);
    out.interval.lo = fmin(fmax(p + shift - spread, 0), 1);
    out.interval.hi = fmin(fmax(p + shift + spread, 0), 1);
    return out;
}

static int probe_condition(const struct bf_table *t, int p, int c, struct bf_scores *out,
                           struct bf_err *err)
{
    double right = 0;
    struct bf_stat stat = { .score = "accuracy_judged",
                            .probe = t->spec->probes[p].name,
                            .condition = t->conditions->v[c].name,
                            .group = "all",
                            .selected_on = bf_probe_selects(t->spec, p) };
    for (uint32_t i = 0; i < t->pool->n_samples; i++) {
        const struct bf_cell *cell = bf_cell_at(t, p, c, i);
        const int n = cell->n[BF_RIGHT] + cell->n[BF_WRONG];
        if (t->pool->samples[i].task != BF_FREE_TEXT || n == 0)
            continue;
        right += (double)cell->n[BF_RIGHT] / n;
        stat.n++;
    }
    if (stat.n == 0)
        return BF_OK;
    const struct bf_judged judged = bf_judged(right, stat.n, &t->judge);
    stat.value = judged.value;
    stat.lo = judged.interval.lo;
    stat.hi = judged.interval.hi;
    stat.null_reason =
        isnan(judged.value) ? "the judge agrees with people no more than chance" : "";
    return bf_scores_stat(out, &stat, err);
}

static int compute(const struct bf_table *t, struct bf_scores *out, struct bf_err *err)
{
    if (!t->judge.n_right || !t->judge.n_wrong)
        return BF_OK;
    for (int p = 0; p < t->spec->n_probes; p++)
        for (int c = 0; !t->spec->probes[p].judge && c < t->conditions->n; c++)
            BF_TRY(probe_condition(t, p, c, out, err));
    return BF_OK;
}

const struct bf_metric bf_metric_judged = {
    .op = {
        .name = "judged",
        .summary = "accuracy on free text, corrected for the errors of its judge",
        .source = "Rogan and Gladen (1978); interval: Lang and Reiczigel (2014), "
                  "doi:10.1016/j.prevetmed.2013.09.015; docs/metrics.md#judged",
    },
    .wanted_by_default = true,
    .compute = compute,
};
