#include "core/ops.h"
#include "score/contribution.h"
#include "tests/test.h"
#include "tests/unit/table_maker.h"

static bool near(double a, double b)
{
    return fabs(a - b) < 1e-12;
}

static bool nearly(double a, double b) /* what went through a float */
{
    return fabs(a - b) < 1e-6;
}

static void one_modality_is_the_plain_gain(void)
{
    const double v[] = { 0.25, 0.75 };
    double c[1];
    CHECK_INT(bf_contribution(v, 1, c, NULL), BF_OK);
    CHECK(c[0] == 0.5);
}

/* docs/metrics.md: v = 1/4, image 1/2, audio 1/4, both 1.
 * C(image) = ((1/2 - 1/4) + (1 - 1/4)) / 2 = 1/2, C(audio) = ((1/4 - 1/4) + (1 - 1/2)) / 2 = 1/4 */
static void two_modalities_share_their_interaction(void)
{
    const double v[] = { 0.25, 0.5, 0.25, 1 };
    double c[2];
    CHECK_INT(bf_contribution(v, 2, c, NULL), BF_OK);
    CHECK(near(c[0], 0.5));
    CHECK(near(c[1], 0.25));
    CHECK_INT(bf_loo_contribution(v, 2, c, NULL), BF_OK);
    CHECK(near(c[0], 0.75));
    CHECK(near(c[1], 0.5));
}

/* The glove game: worth 1 with a right glove (2) and either left one (0 or 1).
 * Shapley values 1/6, 1/6, 2/3 (Shapley and Shubik 1969). */
static void the_glove_game_has_its_known_values(void)
{
    const double v[] = { 0, 0, 0, 0, 0, 1, 1, 1 };
    double c[3];
    CHECK_INT(bf_contribution(v, 3, c, NULL), BF_OK);
    CHECK(near(c[0], 1. / 6));
    CHECK(near(c[1], 1. / 6));
    CHECK(near(c[2], 2. / 3));
    CHECK_INT(bf_loo_contribution(v, 3, c, NULL), BF_OK);
    CHECK(near(c[0], 0) && near(c[1], 0) && near(c[2], 1));
}

static void six_modalities_add_up_to_the_total(void)
{
    double v[64], c[6], sum = 0;
    for (int s = 0; s < 64; s++)
        v[s] = (s * 37 % 64) / 64.;
    CHECK_INT(bf_contribution(v, 6, c, NULL), BF_OK);
    for (int i = 0; i < 6; i++)
        sum += c[i];
    CHECK(near(sum, v[63] - v[0]));
}

static void what_cannot_be_computed_is_refused(void)
{
    double v[4] = { 0, NAN, 0, 1 }, c[2] = { -9, -9 };
    CHECK_INT(bf_contribution(v, 2, c, NULL), BF_EDATA);
    CHECK_INT(bf_contribution(v, 0, c, NULL), BF_EINVAL);
    CHECK_INT(bf_contribution(v, 7, c, NULL), BF_EINVAL);
    CHECK(c[0] == -9);
    CHECK_INT(bf_loo_contribution(v, 2, c, NULL), BF_EDATA);
    v[1] = 0;
    v[0] = NAN; /* leave-one-out does not look at nothing */
    CHECK_INT(bf_loo_contribution(v, 2, c, NULL), BF_OK);
}

static int score(struct maker *m, const struct bf_metric *metric)
{
    return metric->compute(&m->table, &m->scores, NULL);
}

extern const struct bf_metric bf_metric_contribution, bf_metric_loo_contribution;

/* Two probes on image + audio; conditions are full, without image, without audio, without both.
 * s0: by probe 0 (by p) 1, .5, .5, .25 and by probe 1 the same; s1 has image only. */
static struct maker *two_samples(void)
{
    struct maker *m = maker_new();
    maker_init(m, 2, 2, 3);
    m->samples[1].has = m->samples[1].target = 1;
    maker_lattice(m, 3);
    maker_clear(m);
    for (int p = 0; p < 2; p++) {
        maker_p(m, p, 0, 0, 1);
        maker_p(m, p, 1, 0, 0.25);
        maker_p(m, p, 2, 0, 0.5);
        maker_p(m, p, 3, 0, 0.25);
        maker_p(m, p, 0, 1, 0.75);
        maker_p(m, p, 1, 1, 0.25);
    }
    return m;
}

static void columns_and_stats_follow_the_definition(void)
{
    struct maker *m = two_samples();
    m->samples[0].target = 1;
    CHECK_INT(score(m, &bf_metric_contribution), BF_OK);
    /* s0: C(image) = ((.5-.25) + (1-.25))/2 = .5, C(audio) = ((.25-.25) + (1-.5))/2 = .25 */
    CHECK(nearly(maker_value(m, "contribution.image", 0), 0.5));
    CHECK(nearly(maker_value(m, "contribution.audio", 0), 0.25));
    CHECK(nearly(maker_value(m, "contribution.target", 0), 0.5));
    CHECK(nearly(maker_value(m, "contribution.image", 1), 0.5));
    CHECK(isnan(maker_value(m, "contribution.audio", 1)));
    CHECK(!bf_scores_find(&m->scores, "contribution.tactile"));
    const struct bf_stat *s = maker_stat(m, "contribution", "", "", "audio", "all");
    CHECK(nearly(s->value, 0.125)); /* absent counts 0 */
    CHECK_INT(s->n, 2);
    s = maker_stat(m, "contribution", "", "", "audio", "having");
    CHECK(nearly(s->value, 0.25));
    CHECK_INT(s->n, 1);
    CHECK(!s->selected_on);
    maker_done(m);
}

