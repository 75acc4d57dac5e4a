#ifndef BF_SCORE_CONTRIBUTION_H
#define BF_SCORE_CONTRIBUTION_H

#include "core/err.h"

/* Shapley value of each modality: its mean marginal gain over every order of adding them.
 *
 * `v` [1 << n] holds the value of every subset, bit i set = modality i kept; here the mean
 * accuracy of the same probes on that subset, in 0 .. 1. With |S| = popcount(S):
 *
 *     C(M_i) = sum over S without i of |S|! (n - |S| - 1)! / n! * (v[S + i] - v[S])
 *
 * so that the sum of `contribution_out` [n] is v[all] - v[0] to rounding. In -1 .. 1, no
 * unit; negative where a modality misleads. Allocates nothing, keeps no pointer.
 *
 * BF_EINVAL: n is not in 1 .. 6. BF_EDATA: some v is NaN (a subset was not measured); use
 * bf_loo_contribution() then. On failure `contribution_out` is untouched.
 * Source: the symbol is Eq. 1 of "MLLMs are Deeply Affected by Modality Bias", which gives no
 * way to measure it; Shapley (1953) is our definition (docs/metrics.md). */
int bf_contribution(const double *v, int n, double *contribution_out, struct bf_err *err);

/* What is lost when one modality alone is taken away: v[all] - v[all without i], `out` [n].
 *
 * Reads only v[all] and the n subsets that lack one. The sum over modalities is not
 * v[all] - v[0]: what two modalities both tell is counted for neither. BF_EINVAL, BF_EDATA as
 * above. */
int bf_loo_contribution(const double *v, int n, double *out, struct bf_err *err);

#endif
