#include <math.h>

#include "core/arena.h"
#include "score/intervals.h"
#include "tests/test.h"

static int near(double a, double b, double within)
{
    return fabs(a - b) <= within;
}

static void wilson_matches_published_values(void)
{
    /* 8 of 10: 0.4901625 .. 0.9433178 (statsmodels proportion_confint, method 'wilson') */
    struct bf_interval w = bf_wilson(8, 10);
    CHECK(near(w.lo, 0.4901625, 1e-6));
    CHECK(near(w.hi, 0.9433178, 1e-6));
    /* 0 of 10: upper bound z^2 / (n + z^2) = 3.841459 / 13.841459 */
    w = bf_wilson(0, 10);
    CHECK(w.lo == 0);
    CHECK(near(w.hi, 0.2775328, 1e-6));
    w = bf_wilson(10, 10);
    CHECK(near(w.lo, 0.7224672, 1e-6));
    CHECK(w.hi == 1);
    CHECK(isnan(bf_wilson(0, 0).lo));
}

static void ratio(const double *total, const void *ctx, double *out)
{
    (void)ctx;
    out[0] = total[1] > 0 ? total[0] / total[1] : NAN;
}

static struct bf_interval mean_interval(const double *sums, uint32_t n, uint64_t seed)
{
    struct bf_interval out = { -9, -9 };
    struct bf_resample r = {
        .seed = seed, .n_groups = n, .n_sums = 2, .sums = sums, .n_stats = 1, .stats = ratio
    };
    CHECK_INT(bf_bootstrap(&r, &out, NULL), BF_OK);
    return out;
}

static void bootstrap_of_a_proportion_is_near_its_normal_interval(void)
{
    /* 200 of 400 ones: sd of the mean 0.025, so 0.5 +- 0.049 */
    double sums[400][2];
    for (int i = 0; i < 400; i++) {
        sums[i][0] = i % 2;
        sums[i][1] = 1;
    }
    struct bf_interval b = mean_interval(&sums[0][0], 400, 1);
    CHECK(near(b.lo, 0.451, 0.008));
    CHECK(near(b.hi, 0.549, 0.008));
}

static void grouped_samples_widen_the_interval(void)
{
    /* The same 400 values in 4 groups of 100 equal ones: as if there were 4. */
    double sums[4][2] = { { 0, 100 }, { 100, 100 }, { 0, 100 }, { 100, 100 } };
    struct bf_interval b = mean_interval(&sums[0][0], 4, 1);
    CHECK(b.lo <= 0.1);
    CHECK(b.hi >= 0.9);
}

static void the_same_seed_gives_the_same_interval(void)
{
    double sums[50][2];
    for (int i = 0; i < 50; i++) {
        sums[i][0] = i * 0.37;
        sums[i][1] = 1;
    }
    struct bf_interval a = mean_interval(&sums[0][0], 50, 5);
    struct bf_interval b = mean_interval(&sums[0][0], 50, 5);
    struct bf_interval c = mean_interval(&sums[0][0], 50, 6);
    CHECK(a.lo == b.lo && a.hi == b.hi);
    CHECK(a.lo != c.lo);
}

static void no_interval_is_given_for_one_group_or_undefined_draws(void)
{
    double one[1][2] = { { 1, 2 } };
    CHECK(isnan(mean_interval(&one[0][0], 1, 1).lo));
    /* One group in two has no denominator: a quarter of the draws is undefined. */
    double half[2][2] = { { 0, 0 }, { 1, 2 } };
    CHECK(isnan(mean_interval(&half[0][0], 2, 1).hi));
}

/* The 5 % points of the usual tables; 1 and 2 degrees of freedom in closed form. */
static void chi_square_has_its_published_tail(void)
{
    CHECK(fabs(bf_chi_square_p(3.841459, 1) - 0.05) < 1e-6);
    CHECK(fabs(bf_chi_square_p(5.991465, 2) - 0.05) < 1e-6);
    CHECK(fabs(bf_chi_square_p(7.814728, 3) - 0.05) < 1e-6);
    CHECK(fabs(bf_chi_square_p(16.918978, 9) - 0.05) < 1e-6);
    CHECK(fabs(bf_chi_square_p(37.652484, 25) - 0.05) < 1e-6);
    CHECK(fabs(bf_chi_square_p(8, 2) - exp(-4)) < 1e-15);
    CHECK(bf_chi_square_p(0, 5) == 1 && bf_chi_square_p(0, 4) == 1);
    CHECK(bf_chi_square_p(1e6, 3) == 0);
}

TEST_MAIN(TEST(chi_square_has_its_published_tail), TEST(wilson_matches_published_values),
          TEST(bootstrap_of_a_proportion_is_near_its_normal_interval),
          TEST(grouped_samples_widen_the_interval), TEST(the_same_seed_gives_the_same_interval),
          TEST(no_interval_is_given_for_one_group_or_undefined_draws))
