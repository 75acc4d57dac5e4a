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
};

struct pace {
    float rate;
    float pull, shrink; /* l2 and l1, over the share of all rows that training sees */
};

struct bf_model {
    const struct bf_rows *rows;
    struct weight *v; /* [n_weights] */
    struct pace pace;
    float value[256]; /* of a feature's code */
    struct bf_dense dense;
};

static int init(struct bf_model *m, const struct bf_learn *l, const uint32_t *train,
                uint32_t n_train)
{
    const struct bf_rows *r = l->rows;
    uint32_t n_rows = 0;
    m->rows = r;
    m->v = malloc(((size_t)r->n_weights + 1) * sizeof *m->v);
    if (!m->v)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < n_train; i++)
        n_rows += r->first_row[train[i] + 1] - r->first_row[train[i]];
    const double share = n_rows ? (double)n_rows / r->first_row[r->n_samples] : 1;
    m->pace = (struct pace){ (float)l->rate, (float)(l->l2 / share), (float)(l->l1 / share) };
    for (uint32_t i = 0; i < r->n_weights; i++)
        m->v[i] = (struct weight){ 0, first_square };
    for (int i = 0; i < 256; i++)
        m->value[i] = bf_cue_value((uint8_t)i);
    return bf_dense_init(&m->dense, r, l->blocks, l->n_blocks, train, n_train, l->l2);
}

/* The lists of one sample, and the weights of another's features, on their way from memory while
 * others are looked at: samples come in random order, and most of the time is spent waiting. */
static void fetch_lists(const struct bf_rows *r, uint32_t sample)
{
    const uint32_t first = r->first_row[sample], last = r->first_row[sample + 1];
    __builtin_prefetch(&r->contexts[r->first_context[sample]]);
    __builtin_prefetch(&r->grams[r->first_gram[sample]]);
    __builtin_prefetch(&r->bins[r->first_bin[first]]);
    for (uint32_t k = r->first_feature[first]; k < r->first_feature[last]; k += 16)
        __builtin_prefetch(&r->features[k]);
}

static void fetch_weights(const struct bf_model *m, uint32_t sample)
{
    const struct bf_rows *r = m->rows;
    const uint32_t first = r->first_row[sample], last = r->first_row[sample + 1];
    for (uint32_t k = r->first_feature[first]; k < r->first_feature[last]; k++)
        __builtin_prefetch(&m->v[r->features[k] >> 8]);
    for (uint32_t k = r->first_gram[sample]; k < r->first_gram[sample + 1]; k++)
        __builtin_prefetch(&m->v[bf_gram_weight(r, r->grams[k])]);
}

static float score_row(const struct bf_model *m, uint32_t sample, uint32_t row)
{
    const struct bf_rows *r = m->rows;
    const uint8_t *bins = r->bins;
    float s = 0;
    for (uint32_t k = r->first_context[sample]; k < r->first_context[sample + 1]; k++) {
        const struct weight *v = m->v + bf_context_weight(r, r->contexts[k]);
        const uint32_t end = bf_bins_end(r, r->contexts[k], row);
        float sum = 0;
        for (uint32_t b = r->first_bin[row]; b < end; b++)
            sum += v[bins[b]].w;
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

/* `spread` is 1 / how often a pass over the pool touches the weight: the prior's pull is spread
 * over these times. */
static inline void step(struct weight *v, float spread, float gradient, struct pace pace)
{
    const float g = gradient + pace.pull * spread * v->w;
    const float square = v->square + g * g;
    const float size = pace.rate / sqrtf(square);
    float w = v->w - size * g;
    if (pace.shrink > 0) {
        const float left = fabsf(w) - size * pace.shrink * spread;
        w = left > 0 ? copysignf(left, w) : 0;
    }
    *v = (struct weight){ w, square };
}

static void step_row(struct bf_model *m, uint32_t sample, uint32_t row, float gradient)
{
    const struct bf_rows *r = m->rows;
    const struct pace pace = m->pace;
    const uint8_t *bins = r->bins;
    const uint32_t *features = r->features, last = r->first_feature[row + 1];
    for (uint32_t k = r->first_context[sample]; k < r->first_context[sample + 1]; k++) {
        const uint32_t first = bf_context_weight(r, r->contexts[k]);
        const uint32_t end = bf_bins_end(r, r->contexts[k], row);
        const float g = r->contexts[k] ? within * gradient : gradient, *spread = r->spread + first;
        struct weight *v = m->v + first;
        for (uint32_t b = r->first_bin[row]; b < end; b++)
            step(&v[bins[b]], spread[bins[b]], g, pace);
    }
    const float *spread = r->spread;
    struct weight *v = m->v;
    for (uint32_t k = r->first_feature[row]; k < last; k++) {
        const uint32_t i = features[k] >> 8;
        step(&v[i], spread[i], gradient * m->value[features[k] & 255], pace);
    }
}

static void step_letters(struct bf_model *m, uint32_t sample, const float *gradient, uint32_t n)
{
    const struct bf_rows *r = m->rows;
    const struct pace pace = m->pace;
    for (uint32_t k = r->first_gram[sample]; k < r->first_gram[sample + 1]; k++) {
        const uint32_t first = bf_gram_weight(r, r->grams[k]);
        struct weight *v = m->v + first;
        const float *spread = r->spread + first;
        for (uint32_t j = 0; j < n; j++)
            step(&v[j], spread[j], within * gradient[j], pace);
    }
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
        bf_dense_step(&m->dense, first + j, p[j], media_rate * m->pace.rate);
    }
    step_letters(m, sample, p, n);
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
        for (uint32_t i = 0; i < n_train; i++) {
            if (i + 2 < n_train)
                fetch_lists(m->rows, order[i + 2]);
            if (i + 1 < n_train)
                fetch_weights(m, order[i + 1]);
            train_on(m, order[i], l->gold[order[i]]);
        }
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
