#ifndef BF_PROBE_BUILTIN_TREES_H
#define BF_PROBE_BUILTIN_TREES_H

#include <stdint.h>

#include "core/rng.h"
#include "probe/builtin/bins.h"

/* Gradient boosting of a conditional softmax over the choices of a sample.
 *
 *     p(c | x) = exp(s(x, c)) / sum over c' of exp(s(x, c'))
 *     s(x, c)  = offset(x, c) + sum over trees t of rate * w_t[leaf of row (x, c)]
 *
 * Each tree is a step of Newton's method, by rows, on -log p(gold | x) (Friedman, "Greedy function
 * approximation: a gradient boosting machine", 2001; Chen, Guestrin, "XGBoost", 2016, 2.2): with
 * y = 1 for the gold choice, else 0,
 *
 *     g = p - y,  h = p (1 - p)                      of a row
 *     w = -G / (H + l2)                              of a leaf, G and H its sums of g and h
 *     gain = G_L^2 / (H_L + l2) + G_R^2 / (H_R + l2) - G^2 / (H + l2)       of a split
 *
 * Splits are looked for between bins, in sums of (g, h) by bin, the larger of two leaves being its
 * parent less the smaller (Ke et al., "LightGBM", 2017); the leaf with the largest gain is split
 * next. g and h are whole numbers of 2^-k, so that sums are exact and do not depend on their order;
 * k is the largest with which they fit into 32 bits: 14 with 50,000 samples. */
struct bf_trees_options {
    int max_trees;      /* 0 .. 10000 */
    int max_leaves;     /* of one tree, 2 .. 255 */
    int patience;       /* trees that may not improve on the best before it stops */
    double rate;        /* shrinkage, above 0, at most 1 */
    double l2;          /* at least 0 */
    double min_hessian; /* of a leaf, above 0: 4 are about 20 rows with four choices each */
    double samples;     /* share of the samples that a tree looks at, above 0, at most 1 */
    double columns;     /* share of the columns, likewise */
    uint32_t without;   /* BF_BIT() of enum bf_evidence: columns that are not looked at */
};

/* What trees are fitted to. Rows are numbered as in struct bf_rows. */
struct bf_trees_data {
    const uint32_t *first_row; /* [n_samples + 1] */
    const int *gold;           /* [n_samples] the gold choice */
    const struct bf_bins *bins;
    /* Columns that differ from fit to fit, as the margins of another model: cut into bins over the
     * training rows. */
    int n_own;
    const float *const *own;            /* [n_own][n_rows]; NaN = missing */
    const enum bf_evidence *own_family; /* [n_own], or NULL: used whatever is left out */
    const float *offset;                /* [n_rows] where s starts, or NULL = 0 */
};

/* A node; the right child of `left` is left + 1. A leaf is its own left child and sends nothing
 * right. A row goes right when (its bin - missing) as 8 bits is above `at`: with missing = 1 bin 0,
 * the missing values, becomes 255. */
struct bf_tree_node {
    uint16_t column; /* of the bins, then own ones */
    uint8_t at, missing;
    uint32_t left; /* in bf_forest.nodes */
    float value;   /* of a leaf: rate * w */
};

/* The node where a row with these bins goes from `node`. */
static inline uint32_t bf_tree_step(const struct bf_tree_node *node, const uint8_t *bin)
{
    return node->left + ((uint8_t)(bin[node->column] - node->missing) > node->at);
}

struct bf_tree {
    uint32_t root;  /* in bf_forest.nodes */
    uint32_t depth; /* steps from the root to the farthest leaf */
};

struct bf_forest {
    int n_trees;
    struct bf_tree *trees;
    uint32_t n_nodes;
    struct bf_tree_node *nodes;
    int n_shared, n_own; /* columns of the bins, and own ones */
    struct bf_binning *own;
    double loss_out; /* mean -log p(gold) of the samples it was validated on, NaN without any */
};

/* Grow trees on the samples `train` [n_train] (indices, each with at least two rows and a gold
 * choice); with `validate` [n_validate] samples, keep as many trees as had the least mean
 * -log p(gold) of these. Only `rng` decides what is drawn; the same input gives the same forest.
 * The caller owns the forest: bf_trees_done(). Memory: about 2 bytes for every row and column,
 * and 40 a row. BF_ENOMEM; BF_EINVAL: more than BF_MAX_COLUMNS columns. */
int bf_trees_fit(const struct bf_trees_options *o, const struct bf_trees_data *d,
                 const uint32_t *train, uint32_t n_train, const uint32_t *validate,
                 uint32_t n_validate, struct bf_rng rng, struct bf_forest *out, struct bf_err *err);

/* s(x, c) of every row of the samples `which` [n]: of row r to `out[r]`. `d` has the same columns
 * as the data that the forest was fitted to; gold is not looked at. */
void bf_trees_score(const struct bf_forest *f, const struct bf_trees_data *d, const uint32_t *which,
                    uint32_t n, float *out);

/* Free what bf_trees_fit() made; a zeroed forest is fine. */
void bf_trees_done(struct bf_forest *f);

#endif
