#ifndef BF_PROBE_BUILTIN_PARTITIONS_H
#define BF_PROBE_BUILTIN_PARTITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/sample.h"
#include "probe/builtin/softmax.h"

/* Many models on random parts of the same samples, each judged on the rest: one round of AFLite
 * (Le Bras et al. 2020, Algorithm 1, lines 3 to 9).
 *
 * For each of m models the samples are split at random into T_j, |T_j| = t, and the rest; the model
 * is trained on T_j and predicts the choice of each sample of the rest. Then
 *
 *     p(i) = how often i was predicted right / how often i was predicted
 *
 * Model j of round r uses the random stream (seed, "", "partition", r * m + j). */
struct bf_partitions {
    uint32_t n; /* samples that take part, numbered 0 .. n - 1 */
    /* [n] numbers below n: samples of one group (shared media, near-duplicates) are never on both
     * sides of a split, so that those of the group that t cuts through which are not trained on are
     * not predicted either. NULL: each is its own, as published. */
    const uint32_t *group;
    const uint8_t *n_choices; /* [n] 2 .. BF_MAX_CHOICES */
    const uint8_t *gold;      /* [n] below n_choices */
    uint32_t n_models;        /* m, 1 .. 10,000 */
    uint32_t n_train;         /* t, 1 .. n - 1 */
    uint64_t seed, round;
    int n_threads; /* changes no byte of the result */
};

/* What the models came to. */
struct bf_partition_counts {
    uint16_t *n_right, *n_judged; /* [n], the caller's */
};

/* p(i) of one sample; NaN when no model predicted it. */
double bf_partition_share(const struct bf_partition_counts *c, uint32_t i);

/* One model to train and to ask. */
struct bf_split {
    uint64_t model;        /* its number, r * m + j: for random streams */
    const uint32_t *train; /* [n_train] numbers of samples as above, ascending */
    const uint32_t *test;  /* [n_test] the same */
    uint32_t n_train, n_test;
    uint8_t *choice; /* [n_test] gets the choice predicted for each of `test` */
};

/* Any learner. */
struct bf_fitter {
    void *ctx;
    uint32_t batch; /* how many models it trains at once at most, 1 or more */
    /* Train and ask `n` models. Called from several threads at once. BF_ENOMEM and the like. */
    int (*fit)(void *ctx, const struct bf_split *splits, uint32_t n, struct bf_err *err);
};

/* One round with a learner of the caller's. BF_EINVAL: a number out of its range. BF_ENOMEM, or
 * what `fit` returns; `out` is then undefined. */
int bf_partitions_fit(const struct bf_partitions *p, const struct bf_fitter *f,
                      const struct bf_partition_counts *out, struct bf_err *err);

/* Dense features for linear models. */
struct bf_partition_vectors {
    int dim; /* 1 .. BF_SOFTMAX_MAX_DIM */
    /* One vector [dim] of finite numbers a sample, [n], or with `by_choice` one a choice: those of
     * sample 0, then those of sample 1, .... NULL: it has none, and counts as the mean. */
    const float *const *v;
    bool by_choice;
    double l2; /* precision of the prior on weights of standardised features; > 0 */
};

/* How far the gradient falls before a model counts as trained: see bf_softmax_fit. */
#define BF_PARTITION_TOLERANCE 1e-2

/* One round with linear models as in probe/builtin/softmax.h. The prediction is the choice with the
 * highest score, the first of equals. Codes as above. */
int bf_partitions_linear(const struct bf_partitions *p, const struct bf_partition_vectors *x,
                         const struct bf_partition_counts *out, struct bf_err *err);

#endif
