#ifndef BF_SCORE_JUDGED_H
#define BF_SCORE_JUDGED_H

#include "core/table.h"
#include "score/intervals.h"

struct bf_judged {
    double value; /* NaN when it cannot be told */
    struct bf_interval interval;
};

/* Share of replies that people would call right, when a judge called `right` of `n` right whose
 * sensitivity Se and specificity Sp are known from labelled replies:
 *
 *     p = (right / n + Sp - 1) / (Se + Sp - 1)          Rogan and Gladen (1978), Eq. 1
 *
 * held to 0 .. 1. The interval (95 %) takes the uncertainty of Se and Sp with it: Lang and
 * Reiczigel (2014), section 2.2. Nothing where no replies of both kinds are labelled, or where
 * Se + Sp <= 1. */
struct bf_judged bf_judged(double right, double n, const struct bf_judge_rates *r);

#endif
