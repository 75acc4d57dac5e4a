/* Strict JSON, and JSONTestSuite where it is at hand. */
#include "core/json.h"

#include <dirent.h>

#include "core/file.h"
#include "tests/test.h"

static struct bf_err err;

static int parse(const char *text, struct bf_json_doc **doc)
{
    return bf_json_parse(text, strlen(text), doc, &err);
}

static void values_are_seen_through_views(void)
{
    static const char text[] =
        "{\"s\": \"h\\u00e9\", \"n\": [1, -2, 0.1, 12345678901234567890123, true, "
        "null], \"o\": {\"k\": 5}}";
    struct bf_json_doc *doc = NULL;
    struct bf_arena a = { 0 };
    double v = 0;
    CHECK_INT(parse(text, &doc), BF_OK);
    const struct bf_json *top = bf_json_root(doc), *n = bf_json_get(top, "n");
    CHECK_STR(bf_json_string(bf_json_get(top, "s")), "h\xc3\xa9");
    CHECK_INT(bf_json_count(top), 3);
    CHECK_INT(bf_json_count(n), 6);
    CHECK_STR(bf_json_scalar(bf_json_at(n, 1), &a), "-2");
    CHECK_STR(bf_json_scalar(bf_json_at(n, 2), &a), "0.1");
    CHECK_STR(bf_json_scalar(bf_json_at(n, 3), &a), "12345678901234567890123");
    CHECK(bf_json_number(bf_json_at(n, 3), &v) && v == 12345678901234567890123.0);
    CHECK_STR(bf_json_scalar(bf_json_at(n, 4), &a), "true");
    CHECK(bf_json_is_true(bf_json_at(n, 4)));
    CHECK(bf_json_scalar(bf_json_at(n, 5), &a) == NULL);
    CHECK(bf_json_at(n, 6) == NULL);
    CHECK(bf_json_get(n, "k") == NULL && bf_json_get(NULL, "k") == NULL);
    CHECK_STR(bf_json_kind_name(n), "a list");
    CHECK_INT(bf_json_kind(bf_json_at(n, 3)), BF_JSON_NUMBER);
    CHECK(bf_json_number(bf_json_at(bf_json_get(top, "o"), 0), &v) && v == 5);

    struct bf_json_iter it = { 0 };
    const char *key;
    const struct bf_json *value;
    char keys[8] = "";
    while (bf_json_each(top, &it, &key, &value))
        keys[strlen(keys)] = key[0];
    CHECK_STR(keys, "sno");
    it = (struct bf_json_iter){ 0 };
    int items = 0;
    for (; bf_json_each(n, &it, &key, &value); items++)
        CHECK(key == NULL);
    CHECK_INT(items, 6);
    bf_json_free(&doc);
    bf_json_free(&doc);
    bf_arena_reset(&a);
}

static void what_would_mislead_is_refused(void)
{
    struct bf_json_doc *doc = NULL;
    char deep[200] = "";
    memset(deep, '[', 65);
    memset(deep + 65, ']', 65);
    CHECK_INT(parse(deep, &doc), BF_EDATA);
    CHECK_STR(err.msg, "not JSON we read: over 64 levels deep at byte 65");
    deep[129] = '\0'; /* 64 of them */
    CHECK_INT(parse(deep + 1, &doc), BF_OK);
    bf_json_free(&doc);
    CHECK_INT(parse("{\"a\": 1, \"b\": 2, \"a\": 3}", &doc), BF_EDATA);
    CHECK_STR(err.msg, "not JSON we read: key 'a' stands twice");
    CHECK_INT(parse("[\"a\\u0000b\"]", &doc), BF_EDATA);
    CHECK_STR(err.msg, "not JSON we read: \\u0000 at byte 4");
    CHECK_INT(parse("[\"a\\\\u0000b\"]", &doc), BF_OK); /* a backslash and a word */
    bf_json_free(&doc);
    CHECK_INT(parse("{\"a\": x}", &doc), BF_EDATA);
    CHECK_INT(strncmp(err.msg, "not JSON: ", 10), 0);
    CHECK(strstr(err.msg, "at byte 7") != NULL);
    CHECK_INT(parse("", &doc), BF_EDATA);
    CHECK(doc == NULL);
}

/* y_ must be read, n_ must be refused, i_ may be either and must not crash. */
static void one_case(const char *dir, const char *name)
{
    struct bf_arena a = { 0 };
    struct bf_json_doc *doc = NULL;
    char *text = NULL;
    size_t n = 0;
    CHECK_INT(bf_file_read(bf_path_join(&a, dir, name), 1 << 24, &text, &n, &a, &err), BF_OK);
    int rc = bf_json_parse(text, n, &doc, &err);
    /* Valid JSON that we refuse on purpose. */
    bool ours = strstr(name, "null_escape") || strstr(name, "escaped_null") ||
                strstr(name, "duplicated_key");
    if ((name[0] == 'y' && rc != BF_OK && !ours) || (name[0] == 'n' && rc == BF_OK)) {
        printf("# %s: %s\n", name, rc == BF_OK ? "read" : err.msg);
        test_failed = 1;
    }
    bf_json_free(&doc);
    bf_arena_reset(&a);
}

static void json_test_suite(void)
{
    char dir[4096];
    DIR *d = test_shared(dir, sizeof dir, "data/hostile/json/test_parsing") ? opendir(dir) : NULL;
    if (!d)
        TEST_SKIP("no JSONTestSuite in BF_SHARED");
    int n = 0;
    for (struct dirent *e = readdir(d); e; e = readdir(d), n++)
        if (e->d_name[0] != '.')
            one_case(dir, e->d_name);
    closedir(d);
    CHECK(n > 300);
}

TEST_MAIN(TEST(values_are_seen_through_views), TEST(what_would_mislead_is_refused),
          TEST(json_test_suite))
