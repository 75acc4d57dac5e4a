/* Near-duplicates among 64-bit hashes. */
#include <math.h>
#include <stdlib.h>

#include "core/finder.h"

enum {
    MAX_BLOCKS = BF_NEAR_MAX_BITS + 6,
    MAX_EQUAL = 6,
    MAX_KEY_BITS = 20,
    MAX_DEPTH = 4,
    CROWD = 256 /* items of a bucket from which another way than all pairs is looked for */
};

/* A way to cut bits into blocks, of which `n_equal` are taken at a time. */
struct cut {
    int n_blocks, n_equal, key_bits;
};

/* A search among items that agree in what the searches above it chose. */
struct level {
    const struct level *up;
    uint64_t block[MAX_BLOCKS]; /* bits of each */
    struct cut cut;
    int chosen[MAX_EQUAL]; /* blocks in which the items of a bucket are equal, ascending */
    int depth;
};

struct search {
    struct bf_finder *f;
    int max_bits;
};

static double choose(int n, int k)
{
    double c = 1;
    for (int i = 1; i <= k; i++)
        c = c * (n - k + i) / i;
    return c;
}

static int log2_up(uint32_t n)
{
    int bits = 0;
    while (bits < 31 && 1u << bits < n)
        bits++;
    return bits;
}

/* The cut of `n_bits` bits that takes least time, as measured in comparisons: to sort an item is
 * 8, to clear a bucket 1/2. `n_equal` is 0 where comparing all pairs takes less. */
static struct cut best_cut(uint32_t n, int n_bits, int max_bits)
{
    struct cut best = { 0 };
    double least = 0.5 * n * n;

    for (int m = max_bits + 1; m <= n_bits && m <= max_bits + MAX_EQUAL; m++) {
        const int n_equal = m - max_bits, equal_bits = n_equal * n_bits / m;
        int key_bits = log2_up(n) + 1;
        if (key_bits > equal_bits + 1)
            key_bits = equal_bits + 1;
        if (key_bits > MAX_KEY_BITS)
            key_bits = MAX_KEY_BITS;
        const int sure_bits = equal_bits < key_bits ? equal_bits : key_bits;
        const double pairs = ldexp(0.5 * n * n, -sure_bits);
        const double cost = choose(m, n_equal) * (8.0 * n + ldexp(0.5, key_bits) + pairs);
        if (cost < least) {
            least = cost;
            best = (struct cut){ m, n_equal, key_bits };
        }
    }
    return best;
}

/* Whether a pair of one bucket is found here first, at every level: the chosen blocks are the
 * first in which it is equal. */
static bool is_first(const struct level *l, uint64_t differ)
{
    for (; l; l = l->up) {
        int k = 0;
        for (int b = 0; k < l->cut.n_equal && b < l->cut.n_blocks; b++) {
            if (differ & l->block[b])
                continue;
            if (l->chosen[k++] != b)
                return false;
        }
        if (k < l->cut.n_equal)
            return false;
    }
    return true;
}

static void compare_all(const struct search *s, const struct bf_keyed *v, uint32_t n,
                        const struct level *l)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t k = 0; k < i; k++) {
            const int bits = bf_near_bits(v[i].key, v[k].key);
            if (bits <= s->max_bits && is_first(l, v[i].key ^ v[k].key))
                bf_finder_add(s->f, v[i].at, v[k].at, (float)bits);
        }
}

/* Deal the bits of `varying` out to the blocks one by one, so that neighbours, which in hashes of
 * media tend to agree, come into different ones. */
static void deal_bits(struct level *l, uint64_t varying)
{
    int next = 0;
    for (int bit = 0; bit < 64; bit++)
        if (varying >> bit & 1) {
            l->block[next] |= (uint64_t)1 << bit;
            next = (next + 1) % l->cut.n_blocks;
        }
}

static uint32_t bucket_of(uint64_t hash, uint64_t mask, int key_bits)
{
    uint64_t x = hash & mask;
    x = (x ^ x >> 32) * 0x9e3779b97f4a7c15;
    return (uint32_t)(x >> (64 - key_bits));
}

/* The next choice of blocks in lexical order; false after the last. */
static bool next_choice(struct level *l)
{
    const int k = l->cut.n_equal, m = l->cut.n_blocks;
    int i = k - 1;
    while (i >= 0 && l->chosen[i] == m - k + i)
        i--;
    if (i < 0)
        return false;
    l->chosen[i]++;
    for (i++; i < k; i++)
        l->chosen[i] = l->chosen[i - 1] + 1;
    return true;
}

