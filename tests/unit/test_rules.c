/* How replies are read. The tables are those of docs/asking.md#how-replies-are-read. */
#include <math.h>

#include "core/media.h"
#include "probe/reading/rules.h"
#include "tests/test.h"

enum { UNPARSED = -1, REFUSED = -2, YES = 0, NO = 1 };

static const char *colours[] = { "red", "dark blue", "3.5 mm", "None of the above", NULL };
static const char *yesno[] = { "yes", "no" };
static const uint8_t as_is[26] = { 0, 1, 2, 3 };

static struct bf_sample choice_of_four(void)
{
    return (struct bf_sample){ .id = "q",
                               .task = BF_CHOICE,
                               .question = "what",
                               .n_choices = 4,
                               .choices = colours,
                               .gold = 1,
                               .gold_set = 2,
                               .gold_text = "B" };
}

static struct bf_answer read_by(enum bf_rule rule, const struct bf_sample *s, const char *reply)
{
    struct bf_answer a = { .text = reply };
    bf_rule_read(rule, 0, s, as_is, &a);
    CHECK(a.text == reply);
    return a;
}

/* The place read, or UNPARSED, or REFUSED. */
static int place_read(enum bf_rule rule, const struct bf_sample *s, const char *reply)
{
    const struct bf_answer a = read_by(rule, s, reply);
    CHECK((a.choice >= 0) == (a.cls == BF_RIGHT || a.cls == BF_WRONG));
    if (a.choice >= 0)
        CHECK((a.cls == BF_RIGHT) == (a.choice == s->gold));
    return a.cls == BF_REFUSED ? REFUSED : a.choice;
}

static void check_place(enum bf_rule rule, const struct bf_sample *s, const char *reply, int want)
{
    const int got = place_read(rule, s, reply);
    if (got != want)
        printf("# reply: %s\n", reply);
    CHECK_INT(got, want);
}

static void strict_reads_a_choice_or_nothing(void)
{
    static const struct {
        const char *reply;
        int want;
    } table[] = {
        { "B", 1 },
        { "b", 1 },
        { " (b). ", 1 },
        { "**B**", 1 },
        { "[B]", 1 },
        { "Option B", 1 },
        { "dark blue", 1 },
        { "Dark  blue.", 1 },
        { "B. dark blue", 1 },
        { "(B) Dark blue", 1 },
        { "B: dark blue, because of the sky", 1 },
        { "C. 3.5 mm", 2 },
        { "3.5 mm", 2 },
        { "Answer: B", 1 },
        { "answer - (B)", UNPARSED },
        { "The answer is (B).", 1 },
        { "The correct answer is option **B**.", 1 },
        { "The answer is most likely B, since the sky is dark.", 1 },
        { "The answer to this question is B.", 1 },
        { "The answer is dark blue.", 1 },
        { "The correct option is C", 2 },
        { "Option B is correct.", 1 },
        { "So dark blue is the correct answer.", 1 },
        { "\\boxed{B}", 1 },
        { "Hence $\\boxed{\\text{(B)}}$.", 1 },
        { "The final answer is:\n\n**B. dark blue**", 1 },
        { "B\n\nThe sky is dark, not red.", 1 },
        { "B, because the sky is dark.", 1 },
        { "Red is too bright. (A) is wrong, so (B).\nAnswer: B", 1 },
        { "A. red: no\nB. dark blue: yes\n\nAnswer: (B)", 1 },
        { "{\"answer\": \"B\"}", 1 },
        { "```json\n{\"answer\": \"B\", \"reason\": \"Answer: A\"}\n```", 1 },
        { "<think>The answer is A. No.</think>\nB", 1 },
        { "It might be A, and the answer is A.</think>Answer: B", 1 },
        { "Answer: None of the above", 3 },
        /* two letters */
        { "A or B", UNPARSED },
        { "B and C", UNPARSED },
        { "A, B", UNPARSED },
        { "A, E", UNPARSED },
        { "Answer: A or B", UNPARSED },
        { "The answer is A. Wait.\nAnswer: B", UNPARSED },
        { "A. red\nB. dark blue", UNPARSED },
        { "A. dark blue", UNPARSED },
        /* not sure */
        { "", UNPARSED },
        { "   \n", UNPARSED },
        { "E", UNPARSED },
        { "A dog is in the picture", UNPARSED },
        { "a red car", UNPARSED },
        { "The answer is a dog.", UNPARSED },
        { "The answer is not A.", UNPARSED },
        { "If the answer is A then it is red.", UNPARSED },
        { "A+ is the grade", UNPARSED },
        { "3.5", UNPARSED },
        { "blue", UNPARSED },
        { "<think>The answer is B", UNPARSED },
        { "{\"answer\": \"E\"}", UNPARSED },
        { "Answer the question with a letter: A to D", UNPARSED },
        /* refusals */
        { "I'm sorry, I can't help with that.", REFUSED },
        { "I\xe2\x80\x99m unable to see the picture.", REFUSED },
        { "I cannot see the image.", REFUSED },
        { "No image was provided, so the colour is not known.", REFUSED },
        { "Please upload the photo.", REFUSED },
        { "It cannot be determined from the text alone.", REFUSED },
        { "I cannot see the image, but the answer is B.", 1 },
    };
    const struct bf_sample s = choice_of_four();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_place(BF_RULE_STRICT, &s, table[i].reply, table[i].want);
}

