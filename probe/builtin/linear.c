#include "probe/builtin/linear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Squared gradients start from this, which bounds the first steps. */
static const float first_square = 1.0f;

/* Bins within a context, and grams with letters, count half: so a cue that holds everywhere is
 * believed before one that holds somewhere. Chosen by out-of-fold log loss on NExT-QA, MMAU and
 * generated questions. */
static const float within = 0.5f;

/* Steps of media are so much longer than those of words. */
static const float media_rate = 2.5f;

/* What is read and written together lies together. */
struct weight {
    float w;
    float square; /* sum of squared gradients */
    float pull;   /* l2 / how often training touches the weight */
    float shrink; /* l1 / the same */
};

struct bf_model {
    const struct bf_rows *rows;
    struct weight *v; /* [n_weights] */
    float rate;
    float value[256]; /* of a feature's code */
    struct bf_dense dense;
};

/* A prior on every weight: its pull is spread over the times that one pass touches it, so that what
 * is seen once is held back and what is seen often is free to be learned. */
static int init(struct bf_model *m, const struct bf_learn *l, const uint32_t *train,
                uint32_t n_train)
{
    const struct bf_rows *r = l->rows;
    uint32_t n_rows = 0;
    m->rows = r;
    m->rate = (float)l->rate;
    m->v = malloc(((size_t)r->n_weights + 1) * sizeof *m->v);
    if (!m->v)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < n_train; i++)
        n_rows += r->first_row[train[i] + 1] - r->first_row[train[i]];
    const double share = (double)n_rows / fmax(1, r->first_row[r->n_samples]);
    for (uint32_t i = 0; i < r->n_weights; i++) {
        const double n = fmax(1, r->touches[i] * share);
        m->v[i] = (struct weight){ 0, first_square, (float)(l->l2 / n), (float)(l->l1 / n) };
    }
    for (int i = 0; i < 256; i++)
        m->value[i] = bf_cue_value((uint8_t)i);
    return bf_dense_init(&m->dense, r, l->blocks, l->n_blocks, train, n_train, l->l2);
}

static float score_row(const struct bf_model *m, uint32_t sample, uint32_t row)
{
    const struct bf_rows *r = m->rows;
    float s = 0;
    for (uint32_t k = r->first_context[sample]; k < r->first_context[sample + 1]; k++) {
        const struct weight *v = m->v + bf_context_weight(r, r->contexts[k]);
        float sum = 0;
        for (uint32_t b = r->first_bin[row]; b < r->first_bin[row + 1]; b++)
            sum += v[r->bins[b]].w;
        s += r->contexts[k] ? within * sum : sum;
    }
    for (uint32_t k = r->first_feature[row]; k < r->first_feature[row + 1]; k++)
        s += m->v[r->features[k] >> 8].w * m->value[r->features[k] & 255];
    return s;
}

/* What words say of the choices of a sample. */
static void score_words(const struct bf_model *m, uint32_t sample, float *s)
{
    const struct bf_rows *r = m->rows;
    const uint32_t first = r->first_row[sample], n = r->first_row[sample + 1] - first;
    for (uint32_t j = 0; j < n; j++)
        s[j] = score_row(m, sample, first + j);
    for (uint32_t k = r->first_gram[sample]; k < r->first_gram[sample + 1]; k++) {
        const struct weight *v = m->v + bf_gram_weight(r, r->grams[k]);
        for (uint32_t j = 0; j < n; j++)
            s[j] += within * v[j].w;
    }
}

static void step(struct weight *v, float gradient, float rate)
{
    const float g = gradient + v->pull * v->w;
    v->square += g * g;
    const float size = rate / sqrtf(v->square);
    v->w -= size * g;
    if (v->shrink > 0) {
        const float left = fabsf(v->w) - size * v->shrink;
        v->w = left > 0 ? copysignf(left, v->w) : 0;
    }
}

static void step_row(struct bf_model *m, uint32_t sample, uint32_t row, float gradient)
{
    const struct bf_rows *r = m->rows;
    for (uint32_t k = r->first_context[sample]; k < r->first_context[sample + 1]; k++) {
        struct weight *v = m->v + bf_context_weight(r, r->contexts[k]);
        const float g = r->contexts[k] ? within * gradient : gradient;
        for (uint32_t b = r->first_bin[row]; b < r->first_bin[row + 1]; b++)
            step(&v[r->bins[b]], g, m->rate);
    }
    for (uint32_t k = r->first_feature[row]; k < r->first_feature[row + 1]; k++)
        step(&m->v[r->features[k] >> 8], gradient * m->value[r->features[k] & 255], m->rate);
}

