#ifndef BF_PROBE_BUILTIN_CROSSFIT_H
#define BF_PROBE_BUILTIN_CROSSFIT_H

#include "core/answer.h"
#include "probe/builtin/looks.h"

/* How the models are trained. */
struct bf_crossfit {
    int folds; /* 2 .. 50 */
    int epochs;
    double rate, l2;
};

/* Answer every question of `asking` that the built-in probe can answer, each by a model that has
 * seen neither the sample, nor its media, nor a near-duplicate of it (probe/builtin/folds.h).
 *
 * For a look and a fold f, the model is trained on all other folds. When the look shows media, how
 * far they are believed (probe/builtin/calibrate.h) is fitted to predictions that models made which
 * were trained without f and without the fold they predict. Answers of one look and fold are stored
 * together, so that what a stopped run finished is not computed again. The result does not depend
 * on the number of threads. BF_ENOMEM, BF_EIO, or what `put` returns. */
int bf_crossfit(const struct bf_asking *asking, const struct bf_crossfit *o, struct bf_err *err);

#endif
