#ifndef BF_PROBE_BUILTIN_FOLDS_H
#define BF_PROBE_BUILTIN_FOLDS_H

#include "core/err.h"
#include "core/sample.h"

enum { BF_MAX_FOLDS = 50 };

/* Which samples must not be apart: samples are joined when they are in one bf_sample.group (shared
 * media), and when question AND choices AND media are near-duplicates: the Jaccard similarity of
 * the question's words and that of the choices' words are both at least 0.9, and they show no
 * media, or as many of the same modalities, whose fingerprints differ in at most 4 bits in all. A
 * question that is repeated with other choices, or asked of other media, is evidence of a template
 * and is not joined. `set_out` [n_samples] gets the same number, that of one of them, for all
 * samples of a set. BF_ENOMEM. Near-duplicates are found by core/near.h. */
int bf_folds_sets(const struct bf_pool *pool, uint32_t *set_out, struct bf_err *err);

/* Deal sets to `n_folds` folds (1 .. BF_MAX_FOLDS), largest first, always to the emptiest; ties by
 * a hash of (seed, id of the sample that the set is numbered by). Only samples that are `alive`
 * count ([n_samples], 1 = there; NULL = all). `fold_out` [n_samples] gets 0 .. n_folds - 1;
 * `largest_out` the size of the largest set. BF_ENOMEM. */
int bf_folds_deal(const struct bf_pool *pool, const uint32_t *set, const uint8_t *alive,
                  int n_folds, uint64_t seed, uint8_t *fold_out, uint32_t *largest_out,
                  struct bf_err *err);

/* Both. */
int bf_folds(const struct bf_pool *pool, int n_folds, uint64_t seed, uint8_t *fold_out,
             uint32_t *largest_out, struct bf_err *err);

#endif
