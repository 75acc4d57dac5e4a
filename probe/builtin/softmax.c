/* Dense features made ready for linear models, and what preconditions their training. */
#include "probe/builtin/softmax.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/sample.h"

enum {
    MAX_FULL = 1024,    /* features above which the preconditioner is a diagonal */
    ROWS_A_FEATURE = 8, /* samples that its Hessian is estimated from */
    MIN_ROWS = 4096,
};

static uint32_t n_vectors(const struct bf_softmax *m)
{
    return m->by_choice ? m->first_row[m->n] : m->n;
}

/* Mean of every feature, and what its distance from there is multiplied by: 1 / standard deviation,
 * or 0 where nothing varies. */
static void measure(const struct bf_softmax_data *d, uint32_t n_rows, double *mean, double *scale)
{
    uint32_t n = 0;
    for (uint32_t r = 0; r < n_rows; r++) {
        n += d->v[r] != NULL;
        for (int i = 0; d->v[r] && i < d->dim; i++)
            mean[i] += d->v[r][i];
    }
    for (int i = 0; i < d->dim; i++)
        mean[i] /= n > 0 ? n : 1;
    for (uint32_t r = 0; r < n_rows; r++)
        for (int i = 0; d->v[r] && i < d->dim; i++)
            scale[i] += (d->v[r][i] - mean[i]) * (d->v[r][i] - mean[i]);
    for (int i = 0; i < d->dim; i++) {
        const double sd = sqrt(scale[i] / (n > 0 ? n : 1));
        scale[i] = sd > 1e-6 * (1 + fabs(mean[i])) ? 1 / sd : 0;
    }
}

/* Rows of z: what is measured, then a 1, or of choices a 1 at the place of the letter. */
static int fill_rows(struct bf_softmax *m, const struct bf_softmax_data *d, struct bf_arena *a)
{
    const uint32_t n_rows = n_vectors(m);
    float *z = bf_arena_alloc(a, (size_t)n_rows * (size_t)m->width, sizeof *z);
    double *mean = calloc((size_t)d->dim * 2, sizeof *mean);
    if (z && mean) {
        double *scale = mean + d->dim;
        measure(d, n_rows, mean, scale);
        for (uint32_t r = 0; r < n_rows; r++)
            for (int i = 0; d->v[r] && i < d->dim; i++)
                z[(size_t)r * (size_t)m->width + (size_t)i] =
                    (float)((d->v[r][i] - mean[i]) * scale[i]);
        for (uint32_t s = 0; s < m->n; s++)
            for (uint32_t c = 0; c < (m->by_choice ? m->n_choices[s] : 1u); c++) {
                const size_t row = (m->by_choice ? m->first_row[s] : s) + c;
                z[row * (size_t)m->width + (size_t)d->dim + c] = 1;
            }
    }
    free(mean);
    m->z = z;
    return z && mean ? BF_OK : BF_ENOMEM;
}

/* What one sample adds to the Hessian at p = 1/k: (1/k) z z' for each letter; of choices
 * (1/k) sum over c of (z_c - mean z)(z_c - mean z)'. `x` [width] is scratch; the lower triangle of
 * `h` [s][s], or its diagonal alone. */
static void add_sample(const struct bf_softmax *m, uint32_t sample, double *x, double *h)
{
    const uint32_t k = m->n_choices[sample], rows = m->by_choice ? k : 1;
    const float *z = m->z + (size_t)(m->by_choice ? m->first_row[sample] : sample) * m->width;
    const int s = m->solve ? m->solve : m->width;
    for (uint32_t c = 0; c < rows; c++) {
        for (int i = 0; i < s; i++) {
            double mean = 0;
            for (uint32_t b = 0; m->by_choice && b < k; b++)
                mean += (double)z[(size_t)b * m->width + i] / k;
            x[i] = z[(size_t)c * m->width + i] - mean;
        }
        for (int i = 0; i < s; i++) {
            if (!m->solve) {
                h[i] += x[i] * x[i] / k;
                continue;
            }
            double *row = h + (size_t)i * (size_t)s;
            const double u = x[i] / k;
            for (int j = 0; j <= i; j++)
                row[j] += u * x[j];
        }
    }
}

/* The lower triangle of a positive definite matrix becomes its Cholesky factor. */
static void cholesky(double *h, int s)
{
    for (int i = 0; i < s; i++)
        for (int j = 0; j <= i; j++) {
            double *x = h + (size_t)i * (size_t)s, *y = h + (size_t)j * (size_t)s, sum = x[j];
            for (int k = 0; k < j; k++)
                sum -= x[k] * y[k];
            x[j] = i == j ? sqrt(sum) : sum / y[j];
        }
}

