/* What is known of a question's choices: values worked out by hand. */
#include "probe/builtin/facts.h"
#include "tests/test.h"

static struct bf_facts *facts_of(const char *question, const char **choices, int n)
{
    static const struct bf_shown_words plain = { .choices = true };
    const struct bf_sample s = { .id = "s",
                                 .task = BF_CHOICE,
                                 .question = question,
                                 .category = "",
                                 .n_choices = n,
                                 .choices = choices };
    struct bf_facts *f = bf_facts_new();
    CHECK_INT(bf_facts_read(f, &s, &plain, NULL), BF_OK);
    return f;
}

static bool near(float a, double b)
{
    return fabs((double)a - b) < 1e-6;
}

static void lengths_are_ranked_and_ties_stand_halfway(void)
{
    static const char *choices[] = { "red", "dark blue", "tan" };
    struct bf_facts *f = facts_of("what colour", choices, 3);
    CHECK(near(f->c[0].v[BF_FACT_LENGTH], 2)); /* log2(1 + 3) */
    CHECK(near(f->c[1].v[BF_FACT_LENGTH_RANK], 0));
    CHECK(near(f->c[0].v[BF_FACT_LENGTH_RANK], 0.75));
    CHECK(near(f->c[2].v[BF_FACT_LENGTH_RANK], 0.75));
    CHECK(f->c[1].v[BF_FACT_LONGEST] == 1 && f->c[0].v[BF_FACT_SHORTEST] == 0);
    CHECK(near(f->c[0].v[BF_FACT_LENGTH_RATIO], 2 - log2(6))); /* mean of 3, 9, 3 is 5 */
    CHECK(near(f->c[1].v[BF_FACT_LENGTH_LEAD], log2(10) - 2));
    CHECK(near(f->c[1].v[BF_FACT_WORDS], 2));
    CHECK(f->c[2].v[BF_FACT_LETTER] == 2 && f->c[2].v[BF_FACT_FROM_END] == 0);
    bf_facts_free(f);
}

static void numbers_are_read_out_of_units_and_words(void)
{
    static const char *choices[] = { "100 mm/s", "$1,250", "2.5 mm/s", "two cats", "none" };
    struct bf_facts *f = facts_of("how fast", choices, 5);
    CHECK(near((float)f->c[0].number, 100));
    CHECK(near((float)f->c[1].number, 1250));
    CHECK(near((float)f->c[2].number, 2.5));
    CHECK(near((float)f->c[3].number, 2));
    CHECK(isnan(f->c[4].number));
    CHECK(near(f->c[0].v[BF_FACT_NUMBERS], 4));
    CHECK(f->c[1].v[BF_FACT_LARGEST] == 1 && f->c[3].v[BF_FACT_SMALLEST] == 1);
    CHECK(near(f->c[0].v[BF_FACT_NUMBER_RANK], 1.0 / 3));
    CHECK(near(f->c[0].v[BF_FACT_NUMBER_MIDDLE], 1.0 / 3));
    CHECK(near(f->c[1].v[BF_FACT_NUMBER_MIDDLE], 1));
    CHECK(near(f->c[0].v[BF_FACT_NUMBER_ROUND], 2));
    CHECK(near(f->c[1].v[BF_FACT_NUMBER_ROUND], 1));
    CHECK(near(f->c[2].v[BF_FACT_NUMBER_ROUND], -1));
    CHECK(isnan(f->c[4].v[BF_FACT_NUMBERS]) && isnan(f->c[4].v[BF_FACT_LARGEST]));
    bf_facts_free(f);
}

static void answers_have_types(void)
{
    static const char *choices[] = { "Yes",      "12 cm",     "May 3",         "12:30",
                                     "elephant", "the house", "He went home.", "All of the above",
                                     "?",        "June 1999" };
    static const enum bf_answer_type types[] = { BF_TYPE_YES_NO, BF_TYPE_NUMBER, BF_TYPE_PHRASE,
                                                 BF_TYPE_DATE,   BF_TYPE_WORD,   BF_TYPE_PHRASE,
                                                 BF_TYPE_PHRASE, BF_TYPE_META,   BF_TYPE_EMPTY,
                                                 BF_TYPE_DATE };
    struct bf_facts *f = facts_of("which", choices, 10);
    for (int j = 0; j < 10; j++)
        CHECK_INT(f->c[j].type, types[j]);
    CHECK(near(f->c[5].v[BF_FACT_SAME_TYPE], 2.0 / 9));
    CHECK(f->c[0].v[BF_FACT_CAPITAL] == 1 && f->c[4].v[BF_FACT_CAPITAL] == 0);
    CHECK(f->c[6].v[BF_FACT_POINT] == 1 && f->c[7].v[BF_FACT_ABSOLUTE] == 1);
    bf_facts_free(f);
}

