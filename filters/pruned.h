#ifndef BF_FILTERS_PRUNED_H
#define BF_FILTERS_PRUNED_H

#include "core/ops.h"
#include "core/table.h"
#include "filters/prune.h"

/* What the filters that prune share: scores from probes, options, what is said of a sample. */

/* What samples are ranked by. */
enum bf_prune_rank {
    BF_PRUNE_SCORE,    /* s(x): p(gold), or where a probe gives none the share of right trials; of
                          numbers, mean relative accuracy */
    BF_PRUNE_ADJUSTED, /* s(x) - 1/k where one of k choices is right */
    BF_PRUNE_DELTA,    /* s(x) - s0(x), s0 that of another probe */
};

/* Where scores come from. A probe that learns from the pool is trained again each time on what is
 * left; of others what was recorded stands. */
struct bf_prune_source {
    const struct bf_table *table;
    int probe, condition;
    bool retrain;
    int repeats; /* fits whose p is averaged, each with folds drawn anew; of AFLite 1 */
    uint32_t n_models, n_train; /* as in bf_refit: 0 = cross-fitted; else a new draw every round */
    enum bf_prune_rank rank;
    int base; /* probe that gives s0; unused otherwise */
    float *p; /* [n_samples] room */
};

/* bf_prune_scorer.score, ctx a struct bf_prune_source. BF_EINVAL: the probe learns from the pool,
 * but this table cannot have it trained. */
int bf_prune_scores(void *ctx, const uint8_t *alive, uint32_t round, double *s_out,
                    struct bf_err *err);

/* s(x) as recorded; NaN = none. */
double bf_prune_recorded(const struct bf_table *t, int probe, int condition, uint32_t sample);

/* Whether a probe has a score of a sample, so that it can be ranked. */
bool bf_prune_can_rank(const struct bf_prune_source *s, uint32_t sample);

/* A number of samples as a spec gives it: below 1 a share of `all`, rounded to even; else itself,
 * at most `all`. */
uint32_t bf_prune_count(double v, uint32_t all);

/* Whether `v` is such a number. BF_EINVAL. */
int bf_prune_check_count(const char *filter, const char *option, double v, struct bf_err *err);

/* Names of a probe and a condition: they are there, and the one is asked under the other.
 * BF_EINVAL. */
int bf_prune_check_names(const char *filter, const struct bf_spec *spec, const char *probe,
                         const char *under, struct bf_err *err);

/* What pruning came to, for decide(). */
struct bf_pruned {
    uint32_t n_removed, n_rounds;
    struct bf_prune_fate *fates; /* [n_samples] */
    uint8_t *standing;           /* [n_samples] 1 = not rejected before, so that it took part */
    struct bf_prune_pool pool;
};

/* Ready for pruning: ids sorted, types by the values of the field `type` (NULL: all are one).
 * Memory comes from `a`. BF_EINVAL: no sample has such a field; BF_ENOMEM. */
int bf_pruned_init(struct bf_pruned *out, const struct bf_table *t, const uint8_t *standing,
                   const char *type, struct bf_arena *a, struct bf_err *err);

/* Verdict and reason on one sample: "stat p(gold) 0.91 under blind: number 12 of 200 removed, round
 * 1 of 4". Without anything concluded yet: KEEP. */
void bf_pruned_decide(const struct bf_pruned *p, const struct bf_prune_source *s, const char *what,
                      uint32_t sample, struct bf_ruling *out);

#endif
