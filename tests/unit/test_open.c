/* Numbers and words: candidates, and answers made of them. */
#include <math.h>

#include "core/spec.h"
#include "core/view.h"
#include "probe/builtin/candidates.h"
#include "probe/builtin/folds.h"
#include "probe/builtin/open.h"
#include "tests/test.h"

static void few_numbers_stand_for_themselves(void)
{
    double v[] = { 3, 1, 2, 2, 1, 1, 7, 2 };
    struct bf_arena a = { 0 };
    struct bf_candidates c;
    CHECK_INT(bf_candidates_of_numbers(v, 8, 4, &c, &a), BF_OK);
    CHECK_INT(c.n, 4);
    CHECK(!c.bins && c.number[0] == 1 && c.number[3] == 7);
    CHECK(fabs(c.covered - 0.75) < 1e-12); /* 3 and 7 were seen once: 1 - 2 / 8 */
    const struct bf_sample two = { .task = BF_NUMBER, .gold_number = 2 };
    const struct bf_sample four = { .task = BF_NUMBER, .gold_number = 4 };
    CHECK_INT(bf_candidates_gold(&c, &two), 1);
    CHECK_INT(bf_candidates_gold(&c, &four), -1);
    bf_arena_reset(&a);
}

/* 0 fills half of eight numbers, so of three ranges it is one; the other four make two. */
static void many_numbers_fall_into_ranges(void)
{
    double v[] = { 10, 0, 20, 0, 30, 0, 40, 0 };
    struct bf_arena a = { 0 };
    struct bf_candidates c;
    CHECK_INT(bf_candidates_of_numbers(v, 8, 3, &c, &a), BF_OK);
    CHECK_INT(c.n, 3);
    CHECK(c.bins && c.covered == 1);
    CHECK(c.number[0] == 0 && c.number[1] == 20 && c.number[2] == 40);
    CHECK(c.upper[0] == 5 && c.upper[1] == 25 && isinf(c.upper[2]));
    const struct bf_sample s = { .task = BF_NUMBER, .gold_number = 1000 };
    CHECK_INT(bf_candidates_gold(&c, &s), 2);
    CHECK_INT(bf_candidates_of_numbers(v, 0, 3, &c, &a), BF_OK);
    CHECK_INT(c.n, 0);
    bf_arena_reset(&a);
}

static void frequent_words_are_candidates(void)
{
    const char *v[] = { "Red", "blue.", "red ", "green", "RED", "Blue" };
    struct bf_arena a = { 0 };
    struct bf_candidates c;
    CHECK_INT(bf_candidates_of_texts(v, 6, 8, &c, &a), BF_OK);
    CHECK_INT(c.n, 2);
    CHECK_STR(c.text[0], "red");
    CHECK_STR(c.text[1], "blue");
    CHECK(fabs(c.covered - 5.0 / 6) < 1e-12);
    const struct bf_sample blue = { .task = BF_FREE_TEXT, .gold_text = "BLUE!" };
    const struct bf_sample green = { .task = BF_FREE_TEXT, .gold_text = "green" };
    struct bf_answer x;
    bf_candidates_answer(&c, (const float[]){ 0.4f, 0.6f }, &blue, &x);
    CHECK_INT(x.cls, BF_RIGHT);
    CHECK(x.n_p == 1 && fabsf(x.p[0] - 0.5f) < 1e-6f); /* .6 of 5/6 */
    bf_candidates_answer(&c, (const float[]){ 0.4f, 0.6f }, &green, &x);
    CHECK(x.cls == BF_WRONG && x.n_p == 1 && x.p[0] == 0);
    bf_arena_reset(&a);
}

/* MRA(9, 10) = .8 and MRA(10, 9) = .8 (off by 1/9: eight limits are above), each else 0: 9 is worth
 * .3 + .3 * .8 = .54, 10 is worth .3 + .3 * .8, 20 is worth .4. The most likely is not the best. */
static void the_answer_maximises_the_accuracy_expected(void)
{
    const struct bf_candidates c = {
        .n = 3, .text = { "9", "10", "20" }, .number = { 9, 10, 20 }, .covered = 1
    };
    const struct bf_sample s = { .task = BF_NUMBER, .gold_number = 20 };
    struct bf_answer x;
    bf_candidates_answer(&c, (const float[]){ 0.3f, 0.3f, 0.4f }, &s, &x);
    CHECK(x.number == 9 || x.number == 10);
    CHECK(x.has_credit && x.credit == 0 && x.cls == BF_WRONG);
    CHECK(fabsf(x.p[0] - 0.4f) < 1e-6f);
}

/* Samples whose answer hangs on a word of the question: numbers for the first half, words for the
 * second. */
enum { N = 240, FOLDS = 5 };
static struct bf_sample samples[N];
static char ids[N][8], questions[N][64];
static struct bf_view views[N];
static struct bf_question asked[N];
static struct bf_answer answers[N];
static char said[N][16];
static struct bf_pool pool;
static struct bf_condition blind = { .name = "blind", .kind = BF_COND_BLIND };
static const struct bf_conditions conditions = { 1, &blind };
static const struct bf_spec spec = { .seed = 5 };
static const struct bf_probe_spec probe = { .name = "stat", .trials = 1 };
static const struct bf_crossfit fit = {
    .folds = FOLDS, .epochs = 10, .rate = 0.05, .l2 = 2, .rounds = 20
};

