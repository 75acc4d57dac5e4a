/* Score `contribution`: the Shapley value of every modality over the lattice. */
#include "score/contribution.h"

#include <math.h>

#include "core/ops.h"
#include "score/per_modality.h"

int bf_contribution(const double *v, int n, double *contribution_out, struct bf_err *err)
{
    static const double factorial[BF_MAX_LATTICE + 1] = { 1, 1, 2, 6, 24, 120, 720 };

    if (n < 1 || n > BF_MAX_LATTICE)
        return bf_fail(err, BF_EINVAL, "%d modalities; allowed: 1 to %d", n, BF_MAX_LATTICE);
    for (uint32_t s = 0; s < 1u << n; s++)
        if (isnan(v[s]))
            return bf_fail(err, BF_EDATA, "subset %u of %d modalities was not measured",
                           (unsigned)s, n);

    for (int i = 0; i < n; i++) {
        double sum = 0;
        for (uint32_t s = 0; s < 1u << n; s++) {
            if (s & BF_BIT(i))
                continue;
            const int size = __builtin_popcount(s);
            sum += factorial[size] * factorial[n - size - 1] * (v[s | BF_BIT(i)] - v[s]);
        }
        contribution_out[i] = sum / factorial[n];
    }
    return BF_OK;
}

const char *bf_contribution_of(const struct bf_table *t, const struct bf_lattice *l,
                               uint32_t sample, double *out)
{
    double v[BF_LATTICE_SIZE];
    const char *why = bf_lattice_values(t, l, sample, bf_lattice_all(l), v);
    if (!why)
        (void)bf_contribution(v, l->n, out, NULL); /* every v is there, and n was checked */
    return why;
}

static int compute(const struct bf_table *t, struct bf_scores *out, struct bf_err *err)
{
    return bf_per_modality(t, "contribution", bf_contribution_of, out, err);
}

static const struct bf_column_row columns[] = {
    { "contribution.<modality>", "-1 .. 1", "Shapley value of one modality" },
    { "contribution.target", "-1 .. 1", "sum over the sample's targets" },
    { .name = NULL },
};

const struct bf_metric bf_metric_contribution = {
    .op = {
        .name = "contribution",
        .summary = "what each modality adds to accuracy: Shapley value over the lattice",
        .source = "MLLMs are Deeply Affected by Modality Bias, Eq. 1; Shapley (1953); "
                  "docs/metrics.md#contribution",
    },
    .wanted_by_default = true,
    .columns = columns,
    .compute = compute,
};
