/* Near-duplicates against comparing all pairs; texts as sets. */
#include "core/near.h"
#include "core/rng.h"
#include "tests/test.h"

enum { N = 3000 };

/* Hashes of which many are near others: each is made up with the bits of `free`, or is an earlier
 * one with up to 12 bits changed. */
static void make_hashes(uint64_t *hash, uint32_t n, uint64_t free_bits, uint64_t seed)
{
    struct bf_rng r = bf_rng_for(seed, "", "test", 0);
    for (uint32_t i = 0; i < n; i++) {
        hash[i] = bf_rng_next(&r) & free_bits;
        if (i == 0 || bf_rng_below(&r, 3) > 0)
            continue;
        hash[i] = hash[bf_rng_below(&r, i)];
        for (uint64_t k = bf_rng_below(&r, 13); k > 0; k--)
            hash[i] ^= (uint64_t)1 << bf_rng_below(&r, 64);
    }
}

/* Whether what was found is what comparing all pairs finds. */
static void check_hashes(const uint64_t *hash, uint32_t n, int max_bits)
{
    const struct bf_near_options list = { .max_pairs = N * N / 2 }, groups = { 0 };
    struct bf_arena a = { 0 };
    struct bf_near near, joined;
    uint32_t *parent = calloc(n, sizeof *parent);
    uint32_t p = 0, n_wrong = 0;

    CHECK_INT(bf_near_hashes(hash, n, max_bits, &list, &near, &a, NULL), BF_OK);
    CHECK_INT(bf_near_hashes(hash, n, max_bits, &groups, &joined, &a, NULL), BF_OK);
    CHECK_INT(joined.n_pairs, 0);
    for (uint32_t i = 0; i < n; i++)
        parent[i] = i;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t first = 0;
        while (hash[first] != hash[i])
            first++;
        n_wrong += near.first[i] != first;
        bf_near_join(parent, first, i);
        for (uint32_t k = i + 1; k < n && first == i; k++) {
            const int bits = __builtin_popcountll(hash[i] ^ hash[k]);
            if (bits > max_bits)
                continue;
            bf_near_join(parent, i, k);
            if (near.first[k] != k)
                continue;
            n_wrong += p >= near.n_pairs || near.pairs[p].a != i || near.pairs[p].b != k ||
                       (int)near.pairs[p].score != bits;
            p++;
        }
    }
    CHECK_INT(n_wrong, 0);
    CHECK_INT(near.n_pairs, p);
    for (uint32_t i = 0; i < n; i++)
        n_wrong += near.group[i] != bf_near_root(parent, i) || joined.group[i] != near.group[i];
    CHECK_INT(n_wrong, 0);
    free(parent);
    bf_arena_reset(&a);
}

static void all_near_hashes_are_found_in_order(void)
{
    static uint64_t hash[N];
    make_hashes(hash, N, UINT64_MAX, 1);
    for (int bits = 0; bits <= BF_NEAR_MAX_BITS; bits++)
        check_hashes(hash, N, bits);
    check_hashes(hash, 1, 6);
    check_hashes(hash, 2, 6);
    check_hashes(hash, 17, 10);
}

/* Few bits vary, so that buckets are crowded, and searched by what varies in them. */
static void crowded_hashes_are_found(void)
{
    static uint64_t hash[N];
    make_hashes(hash, N, 0xffffff, 2);
    for (int bits = 1; bits <= BF_NEAR_MAX_BITS; bits += 3)
        check_hashes(hash, N, bits);
    make_hashes(hash, N, 0x0101010101010101, 3);
    for (int bits = 1; bits <= BF_NEAR_MAX_BITS; bits += 3)
        check_hashes(hash, N, bits);
}