static void only_probes_with_the_whole_lattice_count(void)
{
    struct maker *m = two_samples();
    /* Probe 1 says 0 everywhere but lacks one subset: it must not pull down the other three. */
    for (int c = 0; c < 3; c++)
        maker_p(m, 1, c, 0, 0);
    *maker_cell(m, 1, 3, 0) = (struct bf_cell){ .a = NAN, .p = NAN };
    CHECK_INT(score(m, &bf_metric_contribution), BF_OK);
    CHECK(nearly(maker_value(m, "contribution.image", 0), 0.5));
    maker_done(m);
}

static void held_out_probes_are_not_pooled_with_voters(void)
{
    struct maker *m = two_samples();
    m->probes[1].held_out = true;
    m->spec.n_filters = 1;
    for (int c = 0; c < 4; c++)
        maker_p(m, 1, c, 0, 0);
    CHECK_INT(score(m, &bf_metric_contribution), BF_OK);
    CHECK(nearly(maker_value(m, "contribution.image", 0), 0.5));
    CHECK(maker_stat(m, "contribution", "", "", "image", "all")->selected_on);
    maker_done(m);
}

static void a_judge_is_never_pooled(void)
{
    struct maker *m = two_samples();
    m->probes[0].held_out = m->probes[1].judge = true; /* no voter: the held-out ones are pooled */
    for (int c = 0; c < 4; c++)
        maker_p(m, 1, c, 0, 0);
    CHECK_INT(score(m, &bf_metric_contribution), BF_OK);
    CHECK(nearly(maker_value(m, "contribution.image", 0), 0.5));
    maker_done(m);
}

static void an_incomplete_lattice_leaves_loo(void)
{
    struct maker *m = maker_new();
    maker_init(m, 1, 1, 7);
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_condition(m, "without_image", BF_COND_WITHOUT_EACH, 1);
    maker_condition(m, "without_audio", BF_COND_WITHOUT_EACH, 2);
    maker_condition(m, "without_tactile", BF_COND_WITHOUT_EACH, 4);
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    maker_clear(m);
    const double p[] = { 0.9, 0.4, 0.9, 1.0, 0.25 };
    for (int c = 0; c < 5; c++)
        maker_p(m, 0, c, 0, p[c]);
    CHECK_INT(score(m, &bf_metric_contribution), BF_OK);
    CHECK_INT(score(m, &bf_metric_loo_contribution), BF_OK);
    CHECK(isnan(maker_value(m, "contribution.image", 0)));
    const struct bf_stat *s = maker_stat(m, "contribution", "", "", "image", "all");
    CHECK(isnan(s->value));
    CHECK(strstr(s->null_reason, "lattice incomplete"));
    CHECK(nearly(maker_value(m, "loo_contribution.image", 0), 0.5));
    CHECK(nearly(maker_value(m, "loo_contribution.audio", 0), 0));
    CHECK(nearly(maker_value(m, "loo_contribution.tactile", 0), -0.1));
    CHECK(nearly(maker_value(m, "loo_contribution.target", 0), 0.4));
    maker_done(m);
}

static void categories_have_stats_of_their_own(void)
{
    struct maker *m = two_samples();
    m->samples[0].category = "b";
    m->samples[1].category = "a";
    CHECK_INT(score(m, &bf_metric_loo_contribution), BF_OK);
    CHECK(nearly(maker_stat(m, "loo_contribution", "", "", "image", "category=b")->value, 0.75));
    CHECK(nearly(maker_stat(m, "loo_contribution", "", "", "image", "category=a")->value, 0.5));
    for (uint32_t i = 0; i < m->scores.n_stats; i++)
        CHECK(strcmp(m->scores.stats[i].group, "category=a") != 0 ||
              strcmp(m->scores.stats[i].modality, "audio") != 0);
    maker_done(m);
}

TEST_MAIN(TEST(one_modality_is_the_plain_gain), TEST(two_modalities_share_their_interaction),
          TEST(the_glove_game_has_its_known_values), TEST(six_modalities_add_up_to_the_total),
          TEST(what_cannot_be_computed_is_refused), TEST(columns_and_stats_follow_the_definition),
          TEST(only_probes_with_the_whole_lattice_count),
          TEST(held_out_probes_are_not_pooled_with_voters), TEST(a_judge_is_never_pooled),
          TEST(an_incomplete_lattice_leaves_loo), TEST(categories_have_stats_of_their_own))
