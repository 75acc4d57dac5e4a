/* Gradient boosting of a conditional softmax with trees. */
#include "probe/builtin/trees.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probe/builtin/grow.h"

enum { BLOCK = 8 }; /* rows that walk down a tree side by side */

/* One fit. Samples and rows are numbered anew: those of `train` first, then those of `validate`. */
struct fit {
    const struct bf_trees_options *o;
    const struct bf_trees_data *d;
    struct bf_rng rng;
    struct bf_arena arena;
    struct bf_grow g;
    uint32_t n_train, n_samples; /* samples */
    uint32_t n_rows;             /* those of g.n_rows and of validation */
    uint32_t *first;             /* [n_samples + 1] */
    uint32_t *gold;              /* [n_samples] row of the gold choice */
    uint32_t *source;            /* [n_rows] the row it is in the data */
    uint16_t *column;            /* [g.n_columns] the column it is in the data */
    float *score;                /* [n_rows] s */
    float *e;                    /* [n_rows] exp(s - max s) of rows in turn */
    uint32_t *drawn, n_drawn;    /* samples this tree looks at */
    uint32_t *rest, n_rest;      /* training rows it does not look at */
    uint64_t *pair;
};

/* e^x for x <= 0, to 2 units in the last place: 2^n e^r with n the whole number next to
 * x / ln 2 and r by its Taylor series. Unlike libm's, the same on every machine, and a loop over it
 * becomes vector instructions. */
static float exp_of(float x)
{
    const float magic = 12582912.0F; /* 1.5 * 2^23: adding it rounds to a whole number */
    x = x < -87.0F ? -87.0F : x;
    const float shifted = x * 1.44269504F + magic;
    const float n = shifted - magic;
    const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
    const float tail = 0.5F + r * (1.0F / 6 + r * (1.0F / 24 + r * (1.0F / 120 + r / 720)));
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 127) << 23; /* the magic number's own bits leave at the top */
    float power;
    memcpy(&power, &bits, sizeof power);
    return power * (1 + r + r * r * tail);
}

/* Write exp(s - max s) of the rows of these samples one after the other. Returns how many rows. */
static uint32_t exponentiate(struct fit *f, const uint32_t *samples, uint32_t begin, uint32_t end)
{
    uint32_t n = 0;
    for (uint32_t i = begin; i < end; i++) {
        const uint32_t x = samples ? samples[i] : i;
        float top = f->score[f->first[x]];
        for (uint32_t row = f->first[x]; row < f->first[x + 1]; row++)
            top = f->score[row] > top ? f->score[row] : top;
        for (uint32_t row = f->first[x]; row < f->first[x + 1]; row++)
            f->e[n++] = f->score[row] - top;
    }
    for (uint32_t i = 0; i < n; i++)
        f->e[i] = exp_of(f->e[i]);
    return n;
}

/* The largest power of two, at most 2^20, with which `most` of them are below `limit`. */
static float unit(double most, double limit)
{
    double scale = 1 << 20;
    while (scale > 1 && most * scale >= limit)
        scale /= 2;
    return (float)scale;
}

/* g = p - y, h = p (1 - p) of the rows drawn. All |g| of a sample are at most 2 in sum, all h below
 * 1; rounding adds a half for each row. */
static void set_pairs(struct fit *f)
{
    const uint32_t n = exponentiate(f, f->drawn, 0, f->n_drawn);
    const float scale_g = unit(2.0 * f->n_drawn, 2147483647.0 - n);
    const float scale_h = unit(f->n_drawn, 4294967295.0 - n);
    const float *e = f->e;
    for (uint32_t i = 0; i < f->n_drawn; i++) {
        const uint32_t x = f->drawn[i], first = f->first[x], k = f->first[x + 1] - first;
        float sum = 0;
        for (uint32_t j = 0; j < k; j++)
            sum += e[j];
        for (uint32_t j = 0; j < k; j++) {
            const float p = e[j] / sum;
            const float g = (p - (first + j == f->gold[x])) * scale_g;
            const float h = p * (1 - p) * scale_h;
            const int32_t whole_g = (int32_t)(g + (g < 0 ? -0.5F : 0.5F));
            const uint32_t whole_h = (uint32_t)(int32_t)(h + 0.5F);
            f->pair[first + j] = ((uint64_t)(int64_t)whole_g << 32) + whole_h;
        }
        e += k;
    }
    f->g.unit_g = 1 / (double)scale_g;
    f->g.unit_h = 1 / (double)scale_h;
}

