#include "probe/folds.h"

#include <stdlib.h>

#include "core/hash.h"
#include "core/near.h"
#include "core/rng.h"
#include "probe/words.h"

static const double near_duplicate = 0.9;

/* The words of a sample: those of the question, those of the choices, and both together. */
struct texts {
    struct bf_set question, choices, both;
};

/* A choice counts word by word and as a whole, so that "red car" and "car red" differ. */
static int read_texts(const struct bf_sample *s, struct texts *out, struct bf_arena *a)
{
    struct bf_word w[BF_MAX_WORDS];
    uint64_t v[(BF_MAX_WORDS + 1) * 4];
    const int max = (int)(sizeof v / sizeof *v);

    int k = bf_words_of(s->question, w);
    for (int i = 0; i < k; i++)
        v[i] = w[i].hash;
    if (bf_set_make(&out->question, v, (uint32_t)k, a) != BF_OK)
        return BF_ENOMEM;
    const int n_question = k;
    for (int c = 0; c < s->n_choices; c++) {
        const int n = bf_words_of(s->choices[c], w);
        for (int i = 0; i < n && k < max - 1; i++)
            v[k++] = w[i].hash;
        if (k < max)
            v[k++] = bf_words_hash(w, n);
    }
    if (bf_set_make(&out->choices, v + n_question, (uint32_t)(k - n_question), a) != BF_OK)
        return BF_ENOMEM;
    for (int i = n_question; i < k; i++)
        v[i] = bf_hash64(&v[i], sizeof v[i], 1); /* not the same word as in the question */
    return bf_set_make(&out->both, v, (uint32_t)k, a);
}

static bool both_are_near(void *ctx, uint32_t i, uint32_t k)
{
    const struct texts *t = ctx;
    return bf_set_jaccard(&t[i].question, &t[k].question) >= near_duplicate &&
           bf_set_jaccard(&t[i].choices, &t[k].choices) >= near_duplicate;
}

/* Where questions are alike and choices are, both together are: (a + b) / (c + d) is no less than
 * the lesser of a / c and b / d. */
static int join_near_duplicates(const struct bf_pool *pool, uint32_t *parent, struct bf_arena *a,
                                struct bf_err *err)
{
    const uint32_t n = pool->n_samples;
    struct texts *t = bf_arena_alloc(a, n + 1u, sizeof *t);
    struct bf_set *both = bf_arena_alloc(a, n + 1u, sizeof *both);
    const struct bf_near_options options = { .also = both_are_near, .ctx = t };
    struct bf_near near;

    if (!t || !both)
        return bf_fail_memory(err, "folds");
    for (uint32_t i = 0; i < n; i++) {
        if (read_texts(&pool->samples[i], &t[i], a) != BF_OK)
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

static int deal(const struct bf_pool *pool, int n_folds, uint64_t seed, uint32_t *parent,
                uint8_t *fold_out, uint32_t *largest_out, struct bf_arena *a, struct bf_err *err)
{
    const uint32_t n = pool->n_samples;
    struct set *sets = bf_arena_alloc(a, n + 1, sizeof *sets);
    uint32_t *size = bf_arena_alloc(a, n + 1, sizeof *size);
    uint8_t *fold_of = bf_arena_alloc(a, n + 1, 1);
    uint32_t *load = bf_arena_alloc(a, (size_t)n_folds, sizeof *load);
    if (!sets || !size || !fold_of || !load)
        return bf_fail_memory(err, "folds");

    for (uint32_t i = 0; i < n; i++)
        size[bf_near_root(parent, i)]++;
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
        fold_out[i] = fold_of[bf_near_root(parent, i)];
    *largest_out = n_sets ? sets[0].size : 0;
    return BF_OK;
}

int bf_folds(const struct bf_pool *pool, int n_folds, uint64_t seed, uint8_t *fold_out,
             uint32_t *largest_out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    uint32_t *parent = bf_arena_alloc(&a, pool->n_samples + 1, sizeof *parent);
    uint32_t *first = bf_arena_alloc(&a, pool->n_groups + 1, sizeof *first);
    int rc = parent && first ? BF_OK : bf_fail_memory(err, "folds");
    if (rc == BF_OK) {
        for (uint32_t i = 0; i < pool->n_samples; i++)
            parent[i] = i;
        join_groups(pool, parent, first);
        rc = join_near_duplicates(pool, parent, &a, err);
    }
    if (rc == BF_OK)
        rc = deal(pool, n_folds, seed, parent, fold_out, largest_out, &a, err);
    bf_arena_reset(&a);
    return rc;
}
