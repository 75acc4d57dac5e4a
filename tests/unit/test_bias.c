#include "core/ops.h"
#include "tests/test.h"
#include "tests/unit/table_maker.h"

extern const struct bf_metric bf_metric_bias;

/* Three samples of a probe that gives probabilities; "chat" is its base. */
static struct maker *three(void)
{
    struct maker *m = maker_new();
    maker_init(m, 3, 3, 1);
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    maker_clear(m);
    for (uint32_t i = 0; i < 3; i++) {
        maker_p(m, 0, 0, i, 1); /* full does not count */
        maker_trials(m, 1, 1, i, i < 2, 1);
    }
    m->probes[0].before = "chat";
    m->probes[2].held_out = true;
    return m;
}

static void set(struct maker *m, uint32_t sample, double p, double sd, int n)
{
    maker_p(m, 0, 1, sample, p);
    maker_cell(m, 0, 1, sample)->n_p = (uint16_t)n;
    maker_cell(m, 0, 1, sample)->p_sd = (float)sd;
}

/* docs/metrics.md: 0.75 of four choices is 0.5 above chance, and 0.25 below a base that was right.
 * */
static void bias_is_what_is_known_without_the_targets(void)
{
    struct maker *m = three();
    set(m, 0, 0.75, NAN, 1);
    set(m, 1, 0.25, NAN, 1);
    m->samples[1].n_choices = 2;
    CHECK_INT(bf_metric_bias.compute(&m->table, &m->scores, NULL), BF_OK);
    CHECK(maker_value(m, "bias.stat", 0) == 0.75);
    CHECK(maker_value(m, "bias_adjusted.stat", 0) == 0.5);
    CHECK(maker_value(m, "bias_adjusted.stat", 1) == -0.25);
    CHECK(maker_value(m, "delta.stat", 0) == -0.25);
    CHECK(isnan(maker_value(m, "bias.stat", 2)) && isnan(maker_value(m, "delta.stat", 2)));
    const struct bf_stat *s = maker_stat(m, "bias", "stat", "blind", "", "all");
    CHECK(s->value == 0.5 && s->lo == 0.25 && s->hi == 0.75 && s->n == 2);
    CHECK(s->selected_on == bf_probe_selects(&m->spec, 0));
    CHECK(maker_stat(m, "delta", "stat", "blind", "", "all")->value == -0.5);
    maker_done(m);
}

static void repeats_have_a_spread(void)
{
    struct maker *m = three();
    m->probes[0].trials = 5;
    set(m, 0, 0.75, 0.125, 5);
    CHECK_INT(bf_metric_bias.compute(&m->table, &m->scores, NULL), BF_OK);
    CHECK(maker_value(m, "bias_sd.stat", 0) == 0.125);
    CHECK(isnan(maker_value(m, "bias_sd.stat", 1)));
    maker_done(m);
}

/* A number has the share of right that its rule gives, and no chance to take off. */
static void a_number_counts_its_accuracy(void)
{
    struct maker *m = three();
    m->samples[0].task = BF_NUMBER;
    m->samples[0].n_choices = 0;
    set(m, 1, 0.5, NAN, 1);
    maker_cell(m, 0, 1, 0)->a = 0.625f;
    CHECK_INT(bf_metric_bias.compute(&m->table, &m->scores, NULL), BF_OK);
    CHECK(maker_value(m, "bias.stat", 0) == 0.625);
    CHECK(isnan(maker_value(m, "bias_adjusted.stat", 0)));
    maker_done(m);
}

static void who_gives_no_probabilities_has_no_bias(void)
{
    struct maker *m = three();
    set(m, 0, 0.75, NAN, 1);
    m->probes[0].before = NULL;
    CHECK_INT(bf_metric_bias.compute(&m->table, &m->scores, NULL), BF_OK);
    CHECK(bf_scores_find(&m->scores, "bias.stat") != NULL);
    CHECK(bf_scores_find(&m->scores, "delta.stat") == NULL);   /* its base is not known */
    CHECK(bf_scores_find(&m->scores, "bias_sd.stat") == NULL); /* asked once */
    CHECK(bf_scores_find(&m->scores, "bias.chat") == NULL);
    CHECK(bf_scores_find(&m->scores, "bias.more") == NULL);
    maker_done(m);
}

TEST_MAIN(TEST(bias_is_what_is_known_without_the_targets), TEST(repeats_have_a_spread),
          TEST(a_number_counts_its_accuracy), TEST(who_gives_no_probabilities_has_no_bias))