static void overlap_counts_content_words(void)
{
    static const char *choices[] = { "the brown dog", "a black cat", "a black dog", "snow" };
    struct bf_facts *f = facts_of("Which is the dog's brown friend, the dog?", choices, 4);
    CHECK(near(f->c[0].v[BF_FACT_OVERLAP], 1)); /* brown, dog; not "the" */
    CHECK(near(f->c[1].v[BF_FACT_OVERLAP], 0));
    CHECK(near(f->c[2].v[BF_FACT_OVERLAP], 0.5));
    CHECK(f->c[0].v[BF_FACT_MOST_OVERLAP] == 1 && f->c[2].v[BF_FACT_MOST_OVERLAP] == 0);
    CHECK(near(f->c[2].v[BF_FACT_SHARED], 1)); /* black in the second, dog in the first */
    CHECK(near(f->c[1].v[BF_FACT_SHARED], 0.5));
    CHECK(f->c[2].v[BF_FACT_CENTRAL_RANK] == 0); /* the most like the others */
    CHECK(f->c[3].v[BF_FACT_NEAREST] == 0 && f->c[3].v[BF_FACT_CENTRAL_RANK] == 1);
    bf_facts_free(f);
}

/* " ab " and " abc ": runs { " ab " } and { " abc", "abc " }; " abcd " shares " abc" with it. */
static void likeness_is_jaccard_over_runs_of_four(void)
{
    static const char *choices[] = { "ab", "ABC!", "abcd" };
    struct bf_facts *f = facts_of("x abcd", choices, 3);
    CHECK(near(f->c[1].v[BF_FACT_NEAREST], 0.25)); /* 1 of { " abc", "abc ", "abcd", "bcd " } */
    CHECK(near(f->c[1].v[BF_FACT_CENTRAL], 0.125));
    CHECK(near(f->c[2].v[BF_FACT_GRAMS], 1));
    CHECK(near(f->c[1].v[BF_FACT_GRAMS], 0.5));
    bf_facts_free(f);
}

static void the_head_of_a_question_is_its_question_word(void)
{
    static const char *choices[] = { "1", "2" };
    struct bf_facts *x = facts_of("Based on the audio, how many dogs bark?", choices, 2);
    struct bf_facts *y = facts_of("How many cats are there in 3 rooms?", choices, 2);
    struct bf_facts *z = facts_of("how tall is it", choices, 2);
    CHECK(x->head == y->head && x->head != z->head);
    CHECK(x->head_word == z->head_word);
    bf_facts_free(x);
    bf_facts_free(y);
    bf_facts_free(z);
}

static void hidden_choices_differ_by_letter_only(void)
{
    static const struct bf_shown_words hidden = { .choices = false };
    static const char *choices[] = { "red", "a long sentence about 12 things." };
    const struct bf_sample s = { .id = "s",
                                 .task = BF_CHOICE,
                                 .question = "which",
                                 .category = "",
                                 .n_choices = 2,
                                 .choices = choices };
    struct bf_facts *f = bf_facts_new();
    CHECK_INT(bf_facts_read(f, &s, &hidden, NULL), BF_OK);
    for (int i = 0; i < BF_FACT_COUNT; i++)
        if (bf_fact_rows[i].evidence != BF_EVIDENCE_POSITION) {
            const float x = f->c[0].v[i], y = f->c[1].v[i];
            CHECK(x == y || (isnan(x) && isnan(y)));
        }
    CHECK_INT(f->c[1].type, BF_TYPE_EMPTY);
    bf_facts_free(f);
}

TEST_MAIN(TEST(lengths_are_ranked_and_ties_stand_halfway),
          TEST(numbers_are_read_out_of_units_and_words), TEST(answers_have_types),
          TEST(overlap_counts_content_words), TEST(likeness_is_jaccard_over_runs_of_four),
          TEST(the_head_of_a_question_is_its_question_word),
          TEST(hidden_choices_differ_by_letter_only))
