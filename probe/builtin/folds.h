#ifndef BF_PROBE_BUILTIN_FOLDS_H
#define BF_PROBE_BUILTIN_FOLDS_H

#include "core/sample.h"
#include "core/err.h"

/* Assign every sample to one of `n_folds` folds so that no two folds share a medium or a
 * near-duplicate sample.
 *
 * Samples are joined when they are in one bf_sample.group (shared media), and when question AND
 * choices are near-duplicates: the Jaccard similarity of the question's words and that of the
 * choices' words are both at least 0.9. A repeated question with other choices is evidence of a
 * template and is not joined. Joined sets go to folds largest first, always to the emptiest; ties
 * by a hash of (seed, id of the first sample).
 *
 * `fold_out` [n_samples] gets 0 .. n_folds - 1; `largest_out` the size of the largest joined set.
 * BF_ENOMEM. Near-duplicates are found by core/near.h. */
int bf_folds(const struct bf_pool *pool, int n_folds, uint64_t seed, uint8_t *fold_out,
             uint32_t *largest_out, struct bf_err *err);

#endif
