#include "probe/builtin/linear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Squared gradients start from this, which bounds the first steps. */
static const float first_square = 1.0f;

/* Length of a typical vector of standardised media features, sqrt(sum z^2): a loud, clear medium
 * weighs about as much as six cues in the words. Chosen by out-of-fold log loss on the made
 * pool. */
static const float media_length = 6.0f;

/* One block's weights: a row of `n_active` for each token, or one for media of choices. */
struct dense {
    int n_active;        /* features that vary among the training samples */
    int *active;         /* [n_active] their positions */
    float *mean, *scale; /* [n_active]; scale holds media_length / (sd sqrt(n_active)) */
    float limit;         /* of a scaled value: three standard deviations */
    uint32_t n_rows;     /* of weights */
    float *w, *square;   /* [n_rows][n_active] */
    float pull;          /* of choices' own media: as struct model's */
    float *z;            /* [n_active] the sample, or the choice, being looked at */
    bool shown;          /* whether that sample shows this modality */
};

struct model {
    const struct bf_learn *l;
    float *w, *square; /* [1 << BF_HASH_BITS] */
    float *pull;       /* [1 << BF_HASH_BITS] l2 / how often training touches the weight */
    float *token_pull; /* [n_tokens] the same for a token's weights */
    int n_dense;
    struct dense *dense;
};

static void model_done(struct model *m)
{
    for (int b = 0; b < m->n_dense; b++) {
        struct dense *d = &m->dense[b];
        free(d->active);
        free(d->mean);
        free(d->scale);
        free(d->w);
        free(d->square);
        free(d->z);
    }
    free(m->dense);
    free(m->w);
    free(m->square);
    free(m->pull);
    free(m->token_pull);
}

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

static int dense_init(struct dense *d, const struct bf_block *b, const struct bf_rows *r,
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
    d->n_rows = b->own ? 1 : r->n_tokens;
    const size_t n = (size_t)d->n_rows * (size_t)d->n_active + 1;
    d->w = calloc(n, sizeof *d->w);
    d->square = calloc(n, sizeof *d->square);
    return d->w && d->square ? BF_OK : BF_ENOMEM;
}

static int model_init(struct model *m, const struct bf_learn *l, const uint32_t *train,
                      uint32_t n_train)
{
    m->l = l;
    m->w = calloc((size_t)1 << BF_HASH_BITS, sizeof *m->w);
    m->square = calloc((size_t)1 << BF_HASH_BITS, sizeof *m->square);
    m->dense = calloc((size_t)l->n_blocks + 1, sizeof *m->dense);
    m->pull = calloc((size_t)1 << BF_HASH_BITS, sizeof *m->pull);
    m->token_pull = calloc((size_t)l->rows->n_tokens + 1, sizeof *m->token_pull);
    if (!m->w || !m->square || !m->dense || !m->pull || !m->token_pull)
        return BF_ENOMEM;
    m->n_dense = l->n_blocks;
    for (int b = 0; b < l->n_blocks; b++)
        if (dense_init(&m->dense[b], &l->blocks[b], l->rows, train, n_train) != BF_OK)
            return BF_ENOMEM;
    return BF_OK;
}

/* What the prior pulls with at the weights of choices' own media: see count_touches(). */
static float own_pull(const struct bf_block *b, const struct bf_rows *r, const uint32_t *train,
                      uint32_t n_train, float l2)
{
    float n = 0;
    for (uint32_t i = 0; b->own && i < n_train; i++)
        for (uint32_t row = r->first_row[train[i]]; row < r->first_row[train[i] + 1]; row++)
            n += b->own[row] != NULL;
    return n > 0 ? l2 / n : 0;
}

/* A Gaussian prior on every weight: its pull is spread over the times that one pass touches it,
 * so that what is seen once is held back and what is seen often is free to be learned. */
static void count_touches(struct model *m, const uint32_t *train, uint32_t n_train)
{
    const struct bf_rows *r = m->l->rows;
    for (uint32_t i = 0; i < n_train; i++)
        for (uint32_t row = r->first_row[train[i]]; row < r->first_row[train[i] + 1]; row++) {
            for (uint32_t k = r->first_feature[row]; k < r->first_feature[row + 1]; k++)
                m->pull[r->features[k].index] += 1;
            for (uint32_t k = r->first_token[row]; k < r->first_token[row + 1]; k++)
                m->token_pull[r->tokens[k]] += 1;
        }
    const float l2 = (float)m->l->l2;
    for (int b = 0; b < m->n_dense; b++)
        m->dense[b].pull = own_pull(&m->l->blocks[b], r, train, n_train, l2);
    for (size_t i = 0; i < (size_t)1 << BF_HASH_BITS; i++)
        m->pull[i] = m->pull[i] > 0 ? l2 / m->pull[i] : 0;
    for (uint32_t t = 0; t < r->n_tokens; t++)
        m->token_pull[t] = m->token_pull[t] > 0 ? l2 / m->token_pull[t] : 0;
}

/* False, and nothing done, where there are no features. */
static bool standardise(struct dense *d, const float *f)
{
    for (int i = 0; f && i < d->n_active; i++) {
        const float z = (f[d->active[i]] - d->mean[i]) * d->scale[i];
        d->z[i] = z > d->limit ? d->limit : z < -d->limit ? -d->limit : z;
    }
    return f != NULL;
}

