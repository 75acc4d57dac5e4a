#ifndef BF_SCORE_INTERVALS_H
#define BF_SCORE_INTERVALS_H

#include <stdint.h>

#include "core/err.h"

/* Bounds of a 95 % interval; both NaN when there is none. */
struct bf_interval {
    double lo, hi;
};

/* Wilson's score interval of a proportion `k` of `n`, z = 1.959964:
 *
 *     (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n),   p = k / n
 *
 * Inside 0 .. 1, exact 0 for k = 0 and 1 for k = n. NaN for n = 0.
 * Source: Wilson (1927), JASA 22, 209-212. */
struct bf_interval bf_wilson(double k, double n);

/* P(X >= x) for a chi-square variable of `df` >= 1 degrees of freedom:
 *
 *     even df:  e^(-x/2) sum over i < df/2 of (x/2)^i / i!
 *     odd df:   erfc(sqrt(x/2))
 *               + sqrt(2x/pi) e^(-x/2) sum over i < (df-1)/2 of x^i / (1 * 3 * .. * (2i+1))
 *
 * Source: Abramowitz and Stegun (1964), 26.4.4 and 26.4.5. */
double bf_chi_square_p(double x, int df);

enum { BF_BOOTSTRAP_DRAWS = 1000 };

/* What a bootstrap resamples: groups of samples that share media, which are not independent of
 * each other, so that whole groups are drawn. A statistic is a function of sums over groups. */
struct bf_resample {
    uint64_t seed;
    uint32_t n_groups;
    int n_sums;
    const double *sums; /* [n_groups][n_sums] */
    int n_stats;
    /* Statistics [n_stats] of the summed rows `total` [n_sums]; NaN where undefined. */
    void (*stats)(const double *total, const void *ctx, double *out);
    const void *ctx;
};

/* Percentile bootstrap: 2.5 % and 97.5 % of 1,000 draws of n_groups groups with replacement, by
 * linear interpolation between order statistics. Draw k uses the stream (seed, "", "bootstrap",
 * k), so that statistics of equally many groups see the same draws. An interval is NaN when there
 * are fewer than two groups, or when fewer than 95 % of its draws are defined.
 * `out` is [n_stats]. BF_ENOMEM. Source: Efron (1979), Ann. Stat. 7, 1-26. */
int bf_bootstrap(const struct bf_resample *r, struct bf_interval *out, struct bf_err *err);

#endif
