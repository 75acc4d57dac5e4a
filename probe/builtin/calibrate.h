#ifndef BF_PROBE_BUILTIN_CALIBRATE_H
#define BF_PROBE_BUILTIN_CALIBRATE_H

#include <stdint.h>

#include "core/err.h"

/* How far the media part of a score is believed. A model with hundreds of media features fits some
 * noise; predictions it made of samples it had not seen tell how much of what it says is so:
 *
 *     p(c | x) = softmax over c of  b text(x, c) + (a + d_g) media(x, c)
 *
 * with one factor b for the words, one a for the media and a deviation d_g for each group g of
 * samples (their category), fitted by penalised maximum likelihood: b ~ N(1, 1/10), a ~ N(0, 1),
 * d_g ~ N(0, 1/8). Where media told nothing the factor goes to 0 and p to that of the words. */
struct bf_calibration {
    double b, a;
    uint32_t n_groups;
    double *d; /* [3 * n_groups], the caller's: d_g, then room to work in */
};

/* One sample whose scores come from a model that had not seen it. */
struct bf_calibration_case {
    const float *text, *media; /* [k] by choice */
    int k, gold;
    uint32_t group; /* below n_groups */
};

/* Fit to `n` cases by 20 rounds of Newton steps, one parameter at a time; `c->d` and `c->n_groups`
 * are set by the caller. The same cases in the same order give the same factors. */
void bf_calibrate(struct bf_calibration *c, const struct bf_calibration_case *cases, uint32_t n);

/* Probabilities [k] of the choices. */
void bf_calibrated(const struct bf_calibration *c, const struct bf_calibration_case *x,
                   float *p_out);

#endif
