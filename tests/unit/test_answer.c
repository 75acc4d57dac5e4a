#include <math.h>

#include "core/answer.h"
#include "tests/test.h"

static const char *colours[] = { "red", "dark blue", "A", "10" };
static const struct bf_sample choice = {
    .task = BF_CHOICE,
    .n_choices = 4,
    .choices = colours,
    .gold = 1,
    .gold_set = 2,
    .gold_text = "B",
};

static int read_choice(const char *reply, enum bf_answer_class *cls)
{
    struct bf_answer a;
    bf_answer_read(&choice, reply, &a);
    *cls = a.cls;
    return a.choice;
}

static void a_choice_is_a_letter_or_its_words(void)
{
    enum bf_answer_class cls;
    CHECK_INT(read_choice("B", &cls), 1);
    CHECK_INT(cls, BF_RIGHT);
    CHECK_INT(read_choice(" (b). ", &cls), 1);
    CHECK_INT(read_choice("Dark  blue.", &cls), 1);
    CHECK_INT(cls, BF_RIGHT);
    CHECK_INT(read_choice("D", &cls), 3);
    CHECK_INT(cls, BF_WRONG);
    CHECK_INT(read_choice("10", &cls), 3);
    /* "A" is the exact words of the third choice: words win over the letter */
    CHECK_INT(read_choice("A", &cls), 2);
}

static void what_does_not_read_is_unparsed_never_guessed(void)
{
    enum bf_answer_class cls;
    const char *const replies[] = {
        "", "E", "B or C", "the second", "I cannot see it", "blue", "AB"
    };
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        CHECK_INT(read_choice(replies[i], &cls), -1);
        CHECK_INT(cls, BF_UNPARSED);
    }
}

static void several_choices_are_letters_apart(void)
{
    const struct bf_sample s = {
        .task = BF_CHOICES, .n_choices = 4, .choices = colours, .gold = -1, .gold_set = 5
    };
    struct bf_answer a;
    bf_answer_read(&s, "A, C", &a);
    CHECK_INT(a.cls, BF_RIGHT);
    bf_answer_read(&s, "C A", &a);
    CHECK_INT(a.cls, BF_RIGHT);
    bf_answer_read(&s, "A", &a);
    CHECK_INT(a.cls, BF_WRONG);
    bf_answer_read(&s, "A, E", &a);
    CHECK_INT(a.cls, BF_UNPARSED);
}

static void yes_no_numbers_and_text(void)
{
    static const char *yesno[] = { "yes", "no" };
    const struct bf_sample y = {
        .task = BF_YESNO, .n_choices = 2, .choices = yesno, .gold = 1, .gold_set = 2
    };
    const struct bf_sample n = { .task = BF_NUMBER, .gold = -1, .gold_number = 12.5 };
    const struct bf_sample t = { .task = BF_FREE_TEXT, .gold = -1, .gold_text = "The  Blue car." };
    struct bf_answer a;
    bf_answer_read(&y, "No.", &a);
    CHECK_INT(a.cls, BF_RIGHT);
    bf_answer_read(&y, "B", &a); /* a letter is no yes and no no */
    CHECK_INT(a.cls, BF_UNPARSED);
    bf_answer_read(&n, "12.5", &a);
    CHECK_INT(a.cls, BF_RIGHT);
    bf_answer_read(&n, "12.6", &a);
    CHECK_INT(a.cls, BF_WRONG);
    bf_answer_read(&n, "about 12.5", &a);
    CHECK_INT(a.cls, BF_UNPARSED);
    bf_answer_read(&t, "the blue CAR", &a);
    CHECK_INT(a.cls, BF_RIGHT);
    bf_answer_read(&t, "a car", &a);
    CHECK_INT(a.cls, BF_WRONG);
    bf_answer_read(&t, "  ", &a);
    CHECK_INT(a.cls, BF_UNPARSED);
}

TEST_MAIN(TEST(a_choice_is_a_letter_or_its_words),
          TEST(what_does_not_read_is_unparsed_never_guessed),
          TEST(several_choices_are_letters_apart), TEST(yes_no_numbers_and_text))
