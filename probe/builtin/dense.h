#ifndef BF_PROBE_BUILTIN_DENSE_H
#define BF_PROBE_BUILTIN_DENSE_H

#include <stdbool.h>
#include <stdint.h>

#include "probe/builtin/encode.h"

/* Features of one modality as a condition shows it: what a sample shows, or what each of its
 * choices shows itself. */
struct bf_block {
    int dim;
    const float *const *f; /* [n_samples] -> [dim], or NULL where the sample shows none */
    const float *const
        *own; /* [n_rows] -> [dim], or NULL where the choice shows none; NULL = `f` */
    const struct bf_rows
        *cross; /* with `f`: whose tokens it is crossed with; NULL = those of all */
};

/* The part of a linear model that weighs media, for one choice c of a sample x:
 *
 *     sum over blocks b, tokens t of c (those of b, if it has its own) of
 *         a_t <W_b[t], z_b(x)>
 *     + sum over blocks b of choices' own media of <v_b, z_b(c)>
 *
 * with z the features standardised on the training samples (clipped to +-3, scaled so that a
 * typical vector has length 6, however many features vary), and a_t what the token counts for
 * (bf_rows.token_scale). Every weight has a Gaussian prior of precision l2, whose pull is spread
 * over the times that one pass touches it. */
struct bf_dense {
    const struct bf_rows *rows;
    const struct bf_block *blocks;
    int n;
    struct bf_dense_block *v; /* [n] */
};

/* All weights 0. `rows` and `blocks` [n] must outlive it; features are standardised, and the prior
 * spread, on the samples `train` [n_train]. BF_ENOMEM. In any case bf_dense_done() frees it. */
int bf_dense_init(struct bf_dense *d, const struct bf_rows *rows, const struct bf_block *blocks,
                  int n, const uint32_t *train, uint32_t n_train, double l2);

/* Turn to a sample: the next scores and steps are of its rows. */
void bf_dense_look(struct bf_dense *d, uint32_t sample);

/* What media say of a row of the sample looked at. */
float bf_dense_score(const struct bf_dense *d, uint32_t row);

/* One step of adaptive-gradient descent on the weights of a row of the sample looked at.
 * `gradient` is that of the loss by the row's score. */
void bf_dense_step(struct bf_dense *d, uint32_t row, float gradient, float rate);

/* Accepts a zeroed one. */
void bf_dense_done(struct bf_dense *d);

#endif
