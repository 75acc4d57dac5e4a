/* One regression tree from sums of gradients by bin, leaf by leaf. */
#include "probe/builtin/grow.h"

#include <string.h>

enum { AHEAD = 16 }; /* rows */

static double sum_g(uint64_t pair)
{
    return (int32_t)(pair >> 32);
}

static double sum_h(uint64_t pair)
{
    return (uint32_t)pair;
}

/* Rows of a small leaf lie far apart; asking for them early hides that. */
static void fetch_row(const struct bf_grow *g, uint32_t row)
{
    const uint8_t *bin = g->wide + (size_t)row * (size_t)g->n_columns;
    for (int c = 0; c < g->n_columns; c += 64)
        __builtin_prefetch(bin + c);
    __builtin_prefetch(bin + g->n_columns - 1);
    __builtin_prefetch(g->pair + row);
}

static void add_all(const struct bf_grow *g, uint32_t row, uint64_t *h)
{
    enum { S = BF_BIN_STRIDE };
    const uint8_t *bin = g->wide + (size_t)row * (size_t)g->n_columns;
    const uint64_t pair = g->pair[row];
    int left = g->n_columns;
    for (; left >= 4; left -= 4, bin += 4, h += 4 * S) {
        h[bin[0]] += pair;
        h[S + bin[1]] += pair;
        h[2 * S + bin[2]] += pair;
        h[3 * S + bin[3]] += pair;
    }
    for (; left > 0; left--, bin++, h += S)
        h[*bin] += pair;
}

static void add_used(const struct bf_grow *g, uint32_t row, uint64_t *h)
{
    enum { S = BF_BIN_STRIDE };
    const uint8_t *bin = g->wide + (size_t)row * (size_t)g->n_columns;
    const uint64_t pair = g->pair[row];
    const uint16_t *used = g->used;
    int left = g->n_used;
    for (; left >= 4; left -= 4, used += 4) {
        h[used[0] * S + bin[used[0]]] += pair;
        h[used[1] * S + bin[used[1]]] += pair;
        h[used[2] * S + bin[used[2]]] += pair;
        h[used[3] * S + bin[used[3]]] += pair;
    }
    for (; left > 0; left--, used++)
        h[*used * S + bin[*used]] += pair;
}

/* Sum the pairs of a leaf's rows by bin. */
static void build(const struct bf_grow *g, const struct bf_leaf *leaf)
{
    for (int c = 0; c < g->n_columns; c++)
        memset(leaf->histogram + c * BF_BIN_STRIDE, 0, g->n_bins[c] * sizeof *leaf->histogram);
    for (uint32_t i = leaf->begin; i < leaf->end; i++) {
        if (i + AHEAD < leaf->end)
            fetch_row(g, g->rows[i + AHEAD]);
        if (g->n_used == g->n_columns)
            add_all(g, g->rows[i], leaf->histogram);
        else
            add_used(g, g->rows[i], leaf->histogram);
    }
}

/* The larger leaf is what is left of its parent. */
static void subtract(const struct bf_grow *g, uint64_t *restrict parent,
                     const uint64_t *restrict smaller)
{
    for (int c = 0; c < g->n_columns; c++)
        for (int i = c * BF_BIN_STRIDE; i < c * BF_BIN_STRIDE + g->n_bins[c]; i++)
            parent[i] -= smaller[i];
}

/* What splits of one leaf are compared by, in units of the sums: l2 and min_hessian as well. */
struct scan {
    double g, h; /* of the leaf */
    double l2, min_h;
    double parent; /* G^2 / (H + l2) */
};

/* gain = G_L^2 / (H_L + l2) + G_R^2 / (H_R + l2) - G^2 / (H + l2), 0 where a side is too small. */
static double gain_of(const struct scan *s, uint64_t left)
{
    const double gl = sum_g(left), hl = sum_h(left);
    const double gr = s->g - gl, hr = s->h - hl;
    if (hl < s->min_h || hr < s->min_h)
        return 0;
    return gl * gl / (hl + s->l2) + gr * gr / (hr + s->l2) - s->parent;
}

/* Try every place of one column. Missing values go left, or right, whichever gains more; where the
 * leaf has none, they go with the side that weighs more. */
static void scan_column(const struct scan *s, const uint64_t *h, uint32_t n_bins, int column,
                        struct bf_split *best)
{
    const bool some_missing = h[0] != 0;
    uint64_t left = 0;
    for (uint32_t at = 0; at + 1 < n_bins; at++) {
        left += at > 0 ? h[at] : 0;
        if (at > 0 && h[at] == 0)
            continue;
        const double right_gain = at > 0 ? gain_of(s, left) : 0;
        if (right_gain > best->gain) {
            const bool right = some_missing || sum_h(left) * 2 < s->h;
            *best = (struct bf_split){ right_gain, column, (uint8_t)(at - right), right, left };
        }
        const double left_gain = some_missing ? gain_of(s, left + h[0]) : 0;
        if (left_gain > best->gain)
            *best = (struct bf_split){ left_gain, column, (uint8_t)at, 0, left + h[0] };
    }
}

