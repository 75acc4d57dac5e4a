/* Sets of samples, sums over their groups, and means with intervals. */
#include "score/sets.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int bf_sets_make(const struct bf_pool *pool, struct bf_sets *out, struct bf_arena *a,
                 struct bf_err *err)
{
    const char **words = bf_arena_alloc(a, pool->n_samples + 1, sizeof *words);
    uint32_t *of = bf_arena_alloc(a, pool->n_samples + 1, sizeof *of);
    if (!words || !of)
        return bf_fail_memory(err, "categories");

    uint32_t n_words = 0, n = 0;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        if (pool->samples[i].category[0])
            words[n_words++] = pool->samples[i].category;
    if (n_words)
        qsort(words, n_words, sizeof *words, by_name);
    for (uint32_t i = 0; i < n_words; i++)
        if (n == 0 || strcmp(words[n - 1], words[i]) != 0)
            words[n++] = words[i];
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        const char *category = pool->samples[i].category;
        if (!category[0])
            continue;
        const char **at = bsearch(&category, words, n, sizeof *words, by_name);
        assert(at);
        of[i] = (uint32_t)(at - words) + 1;
    }

    const char **names = bf_arena_alloc(a, n + 1, sizeof *names);
    if (!names)
        return bf_fail_memory(err, "categories");
    names[0] = "all";
    for (uint32_t i = 0; i < n; i++) {
        names[i + 1] = bf_arena_printf(a, "category=%s", words[i]);
        if (!names[i + 1])
            return bf_fail_memory(err, "categories");
    }
    *out = (struct bf_sets){ n + 1, names, of };
    return BF_OK;
}

int bf_sums_init(struct bf_sums *s, const struct bf_pool *pool, int n_sums, struct bf_arena *a,
                 struct bf_err *err)
{
    *s = (struct bf_sums){
        .n_sums = n_sums,
        .n_pool_groups = pool->n_groups,
        .rows = bf_arena_alloc(a, (size_t)pool->n_groups * (size_t)n_sums + 1, sizeof *s->rows),
        .row_of = bf_arena_alloc(a, pool->n_groups + 1u, sizeof *s->row_of),
    };
    if (!s->rows || !s->row_of)
        return bf_fail_memory(err, "sums over groups");
    bf_sums_clear(s);
    return BF_OK;
}

void bf_sums_clear(struct bf_sums *s)
{
    s->n_groups = 0;
    for (uint32_t i = 0; i < s->n_pool_groups; i++)
        s->row_of[i] = UINT32_MAX;
}

double *bf_sums_row(struct bf_sums *s, uint32_t group)
{
    assert(group < s->n_pool_groups);
    if (s->row_of[group] == UINT32_MAX) {
        s->row_of[group] = s->n_groups++;
        double *row = &s->rows[(size_t)s->row_of[group] * (size_t)s->n_sums];
        for (int i = 0; i < s->n_sums; i++)
            row[i] = 0;
    }
    return &s->rows[(size_t)s->row_of[group] * (size_t)s->n_sums];
}

struct ratios {
    int n;
    const struct bf_ratio *v;
};

static void ratios_of(const double *total, const void *ctx, double *out)
{
    const struct ratios *r = ctx;
    for (int i = 0; i < r->n; i++) {
        const double den = total[r->v[i].den];
        out[i] = den > 0 ? total[r->v[i].num] / den : NAN;
    }
}

int bf_sums_ratios(const struct bf_sums *s, uint64_t seed, struct bf_ratio *ratios, int n,
                   struct bf_err *err)
{
    struct bf_arena a = { 0 };
    double *total = bf_arena_alloc(&a, (size_t)s->n_sums + (size_t)n, sizeof *total);
    struct bf_interval *intervals = bf_arena_alloc(&a, (size_t)n, sizeof *intervals);
    const struct ratios ctx = { n, ratios };
    int rc = total && intervals ? BF_OK : bf_fail_memory(err, "ratios");

