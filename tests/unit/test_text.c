/* Numbers, UTF-8, near words, YAML scalars. */
#include "core/text.h"

#include "core/buf.h"
#include "tests/test.h"

static void numbers_are_the_whole_text(void)
{
    double v = -1;
    CHECK(bf_text_number(" 12.5e-1 ", &v) && v == 1.25);
    CHECK(bf_text_number(".5", &v) && v == 0.5);
    CHECK(bf_text_number("-3.", &v) && v == -3);
    static const char *const bad[] = { "",   " ",   ".",   "1x",  "0x10",  "nan", "inf",
                                       "1e", "1e+", "1 2", "--1", "1e999", "1,5", "e5" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!bf_text_number(bad[i], &v));
    CHECK(v == -3); /* untouched by what failed */
}

static void whole_numbers_fit_64_bits(void)
{
    int64_t v = 0;
    CHECK(bf_text_integer("-9223372036854775808", &v) && v == INT64_MIN);
    CHECK(bf_text_integer(" +7\t", &v) && v == 7);
    CHECK(!bf_text_integer("9223372036854775808", &v));
    CHECK(!bf_text_integer("1e3", &v));
    CHECK(!bf_text_integer("1.0", &v));
    CHECK(!bf_text_integer("", &v));
    CHECK(!bf_text_integer("-", &v));
}

static void utf8_is_checked(void)
{
    CHECK(bf_text_is_utf8("", 0));
    CHECK(bf_text_is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10));
    CHECK(!bf_text_is_utf8("a\0b", 3));
    CHECK(!bf_text_is_utf8("\xc0\xaf", 2));         /* overlong */
    CHECK(!bf_text_is_utf8("\xe0\x80\xaf", 3));     /* overlong */
    CHECK(!bf_text_is_utf8("\xed\xa0\x80", 3));     /* surrogate */
    CHECK(!bf_text_is_utf8("\xf4\x90\x80\x80", 4)); /* past U+10FFFF */
    CHECK(!bf_text_is_utf8("\xe2\x82", 2));         /* cut short */
    CHECK(!bf_text_is_utf8("\x80", 1));
    CHECK(!bf_text_is_utf8("\xff", 1));
}

static void distance_counts_slips(void)
{
    CHECK_INT(bf_text_distance("noise", "noise", 3), 0);
    CHECK_INT(bf_text_distance("noise", "nosie", 3), 1); /* neighbours swapped */
    CHECK_INT(bf_text_distance("kitten", "sitting", 3), 3);
    CHECK_INT(bf_text_distance("abc", "xyz", 1), 2);
    CHECK_INT(bf_text_distance("", "ab", 3), 2);
}

static void the_nearest_word_is_offered_when_near(void)
{
    static const char *const words[] = { "pool", "probes", "filters", "id", NULL };
    CHECK_STR(bf_text_near("prbes", words), "probes");
    CHECK_STR(bf_text_near("filtres", words), "filters");
    CHECK(bf_text_near("emit", words) == NULL);
    CHECK(bf_text_near("x", words) == NULL);
    CHECK(bf_text_near("", words) == NULL);
}

static const char *yaml(struct bf_buf *b, const char *s)
{
    bf_buf_done(b);
    bf_text_yaml(b, s);
    return b->data;
}

static void yaml_scalars_are_quoted_when_they_must(void)
{
    struct bf_buf b = { 0 };
    CHECK_STR(yaml(&b, "pool/pool.jsonl"), "pool/pool.jsonl");
    CHECK_STR(yaml(&b, "../x"), "../x");
    CHECK_STR(yaml(&b, ""), "\"\"");
    CHECK_STR(yaml(&b, "no"), "\"no\"");
    CHECK_STR(yaml(&b, ".5"), "\".5\"");
    CHECK_STR(yaml(&b, "> 1/2"), "\"> 1/2\"");
    CHECK_STR(yaml(&b, "a\"b\\\n\t\x7f"), "\"a\\\"b\\\\\\n\\u0009\\u007f\"");
    CHECK_STR(yaml(&b, "\xc2\x85\xc3\xa9\xe2\x80\xa8"), "\"\\u0085\xc3\xa9\\u2028\"");
    bf_buf_done(&b);
}

TEST_MAIN(TEST(numbers_are_the_whole_text), TEST(whole_numbers_fit_64_bits), TEST(utf8_is_checked),
          TEST(distance_counts_slips), TEST(the_nearest_word_is_offered_when_near),
          TEST(yaml_scalars_are_quoted_when_they_must))
