/* Folds of the built-in probe: what counts as a copy of a whole sample. */
#include "probe/builtin/folds.h"

#include "core/rng.h"
#include "tests/test.h"

enum { N = 24 };

static const char *yes_no[] = { "yes", "no" };
static char ids[N][8];
static struct bf_reading readings[N];
static struct bf_file files[N];
static struct bf_part parts[N];
static struct bf_sample samples[N];

/* One question asked of N pictures, each in a group of its own, with fingerprints far apart. */
static struct bf_pool one_question(void)
{
    struct bf_rng rng = bf_rng_for(1, "pictures", "fingerprint", 0);
    for (uint32_t i = 0; i < N; i++) {
        snprintf(ids[i], sizeof ids[i], "s%u", (unsigned)i);
        readings[i] = (struct bf_reading){ .fingerprint = bf_rng_next(&rng) };
        files[i] = (struct bf_file){ .index = i, .readings = { &readings[i] } };
        parts[i] = (struct bf_part){ .number = 1, .file = &files[i] };
        samples[i] = (struct bf_sample){ .id = ids[i],
                                         .index = i,
                                         .task = BF_YESNO,
                                         .question = "is a red shape present?",
                                         .n_choices = 2,
                                         .choices = yes_no,
                                         .category = "",
                                         .has = 1,
                                         .n_parts = 1,
                                         .parts = &parts[i],
                                         .group = i };
    }
    return (struct bf_pool){ .n_samples = N, .samples = samples, .n_groups = N, .n_files = N };
}

static uint32_t largest_of(const struct bf_pool *pool, uint8_t *fold)
{
    uint32_t largest = 0;
    CHECK_INT(bf_folds(pool, 4, 1, fold, &largest, NULL), BF_OK);
    return largest;
}

static void one_question_of_many_pictures_is_no_copy(void)
{
    const struct bf_pool pool = one_question();
    uint8_t fold[N];
    uint32_t size[4] = { 0 };
    CHECK_INT(largest_of(&pool, fold), 1);
    for (int i = 0; i < N; i++)
        size[fold[i]]++;
    for (int f = 0; f < 4; f++)
        CHECK_INT(size[f], N / 4);
}

static void the_same_question_of_a_picture_s_copy_is_a_copy(void)
{
    const struct bf_pool pool = one_question();
    uint8_t fold[N];
    readings[9].fingerprint = readings[2].fingerprint ^ 0x8000000100000011; /* four bits */
    CHECK_INT(largest_of(&pool, fold), 2);
    CHECK_INT(fold[9], fold[2]);
    readings[9].fingerprint ^= 4; /* five */
    CHECK_INT(largest_of(&pool, fold), 1);
    readings[9].fingerprint = readings[2].fingerprint;
    CHECK_INT(largest_of(&pool, fold), 2);
    samples[9].question = "what colour does the largest circle have?";
    CHECK_INT(largest_of(&pool, fold), 1);
}

static void all_parts_count(void)
{
    const struct bf_pool pool = one_question();
    static struct bf_part two[2][2];
    uint8_t fold[N];
    for (int i = 0; i < 2; i++) {
        two[i][0] = parts[0];
        two[i][1] = parts[i + 1];
        two[i][1].number = 2;
        samples[i].parts = two[i];
        samples[i].n_parts = 2;
    }
    CHECK_INT(largest_of(&pool, fold), 1); /* the first picture is the same, not the second */
    readings[2].fingerprint = readings[1].fingerprint ^ 3;
    samples[2].question = "is a circle present?"; /* shows what is now a copy, too */
    CHECK_INT(largest_of(&pool, fold), 2);
    CHECK_INT(fold[0], fold[1]);
    two[1][1].modality = 1; /* what a clip and a picture have in common says nothing */
    files[2].readings[1] = &readings[2];
    CHECK_INT(largest_of(&pool, fold), 1);
}

static void without_media_words_decide(void)
{
    const struct bf_pool pool = one_question();
    uint8_t fold[N];
    for (int i = 0; i < 6; i++)
        samples[i].n_parts = 0;
    CHECK_INT(largest_of(&pool, fold), 6);
    for (int i = 1; i < 6; i++)
        CHECK_INT(fold[i], fold[0]);
}

TEST_MAIN(TEST(one_question_of_many_pictures_is_no_copy),
          TEST(the_same_question_of_a_picture_s_copy_is_a_copy), TEST(all_parts_count),
          TEST(without_media_words_decide))
