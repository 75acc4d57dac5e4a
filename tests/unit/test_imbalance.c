#include "core/ops.h"
#include "score/imbalance.h"
#include "tests/test.h"
#include "tests/unit/table_maker.h"

extern const struct bf_metric bf_metric_imbalance;

/* TVQA's four streams, right answers lost without each: 4707, 688, 331, 236 of 15,253
 * (Winterbottom et al.): 4707 / 236 = 19.945. */
static void tvqa_streams_have_their_ratio(void)
{
    const double c[] = { 4707. / 15253, 688. / 15253, 331. / 15253, 236. / 15253 };
    int max, min;
    CHECK(fabs(bf_imbalance(c, 4, &max, &min) - 19.945) < 0.0005);
    CHECK_INT(max, 0);
    CHECK_INT(min, 3);
}

static void nothing_and_harm_have_no_ratio(void)
{
    int max, min;
    CHECK(isnan(bf_imbalance((double[]){ 0.5, 0 }, 2, &max, &min)));
    CHECK(isnan(bf_imbalance((double[]){ 0.5, -0.1 }, 2, &max, &min)));
    CHECK(isnan(bf_imbalance((double[]){ 0.5 }, 1, &max, &min)));
    CHECK(bf_imbalance((double[]){ 0.5, 0.5 }, 2, &max, &min) == 1);
}

/* v = 1/4, image 1/2, audio 1/4, both 1: C(image) = 1/2, C(audio) = 1/4 (test_contribution). */
static void a_set_has_a_ratio_and_an_interval(void)
{
    struct maker *m = maker_new();
    maker_init(m, 1, 4, 3);
    maker_lattice(m, 3);
    maker_clear(m);
    for (uint32_t i = 0; i < 4; i++) {
        maker_p(m, 0, 0, i, 1);
        maker_p(m, 0, 1, i, 0.25);
        maker_p(m, 0, 2, i, 0.5);
        maker_p(m, 0, 3, i, 0.25);
    }
    m->samples[3].category = "flat"; /* here audio does nothing */
    maker_p(m, 0, 0, 3, 0.5);
    CHECK_INT(bf_metric_imbalance.compute(&m->table, &m->scores, NULL), BF_OK);
    /* image (3 * 1/2 + 1/4) over audio (3 * 1/4 + 0) */
    const struct bf_stat *s = maker_stat(m, "imbalance", "", "", "image/audio", "all");
    CHECK(fabs(s->value - 7. / 3) < 1e-6);
    CHECK(s->lo >= 2 && s->lo < s->value && s->hi > s->value);
    CHECK_INT(s->n, 4);
    s = maker_stat(m, "imbalance", "", "", "image/audio", "category=flat");
    CHECK(isnan(s->value));
    CHECK_STR(s->null_reason, "the smallest contribution is not above 0");
    maker_done(m);
}

static void one_modality_and_no_lattice_are_named(void)
{
    struct maker *m = maker_new();
    maker_init(m, 1, 2, 1);
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_clear(m);
    CHECK_INT(bf_metric_imbalance.compute(&m->table, &m->scores, NULL), BF_OK);
    CHECK(strstr(maker_stat(m, "imbalance", "", "", "", "all")->null_reason, "lattice"));
    bf_scores_done(&m->scores);

    maker_condition(m, "blind", BF_COND_BLIND, 0);
    for (uint32_t i = 0; i < 2; i++) {
        maker_p(m, 0, 0, i, 1);
        maker_p(m, 0, 1, i, 0.5);
    }
    CHECK_INT(bf_metric_imbalance.compute(&m->table, &m->scores, NULL), BF_OK);
    CHECK_STR(maker_stat(m, "imbalance", "", "", "", "all")->null_reason, "only one modality");
    maker_done(m);
}

TEST_MAIN(TEST(tvqa_streams_have_their_ratio), TEST(nothing_and_harm_have_no_ratio),
          TEST(a_set_has_a_ratio_and_an_interval), TEST(one_modality_and_no_lattice_are_named))
