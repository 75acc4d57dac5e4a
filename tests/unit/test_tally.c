/* Answers counted into cells. */
#include <math.h>

#include "core/tally.h"
#include "tests/test.h"

static struct bf_cell cell;

static void count(const struct bf_sample *s, const struct bf_answer *a, int n)
{
    struct bf_tally t;
    bf_tally_clear(&cell, NULL, 1);
    CHECK_INT(bf_tally_open(&t, &cell, NULL, 1, NULL), BF_OK);
    for (int i = 0; i < n; i++)
        bf_tally_add(&t, 0, s, i, &a[i]);
    bf_tally_close(&t);
}

/* (.4 + .6 + .8) / 3 = .6; ((.2)^2 + 0 + (.2)^2) / 2 = .04, whose root is .2. */
static void repeats_have_a_mean_and_a_spread(void)
{
    const struct bf_sample s = { .task = BF_CHOICE, .n_choices = 2, .gold = 1 };
    const struct bf_answer a[3] = { { .cls = BF_WRONG, .n_p = 2, .p = { 0.6f, 0.4f } },
                                    { .cls = BF_RIGHT, .n_p = 2, .p = { 0.4f, 0.6f } },
                                    { .cls = BF_RIGHT, .n_p = 2, .p = { 0.2f, 0.8f } } };
    count(&s, a, 3);
    CHECK(fabsf(cell.p - 0.6f) < 1e-6f && cell.a == cell.p);
    CHECK(fabsf(cell.p_sd - 0.2f) < 1e-6f);
    count(&s, a, 1);
    CHECK(isnan(cell.p_sd) && fabsf(cell.p - 0.4f) < 1e-6f);
}

/* Without choices p[0] is p(gold); a number that is right in part counts in part. */
static void numbers_have_credit_and_p_gold(void)
{
    const struct bf_sample s = { .task = BF_NUMBER, .gold = -1, .gold_number = 10 };
    const struct bf_answer a = { .cls = BF_RIGHT,
                                 .choice = -1,
                                 .number = 9,
                                 .has_credit = true,
                                 .credit = 0.8f,
                                 .n_p = 1,
                                 .p = { 0.25f } };
    count(&s, &a, 1);
    CHECK(fabsf(cell.a - 0.8f) < 1e-6f);
    CHECK(fabsf(cell.p - 0.25f) < 1e-6f && cell.n_p == 1);
}

/* |8 - 10| / 10 = .2: below 1 - t for t = .50, .55, .60, .65, .70, .75, and not for .80, where the
 * sources' 1 - .8 is a little less than .2, nor above. */
static void mean_relative_accuracy(void)
{
    CHECK(bf_answer_mra(8, 10, false) == 0.6f);
    CHECK(bf_answer_mra(10, 10, false) == 1);
    CHECK(bf_answer_mra(4, 10, true) == 0);
    CHECK(bf_answer_mra(5, 10, true) == 0.1f && bf_answer_mra(5, 10, false) == 0);
    CHECK(bf_answer_mra(0, 0, false) == 1 && bf_answer_mra(1, 0, true) == 0);
}

TEST_MAIN(TEST(repeats_have_a_mean_and_a_spread), TEST(numbers_have_credit_and_p_gold),
          TEST(mean_relative_accuracy))
