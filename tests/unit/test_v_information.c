#include "core/ops.h"
#include "score/v_information.h"
#include "tests/test.h"
#include "tests/unit/table_maker.h"

extern const struct bf_metric bf_metric_v_information;

/* docs/metrics.md: from 1/4 to 1/2 is one bit. */
static void doubling_the_probability_is_one_bit(void)
{
    CHECK(bf_pvi(0.5, 0.25) == 1);
    CHECK(bf_pvi(0.25, 1) == -2);
    CHECK(fabs(bf_pvi(1, 0) - 19.931568569324174) < 1e-12); /* log2 of a million */
    CHECK(isnan(bf_pvi(NAN, 0.5)) && isnan(bf_pvi(0.5, NAN)));
}

static void bits_are_given_for_targets_and_each_modality(void)
{
    struct maker *m = maker_new();
    maker_init(m, 2, 3, 3);
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_condition(m, "without_image", BF_COND_WITHOUT_EACH, 1);
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    m->samples[1].target = 1; /* blind is without image for this one */
    maker_clear(m);
    for (uint32_t i = 0; i < 2; i++) {
        maker_p(m, 0, 0, i, 1);
        maker_p(m, 0, 1, i, 0.5);
        maker_p(m, 0, 2, i, 0.25);
        maker_trials(m, 1, 0, i, 1, 1);
    }
    CHECK_INT(bf_metric_v_information.compute(&m->table, &m->scores, NULL), BF_OK);
    CHECK(maker_value(m, "pvi.stat", 0) == 2);
    CHECK(maker_value(m, "pvi.stat.image", 0) == 1);
    CHECK(isnan(maker_value(m, "pvi.stat.audio", 0))); /* not asked */
    CHECK(maker_value(m, "pvi.stat", 1) == 1);
    CHECK(isnan(maker_value(m, "pvi.stat", 2)));
    CHECK(!bf_scores_find(&m->scores, "pvi.chat")); /* gives no probabilities */
    const struct bf_stat *s = maker_stat(m, "v_information", "stat", "", "", "all");
    CHECK(s->value == 1.5);
    CHECK_INT(s->n, 2);
    CHECK_STR(maker_stat(m, "v_information", "stat", "", "audio", "all")->null_reason,
              "no probability with and without");
    maker_done(m);
}

/* docs/metrics.md: 4 of 5 samples of two choices have A. */
static void words_are_held_against_letters_alone(void)
{
    struct maker *m = maker_new();
    maker_init(m, 1, 7, 1);
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    maker_clear(m);
    for (uint32_t i = 0; i < 7; i++) {
        m->samples[i].n_choices = i < 5 ? 2 : 4;
        maker_p(m, 0, 0, i, 1);
        maker_p(m, 0, 1, i, 2. / 3);
    }
    m->samples[4].gold = 1;
    m->samples[6].task = BF_NUMBER;
    CHECK(fabs(bf_letter_prior(4, 5, 2) - 2. / 3) < 1e-15);
    CHECK(fabs(bf_letter_prior(1, 5, 2) - 1. / 6) < 1e-15);
    CHECK_INT(bf_metric_v_information.compute(&m->table, &m->scores, NULL), BF_OK);
    CHECK(fabs(maker_value(m, "pvi_words.stat", 0)) < 1e-6);
    CHECK(fabs(maker_value(m, "pvi_words.stat", 4) - 2) < 1e-6);
    CHECK(fabs(maker_value(m, "pvi_words.stat", 5) - log2(8. / 3)) < 1e-6); /* the only one of 4 */
    CHECK(isnan(maker_value(m, "pvi_words.stat", 6)));
    /* With what the media add it is all there is to know. */
    CHECK(fabs(maker_value(m, "pvi_words.stat", 0) + maker_value(m, "pvi.stat", 0) - log2(1.5)) <
          1e-6);
    CHECK(maker_stat(m, "v_information_words", "stat", "", "", "all")->n == 6);
    maker_done(m);
}

TEST_MAIN(TEST(words_are_held_against_letters_alone), TEST(doubling_the_probability_is_one_bit),
          TEST(bits_are_given_for_targets_and_each_modality))
