/* The weights of media: how features are scaled, how weights step, what they can learn. */
#include "probe/builtin/dense.h"

#include <math.h>

#include "core/rng.h"
#include "tests/test.h"

enum { N = 400 };

static uint32_t every[N];

/* Rows of `n` samples with one choice each, whose only token is 0. */
static struct bf_rows one_row_each(uint32_t n, float *scale)
{
    static uint32_t at[N + 1], zero[N];
    for (uint32_t i = 0; i <= n; i++)
        at[i] = i;
    for (uint32_t i = 0; i < n; i++)
        every[i] = i;
    return (struct bf_rows){ .n_samples = n,
                             .first_row = at,
                             .first_token = at,
                             .tokens = zero,
                             .n_tokens = 1,
                             .token_scale = scale };
}

static bool near(double x, double y)
{
    return fabs(x - y) <= 1e-5 * (1 + fabs(y));
}

/* Features of -1 and 1 have mean 0 and deviation 1; of two that vary each is scaled by 6 / sqrt(2),
 * and one that does not vary is left out. A first step of size 0.05 against a gradient of -1 goes
 * 0.05 z / sqrt(1 + z^2), z^2 = 18 being the mean over the two: <w, z> = 0.05 36 / sqrt(19). */
static void features_are_scaled_and_weights_step_as_written(void)
{
    static float f[4][3] = { { 1, 5, 1 }, { -1, 5, 1 }, { 1, 5, -1 }, { -1, 5, -1 } };
    static const float far[3] = { 100, 5, 1 };
    const float *of[5] = { f[0], f[1], f[2], f[3], far };
    float scale[1] = { 1 };
    const struct bf_rows rows = one_row_each(5, scale);
    const struct bf_block block = { .dim = 3, .f = of };
    struct bf_dense d;
    CHECK_INT(bf_dense_init(&d, &rows, &block, 1, every, 4, 0), BF_OK);
    bf_dense_look(&d, 0);
    CHECK(bf_dense_score(&d, 0) == 0);
    bf_dense_step(&d, 0, -1, 0.05f);
    const double step = 0.05 * 36 / sqrt(19);
    CHECK(near(bf_dense_score(&d, 0), step));
    bf_dense_look(&d, 3); /* the opposite picture */
    CHECK(near(bf_dense_score(&d, 3), -step));
    bf_dense_look(&d, 4); /* 100 deviations count as 3 */
    CHECK(near(bf_dense_score(&d, 4), 0.05 * (3 + 1) * 18 / sqrt(19)));
    bf_dense_done(&d);
}

/* A token that counts for half: its score is half of <w, z>, and so is its gradient. */
static void tokens_count_for_as_much_as_they_say(void)
{
    static float f[2][1] = { { 1 }, { -1 } };
    const float *of[2] = { f[0], f[1] };
    float scale[1] = { 0.5f };
    const struct bf_rows rows = one_row_each(2, scale);
    const struct bf_block block = { .dim = 1, .f = of };
    struct bf_dense d;
    CHECK_INT(bf_dense_init(&d, &rows, &block, 1, every, 2, 0), BF_OK);
    bf_dense_look(&d, 0);
    bf_dense_step(&d, 0, -1, 0.05f);
    CHECK(near(bf_dense_score(&d, 0), 0.5 * 0.05 * 0.5 * 36 / sqrt(1 + 0.25 * 36)));
    bf_dense_done(&d);
}

/* The prior's pull, l2 = 10 over two samples that touch the token: one step without a gradient
 * takes 0.05 5 / sqrt(37) of every weight. */
static void the_prior_pulls_weights_back(void)
{
    static float f[2][1] = { { 1 }, { -1 } };
    const float *of[2] = { f[0], f[1] };
    float scale[1] = { 1 };
    const struct bf_rows rows = one_row_each(2, scale);
    const struct bf_block block = { .dim = 1, .f = of };
    struct bf_dense d;
    CHECK_INT(bf_dense_init(&d, &rows, &block, 1, every, 2, 10), BF_OK);
    bf_dense_look(&d, 0);
    bf_dense_step(&d, 0, -1, 0.05f);
    const double before = bf_dense_score(&d, 0);
    CHECK(near(before, 0.05 * 36 / sqrt(37)));
    bf_dense_step(&d, 0, 0, 0.05f);
    CHECK(near(bf_dense_score(&d, 0), before * (1 - 0.05 * 5 / sqrt(37))));
    bf_dense_done(&d);
}

