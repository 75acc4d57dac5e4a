/* Bins: quantiles, values of their own, missing ones, and everything that is odd. */
#include <math.h>

#include "probe/builtin/bins.h"
#include "core/rng.h"
#include "test.h"

static struct bf_binning make(const float *v, uint32_t n, int max_bins)
{
    struct bf_binning b;
    CHECK_INT(bf_binning_make(v, NULL, n, max_bins, &b, NULL), BF_OK);
    return b;
}

static void few_values_have_a_bin_each(void)
{
    const float v[] = { 3, -1, 3, 0.5F, NAN, 3, -1 };
    const struct bf_binning b = make(v, 7, BF_MAX_BINS);
    CHECK_INT(b.n, 4);
    CHECK(b.upper[0] == -0.25F);
    CHECK(b.upper[1] == 1.75F);
    CHECK_INT(bf_bin_of(&b, NAN), 0);
    CHECK_INT(bf_bin_of(&b, -1), 1);
    CHECK_INT(bf_bin_of(&b, -0.25F), 1);
    CHECK_INT(bf_bin_of(&b, 0.5F), 2);
    CHECK_INT(bf_bin_of(&b, 3), 3);
    CHECK_INT(bf_bin_of(&b, INFINITY), 3);
    CHECK_INT(bf_bin_of(&b, -INFINITY), 1);
}

/* Ten values and three bins for them: the 0 fills more than a third and has its own; the other four
 * are shared by two bins. */
static void a_frequent_value_has_a_bin_of_its_own(void)
{
    const float v[] = { 0, 4, 0, 0, 1, 0, 3, 0, 2, 0 };
    const struct bf_binning b = make(v, 10, 4);
    CHECK_INT(b.n, 4);
    CHECK(b.upper[0] == 0.5F);
    CHECK(b.upper[1] == 2.5F);
    const float w[] = { 1, 2, 9, 9, 9, 9, 9, 9 }; /* and after others */
    const struct bf_binning c = make(w, 8, 3);
    CHECK_INT(c.n, 3);
    CHECK(c.upper[0] == 5.5F);
}

static void bins_hold_about_the_same_share(void)
{
    enum { SIZE = 10000 };
    static float v[SIZE];
    uint32_t count[BF_MAX_BINS] = { 0 };
    struct bf_rng r = bf_rng_for(3, "", "bins", 0);
    for (int i = 0; i < SIZE; i++)
        v[i] = (float)pow(bf_rng_unit(&r), 5);
    const struct bf_binning b = make(v, SIZE, 101);
    CHECK_INT(b.n, 101);
    for (int i = 0; i < SIZE; i++)
        count[bf_bin_of(&b, v[i])]++;
    CHECK_INT(count[0], 0);
    for (int i = 1; i < b.n; i++)
        CHECK(count[i] >= 80 && count[i] <= 120);
    for (int i = 1; i + 2 < b.n; i++)
        CHECK(b.upper[i] > b.upper[i - 1]);
}

static void odd_columns_are_no_trouble(void)
{
    const float missing[] = { NAN, NAN }, same[] = { 7, 7, 7 };
    const float ends[] = { -INFINITY, INFINITY, -0.0F, 0.0F };
    const float close[] = { 1, 1.00000012F };
    struct bf_binning b = make(missing, 2, BF_MAX_BINS);
    CHECK_INT(b.n, 1);
    CHECK_INT(bf_bin_of(&b, 5), 0);
    b = make(missing, 0, BF_MAX_BINS);
    CHECK_INT(b.n, 1);
    b = make(same, 3, BF_MAX_BINS);
    CHECK_INT(b.n, 2);
    CHECK_INT(bf_bin_of(&b, -9), 1);
    b = make(ends, 4, BF_MAX_BINS);
    CHECK_INT(b.n, 4);
    CHECK_INT(bf_bin_of(&b, -INFINITY), 1);
    CHECK_INT(bf_bin_of(&b, -0.0F), 2);
    CHECK_INT(bf_bin_of(&b, 0), 2);
    CHECK_INT(bf_bin_of(&b, INFINITY), 3);
    b = make(close, 2, BF_MAX_BINS);
    CHECK_INT(bf_bin_of(&b, close[0]), 1);
    CHECK_INT(bf_bin_of(&b, close[1]), 2);
    b = make(ends, 4, 2);
    CHECK_INT(b.n, 2);
}

static void only_the_rows_named_count(void)
{
    const float v[] = { 1, 2, 3, 4 };
    const uint32_t rows[] = { 3, 1 };
    struct bf_binning b;
    CHECK_INT(bf_binning_make(v, rows, 2, BF_MAX_BINS, &b, NULL), BF_OK);
    CHECK_INT(b.n, 3);
    CHECK(b.upper[0] == 3);
}

static void all_columns_are_binned_by_row(void)
{
    const float x[] = { 1, 2, 1 }, y[] = { NAN, 5, 4 };
    const float *const v[] = { x, y };
    const enum bf_evidence family[] = { BF_EVIDENCE_LENGTH, BF_EVIDENCE_FORM };
    const struct bf_columns columns = { .n_rows = 3, .n = 2, .family = family, .v = v };
    const uint8_t want[] = { 1, 0, 2, 2, 1, 1 };
    struct bf_arena a = { 0 };
    struct bf_bins b;
    struct bf_err err;
    CHECK_INT(bf_bins_make(&columns, BF_MAX_BINS, &b, &a, NULL), BF_OK);
    CHECK_INT(b.n, 2);
    CHECK(memcmp(b.v, want, sizeof want) == 0);
    CHECK(b.family == family);
    a.limit = a.used + 1;
    CHECK_INT(bf_bins_make(&columns, BF_MAX_BINS, &b, &a, &err), BF_ENOMEM);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(few_values_have_a_bin_each), TEST(a_frequent_value_has_a_bin_of_its_own),
          TEST(bins_hold_about_the_same_share), TEST(odd_columns_are_no_trouble),
          TEST(only_the_rows_named_count), TEST(all_columns_are_binned_by_row))
