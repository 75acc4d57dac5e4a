#ifndef BF_CORE_RELEASE_H
#define BF_CORE_RELEASE_H

#include "core/table.h"

/* What all filters together say of one sample. */
struct bf_verdict {
    enum bf_verdict_kind kind;
    int filter; /* index of the filter that decided, -1 = none */
    enum bf_verdict_kind by_target[BF_MAX_MODALITIES]; /* KEEP for what is no target */
    const char *reason; /* what was held against it, "" when nothing was; a
                                                kept sample may have lost one of its targets */
};

/* What one filter decided, over the pool. A sample counts for one filter only. */
struct bf_drop {
    const char *filter; /* "answerable", "shortcut (above: 0.4)" */
    uint32_t n_rejected, n_undecided, n_review;
};

/* Let the spec's filters look at the whole pool, whose media have been read; once, before any
 * verdict. What they find lives in `a`. BF_ENOMEM, or what a filter returns. */
int bf_filters_prepare(struct bf_table *table, struct bf_arena *a, struct bf_err *err);

/* Once all answers are in: let filters work that have to know what those before them leave, in the
 * order of the spec; before bf_verdicts, after bf_filters_prepare. Free text that nobody judges
 * does not take part. BF_ENOMEM, BF_EIO when the user stops, or what a filter returns. */
int bf_filters_conclude(struct bf_table *table, const struct bf_scores *scores, struct bf_arena *a,
                        struct bf_err *err);

/* Ask the spec's filters about every sample, in their order, until one rejects it.
 *
 * A target is rejected when some filter rejects it. With `needs: any` a sample is rejected when
 * none of its targets stands, with `each` when one was rejected. It is undecided when undecided
 * targets could make it either; with `undecided: keep` they count as standing. A sample without
 * targets is treated as one target.
 *
 * `verdicts_out` [n_samples], `drops_out` [spec->n_filters] and their strings come from `a`.
 * BF_ENOMEM, or what a filter returns. Outputs are untouched on failure. */
int bf_verdicts(const struct bf_table *table, const struct bf_scores *scores,
                struct bf_verdict **verdicts_out, struct bf_drop **drops_out, struct bf_arena *a,
                struct bf_err *err);

/* Whether every filter that speaks of a sample has decided: no answer still to come can change its
 * verdict, nor which filter gave it. A filter of BF_UNDECIDED has not. */
int bf_verdict_settled(const struct bf_table *table, const struct bf_scores *scores,
                       uint32_t sample, bool *settled_out, struct bf_err *err);

/* A quota of balance that could not be met. */
struct bf_shortfall {
    const char *field, *value; /* "category", "counting" */
    uint32_t wanted, got, available;
};

struct bf_balance_result {
    uint32_t n_chosen;
    uint32_t *chosen; /* sample indices, ascending */
    uint32_t n_shortfalls;
    struct bf_shortfall *shortfalls;
};

/* Whether `balance` can work: at most two families of quotas, `prefer` a number that the spec's
 * scores make and no held-out probe. BF_EINVAL, before any work. */
int bf_balance_check(const struct bf_spec *spec, struct bf_err *err);

/* Choose samples from `candidates` [n] (ascending indices) by the spec's quotas.
 *
 * Each field of `equal`, and the combination of the fields of `joint`, is a family that shares
 * `size` evenly over the values that occur among the candidates (quota = size / values, the
 * remainder to the values with most candidates, then by name); a sample without the field has the
 * value "(none)". Exactly min(size, n) samples are chosen, so that the sum over values of
 * (got - quota)^2 is least; among those the sum of `prefer` is highest, in steps of 1e-6, nulls
 * counting one less than the least value; among those the sum of a 32-bit hash of (seed, sample
 * id) is least. `size` 0 is the largest size at which every quota can be met exactly.
 * A quota that is not met is a shortfall, not an error. Memory comes from `a`.
 * BF_EINVAL as bf_balance_check; BF_ENOMEM. */
int bf_balance(const struct bf_spec *spec, const struct bf_pool *pool,
               const struct bf_scores *scores, const uint32_t *candidates, uint32_t n,
               struct bf_balance_result *out, struct bf_arena *a, struct bf_err *err);

/* Accuracy of one probe under a condition over the whole pool and over what was kept. */
struct bf_before_after {
    const char *probe, *condition;
    bool selected_on; /* the probe took part in filters */
    uint32_t n_before, n_after;
    double before, before_lo, before_hi; /* Wilson 95 %; NaN when nothing was measured */
    double after, after_lo, after_hi;
    double chance_before, chance_after; /* mean of 1/k where one of k is right; NaN = nowhere */
    /* The control: accuracy when of each category as many are kept, but drawn at random; mean and
     * 95 % of BF_REMOVALS draws. NaN when nothing was removed. */
    double random, random_lo, random_hi;
};

enum { BF_REMOVALS = 200 };

/* Blind accuracy of every probe over the pool and over what was kept. Memory comes from `a`.
 * BF_ENOMEM. */
int bf_blind_accuracy(const struct bf_table *t, const uint32_t *kept, uint32_t n_kept,
                      struct bf_before_after **out, int *n_out, struct bf_arena *a,
                      struct bf_err *err);

/* The same as stats of condition blind: `accuracy_kept` and `removed_at_random`, where something
 * was removed. BF_ENOMEM. */
int bf_blind_stats(const struct bf_before_after *v, int n, struct bf_scores *out,
                   struct bf_err *err);

/* Everything emit may use. */
struct bf_release {
    const struct bf_spec *spec;
    const struct bf_pool *pool;
    const struct bf_table *table;
    const struct bf_scores *scores;
    const struct bf_verdict *verdicts; /* [n_samples] */
    uint32_t n_kept;
    const uint32_t *kept; /* sample indices, ascending */
    int n_before_after;
    const struct bf_before_after *before_after;
    const struct bf_balance_result *balance; /* NULL when there was none */
};

/* Write the whole benchmark: media under keyed names, every format, card, manifest.
 *
 * Written beside `dir` and renamed when complete; an older `dir` is replaced in whole. Names of
 * media are HMAC-SHA-256(seed, content) and say nothing of the source.
 * BF_EIO: cannot write; `dir` is as it was. */
int bf_emit(const struct bf_release *release, const char *dir, struct bf_err *err);

/* Before any work: whether `dir` is free for a benchmark, or holds an older one. BF_EINVAL: it
 * holds something else, which bf_emit would refuse to replace. */
int bf_emit_check(const char *dir, struct bf_err *err);

/* Name of a part's file in the benchmark, relative to its root: "media/3f..9a.png". */
const char *bf_emit_media_name(const struct bf_spec *spec, const struct bf_file *file, int modality,
                               struct bf_arena *a);

#endif
