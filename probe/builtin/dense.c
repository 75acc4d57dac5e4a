/* The weights of media: a row of them for each token, or one for media of choices. */
#include "probe/builtin/dense.h"

#include <math.h>
#include <stdlib.h>

/* Squared gradients start from this, which bounds the first steps. */
static const float first_square = 1.0f;

/* Length of a typical vector of standardised media features, sqrt(sum z^2): a loud, clear medium
 * weighs about as much as six cues in the words. Chosen by out-of-fold log loss on the made
 * pool. */
static const float media_length = 6.0f;

/* One block's weights. */
struct bf_dense_block {
    int n_active;        /* features that vary among the training samples */
    int *active;         /* [n_active] their positions */
    float *mean, *scale; /* [n_active]; scale holds media_length / (sd sqrt(n_active)) */
    float limit;         /* of a scaled value: three standard deviations */
    uint32_t n_rows;     /* of weights */
    float *w, *square;   /* [n_rows][n_active] */
    float *pull;         /* [n_rows] l2 / how often training touches them */
    float *z;            /* [n_active] the sample, or the choice, being looked at */
    bool shown;          /* whether that sample shows this modality */
};

/* How many vectors of features a block has of a sample at most, and the i-th of them or NULL. */
static uint32_t n_vectors(const struct bf_block *b, const struct bf_rows *r, uint32_t sample)
{
    return b->own ? r->first_row[sample + 1] - r->first_row[sample] : 1;
}

static const float *vector(const struct bf_block *b, const struct bf_rows *r, uint32_t sample,
                           uint32_t i)
{
    return b->own ? b->own[r->first_row[sample] + i] : b->f[sample];
}

/* Mean and spread of one feature over the training samples that have it. */
static void spread(const struct bf_block *b, const struct bf_rows *r, int i, const uint32_t *train,
                   uint32_t n_train, double *mean_out, double *sd_out)
{
    double sum = 0, squares = 0;
    uint32_t n = 0;
    for (uint32_t k = 0; k < n_train; k++)
        for (uint32_t j = 0; j < n_vectors(b, r, train[k]); j++) {
            const float *f = vector(b, r, train[k], j);
            sum += f ? f[i] : 0;
            n += f != NULL;
        }
    const double mean = n ? sum / n : 0;
    for (uint32_t k = 0; k < n_train; k++)
        for (uint32_t j = 0; j < n_vectors(b, r, train[k]); j++) {
            const float *f = vector(b, r, train[k], j);
            const double d = f ? f[i] - mean : 0;
            squares += d * d;
        }
    *mean_out = mean;
    *sd_out = n > 1 ? sqrt(squares / n) : 0;
}

static int block_init(struct bf_dense_block *d, const struct bf_block *b, const struct bf_rows *r,
                      const uint32_t *train, uint32_t n_train)
{
    const size_t dim = (size_t)b->dim + 1;
    d->active = calloc(dim, sizeof *d->active);
    d->mean = calloc(dim, sizeof *d->mean);
    d->scale = calloc(dim, sizeof *d->scale);
    d->z = calloc(dim, sizeof *d->z);
    if (!d->active || !d->mean || !d->scale || !d->z)
        return BF_ENOMEM;
    for (int i = 0; i < b->dim; i++) {
        double mean, sd;
        spread(b, r, i, train, n_train, &mean, &sd);
        if (sd <= 1e-6 * (1 + fabs(mean)))
            continue;
        d->active[d->n_active] = i;
        d->mean[d->n_active] = (float)mean;
        d->scale[d->n_active++] = (float)(1 / sd);
    }
    const float shrink = d->n_active ? media_length / sqrtf((float)d->n_active) : 0;
    for (int i = 0; i < d->n_active; i++)
        d->scale[i] *= shrink;
    d->limit = 3 * shrink;
    d->n_rows = b->own ? 1 : b->cross ? b->cross->n_tokens : r->n_tokens;
    d->pull = calloc((size_t)d->n_rows + 1, sizeof *d->pull);
    const size_t n = (size_t)d->n_rows * (size_t)d->n_active;
    d->w = calloc(n + 1, sizeof *d->w);
    d->square = calloc(n + 1, sizeof *d->square);
    for (size_t i = 0; d->square && i < n; i++)
        d->square[i] = first_square;
    return d->w && d->square && d->pull ? BF_OK : BF_ENOMEM;
}

/* Whose tokens a block is crossed with. */
static const struct bf_rows *tokens_of(const struct bf_dense *d, int b)
{
    return d->blocks[b].cross ? d->blocks[b].cross : d->rows;
}

/* How often training touches each row of weights, as the share of the prior that one touch pulls
 * with. */
