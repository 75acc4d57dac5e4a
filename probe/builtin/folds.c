#include "probe/builtin/folds.h"

#include <stdlib.h>

#include "core/near.h"
#include "core/rng.h"
#include "core/wording.h"

static const double near_duplicate = 0.9;

static bool both_are_near(void *ctx, uint32_t i, uint32_t k)
{
    const struct bf_wording *w = ctx;
    return bf_wording_alike(&w[i], &w[k]) >= near_duplicate;
}

static int join_near_duplicates(const struct bf_pool *pool, uint32_t *parent, struct bf_arena *a,
                                struct bf_err *err)
{
    const uint32_t n = pool->n_samples;
    struct bf_wording *t = bf_arena_alloc(a, n + 1u, sizeof *t);
    struct bf_set *both = bf_arena_alloc(a, n + 1u, sizeof *both);
    const struct bf_near_options options = { .also = both_are_near, .ctx = t };
    struct bf_near near;

    if (!t || !both)
        return bf_fail_memory(err, "folds");
    for (uint32_t i = 0; i < n; i++) {
        if (bf_wording_of(&pool->samples[i], &t[i], a) != BF_OK)
            return bf_fail_memory(err, "folds");
        both[i] = t[i].both;
    }
    BF_TRY(bf_near_sets(both, n, near_duplicate, &options, &near, a, err));
    for (uint32_t i = 0; i < n; i++)
        bf_near_join(parent, near.group[i], i);
    return BF_OK;
}

static void join_groups(const struct bf_pool *pool, uint32_t *parent, uint32_t *first)
{
    for (uint32_t g = 0; g < pool->n_groups; g++)
        first[g] = UINT32_MAX;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        uint32_t *f = &first[pool->samples[i].group];
        if (*f == UINT32_MAX)
            *f = i;
        else
            bf_near_join(parent, *f, i);
    }
}

struct set {
    uint32_t root, size;
    uint64_t tie;
};

static int by_size(const void *x, const void *y)
{
    const struct set *a = x, *b = y;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    if (a->tie != b->tie)
        return a->tie < b->tie ? -1 : 1;
    return a->root < b->root ? -1 : a->root > b->root;
}

/* How many samples that are there each set has, by its root. */
static void count_sets(const struct bf_pool *pool, const uint32_t *set, const uint8_t *alive,
                       uint32_t *size)
{
    for (uint32_t i = 0; i < pool->n_samples; i++)
        size[set[i]] += !alive || alive[i];
}

int bf_folds_deal(const struct bf_pool *pool, const uint32_t *set, const uint8_t *alive,
                  int n_folds, uint64_t seed, uint8_t *fold_out, uint32_t *largest_out,
                  struct bf_err *err)
{
    const uint32_t n = pool->n_samples;
    struct bf_arena a = { 0 };
    struct set *sets = bf_arena_alloc(&a, (size_t)n + 1, sizeof *sets);
    uint32_t *size = bf_arena_alloc(&a, (size_t)n + 1, sizeof *size);
    uint8_t *fold_of = bf_arena_alloc(&a, (size_t)n + 1, 1);
    uint32_t load[BF_MAX_FOLDS] = { 0 };
    if (!sets || !size || !fold_of) {
        bf_arena_reset(&a);
        return bf_fail_memory(err, "folds");
    }
    count_sets(pool, set, alive, size);
    uint32_t n_sets = 0;
    for (uint32_t i = 0; i < n; i++)
        if (size[i]) {
            struct bf_rng tie = bf_rng_for(seed, pool->samples[i].id, "folds", 0);
            sets[n_sets++] = (struct set){ i, size[i], bf_rng_next(&tie) };
        }
    qsort(sets, n_sets, sizeof *sets, by_size);
    for (uint32_t i = 0; i < n_sets; i++) {
        int least = 0;
        for (int f = 1; f < n_folds; f++)
            if (load[f] < load[least])
                least = f;
        load[least] += sets[i].size;
        fold_of[sets[i].root] = (uint8_t)least;
    }
    for (uint32_t i = 0; i < n; i++)
        fold_out[i] = fold_of[set[i]];
    *largest_out = n_sets ? sets[0].size : 0;
    bf_arena_reset(&a);
    return BF_OK;
}

int bf_folds_sets(const struct bf_pool *pool, uint32_t *set_out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    uint32_t *first = bf_arena_alloc(&a, pool->n_groups + 1, sizeof *first);
    int rc = first ? BF_OK : bf_fail_memory(err, "folds");
    if (rc == BF_OK) {
        for (uint32_t i = 0; i < pool->n_samples; i++)
            set_out[i] = i;
        join_groups(pool, set_out, first);
        rc = join_near_duplicates(pool, set_out, &a, err);
    }
    for (uint32_t i = 0; rc == BF_OK && i < pool->n_samples; i++)
        set_out[i] = bf_near_root(set_out, i);
    bf_arena_reset(&a);
    return rc;
}

int bf_folds(const struct bf_pool *pool, int n_folds, uint64_t seed, uint8_t *fold_out,
             uint32_t *largest_out, struct bf_err *err)
{
    uint32_t *set = malloc(((size_t)pool->n_samples + 1) * sizeof *set);
    int rc = set ? bf_folds_sets(pool, set, err) : bf_fail_memory(err, "folds");
    if (rc == BF_OK)
        rc = bf_folds_deal(pool, set, NULL, n_folds, seed, fold_out, largest_out, err);
    free(set);
    return rc;
}
