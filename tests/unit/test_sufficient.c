#include "core/ops.h"
#include "score/sufficient.h"
#include "tests/test.h"
#include "tests/unit/table_maker.h"

extern const struct bf_metric bf_metric_sufficient;

/* The class of a lattice in which exactly the subsets `solved` (bits) are solved. */
static enum bf_sufficient_class class_of(uint64_t solved, int n, uint32_t *necessary)
{
    double v[64];
    for (int s = 0; s < 1 << n; s++)
        v[s] = solved >> s & 1 ? 0.75 : 0.5;
    return bf_sufficient_class(bf_minimal_sufficient(v, n), n, necessary);
}

static uint64_t bits(int a, int b)
{
    return ((uint64_t)1 << a) | ((uint64_t)1 << b);
}

static void every_class_has_its_case(void)
{
    uint32_t need;
    CHECK_INT(class_of(0, 2, &need), BF_SUF_UNSOLVED);
    CHECK_INT(need, 0);
    CHECK_INT(class_of(0xf, 2, &need), BF_SUF_ANSWERABLE);
    CHECK_INT(need, 0);
    /* solved by image, and with it: {image} is the only way */
    CHECK_INT(class_of(bits(1, 3), 2, &need), BF_SUF_NECESSARY);
    CHECK_INT(need, 1);
    /* image or audio, either is enough */
    CHECK_INT(class_of(bits(1, 2), 2, &need), BF_SUF_REDUNDANT);
    CHECK_INT(need, 0);
    /* only both */
    CHECK_INT(class_of(bits(3, 3), 2, &need), BF_SUF_SYNERGISTIC);
    CHECK_INT(need, 3);
    /* {0,1} and {0,2} overlap: still synergistic, and 0 is in every way */
    CHECK_INT(class_of(bits(3, 5), 3, &need), BF_SUF_SYNERGISTIC);
    CHECK_INT(need, 1);
    /* {0,1} and {2,3} */
    CHECK_INT(class_of(bits(3, 12), 4, &need), BF_SUF_MIXED);
    /* {0} and {1,2} */
    CHECK_INT(class_of(bits(1, 6), 3, &need), BF_SUF_REDUNDANT);
}

static void minimal_sets_have_no_smaller_way_in_them(void)
{
    double v[8] = { 0, 0.51, 0.5, 1, 0, 1, 0.9, 0.2 };
    /* {0} (1), not {0,1} (3) or {0,2} (5); {1,2} (6); v[2] is 1/2, which is not above it */
    CHECK(bf_minimal_sufficient(v, 3) == bits(1, 6));
    v[0] = 0.6;
    CHECK(bf_minimal_sufficient(v, 3) == 1);
}

static void two_probes_at_one_half_do_not_solve(void)
{
    struct maker *m = maker_new();
    maker_init(m, 2, 3, 1);
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    maker_clear(m);
    for (int p = 0; p < 2; p++)
        m->probes[p].trials = 10;
    /* 3/10 and 7/10: mean exactly 1/2, though 0.3f + 0.7f is above 1 */
    maker_trials(m, 0, 0, 0, 3, 10);
    maker_trials(m, 1, 0, 0, 7, 10);
    maker_trials(m, 0, 1, 0, 0, 10);
    maker_trials(m, 1, 1, 0, 0, 10);
    maker_trials(m, 0, 0, 1, 4, 10);
    maker_trials(m, 1, 0, 1, 7, 10);
    maker_trials(m, 0, 1, 1, 0, 10);
    maker_trials(m, 1, 1, 1, 0, 10);
    CHECK_INT(bf_metric_sufficient.compute(&m->table, &m->scores, NULL), BF_OK);
    CHECK_STR(maker_word(m, "sufficient_class", 0), "unsolved");
    CHECK(isnan(maker_value(m, "necessary.image", 0)));
    CHECK_STR(maker_word(m, "sufficient_class", 1), "necessary");
    CHECK(maker_value(m, "necessary.image", 1) == 1);
    CHECK_STR(maker_word(m, "sufficient_class", 2), "null"); /* nothing was answered */
    const struct bf_stat *s = maker_stat(m, "sufficient.necessary", "", "", "", "all");
    CHECK(s->value == 0.5);
    CHECK_INT(s->n, 2);
    CHECK(maker_stat(m, "sufficient.mixed", "", "", "", "all")->value == 0);
    maker_done(m);
}

TEST_MAIN(TEST(every_class_has_its_case), TEST(minimal_sets_have_no_smaller_way_in_them),
          TEST(two_probes_at_one_half_do_not_solve))