/* Where letters are the choices, a letter is the place shown: that is what was asked for. */
static void a_letter_is_the_place_shown(void)
{
    static const char *letters[] = { "B", "A", "X" };
    static const uint8_t order[] = { 2, 0, 1 };
    struct bf_sample s = choice_of_four();
    struct bf_answer a = { .text = "A" };
    bf_rule_read(BF_RULE_STRICT, 0, &s, (const uint8_t[]){ 1, 0, 3, 2 }, &a);
    CHECK_INT(a.choice, 1);
    CHECK_INT(a.cls, BF_RIGHT);
    a.text = "dark blue";
    bf_rule_read(BF_RULE_STRICT, 0, &s, (const uint8_t[]){ 1, 0, 3, 2 }, &a);
    CHECK_INT(a.choice, 1);
    a.text = "Answer: A. red"; /* red is at B */
    bf_rule_read(BF_RULE_STRICT, 0, &s, (const uint8_t[]){ 1, 0, 3, 2 }, &a);
    CHECK_INT(a.cls, BF_UNPARSED);

    s.choices = letters;
    s.n_choices = 3;
    a.text = "B";
    bf_rule_read(BF_RULE_STRICT, 0, &s, order, &a);
    CHECK_INT(a.choice, 0);
    a.text = "X"; /* no such place: the words */
    bf_rule_read(BF_RULE_STRICT, 0, &s, order, &a);
    CHECK_INT(a.choice, 2);
    for (int rule = BF_RULE_MMMU_PRO; rule <= BF_RULE_MORE; rule++) {
        if (rule == BF_RULE_CMM || rule == BF_RULE_VLIND)
            continue;
        a.text = "B";
        bf_rule_read((enum bf_rule)rule, 0, &s, order, &a);
        CHECK_INT(a.choice, 0);
    }
}

static void strict_reads_yes_or_no(void)
{
    static const struct {
        const char *reply;
        int want;
    } table[] = {
        { "yes", YES },
        { "No.", NO },
        { "**Yes**", YES },
        { "Yes, because there is a dog.", YES },
        { "Yes there is.", YES },
        { "No, it is not.", NO },
        { "No there isn't", NO },
        { "The answer is no.", NO },
        { "Answer: Yes", YES },
        { "A dog barks.\n\nYes", YES },
        { "{\"answer\": true}", YES },
        { "{\"answer\": \"no\"}", NO },
        { "<think>No?</think>Yes.", YES },
        { "\\boxed{No}", NO },
        { "No cat but a dog is there", UNPARSED },
        { "Yes and no", UNPARSED },
        { "Yes/no", UNPARSED },
        { "Yes. The answer is no.", UNPARSED },
        { "not", UNPARSED },
        { "know", UNPARSED },
        { "B", UNPARSED },
        { "I can't hear the audio.", REFUSED },
    };
    const struct bf_sample s = { .task = BF_YESNO, .n_choices = 2, .choices = yesno, .gold = 1 };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_place(BF_RULE_STRICT, &s, table[i].reply, table[i].want);
}

