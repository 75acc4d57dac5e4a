/* Dense columns of a pool: what they hold, and that no label is among it. */
#include <math.h>

#include "probe/builtin/columns.h"
#include "test.h"

enum { N = 4 };

static const char *birds[] = { "the red bird", "a cat" };
static const char *cats[] = { "A cat", "a dog", "the red bird" };
static const char *colours[] = { "red", "blue" };

static struct bf_sample samples[N];
static const struct bf_pool pool = { .n_samples = N, .samples = samples };
static const uint32_t first_row[N + 1] = { 0, 2, 5, 7, 7 }; /* the last one has no rows */
static struct bf_arena arena;

static void make_pool(void)
{
    const struct bf_sample made[N] = {
        { .question = "What is red?", .n_choices = 2, .choices = birds, .category = "x" },
        { .question = "What is it?", .n_choices = 3, .choices = cats, .category = "y", .gold = 2 },
        { .question = "Why is it red", .n_choices = 2, .choices = colours, .category = "x" },
        { .question = "How many?", .category = "", .gold = -1 },
    };
    memcpy(samples, made, sizeof made);
    for (uint32_t i = 0; i < N; i++)
        samples[i].index = i;
}

static struct bf_columns columns_of(const struct bf_shown_words *words)
{
    struct bf_columns c = { 0 };
    CHECK_INT(bf_columns_make(&pool, words, first_row, &c, &arena, NULL), BF_OK);
    CHECK_INT(c.n_rows, 7);
    return c;
}

static const float *column(const struct bf_columns *c, const char *name)
{
    for (int i = 0; i < c->n; i++)
        if (strcmp(c->name[i], name) == 0)
            return c->v[i];
    printf("# no column '%s'\n", name);
    exit(1);
}

static void check_column(const struct bf_columns *c, const char *name, const float want[7])
{
    const float *got = column(c, name);
    for (int i = 0; i < 7; i++)
        if (isnan(want[i]) ? !isnan(got[i]) : !(fabsf(got[i] - want[i]) < 1e-6F)) {
            printf("# %s of row %d is %g, want %g\n", name, i, (double)got[i], (double)want[i]);
            test_failed = 1;
        }
}

/* "x" has two samples, "y" one: its code is that of all that stand alone. "a cat" and "the red
 * bird" are choices of two samples each, whatever their case; "a dog", "red", "blue" of one. */
static void codes_and_counts_are_as_by_hand(void)
{
    const struct bf_shown_words words = { .choices = true };
    make_pool();
    const struct bf_columns c = columns_of(&words);
    check_column(&c, "letter", (const float[]){ 0, 1, 0, 1, 2, 0, 1 });
    check_column(&c, "question_words", (const float[]){ 3, 3, 3, 3, 3, 4, 4 });
    check_column(&c, "category", (const float[]){ 0, 0, 255, 255, 255, 0, 0 });
    check_column(&c, "head_word", (const float[]){ 0, 0, 0, 0, 0, 255, 255 });
    check_column(&c, "common", (const float[]){ 1, 1, 1, 0, 1, 0, 0 });
    CHECK(column(&c, "text")[0] == column(&c, "text")[4]);
    CHECK(column(&c, "text")[1] == column(&c, "text")[2]);
    CHECK(column(&c, "text")[0] != column(&c, "text")[1]);
    CHECK(column(&c, "text")[3] == 255);
    bf_arena_reset(&arena);
}

/* Of 300 samples all have "what", "is" and "the"; each of 30 colours has 10, which is above 1 % and
 * below 5 %; each of 100 things has 3, which is below five samples. So there are 30 skeletons, and
 * one frame: "what is the colour of" the gap. */
static void what_is_rare_is_left_out_of_templates(void)
{
    enum { MANY = 300 };
    static struct bf_sample many[MANY];
    static char question[MANY][64];
    uint32_t first[MANY + 1];
    const struct bf_pool big = { .n_samples = MANY, .samples = many };
    const struct bf_shown_words words = { .choices = true };
    struct bf_columns c;
    for (uint32_t i = 0; i < MANY; i++) {
        snprintf(question[i], sizeof question[i], "What is the thing%u in colour%u room %u",
                 (unsigned)(i % 100), (unsigned)(i % 30), (unsigned)i);
        many[i] = (struct bf_sample){
            .index = i, .question = question[i], .n_choices = 2, .choices = colours, .category = ""
        };
        first[i] = 2 * i;
    }
    first[MANY] = 2 * MANY;
    CHECK_INT(bf_columns_make(&big, &words, first, &c, &arena, NULL), BF_OK);
    bool seen[30] = { false };
    for (uint32_t i = 0; i < MANY; i++) {
        const float skeleton = column(&c, "skeleton")[2 * i];
        CHECK(skeleton == column(&c, "skeleton")[2 * (i % 30)]);
        CHECK(skeleton >= 0 && skeleton < 30);
        seen[(int)skeleton] = true;
        CHECK(column(&c, "frame")[2 * i] == 0);
        CHECK(c.keys[2 * i][BF_KEY_SKELETON] == c.keys[2 * (i % 30) + 1][BF_KEY_SKELETON]);
    }
    for (int i = 0; i < 30; i++)
        CHECK(seen[i]);
    bf_arena_reset(&arena);
}

static void what_is_hidden_leaves_no_trace(void)
{
    const struct bf_shown_words no_choices = { .choices = false };
    const struct bf_shown_words no_question = { .question = "", .choices = true };
    make_pool();
    struct bf_columns c = columns_of(&no_choices);
    for (int i = 0; i < c.n; i++)
        if (c.family[i] != BF_EVIDENCE_POSITION)
            for (uint32_t row = 1; row < 2; row++) /* the choices of one sample are alike */
                CHECK(c.v[i][row] == c.v[i][0] || (isnan(c.v[i][row]) && isnan(c.v[i][0])));
    c = columns_of(&no_question);
    for (int i = 0; i < c.n; i++)
        if (c.family[i] == BF_EVIDENCE_QUESTION || c.family[i] == BF_EVIDENCE_TEMPLATE)
            for (uint32_t row = 1; row < 7; row++)
                CHECK(c.v[i][row] == c.v[i][0] || (isnan(c.v[i][row]) && isnan(c.v[i][0])));
    bf_arena_reset(&arena);
}

static void no_label_enters(void)
{
    const struct bf_shown_words words = { .choices = true };
    make_pool();
    const struct bf_columns before = columns_of(&words);
    for (uint32_t i = 0; i < N; i++) {
        samples[i].gold = 1;
        samples[i].gold_set = 2;
        samples[i].gold_text = "B";
    }
    const struct bf_columns after = columns_of(&words);
    for (int i = 0; i < before.n; i++)
        CHECK(memcmp(before.v[i], after.v[i], 7 * sizeof(float)) == 0);
    bf_arena_reset(&arena);
}

static void out_of_memory_is_reported(void)
{
    const struct bf_shown_words words = { .choices = true };
    struct bf_columns c;
    struct bf_err err;
    make_pool();
    arena.limit = 512;
    CHECK_INT(bf_columns_make(&pool, &words, first_row, &c, &arena, &err), BF_ENOMEM);
    arena.limit = 0;
    bf_arena_reset(&arena);
}

TEST_MAIN(TEST(codes_and_counts_are_as_by_hand), TEST(what_is_rare_is_left_out_of_templates),
          TEST(what_is_hidden_leaves_no_trace), TEST(no_label_enters),
          TEST(out_of_memory_is_reported))