    if (rc == BF_OK) {
        for (uint32_t g = 0; g < s->n_groups; g++)
            for (int j = 0; j < s->n_sums; j++)
                total[j] += s->rows[(size_t)g * (size_t)s->n_sums + (size_t)j];
        ratios_of(total, &ctx, total + s->n_sums);
        const struct bf_resample r = {
            .seed = seed,
            .n_groups = s->n_groups,
            .n_sums = s->n_sums,
            .sums = s->rows,
            .n_stats = n,
            .stats = ratios_of,
            .ctx = &ctx,
        };
        rc = bf_bootstrap(&r, intervals, err);
    }
    for (int i = 0; rc == BF_OK && i < n; i++) {
        ratios[i].value = total[s->n_sums + i];
        ratios[i].interval = intervals[i];
    }
    bf_arena_reset(&a);
    return rc;
}

static int set_mean(const struct bf_table *t, const struct bf_sets *sets, uint32_t set,
                    const double *v, struct bf_sums *sums, const struct bf_stat *like,
                    struct bf_scores *out, struct bf_err *err)
{
    struct bf_ratio mean = { .num = 0, .den = 1 };
    struct bf_stat stat = *like;

    stat.group = sets->names[set];
    stat.n = 0;
    bf_sums_clear(sums);
    for (uint32_t i = 0; i < t->pool->n_samples; i++) {
        if (isnan(v[i]) || !bf_sets_has(sets, set, i))
            continue;
        double *row = bf_sums_row(sums, t->pool->samples[i].group);
        row[0] += v[i];
        row[1] += 1;
        stat.n++;
    }
    if (stat.n == 0 && set > 0)
        return BF_OK;
    BF_TRY(bf_sums_ratios(sums, t->seed, &mean, 1, err));
    stat.value = mean.value;
    stat.lo = mean.interval.lo;
    stat.hi = mean.interval.hi;
    if (stat.n > 0)
        stat.null_reason = "";
    return bf_scores_stat(out, &stat, err);
}

int bf_stat_means(const struct bf_table *t, const struct bf_sets *sets, const double *v,
                  const struct bf_stat *like, struct bf_scores *out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_sums sums;
    int rc = bf_sums_init(&sums, t->pool, 2, &a, err);
    for (uint32_t set = 0; rc == BF_OK && set < sets->n; set++)
        rc = set_mean(t, sets, set, v, &sums, like, out, err);
    bf_arena_reset(&a);
    return rc;
}

static int set_shares(const struct bf_sets *sets, uint32_t set, const double *index,
                      uint32_t n_samples, const char *const *words, const struct bf_stat *like,
                      struct bf_scores *out, struct bf_err *err)
{
    uint32_t n_all = 0;
    for (uint32_t i = 0; i < n_samples; i++)
        n_all += !isnan(index[i]) && bf_sets_has(sets, set, i);
    if (n_all == 0 && set > 0)
        return BF_OK;
    for (int w = 0; words[w]; w++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < n_samples; i++)
            n += index[i] == w && bf_sets_has(sets, set, i);
        struct bf_stat stat = *like;
        const struct bf_interval wilson = bf_wilson(n, n_all);
        stat.score = bf_arena_printf(&out->arena, "%s.%s", like->score, words[w]);
        if (!stat.score)
            return bf_fail_memory(err, "scores");
        stat.group = sets->names[set];
        stat.value = n_all ? (double)n / n_all : NAN;
        stat.lo = wilson.lo;
        stat.hi = wilson.hi;
        stat.n = n_all;
        if (n_all)
            stat.null_reason = "";
        BF_TRY(bf_scores_stat(out, &stat, err));
    }
    return BF_OK;
}

int bf_stat_shares(const struct bf_table *t, const struct bf_sets *sets, const double *index,
                   const char *const *words, const struct bf_stat *like, struct bf_scores *out,
                   struct bf_err *err)
{
    for (uint32_t set = 0; set < sets->n; set++)
        BF_TRY(set_shares(sets, set, index, t->pool->n_samples, words, like, out, err));
    return BF_OK;
}
