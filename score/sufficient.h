#ifndef BF_SCORE_SUFFICIENT_H
#define BF_SCORE_SUFFICIENT_H

#include <stdint.h>

/* How a sample's answer depends on its modalities. */
enum bf_sufficient_class {
    BF_SUF_ANSWERABLE,  /* nothing suffices: question and choices alone are enough */
    BF_SUF_NECESSARY,   /* exactly one way, and it is one modality */
    BF_SUF_REDUNDANT,   /* two or more disjoint ways, one of them a single modality */
    BF_SUF_SYNERGISTIC, /* no single modality suffices, some larger set does */
    BF_SUF_MIXED,       /* synergistic, and there are two or more disjoint ways */
    BF_SUF_UNSOLVED,    /* no set suffices */
    BF_SUF_COUNT
};

/* The minimal sufficient subsets: S with v(S) > 1/2 of which no proper subset has that.
 *
 * `v` [1 << n] as for bf_contribution, 1 <= n <= 6, none NaN. Returns them as bits: bit S set =
 * subset S. 0 when nothing suffices, 1 when the empty set does. v need not grow with S: a set
 * above a sufficient one may fail without making that one less minimal.
 * Source: docs/metrics.md#sufficient. */
uint64_t bf_minimal_sufficient(const double *v, int n);

/* The class these minimal subsets make, and in `necessary_out` the modalities that are in every
 * one of them (bits by position; 0 when there is none, and when nothing suffices). */
enum bf_sufficient_class bf_sufficient_class(uint64_t minimal, int n, uint32_t *necessary_out);

#endif