static void spread_prior(struct bf_dense *d, int b, const uint32_t *train, uint32_t n_train,
                         float l2)
{
    struct bf_dense_block *v = &d->v[b];
    const struct bf_rows *r = tokens_of(d, b);
    const float *const *own = d->blocks[b].own;
    for (uint32_t i = 0; i < n_train; i++)
        for (uint32_t row = r->first_row[train[i]]; row < r->first_row[train[i] + 1]; row++) {
            if (own)
                v->pull[0] += own[row] != NULL;
            for (uint32_t k = r->first_token[row]; !own && k < r->first_token[row + 1]; k++)
                v->pull[r->tokens[k]] += 1;
        }
    for (uint32_t t = 0; t < v->n_rows; t++)
        v->pull[t] = v->pull[t] > 0 ? l2 / v->pull[t] : 0;
}

int bf_dense_init(struct bf_dense *d, const struct bf_rows *rows, const struct bf_block *blocks,
                  int n, const uint32_t *train, uint32_t n_train, double l2)
{
    *d = (struct bf_dense){ .rows = rows, .blocks = blocks };
    d->v = calloc((size_t)n + 1, sizeof *d->v);
    if (!d->v)
        return BF_ENOMEM;
    d->n = n;
    for (int b = 0; b < n; b++) {
        if (block_init(&d->v[b], &blocks[b], rows, train, n_train) != BF_OK)
            return BF_ENOMEM;
        spread_prior(d, b, train, n_train, (float)l2);
    }
    return BF_OK;
}

/* False, and nothing done, where there are no features. */
static bool standardise(struct bf_dense_block *d, const float *f)
{
    for (int i = 0; f && i < d->n_active; i++) {
        const float z = (f[d->active[i]] - d->mean[i]) * d->scale[i];
        d->z[i] = z > d->limit ? d->limit : z < -d->limit ? -d->limit : z;
    }
    return f != NULL;
}

void bf_dense_look(struct bf_dense *d, uint32_t sample)
{
    for (int b = 0; b < d->n; b++)
        if (!d->blocks[b].own)
            d->v[b].shown = standardise(&d->v[b], d->blocks[b].f[sample]);
}

/* Eight sums in a fixed order: fast, and the same on every machine. */
static float dot(const float *x, const float *y, int n)
{
    float s[8] = { 0 };
    int i = 0;
    for (; i + 8 <= n; i += 8)
        for (int k = 0; k < 8; k++)
            s[k] += x[i + k] * y[i + k];
    for (; i < n; i++)
        s[0] += x[i] * y[i];
    return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
}

float bf_dense_score(const struct bf_dense *d, uint32_t row)
{
    float score = 0;
    for (int b = 0; b < d->n; b++) {
        struct bf_dense_block *v = &d->v[b];
        const float *const *own = d->blocks[b].own;
        if (own && standardise(v, own[row]))
            score += dot(v->w, v->z, v->n_active);
        if (own || !v->shown)
            continue;
        const struct bf_rows *r = tokens_of(d, b);
        for (uint32_t k = r->first_token[row]; k < r->first_token[row + 1]; k++)
            score += dot(v->w + (size_t)r->tokens[k] * (size_t)v->n_active, v->z, v->n_active);
    }
    return score;
}

/* A whole row of weights at once; apart, so that a compiler can use vectors. */
static void step_all(float *restrict w, float *restrict square, const float *restrict z, int n,
                     float gradient, float pull, float rate)
{
    for (int i = 0; i < n; i++) {
        const float g = gradient * z[i] + pull * w[i];
        square[i] += g * g;
        w[i] -= rate * g / sqrtf(square[i]);
    }
}

void bf_dense_step(struct bf_dense *d, uint32_t row, float gradient, float rate)
{
    for (int b = 0; b < d->n; b++) {
        struct bf_dense_block *v = &d->v[b];
        const float *const *own = d->blocks[b].own;
        if (own && standardise(v, own[row]))
            step_all(v->w, v->square, v->z, v->n_active, gradient, v->pull[0], rate);
        if (own || !v->shown)
            continue;
        const struct bf_rows *r = tokens_of(d, b);
        for (uint32_t k = r->first_token[row]; k < r->first_token[row + 1]; k++) {
            const size_t at = (size_t)r->tokens[k] * (size_t)v->n_active;
            step_all(v->w + at, v->square + at, v->z, v->n_active, gradient, v->pull[r->tokens[k]],
                     rate);
        }
    }
}

void bf_dense_done(struct bf_dense *d)
{
    for (int b = 0; b < d->n; b++) {
        free(d->v[b].active);
        free(d->v[b].mean);
        free(d->v[b].scale);
        free(d->v[b].w);
        free(d->v[b].square);
        free(d->v[b].z);
        free(d->v[b].pull);
    }
    free(d->v);
    *d = (struct bf_dense){ 0 };
}