static void strict_reads_one_number(void)
{
    static const struct {
        const char *reply;
        double want; /* NAN = unparsed */
    } table[] = {
        { "12.5", 12.5 },
        { "12.5 Hz", 12.5 },
        { "about 12.5", 12.5 },
        { "1,234,567.5 km", 1234567.5 },
        { "-3e8 m/s", -3e8 },
        { "\xe2\x88\x92"
          "4",
          -4 },
        { "50%", 50 },
        { "$1,200", 1200 },
        { "There are 3 cats.", 3 },
        { "10 m/s^2", 10 },
        { "10 m2", 10 },
        { "3 + 4 = 7", 7 },
        { "The answer is 42, 2 more than 40.", 42 },
        { "40 + 2 = 42\nAnswer: 42 cats", 42 },
        { "First 3, then 4.\n12", 12 },
        { "\\boxed{42\\text{ cm}}", 42 },
        { "{\"answer\": 7}", 7 },
        { "<think>3</think>4", 4 },
        { "3 or 4", NAN },
        { "1/2", NAN },
        { "5-7", NAN },
        { "1,23", NAN },
        { "the 3rd", NAN },
        { "three", NAN },
        { "nan", NAN },
        { "", NAN },
        { "Answer: 3. Answer: 4.", NAN },
    };
    const struct bf_sample s = { .task = BF_NUMBER, .gold = -1, .gold_number = 12.5 };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct bf_answer a = read_by(BF_RULE_STRICT, &s, table[i].reply);
        if (isnan(table[i].want) ? a.cls != BF_UNPARSED : fabs(a.number - table[i].want) > 1e-9)
            printf("# reply: %s\n", table[i].reply);
        CHECK_INT(a.cls, isnan(table[i].want)                ? BF_UNPARSED
                         : fabs(table[i].want - 12.5) < 1e-9 ? BF_RIGHT
                                                             : BF_WRONG);
        CHECK(isnan(table[i].want) || fabs(a.number - table[i].want) < 1e-9);
    }
}

static void tolerance_is_relative(void)
{
    const struct bf_sample s = { .task = BF_NUMBER, .gold = -1, .gold_number = -200 };
    struct bf_answer a = { .text = "-210" };
    bf_rule_read(BF_RULE_STRICT, 0, &s, as_is, &a);
    CHECK_INT(a.cls, BF_WRONG);
    bf_rule_read(BF_RULE_STRICT, 0.05, &s, as_is, &a); /* 10 of 200 is 0.05 */
    CHECK_INT(a.cls, BF_RIGHT);
    bf_rule_read(BF_RULE_STRICT, 0.04, &s, as_is, &a);
    CHECK_INT(a.cls, BF_WRONG);
}

static void strict_reads_several_choices(void)
{
    static const struct {
        const char *reply;
        uint32_t want;
    } table[] = {
        { "A, C", 5 },
        { "C A", 5 },
        { "(A) and (C)", 5 },
        { "Answer: A, C", 5 },
        { "The correct answers are A and C.", 5 },
        { "\\boxed{A, C}", 5 },
        { "{\"answer\": [\"A\", \"C\"]}", 5 },
        { "A. red\nC. 3.5 mm", 5 },
        { "B", 2 },
        { "A, E", 0 },
        { "AC", 0 },
        { "red and blue", 0 },
        { "", 0 },
        { "Answer: A. Answer: A, C", 0 },
    };
    struct bf_sample s = choice_of_four();
    s.task = BF_CHOICES;
    s.gold = -1;
    s.gold_set = 5;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct bf_answer a = read_by(BF_RULE_STRICT, &s, table[i].reply);
        if (a.set != table[i].want)
            printf("# reply: %s\n", table[i].reply);
        CHECK_INT(a.set, table[i].want);
        CHECK_INT(a.cls, table[i].want == 5   ? BF_RIGHT
                         : table[i].want == 0 ? BF_UNPARSED
                                              : BF_WRONG);
    }
    struct bf_answer a = { .text = "A, B" };
    bf_rule_read(BF_RULE_STRICT, 0, &s, (const uint8_t[]){ 2, 0, 1, 3 }, &a);
    CHECK_INT(a.set, 5);
}

