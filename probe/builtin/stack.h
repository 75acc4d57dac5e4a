#ifndef BF_PROBE_BUILTIN_STACK_H
#define BF_PROBE_BUILTIN_STACK_H

#include "core/rng.h"
#include "probe/builtin/looks.h"

/* Samples with what models said of their choices that had seen neither them, nor the samples that
 * are to be judged. */
struct bf_stacked {
    uint32_t n;
    const uint32_t *samples;                /* [n] */
    const struct bf_scored *const *margins; /* [n] -> [number of choices] */
};

/* The second stage: from margins to probabilities. */
struct bf_stack {
    const struct bf_look *look;
    const int *gold;          /* [n_samples] */
    const uint32_t *category; /* [n_samples] below n_categories */
    uint32_t n_categories;
};

/* Learn from `train` how far margins are believed, and give the probabilities of the choices of
 * `test`, sample after sample, to `p_out`. The gold of `test` is not looked at. BF_ENOMEM. */
int bf_stack(const struct bf_stack *s, const struct bf_stacked *train,
             const struct bf_stacked *test, float *p_out, struct bf_err *err);

#endif
