/* The built-in probe's parts: words, rows, folds, calibration, learning. */
#include <math.h>

#include "core/spec.h"
#include "core/view.h"
#include "probe/builtin/calibrate.h"
#include "probe/builtin/encode.h"
#include "probe/builtin/folds.h"
#include "probe/builtin/linear.h"
#include "core/words.h"
#include "tests/test.h"

static uint64_t text_hash(const char *text)
{
    struct bf_word w[BF_MAX_WORDS];
    return bf_words_hash(w, bf_words_of(text, w));
}

static void words_fold_case_and_punctuation(void)
{
    struct bf_word w[BF_MAX_WORDS];
    CHECK_INT(bf_words_of("How  many RED cars, isn't it 3.5?", w), 7);
    CHECK(w[6].number && !w[1].number);
    CHECK(w[2].content && !w[0].content); /* "red" says something, "how" does not */
    CHECK(text_hash("Dark blue.") == text_hash("dark  BLUE"));
    CHECK(text_hash("dark blue") != text_hash("blue dark"));
    CHECK(text_hash("1,000") != text_hash("1 000"));
    CHECK_INT(bf_words_of("", w), 0);
    CHECK_INT(bf_words_of("?!,", w), 0);
}

static uint64_t template_of(const char *question, const char *choices)
{
    struct bf_word q[BF_MAX_WORDS], c[BF_MAX_WORDS];
    const int n = bf_words_of(question, q);
    return bf_words_template(q, n, c, bf_words_of(choices, c));
}

static void a_template_masks_choice_words_and_numbers(void)
{
    CHECK(template_of("Is the red car 3 m long?", "red green") ==
          template_of("Is the green car 12 m long?", "red green"));
    CHECK(template_of("Is the red car long?", "red green") !=
          template_of("Is the red bus long?", "red green"));
}

/* A pool by hand; every sample in a group of its own. */
enum { MAX = 64 };
static struct bf_sample samples[MAX];
static char ids[MAX][8];

static struct bf_pool pool_of(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        snprintf(ids[i], sizeof ids[i], "s%u", (unsigned)i);
        samples[i] = (struct bf_sample){ .id = ids[i],
                                         .index = i,
                                         .task = BF_CHOICE,
                                         .question = "what is it",
                                         .category = "",
                                         .group = i };
    }
    return (struct bf_pool){ .n_samples = n, .samples = samples, .n_groups = n };
}

static void folds_hold_media_and_near_duplicates_together(void)
{
    static const char *same[] = { "red", "green", "blue", "white" };
    static const char *other[][4] = { { "a", "b", "c", "d" },
                                      { "e", "f", "g", "h" },
                                      { "i", "j", "k", "l" },
                                      { "m", "n", "o", "p" } };
    struct bf_pool pool = pool_of(40);
    uint8_t fold[MAX];
    uint32_t largest = 0, size[5] = { 0 };
    for (uint32_t i = 0; i < 40; i++) {
        samples[i].n_choices = 4;
        samples[i].choices = other[i % 4];
        /* one template in all, no two alike */
        snprintf(ids[i], sizeof ids[i], "s%u", (unsigned)i);
    }
    /* choices repeat every four, so these questions must differ to stay apart */
    static char questions[40][64];
    for (uint32_t i = 0; i < 40; i++) {
        snprintf(questions[i], sizeof questions[i], "where is number%u in row%u", (unsigned)i,
                 (unsigned)(i * 7));
        samples[i].question = questions[i];
    }
    samples[3].choices = samples[30].choices = same;
    samples[3].question = "Which colour has the car?";
    samples[30].question = "which colour has the CAR";
    samples[5].group = samples[21].group = samples[9].group;
    CHECK_INT(bf_folds(&pool, 5, 1, fold, &largest, NULL), BF_OK);
    CHECK_INT(fold[3], fold[30]);
    CHECK_INT(fold[5], fold[9]);
    CHECK_INT(fold[21], fold[9]);
    CHECK_INT(largest, 3);
    for (uint32_t i = 0; i < 40; i++)
        size[fold[i]]++;
    for (int f = 0; f < 5; f++)
        CHECK_INT(size[f], 8);
}

