#include "probe/builtin/folds.h"

#include <stdlib.h>

#include "core/near.h"
#include "core/rng.h"
#include "core/wording.h"

static const double near_duplicate = 0.9;

/* Bits by which near-duplicate media may differ: of 48 pictures none differs by more from its JPEG
 * of low quality, or from itself at half the size (docs/modalities.md). */
enum { MEDIA_BITS = 4 };

static bool both_are_near(void *ctx, uint32_t i, uint32_t k)
{
    const struct bf_wording *w = ctx;
    return bf_wording_alike(&w[i], &w[k]) >= near_duplicate;
}

/* Groups of samples whose words are near-duplicates: of each sample the first of its group. */
static int group_words(const struct bf_pool *pool, uint32_t **group_out, struct bf_arena *a,
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
    *group_out = near.group;
    return BF_OK;
}

/* A sample with the media that it shows, as far as near-duplicates go. */
struct shown {
    uint32_t words;       /* its group of near-duplicate words */
    uint64_t kinds;       /* hash of the modalities of its parts, in order; 0 = it shows none */
    uint64_t fingerprint; /* of all its parts */
    uint32_t sample;
};

static int by_words(const void *x, const void *y)
{
    const struct shown *a = x, *b = y;
    if (a->words != b->words)
        return a->words < b->words ? -1 : 1;
    if (a->kinds != b->kinds)
        return a->kinds < b->kinds ? -1 : 1;
    return a->sample < b->sample ? -1 : a->sample > b->sample;
}

/* The parts' fingerprints, each turned by its place, in one word: as many bits differ as differ in
 * all parts, or a few less where such bits meet. A file that has none counts as different from
 * every other; samples that show the same file are joined already. */
static struct shown shown_of(const struct bf_sample *s, uint32_t words)
{
    struct shown x = { .words = words, .sample = s->index };
    x.kinds = s->n_parts > 0;
    for (int i = 0; i < s->n_parts; i++) {
        const struct bf_part *p = &s->parts[i];
        const struct bf_reading *r = p->file->readings[p->modality];
        const uint64_t f =
            r ? r->fingerprint : bf_hash64(&p->file->index, sizeof p->file->index, 0);
        const int turn = 7 * i % 64;
        x.fingerprint ^= turn ? f << turn | f >> (64 - turn) : f;
        x.kinds = x.kinds * 31 + (uint64_t)p->modality + 1;
    }
    return x;
}

/* Join those of `s` [n], alike in their words and kinds of media, whose media are alike too. */
static int join_shown(const struct shown *s, uint32_t n, uint32_t *parent, struct bf_err *err)
{
    const struct bf_near_options options = { 0 };
    struct bf_arena a = { 0 };
    struct bf_near near = { 0 };
    uint64_t *hash = bf_arena_alloc(&a, n, sizeof *hash);
    int rc = hash ? BF_OK : bf_fail_memory(err, "folds");
    for (uint32_t i = 0; rc == BF_OK && i < n; i++)
        hash[i] = s[i].fingerprint;
    if (rc == BF_OK)
        rc = bf_near_hashes(hash, n, MEDIA_BITS, &options, &near, &a, err);
    for (uint32_t i = 0; rc == BF_OK && i < n; i++)
        bf_near_join(parent, s[near.group[i]].sample, s[i].sample);
    bf_arena_reset(&a);
    return rc;
}

static int join_near_duplicates(const struct bf_pool *pool, uint32_t *parent, struct bf_arena *a,
                                struct bf_err *err)
{
    const uint32_t n = pool->n_samples;
    struct shown *s = bf_arena_alloc(a, n + 1u, sizeof *s);
    uint32_t *words = NULL;
    if (!s)
        return bf_fail_memory(err, "folds");
    BF_TRY(group_words(pool, &words, a, err));
    for (uint32_t i = 0; i < n; i++)
        s[i] = shown_of(&pool->samples[i], words[i]);
    qsort(s, n, sizeof *s, by_words);
    for (uint32_t i = 0, k; i < n; i = k) {
        for (k = i + 1; k < n && s[k].words == s[i].words && s[k].kinds == s[i].kinds; k++)
            if (s[i].kinds == 0)
                bf_near_join(parent, s[i].sample, s[k].sample);
        if (s[i].kinds && k - i > 1)
            BF_TRY(join_shown(s + i, k - i, parent, err));
    }
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
