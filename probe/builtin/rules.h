#ifndef BF_PROBE_BUILTIN_RULES_H
#define BF_PROBE_BUILTIN_RULES_H

#include <stdint.h>

#include "core/err.h"
#include "probe/builtin/bins.h"

/* Few plain rules: "in template 7, the longest choice", "in category 2, letter B". Trees and
 * linear models hold back what one group of questions says, and need many steps to say it; a rule
 * that is certain is believed at once.
 *
 *     s(x, c) = scale z(x, c) + sum of w_r over the rules r that row (x, c) fulfils */
struct bf_rule {
    uint16_t context, column; /* of the bins */
    uint8_t within, bin;      /* a row whose context is in bin `within`, its column in `bin` */
    double w;
};

enum { BF_MAX_RULES = 128 };

struct bf_rules {
    int n;
    struct bf_rule v[BF_MAX_RULES];
    double scale; /* at least 0 */
};

struct bf_rules_data {
    const uint32_t *first_row; /* [n_samples + 1] */
    const int *gold;           /* [n_samples] */
    const struct bf_bins *bins;
    const float *z;   /* [n_rows] margins of other models */
    uint32_t without; /* BF_BIT() of enum bf_evidence: columns that are not looked at */
};

/* Find rules on the samples `train` [n_train], and weigh them.
 *
 * With p the softmax over the choices of what rules say so far, y = 1 for the gold choice, the rows
 * of a context (a category, a template, a skeleton, a frame) in a bin of a column have
 * G = sum (y - p), H = sum p (1 - p), and
 *
 *     gain = G^2 / (H + 1) - 4 - 2 ln(bins of the column)
 *
 * where G^2 / H is about the square of a standard normal number if the bin says nothing. The column
 * of at most 32 bins, or texts, and the kind of context with the largest sum of positive gains,
 * over the best bin in each of its V contexts, give rules if that sum is above 18 + V / 4; then the
 * next, up to eight times. A context has 20 samples or more, and half of them all at most. Margins
 * are not looked at here, so that a leak that they half know is found whole.
 *
 * Then scale and all w maximise the likelihood of `train` given z, by Newton's method on one after
 * another, with Gaussian priors: on scale with mean 1, precision 1; on w with mean 0, precision
 * 1/2, or, where m > 0 other rules are of the same fact and kind of context, with mean
 * (sum of their w) / (m + 1/4), precision 15. Rules of one column and kind are dropped when the sum
 * of w^2 h over these n, h the second derivative by w, is at most 3 n + 4; what is left is weighed
 * again. With more than 8,000 samples every so-manyth is taken. BF_ENOMEM, without a message. */
int bf_rules_fit(const struct bf_rules_data *d, const uint32_t *train, uint32_t n_train,
                 struct bf_rules *out);

/* s(x, c) of every row of the samples `which` [n]: of row r to `out[r]`. */
void bf_rules_score(const struct bf_rules *r, const struct bf_rules_data *d, const uint32_t *which,
                    uint32_t n, float *out);

#endif