static void a_repeated_template_is_not_held_out(void)
{
    static const char *choices[40][4];
    static char words[40][4][8];
    struct bf_pool pool = pool_of(40);
    uint8_t fold[MAX];
    uint32_t largest = 0;
    for (uint32_t i = 0; i < 40; i++) {
        for (int c = 0; c < 4; c++) {
            snprintf(words[i][c], sizeof words[i][c], "w%u", (unsigned)(4 * i) + (unsigned)c);
            choices[i][c] = words[i][c];
        }
        samples[i].choices = choices[i];
        samples[i].n_choices = 4;
    }
    CHECK_INT(bf_folds(&pool, 5, 1, fold, &largest, NULL), BF_OK);
    CHECK_INT(largest, 1);
}

/* Eight of sixteen words: any two of these sets look so much alike that most samples fall into the
 * same buckets, where a copy stands far from its original. */
static void copies_are_found_in_a_crowd(void)
{
    static const char *const words[16] = { "red",  "green", "blue", "grey", "pink", "white",
                                           "tan",  "brown", "gold", "teal", "navy", "black",
                                           "lime", "plum",  "rust", "sand" };
    enum { N = 6000 };
    struct bf_sample *s = calloc(2 * N, sizeof *s);
    const char **choices = calloc((size_t)2 * N * 8, sizeof(const char *));
    char(*id)[8] = calloc(2 * N, sizeof *id);
    uint8_t *fold = calloc(2 * N, 1);
    uint32_t n = 0, largest = 0, n_apart = 0;
    for (uint32_t mask = 0; mask < 1u << 16 && n < N; mask++) {
        if (__builtin_popcount(mask) != 8)
            continue;
        int k = 0;
        for (int w = 0; w < 16; w++)
            if (mask >> w & 1) {
                choices[n * 8 + (uint32_t)k] = words[w];
                choices[(N + n) * 8 + 7 - (uint32_t)k++] = words[w]; /* the copy: other letters */
            }
        n++;
    }
    for (uint32_t i = 0; i < 2 * N; i++) {
        snprintf(id[i], sizeof id[i], "s%u", (unsigned)i);
        s[i] = (struct bf_sample){ .id = id[i],
                                   .index = i,
                                   .task = BF_CHOICE,
                                   .question = "Which of these is in the picture?",
                                   .n_choices = 8,
                                   .choices = &choices[i * 8],
                                   .category = "",
                                   .group = i };
    }
    const struct bf_pool pool = { .n_samples = 2 * N, .samples = s, .n_groups = 2 * N };
    CHECK_INT(bf_folds(&pool, 5, 1, fold, &largest, NULL), BF_OK);
    for (uint32_t i = 0; i < N; i++)
        n_apart += fold[i] != fold[N + i];
    CHECK_INT(n_apart, 0);
    CHECK_INT(largest, 2);
    free(fold);
    free(id);
    free(choices);
    free(s);
}

/* Rows know nothing but words: two samples that differ in their files only have equal rows. */
static const struct bf_shown_words plain = { .choices = true };
static const struct bf_shown_words nothing = { .question = "" };

static void rows_do_not_depend_on_files(void)
{
    static const char *choices[] = { "linen", "denim" };
    struct bf_arena a = { 0 };
    struct bf_rows x, y;
    struct bf_file linen = { .path = "tactile/Linen_F250.csv", .rel_path = "Linen_F250.csv" };
    struct bf_file other = { .path = "x/1.csv", .rel_path = "1.csv" };
    struct bf_part part[3] = { { .number = 1, .file = &linen },
                               { .number = 1, .file = &linen },
                               { .number = 1, .file = &linen } };
    struct bf_pool pool = pool_of(3);
    for (int i = 0; i < 3; i++) {
        samples[i].n_choices = 2;
        samples[i].choices = choices;
        samples[i].parts = &part[i];
        samples[i].n_parts = 1;
    }
    CHECK_INT(bf_encode(&pool, &plain, &x, &a, NULL), BF_OK);
    for (int i = 0; i < 3; i++)
        part[i].file = &other;
    CHECK_INT(bf_encode(&pool, &plain, &y, &a, NULL), BF_OK);
    CHECK_INT(x.first_row[3], 6);
    CHECK_INT(x.first_feature[6], y.first_feature[6]);
    CHECK(x.first_feature[6] > 0);
    CHECK(memcmp(x.features, y.features, x.first_feature[6] * sizeof *x.features) == 0);
    CHECK_INT(x.first_bin[6], y.first_bin[6]);
    CHECK(memcmp(x.bins, y.bins, x.first_bin[6]) == 0);
    bf_arena_reset(&a);
}