static void train_on(struct bf_model *m, uint32_t sample, int gold)
{
    const struct bf_rows *r = m->rows;
    const uint32_t first = r->first_row[sample], n = r->first_row[sample + 1] - first;
    float p[BF_MAX_CHOICES], top = -INFINITY, sum = 0;
    score_words(m, sample, p);
    bf_dense_look(&m->dense, sample);
    for (uint32_t j = 0; j < n; j++) {
        p[j] += bf_dense_score(&m->dense, first + j);
        top = fmaxf(top, p[j]);
    }
    for (uint32_t j = 0; j < n; j++)
        sum += p[j] = expf(p[j] - top);
    for (uint32_t j = 0; j < n; j++)
        p[j] = p[j] / sum - (float)((int)j == gold);
    for (uint32_t j = 0; j < n; j++) {
        step_row(m, sample, first + j, p[j]);
        bf_dense_step(&m->dense, first + j, p[j], media_rate * m->rate);
    }
    for (uint32_t k = r->first_gram[sample]; k < r->first_gram[sample + 1]; k++) {
        struct weight *v = m->v + bf_gram_weight(r, r->grams[k]);
        for (uint32_t j = 0; j < n; j++)
            step(&v[j], within * p[j], m->rate);
    }
}

int bf_learn_epochs(uint32_t n_train, bool media)
{
    const uint32_t epochs = (media ? 400000 : 40000) / (n_train + 1), least = media ? 4 : 2;
    return (int)(epochs < least ? least : epochs > 20 ? 20 : epochs);
}

int bf_model_fit(const struct bf_learn *l, const uint32_t *train, uint32_t n_train,
                 struct bf_rng rng, struct bf_model **out, struct bf_err *err)
{
    struct bf_model *m = calloc(1, sizeof *m);
    uint32_t *order = malloc(((size_t)n_train + 1) * sizeof *order);
    if (!m || !order || init(m, l, train, n_train) != BF_OK) {
        free(order);
        bf_model_free(m);
        return bf_fail_memory(err, "the built-in probe");
    }
    const int epochs = l->epochs ? l->epochs : bf_learn_epochs(n_train, l->n_blocks > 0);
    memcpy(order, train, (size_t)n_train * sizeof *order);
    for (int epoch = 0; epoch < epochs; epoch++) {
        bf_rng_shuffle(&rng, order, n_train);
        for (uint32_t i = 0; i < n_train; i++)
            train_on(m, order[i], l->gold[order[i]]);
    }
    free(order);
    *out = m;
    return BF_OK;
}

void bf_model_score(struct bf_model *m, const struct bf_block *blocks, const uint32_t *samples,
                    uint32_t n, struct bf_scored *out)
{
    const struct bf_block *own = m->dense.blocks;
    if (blocks)
        m->dense.blocks = blocks;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t first = m->rows->first_row[samples[i]];
        const uint32_t n_rows = m->rows->first_row[samples[i] + 1] - first;
        float words[BF_MAX_CHOICES];
        score_words(m, samples[i], words);
        bf_dense_look(&m->dense, samples[i]);
        for (uint32_t j = 0; j < n_rows; j++)
            out[first + j] = (struct bf_scored){ words[j], bf_dense_score(&m->dense, first + j) };
    }
    m->dense.blocks = own;
}

void bf_model_free(struct bf_model *m)
{
    if (!m)
        return;
    bf_dense_done(&m->dense);
    free(m->v);
    free(m);
}

int bf_learn(const struct bf_learn *l, const uint32_t *train, uint32_t n_train,
             const uint32_t *test, uint32_t n_test, struct bf_rng rng, struct bf_scored *out,
             struct bf_err *err)
{
    struct bf_model *m = NULL;
    BF_TRY(bf_model_fit(l, train, n_train, rng, &m, err));
    bf_model_score(m, NULL, test, n_test, out);
    bf_model_free(m);
    return BF_OK;
}