static void find_best(const struct bf_grow *g, struct bf_leaf *leaf)
{
    const double gs = sum_g(leaf->sum), hs = sum_h(leaf->sum);
    const double l2 = g->o->l2 / g->unit_h;
    const struct scan s = { gs, hs, l2, g->o->min_hessian / g->unit_h, gs * gs / (hs + l2) };
    /* what rounding alone could make of no gain at all */
    leaf->best = (struct bf_split){ .gain = 1e-9 * s.parent };
    const double nothing = leaf->best.gain;
    for (int i = 0; i < g->n_used; i++) {
        const int c = g->used[i];
        scan_column(&s, leaf->histogram + c * BF_BIN_STRIDE, g->n_bins[c], c, &leaf->best);
    }
    if (leaf->best.gain <= nothing)
        leaf->best.gain = 0;
}

void bf_leaf_search(const struct bf_grow *g, struct bf_leaf *leaf)
{
    build(g, leaf);
    find_best(g, leaf);
}

/* Rows that go left first, both in the order they came in. Returns how many go left. */
static uint32_t part(const struct bf_grow *g, const struct bf_leaf *leaf)
{
    const uint8_t *bin = g->tall + (size_t)leaf->best.column * g->stride;
    const uint8_t at = leaf->best.at, missing = leaf->best.missing;
    uint32_t *const rows = g->rows + leaf->begin, n = leaf->end - leaf->begin;
    uint32_t n_left = 0, n_right = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t row = rows[i];
        const bool right = (uint8_t)(bin[row] - missing) > at;
        rows[n_left] = row;
        g->room[n_right] = row;
        n_left += !right;
        n_right += right;
    }
    memcpy(rows + n_left, g->room, n_right * sizeof *rows);
    return n_left;
}

static void make_leaf(struct bf_grow *g, uint32_t node)
{
    g->nodes[node] = (struct bf_tree_node){ .left = node, .at = 255 };
}

/* Split a leaf in two: the left one stays in its place, the right one is new. */
static void split(struct bf_grow *g, struct bf_leaf *left)
{
    struct bf_leaf *right = &g->leaves[g->n_leaves++];
    const uint32_t n_left = part(g, left);
    struct bf_tree_node *node = &g->nodes[left->node];
    *node = (struct bf_tree_node){ .column = (uint16_t)left->best.column,
                                   .at = left->best.at,
                                   .missing = left->best.missing,
                                   .left = g->n_nodes };
    *right = (struct bf_leaf){ .begin = left->begin + n_left,
                               .end = left->end,
                               .node = g->n_nodes + 1,
                               .depth = left->depth + 1,
                               .histogram = right->histogram };
    right->sum = left->sum - left->best.left;
    left->sum = left->best.left;
    left->end = right->begin;
    left->node = g->n_nodes;
    left->depth++;
    left->best.gain = 0;
    make_leaf(g, g->n_nodes++);
    make_leaf(g, g->n_nodes++);
}

/* Find where the two halves of a leaf could be split in turn. */
static void look_into(struct bf_grow *g, struct bf_leaf *left, struct bf_leaf *right)
{
    const bool left_is_smaller = left->end - left->begin < right->end - right->begin;
    struct bf_leaf *smaller = left_is_smaller ? left : right;
    struct bf_leaf *larger = left_is_smaller ? right : left;
    if (left_is_smaller) { /* the parent's histogram lies with the left one */
        uint64_t *const parent = left->histogram;
        left->histogram = right->histogram;
        right->histogram = parent;
    }
    bf_leaf_search(g, smaller);
    subtract(g, larger->histogram, smaller->histogram);
    find_best(g, larger);
}

static struct bf_leaf *most_gaining(struct bf_grow *g)
{
    struct bf_leaf *most = &g->leaves[0];
    for (int i = 1; i < g->n_leaves; i++)
        if (g->leaves[i].best.gain > most->best.gain)
            most = &g->leaves[i];
    return most;
}

/* w = -G / (H + l2) */
static void set_values(struct bf_grow *g)
{
    for (int i = 0; i < g->n_leaves; i++) {
        const struct bf_leaf *leaf = &g->leaves[i];
        const double down = sum_h(leaf->sum) * g->unit_h + g->o->l2;
        const double w = down > 0 ? -sum_g(leaf->sum) * g->unit_g / down : 0;
        g->nodes[leaf->node].value = (float)(g->o->rate * w);
    }
}

uint32_t bf_grow_tree(struct bf_grow *g)
{
    const size_t size = (size_t)g->n_columns * BF_BIN_STRIDE;
    for (int i = 0; i < g->o->max_leaves; i++)
        g->leaves[i].histogram = g->histograms + (size_t)i * size;
    struct bf_leaf *root = &g->leaves[0];
    *root = (struct bf_leaf){ .end = g->n, .histogram = root->histogram };
    for (uint32_t i = 0; i < g->n; i++)
        root->sum += g->pair[g->rows[i]];
    g->n_leaves = 1;
    g->n_nodes = 1;
    make_leaf(g, 0);
    bf_leaf_search(g, root);

    uint32_t depth = 0;
    while (g->n_leaves < g->o->max_leaves) {
        struct bf_leaf *leaf = most_gaining(g);
        if (!(leaf->best.gain > 0))
            break;
        split(g, leaf);
        depth = leaf->depth > depth ? leaf->depth : depth;
        if (g->n_leaves < g->o->max_leaves)
            look_into(g, leaf, &g->leaves[g->n_leaves - 1]);
    }
    set_values(g);
    return depth;
}
