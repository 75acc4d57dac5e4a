/* Tokens: what of a choice and its question media are weighed by. */
#include "probe/builtin/tokens.h"

#include <string.h>

#include "tests/test.h"

static struct bf_token_map map;
static struct bf_word question[BF_MAX_WORDS], choice[BF_MAX_WORDS];

static struct bf_token_source source(const char *q, const char *c, uint64_t category)
{
    const int n_question = bf_words_of(q, question), n_choice = bf_words_of(c, choice);
    return (struct bf_token_source){ .choice = choice,
                                     .n_choice = n_choice,
                                     .choice_text = bf_words_hash(choice, n_choice),
                                     .question = question,
                                     .n_question = n_question,
                                     .template = bf_words_template(question, n_question, choice, 0),
                                     .category = category };
}

static void count(const char *q, const char *c, uint64_t category, uint32_t sample)
{
    const struct bf_token_source s = source(q, c, category);
    CHECK_INT(bf_tokens_count(&map, &s, sample), BF_OK);
}

/* Every token counted so far, in as many samples as it needs. */
static uint32_t number(struct bf_arena *a, float **scale)
{
    uint32_t n = 0;
    CHECK_INT(bf_tokens_number(&map, &n, scale, a), BF_OK);
    return n;
}

/* Numbers of the tokens of one choice as a set of bits. */
static uint64_t tokens(const char *q, const char *c, uint64_t category)
{
    const struct bf_token_source s = source(q, c, category);
    struct bf_buf out = { 0 };
    uint64_t set = 0;
    out.max = 1 << 12;
    bf_tokens_put(&map, &s, &out);
    for (size_t i = 0; i + 4 <= out.len; i += 4) {
        uint32_t t;
        memcpy(&t, out.data + i, sizeof t);
        CHECK(t < 64);
        set |= (uint64_t)1 << t;
    }
    bf_buf_done(&out);
    return set;
}

static void what_is_rare_has_no_token(void)
{
    struct bf_arena a = { 0 };
    float *scale;
    for (uint32_t i = 0; i < 3; i++)
        count("what is it?", "red", 0, i);
    for (uint32_t i = 0; i < 2; i++) {
        count("what is it?", "blue", 0, i);
        count("what is it?", "blue", 0, i); /* the same sample again is no more evidence */
    }
    CHECK(number(&a, &scale) > 0);
    CHECK(tokens("what is it?", "red", 0) != 0);
    CHECK(tokens("what is it?", "blue", 0) == 0);
    CHECK(tokens("what is it?", "", 0) == 0);
    bf_token_map_done(&map);
    bf_arena_reset(&a);
}

/* One question, one category: "red" alone, within the category, with the question and with its
 * template stand with the same choices, and weights of each would be the same weights. */
static void tokens_of_the_same_choices_are_one(void)
{
    struct bf_arena a = { 0 };
    float *scale;
    for (uint32_t i = 0; i < 5; i++) {
        count("what is it?", "red", 1, 2 * i);
        count("what is it?", "green", 1, 2 * i + 1);
    }
    CHECK_INT(number(&a, &scale), 2);
    CHECK(scale[0] == 1 && scale[1] == 1); /* that which counts for most stays */
    bf_token_map_done(&map);

    for (uint32_t i = 0; i < 5; i++) {
        count("what is it?", "red", 1, 2 * i);
        count("what else is it?", "red", 2, 2 * i + 1);
    }
    /* in all, within category 1 (as the question does), within category 2 */
    CHECK_INT(number(&a, &scale), 3);
    CHECK_INT(__builtin_popcountll(tokens("what is it?", "red", 1)), 2);
    CHECK_INT(__builtin_popcountll(tokens("what is it?", "red", 1) &
                                   tokens("what else is it?", "red", 2)),
              1);
    bf_token_map_done(&map);
    bf_arena_reset(&a);
}

static void whole_questions_count_for_less(void)
{
    struct bf_arena a = { 0 };
    float *scale;
    for (uint32_t i = 0; i < 5; i++) {
        count("how old is he?", "red", 0, 2 * i);
        count("how old is she?", "red", 0, 2 * i + 1);
    }
    CHECK_INT(number(&a, &scale), 3);
    CHECK(scale[0] == 1 && scale[1] == 0.5f && scale[2] == 0.5f);
    bf_token_map_done(&map);
    bf_arena_reset(&a);
}

/* What colour questions teach of "red" serves those that ask for it, whichever way round. */
static void what_an_answer_affirms_is_shared(void)
{
    struct bf_arena a = { 0 };
    float *scale;
    static const char *const questions[] = { "is a red shape present?", "is no red shape present?",
                                             "isn't there a red shape?" };
    for (uint32_t i = 0; i < 30; i++) {
        count("what colour is it?", i % 2 ? "red" : "blue", 0, i);
        count(questions[i % 3], "yes", 1, 100 + i);
        count(questions[i % 3], "no", 1, 100 + i);
    }
    CHECK(number(&a, &scale) > 4);
    const uint64_t red = tokens("what colour is it?", "red", 0);
    CHECK(red & tokens("is a red shape present?", "yes", 1));
    CHECK(!(red & tokens("is a red shape present?", "no", 1)));
    CHECK(!(red & tokens("is no red shape present?", "yes", 1)));
    CHECK(red & tokens("is no red shape present?", "no", 1));
    CHECK(red & tokens("isn't there a red shape?", "no", 1));
    CHECK(red & tokens("is there not no red shape?", "yes", 1));
    CHECK(!(red & tokens("is a blue shape present?", "yes", 1)));
    CHECK(red & tokens("is it so?", "a red one", 1));
    bf_token_map_done(&map);
    bf_arena_reset(&a);
}

/* 50,000 questions with words of their own: no token, and weights stay few. */
static void tokens_are_bounded(void)
{
    struct bf_arena a = { 0 };
    float *scale;
    char text[64];
    for (uint32_t i = 0; i < 30000; i++) {
        snprintf(text, sizeof text, "word%u other%u", (unsigned)(i % 9000), (unsigned)i);
        count(text, text, 0, i);
    }
    CHECK_INT(number(&a, &scale), BF_MAX_TOKENS);
    bf_token_map_done(&map);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(what_is_rare_has_no_token), TEST(tokens_of_the_same_choices_are_one),
          TEST(whole_questions_count_for_less), TEST(what_an_answer_affirms_is_shared),
          TEST(tokens_are_bounded))