static void a_hundred_thousand_equal_hashes_are_one(void)
{
    enum { MANY = 100000 };
    const struct bf_near_options list = { .max_pairs = 10 };
    uint64_t *hash = calloc(MANY, sizeof *hash);
    struct bf_arena a = { 0 };
    struct bf_near near;
    for (uint32_t i = 0; i < MANY; i++)
        hash[i] = i == 7 ? 3 : i % 2 ? 0xffff0000 : 0x00ff00ff00000000;
    CHECK_INT(bf_near_hashes(hash, MANY, 6, &list, &near, &a, NULL), BF_OK);
    CHECK_INT(near.n_pairs, 0);
    CHECK_INT(near.first[MANY - 1], 1);
    CHECK_INT(near.first[MANY - 2], 0);
    CHECK_INT(near.group[MANY - 1], 1);
    CHECK_INT(near.group[7], 7);
    free(hash);
    bf_arena_reset(&a);
}

static bool of_one_parity(void *ctx, uint32_t a, uint32_t b)
{
    ++*(int *)ctx;
    return a % 2 == b % 2;
}

static void a_pair_must_please_the_caller_too(void)
{
    static const uint64_t hash[] = { 0, 1, 2, 3, 4 };
    int n_asked = 0;
    const struct bf_near_options picky = { 100, of_one_parity, &n_asked };
    struct bf_arena a = { 0 };
    struct bf_near near;
    CHECK_INT(bf_near_hashes(hash, 5, 1, &picky, &near, &a, NULL), BF_OK);
    CHECK_INT(near.n_pairs, 3); /* 0-2, 0-4, 1-3 of 0-1, 0-2, 0-4, 1-3, 2-3 */
    CHECK_INT(n_asked, 5);
    CHECK_INT(near.group[4], 0);
    CHECK_INT(near.group[3], 1);
    bf_arena_reset(&a);
}

static void too_many_pairs_and_no_memory_are_said(void)
{
    static uint64_t hash[N];
    const struct bf_near_options few = { .max_pairs = 100 };
    struct bf_arena a = { 0 };
    struct bf_near near = { .n_pairs = 77 };
    struct bf_err err;
    make_hashes(hash, N, 0xffff, 4);
    CHECK_INT(bf_near_hashes(hash, N, 6, &few, &near, &a, &err), BF_EDATA);
    CHECK_STR(err.msg, "more than 100 pairs of near-duplicates");
    CHECK_INT(bf_near_hashes(hash, N, 11, &few, &near, &a, &err), BF_EINVAL);
    CHECK_STR(err.msg, "a distance of 11 bits; allowed: 0 to 10");
    CHECK_INT(bf_near_sets(NULL, 0, 1.5, &few, &near, &a, &err), BF_EINVAL);
    a.limit = a.used + 1000;
    CHECK_INT(bf_near_hashes(hash, N, 6, &few, &near, &a, &err), BF_ENOMEM);
    CHECK_INT(near.n_pairs, 77);
    bf_arena_reset(&a);
}

static struct bf_set words_of(const char *text, int k, struct bf_arena *a)
{
    struct bf_set s = { 0 };
    CHECK_INT(bf_shingles_of_words(text, k, &s, a), BF_OK);
    return s;
}

static double alike(const char *x, const char *y, int k)
{
    struct bf_arena a = { 0 };
    const struct bf_set s = words_of(x, k, &a), t = words_of(y, k, &a);
    const double j = bf_set_jaccard(&s, &t);
    CHECK(j == bf_set_jaccard(&t, &s));
    bf_arena_reset(&a);
    return j;
}

