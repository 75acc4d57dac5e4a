/* Training of linear models on dense features: L-BFGS, preconditioned. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/sample.h"
#include "probe/builtin/softmax.h"

/* Samples are gone through BLOCK at a time by all models that are trained together. */
enum { PAIRS = 5, MAX_EVALUATIONS = 100, BLOCK = 256 };

/* One model on its way. Vectors are [size]. */
struct descent {
    const struct bf_softmax *m;
    const uint32_t *train;
    uint32_t n_train;
    double l2;
    size_t size;
    double loss, *w, *g;              /* where it is, the objective and its gradient there */
    double next_loss, *next, *next_g; /* where it goes */
    double *s[PAIRS], *y[PAIRS];      /* steps and changes of the gradient, oldest first */
    int n_pairs;
    double *d, by; /* direction, and how much of it is tried */
    double *pre;   /* scratch of the preconditioner */
    double enough; /* length of the gradient that will do; 0 = not known yet */
    bool done;
    uint32_t at;    /* of `train`, while samples are gone through */
    float *wf, *gf; /* what sums over samples work with */
    double *room;
};

/* Eight sums in a fixed order: fast, and the same on every machine. */
static inline float dot_f(const float *restrict x, const float *restrict y, int n)
{
    float s[BF_SOFTMAX_LANES] = { 0 };
    for (int i = 0; i < n; i += BF_SOFTMAX_LANES)
        for (int k = 0; k < BF_SOFTMAX_LANES; k++)
            s[k] += x[i + k] * y[i + k];
    return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
}

/* g += sum of by[j] x[j]. */
static void add4(float *restrict g, const float by[4], const float *const x[4], int n)
{
    const float *restrict a = x[0], *restrict b = x[1], *restrict c = x[2], *restrict d = x[3];
    const float p = by[0], q = by[1], r = by[2], s = by[3];
    for (int i = 0; i < n; i++)
        g[i] += (p * a[i] + q * b[i]) + (r * c[i] + s * d[i]);
}

/* Scores [k] become p - 1[gold]; returns -log p(gold). */
static double softmax_loss(float *s, int k, int gold)
{
    float top = s[0], sum = 0;
    for (int c = 1; c < k; c++)
        top = s[c] > top ? s[c] : top;
    const float of_gold = s[gold] - top;
    for (int c = 0; c < k; c++)
        sum += s[c] = expf(s[c] - top);
    for (int c = 0; c < k; c++)
        s[c] /= sum;
    s[gold] -= 1;
    return (double)(logf(sum) - of_gold);
}

static const float *row(const struct bf_softmax *m, size_t r)
{
    return m->z + r * (size_t)m->width;
}

/* Loss of up to four samples, their gradient added to `g`: a vector of weights a letter. */
static double four_samples(const struct bf_softmax *m, const uint32_t *samples, uint32_t n,
                           const float *w, float *g)
{
    const float *z[4];
    float s[BF_MAX_CHOICES][4], own[BF_MAX_CHOICES];
    double loss = 0;
    for (uint32_t j = 0; j < 4; j++)
        z[j] = row(m, samples[j < n ? j : 0]);
    for (int c = 0; c < m->letters; c++)
        for (int j = 0; j < 4; j++)
            s[c][j] = dot_f(w + (size_t)c * (size_t)m->width, z[j], m->width);
    for (uint32_t j = 0; j < 4; j++) {
        const int k = j < n ? m->n_choices[samples[j]] : 0;
        for (int c = 0; c < k; c++)
            own[c] = s[c][j];
        if (k)
            loss += softmax_loss(own, k, m->gold[samples[j]]);
        for (int c = 0; c < m->letters; c++)
            s[c][j] = c < k ? own[c] : 0;
    }
    for (int c = 0; c < m->letters; c++)
        add4(g + (size_t)c * (size_t)m->width, s[c], z, m->width);
    return loss;
}

/* The same for one sample whose choices have vectors of their own. */
static double one_sample(const struct bf_softmax *m, uint32_t sample, const float *w, float *g)
{
    float s[BF_MAX_CHOICES + 4] = { 0 };
    const int k = m->n_choices[sample];
    bf_softmax_scores(m, w, sample, s);
    const double loss = softmax_loss(s, k, m->gold[sample]);
    for (int c = 0; c < k; c += 4) {
        const float *z[4];
        for (int j = 0; j < 4; j++)
            z[j] = row(m, m->first_row[sample] + (size_t)(c + j < k ? c + j : c));
        add4(g, s + c, z, m->width);
    }
    return loss;
}

