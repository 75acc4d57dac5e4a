#ifndef BF_FILTERS_PRUNE_H
#define BF_FILTERS_PRUNE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

/* Removing samples in rounds, each round scored anew on what is left. One loop, two rules:
 *
 * Iterative Bias Pruning (Brown et al., arXiv 2511.04655, Algorithm 1), with D what is left, B the
 * budget, b the batch and tau the early stop:
 *
 *     R = 0;  while R < B:  s = Compute(D);  if max s <= tau: stop;  k = min(b, B - R);
 *                           remove the k highest;  R = R + k
 *
 * AFLite (Le Bras et al. 2020, Algorithm 1), with n the target size, k the slice:
 *
 *     S = D;  while |S| > n:  p = Compute(S);  S' = the up to k highest with p >= tau;
 *                             S = S \ S';  if |S'| < k: stop
 *
 * so that AFLite may end below n, by less than k. Scores are compared after rounding to 12
 * decimals, of equals the lower id goes first. */
enum bf_prune_rule { BF_PRUNE_IBP, BF_PRUNE_AFLITE };

/* What is pruned. */
struct bf_prune_pool {
    uint32_t n;
    const uint32_t *by_id; /* [n] place of each sample when they are sorted by id */
    const uint32_t *type;  /* [n] below n_types: what `floor` counts */
    uint32_t n_types;
};

/* Scores of what is left. */
struct bf_prune_scorer {
    void *ctx;
    /* s of every sample with alive[i] = 1, larger = removed sooner; NaN: it is not ranked, and
     * never removed. `round` counts from 0 within one bf_prune(). */
    int (*score)(void *ctx, const uint8_t *alive, uint32_t round, double *s_out,
                 struct bf_err *err);
};

struct bf_prune {
    enum bf_prune_rule rule;
    uint32_t budget; /* B; of AFLite |D| - n */
    uint32_t batch;  /* b or k, 1 or more */
    double tau;      /* -INFINITY = no early stop */
    uint32_t floor;  /* a sample stays when no more than so many of its type are left */
};

/* What became of one sample. */
struct bf_prune_fate {
    uint32_t order; /* 1 = the first that was removed; 0 = it was not */
    uint32_t round; /* 1, 2, ... in which it was */
    double s;       /* its score then; of one that stayed, the last it was given, NaN = none */
};

/* Prune `alive` [pool->n] (1 = takes part), which comes out as what is left. `fates` [pool->n] is
 * written for samples that took part; orders go on from `*n_removed`, rounds from `*n_rounds`, both
 * of which are counted up. BF_ENOMEM, or what `score` returns. */
int bf_prune(const struct bf_prune *how, const struct bf_prune_pool *pool,
             const struct bf_prune_scorer *scorer, uint8_t *alive, struct bf_prune_fate *fates,
             uint32_t *n_removed, uint32_t *n_rounds, struct bf_err *err);

/* Places of ids [n] in sorted order, from 0: whole numbers before all others and by value, the
 * others byte by byte. `by_id_out` [n]. BF_ENOMEM. */
int bf_prune_sort_ids(const char *const *ids, uint32_t n, uint32_t *by_id_out, struct bf_err *err);

/* A budget shared in proportion to `counts` [n]: rounded down, what remains to those with the
 * largest remainders, of equals to the first. `out` [n]; sums to `budget` unless all counts are 0.
 * Example: 100 over 2, 1 and 4 is 29, 14 and 57. */
void bf_prune_share(const uint32_t *counts, uint32_t n, uint32_t budget, uint32_t *out);

#endif