static void words_know_no_case_nor_marks(void)
{
    CHECK(alike("What colour has the car?", "what  COLOUR has - the car", 2) == 1);
    CHECK(alike("a b c d", "a b c e", 1) == 3.0 / 5);
    CHECK(alike("a b c d", "a b c e", 3) == 1.0 / 3);
    CHECK(alike("a b", "a b", 3) == 1); /* shorter than a run */
    CHECK(alike("a b", "a c", 3) == 0);
    CHECK(alike("", "?!", 1) == 1); /* both are empty */
    CHECK(alike("", "a", 1) == 0);
    CHECK(alike("ab c", "a bc", 1) == 0);
    CHECK(alike("\xc3\x9c"
                "ber alles",
                "\xc3\x9c"
                "ber, alles",
                2) == 1);
    /* "what colour is this car" without spaces, and with one character changed */
    CHECK(alike("\xe8\xbf\x99\xe8\xbe\x86\xe8\xbd\xa6", "\xe8\xbf\x99\xe8\xbe\x86\xe8\x88\xb9",
                1) == 2.0 / 4);
    CHECK(alike("\xe8\xbf\x99\xe3\x80\x82", "\xe8\xbf\x99", 1) == 1); /* a full stop of theirs */
    CHECK(alike("\xff\xfe\xc3", "\xff\xfe\xc3", 2) == 1);             /* no UTF-8 at all */
}

static void characters_are_counted_not_bytes(void)
{
    struct bf_arena a = { 0 };
    struct bf_set s;
    CHECK_INT(bf_shingles_of_chars("aaaaaa", 5, &s, &a), BF_OK);
    CHECK_INT(s.n, 1);
    CHECK_INT(bf_shingles_of_chars("abcdefgh", 5, &s, &a), BF_OK);
    CHECK_INT(s.n, 4);
    CHECK_INT(bf_shingles_of_chars("\xe8\xbf\x99\xe8\xbe\x86\xe8\xbd\xa6", 2, &s, &a), BF_OK);
    CHECK_INT(s.n, 2);
    CHECK_INT(bf_shingles_of_chars("ab", 5, &s, &a), BF_OK);
    CHECK_INT(s.n, 1);
    CHECK_INT(bf_shingles_of_chars("", 5, &s, &a), BF_OK);
    CHECK_INT(s.n, 0);
    for (uint32_t i = 1; i < s.n; i++)
        CHECK(s.v[i - 1] < s.v[i]);
    bf_arena_reset(&a);
}

/* Texts of `n_words` words of a vocabulary, some with some words of an earlier one changed. */
static void make_texts(struct bf_set *sets, uint32_t n, uint64_t n_vocabulary, int n_words,
                       const char *stem, struct bf_arena *a)
{
    struct bf_rng r = bf_rng_for(9, "", stem, 0);
    uint32_t(*word)[32] = calloc(n, sizeof *word);
    for (uint32_t i = 0; i < n; i++) {
        char text[1024];
        int at = snprintf(text, sizeof text, "%s", stem);
        const bool copy = i > 0 && bf_rng_below(&r, 3) == 0;
        const uint64_t of = copy ? bf_rng_below(&r, i) : 0, n_new = bf_rng_below(&r, 4);
        for (int w = 0; w < n_words; w++)
            word[i][w] = copy ? word[of][w] : (uint32_t)bf_rng_below(&r, n_vocabulary);
        for (uint64_t c = 0; copy && c < n_new; c++)
            word[i][bf_rng_below(&r, (uint64_t)n_words)] = (uint32_t)bf_rng_below(&r, n_vocabulary);
        for (int w = 0; w < n_words; w++)
            at += snprintf(text + at, sizeof text - (size_t)at, " w%u", (unsigned)word[i][w]);
        sets[i] = words_of(text, 1, a);
    }
    free(word);
}

/* What is found is near, and at most one in 100 pairs is missed. */
static void check_sets(const struct bf_set *sets, uint32_t n, double least)
{
    const struct bf_near_options list = { .max_pairs = N * N / 2 }, groups = { 0 };
    struct bf_arena a = { 0 };
    struct bf_near near, joined;
    uint32_t n_near = 0, n_found = 0, n_wrong = 0, p = 0;

    CHECK_INT(bf_near_sets(sets, n, least, &list, &near, &a, NULL), BF_OK);
    CHECK_INT(bf_near_sets(sets, n, least, &groups, &joined, &a, NULL), BF_OK);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = i + 1; k < n; k++) {
            const double j = bf_set_jaccard(&sets[i], &sets[k]);
            const bool found = p < near.n_pairs && near.pairs[p].a == i && near.pairs[p].b == k;
            n_wrong += found && (j < least || near.pairs[p].score != (float)j);
            p += found;
            if (j == 1)
                n_wrong += near.first[i] != near.first[k];
            else if (near.first[i] == i && near.first[k] == k && j >= least) {
                n_near++;
                n_found += found;
            }
        }
    CHECK_INT(n_wrong, 0);
    CHECK_INT(p, near.n_pairs);
    CHECK(n_near > 100);
    CHECK(n_found >= 0.99 * n_near);
    for (uint32_t i = 0; i < n; i++)
        n_wrong += joined.group[i] != near.group[i];
    CHECK_INT(n_wrong, 0);
    bf_arena_reset(&a);
}