static void start_sums(struct descent *d)
{
    d->at = 0;
    d->next_loss = 0;
    for (size_t i = 0; i < d->size; i++) {
        d->wf[i] = (float)d->next[i];
        d->next_g[i] = 0;
    }
}

/* Add the training samples below `end`: in single precision among themselves, double beyond. */
static void add_block(struct descent *d, uint32_t end)
{
    const struct bf_softmax *m = d->m;
    for (size_t i = 0; i < d->size; i++)
        d->gf[i] = 0;
    while (d->at < d->n_train && d->train[d->at] < end) {
        uint32_t n = 1;
        while (!m->by_choice && n < 4 && d->at + n < d->n_train && d->train[d->at + n] < end)
            n++;
        d->next_loss += m->by_choice ? one_sample(m, d->train[d->at], d->wf, d->gf)
                                     : four_samples(m, d->train + d->at, n, d->wf, d->gf);
        d->at += n;
    }
    for (size_t i = 0; i < d->size; i++)
        d->next_g[i] += (double)d->gf[i];
}

/* The prior's part, and means instead of sums. */
static void finish_sums(struct descent *d)
{
    double squares = 0;
    for (size_t i = 0; i < d->size; i++) {
        const double penalty = d->l2 * (double)d->m->penalised[i % (size_t)d->m->width];
        squares += penalty * d->next[i] * d->next[i];
        d->next_g[i] = (d->next_g[i] + penalty * d->next[i]) / d->n_train;
    }
    d->next_loss = (d->next_loss + squares / 2) / d->n_train;
}

/* The objective and its gradient where each model goes. */
static void evaluate(struct descent *d, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (!d[k].done)
            start_sums(&d[k]);
    for (uint32_t end = BLOCK; end < d->m->n + BLOCK; end += BLOCK)
        for (uint32_t k = 0; k < n; k++)
            if (!d[k].done)
                add_block(&d[k], end);
    for (uint32_t k = 0; k < n; k++)
        if (!d[k].done)
            finish_sums(&d[k]);
}

/* out = (Hessian at p = 1/k)^-1 v, a vector of weights at a time. */
static void precondition(const struct bf_softmax *m, const double *v, double *out, size_t size)
{
    const int s = m->solve;
    memcpy(out, v, size * sizeof *out);
    for (size_t at = 0; at < size; at += (size_t)m->width) {
        double *x = out + at;
        for (int i = 0; !s && i < m->width; i++)
            x[i] /= m->factor[i];
        for (int i = 0; i < s; i++) {
            const double *f = m->factor + (size_t)i * (size_t)s;
            for (int j = 0; j < i; j++)
                x[i] -= f[j] * x[j];
            x[i] /= f[i];
        }
        for (int i = s - 1; i >= 0; i--) {
            const double *f = m->factor + (size_t)i * (size_t)s;
            x[i] /= f[i];
            for (int j = 0; j < i; j++)
                x[j] -= f[j] * x[i];
        }
    }
}

static double dot(const double *x, const double *y, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

static void add(double *x, double by, const double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] += by * y[i];
}

/* The two loops of L-BFGS: d = -H g. */
static void direction(struct descent *d)
{
    double alpha[PAIRS], scale = 1;
    memcpy(d->pre, d->g, d->size * sizeof *d->pre);
    for (int i = d->n_pairs - 1; i >= 0; i--) {
        alpha[i] = dot(d->s[i], d->pre, d->size) / dot(d->s[i], d->y[i], d->size);
        add(d->pre, -alpha[i], d->y[i], d->size);
    }
    if (d->n_pairs) {
        const double *s = d->s[d->n_pairs - 1], *y = d->y[d->n_pairs - 1];
        precondition(d->m, y, d->d, d->size);
        scale = dot(s, y, d->size) / dot(y, d->d, d->size);
    }
    precondition(d->m, d->pre, d->d, d->size);
    for (size_t i = 0; i < d->size; i++)
        d->d[i] *= scale;
    for (int i = 0; i < d->n_pairs; i++) {
        const double beta = dot(d->y[i], d->d, d->size) / dot(d->s[i], d->y[i], d->size);
        add(d->d, alpha[i] - beta, d->s[i], d->size);
    }
    for (size_t i = 0; i < d->size; i++)
        d->d[i] = -d->d[i];
}

