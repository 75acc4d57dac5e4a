#include "core/ops.h"
#include "core/release.h"
#include "tests/test.h"
#include "tests/unit/table_maker.h"

extern const struct bf_metric bf_metric_accuracy;

static int score(struct maker *m)
{
    return bf_metric_accuracy.compute(&m->table, &m->scores, NULL);
}

static struct maker *ten_samples(int n_probes)
{
    struct maker *m = maker_new();
    maker_init(m, n_probes, 10, 1);
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    maker_clear(m);
    return m;
}

/* docs/metrics.md: 8 of 10 right, 0.8 (0.490 .. 0.943). */
static void one_trial_gives_a_proportion_with_wilson(void)
{
    struct maker *m = ten_samples(1);
    for (uint32_t i = 0; i < 10; i++)
        maker_trials(m, 0, 0, i, i < 8, 1);
    CHECK_INT(score(m), BF_OK);
    const struct bf_stat *s = maker_stat(m, "accuracy", "stat", "full", "", "all");
    CHECK(s->value == 0.8);
    CHECK(fabs(s->lo - 0.4901625) < 1e-6);
    CHECK(fabs(s->hi - 0.9433178) < 1e-6);
    CHECK_INT(s->n, 10);
    CHECK(maker_value(m, "accuracy.stat.full", 7) == 1);
    CHECK(maker_value(m, "accuracy.stat.full", 8) == 0);
    /* Nothing was asked blind. */
    s = maker_stat(m, "accuracy", "stat", "blind", "", "all");
    CHECK(isnan(s->value));
    CHECK_STR(s->null_reason, "no answers");
    CHECK(!bf_scores_find(&m->scores, "p_gold.stat.full"));
    maker_done(m);
}

static void failed_is_missing_and_refused_is_not_right(void)
{
    struct maker *m = ten_samples(1);
    m->probes[0].trials = 4;
    maker_trials(m, 0, 0, 0, 1, 2);
    struct bf_cell *c = maker_cell(m, 0, 0, 0); /* right, wrong, refused, failed */
    c->n[BF_REFUSED] = 1;
    c->n[BF_FAILED] = 1;
    c = maker_cell(m, 0, 0, 1); /* failed altogether */
    c->n[BF_FAILED] = 4;
    CHECK_INT(score(m), BF_OK);
    CHECK(maker_value(m, "accuracy.stat.full", 0) == 1. / 3);
    CHECK(isnan(maker_value(m, "accuracy.stat.full", 1)));
    CHECK_INT(maker_stat(m, "accuracy", "stat", "full", "", "all")->n, 1);
    CHECK(maker_stat(m, "refused_share", "stat", "full", "", "all")->value == 1. / 8);
    CHECK(maker_stat(m, "failed_share", "stat", "full", "", "all")->value == 5. / 8);
    CHECK(maker_stat(m, "unparsed_share", "stat", "full", "", "all")->value == 0);
    maker_done(m);
}

/* docs/metrics.md: of 10 choices of four 7 right, 1 wrong, 2 none: 0.7, (7 + 2/4) / 10 = 0.75. */
static void what_gives_no_answer_can_count_as_a_guess(void)
{
    struct maker *m = ten_samples(2);
    for (uint32_t i = 0; i < 10; i++) {
        maker_trials(m, 0, 0, i, i < 7, 1);
        maker_trials(m, 1, 0, i, i < 7, 1);
    }
    for (uint32_t i = 8; i < 10; i++) {
        struct bf_cell *c = maker_cell(m, 0, 0, i);
        c->n[BF_WRONG] = 0;
        c->n[i == 8 ? BF_REFUSED : BF_UNPARSED] = 1;
    }
    CHECK_INT(score(m), BF_OK);
    CHECK(maker_stat(m, "accuracy", "stat", "full", "", "all")->value == 0.7);
    const struct bf_stat *s = maker_stat(m, "accuracy_guess", "stat", "full", "", "all");
    CHECK(fabs(s->value - 0.75) < 1e-12);
    CHECK_INT(s->n, 10);
    CHECK(s->lo < 0.75 && s->hi > 0.75);
    /* nothing to guess: no such number */
    for (uint32_t i = 0; i < m->scores.n_stats; i++)
        CHECK(strcmp(m->scores.stats[i].score, "accuracy_guess") != 0 ||
              strcmp(m->scores.stats[i].probe, "stat") == 0);
    maker_done(m);

    m = ten_samples(1); /* nobody guesses a number */
    m->samples[0].task = BF_NUMBER;
    maker_trials(m, 0, 0, 0, 0, 1);
    maker_cell(m, 0, 0, 0)->n[BF_WRONG] = 0;
    maker_cell(m, 0, 0, 0)->n[BF_REFUSED] = 1;
    CHECK_INT(score(m), BF_OK);
    CHECK(maker_stat(m, "accuracy_guess", "stat", "full", "", "all")->value == 0);
    maker_done(m);
}

