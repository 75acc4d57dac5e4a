#ifndef BF_PROBE_BUILTIN_GROW_H
#define BF_PROBE_BUILTIN_GROW_H

#include "probe/builtin/trees.h"

/* Between the histograms of two columns. A multiple of 64 would be enough for the bins, but would
 * have the first bins of all columns, the only ones that many have, share a few lines of the
 * cache. */
enum { BF_BIN_STRIDE = 264 };

/* Where a leaf could be split best. */
struct bf_split {
    double gain; /* 0 = nowhere */
    int column;
    uint8_t at, missing; /* as in struct bf_tree_node */
    uint64_t left;       /* sum of the pairs that go left */
};

struct bf_leaf {
    uint32_t begin, end; /* its rows: bf_grow.rows[begin .. end - 1] */
    uint32_t node, depth;
    uint64_t *histogram; /* [n_columns][BF_BIN_STRIDE] sums of its rows' pairs by bin */
    uint64_t sum;
    struct bf_split best;
};

/* Everything that growing trees needs, made once for a fit. Its rows are the training rows,
 * numbered from 0, its columns those that are looked at. A pair (g, h) is (g << 32) + h in units
 * of 2^-k, g signed; so are their sums, which fit. */
struct bf_grow {
    const struct bf_trees_options *o;
    uint32_t n_rows;
    int n_columns;
    const uint8_t *wide; /* [n_rows][n_columns] bins */
    const uint8_t *tall; /* [n_columns][stride] the same; stride is at least n_rows */
    size_t stride;
    const uint16_t *n_bins; /* [n_columns] */
    const uint64_t *pair;   /* [n_rows] of the tree that is grown */
    int n_used;
    uint16_t *used; /* [n_columns] the first n_used: columns that this tree looks at, ascending */
    uint32_t n;
    uint32_t *rows;             /* [n_rows] the first n: rows this tree looks at; then by leaf */
    uint32_t *room;             /* [n_rows] */
    uint64_t *histograms;       /* [max_leaves][n_columns][BF_BIN_STRIDE] */
    struct bf_leaf *leaves;     /* [max_leaves] */
    struct bf_tree_node *nodes; /* [2 * max_leaves - 1]; columns as they are here */
    int n_leaves;
    uint32_t n_nodes;
    double unit_g, unit_h; /* what 1 stands for in the sums */
};

/* Sum the pairs of the leaf's rows by bin, into its histogram, and find where it is split best; its
 * rows and its sum are set. The gain is in units of unit_g^2 / unit_h. */
void bf_leaf_search(const struct bf_grow *g, struct bf_leaf *leaf);

/* Grow one tree from `pair`, `used` and `rows`. Returns its depth. */
uint32_t bf_grow_tree(struct bf_grow *g);

#endif