static void what_is_hidden_leaves_no_feature(void)
{
    static const char *one[] = { "linen", "denim" }, *two[] = { "silk", "a long cotton sheet" };
    struct bf_arena a = { 0 };
    struct bf_rows x, y;
    struct bf_pool pool = pool_of(1);
    samples[0].n_choices = 2;
    samples[0].choices = one;
    CHECK_INT(bf_encode(&pool, &nothing, &x, &a, NULL), BF_OK);
    samples[0].choices = two;
    samples[0].question = "Which of the fabrics is it?";
    CHECK_INT(bf_encode(&pool, &nothing, &y, &a, NULL), BF_OK);
    CHECK_INT(x.first_feature[2], y.first_feature[2]);
    CHECK(memcmp(x.features, y.features, x.first_feature[2] * sizeof *x.features) == 0);
    CHECK_INT(x.first_bin[2], y.first_bin[2]);
    CHECK(x.first_bin[2] > 0); /* position is left */
    CHECK(memcmp(x.bins, y.bins, x.first_bin[2]) == 0);
    bf_arena_reset(&a);
}

static void tasks_without_one_gold_get_no_rows(void)
{
    static const char *choices[] = { "a", "b" };
    struct bf_arena a = { 0 };
    struct bf_rows rows;
    struct bf_pool pool = pool_of(3);
    samples[0].task = BF_NUMBER;
    samples[1].task = BF_CHOICES;
    samples[1].n_choices = 2;
    samples[1].choices = choices;
    samples[1].gold = -1;
    samples[2].n_choices = 2;
    samples[2].choices = choices;
    CHECK_INT(bf_encode(&pool, &plain, &rows, &a, NULL), BF_OK);
    CHECK_INT(rows.first_row[1], 0);
    CHECK_INT(rows.first_row[2], 0);
    CHECK_INT(rows.first_row[3], 2);
    bf_arena_reset(&a);
}

/* Gold is the choice whose word the medium shows: learned from media, invisible without. */
static void media_are_crossed_with_choices(void)
{
    static const char *choices[2][2] = { { "red", "blue" }, { "blue", "red" } };
    static float features[MAX][2];
    static const float *shown[MAX], *hidden[MAX];
    static int gold[MAX];
    struct bf_arena a = { 0 };
    struct bf_rows rows;
    struct bf_pool pool = pool_of(60);
    uint32_t train[MAX], test[MAX];
    struct bf_rng rng = { 3 };
    for (uint32_t i = 0; i < 60; i++) {
        const bool red = bf_rng_below(&rng, 2), swapped = bf_rng_below(&rng, 2);
        samples[i].n_choices = 2;
        samples[i].choices = choices[swapped];
        gold[i] = samples[i].gold = red == swapped;
        features[i][0] = red ? 1.0f : -1.0f;
        features[i][1] = 5; /* never varies: left out */
        shown[i] = features[i];
        *(i < 40 ? &train[i] : &test[i - 40]) = i;
    }
    CHECK_INT(bf_encode(&pool, &plain, &rows, &a, NULL), BF_OK);
    const struct bf_block blocks[2] = { { .dim = 2, .f = shown }, { .dim = 2, .f = hidden } };
    struct bf_scored scores[2 * MAX];
    int right[2] = { 0 };
    for (int b = 0; b < 2; b++) {
        const struct bf_learn l = { &rows, gold, 1, &blocks[b], 20, 0.05, 10, 0 };
        CHECK_INT(bf_learn(&l, train, 40, test, 20, (struct bf_rng){ 1 }, scores, NULL), BF_OK);
        for (uint32_t i = 40; i < 60; i++) {
            const struct bf_scored *s = &scores[2 * i];
            const float x = s[0].text + s[0].media, y = s[1].text + s[1].media;
            right[b] += (y > x) == gold[i];
            if (b == 1)
                CHECK(s[0].media == 0 && s[1].media == 0);
        }
    }
    CHECK_INT(right[0], 20);
    CHECK(right[1] < 16);
    bf_arena_reset(&a);
}

