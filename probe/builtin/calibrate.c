#include "probe/builtin/calibrate.h"

#include <math.h>

#include "core/sample.h"

enum { ROUNDS = 20 };

static const double words_precision = 10, media_precision = 1, group_precision = 8;

static void probabilities(const struct bf_calibration *c, const struct bf_calibration_case *x,
                          double *p)
{
    const double media = c->a + c->d[x->group];
    double top = -INFINITY, sum = 0;
    for (int j = 0; j < x->k; j++) {
        p[j] = c->b * (double)x->text[j] + media * (double)x->media[j];
        top = fmax(top, p[j]);
    }
    for (int j = 0; j < x->k; j++)
        sum += p[j] = exp(p[j] - top);
    for (int j = 0; j < x->k; j++)
        p[j] /= sum;
}

/* First and second derivative of -log p(gold) by the factor of `score` [k]. */
static void derivatives(const double *p, const float *score, int k, int gold, double *first,
                        double *second)
{
    double mean = 0, squares = 0;
    for (int j = 0; j < k; j++) {
        mean += p[j] * (double)score[j];
        squares += p[j] * (double)score[j] * (double)score[j];
    }
    *first += mean - (double)score[gold];
    *second += squares - mean * mean;
}

/* One Newton step of b or a. */
static void step_shared(struct bf_calibration *c, const struct bf_calibration_case *x, uint32_t n,
                        double *factor, bool words, double prior_mean, double precision)
{
    double p[BF_MAX_CHOICES];
    double first = precision * (*factor - prior_mean), second = precision;
    for (uint32_t i = 0; i < n; i++) {
        probabilities(c, &x[i], p);
        derivatives(p, words ? x[i].text : x[i].media, x[i].k, x[i].gold, &first, &second);
    }
    *factor -= first / second;
}

/* One Newton step of every d_g at once: no two share a case. */
static void step_groups(struct bf_calibration *c, const struct bf_calibration_case *x, uint32_t n,
                        double *first, double *second)
{
    double p[BF_MAX_CHOICES];
    for (uint32_t g = 0; g < c->n_groups; g++) {
        first[g] = group_precision * c->d[g];
        second[g] = group_precision;
    }
    for (uint32_t i = 0; i < n; i++) {
        probabilities(c, &x[i], p);
        derivatives(p, x[i].media, x[i].k, x[i].gold, &first[x[i].group], &second[x[i].group]);
    }
    for (uint32_t g = 0; g < c->n_groups; g++)
        c->d[g] -= first[g] / second[g];
}

void bf_calibrate(struct bf_calibration *c, const struct bf_calibration_case *cases, uint32_t n)
{
    double *first = c->d + c->n_groups, *second = first + c->n_groups;
    c->b = 1;
    c->a = 0.5;
    for (uint32_t g = 0; g < c->n_groups; g++)
        c->d[g] = 0;
    for (int round = 0; round < ROUNDS; round++) {
        step_shared(c, cases, n, &c->b, true, 1, words_precision);
        step_shared(c, cases, n, &c->a, false, 0, media_precision);
        step_groups(c, cases, n, first, second);
    }
    /* A medium that misled is not believed in reverse. */
    for (uint32_t g = 0; g < c->n_groups; g++)
        if (c->a + c->d[g] < 0)
            c->d[g] = -c->a;
}

void bf_calibrated(const struct bf_calibration *c, const struct bf_calibration_case *x,
                   float *p_out)
{
    double p[BF_MAX_CHOICES];
    probabilities(c, x, p);
    for (int j = 0; j < x->k; j++)
        p_out[j] = (float)p[j];
}
