#ifndef BF_PROBE_BUILTIN_STACK_H
#define BF_PROBE_BUILTIN_STACK_H

#include "core/rng.h"
#include "probe/builtin/looks.h"
#include "probe/builtin/trees.h"

/* Of what becomes of the same margins and columns. */
enum { BF_STACK_VERSION = 2 };

/* Samples with what models said of their choices that had seen neither them, nor the samples that
 * are to be judged. */
struct bf_stacked {
    uint32_t n;
    const uint32_t *samples; /* [n] */
    const uint8_t *part;     /* [n] the fold each is in; not looked at of those to be judged */
    /* [n] -> [number of choices]; NULL = no such models */
    const struct bf_scored *const *margins;
};

/* The second stage: from margins and columns to probabilities. */
struct bf_stack {
    const struct bf_look *look;
    const int *gold;          /* [n_samples] */
    const uint32_t *category; /* [n_samples] below n_categories */
    uint32_t n_categories;
    const struct bf_bins *bins; /* NULL = no trees are grown */
    int rounds;                 /* trees at most */
    uint32_t without;           /* BF_BIT() of enum bf_evidence: columns left out */
    struct bf_rng rng;
};

/* Learn from `train`, and give the probabilities of the choices of `test`, sample after sample, to
 * `p_out`. The gold of `test` is not looked at.
 *
 * Margins come first, believed as far as bf_calibrate() found on `train`:
 *
 *     z(x, c) = b text(x, c) + (a + d_g) media(x, c)
 *
 * Rules that are certain come next (probe/builtin/rules.h), if a part that they were not found on
 * is told better with them, by 4 nats in all. Trees start from what z and they say, and look at the
 * columns and at z itself. Rules are found and trees are grown on all parts of `train` but one,
 * which tells how many trees are kept; each of the first parts is left out once where samples are
 * few, so that t(x, c), what rules and trees add to z, is known of samples that they had not seen;
 * of `test` it is the mean over these forests. At last
 *
 *     p(c | x) = softmax over c of  u z(x, c) + v t(x, c)
 *
 * with u, v >= 0 fitted to those samples. BF_ENOMEM. */
int bf_stack(const struct bf_stack *s, const struct bf_stacked *train,
             const struct bf_stacked *test, float *p_out, struct bf_err *err);

#endif
