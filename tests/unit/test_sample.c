/* The pool: ids and files by name, fields for balance. */
#include "core/sample.h"

#include "tests/test.h"

static void an_id_stands_once(void)
{
    struct bf_pool pool = { 0 };
    struct bf_err err;
    const struct bf_sample first = { .id = "a", .origin = "pool.jsonl:1" };
    CHECK_INT(bf_pool_add(&pool, &first, &err), BF_OK);
    for (int i = 0; i < 1000; i++) {
        struct bf_sample s = { .id = bf_arena_printf(&pool.arena, "b%d", i), .origin = "" };
        CHECK_INT(bf_pool_add(&pool, &s, &err), BF_OK);
    }
    CHECK_INT(bf_pool_add(&pool, &first, &err), BF_EDATA);
    CHECK_STR(err.msg, "id 'a' stands already at pool.jsonl:1");
    CHECK_INT(pool.n_samples, 1001);
    bf_pool_done(&pool);
    bf_pool_done(&pool);
}

static void a_file_is_kept_once(void)
{
    struct bf_pool pool = { 0 };
    struct bf_file *one = NULL, *again = NULL, *two = NULL;
    CHECK_INT(bf_pool_file(&pool, "/p/x.png", "x.png", &one, NULL), BF_OK);
    CHECK_INT(bf_pool_file(&pool, "/p/y.png", "y.png", &two, NULL), BF_OK);
    CHECK_INT(bf_pool_file(&pool, "/p/x.png", "x.png", &again, NULL), BF_OK);
    CHECK(one == again && one != two);
    CHECK_INT(pool.n_files, 2);
    CHECK_STR(pool.files[1]->rel_path, "y.png");
    CHECK_INT(bf_pool_file(&pool, "/p/a\tb\n.png", "a\tb\n.png", &one, NULL), BF_OK);
    CHECK_STR(one->path, "/p/a\tb\n.png");
    CHECK_STR(one->rel_path, "a?b?.png"); /* messages are one line */
    bf_pool_done(&pool);
}

static void rows_set_aside_are_copied(void)
{
    struct bf_pool pool = { 0 };
    char where[] = "pool.jsonl:3";
    CHECK_INT(bf_pool_set_aside(&pool, where, NULL, "no id", NULL), BF_OK);
    where[0] = '?';
    CHECK_INT(pool.n_set_aside, 1);
    CHECK_STR(pool.set_aside[0].where, "pool.jsonl:3");
    CHECK(pool.set_aside[0].id == NULL);
    bf_pool_done(&pool);
}

static void fields_have_the_names_a_spec_uses(void)
{
    static const char *const modalities[BF_MAX_MODALITIES] = { "image", "video", "audio" };
    const char *words[] = { "red", "blue", "green" };
    struct bf_extra extra = { "lang", "en" };
    struct bf_arena a = { 0 };
    struct bf_sample s = { .task = BF_CHOICES,
                           .n_choices = 3,
                           .choices = words,
                           .gold = -1,
                           .gold_set = 5,
                           .category = "",
                           .licence = "cc0",
                           .target = 5,
                           .n_extras = 1,
                           .extras = &extra };
    CHECK_STR(bf_sample_field(&s, "answer", modalities, &a), "A,C");
    CHECK_STR(bf_sample_field(&s, "target", modalities, &a), "image+audio");
    CHECK_STR(bf_sample_field(&s, "task", modalities, &a), "choices");
    CHECK_STR(bf_sample_field(&s, "lang", modalities, &a), "en");
    CHECK_STR(bf_sample_field(&s, "licence", modalities, &a), "cc0");
    CHECK(bf_sample_field(&s, "category", modalities, &a) == NULL);
    CHECK(bf_sample_field(&s, "other", modalities, &a) == NULL);
    s.task = BF_CHOICE;
    s.gold_set = 2;
    CHECK_STR(bf_sample_field(&s, "answer", modalities, &a), "B");
    s.task = BF_NUMBER;
    s.gold_text = "12";
    CHECK_STR(bf_sample_field(&s, "answer", modalities, &a), "12");
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(an_id_stands_once), TEST(a_file_is_kept_once), TEST(rows_set_aside_are_copied),
          TEST(fields_have_the_names_a_spec_uses))
