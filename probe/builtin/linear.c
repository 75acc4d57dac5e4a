#include "probe/builtin/linear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Squared gradients start from this, which bounds the first steps. */
static const float first_square = 1.0f;

struct model {
    const struct bf_learn *l;
    float *w, *square; /* [1 << BF_HASH_BITS] */
    float *pull;       /* [1 << BF_HASH_BITS] l2 / how often training touches the weight */
    struct bf_dense dense;
};

static void model_done(struct model *m)
{
    bf_dense_done(&m->dense);
    free(m->w);
    free(m->square);
    free(m->pull);
}

static int model_init(struct model *m, const struct bf_learn *l, const uint32_t *train,
                      uint32_t n_train)
{
    m->l = l;
    m->w = calloc((size_t)1 << BF_HASH_BITS, sizeof *m->w);
    m->square = calloc((size_t)1 << BF_HASH_BITS, sizeof *m->square);
    m->pull = calloc((size_t)1 << BF_HASH_BITS, sizeof *m->pull);
    if (!m->w || !m->square || !m->pull)
        return BF_ENOMEM;
    for (size_t i = 0; i < (size_t)1 << BF_HASH_BITS; i++)
        m->square[i] = first_square;
    return bf_dense_init(&m->dense, l->rows, l->blocks, l->n_blocks, train, n_train, l->l2);
}

/* A Gaussian prior on every weight: its pull is spread over the times that one pass touches it,
 * so that what is seen once is held back and what is seen often is free to be learned. */
static void count_touches(struct model *m, const uint32_t *train, uint32_t n_train)
{
    const struct bf_rows *r = m->l->rows;
    for (uint32_t i = 0; i < n_train; i++)
        for (uint32_t row = r->first_row[train[i]]; row < r->first_row[train[i] + 1]; row++)
            for (uint32_t k = r->first_feature[row]; k < r->first_feature[row + 1]; k++)
                m->pull[r->features[k].index] += 1;
    const float l2 = (float)m->l->l2;
    for (size_t i = 0; i < (size_t)1 << BF_HASH_BITS; i++)
        m->pull[i] = m->pull[i] > 0 ? l2 / m->pull[i] : 0;
}

static struct bf_scored score_row(const struct model *m, uint32_t row)
{
    const struct bf_rows *r = m->l->rows;
    struct bf_scored s = { 0 };
    for (uint32_t k = r->first_feature[row]; k < r->first_feature[row + 1]; k++)
        s.text += m->w[r->features[k].index] * r->features[k].value;
    s.media = bf_dense_score(&m->dense, row);
    return s;
}

/* Probabilities of the choices of one sample; returns how many. */
static int predict(struct model *m, uint32_t sample, float *p)
{
    const uint32_t first = m->l->rows->first_row[sample];
    const int k = (int)(m->l->rows->first_row[sample + 1] - first);
    float top = -INFINITY, sum = 0;
    bf_dense_look(&m->dense, sample);
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

static void update_row(struct model *m, uint32_t row, float gradient)
{
    const struct bf_rows *r = m->l->rows;
    const float rate = (float)m->l->rate;
    for (uint32_t k = r->first_feature[row]; k < r->first_feature[row + 1]; k++) {
        const uint32_t i = r->features[k].index;
        step(&m->w[i], &m->square[i], gradient * r->features[k].value + m->pull[i] * m->w[i], rate);
    }
    bf_dense_step(&m->dense, row, gradient, rate);
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

int bf_learn(const struct bf_learn *l, const uint32_t *train, uint32_t n_train,
             const uint32_t *test, uint32_t n_test, struct bf_rng rng, struct bf_scored *out,
             struct bf_err *err)
{
    struct model m = { 0 };
    uint32_t *order = malloc(((size_t)n_train + 1) * sizeof *order);
    int rc = order ? model_init(&m, l, train, n_train) : BF_ENOMEM;
    if (rc == BF_OK) {
        count_touches(&m, train, n_train);
        memcpy(order, train, (size_t)n_train * sizeof *order);
        for (int epoch = 0; epoch < l->epochs; epoch++) {
            bf_rng_shuffle(&rng, order, n_train);
            for (uint32_t i = 0; i < n_train; i++)
                train_on(&m, order[i]);
        }
        for (uint32_t i = 0; i < n_test; i++) {
            bf_dense_look(&m.dense, test[i]);
            for (uint32_t r = l->rows->first_row[test[i]]; r < l->rows->first_row[test[i] + 1]; r++)
                out[r] = score_row(&m, r);
        }
    }
    model_done(&m);
    free(order);
    return rc == BF_OK ? BF_OK : bf_fail_memory(err, "the built-in probe");
}
