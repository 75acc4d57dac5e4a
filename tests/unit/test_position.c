#include "core/ops.h"
#include "tests/test.h"
#include "tests/unit/table_maker.h"

extern const struct bf_metric bf_metric_position_bias;

static struct maker *samples(uint32_t n, enum bf_orders orders)
{
    static const char *words[] = { "red", "blue", "green", "grey" }; /* not letters, which stay */
    struct maker *m = maker_new();
    maker_init(m, 1, n, 1);
    for (uint32_t i = 0; i < n; i++)
        m->samples[i].choices = words;
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_clear(m);
    m->probes[0].orders = orders;
    return m;
}

/* The first trial picked the choice at `place`. */
static void pick(struct maker *m, uint32_t sample, int place)
{
    const struct bf_sample *s = &m->samples[sample];
    uint8_t order[BF_MAX_CHOICES];
    bf_order_of(m->probes[0].orders, m->table.seed, s, 0, order);
    struct bf_cell *c = maker_cell(m, 0, 0, sample);
    c->first = order[place];
    c->first_class = order[place] == s->gold ? BF_RIGHT : BF_WRONG;
}

static double value(struct maker *m, const char *score, const char *group)
{
    return maker_stat(m, score, "stat", "full", "", group)->value;
}

static void run(struct maker *m)
{
    CHECK_INT(bf_metric_position_bias.compute(&m->table, &m->scores, NULL), BF_OK);
}

/* docs/metrics.md: 20, 10, 5 and 5 of 40 picks of four choices, none of which is preferred. */
static void shares_are_set_against_no_preference(void)
{
    struct maker *m = samples(40, BF_ORDER_FIXED);
    for (uint32_t i = 0; i < 40; i++)
        pick(m, i, i < 20 ? 0 : i < 30 ? 1 : i < 35 ? 2 : 3);
    run(m);
    CHECK(fabs(value(m, "position_bias", "all") - 0.25) < 1e-12);
    CHECK(fabs(value(m, "position_bias_p", "all") - 0.0018166489665723234) < 1e-12);
    CHECK(value(m, "picked_share", "place=A") == 0.5);
    CHECK(value(m, "picked_share", "place=D") == 0.125);
    CHECK(value(m, "expected_share", "place=C") == 0.25);
    CHECK_INT(maker_stat(m, "position_bias", "stat", "full", "", "all")->n, 40);
    /* every gold choice stands first */
    CHECK(value(m, "gold_share", "place=A") == 1);
    CHECK(value(m, "gold_position_bias", "all") == 0.75);
    maker_done(m);
}

static void always_the_same_letter_is_plain_to_see(void)
{
    struct maker *m = samples(60, BF_ORDER_CIRCULAR);
    for (uint32_t i = 0; i < 60; i++)
        pick(m, i, 0);
    run(m);
    CHECK(value(m, "picked_share", "place=A") == 1);
    CHECK(value(m, "picked_share", "place=B") == 0);
    CHECK(value(m, "position_bias", "all") == 0.75);
    CHECK(value(m, "position_bias_p", "all") < 1e-30);
    /* though choices were many: turned orders spread the gold ones, 15 a place +- 3.4 */
    CHECK(value(m, "gold_share", "place=A") < 0.45);
    maker_done(m);
}

/* A probe that always knows the answer picks each place as often as the gold choice stands
 * there. */
static void knowing_the_answer_is_no_preference(void)
{
    struct maker *m = samples(60, BF_ORDER_SHUFFLED);
    for (uint32_t i = 0; i < 60; i++) {
        struct bf_cell *c = maker_cell(m, 0, 0, i);
        c->first = 0;
        c->first_class = BF_RIGHT;
    }
    run(m);
    for (char place = 'A'; place <= 'D'; place++) {
        const char group[] = { 'p', 'l', 'a', 'c', 'e', '=', place, '\0' };
        CHECK(value(m, "picked_share", group) == value(m, "gold_share", group));
    }
    CHECK(value(m, "position_bias_p", "all") > 0.001);
    maker_done(m);
}

/* Two choices and four: places A and B are expected (1/2 + 1/4) / 2 of the time, C and D 1/8. */
static void fewer_choices_have_fewer_places(void)
{
    struct maker *m = samples(40, BF_ORDER_FIXED);
    for (uint32_t i = 0; i < 40; i++) {
        m->samples[i].n_choices = i < 20 ? 2 : 4;
        pick(m, i, (int)(i % (i < 20 ? 2 : 4)));
    }
    run(m);
    CHECK(value(m, "expected_share", "place=A") == 0.375);
    CHECK(value(m, "expected_share", "place=D") == 0.125);
    CHECK(value(m, "position_bias", "all") == 0);
    CHECK(value(m, "position_bias_p", "all") == 1);
    maker_done(m);
}

/* Refused, unparsed and failed answers, other tasks, and samples never asked say nothing. */
static void only_answers_count(void)
{
    struct maker *m = samples(12, BF_ORDER_FIXED);
    for (uint32_t i = 0; i < 12; i++)
        pick(m, i, 1);
    for (uint32_t i = 0; i < 4; i++) {
        maker_cell(m, 0, 0, i)->first = -1;
        maker_cell(m, 0, 0, i)->first_class = (uint8_t)(BF_REFUSED + i % 3);
    }
    m->samples[4].task = BF_CHOICES;
    run(m);
    CHECK_INT(maker_stat(m, "position_bias", "stat", "full", "", "all")->n, 7);
    /* 7 picks of four choices are too few for a p value */
    const struct bf_stat *p = maker_stat(m, "position_bias_p", "stat", "full", "", "all");
    CHECK(isnan(p->value));
    CHECK_STR(p->null_reason, "fewer than 5 picks expected at each place");
    maker_done(m);

    m = samples(2, BF_ORDER_FIXED);
    run(m);
    CHECK_INT(m->scores.n_stats, 0);
    maker_done(m);
}

TEST_MAIN(TEST(shares_are_set_against_no_preference), TEST(always_the_same_letter_is_plain_to_see),
          TEST(knowing_the_answer_is_no_preference), TEST(fewer_choices_have_fewer_places),
          TEST(only_answers_count))
