/* Accuracy from a judge that errs. */
#include <math.h>

#include "core/rng.h"
#include "score/judged.h"
#include "tests/test.h"

static double to4(double v)
{
    return round(v * 1e4) / 1e4;
}

/* By hand: 60 of 100 called right, Se 45/50 = 0.9, Sp 40/50 = 0.8:
 * (0.6 + 0.8 - 1) / (0.9 + 0.8 - 1) = 0.4 / 0.7 = 0.5714. */
static void errors_of_the_judge_are_taken_out(void)
{
    const struct bf_judge_rates r = { 50, 45, 50, 40 };
    const struct bf_judged j = bf_judged(60, 100, &r);
    CHECK(fabs(to4(j.value) - 0.5714) < 1e-9);
    CHECK(j.interval.lo < 0.5714 && j.interval.hi > 0.5714);
    /* Wider than that of a judge who never errs would be (Wilson: 0.475 to 0.663 around 0.571). */
    CHECK(j.interval.hi - j.interval.lo > 0.19);
}

static void a_perfect_judge_changes_nothing(void)
{
    const struct bf_judge_rates r = { 100000, 100000, 100000, 100000 };
    const struct bf_judged j = bf_judged(60, 100, &r);
    CHECK(fabs(j.value - 0.6) < 1e-12);
    const struct bf_interval w = bf_wilson(60, 100);
    CHECK(fabs(j.interval.lo - w.lo) < 0.02 && fabs(j.interval.hi - w.hi) < 0.02);
}

static void a_judge_no_better_than_a_coin_says_nothing(void)
{
    const struct bf_judge_rates coin = { 50, 25, 50, 25 }, none = { 0, 0, 50, 50 };
    CHECK(isnan(bf_judged(60, 100, &coin).value));
    CHECK(isnan(bf_judged(60, 100, &none).value));
    CHECK(isnan(bf_judged(0, 0, &coin).value));
}

static uint32_t binomial(struct bf_rng *rng, uint32_t n, double p)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++)
        k += bf_rng_unit(rng) < p;
    return k;
}

/* 2,000 studies with known truth: 95 % intervals hold it in 93 to 97.5 % of them. */
static void intervals_cover_what_they_promise(void)
{
    static const double truth[] = { 0.2, 0.5, 0.85 };
    for (int k = 0; k < 3; k++) {
        struct bf_rng rng = bf_rng_for(1, "judged", "coverage", (uint64_t)k);
        const double p = truth[k], se = 0.9, sp = 0.85, q = p * se + (1 - p) * (1 - sp);
        int covered = 0;
        for (int i = 0; i < 2000; i++) {
            const struct bf_judge_rates r = { 60, binomial(&rng, 60, se), 60,
                                              binomial(&rng, 60, sp) };
            const struct bf_judged j = bf_judged(binomial(&rng, 200, q), 200, &r);
            covered += j.interval.lo <= p && p <= j.interval.hi;
        }
        CHECK(covered >= 1860 && covered <= 1950);
        if (covered < 1860 || covered > 1950)
            printf("# truth %g: %d of 2000\n", p, covered);
    }
}

TEST_MAIN(TEST(errors_of_the_judge_are_taken_out), TEST(a_perfect_judge_changes_nothing),
          TEST(a_judge_no_better_than_a_coin_says_nothing), TEST(intervals_cover_what_they_promise))