static void a_number_can_be_right_in_part(void)
{
    struct maker *m = ten_samples(1);
    for (uint32_t i = 0; i < 2; i++) {
        m->samples[i].task = BF_NUMBER;
        m->samples[i].n_choices = 0;
        maker_trials(m, 0, 0, i, 1, 1);
        maker_cell(m, 0, 0, i)->a = i ? 0.5f : 1;
    }
    CHECK_INT(score(m), BF_OK);
    CHECK(maker_value(m, "accuracy.stat.full", 1) == 0.5);
    CHECK(maker_stat(m, "accuracy", "stat", "full", "", "all")->value == 0.75);
    maker_done(m);
}

static void several_trials_use_the_bootstrap(void)
{
    struct maker *m = ten_samples(1);
    m->probes[0].trials = 2;
    for (uint32_t i = 0; i < 10; i++)
        maker_trials(m, 0, 0, i, 1, 2); /* every share is 1/2: no spread at all */
    CHECK_INT(score(m), BF_OK);
    const struct bf_stat *s = maker_stat(m, "accuracy", "stat", "full", "", "all");
    CHECK(s->value == 0.5 && s->lo == 0.5 && s->hi == 0.5);
    maker_done(m);
}

static void probabilities_have_a_column_and_a_mean(void)
{
    struct maker *m = ten_samples(2);
    m->spec.n_filters = 1;
    m->probes[1].held_out = true;
    maker_p(m, 1, 1, 3, 0.75);
    maker_p(m, 1, 1, 4, 0.25);
    CHECK_INT(score(m), BF_OK);
    CHECK(maker_value(m, "p_gold.chat.blind", 3) == 0.75);
    CHECK(isnan(maker_value(m, "p_gold.chat.blind", 0)));
    const struct bf_stat *s = maker_stat(m, "p_gold", "chat", "blind", "", "all");
    CHECK(s->value == 0.5);
    CHECK_INT(s->n, 2);
    CHECK(!s->selected_on);
    CHECK(maker_stat(m, "accuracy", "stat", "blind", "", "all")->selected_on);
    maker_done(m);
}

static void who_is_not_asked_has_no_columns(void)
{
    static const char *full[] = { "full" };
    struct maker *m = ten_samples(2);
    m->probes[0].under = (struct bf_names){ 1, full };
    m->probes[1].judge = true;
    CHECK_INT(score(m), BF_OK);
    CHECK(bf_scores_find(&m->scores, "accuracy.stat.full") != NULL);
    CHECK(bf_scores_find(&m->scores, "accuracy.stat.blind") == NULL);
    CHECK(bf_scores_find(&m->scores, "accuracy.chat.full") == NULL);
    struct bf_before_after *v;
    struct bf_arena a = { 0 };
    int n;
    CHECK_INT(bf_blind_accuracy(&m->table, NULL, 0, &v, &n, &a, NULL), BF_OK);
    CHECK_INT(n, 0);
    bf_arena_reset(&a);
    maker_done(m);
}

static void chance_is_the_mean_of_one_in_k(void)
{
    struct maker *m = ten_samples(1);
    m->samples[1].n_choices = 2;
    m->samples[2].task = BF_NUMBER;
    m->samples[2].n_choices = 0;
    m->samples[1].category = m->samples[2].category = "x";
    for (uint32_t i = 0; i < 3; i++)
        maker_trials(m, 0, 0, i, 1, 1);
    CHECK_INT(score(m), BF_OK);
    const struct bf_stat *s = maker_stat(m, "chance", "", "full", "", "all");
    CHECK(s->value == 0.375); /* 1/4 and 1/2; a number has no chance */
    CHECK_INT(s->n, 2);
    CHECK(maker_stat(m, "chance", "", "full", "", "category=x")->value == 0.5);
    CHECK_INT(maker_stat(m, "accuracy", "stat", "full", "", "category=x")->n, 2);
    maker_done(m);
}

/* Right on a choice of four, a number, and two of three to be named: the first alone has a chance.
 */
