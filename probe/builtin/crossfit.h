#ifndef BF_PROBE_BUILTIN_CROSSFIT_H
#define BF_PROBE_BUILTIN_CROSSFIT_H

#include "core/answer.h"
#include "core/ops.h"
#include "probe/builtin/embedded.h"

enum bf_learner { BF_LEARN_BLEND, BF_LEARN_LINEAR, BF_LEARN_TREES, BF_LEARN_PRIORS };

/* How the models are trained. */
struct bf_crossfit {
    int learner; /* enum bf_learner */
    int learns;  /* 0: from what the condition shows; 1: from all that samples show */
    int folds;   /* 2 .. 50 */
    int epochs;  /* of linear; 0 = bf_learn_epochs() */
    double rate, l2, l1;
    int rounds;                    /* trees at most */
    struct bf_names without;       /* kinds of evidence that are left out: evidence.h */
    struct bf_embed_options embed; /* vectors as evidence, too */
};

/* Answer every question of `asking` that the built-in probe can answer, each by models that have
 * seen neither the sample, nor its media, nor a near-duplicate of it (probe/builtin/folds.h). A
 * question's trial is a repeat: folds are dealt anew, training takes samples in another order.
 *
 * For a look and a fold a, the final model is trained on all folds but a. How far it is believed
 * (probe/builtin/stack.h) is learned from partner folds b: those next to a, two on each side, or
 * all others where there are at most 5 (where media are shown, and for `linear` of 10,000
 * samples or more: one on each side). Of their samples models tell that were trained without a
 * and without b; such a model serves both a and b, so that at most 3 models a fold are trained.
 * Answers of one look and fold are stored together, so that what a stopped run finished is not
 * computed again. The result does not depend on the number of threads. BF_ENOMEM, BF_EIO, or what
 * `put` returns. */
int bf_crossfit(const struct bf_asking *asking, const struct bf_crossfit *o, struct bf_err *err);

/* The same for all samples of the pool that `how` leaves: p(gold) of each to `p_out` [n_samples],
 * NaN of those that are gone or that it cannot answer. With `how->n_models` it is what AFLite
 * wants: the share of right predictions by linear models trained on random parts of the samples
 * (probe/builtin/partitions.h); samples that hang together are then on one side. Nothing is put. */
int bf_crossfit_again(const struct bf_asking *asking, const struct bf_crossfit *o,
                      const struct bf_refit *how, float *p_out, struct bf_err *err);

/* Whether fold b is a partner of fold a: another of `n` folds, in a circle, at most `reach`
 * away. */
bool bf_folds_are_partners(int a, int b, int n, int reach);

#endif
