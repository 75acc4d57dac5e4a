/* How good probabilities of choices are. Choices of all samples lie one after the other: those of
 * sample i are first[i] .. first[i + 1] - 1. A sample without p (NaN) is left out everywhere. */
#ifndef BF_TESTS_BUILTIN_MEASURES_H
#define BF_TESTS_BUILTIN_MEASURES_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

struct measured {
    uint32_t n_samples, n_pairs; /* with p */
    double right;                /* samples whose gold has the most p; a tie of m counts 1/m */
    double auc;                  /* of p, gold choices against all others, over all samples */
    double log_loss;             /* mean of -ln p(gold) */
    double calibration;          /* expected calibration error, see measured_calibration() */
};

struct measured_pair {
    float p;
    int is_gold;
    double share; /* of gold choices among the pairs of this p */
};

static inline int measured_by_p(const void *x, const void *y)
{
    const struct measured_pair *a = x, *b = y;
    return a->p != b->p ? (a->p < b->p ? -1 : 1) : a->is_gold - b->is_gold;
}

/* P(a gold choice has more p than another) + P(as much) / 2, over pairs in order of p; sets the
 * share of each. */
static inline double measured_auc(struct measured_pair *v, uint32_t n)
{
    double below = 0, n_gold = 0, sum = 0;
    for (uint32_t i = 0, end; i < n; i = end) {
        double gold = 0, other = 0;
        for (end = i; end < n && v[end].p == v[i].p; end++)
            *(v[end].is_gold ? &gold : &other) += 1;
        for (uint32_t k = i; k < end; k++)
            v[k].share = gold / (gold + other);
        sum += gold * (below + other / 2);
        below += other;
        n_gold += gold;
    }
    return n_gold > 0 && below > 0 ? sum / (n_gold * below) : NAN;
}

/* The pairs, in order of p, cut into 15 bins of equal mass: the mean over pairs of how far the
 * bin's mean p is from its share of gold choices. Where a bin ends among pairs of the same p, both
 * sides have the share of all of these. */
static inline double measured_calibration(const struct measured_pair *v, uint32_t n)
{
    enum { BINS = 15 };
    double error = 0;
    for (uint64_t b = 0; b < BINS; b++) {
        double p = 0, gold = 0;
        for (uint64_t i = b * n / BINS; i < (b + 1) * n / BINS; i++) {
            p += (double)v[i].p;
            gold += v[i].share;
        }
        error += fabs(p - gold);
    }
    return n ? error / n : NAN;
}

/* `gold` [n_samples] is the place of the gold choice, -1 where there is none. */
static inline struct measured measure(const float *p, const uint32_t *first, const int *gold,
                                      uint32_t n_samples)
{
    struct measured m = { 0 };
    struct measured_pair *v = calloc((size_t)first[n_samples] + 1, sizeof *v);
    if (!v)
        exit(1);
    for (uint32_t i = 0; i < n_samples; i++) {
        const float *q = p + first[i];
        const int k = (int)(first[i + 1] - first[i]);
        if (k == 0 || gold[i] < 0 || isnan(q[0]))
            continue;
        int n_best = 1;
        for (int c = 0; c < k; c++) {
            v[m.n_pairs++] = (struct measured_pair){ .p = q[c], .is_gold = c == gold[i] };
            if (c != gold[i] && q[c] > q[gold[i]])
                n_best = 0;
            else if (c != gold[i] && q[c] >= q[gold[i]] && n_best)
                n_best++;
        }
        m.right += n_best ? 1.0 / n_best : 0;
        m.log_loss -= log(fmax((double)q[gold[i]], 1e-30));
        m.n_samples++;
    }
    m.log_loss /= m.n_samples;
    qsort(v, m.n_pairs, sizeof *v, measured_by_p);
    m.auc = measured_auc(v, m.n_pairs);
    m.calibration = measured_calibration(v, m.n_pairs);
    free(v);
    return m;
}

#endif