/* Mean -log p(gold) of the samples to validate on. */
static double validation_loss(struct fit *f)
{
    exponentiate(f, NULL, f->n_train, f->n_samples);
    const float *e = f->e;
    double loss = 0;
    for (uint32_t x = f->n_train; x < f->n_samples; x++) {
        float sum = 0;
        for (uint32_t row = f->first[x]; row < f->first[x + 1]; row++)
            sum += e[row - f->first[x]];
        loss += log((double)sum / (double)e[f->gold[x] - f->first[x]]);
        e += f->first[x + 1] - f->first[x];
    }
    return loss / (f->n_samples - f->n_train);
}

/* How many of `n` a share is, at least one. */
static uint32_t share_of(double share, uint32_t n)
{
    const double m = floor(share * n + 0.5);
    return m < 1 ? 1 : m > n ? n : (uint32_t)m;
}

/* Samples in ascending order, each set of that size as likely as any (Knuth, "The art of computer
 * programming" 2, 3.4.2, algorithm S). */
static void draw_samples(struct fit *f)
{
    const uint32_t want = share_of(f->o->samples, f->n_train);
    f->n_drawn = f->n_rest = f->g.n = 0;
    for (uint32_t x = 0; x < f->n_train; x++) {
        const uint32_t left = f->n_train - x, wanted = want - f->n_drawn;
        const bool take = wanted == left || bf_rng_unit(&f->rng) * left < wanted;
        if (take)
            f->drawn[f->n_drawn++] = x;
        for (uint32_t row = f->first[x]; row < f->first[x + 1]; row++)
            if (take)
                f->g.rows[f->g.n++] = row;
            else
                f->rest[f->n_rest++] = row;
    }
}

static void draw_columns(struct fit *f)
{
    const uint32_t n = (uint32_t)f->g.n_columns, want = share_of(f->o->columns, n);
    f->g.n_used = 0;
    for (uint32_t c = 0; c < n; c++) {
        const uint32_t left = n - c, wanted = want - (uint32_t)f->g.n_used;
        if (wanted == left || bf_rng_unit(&f->rng) * left < wanted)
            f->g.used[f->g.n_used++] = (uint16_t)c;
    }
}

/* Let rows walk down the tree that was grown and add the value of the leaf where each arrives. */
static void walk(struct fit *f, const uint32_t *rows, uint32_t begin, uint32_t end, uint32_t depth)
{
    const size_t n = (size_t)f->g.n_columns;
    for (uint32_t i = begin; i < end; i += BLOCK) {
        const uint32_t m = end - i < BLOCK ? end - i : BLOCK;
        uint32_t at[BLOCK] = { 0 };
        const uint8_t *bin[BLOCK];
        for (uint32_t j = 0; j < BLOCK; j++) {
            const uint32_t k = i + (j < m ? j : 0);
            bin[j] = f->g.wide + (rows ? rows[k] : k) * n;
        }
        for (uint32_t d = 0; d < depth; d++)
            for (uint32_t j = 0; j < BLOCK; j++) {
                const struct bf_tree_node *node = &f->g.nodes[at[j]];
                at[j] = bf_tree_step(node, bin[j]);
            }
        for (uint32_t j = 0; j < m; j++)
            f->score[rows ? rows[i + j] : i + j] += f->g.nodes[at[j]].value;
    }
}

