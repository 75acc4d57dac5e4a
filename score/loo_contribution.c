/* Score `loo_contribution`: what is lost when one modality alone is taken away. */
#include <math.h>

#include "core/ops.h"
#include "score/contribution.h"
#include "score/per_modality.h"

int bf_loo_contribution(const double *v, int n, double *out, struct bf_err *err)
{
    if (n < 1 || n > BF_MAX_LATTICE)
        return bf_fail(err, BF_EINVAL, "%d modalities; allowed: 1 to %d", n, BF_MAX_LATTICE);
    const uint32_t all = (1u << n) - 1;
    for (int i = 0; i < n; i++)
        if (isnan(v[all]) || isnan(v[all & ~BF_BIT(i)]))
            return bf_fail(err, BF_EDATA, "all modalities, or all but one, were not measured");
    for (int i = 0; i < n; i++)
        out[i] = v[all] - v[all & ~BF_BIT(i)];
    return BF_OK;
}

static const char *loo_of(const struct bf_table *t, const struct bf_lattice *l, uint32_t sample,
                          double *out)
{
    const uint32_t all = (1u << l->n) - 1;
    uint64_t wanted = (uint64_t)1 << all;
    for (int i = 0; i < l->n; i++)
        wanted |= (uint64_t)1 << (all & ~BF_BIT(i));

    double v[BF_LATTICE_SIZE];
    const char *why = bf_lattice_values(t, l, sample, wanted, v);
    if (!why)
        (void)bf_loo_contribution(v, l->n, out, NULL); /* every v it reads is there */
    return why;
}

static int compute(const struct bf_table *t, struct bf_scores *out, struct bf_err *err)
{
    return bf_per_modality(t, "loo_contribution", loo_of, out, err);
}

static const struct bf_column_row columns[] = {
    { "loo_contribution.<modality>", "-1 .. 1", "accuracy lost without one modality" },
    { "loo_contribution.target", "-1 .. 1", "sum over the sample's targets" },
    { .name = NULL },
};

const struct bf_metric bf_metric_loo_contribution = {
    .op = {
        .name = "loo_contribution",
        .summary = "what is lost without each modality: leave one out",
        .source = "MLLMs are Deeply Affected by Modality Bias, Eq. 1 read as leave-one-out; "
                  "docs/metrics.md#loo_contribution",
    },
    .wanted_by_default = true,
    .columns = columns,
    .compute = compute,
};
