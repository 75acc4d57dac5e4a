/* Intervals: Wilson for a proportion, bootstrap over groups for the rest. */
#include "score/intervals.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/rng.h"

double bf_chi_square_p(double x, int df)
{
    const double pi = 3.14159265358979323846;
    const bool odd = df % 2 == 1;
    double sum = odd ? erfc(sqrt(x / 2)) : 0;
    double term = odd ? sqrt(2 * x / pi) * exp(-x / 2) : exp(-x / 2);
    for (int i = 0; i < df / 2; i++) {
        sum += term;
        term *= odd ? x / (2 * i + 3) : x / 2 / (i + 1);
    }
    return fmin(sum, 1);
}

struct bf_interval bf_wilson(double k, double n)
{
    const double z = 1.959963984540054;

    if (!(n > 0))
        return (struct bf_interval){ NAN, NAN };
    const double p = k / n;
    const double mid = p + z * z / (2 * n);
    const double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    const double scale = 1 + z * z / n;
    /* At the ends the bound is 0 or 1; rounding would leave 1e-17 beside it. */
    return (struct bf_interval){ k <= 0 ? 0 : (mid - half) / scale,
                                 k >= n ? 1 : (mid + half) / scale };
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Quantile `q` of sorted `v` [n], linear between neighbours. */
static double quantile(const double *v, int n, double q)
{
    const double at = q * (n - 1);
    const int i = (int)at;
    return i + 1 < n ? v[i] + (at - i) * (v[i + 1] - v[i]) : v[i];
}

static struct bf_interval percentiles(double *v, int n)
{
    int n_defined = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(v[i]))
            v[n_defined++] = v[i];
    if (n_defined * 20 < n * 19)
        return (struct bf_interval){ NAN, NAN };
    qsort(v, (size_t)n_defined, sizeof *v, by_value);
    return (struct bf_interval){ quantile(v, n_defined, 0.025), quantile(v, n_defined, 0.975) };
}

/* One draw: the sum of n_groups rows taken with replacement. */
static void draw(const struct bf_resample *r, int k, double *total)
{
    struct bf_rng rng = bf_rng_for(r->seed, "", "bootstrap", (uint64_t)k);

    for (int j = 0; j < r->n_sums; j++)
        total[j] = 0;
    for (uint32_t i = 0; i < r->n_groups; i++) {
        /* 32 random bits times n / 2^32: the bias is below n / 2^32, and there is no division in
         * a loop that runs 1,000 times the number of groups. */
        const uint64_t g = (bf_rng_next(&rng) >> 32) * r->n_groups >> 32;
        const double *row = &r->sums[g * (uint64_t)r->n_sums];
        for (int j = 0; j < r->n_sums; j++)
            total[j] += row[j];
    }
}

int bf_bootstrap(const struct bf_resample *r, struct bf_interval *out, struct bf_err *err)
{
    for (int j = 0; j < r->n_stats; j++)
        out[j] = (struct bf_interval){ NAN, NAN };
    if (r->n_groups < 2)
        return BF_OK;

    /* values[stat][draw], then one row of sums and one of statistics */
    const size_t n_values = (size_t)r->n_stats * BF_BOOTSTRAP_DRAWS;
    double *values = calloc(n_values + (size_t)r->n_sums + (size_t)r->n_stats, sizeof *values);
    if (!values)
        return bf_fail_memory(err, "a bootstrap");
    double *total = values + n_values, *stats = total + r->n_sums;

    for (int k = 0; k < BF_BOOTSTRAP_DRAWS; k++) {
        draw(r, k, total);
        r->stats(total, r->ctx, stats);
        for (int j = 0; j < r->n_stats; j++)
            values[(size_t)j * BF_BOOTSTRAP_DRAWS + (size_t)k] = stats[j];
    }
    for (int j = 0; j < r->n_stats; j++)
        out[j] = percentiles(values + (size_t)j * BF_BOOTSTRAP_DRAWS, BF_BOOTSTRAP_DRAWS);
    free(values);
    return BF_OK;
}