static void search(const struct search *s, struct bf_keyed *v, uint32_t n, const struct level *up);

/* Sort into buckets by the chosen blocks, and search each. */
static void search_choice(const struct search *s, const struct bf_keyed *v, uint32_t n,
                          const struct level *l, struct bf_keyed *sorted, uint32_t *start)
{
    const uint32_t n_buckets = 1u << l->cut.key_bits;
    uint64_t mask = 0;

    for (int i = 0; i < l->cut.n_equal; i++)
        mask |= l->block[l->chosen[i]];
    for (uint32_t b = 0; b <= n_buckets; b++)
        start[b] = 0;
    for (uint32_t i = 0; i < n; i++)
        start[bucket_of(v[i].key, mask, l->cut.key_bits)]++;
    for (uint32_t b = 1; b <= n_buckets; b++)
        start[b] += start[b - 1];
    for (uint32_t i = n; i-- > 0;)
        sorted[--start[bucket_of(v[i].key, mask, l->cut.key_bits)]] = v[i];
    for (uint32_t b = 0; b < n_buckets && s->f->rc == BF_OK; b++) {
        const uint32_t size = start[b + 1] - start[b];
        if (size > CROWD)
            search(s, &sorted[start[b]], size, l);
        else if (size > 1)
            compare_all(s, &sorted[start[b]], size, l);
    }
}

static void search(const struct search *s, struct bf_keyed *v, uint32_t n, const struct level *up)
{
    struct level l = { .up = up, .depth = up ? up->depth + 1 : 0 };
    uint64_t varying = 0;

    for (uint32_t i = 0; i < n; i++)
        varying |= v[i].key ^ v[0].key;
    if (l.depth < MAX_DEPTH)
        l.cut = best_cut(n, bf_near_bits(varying, 0), s->max_bits);
    if (l.cut.n_equal == 0) {
        compare_all(s, v, n, up);
        return;
    }
    deal_bits(&l, varying);
    for (int i = 0; i < l.cut.n_equal; i++)
        l.chosen[i] = i;
    struct bf_keyed *sorted = malloc(n * sizeof *sorted);
    uint32_t *start = malloc(((size_t)1 << l.cut.key_bits) * sizeof *start + sizeof *start);
    if (!sorted || !start)
        s->f->rc = BF_ENOMEM;
    else
        do
            search_choice(s, v, n, &l, sorted, start);
        while (s->f->rc == BF_OK && next_choice(&l));
    free(sorted);
    free(start);
}

/* The distinct hashes, each with the first item that has it. Returns how many. */
static uint32_t collapse(struct bf_finder *f, struct bf_keyed *v, uint32_t n)
{
    uint32_t n_distinct = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (n_distinct && v[n_distinct - 1].key == v[i].key)
            bf_finder_equal(f, v[n_distinct - 1].at, v[i].at);
        else
            v[n_distinct++] = v[i];
    }
    return n_distinct;
}

int bf_near_hashes(const uint64_t *hash, uint32_t n, int max_bits,
                   const struct bf_near_options *options, struct bf_near *out, struct bf_arena *a,
                   struct bf_err *err)
{
    struct bf_finder f;
    const struct search s = { &f, max_bits };

    if (max_bits < 0 || max_bits > BF_NEAR_MAX_BITS)
        return bf_fail(err, BF_EINVAL, "a distance of %d bits; allowed: 0 to %d", max_bits,
                       BF_NEAR_MAX_BITS);
    if (bf_finder_open(&f, n, options, a) != BF_OK)
        return bf_fail_memory(err, "near-duplicates");
    struct bf_keyed *v = malloc((n + (size_t)1) * sizeof *v);
    struct bf_keyed *scratch = malloc((n + (size_t)1) * sizeof *scratch);
    if (v && scratch) {
        for (uint32_t i = 0; i < n; i++)
            v[i] = (struct bf_keyed){ hash[i], i };
        bf_keyed_sort(v, scratch, n);
        const uint32_t n_distinct = collapse(&f, v, n);
        free(scratch);
        scratch = NULL;
        if (max_bits > 0 && n_distinct > 1)
            search(&s, v, n_distinct, NULL);
    } else {
        f.rc = BF_ENOMEM;
    }
    free(v);
    free(scratch);
    return bf_finder_close(&f, out, a, err);
}
