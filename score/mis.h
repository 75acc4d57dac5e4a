#ifndef BF_SCORE_MIS_H
#define BF_SCORE_MIS_H

#include <stdint.h>

/* Modality importance score of each modality, on the nonempty subsets of 2 <= n <= 6 modalities.
 *
 *     MIS_j(q) = perf(q | M_j+) - perf(q | M_j-)
 *     perf(q | M') = 1/|M'| * sum over S in M' of right[S]
 *     M_j+ = {S : j in S, S != {j}},   M_j- = {S nonempty : j not in S}
 *
 * `right` [1 << n] is 1 or 0, or a share of trials, for every nonempty S; right[0] is not read.
 * `out` [n], in -1 .. 1. M_j+ leaves {j} out, so that both sides average 2^(n-1) - 1 subsets.
 * Source: Park et al. (arXiv 2408.12763), definition of MIS. */
void bf_mis(const double *right, int n, double *out);

enum bf_mis_kind {
    BF_MIS_BIASED,             /* one modality decides; the others do not help */
    BF_MIS_COMPLEMENTARY,      /* all MIS > 0 */
    BF_MIS_AGNOSTIC_CORRECT,   /* right on every nonempty subset */
    BF_MIS_AGNOSTIC_INCORRECT, /* wrong on every nonempty subset */
    BF_MIS_NONE,
};

/* The category of one answer to every nonempty subset: bit S of `right` = right on subset S.
 *
 * Biased to j: MIS_k <= 0 <= MIS_j and MIS_k != MIS_j for all k != j (j goes to `biased_out`,
 * which is else untouched); agnostic: all MIS = 0 and right, or wrong, on every subset. Exact, in
 * whole numbers. Source: Park et al. (arXiv 2408.12763), definition of MIS. */
enum bf_mis_kind bf_mis_category(uint64_t right, int n, int *biased_out);

#endif