static void strict_compares_words(void)
{
    static const struct {
        const char *reply;
        enum bf_answer_class want;
    } table[] = {
        { "the blue CAR", BF_RIGHT },
        { "\"The Blue car.\"", BF_RIGHT },
        { "**The blue car**", BF_RIGHT },
        { "I see it.\nAnswer: the blue car", BF_RIGHT },
        { "<think>a bus?</think> The blue car", BF_RIGHT },
        { "a car", BF_WRONG },
        { "I'm sorry, no image was provided.", BF_REFUSED },
        { " \n ", BF_UNPARSED },
    };
    const struct bf_sample s = { .task = BF_FREE_TEXT, .gold = -1, .gold_text = "The  Blue car." };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct bf_answer a = read_by(BF_RULE_STRICT, &s, table[i].reply);
        if (a.cls != table[i].want)
            printf("# reply: %s\n", table[i].reply);
        CHECK_INT(a.cls, table[i].want);
    }
}

/* The steps of evaluate.py, one by one, with what its code gives. */
static void mmmu_pro_as_its_evaluator(void)
{
    static const struct {
        const char *reply;
        int want;
    } table[] = {
        { "Answer: B", 1 },
        { "Answer: (C)\n", 2 },
        { "Answer: A\nAnswer: B", 1 },           /* the last */
        { "Answer: the letter A", 0 },           /* a substring */
        { "Answer: A or B", 1 },                 /* two: the next steps; " B " stands last */
        { "Answer: red", UNPARSED },             /* none, and three words: no step finds one */
        { "(A) is wrong, (B) is right", 1 },     /* the last in brackets */
        { "B", 1 },                              /* blanks are put around it */
        { "'B.'", 1 },                           /* one character after the other comes off */
        { "B. dark blue", 1 },                   /* "B." */
        { "A. red or B. blue", 0 },              /* several "B.": no " B ": the first */
        { "The NASA report says D ", 3 },        /* "A " of NASA too; " D " stands last */
        { "NASA says so", 0 },                   /* "A " at the end of a word */
        { "it is of a very dark blue here", 1 }, /* more than five words: the words */
        { "it is dark blue", UNPARSED },         /* not more than five */
        { "first red then later dark blue yes", 1 },
        { "b", UNPARSED }, /* capitals only */
        { "", UNPARSED },
    };
    const struct bf_sample s = choice_of_four();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_place(BF_RULE_MMMU_PRO, &s, table[i].reply, table[i].want);
}

static void mmstar_as_its_evaluator(void)
{
    static const struct {
        const char *reply;
        int want;
    } table[] = {
        { "B", 1 },
        { " b. dark blue", 1 },
        { "(B) dark blue", 1 },
        { "Option B", 1 },
        { "The answer is B.", 1 },
        { "the answer is\nb", 1 },
        { "Because of the sky", 1 }, /* the first character, whatever it begins */
        { "A", 0 },
        { "The answer is A", 0 },
        { "It is B", UNPARSED },
        { "Answer: B", 0 }, /* "a" */
        { "**B**", UNPARSED },
        { "", UNPARSED },
        { "(", UNPARSED },
    };
    const struct bf_sample s = choice_of_four();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check_place(BF_RULE_MMSTAR, &s, table[i].reply, table[i].want);
}

static void more_takes_the_first_character(void)
{
    const struct bf_sample s = choice_of_four();
    check_place(BF_RULE_MORE, &s, "B). dark blue", 1);
    check_place(BF_RULE_MORE, &s, "(B). dark blue", 1);
    check_place(BF_RULE_MORE, &s, "Both", 1);
    check_place(BF_RULE_MORE, &s, "b", UNPARSED);
    check_place(BF_RULE_MORE, &s, " B", UNPARSED);
    check_place(BF_RULE_MORE, &s, "", UNPARSED);
}

static void cmm_looks_at_five_characters(void)
{
    struct bf_sample s = { .task = BF_YESNO, .n_choices = 2, .choices = yesno, .gold = NO };
    check_place(BF_RULE_CMM, &s, "No, I did not.", NO);
    check_place(BF_RULE_CMM, &s, "I know", NO); /* "i kno" holds "no" */
    check_place(BF_RULE_CMM, &s, "Cannot say", NO);
    check_place(BF_RULE_CMM, &s, " Yes.", YES);
    check_place(BF_RULE_CMM, &s, "Well, no", UNPARSED);
    check_place(BF_RULE_CMM, &s, "\xe2\x80\x9c\xe2\x80\x9c\xe2\x80\x9cno", NO);
    check_place(BF_RULE_CMM, &s, "yesno", NO); /* both: the gold one */
    s.gold = YES;
    check_place(BF_RULE_CMM, &s, "yesno", YES);
    check_place(BF_RULE_CMM, &s, "know", NO);
}

