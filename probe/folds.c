#include "probe/folds.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/rng.h"
#include "probe/words.h"

enum { BANDS = 24, ROWS = 3, WINDOW = 32 };

static const double near_duplicate = 0.9;

/* Distinct word hashes of one text, ascending. */
struct word_set {
    int n;
    uint64_t *v;
};

struct texts {
    struct word_set question, choices;
};

static uint32_t find_root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

/* The smaller index becomes the root, so that roots do not depend on the order of joins. */
static void join(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = find_root(parent, a);
    b = find_root(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

static int by_value(const void *x, const void *y)
{
    const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return a < b ? -1 : a > b;
}

static int make_set(struct word_set *out, uint64_t *v, int n, struct bf_arena *a)
{
    qsort(v, (size_t)n, sizeof *v, by_value);
    int k = 0;
    for (int i = 0; i < n; i++)
        if (k == 0 || v[k - 1] != v[i])
            v[k++] = v[i];
    out->v = bf_arena_memdup(a, v, (size_t)k * sizeof *v);
    out->n = k;
    return out->v ? BF_OK : BF_ENOMEM;
}

/* A choice counts word by word and as a whole, so that "red car" and "car red" differ. */
static int read_texts(const struct bf_sample *s, struct texts *out, struct bf_arena *a)
{
    struct bf_word w[BF_MAX_WORDS];
    uint64_t v[(BF_MAX_WORDS + 1) * 4];
    const int max = (int)(sizeof v / sizeof *v);

    int n = bf_words_of(s->question, w);
    for (int i = 0; i < n; i++)
        v[i] = w[i].hash;
    if (make_set(&out->question, v, n, a) != BF_OK)
        return BF_ENOMEM;

    int k = 0;
    for (int c = 0; c < s->n_choices; c++) {
        n = bf_words_of(s->choices[c], w);
        for (int i = 0; i < n && k < max - 1; i++)
            v[k++] = w[i].hash;
        if (k < max)
            v[k++] = bf_words_hash(w, n);
    }
    return make_set(&out->choices, v, k, a);
}

static double jaccard(const struct word_set *a, const struct word_set *b)
{
    int both = 0;
    for (int i = 0, j = 0; i < a->n && j < b->n;) {
        if (a->v[i] == b->v[j])
            both++, i++, j++;
        else if (a->v[i] < b->v[j])
            i++;
        else
            j++;
    }
    const int either = a->n + b->n - both;
    return either ? (double)both / either : 1;
}

static uint64_t min_hash(const struct word_set *s, uint64_t seed)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < s->n; i++) {
        const uint64_t h = bf_hash64(&s->v[i], sizeof s->v[i], seed);
        if (h < least)
            least = h;
    }
    return least;
}

/* A sample in one band. Samples of one bucket, those of equal `band`, stand beside those that they
 * also share the next band with, and equal texts stand together. */
struct entry {
    uint64_t band, next, whole;
    uint32_t sample;
};

static int by_band(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    if (a->band != b->band)
        return a->band < b->band ? -1 : 1;
    if (a->next != b->next)
        return a->next < b->next ? -1 : 1;
    if (a->whole != b->whole)
        return a->whole < b->whole ? -1 : 1;
    return a->sample < b->sample ? -1 : a->sample > b->sample;
}

/* Join samples of one bucket that are near-duplicates. Of equal texts the first stands for all. */
static void join_band(struct entry *e, uint32_t n, const struct texts *t, uint32_t *parent)
{
    uint32_t n_kept = 0;
    qsort(e, n, sizeof *e, by_band);
    for (uint32_t i = 0; i < n; i++) {
        if (n_kept && e[n_kept - 1].band == e[i].band && e[n_kept - 1].whole == e[i].whole)
            join(parent, e[n_kept - 1].sample, e[i].sample);
        else
            e[n_kept++] = e[i];
    }
    for (uint32_t i = 1; i < n_kept; i++) {
        const struct texts *x = &t[e[i].sample];
        /* More than WINDOW neighbours would be quadratic; other bands have other neighbours. */
        for (uint32_t k = i; k-- > 0 && i - k <= WINDOW && e[k].band == e[i].band;) {
            const struct texts *y = &t[e[k].sample];
            if (find_root(parent, e[i].sample) != find_root(parent, e[k].sample) &&
                jaccard(&x->question, &y->question) >= near_duplicate &&
                jaccard(&x->choices, &y->choices) >= near_duplicate)
                join(parent, e[i].sample, e[k].sample);
        }
    }
}

