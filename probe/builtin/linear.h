#ifndef BF_PROBE_BUILTIN_LINEAR_H
#define BF_PROBE_BUILTIN_LINEAR_H

#include "core/err.h"
#include "core/rng.h"
#include "probe/builtin/dense.h"
#include "probe/builtin/encode.h"

/* A conditional softmax over the choices shown:
 *
 *     p(c | x) = exp(s(x, c)) / sum over the choices c' of x of exp(s(x, c'))
 *     s(x, c)  = <w, words(x, c)> + sum over blocks b, tokens t of c of <W_b[t], z_b(x)>
 *                                 + sum over blocks b of choices' own media of <v_b, z_b(c)>
 *
 * with z the features standardised on the training samples (clipped to +-3, scaled so that a
 * typical vector has length 6, however many features vary). Maximises the posterior under a
 * Gaussian prior of precision l2 on every weight, that is, minimises
 *
 *     sum over x of -log p(gold | x)  +  l2 / 2 sum of w^2
 *
 * by adaptive-gradient descent (Duchi, Hazan, Singer 2011), one sample at a time; the prior's
 * pull on a weight is spread over the times that one pass touches it. */
struct bf_learn {
    const struct bf_rows *rows;
    const int *gold; /* [n_samples]; only samples with rows are used */
    int n_blocks;
    const struct bf_block *blocks;
    int epochs;
    double rate, l2;
};

/* The two parts of a score: what words say of a choice, and what media say. */
struct bf_scored {
    float text, media;
};

/* Train on `train` [n_train] (sample indices, each with rows) and give the score of every choice
 * of every sample of `test` [n_test]: of row r (bf_rows) to `out[r]`. The order of training is
 * drawn from `rng`; nothing else is random. BF_ENOMEM. */
int bf_learn(const struct bf_learn *l, const uint32_t *train, uint32_t n_train,
             const uint32_t *test, uint32_t n_test, struct bf_rng rng, struct bf_scored *out,
             struct bf_err *err);

#endif