static void look_at(struct model *m, uint32_t sample)
{
    for (int b = 0; b < m->n_dense; b++)
        if (!m->l->blocks[b].own)
            m->dense[b].shown = standardise(&m->dense[b], m->l->blocks[b].f[sample]);
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

static struct bf_scored score_row(const struct model *m, uint32_t row)
{
    const struct bf_rows *r = m->l->rows;
    struct bf_scored s = { 0 };
    for (uint32_t k = r->first_feature[row]; k < r->first_feature[row + 1]; k++)
        s.text += m->w[r->features[k].index] * r->features[k].value;
    for (int b = 0; b < m->n_dense; b++) {
        struct dense *d = &m->dense[b];
        const float *const *own = m->l->blocks[b].own;
        if (own && standardise(d, own[row]))
            s.media += dot(d->w, d->z, d->n_active);
        if (own || !d->shown)
            continue;
        for (uint32_t k = r->first_token[row]; k < r->first_token[row + 1]; k++)
            s.media += dot(d->w + (size_t)r->tokens[k] * (size_t)d->n_active, d->z, d->n_active);
    }
    return s;
}

/* Probabilities of the choices of one sample; returns how many. */
static int predict(struct model *m, uint32_t sample, float *p)
{
    const uint32_t first = m->l->rows->first_row[sample];
    const int k = (int)(m->l->rows->first_row[sample + 1] - first);
    float top = -INFINITY, sum = 0;
    look_at(m, sample);
    for (int j = 0; j < k; j++) {
        const struct bf_scored s = score_row(m, first + (uint32_t)j);
        p[j] = s.text + s.media;
        top = fmaxf(top, p[j]);
    }
    for (int j = 0; j < k; j++)
        sum += p[j] = expf(p[j] - top);
    for (int j = 0; j < k; j++)
        p[j] /= sum;
    return k;
}

static void step(float *w, float *square, float g, float rate)
{
    *square += g * g;
    *w -= rate * g / sqrtf(*square);
}

/* The same for a whole row of weights at once; apart, so that a compiler can use vectors. */
static void step_all(float *restrict w, float *restrict square, const float *restrict z, int n,
                     float gradient, float pull, float rate)
{
    for (int i = 0; i < n; i++) {
        const float g = gradient * z[i] + pull * w[i];
        square[i] += g * g;
        w[i] -= rate * g / sqrtf(square[i]);
    }
}

static void update_row(struct model *m, uint32_t row, float gradient)
{
    const struct bf_rows *r = m->l->rows;
    const float rate = (float)m->l->rate;
    for (uint32_t k = r->first_feature[row]; k < r->first_feature[row + 1]; k++) {
        const uint32_t i = r->features[k].index;
        step(&m->w[i], &m->square[i], gradient * r->features[k].value + m->pull[i] * m->w[i], rate);
    }
    for (int b = 0; b < m->n_dense; b++) {
        struct dense *d = &m->dense[b];
        const float *const *own = m->l->blocks[b].own;
        if (own && standardise(d, own[row]))
            step_all(d->w, d->square, d->z, d->n_active, gradient, d->pull, rate);
        if (own || !d->shown)
            continue;
        for (uint32_t k = r->first_token[row]; k < r->first_token[row + 1]; k++) {
            float *w = d->w + (size_t)r->tokens[k] * (size_t)d->n_active;
            float *square = d->square + (size_t)r->tokens[k] * (size_t)d->n_active;
            step_all(w, square, d->z, d->n_active, gradient, m->token_pull[r->tokens[k]], rate);
        }
    }
}

static void train_on(struct model *m, uint32_t sample)
{
    float p[BF_MAX_CHOICES];
    const int k = predict(m, sample, p);
    for (int j = 0; j < k; j++) {
        const float gradient = p[j] - (float)(j == m->l->gold[sample]);
        update_row(m, m->l->rows->first_row[sample] + (uint32_t)j, gradient);
    }
}

static void fill_squares(struct model *m)
{
    for (size_t i = 0; i < (size_t)1 << BF_HASH_BITS; i++)
        m->square[i] = first_square;
    for (int b = 0; b < m->n_dense; b++) {
        const size_t n = (size_t)m->dense[b].n_rows * (size_t)m->dense[b].n_active;
        for (size_t i = 0; i < n; i++)
            m->dense[b].square[i] = first_square;
    }
}

int bf_learn(const struct bf_learn *l, const uint32_t *train, uint32_t n_train,
             const uint32_t *test, uint32_t n_test, struct bf_rng rng, struct bf_scored *out,
             struct bf_err *err)
{
    struct model m = { 0 };
    uint32_t *order = malloc(((size_t)n_train + 1) * sizeof *order);
    int rc = order ? model_init(&m, l, train, n_train) : BF_ENOMEM;
    if (rc == BF_OK) {
        fill_squares(&m);
        count_touches(&m, train, n_train);
        memcpy(order, train, (size_t)n_train * sizeof *order);
        for (int epoch = 0; epoch < l->epochs; epoch++) {
            bf_rng_shuffle(&rng, order, n_train);
            for (uint32_t i = 0; i < n_train; i++)
                train_on(&m, order[i]);
        }
        for (uint32_t i = 0; i < n_test; i++) {
            look_at(&m, test[i]);
            for (uint32_t r = l->rows->first_row[test[i]]; r < l->rows->first_row[test[i] + 1]; r++)
                out[r] = score_row(&m, r);
        }
    }
    model_done(&m);
    free(order);
    return rc == BF_OK ? BF_OK : bf_fail_memory(err, "the built-in probe");
}
