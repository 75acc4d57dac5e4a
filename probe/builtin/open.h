#ifndef BF_PROBE_BUILTIN_OPEN_H
#define BF_PROBE_BUILTIN_OPEN_H

#include "probe/builtin/crossfit.h"

/* Samples without choices, `number` and `text`, as if they had some.
 *
 * For each fold a, candidates (probe/builtin/candidates.h) are made of the gold answers of all
 * other folds: of the same category where that has at least 40 of them, else of the whole task.
 * They are the choices of a pool that is cross-fitted as any other, of which the answers of fold a
 * are taken. So nothing that a sample's answer rests on has seen its gold answer, the list of
 * candidates least of all. At most 24 candidates, 16 with more than 5,000 samples and 12 with more
 * than 20,000.
 *
 * `how` NULL: answers are put. Else p(gold) of texts, and of numbers the mean relative accuracy of
 * what is answered, to `p_out` [n_samples] where there is a question. Codes as bf_crossfit(). */
int bf_open_crossfit(const struct bf_asking *asking, const struct bf_crossfit *o,
                     const struct bf_refit *how, float *p_out, struct bf_err *err);

#endif