static void near_sets_are_found(void)
{
    static struct bf_set sets[N];
    struct bf_arena a = { 0 };
    make_texts(sets, N, 5000, 20, "which of these", &a);
    check_sets(sets, N, 0.9);
    check_sets(sets, N, 0.7);
    check_sets(sets, N, 0.5);
    bf_arena_reset(&a);
}

/* All share most of what they have: every band is one bucket. */
static void near_sets_of_one_template_are_found(void)
{
    static struct bf_set sets[N];
    struct bf_arena a = { 0 };
    make_texts(sets, N, 1000, 4,
               "in the picture there is one thing that we look for please say "
               "which of the following things it could be and where it stands among the others",
               &a);
    check_sets(sets, N, 0.93);
    check_sets(sets, N, 0.9);
    bf_arena_reset(&a);
}

/* 60,000 questions of one template: were they compared with each other, it would take minutes. */
static void a_template_takes_no_longer_than_other_texts(void)
{
    enum { MANY = 60000 };
    const struct bf_near_options groups = { 0 };
    struct bf_set *sets = calloc(MANY, sizeof *sets);
    struct bf_arena a = { 0 };
    struct bf_near near;
    uint32_t n_groups = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        char text[128];
        snprintf(text, sizeof text, "what colour has the car with the number %u in the picture",
                 (unsigned)(i % (MANY / 2)));
        sets[i] = words_of(text, 1, &a);
    }
    CHECK_INT(bf_near_sets(sets, MANY, 0.9, &groups, &near, &a, NULL), BF_OK);
    for (uint32_t i = 0; i < MANY; i++)
        n_groups += near.group[i] == i;
    CHECK_INT(n_groups, MANY / 2);
    CHECK_INT(near.first[MANY - 1], MANY / 2 - 1);
    free(sets);
    bf_arena_reset(&a);
}

static void empty_sets_are_near_each_other_alone(void)
{
    const struct bf_near_options list = { .max_pairs = 10 };
    struct bf_arena a = { 0 };
    struct bf_near near;
    const struct bf_set sets[4] = { { 0 }, words_of("a", 1, &a), { 0 }, words_of("A", 1, &a) };
    CHECK_INT(bf_near_sets(sets, 4, 0.5, &list, &near, &a, NULL), BF_OK);
    CHECK_INT(near.n_pairs, 0);
    CHECK_INT(near.group[2], 0);
    CHECK_INT(near.group[3], 1);
    CHECK_INT(bf_near_sets(sets, 0, 0.5, &list, &near, &a, NULL), BF_OK);
    CHECK_INT(bf_near_hashes(NULL, 0, 5, &list, &near, &a, NULL), BF_OK);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(all_near_hashes_are_found_in_order), TEST(crowded_hashes_are_found),
          TEST(a_hundred_thousand_equal_hashes_are_one), TEST(a_pair_must_please_the_caller_too),
          TEST(too_many_pairs_and_no_memory_are_said), TEST(words_know_no_case_nor_marks),
          TEST(characters_are_counted_not_bytes), TEST(near_sets_are_found),
          TEST(near_sets_of_one_template_are_found),
          TEST(a_template_takes_no_longer_than_other_texts),
          TEST(empty_sets_are_near_each_other_alone))
