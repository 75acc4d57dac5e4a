/* Operators on words. */
#include "tests/operators.h"
#include "tests/test.h"

static const struct bf_media question = {
    .carrier = BF_TEXT, .text = "In <image 1>, which of  these\nis the tallest (see <image 2>)?"
};

static const char *shuffled(const char *const *pairs, uint64_t seed, struct bf_arena *a)
{
    struct bf_media out = { .carrier = BF_TEXT, .text = "" };
    CHECK_INT(test_apply("word_shuffle", pairs, &question, seed, &out, a), BF_OK);
    return out.text;
}

static void words_change_places(void)
{
    static const char *const none[] = { "severity", "0", NULL };
    static const char *const words[] = { "In", "which", "of",      "these",
                                         "is", "the",   "tallest", "(see" };
    struct bf_arena a = { 0 };
    const char *s = shuffled(NULL, 1, &a);
    CHECK(strcmp(s, question.text) != 0);
    CHECK_INT((long long)strlen(s), (long long)strlen(question.text));
    for (int i = 0; i < 8; i++)
        CHECK(strstr(s, words[i]) != NULL);
    CHECK(strcmp(s, shuffled(NULL, 1, &a)) == 0);
    CHECK(strcmp(s, shuffled(NULL, 2, &a)) != 0);
    CHECK_STR(shuffled(none, 1, &a), question.text);
    bf_arena_reset(&a);
}

/* Every one of eight words moves; the markers, with what clings to them, stay second and last.
 * */
static void markers_keep_their_places(void)
{
    struct bf_arena a = { 0 };
    for (uint64_t seed = 1; seed < 30; seed++) {
        const char *s = shuffled(NULL, seed, &a);
        CHECK(strncmp(s + strcspn(s, " "), " <image 1>, ", 12) == 0);
        CHECK_STR(s + strlen(s) - 12, " <image 2>)?");
        CHECK(strncmp(s, "In ", 3) != 0);
        CHECK(strchr(s, '\n') && strstr(s, "  "));
    }
    bf_arena_reset(&a);
}

static void short_texts_stay(void)
{
    static const char *const texts[] = { "", "one", " \n", "<image 1>", "a < b" };
    struct bf_arena a = { 0 };
    for (int i = 0; i < 4; i++) {
        const struct bf_media in = { .carrier = BF_TEXT, .text = texts[i] };
        struct bf_media out;
        CHECK_INT(test_apply("word_shuffle", NULL, &in, 1, &out, &a), BF_OK);
        CHECK_STR(out.text, texts[i]);
    }
    /* What only looks like a marker is words. */
    const struct bf_media in = { .carrier = BF_TEXT, .text = texts[4] };
    struct bf_media out;
    CHECK_INT(test_apply("word_shuffle", NULL, &in, 1, &out, &a), BF_OK);
    CHECK(strcmp(out.text, texts[4]) != 0);
    bf_arena_reset(&a);
}

static void words_are_the_same_for_all(void)
{
    static const char *const pairs[] = { "say", "Look.", NULL };
    struct bf_arena a = { 0 };
    struct bf_media out;
    const struct bf_operator *op = test_operator("words");
    struct bf_apply with = { 0 };
    CHECK_INT(op->apply(test_options(&op->op, NULL, &a), &question, &with, &out, &a, NULL), BF_OK);
    CHECK_STR(out.text, "Please answer the question.");
    CHECK_INT(op->apply(test_options(&op->op, pairs, &a), &question, &with, &out, &a, NULL), BF_OK);
    CHECK_STR(out.text, "Look.");
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(words_change_places), TEST(markers_keep_their_places), TEST(short_texts_stay),
          TEST(words_are_the_same_for_all))