/* Gold is the choice whose own medium is the larger one: the words of choices say nothing. */
static void media_of_choices_count_for_them(void)
{
    static const char *choices[] = { "<image>", "<image>", "neither" };
    static float features[2 * MAX][2];
    static const float *own[3 * MAX], *none[3 * MAX];
    static int gold[MAX];
    struct bf_arena a = { 0 };
    struct bf_rows rows;
    struct bf_pool pool = pool_of(60);
    uint32_t train[MAX], test[MAX];
    struct bf_rng rng = { 3 };
    for (uint32_t i = 0; i < 60; i++) {
        gold[i] = (int)bf_rng_below(&rng, 2);
        samples[i].n_choices = 3;
        samples[i].choices = choices;
        samples[i].gold = gold[i];
        for (uint32_t c = 0; c < 2; c++) {
            features[2 * i + c][0] =
                (float)bf_rng_below(&rng, 5) + (c == (uint32_t)gold[i] ? 6 : 0);
            own[3 * i + c] = features[2 * i + c];
        }
        *(i < 40 ? &train[i] : &test[i - 40]) = i;
    }
    CHECK_INT(bf_encode(&pool, &plain, &rows, &a, NULL), BF_OK);
    const struct bf_block blocks[2] = { { .dim = 2, .own = own }, { .dim = 2, .own = none } };
    struct bf_scored scores[3 * MAX];
    int right[2] = { 0 };
    for (int b = 0; b < 2; b++) {
        const struct bf_learn l = { &rows, gold, 1, &blocks[b], 20, 0.05, 10, 0 };
        CHECK_INT(bf_learn(&l, train, 40, test, 20, (struct bf_rng){ 1 }, scores, NULL), BF_OK);
        for (uint32_t i = 40; i < 60; i++) {
            const struct bf_scored *s = &scores[3 * i];
            right[b] += (s[1].text + s[1].media > s[0].text + s[0].media) == gold[i];
            CHECK(s[2].media == 0);
            CHECK((s[0].media == 0) == (b == 1));
        }
    }
    CHECK_INT(right[0], 20);
    CHECK(right[1] < 16);
    bf_arena_reset(&a);
}

/* Media scores of group 0 point at the gold, those of group 1 anywhere. */
static void media_that_told_nothing_are_not_believed(void)
{
    enum { N = 400 };
    static float text[N][2], media[N][2];
    static struct bf_calibration_case cases[N];
    double d[6];
    struct bf_calibration c = { .n_groups = 2, .d = d };
    struct bf_rng rng = { 11 };
    for (int i = 0; i < N; i++) {
        const int gold = (int)bf_rng_below(&rng, 2), group = i % 2;
        const int said = group == 0 ? gold : (int)bf_rng_below(&rng, 2);
        media[i][said] = 2;
        cases[i] = (struct bf_calibration_case){ text[i], media[i], 2, gold, (uint32_t)group };
    }
    bf_calibrate(&c, cases, N);
    float sure[2], unsure[2];
    const struct bf_calibration_case x = { text[0], media[0], 2, 0, 0 };
    const struct bf_calibration_case y = { text[0], media[0], 2, 0, 1 };
    bf_calibrated(&c, &x, sure);
    bf_calibrated(&c, &y, unsure);
    CHECK(fmaxf(sure[0], sure[1]) > 0.9f);
    CHECK(fmaxf(unsure[0], unsure[1]) < 0.6f);
    CHECK(fabsf(sure[0] + sure[1] - 1) < 1e-6f);
}

TEST_MAIN(TEST(words_fold_case_and_punctuation), TEST(a_template_masks_choice_words_and_numbers),
          TEST(folds_hold_media_and_near_duplicates_together),
          TEST(a_repeated_template_is_not_held_out), TEST(copies_are_found_in_a_crowd),
          TEST(rows_do_not_depend_on_files), TEST(what_is_hidden_leaves_no_feature),
          TEST(tasks_without_one_gold_get_no_rows), TEST(media_are_crossed_with_choices),
          TEST(media_of_choices_count_for_them), TEST(media_that_told_nothing_are_not_believed))
