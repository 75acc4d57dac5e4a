#ifndef BF_PROBE_BUILTIN_SOFTMAX_H
#define BF_PROBE_BUILTIN_SOFTMAX_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

enum {
    BF_SOFTMAX_MAX_DIM = 8192,
    BF_SOFTMAX_LANES = 8, /* rows are filled up with 0 to a multiple of so many floats */
};

/* Questions with dense features, for linear models that many subsets of them are to train. */
struct bf_softmax_data {
    uint32_t n;               /* samples */
    const uint8_t *n_choices; /* [n] 2 .. BF_MAX_CHOICES */
    const uint8_t *gold;      /* [n] below n_choices */
    int dim;                  /* 1 .. BF_SOFTMAX_MAX_DIM */
    /* One vector [dim] of finite numbers a sample, [n], or with `by_choice` one a choice: those of
     * sample 0, then those of sample 1, .... NULL: it has none, and counts as the mean. */
    const float *const *v;
    bool by_choice;
};

/* A conditional softmax over the choices shown, linear in dense features:
 *
 *     p(c | x) = exp(s(x, c)) / sum over the choices c' of x of exp(s(x, c'))
 *     s(x, c)  = <w_c, z(x)> + b_c         one vector of weights a letter, or, with `by_choice`,
 *     s(x, c)  = <w, z(x, c)> + b_c        one for all choices
 *
 * with z the vectors standardised over all samples (which knows no answers). The weights minimise
 *
 *     sum over x in T of -log p(gold | x)  +  l2 / 2 sum of w^2         (b not counted)
 *
 * for a subset T. Made once for all subsets: z, and what steps are preconditioned with, the Hessian
 * at p = 1/k of evenly spaced samples, at most 8 a feature (its diagonal above 1,024 features). */
struct bf_softmax {
    uint32_t n;
    const uint8_t *n_choices, *gold;
    bool by_choice;
    int letters;               /* the most choices that a sample has */
    int width;                 /* floats of a row: features, then 1 or one place a letter, then 0 */
    const float *z;            /* [rows][width] */
    const uint32_t *first_row; /* [n + 1] with by_choice, else NULL: sample i has row i */
    const float *penalised;    /* [width] 1 for w, 0 for b and what only fills up */
    int solve;                 /* width of the factor, or 0: diagonal */
    const double *factor;      /* [solve][solve] lower triangle of the Cholesky factor */
};

/* Memory comes from `a`: about 4 bytes a sample (or choice) and feature. `n_train` is how many
 * samples the subsets have, roughly. BF_EINVAL: a number is out of its range; BF_ENOMEM. */
int bf_softmax_init(struct bf_softmax *m, const struct bf_softmax_data *data, double l2,
                    uint32_t n_train, struct bf_arena *a, struct bf_err *err);

/* How many weights a model has: [letters][width], or with `by_choice` [width]. */
size_t bf_softmax_size(const struct bf_softmax *m);

/* One model to train. */
struct bf_softmax_subset {
    const uint32_t *train; /* [n_train] numbers of samples, ascending */
    uint32_t n_train;
    float *w; /* [bf_softmax_size()], the caller's: gets the weights */
};

/* Train `n` models, which changes none of them but lets a sample's vector serve all that train on
 * it while it is at hand.
 *
 * L-BFGS with 5 pairs (Nocedal 1980), the preconditioner in place of its first matrix, steps halved
 * while the objective rises; until the gradient, measured by the preconditioner, has fallen to
 * `tolerance` of that at w = 0, or for 100 evaluations. Sums are in a fixed order. BF_ENOMEM. */
int bf_softmax_fit(const struct bf_softmax *m, const struct bf_softmax_subset *subsets, uint32_t n,
                   double l2, double tolerance, struct bf_err *err);

/* Scores s(x, c) [n_choices of the sample] of one sample. */
void bf_softmax_scores(const struct bf_softmax *m, const float *w, uint32_t sample, float *out);

#endif