static uint64_t band_of(const struct texts *t, uint64_t band)
{
    uint64_t h = band;
    for (uint64_t r = 0; r < ROWS; r++) {
        const uint64_t pair[2] = {
            min_hash(&t->question, band * ROWS + r + 1),
            min_hash(&t->choices, band * ROWS + r + 1),
        };
        h = bf_hash64(pair, sizeof pair, h);
    }
    return h;
}

static uint64_t whole_of(const struct texts *t)
{
    const uint64_t h = bf_hash64(t->question.v, (size_t)t->question.n * sizeof *t->question.v, 1);
    return bf_hash64(t->choices.v, (size_t)t->choices.n * sizeof *t->choices.v, h);
}

static int join_near_duplicates(const struct bf_pool *pool, uint32_t *parent, struct bf_arena *a)
{
    const uint32_t n = pool->n_samples;
    struct texts *t = bf_arena_alloc(a, n, sizeof *t);
    struct entry *e = bf_arena_alloc(a, n, sizeof *e);
    uint64_t *whole = bf_arena_alloc(a, n, sizeof *whole);
    uint64_t *bands = bf_arena_alloc(a, (size_t)n * BANDS, sizeof *bands);
    if (!t || !e || !whole || !bands)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        if (read_texts(&pool->samples[i], &t[i], a) != BF_OK)
            return BF_ENOMEM;
        whole[i] = whole_of(&t[i]);
        for (uint64_t band = 0; band < BANDS; band++)
            bands[(size_t)i * BANDS + band] = band_of(&t[i], band);
    }
    for (uint32_t band = 0; band < BANDS; band++) {
        for (uint32_t i = 0; i < n; i++) {
            const uint64_t *b = &bands[(size_t)i * BANDS];
            e[i] = (struct entry){ b[band], b[(band + 1) % BANDS], whole[i], i };
        }
        join_band(e, n, t, parent);
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
            join(parent, *f, i);
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
                uint8_t *fold_out, uint32_t *largest_out, struct bf_arena *a)
{
    const uint32_t n = pool->n_samples;
    struct set *sets = bf_arena_alloc(a, n + 1, sizeof *sets);
    uint32_t *size = bf_arena_alloc(a, n + 1, sizeof *size);
    uint8_t *fold_of = bf_arena_alloc(a, n + 1, 1);
    uint32_t *load = bf_arena_alloc(a, (size_t)n_folds, sizeof *load);
    if (!sets || !size || !fold_of || !load)
        return BF_ENOMEM;

    for (uint32_t i = 0; i < n; i++)
        size[find_root(parent, i)]++;
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
        fold_out[i] = fold_of[find_root(parent, i)];
    *largest_out = n_sets ? sets[0].size : 0;
    return BF_OK;
}

int bf_folds(const struct bf_pool *pool, int n_folds, uint64_t seed, uint8_t *fold_out,
             uint32_t *largest_out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    uint32_t *parent = bf_arena_alloc(&a, pool->n_samples + 1, sizeof *parent);
    uint32_t *first = bf_arena_alloc(&a, pool->n_groups + 1, sizeof *first);
    int rc = parent && first ? BF_OK : BF_ENOMEM;
    if (rc == BF_OK) {
        for (uint32_t i = 0; i < pool->n_samples; i++)
            parent[i] = i;
        join_groups(pool, parent, first);
        rc = join_near_duplicates(pool, parent, &a);
    }
    if (rc == BF_OK)
        rc = deal(pool, n_folds, seed, parent, fold_out, largest_out, &a);
    bf_arena_reset(&a);
    return rc == BF_OK ? BF_OK : bf_fail_memory(err, "folds");
}
