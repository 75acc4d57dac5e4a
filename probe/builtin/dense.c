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
    float *w;            /* [n_rows][n_active] */
    float *square;       /* [n_rows] sum of squared gradients: their mean over the features */
    float *pull;         /* [n_rows] l2 / how often training touches them */
    float *z;            /* [n_active] the sample, or the choice, being looked at */
    float power;         /* mean of z^2 */
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

/* Mean and standard deviation of every feature, [dim] of zeros each, over the training vectors that
 * there are. */
static void spread(const struct bf_block *b, const struct bf_rows *r, const uint32_t *train,
                   uint32_t n_train, double *mean, double *sd)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < n_train; k++)
        for (uint32_t j = 0; j < n_vectors(b, r, train[k]); j++) {
            const float *f = vector(b, r, train[k], j);
            for (int i = 0; f && i < b->dim; i++)
                mean[i] += f[i];
            n += f != NULL;
        }
    for (int i = 0; n && i < b->dim; i++)
        mean[i] /= n;
    for (uint32_t k = 0; k < n_train; k++)
        for (uint32_t j = 0; j < n_vectors(b, r, train[k]); j++) {
            const float *f = vector(b, r, train[k], j);
            for (int i = 0; f && i < b->dim; i++)
                sd[i] += (f[i] - mean[i]) * (f[i] - mean[i]);
        }
    for (int i = 0; i < b->dim; i++)
        sd[i] = n > 1 ? sqrt(sd[i] / n) : 0;
}

/* Which features vary, and how they are scaled. */
static int scale_features(struct bf_dense_block *d, const struct bf_block *b,
                          const struct bf_rows *r, const uint32_t *train, uint32_t n_train)
{
    const size_t dim = (size_t)b->dim + 1;
    double *mean = calloc(2 * dim, sizeof *mean);
    d->active = calloc(dim, sizeof *d->active);
    d->mean = calloc(dim, sizeof *d->mean);
    d->scale = calloc(dim, sizeof *d->scale);
    d->z = calloc(dim, sizeof *d->z);
    if (!mean || !d->active || !d->mean || !d->scale || !d->z) {
        free(mean);
        return BF_ENOMEM;
    }
    double *sd = mean + dim;
    spread(b, r, train, n_train, mean, sd);
    for (int i = 0; i < b->dim; i++) {
        if (sd[i] <= 1e-6 * (1 + fabs(mean[i])))
            continue;
        d->active[d->n_active] = i;
        d->mean[d->n_active] = (float)mean[i];
        d->scale[d->n_active++] = (float)(1 / sd[i]);
    }
    free(mean);
    const float shrink = d->n_active ? media_length / sqrtf((float)d->n_active) : 0;
    for (int i = 0; i < d->n_active; i++)
        d->scale[i] *= shrink;
    d->limit = 3 * shrink;
    return BF_OK;
}

static int block_init(struct bf_dense_block *d, const struct bf_block *b, const struct bf_rows *r,
                      const uint32_t *train, uint32_t n_train)
{
    if (scale_features(d, b, r, train, n_train) != BF_OK)
        return BF_ENOMEM;
    d->n_rows = b->own ? 1 : b->cross ? b->cross->n_tokens : r->n_tokens;
    d->pull = calloc((size_t)d->n_rows + 1, sizeof *d->pull);
    d->w = calloc((size_t)d->n_rows * (size_t)d->n_active + 1, sizeof *d->w);
    d->square = calloc((size_t)d->n_rows + 1, sizeof *d->square);
    for (uint32_t i = 0; d->square && i < d->n_rows; i++)
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

/* False, and nothing done, where there are no features. */
static bool standardise(struct bf_dense_block *d, const float *f)
{
    for (int i = 0; f && i < d->n_active; i++) {
        const float z = (f[d->active[i]] - d->mean[i]) * d->scale[i];
        d->z[i] = z > d->limit ? d->limit : z < -d->limit ? -d->limit : z;
    }
    if (f && d->n_active)
        d->power = dot(d->z, d->z, d->n_active) / (float)d->n_active;
    return f != NULL;
}

void bf_dense_look(struct bf_dense *d, uint32_t sample)
{
    for (int b = 0; b < d->n; b++)
        if (!d->blocks[b].own)
            d->v[b].shown = standardise(&d->v[b], d->blocks[b].f[sample]);
}

/* What a token counts for. */
static float scale_of(const struct bf_rows *r, uint32_t token)
{
    return r->token_scale ? r->token_scale[token] : 1;
}

/* <w, z> with the weights of one token. */
static float weigh(const struct bf_dense_block *v, uint32_t token)
{
    return dot(v->w + (size_t)token * (size_t)v->n_active, v->z, v->n_active);
}

float bf_dense_score(const struct bf_dense *d, uint32_t row)
{
    float score = 0;
    for (int b = 0; b < d->n; b++) {
        struct bf_dense_block *v = &d->v[b];
        const struct bf_rows *r = tokens_of(d, b);
        const float *const *own = d->blocks[b].own;
        if (own && standardise(v, own[row]))
            score += weigh(v, 0);
        if (own || !v->shown)
            continue;
        for (uint32_t k = r->first_token[row]; k < r->first_token[row + 1]; k++)
            score += scale_of(r, r->tokens[k]) * weigh(v, r->tokens[k]);
    }
    return score;
}

/* The step on the weights of one token; `gradient` is that of the loss by <w, z>. One sum of
 * squares serves all features, which are on one scale: out of fold as good as one for each, and a
 * third of the work. */
static void step(struct bf_dense_block *v, uint32_t token, float gradient, float rate)
{
    float *restrict w = v->w + (size_t)token * (size_t)v->n_active;
    const float *restrict z = v->z;
    v->square[token] += gradient * gradient * v->power;
    const float size = rate / sqrtf(v->square[token]);
    const float keep = 1 - size * v->pull[token], by = size * gradient;
    for (int i = 0; i < v->n_active; i++)
        w[i] = keep * w[i] - by * z[i];
}

void bf_dense_step(struct bf_dense *d, uint32_t row, float gradient, float rate)
{
    for (int b = 0; b < d->n; b++) {
        struct bf_dense_block *v = &d->v[b];
        const struct bf_rows *r = tokens_of(d, b);
        const float *const *own = d->blocks[b].own;
        if (own && standardise(v, own[row]))
            step(v, 0, gradient, rate);
        if (own || !v->shown)
            continue;
        for (uint32_t k = r->first_token[row]; k < r->first_token[row + 1]; k++)
            step(v, r->tokens[k], gradient * scale_of(r, r->tokens[k]), rate);
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