static int put(void *ctx, const uint32_t *which, const struct bf_answer *a, uint32_t n,
               struct bf_err *err)
{
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++) {
        answers[which[i]] = a[i];
        snprintf(said[which[i]], sizeof said[which[i]], "%s", a[i].text ? a[i].text : "");
        answers[which[i]].text = said[which[i]];
    }
    return BF_OK;
}

static struct bf_asking make(int n_threads)
{
    static const char *const things[] = { "chairs", "wheels", "lamps", "doors" };
    static const char *const colours[] = { "red", "green", "blue", "white" };
    struct bf_rng rng = { 3 };
    pool = (struct bf_pool){ .n_samples = N, .samples = samples, .n_groups = N };
    for (uint32_t i = 0; i < N; i++) {
        const uint64_t t = bf_rng_below(&rng, 4);
        const bool number = i < N / 2, odd = bf_rng_below(&rng, 5) == 0;
        snprintf(ids[i], sizeof ids[i], "s%u", (unsigned)i);
        snprintf(questions[i], sizeof questions[i],
                 number ? "how many %s has place%u" : "what colour have the %s of place%u",
                 things[t], (unsigned)i);
        samples[i] = (struct bf_sample){ .id = ids[i],
                                         .index = i,
                                         .task = number ? BF_NUMBER : BF_FREE_TEXT,
                                         .question = questions[i],
                                         .category = "",
                                         .gold = -1,
                                         .gold_number = odd ? 11 : (double)(t + 1) * 3,
                                         .gold_text = colours[odd ? 0 : t],
                                         .group = i };
        bf_view_of(&blind, &samples[i], &views[i]);
        asked[i] = (struct bf_question){ i, 0, 0, &views[i] };
        answers[i] = (struct bf_answer){ .cls = BF_FAILED };
    }
    return (struct bf_asking){ .spec = &spec,
                               .probe = &probe,
                               .pool = &pool,
                               .conditions = &conditions,
                               .n = N,
                               .questions = asked,
                               .n_threads = n_threads,
                               .put = put };
}

static void what_questions_tell_is_learned(void)
{
    double credit = 0, p_number = 0, right = 0, p_text = 0;
    const struct bf_asking a = make(2);
    CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
    for (uint32_t i = 0; i < N; i++) {
        CHECK_INT(answers[i].n_p, 1);
        if (i < N / 2) {
            CHECK(answers[i].has_credit && !isnan(answers[i].number));
            credit += (double)answers[i].credit / (N / 2);
            p_number += (double)answers[i].p[0] / (N / 2);
        } else {
            right += (double)(answers[i].cls == BF_RIGHT) / (N - N / 2);
            p_text += (double)answers[i].p[0] / (N - N / 2);
        }
    }
    CHECK(credit > 0.7 && right > 0.7);
    CHECK(p_number > 0.5 && p_text > 0.5);
}

/* Neither what is answered, nor what it is chosen from. */
static void the_gold_of_a_fold_changes_no_answer_of_it(void)
{
    static struct bf_answer before[N];
    static char words[N][16];
    uint8_t fold[N];
    uint32_t largest;
    struct bf_asking a = make(1);
    CHECK_INT(bf_folds(&pool, FOLDS, spec.seed, fold, &largest, NULL), BF_OK);
    CHECK(largest < 10);
    CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
    memcpy(before, answers, sizeof before);
    memcpy(words, said, sizeof words);
    for (int f = 0; f < FOLDS; f += 2) {
        a = make(4);
        for (uint32_t i = 0; i < N; i++) {
            samples[i].gold_number = fold[i] == f ? 1000 + i : samples[i].gold_number;
            samples[i].gold_text = fold[i] == f ? "quite another" : samples[i].gold_text;
        }
        CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
        for (uint32_t i = 0; i < N; i++) {
            if (fold[i] != f)
                continue;
            CHECK(i >= N / 2 || before[i].number == answers[i].number);
            CHECK_STR(said[i], words[i]);
            CHECK(answers[i].p[0] == 0); /* what nobody else was answered with */
        }
    }
}

static void threads_and_training_again_change_nothing(void)
{
    static struct bf_answer before[N];
    float p[N];
    struct bf_asking a = make(1);
    CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
    memcpy(before, answers, sizeof before);
    a = make(4);
    CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
    CHECK_INT(bf_crossfit_again(&a, &fit, &(struct bf_refit){ .condition = 0 }, p, NULL), BF_OK);
    for (uint32_t i = 0; i < N; i++) {
        CHECK(before[i].p[0] == answers[i].p[0]);
        CHECK(p[i] == (i < N / 2 ? answers[i].credit : answers[i].p[0]));
    }
}

TEST_MAIN(TEST(few_numbers_stand_for_themselves), TEST(many_numbers_fall_into_ranges),
          TEST(frequent_words_are_candidates), TEST(the_answer_maximises_the_accuracy_expected),
          TEST(what_questions_tell_is_learned), TEST(the_gold_of_a_fold_changes_no_answer_of_it),
          TEST(threads_and_training_again_change_nothing))