static void vlind_takes_the_first_true_or_false(void)
{
    const struct bf_sample s = { .task = BF_YESNO, .n_choices = 2, .choices = yesno, .gold = YES };
    check_place(BF_RULE_VLIND, &s, "True.", YES);
    check_place(BF_RULE_VLIND, &s, "The statement is\nfalse, not true", NO);
    check_place(BF_RULE_VLIND, &s, "T,r.ue", YES); /* commas and full stops come out first */
    check_place(BF_RULE_VLIND, &s, "True!", UNPARSED);
    check_place(BF_RULE_VLIND, &s, "untrue", UNPARSED);
    check_place(BF_RULE_VLIND, &s, "yes", UNPARSED);
    check_place(BF_RULE_VLIND, &s, "falsehood true", YES);
}

/* |9 - 10| / 10 = 0.1: thresholds .5 to .85 hold, .9 does in doubles with <= and <, since its 1 - t
 * is 0.10000000000000009 in the sources; .95 does not: 9 of 10. Half of the gold: only .5, and that
 * with <= alone. */
static void mra_is_a_share_of_thresholds(void)
{
    static const struct {
        const char *reply;
        double vsi, tst; /* -1 = unparsed */
    } table[] = {
        { "10", 1, 1 },     { "9", 0.9, 0.9 },      { "5", 0.1, 0 },       { "15", 0.1, 0 },
        { "12", 0.6, 0.6 }, /* 0.2 > 0.19999999999999996 */
        { "4", 0, 0 },      { "10. metres", 1, 1 }, { "10 metres", 1, 1 }, { "about 10", -1, 1 },
        { "1,0", -1, 1 },   { "minus 10", -1, 0 },  { "ten", -1, -1 },     { "", -1, -1 },
    };
    const struct bf_sample s = { .task = BF_NUMBER, .gold = -1, .gold_number = 10 };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct bf_answer v = read_by(BF_RULE_MRA, &s, table[i].reply);
        const struct bf_answer t = read_by(BF_RULE_MRA_TST, &s, table[i].reply);
        CHECK_INT(v.has_credit, table[i].vsi >= 0);
        CHECK_INT(t.has_credit, table[i].tst >= 0);
        CHECK(table[i].vsi < 0 || fabs((double)v.credit - table[i].vsi) < 1e-6);
        CHECK(table[i].tst < 0 || fabs((double)t.credit - table[i].tst) < 1e-6);
        CHECK_INT(v.cls, table[i].vsi < 0      ? BF_UNPARSED
                         : table[i].vsi >= 0.5 ? BF_RIGHT
                                               : BF_WRONG);
    }
}

static void what_a_source_does_not_have_is_read_strictly(void)
{
    const struct bf_sample s = choice_of_four();
    const struct bf_sample n = { .task = BF_NUMBER, .gold = -1, .gold_number = 3 };
    for (int rule = 0; rule < BF_RULE_COUNT; rule++) {
        if (rule == BF_RULE_CMM || rule == BF_RULE_VLIND || rule == BF_RULE_MRA)
            check_place((enum bf_rule)rule, &s, "The answer is **B**.", 1);
        if (rule != BF_RULE_MRA && rule != BF_RULE_MRA_TST)
            CHECK_INT(read_by((enum bf_rule)rule, &n, "There are 3 cats.").cls, BF_RIGHT);
    }
}

static void what_the_server_says_and_what_failed(void)
{
    const struct bf_sample s = choice_of_four();
    struct bf_answer a = { .text = "B", .finish = BF_FINISH_REFUSED };
    for (int rule = 0; rule < BF_RULE_COUNT; rule++) {
        bf_rule_read((enum bf_rule)rule, 0, &s, as_is, &a);
        CHECK_INT(a.cls, BF_REFUSED);
        CHECK_INT(a.choice, -1);
    }
    a = (struct bf_answer){ .cls = BF_FAILED, .choice = 3, .text = "B" };
    bf_rule_read(BF_RULE_STRICT, 0, &s, as_is, &a);
    CHECK_INT(a.cls, BF_FAILED);
    CHECK_INT(a.choice, 3);
    a = (struct bf_answer){ .cls = BF_WRONG, .choice = 2 };
    bf_rule_read(BF_RULE_STRICT, 0, &s, as_is, &a);
    CHECK_INT(a.cls, BF_WRONG);
    CHECK_INT(a.choice, 2);
}