static void blind_accuracy_has_the_chance_of_one_in_k_only(void)
{
    const uint32_t kept[] = { 1, 2 };
    struct maker *m = ten_samples(1);
    struct bf_arena a = { 0 };
    struct bf_before_after *v;
    int n;
    m->samples[1].task = BF_NUMBER;
    m->samples[1].n_choices = 0;
    m->samples[2].task = BF_CHOICES;
    for (uint32_t i = 0; i < 3; i++)
        maker_trials(m, 0, 1, i, 1, 1);
    CHECK_INT(bf_blind_accuracy(&m->table, kept, 2, &v, &n, &a, NULL), BF_OK);
    CHECK_INT(n, 1);
    CHECK_INT(v[0].n_before, 3);
    CHECK(v[0].before == 1 && v[0].after == 1);
    CHECK(v[0].chance_before == 0.25);
    CHECK(isnan(v[0].chance_after));
    bf_arena_reset(&a);
    maker_done(m);
}

/* Category a is always right, b never. Of 1 and 3 kept each draw has 1 of 4 right; were it not
 * matched on category, draws of 4 of 10 would differ. */
static void removing_at_random_keeps_as_many_of_each_category(void)
{
    const uint32_t kept[] = { 0, 5, 6, 7 };
    struct maker *m = ten_samples(1);
    struct bf_arena a = { 0 };
    struct bf_before_after *v;
    int n;
    for (uint32_t i = 0; i < 10; i++) {
        m->samples[i].category = i < 5 ? "a" : "b";
        maker_trials(m, 0, 1, i, i < 5, 1);
    }
    CHECK_INT(bf_blind_accuracy(&m->table, kept, 4, &v, &n, &a, NULL), BF_OK);
    CHECK(v[0].after == 0.25 && v[0].random == 0.25);
    CHECK(v[0].random_lo == 0.25 && v[0].random_hi == 0.25);
    CHECK_INT(bf_blind_stats(v, n, &m->scores, NULL), BF_OK);
    CHECK(maker_stat(m, "removed_at_random", "stat", "blind", "", "all")->value == 0.25);
    CHECK_INT(maker_stat(m, "accuracy_kept", "stat", "blind", "", "all")->n, 4);
    bf_arena_reset(&a);
    maker_done(m);
}

/* Two of ten right, four of ten kept: hypergeometric, mean 1/5; P(0 right) = C(8,4)/C(10,4) = 1/3,
 * P(2) = C(8,2)/C(10,4) = 2/15, so that 95 % reach from 0 to 1/2. */
static void removing_at_random_has_the_mean_and_spread_of_its_draws(void)
{
    const uint32_t kept[] = { 0, 1, 2, 3 };
    struct maker *m = ten_samples(1);
    struct bf_arena a = { 0 };
    struct bf_before_after *v;
    int n;
    for (uint32_t i = 0; i < 10; i++)
        maker_trials(m, 0, 1, i, i >= 8, 1);
    CHECK_INT(bf_blind_accuracy(&m->table, kept, 4, &v, &n, &a, NULL), BF_OK);
    CHECK(v[0].after == 0);
    CHECK(fabs(v[0].random - 0.2) < 0.04); /* 200 draws of sd 0.16 */
    CHECK(v[0].random_lo == 0 && v[0].random_hi == 0.5);
    bf_arena_reset(&a);
    maker_done(m);
}

static void what_removes_nothing_has_no_control(void)
{
    const uint32_t kept[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
    struct maker *m = ten_samples(1);
    struct bf_arena a = { 0 };
    struct bf_before_after *v;
    int n;
    for (uint32_t i = 0; i < 10; i++)
        maker_trials(m, 0, 1, i, 1, 1);
    CHECK_INT(bf_blind_accuracy(&m->table, kept, 10, &v, &n, &a, NULL), BF_OK);
    CHECK(isnan(v[0].random));
    CHECK_INT(bf_blind_stats(v, n, &m->scores, NULL), BF_OK);
    CHECK_INT(m->scores.n_stats, 0);
    bf_arena_reset(&a);
    maker_done(m);
}

TEST_MAIN(TEST(one_trial_gives_a_proportion_with_wilson),
          TEST(failed_is_missing_and_refused_is_not_right),
          TEST(what_gives_no_answer_can_count_as_a_guess), TEST(a_number_can_be_right_in_part),
          TEST(several_trials_use_the_bootstrap), TEST(probabilities_have_a_column_and_a_mean),
          TEST(who_is_not_asked_has_no_columns), TEST(chance_is_the_mean_of_one_in_k),
          TEST(blind_accuracy_has_the_chance_of_one_in_k_only),
          TEST(removing_at_random_keeps_as_many_of_each_category),
          TEST(removing_at_random_has_the_mean_and_spread_of_its_draws),
          TEST(what_removes_nothing_has_no_control))
