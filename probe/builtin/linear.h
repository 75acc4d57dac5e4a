#ifndef BF_PROBE_BUILTIN_LINEAR_H
#define BF_PROBE_BUILTIN_LINEAR_H

#include "core/err.h"
#include "core/rng.h"
#include "probe/builtin/dense.h"
#include "probe/builtin/encode.h"

/* A conditional softmax over the choices shown:
 *
 *     p(c | x) = exp(s(x, c)) / sum over the choices c' of x of exp(s(x, c'))
 *     s(x, c)  = <w, words(x, c)> + what media say (probe/builtin/dense.h)
 *
 * Maximises the posterior under a prior on every weight, that is, minimises
 *
 *     sum over x of -log p(gold | x)  +  sum over w of (l2 / 2 w^2 + l1 |w|)
 *
 * (the elastic net: Zou, Hastie 2005) by adaptive-gradient descent (Duchi, Hazan, Singer 2011), one
 * sample at a time, the l1 part by the proximal step of their section 5. The prior's pull on a
 * weight is spread over the times that one pass touches it; media have the l2 part alone. */
struct bf_learn {
    const struct bf_rows *rows;
    const int *gold; /* [n_samples]; only samples with rows are used */
    int n_blocks;
    const struct bf_block *blocks;
    int epochs; /* passes; 0 = bf_learn_epochs() */
    double rate, l2, l1;
};

/* The two parts of a score: what words say of a choice, and what media say. */
struct bf_scored {
    float text, media;
};

struct bf_model;

/* Passes over so many training samples: words need fewer the more samples there are, media more
 * than words. */
int bf_learn_epochs(uint32_t n_train, bool media);

/* Train on `train` [n_train] (sample indices, each with rows). The order of training is drawn from
 * `rng`; nothing else is random. What `l` points to must outlive the model. BF_ENOMEM. */
int bf_model_fit(const struct bf_learn *l, const uint32_t *train, uint32_t n_train,
                 struct bf_rng rng, struct bf_model **out, struct bf_err *err);

/* The score of every choice of `samples` [n]: of row r (bf_rows) to `out[r]`. `blocks`: other media
 * of the same shape to look at in place of those learned from; NULL = those. From one thread at a
 * time. */
void bf_model_score(struct bf_model *m, const struct bf_block *blocks, const uint32_t *samples,
                    uint32_t n, struct bf_scored *out);

/* Accepts NULL. */
void bf_model_free(struct bf_model *m);

/* Both, for one use. */
int bf_learn(const struct bf_learn *l, const uint32_t *train, uint32_t n_train,
             const uint32_t *test, uint32_t n_test, struct bf_rng rng, struct bf_scored *out,
             struct bf_err *err);

#endif