static void add_tree(struct fit *f, uint32_t depth)
{
    for (int l = 0; l < f->g.n_leaves; l++) {
        const struct bf_leaf *leaf = &f->g.leaves[l];
        const float value = f->g.nodes[leaf->node].value;
        for (uint32_t i = leaf->begin; i < leaf->end; i++)
            f->score[f->g.rows[i]] += value;
    }
    walk(f, f->rest, 0, f->n_rest, depth);
    walk(f, NULL, f->g.n_rows, f->n_rows, depth);
}

/* Append the tree to the forest, with the columns that the data have. */
static void keep_tree(struct fit *f, struct bf_forest *out, uint32_t depth)
{
    out->trees[out->n_trees++] = (struct bf_tree){ out->n_nodes, depth };
    for (uint32_t i = 0; i < f->g.n_nodes; i++) {
        struct bf_tree_node node = f->g.nodes[i];
        node.column = f->column[node.column];
        node.left += out->trees[out->n_trees - 1].root;
        out->nodes[out->n_nodes + i] = node;
    }
    out->n_nodes += f->g.n_nodes;
}

static void boost(struct fit *f, struct bf_forest *out)
{
    const bool validates = f->n_samples > f->n_train;
    const bool draws = f->o->samples < 1 || f->o->columns < 1;
    int best = 0;
    out->loss_out = validates ? validation_loss(f) : NAN;
    for (int t = 0; t < f->o->max_trees && f->g.n_columns > 0; t++) {
        draw_samples(f);
        draw_columns(f);
        set_pairs(f);
        const uint32_t depth = bf_grow_tree(&f->g);
        if (depth == 0 && !draws)
            break;
        add_tree(f, depth);
        keep_tree(f, out, depth);
        const double loss = validates ? validation_loss(f) : 0;
        if (!validates || loss < out->loss_out) {
            best = out->n_trees;
            out->loss_out = validates ? loss : NAN;
        } else if (out->n_trees - best >= f->o->patience) {
            break;
        }
    }
    if (best < out->n_trees)
        out->n_nodes = out->trees[best].root;
    out->n_trees = best;
}

/* Number samples and rows anew. */
static int lay_out(struct fit *f, const uint32_t *train, const uint32_t *validate)
{
    const struct bf_trees_data *d = f->d;
    f->first = bf_arena_alloc(&f->arena, f->n_samples + (size_t)1, sizeof *f->first);
    f->gold = bf_arena_alloc(&f->arena, f->n_samples + (size_t)1, sizeof *f->gold);
    if (!f->first || !f->gold)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < f->n_samples; i++) {
        const uint32_t x = i < f->n_train ? train[i] : validate[i - f->n_train];
        f->first[i] = f->n_rows;
        f->gold[i] = f->n_rows + (uint32_t)d->gold[x];
        f->n_rows += d->first_row[x + 1] - d->first_row[x];
        assert(d->gold[x] >= 0 && f->gold[i] < f->n_rows);
    }
    f->first[f->n_samples] = f->n_rows;
    f->g.n_rows = f->first[f->n_train];
    f->source = bf_arena_alloc(&f->arena, f->n_rows + (size_t)1, sizeof *f->source);
    f->score = bf_arena_alloc(&f->arena, f->n_rows + (size_t)1, sizeof *f->score);
    if (!f->source || !f->score)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < f->n_samples; i++) {
        const uint32_t x = i < f->n_train ? train[i] : validate[i - f->n_train];
        for (uint32_t row = f->first[i]; row < f->first[i + 1]; row++) {
            f->source[row] = d->first_row[x] + (row - f->first[i]);
            f->score[row] = d->offset ? d->offset[f->source[row]] : 0;
        }
    }
    return BF_OK;
}

/* Bins of one column of the data for all rows of the fit. Returns how many bins, 0 when the
 * training rows have only one or it is left out. */
