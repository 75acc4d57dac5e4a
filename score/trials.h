#ifndef BF_SCORE_TRIALS_H
#define BF_SCORE_TRIALS_H

#include <stdint.h>

#include "core/err.h"

/* What was tried: how many p values as small as one would be found by luck alone.
 *
 * Test j has a weight w_j and p value p_j; tests are compared by v_j = p_j / w_j. With F_j(t) the
 * largest p that test j can attain up to t (0 when it has too few trials to attain any), luck gives
 *
 *     E(v) = sum over j of F_j(w_j v)
 *
 * tests of at most v. So P(any v_j <= v) <= E(v), however the tests depend on each other: this is
 * Bonferroni's bound without the tests that cannot be as small (Tarone 1990, Biometrics 46, 515;
 * Westfall and Wolfinger 1997). E(v) / rank is the false discovery rate of Heyse (2011) when `rank`
 * tests are taken; for tests of many trials and equal weights it is that of Benjamini and Hochberg
 * (1995), number of tests * p / rank. */
struct bf_trials {
    uint64_t n;    /* tests */
    uint32_t used; /* kinds of small tests */
    double *large; /* [n_weights] tests whose F(t) is taken to be t */
    int n_weights;
    const double *weights;
    struct bf_trial_kind *kinds; /* hashed */
};

/* `weights` [n] must outlive it. BF_ENOMEM. */
int bf_trials_init(struct bf_trials *t, const double *weights, int n, struct bf_err *err);

/* A test of `n` trials whose mean chance is `chance`, of weight number `weight`. */
void bf_trials_add(struct bf_trials *t, int weight, uint32_t n, double chance);

/* E of `v` [n], ascending, to `out`. */
void bf_trials_expected(const struct bf_trials *t, const double *v, uint32_t n, double *out);

void bf_trials_done(struct bf_trials *t);

#endif