/* Remember the step from w to next, the oldest forgotten; unless the objective is flat there. */
static void remember(struct descent *d)
{
    double *s = d->s[d->n_pairs < PAIRS ? d->n_pairs : 0];
    double *y = d->y[d->n_pairs < PAIRS ? d->n_pairs : 0];
    for (size_t i = 0; i < d->size; i++) {
        s[i] = d->next[i] - d->w[i];
        y[i] = d->next_g[i] - d->g[i];
    }
    const bool usable = dot(s, y, d->size) > 1e-12 * dot(y, y, d->size);
    if (d->n_pairs < PAIRS) {
        d->n_pairs += usable;
        return;
    }
    memmove(d->s, d->s + 1, (PAIRS - 1) * sizeof *d->s);
    memmove(d->y, d->y + 1, (PAIRS - 1) * sizeof *d->y);
    d->s[PAIRS - 1] = s;
    d->y[PAIRS - 1] = y;
    d->n_pairs -= !usable;
}

static double length(struct descent *d, const double *g)
{
    precondition(d->m, g, d->pre, d->size);
    return sqrt(dot(g, d->pre, d->size));
}

static void swap(double **x, double **y)
{
    double *t = *x;
    *x = *y;
    *y = t;
}

/* Go where the objective was found, unless it rose; then choose where to look next. */
static void go(struct descent *d, double tolerance)
{
    const bool first = d->enough <= 0;
    if (first || d->next_loss <= d->loss + 1e-9 * fabs(d->loss)) {
        if (!first)
            remember(d);
        swap(&d->w, &d->next);
        swap(&d->g, &d->next_g);
        d->loss = d->next_loss;
        const double now = length(d, d->g);
        if (first)
            d->enough = fmax(tolerance * now, 1e-300);
        d->done = now <= d->enough;
        d->by = 1;
        direction(d);
    } else {
        d->by /= 2;
    }
    for (size_t i = 0; i < d->size; i++)
        d->next[i] = d->w[i] + d->by * d->d[i];
}

static int open_descent(struct descent *d, const struct bf_softmax *m,
                        const struct bf_softmax_subset *s, double l2)
{
    *d = (struct descent){ .m = m,
                           .train = s->train,
                           .n_train = s->n_train,
                           .l2 = l2,
                           .size = bf_softmax_size(m),
                           .wf = s->w };
    double **const names[] = { &d->w, &d->g, &d->next, &d->next_g, &d->d, &d->pre };
    const size_t n_names = sizeof names / sizeof *names;
    d->room = calloc(d->size * (n_names + 2 * PAIRS), sizeof *d->room);
    d->gf = calloc(d->size, sizeof *d->gf);
    if (!d->room || !d->gf)
        return BF_ENOMEM;
    for (size_t i = 0; i < n_names; i++)
        *names[i] = d->room + i * d->size;
    for (size_t i = 0; i < PAIRS; i++) {
        d->s[i] = d->room + (n_names + 2 * i) * d->size;
        d->y[i] = d->room + (n_names + 2 * i + 1) * d->size;
    }
    return BF_OK;
}

int bf_softmax_fit(const struct bf_softmax *m, const struct bf_softmax_subset *subsets, uint32_t n,
                   double l2, double tolerance, struct bf_err *err)
{
    struct descent *d = calloc((size_t)n + 1, sizeof *d);
    int rc = d ? BF_OK : BF_ENOMEM;
    for (uint32_t k = 0; rc == BF_OK && k < n; k++)
        rc = open_descent(&d[k], m, &subsets[k], l2);
    uint32_t n_left = n;
    for (int i = 0; rc == BF_OK && i < MAX_EVALUATIONS && n_left > 0; i++) {
        evaluate(d, n);
        n_left = 0;
        for (uint32_t k = 0; k < n; k++) {
            if (!d[k].done)
                go(&d[k], tolerance);
            n_left += !d[k].done;
        }
    }
    for (uint32_t k = 0; d && k < n; k++) {
        for (size_t i = 0; rc == BF_OK && i < d[k].size; i++)
            subsets[k].w[i] = (float)d[k].w[i];
        free(d[k].room);
        free(d[k].gf);
    }
    free(d);
    return rc == BF_OK ? BF_OK : bf_fail_memory(err, "linear models");
}

void bf_softmax_scores(const struct bf_softmax *m, const float *w, uint32_t sample, float *out)
{
    for (int c = 0; c < m->n_choices[sample]; c++)
        out[c] = m->by_choice ? dot_f(w, row(m, m->first_row[sample] + (size_t)c), m->width)
                              : dot_f(w + (size_t)c * (size_t)m->width, row(m, sample), m->width);
}