static uint16_t read_column(const struct fit *f, const struct bf_forest *out, int c, uint8_t *bin)
{
    const struct bf_bins *b = f->d->bins;
    const enum bf_evidence *family = c < b->n ? b->family : f->d->own_family;
    const int i = c < b->n ? c : c - b->n;
    if (family && f->o->without >> family[i] & 1)
        return 0;
    uint8_t most = 0;
    bool varies = false;
    for (uint32_t row = 0; row < f->n_rows; row++) {
        const uint32_t r = f->source[row];
        bin[row] = c < b->n ? b->v[r * (size_t)b->n + (size_t)c]
                            : bf_bin_of(&out->own[i], f->d->own[i][r]);
        most = bin[row] > most ? bin[row] : most;
        varies |= row < f->g.n_rows && bin[row] != bin[0];
    }
    return varies ? (uint16_t)(most + 1) : 0;
}

/* The columns that can be split, as one row after the other and as one column after the other. */
static int read_columns(struct fit *f, struct bf_forest *out, struct bf_err *err)
{
    const int n_all = out->n_shared + out->n_own;
    const size_t n_rows = f->n_rows;
    uint8_t *bins = bf_arena_alloc(&f->arena, n_rows + 1, (size_t)n_all + 1);
    uint16_t *n_bins = bf_arena_alloc(&f->arena, (size_t)n_all + 1, sizeof *n_bins);
    f->column = bf_arena_alloc(&f->arena, (size_t)n_all + 1, sizeof *f->column);
    if (!bins || !n_bins || !f->column)
        return BF_ENOMEM;
    for (int i = 0; i < out->n_own; i++)
        BF_TRY(
            bf_binning_make(f->d->own[i], f->source, f->g.n_rows, BF_MAX_BINS, &out->own[i], err));
    int n = 0;
    for (int c = 0; c < n_all; c++) {
        n_bins[n] = read_column(f, out, c, bins + (size_t)n * n_rows);
        if (n_bins[n] > 0)
            f->column[n++] = (uint16_t)c;
    }
    f->g.n_columns = n;
    f->g.n_bins = n_bins;
    f->g.tall = bins;
    f->g.stride = n_rows;
    uint8_t *wide = bf_arena_alloc(&f->arena, n_rows * (size_t)n + 1, 1);
    if (!wide)
        return BF_ENOMEM;
    for (int c = 0; c < n; c++)
        for (size_t row = 0; row < n_rows; row++)
            wide[row * (size_t)n + (size_t)c] = bins[(size_t)c * n_rows + row];
    f->g.wide = wide;
    return BF_OK;
}

/* Room to grow trees in. */
static int make_room(struct fit *f)
{
    struct bf_grow *g = &f->g;
    struct bf_arena *a = &f->arena;
    const size_t n_rows = f->n_rows + (size_t)1, n_leaves = (size_t)f->o->max_leaves;
    g->o = f->o;
    g->used = bf_arena_alloc(a, (size_t)g->n_columns + 1, sizeof *g->used);
    g->rows = bf_arena_alloc(a, n_rows, sizeof *g->rows);
    g->room = bf_arena_alloc(a, n_rows, sizeof *g->room);
    g->histograms = bf_arena_alloc(a, (size_t)g->n_columns * BF_BIN_STRIDE * n_leaves + 1,
                                   sizeof *g->histograms);
    g->leaves = bf_arena_alloc(a, n_leaves, sizeof *g->leaves);
    g->nodes = bf_arena_alloc(a, 2 * n_leaves, sizeof *g->nodes);
    f->e = bf_arena_alloc(a, n_rows, sizeof *f->e);
    f->drawn = bf_arena_alloc(a, f->n_train + (size_t)1, sizeof *f->drawn);
    f->rest = bf_arena_alloc(a, n_rows, sizeof *f->rest);
    g->pair = f->pair = bf_arena_alloc(a, n_rows, sizeof *f->pair);
    return g->used && g->rows && g->room && g->histograms && g->leaves && g->nodes && f->e &&
                   f->drawn && f->rest && f->pair
               ? BF_OK
               : BF_ENOMEM;
}

