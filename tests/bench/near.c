/* How long the search for near-duplicates takes; prints one line of JSON.
 *
 *     near hashes FILE BITS [PAIRS]   FILE: 64-bit hashes, native order; pairs go to PAIRS as
 *                                     lines "a b", equal items paired with each other
 *     near chars FILE LEAST [PAIRS]   FILE: a text a line, compared by runs of 5 characters
 *     near words FILE LEAST [PAIRS]   the same by runs of 3 words
 *     near count FILE LEAST [PAIRS]   the pairs of `chars`, all, by counting what they share
 *     near made N BITS                N hashes made up, one in ten near another, as FILE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/file.h"
#include "core/near.h"
#include "core/rng.h"

enum { MAX_PAIRS = 50000000 };

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Seconds by the clock on the wall, and of the processor. */
struct took {
    double wall, cpu;
};

static struct took started(void)
{
    return (struct took){ now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID) };
}

static struct took since(struct took start)
{
    const struct took t = started();
    return (struct took){ t.wall - start.wall, t.cpu - start.cpu };
}

/* Items by their first: who equals whom. */
static uint64_t write_pairs(const struct bf_near *near, uint32_t n, const char *path)
{
    FILE *out = path ? fopen(path, "w") : NULL;
    uint32_t *last = calloc(n + 1u, sizeof *last), *before = calloc(n + 1u, sizeof *before);
    uint64_t n_pairs = 0;
    /* items of one first as chains: before[i] is the one before i, + 1 */
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t f = near->first[i];
        before[i] = last[f];
        last[f] = i + 1;
        for (uint32_t k = before[i]; k; k = before[k - 1]) {
            n_pairs++;
            if (out)
                fprintf(out, "%u %u\n", k - 1, i);
        }
    }
    for (uint32_t p = 0; p < near->n_pairs; p++)
        for (uint32_t i = last[near->pairs[p].a]; i; i = before[i - 1])
            for (uint32_t k = last[near->pairs[p].b]; k; k = before[k - 1]) {
                n_pairs++;
                if (out)
                    fprintf(out, "%u %u\n", (i < k ? i : k) - 1, (i < k ? k : i) - 1);
            }
    if (out)
        fclose(out);
    free(last);
    free(before);
    return n_pairs;
}

static int bench_hashes(const uint64_t *hash, uint32_t n, int bits, const char *path)
{
    const struct bf_near_options list = { .max_pairs = MAX_PAIRS };
    struct bf_arena a = { 0 };
    struct bf_near near;
    struct bf_err err;
    const struct took start = started();
    if (bf_near_hashes(hash, n, bits, &list, &near, &a, &err) != BF_OK) {
        fprintf(stderr, "near: %s\n", err.msg);
        return 1;
    }
    const struct took t = since(start);
    printf("{\"lib\": \"blindfold\", \"n\": %u, \"seconds\": %.3f, \"cpu_s\": %.3f, "
           "\"pairs\": %llu}\n",
           (unsigned)n, t.wall, t.cpu, (unsigned long long)write_pairs(&near, n, path));
    bf_arena_reset(&a);
    return 0;
}

static int bench_made(uint32_t n, int bits)
{
    uint64_t *hash = malloc((n + 1u) * sizeof *hash);
    struct bf_rng r = bf_rng_for(5, "", "bench", 0);
    for (uint32_t i = n; i-- > 0;) {
        hash[i] = bf_rng_next(&r);
        if (i < n / 10) {
            hash[i] = hash[n / 10 + bf_rng_below(&r, n - n / 10)];
            for (uint64_t k = bf_rng_below(&r, 7); k > 0; k--)
                hash[i] ^= (uint64_t)1 << bf_rng_below(&r, 64);
        }
    }
    const int rc = bench_hashes(hash, n, bits, NULL);
    free(hash);
    return rc;
}

/* A text a line as sets; `text` is taken apart. Returns how many. */
static uint32_t read_sets(char *text, bool chars, struct bf_set **sets_out, struct bf_arena *a)
{
    uint32_t n = 0;
    for (const char *s = text; *s; s++)
        n += *s == '\n';
    struct bf_set *sets = calloc(n + 1u, sizeof *sets);
    n = 0;
    for (char *s = text, *end; (end = strchr(s, '\n')) != NULL; s = end + 1) {
        *end = 0;
        if ((chars ? bf_shingles_of_chars(s, 5, &sets[n], a)
                   : bf_shingles_of_words(s, 3, &sets[n], a)) != BF_OK)
            exit(1);
        n++;
    }
    *sets_out = sets;
    return n;
}