static void a_sample_without_media_has_no_score(void)
{
    static float f[3][2] = { { 1, 2 }, { -1, 1 }, { 0, 0 } };
    const float *of[3] = { f[0], f[1], NULL };
    float scale[1] = { 1 };
    const struct bf_rows rows = one_row_each(3, scale);
    const struct bf_block block = { .dim = 2, .f = of };
    struct bf_dense d;
    CHECK_INT(bf_dense_init(&d, &rows, &block, 1, every, 3, 1), BF_OK);
    bf_dense_look(&d, 0);
    bf_dense_step(&d, 0, -1, 0.05f);
    CHECK(bf_dense_score(&d, 0) > 0);
    bf_dense_look(&d, 2);
    CHECK(bf_dense_score(&d, 2) == 0);
    bf_dense_step(&d, 2, -1, 0.05f);
    bf_dense_look(&d, 0);
    CHECK(near(bf_dense_score(&d, 0), 0.05 * 36 / sqrt(19)));
    bf_dense_done(&d);
}

/* Yes/no questions of pictures with three features, each of which a question asks for or asks
 * whether it is missing: neither the picture nor the question tells anything alone. */
static struct bf_sample samples[N];
static float pictures[N][3];
static const float *shown[N];

static void make_questions(bool negated)
{
    static const char *yes_no[] = { "yes", "no" };
    static const char *const is[] = { "is a red shape present?", "is a blue shape present?",
                                      "is a green shape present?" };
    static const char *const is_no[] = { "is no red shape present?", "is no blue shape present?",
                                         "is no green shape present?" };
    struct bf_rng rng = { 7 };
    for (uint32_t i = 0; i < N; i++) {
        const uint32_t colour = (uint32_t)bf_rng_below(&rng, 3);
        const bool no = negated && bf_rng_below(&rng, 2);
        for (int k = 0; k < 3; k++)
            pictures[i][k] = bf_rng_below(&rng, 2) ? 1.0f : 0.0f;
        shown[i] = pictures[i];
        samples[i] = (struct bf_sample){ .id = "",
                                         .index = i,
                                         .task = BF_YESNO,
                                         .question = (no ? is_no : is)[colour],
                                         .n_choices = 2,
                                         .choices = yes_no,
                                         .category = "",
                                         .gold = (pictures[i][colour] > 0) == no };
    }
}

static void pass(struct bf_dense *d, const struct bf_rows *r)
{
    for (uint32_t i = 0; i < N / 2; i++) {
        const uint32_t row = r->first_row[i];
        bf_dense_look(d, i);
        const float no = 1 / (1 + expf(bf_dense_score(d, row) - bf_dense_score(d, row + 1)));
        const float gradient = no - (float)samples[i].gold;
        bf_dense_step(d, row, -gradient, 0.05f);
        bf_dense_step(d, row + 1, gradient, 0.05f);
    }
}

/* Share of the second half that is right when the first was learned. */
static double learn(void)
{
    const struct bf_pool pool = { .n_samples = N, .samples = samples };
    const struct bf_shown_words words = { .choices = true };
    const struct bf_block block = { .dim = 3, .f = shown };
    struct bf_arena a = { 0 };
    struct bf_rows r;
    struct bf_dense d;
    int n_right = 0;
    for (uint32_t i = 0; i < N; i++)
        every[i] = i;
    CHECK_INT(bf_encode(&pool, &words, &r, &a, NULL), BF_OK);
    CHECK_INT(bf_dense_init(&d, &r, &block, 1, every, N / 2, 1), BF_OK);
    for (int i = 0; i < 20; i++)
        pass(&d, &r);
    for (uint32_t i = N / 2; i < N; i++) {
        bf_dense_look(&d, i);
        const uint32_t row = r.first_row[i];
        n_right += (bf_dense_score(&d, row + 1) > bf_dense_score(&d, row)) == samples[i].gold;
    }
    bf_dense_done(&d);
    bf_arena_reset(&a);
    return n_right / (N / 2.0);
}

static void yes_and_no_depend_on_question_and_picture(void)
{
    make_questions(false);
    CHECK(learn() > 0.98);
    make_questions(true);
    CHECK(learn() > 0.98);
    for (int i = 0; i < N; i++)
        samples[i].question = "is it so?";
    CHECK(learn() < 0.7); /* the question is needed */
}

TEST_MAIN(TEST(features_are_scaled_and_weights_step_as_written),
          TEST(tokens_count_for_as_much_as_they_say), TEST(the_prior_pulls_weights_back),
          TEST(a_sample_without_media_has_no_score),
          TEST(yes_and_no_depend_on_question_and_picture))