/* Nothing in a reply is trusted: every prefix and every byte of odd ones is read without harm. */
static void odd_replies_do_no_harm(void)
{
    static const char *const odd[] = {
        "\\boxed{{{{{{",
        "{\"answer\": [[[[",
        "<think></think></think>",
        "((((((((((((B",
        "Answer: \xe2\x80",
        "\xff\xfe Answer: \xc3",
        "```",
        "Answer:::::::\n\n\n\n",
        "is correct is correct",
        "1,,,2..3e+e",
        "-.e5",
        "........",
        "\xe2\x88\x92\xe2\x88\x92 5",
        "****____****",
        "A.B.C.D.A)B)C)",
    };
    static const uint8_t order[26] = { 3, 2, 1, 0 };
    struct bf_sample s = choice_of_four();
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        for (size_t n = 0; n <= strlen(odd[i]); n++)
            for (int task = 0; task < BF_TASK_COUNT; task++)
                for (int rule = 0; rule < BF_RULE_COUNT; rule++) {
                    char *copy = malloc(n + 1); /* its own, so that a byte too far is seen */
                    memcpy(copy, odd[i], n);
                    copy[n] = '\0';
                    struct bf_answer a = { .text = copy };
                    s.task = (enum bf_task)task;
                    s.choices = task == BF_YESNO ? yesno : colours;
                    s.n_choices = task == BF_YESNO ? 2 : task >= BF_NUMBER ? 0 : 4;
                    bf_rule_read((enum bf_rule)rule, 0.1, &s, order, &a);
                    CHECK(a.cls <= BF_UNPARSED);
                    free(copy);
                }
}

/* A million bytes made to be slow: seconds would show a rule that is quadratic. */
static void long_replies_take_time_in_step_with_their_length(void)
{
    static const char *const pieces[] = { "answer: ", "A is correct ", "\\boxed{",       "1 ",
                                          "A\n",      "(A) ",          "the answer is ", "* ",
                                          "</think>" };
    const size_t n = 1000000;
    char *text = malloc(n + 1);
    struct bf_sample s = choice_of_four();
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        const size_t len = strlen(pieces[i]);
        for (size_t k = 0; k < n; k++)
            text[k] = pieces[i][k % len];
        text[n] = '\0';
        for (int task = 0; task < BF_TASK_COUNT; task++)
            for (int rule = 0; rule < BF_RULE_COUNT; rule++) {
                const bool choice =
                    rule == BF_RULE_MMMU_PRO || rule == BF_RULE_MMSTAR || rule == BF_RULE_MORE;
                const bool number = rule == BF_RULE_MRA || rule == BF_RULE_MRA_TST;
                if (rule != BF_RULE_STRICT && task != (choice   ? BF_CHOICE
                                                       : number ? BF_NUMBER
                                                                : BF_YESNO))
                    continue; /* read strictly: done already */
                struct bf_answer a = { .text = text };
                s.task = (enum bf_task)task;
                s.choices = task == BF_YESNO ? yesno : colours;
                s.n_choices = task == BF_YESNO ? 2 : task >= BF_NUMBER ? 0 : 4;
                bf_rule_read((enum bf_rule)rule, 0, &s, as_is, &a);
            }
    }
    free(text);
}

TEST_MAIN(TEST(strict_reads_a_choice_or_nothing), TEST(a_letter_is_the_place_shown),
          TEST(strict_reads_yes_or_no), TEST(strict_reads_one_number), TEST(tolerance_is_relative),
          TEST(strict_reads_several_choices), TEST(strict_compares_words),
          TEST(mmmu_pro_as_its_evaluator), TEST(mmstar_as_its_evaluator),
          TEST(more_takes_the_first_character), TEST(cmm_looks_at_five_characters),
          TEST(vlind_takes_the_first_true_or_false), TEST(mra_is_a_share_of_thresholds),
          TEST(what_a_source_does_not_have_is_read_strictly),
          TEST(what_the_server_says_and_what_failed), TEST(odd_replies_do_no_harm),
          TEST(long_replies_take_time_in_step_with_their_length))