static int bench_texts(char *text, double least, bool chars, const char *path)
{
    const struct bf_near_options list = { .max_pairs = MAX_PAIRS };
    struct bf_arena a = { 0 };
    struct bf_near near;
    struct bf_err err;
    struct bf_set *sets;
    const struct took start = started();
    const uint32_t n = read_sets(text, chars, &sets, &a);
    const struct took cut = since(start);
    if (bf_near_sets(sets, n, least, &list, &near, &a, &err) != BF_OK) {
        fprintf(stderr, "near: %s\n", err.msg);
        return 1;
    }
    const struct took all = since(start);
    printf("{\"lib\": \"blindfold\", \"n\": %u, \"shingles_s\": %.3f, \"search_s\": %.3f, "
           "\"total_s\": %.3f, \"cpu_s\": %.3f, \"pairs\": %llu}\n",
           (unsigned)n, cut.wall, all.wall - cut.wall, all.wall, all.cpu,
           (unsigned long long)write_pairs(&near, n, path));
    free(sets);
    bf_arena_reset(&a);
    return 0;
}

/* Sets that have an element, in a table by element. */
struct having {
    uint64_t element;
    uint32_t n, cap, *of;
};

static struct having *having_of(struct having *table, size_t size, uint64_t element)
{
    size_t i = element & (size - 1);
    while (table[i].cap && table[i].element != element)
        i = (i + 1) & (size - 1);
    return &table[i];
}

static int count_pairs(char *text, double least, const char *path)
{
    const size_t size = (size_t)1 << 23; /* well above the distinct runs of 50,000 questions */
    struct having *table = calloc(size, sizeof *table);
    struct bf_arena a = { 0 };
    struct bf_set *sets;
    const uint32_t n = read_sets(text, true, &sets, &a);
    uint32_t *shared = calloc(n + 1u, sizeof *shared), *touched = calloc(n + 1u, sizeof *touched);
    FILE *out = path ? fopen(path, "w") : NULL;
    uint64_t n_pairs = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t n_touched = 0;
        for (uint32_t e = 0; e < sets[i].n; e++) {
            struct having *h = having_of(table, size, sets[i].v[e]);
            for (uint32_t k = 0; k < h->n; k++)
                if (shared[h->of[k]]++ == 0)
                    touched[n_touched++] = h->of[k];
            if (h->n == h->cap) {
                h->cap = 2 * h->cap + 1;
                h->of = realloc(h->of, h->cap * sizeof *h->of);
            }
            h->element = sets[i].v[e];
            h->of[h->n++] = i;
        }
        for (uint32_t t = 0; t < n_touched; t++) {
            const uint32_t k = touched[t], both = shared[k];
            shared[k] = 0;
            if ((double)both / (sets[i].n + sets[k].n - both) < least)
                continue;
            n_pairs++;
            if (out)
                fprintf(out, "%u %u\n", (unsigned)k, (unsigned)i);
        }
    }
    if (out)
        fclose(out);
    for (size_t i = 0; i < size; i++)
        free(table[i].of);
    free(table);
    free(shared);
    free(touched);
    free(sets);
    bf_arena_reset(&a);
    printf("{\"n\": %u, \"pairs\": %llu}\n", (unsigned)n, (unsigned long long)n_pairs);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 3 ? argv[1] : "";
    const char *path = argc > 4 ? argv[4] : NULL;
    struct bf_arena a = { 0 };
    struct bf_err err;
    char *bytes = NULL;
    size_t n = 0;
    int rc = 2;

    if (strcmp(what, "made") == 0)
        return bench_made((uint32_t)strtoul(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10));
    if (argc > 3 && bf_file_read(argv[2], (size_t)1 << 30, &bytes, &n, &a, &err) != BF_OK)
        fprintf(stderr, "near: %s\n", err.msg);
    else if (strcmp(what, "hashes") == 0)
        rc = bench_hashes((const uint64_t *)(const void *)bytes, (uint32_t)(n / 8),
                          (int)strtol(argv[3], NULL, 10), path);
    else if (strcmp(what, "chars") == 0 || strcmp(what, "words") == 0)
        rc = bench_texts(bytes, strtod(argv[3], NULL), what[0] == 'c', path);
    else if (strcmp(what, "count") == 0)
        rc = count_pairs(bytes, strtod(argv[3], NULL), path);
    else
        fprintf(stderr, "usage: near hashes|chars|words|count|made FILE|N BITS|LEAST [PAIRS]\n");
    bf_arena_reset(&a);
    return rc;
}
