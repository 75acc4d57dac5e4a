#ifndef BF_SCORE_SETS_H
#define BF_SCORE_SETS_H

#include "core/table.h"
#include "score/intervals.h"

/* The sets of samples that stats are given for: set 0 is "all", then one a category, by name. */
struct bf_sets {
    uint32_t n;
    const char **names; /* [n] "all", "category=counting" */
    const uint32_t *of; /* [n_samples] the set of its category, 0 = it has none */
};

/* BF_ENOMEM. Memory comes from `a`; names of categories are the pool's. */
int bf_sets_make(const struct bf_pool *pool, struct bf_sets *out, struct bf_arena *a,
                 struct bf_err *err);

static inline bool bf_sets_has(const struct bf_sets *sets, uint32_t set, uint32_t sample)
{
    return set == 0 || sets->of[sample] == set;
}

/* Sums over the samples of each group, for bf_bootstrap. Only groups that were added to count. */
struct bf_sums {
    int n_sums;
    uint32_t n_groups;
    double *rows;     /* [n_groups][n_sums] */
    uint32_t *row_of; /* [pool groups], UINT32_MAX = none yet */
    uint32_t n_pool_groups;
};

int bf_sums_init(struct bf_sums *s, const struct bf_pool *pool, int n_sums, struct bf_arena *a,
                 struct bf_err *err);

/* Forget all rows, for the next set. */
void bf_sums_clear(struct bf_sums *s);

/* The row [n_sums] that a sample of this group adds to. */
double *bf_sums_row(struct bf_sums *s, uint32_t group);

/* One ratio of two sums, its value and its interval over groups. */
struct bf_ratio {
    int num, den;
    double value; /* NaN when the denominator is 0 */
    struct bf_interval interval;
};

/* Fill in value and interval of `ratios` [n]. BF_ENOMEM. */
int bf_sums_ratios(const struct bf_sums *s, uint64_t seed, struct bf_ratio *ratios, int n,
                   struct bf_err *err);

/* One stat a set: the mean of `v` [n_samples] over its samples that are not null, bootstrap over
 * groups, else as `like` says. A category without a value gets none; the set of all then gets a
 * null with like->null_reason. */
int bf_stat_means(const struct bf_table *t, const struct bf_sets *sets, const double *v,
                  const struct bf_stat *like, struct bf_scores *out, struct bf_err *err);

/* One stat a set and word: the share of its samples whose `index` [n_samples] (NaN = null) is that
 * of the word, Wilson interval, called <like->score>.<word>. `words` ends with NULL. Sets without
 * a value as above. */
int bf_stat_shares(const struct bf_table *t, const struct bf_sets *sets, const double *index,
                   const char *const *words, const struct bf_stat *like, struct bf_scores *out,
                   struct bf_err *err);

#endif