/* The Hessian of the mean loss at w = 0, with the prior and a ridge that keeps it regular where
 * features depend on each other; it only shortens the way to the optimum. */
static int make_preconditioner(struct bf_softmax *m, double l2, uint32_t n_train,
                               struct bf_arena *a)
{
    const int s = m->solve ? m->solve : m->width;
    const size_t size = m->solve ? (size_t)s * (size_t)s : (size_t)s;
    const uint32_t wanted = s * ROWS_A_FEATURE > MIN_ROWS ? (uint32_t)s * ROWS_A_FEATURE : MIN_ROWS;
    const uint32_t n = m->n < wanted ? m->n : wanted;
    double *h = bf_arena_alloc(a, size, sizeof *h), *x = calloc((size_t)s, sizeof *x);
    if (h && x) {
        for (uint32_t i = 0; i < n; i++)
            add_sample(m, (uint32_t)((uint64_t)i * m->n / n), x, h);
        double trace = 0;
        for (int i = 0; i < s; i++)
            trace += h[(size_t)i * (m->solve ? (size_t)s + 1 : 1)] / n / s;
        for (size_t i = 0; i < size; i++)
            h[i] /= n;
        for (int i = 0; i < s; i++)
            h[(size_t)i * (m->solve ? (size_t)s + 1 : 1)] +=
                l2 / n_train * (double)m->penalised[i] + 1e-4 * trace + 1e-12;
        if (m->solve)
            cholesky(h, s);
    }
    free(x);
    m->factor = h;
    return h && x ? BF_OK : BF_ENOMEM;
}

static int check(const struct bf_softmax_data *d, double l2, uint32_t n_train, struct bf_err *err)
{
    if (d->n < 1 || n_train < 1)
        return bf_fail(err, BF_EINVAL,
                       "linear models of %u samples, %u to train on; allowed: 1 "
                       "or more",
                       d->n, n_train);
    if (d->dim < 1 || d->dim > BF_SOFTMAX_MAX_DIM)
        return bf_fail(err, BF_EINVAL, "vectors of %d numbers; allowed: 1 to %d", d->dim,
                       BF_SOFTMAX_MAX_DIM);
    if (!(l2 > 0))
        return bf_fail(err, BF_EINVAL, "a prior of precision %g; allowed: above 0", l2);
    for (uint32_t i = 0; i < d->n; i++)
        if (d->n_choices[i] < 2 || d->n_choices[i] > BF_MAX_CHOICES ||
            d->gold[i] >= d->n_choices[i])
            return bf_fail(err, BF_EINVAL, "a sample of %d choices with gold choice %d",
                           d->n_choices[i], d->gold[i]);
    return BF_OK;
}

int bf_softmax_init(struct bf_softmax *m, const struct bf_softmax_data *d, double l2,
                    uint32_t n_train, struct bf_arena *a, struct bf_err *err)
{
    BF_TRY(check(d, l2, n_train, err));
    *m = (struct bf_softmax){
        .n = d->n, .n_choices = d->n_choices, .gold = d->gold, .by_choice = d->by_choice
    };
    uint32_t *first = bf_arena_alloc(a, (size_t)d->n + 1, sizeof *first);
    if (!first)
        return bf_fail_memory(err, "linear models");
    for (uint32_t i = 0; i < d->n; i++) {
        first[i + 1] = first[i] + d->n_choices[i];
        m->letters = d->n_choices[i] > m->letters ? d->n_choices[i] : m->letters;
    }
    m->first_row = d->by_choice ? first : NULL;
    const int used = d->dim + (d->by_choice ? m->letters : 1);
    m->width = (used + BF_SOFTMAX_LANES - 1) / BF_SOFTMAX_LANES * BF_SOFTMAX_LANES;
    m->solve = used <= MAX_FULL ? used : 0;
    float *penalised = bf_arena_alloc(a, (size_t)m->width, sizeof *penalised);
    for (int i = 0; penalised && i < d->dim; i++)
        penalised[i] = 1;
    m->penalised = penalised;
    if (!penalised || fill_rows(m, d, a) != BF_OK ||
        make_preconditioner(m, l2, n_train, a) != BF_OK)
        return bf_fail_memory(err, "linear models");
    return BF_OK;
}

size_t bf_softmax_size(const struct bf_softmax *m)
{
    return (size_t)m->width * (size_t)(m->by_choice ? 1 : m->letters);
}