static int make_forest(const struct bf_trees_options *o, const struct bf_trees_data *d,
                       struct bf_forest *out)
{
    const size_t n = (size_t)o->max_trees + 1;
    out->n_shared = d->bins->n;
    out->n_own = d->n_own;
    out->loss_out = NAN;
    out->trees = calloc(n, sizeof *out->trees);
    out->nodes = calloc(n, (2 * (size_t)o->max_leaves - 1) * sizeof *out->nodes);
    out->own = calloc((size_t)d->n_own + 1, sizeof *out->own);
    return out->trees && out->nodes && out->own ? BF_OK : BF_ENOMEM;
}

/* Trees that were not kept need no room. */
static void trim(struct bf_forest *f)
{
    struct bf_tree_node *nodes = realloc(f->nodes, (f->n_nodes + (size_t)1) * sizeof *nodes);
    f->nodes = nodes ? nodes : f->nodes;
}

int bf_trees_fit(const struct bf_trees_options *o, const struct bf_trees_data *d,
                 const uint32_t *train, uint32_t n_train, const uint32_t *validate,
                 uint32_t n_validate, struct bf_rng rng, struct bf_forest *out, struct bf_err *err)
{
    struct fit f = {
        .o = o, .d = d, .rng = rng, .n_train = n_train, .n_samples = n_train + n_validate
    };
    struct bf_forest forest = { 0 };
    if (d->bins->n + d->n_own > BF_MAX_COLUMNS)
        return bf_fail(err, BF_EINVAL, "trees: %d columns, at most %d", d->bins->n + d->n_own,
                       BF_MAX_COLUMNS);
    int rc = make_forest(o, d, &forest);
    if (rc == BF_OK)
        rc = lay_out(&f, train, validate);
    if (rc == BF_OK)
        rc = read_columns(&f, &forest, err);
    if (rc == BF_OK)
        rc = make_room(&f);
    if (rc == BF_OK)
        boost(&f, &forest);
    bf_arena_reset(&f.arena);
    if (rc != BF_OK) {
        bf_trees_done(&forest);
        return bf_fail_memory(err, "trees");
    }
    trim(&forest);
    *out = forest;
    return BF_OK;
}

/* The bins of one row: those of the pool, then own ones. */
static void read_row(const struct bf_forest *f, const struct bf_trees_data *d, uint32_t row,
                     uint8_t *bin)
{
    memcpy(bin, d->bins->v + row * (size_t)f->n_shared, (size_t)f->n_shared);
    for (int i = 0; i < f->n_own; i++)
        bin[f->n_shared + i] = bf_bin_of(&f->own[i], d->own[i][row]);
}

/* Sums of leaves of up to BLOCK rows from `row` on. */
static void score_block(const struct bf_forest *f, const struct bf_trees_data *d, uint32_t row,
                        uint32_t n, float *out)
{
    uint8_t bin[BLOCK][BF_MAX_COLUMNS];
    for (uint32_t j = 0; j < n; j++) {
        read_row(f, d, row + j, bin[j]);
        out[row + j] = d->offset ? d->offset[row + j] : 0;
    }
    for (int t = 0; t < f->n_trees; t++) {
        uint32_t at[BLOCK];
        for (uint32_t j = 0; j < n; j++)
            at[j] = f->trees[t].root;
        for (uint32_t depth = 0; depth < f->trees[t].depth; depth++)
            for (uint32_t j = 0; j < n; j++) {
                const struct bf_tree_node *node = &f->nodes[at[j]];
                at[j] = bf_tree_step(node, bin[j]);
            }
        for (uint32_t j = 0; j < n; j++)
            out[row + j] += f->nodes[at[j]].value;
    }
}

void bf_trees_score(const struct bf_forest *f, const struct bf_trees_data *d, const uint32_t *which,
                    uint32_t n, float *out)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t end = d->first_row[which[i] + 1];
        for (uint32_t row = d->first_row[which[i]]; row < end; row += BLOCK)
            score_block(f, d, row, end - row < BLOCK ? end - row : BLOCK, out);
    }
}

void bf_trees_done(struct bf_forest *f)
{
    free(f->trees);
    free(f->nodes);
    free(f->own);
    *f = (struct bf_forest){ 0 };
}
