/* Option rows: defaults, units, ranges, messages, printing. */
#include "core/options.h"

#include <float.h>
#include <limits.h>

#include "tests/test.h"

struct all {
    int level, count;
    double rate, share, cut, bytes;
    bool on;
    const char *words;
    int shape;
    struct bf_compare right;
    struct bf_names voters;
};

static const struct bf_opt rows[] = {
    { "level", BF_OPT_INT, offsetof(struct all, level), "128", 0, 255, "level 0-255", "", NULL },
    { "count", BF_OPT_INT, offsetof(struct all, count), "1", 1, INT_MAX, NULL, "", NULL },
    { "rate", BF_OPT_NUM, offsetof(struct all, rate), "100 Hz", 0.001, 1e9, "Hz", "", NULL },
    { "share", BF_OPT_NUM, offsetof(struct all, share), "1/2", 0, 1, NULL, "", NULL },
    { "cut", BF_OPT_NUM, offsetof(struct all, cut), "30", 0, DBL_MAX, "s", "", NULL },
    { "bytes", BF_OPT_NUM, offsetof(struct all, bytes), "1 MiB", 0, 1e15, "bytes", "", NULL },
    { "on", BF_OPT_BOOL, offsetof(struct all, on), "yes", 0, 0, NULL, "", NULL },
    { "words", BF_OPT_STR, offsetof(struct all, words), NULL, 0, 0, NULL, "", NULL },
    { "shape", BF_OPT_ENUM, offsetof(struct all, shape), "table", 0, 0, NULL, "", "plot|table" },
    { "right", BF_OPT_COMPARE, offsetof(struct all, right), "> 1/2", 0, 0, NULL, "", NULL },
    { "voters", BF_OPT_NAMES, offsetof(struct all, voters), "a, b", 0, 0, NULL, "", NULL },
    { .name = NULL },
};
static const struct bf_op op = { .name = "all", .priv_size = sizeof(struct all), .opts = rows };

static struct bf_arena arena;
static struct bf_err err;

static int set(struct all *x, const char *row, const char *text)
{
    return bf_opt_set(bf_opt_find(rows, row), x, &text, 1, &arena, &err);
}

static void defaults_are_read_as_text(void)
{
    void *priv = NULL;
    CHECK_INT(bf_op_init(&op, &priv, &arena, &err), BF_OK);
    const struct all *x = priv;
    CHECK_INT(x->level, 128);
    CHECK(x->rate == 100 && x->share == 0.5 && x->cut == 30 && x->bytes == 1048576);
    CHECK(x->on && x->words == NULL && x->shape == 1);
    CHECK(x->right.kind == BF_GT && x->right.value == 0.5);
    CHECK_INT(x->voters.n, 2);
    CHECK_STR(x->voters.v[1], "b");
    bf_arena_reset(&arena);

    const struct bf_op bare = { .name = "bare" };
    CHECK_INT(bf_op_init(&bare, &priv, &arena, &err), BF_OK);
    CHECK(priv != NULL);
    bf_arena_reset(&arena);
}

static void units_are_converted(void)
{
    struct all x = { 0 };
    CHECK_INT(set(&x, "rate", "1 kHz"), BF_OK);
    CHECK(x.rate == 1000);
    CHECK_INT(set(&x, "rate", "44.1kHz"), BF_OK);
    CHECK(x.rate == 44100);
    CHECK_INT(set(&x, "rate", "100Hz"), BF_OK);
    CHECK(x.rate == 100);
    CHECK_INT(set(&x, "rate", " 1e2 "), BF_OK);
    CHECK(x.rate == 100);
    CHECK_INT(set(&x, "cut", "500 ms"), BF_OK);
    CHECK(x.cut == 0.5);
    CHECK_INT(set(&x, "cut", "2 min"), BF_OK);
    CHECK(x.cut == 120);
    CHECK_INT(set(&x, "cut", "30 s"), BF_OK);
    CHECK(x.cut == 30);
    CHECK_INT(set(&x, "bytes", "2 GiB"), BF_OK);
    CHECK(x.bytes == 2147483648.0);
    CHECK_INT(set(&x, "bytes", "10 MB"), BF_OK);
    CHECK(x.bytes == 1e7);
    CHECK_INT(set(&x, "share", "3/4"), BF_OK);
    CHECK(x.share == 0.75);
    CHECK_INT(set(&x, "level", "7 level 0-255"), BF_OK);
    CHECK_INT(x.level, 7);
    bf_arena_reset(&arena);
}

static void refusals_say_what_was_found_and_what_is_allowed(void)
{
    static const struct {
        const char *row, *text, *msg;
    } bad[] = {
        { "rate", "0 Hz", "'rate' is '0 Hz'; allowed: 0.001 to 1e+09 Hz" },
        { "rate", "5 s", "'rate' is '5 s'; allowed: 0.001 to 1e+09 Hz" },
        { "rate", "fast", "'rate' is 'fast'; allowed: 0.001 to 1e+09 Hz" },
        { "rate", "", "'rate' is ''; allowed: 0.001 to 1e+09 Hz" },
        { "share", "1/0", "'share' is '1/0'; allowed: 0 to 1" },
        { "share", "50 %", "'share' is '50 %'; allowed: 0 to 1" },
        { "cut", "-1", "'cut' is '-1'; allowed: 0 or more s" },
        { "level", "1.5", "'level' is '1.5'; allowed: a whole number, 0 to 255 level 0-255" },
        { "level", "256", "'level' is '256'; allowed: a whole number, 0 to 255 level 0-255" },
        { "count", "0", "'count' is '0'; allowed: a whole number, 1 or more" },
        { "count", "4/2", "'count' is '4/2'; allowed: a whole number, 1 or more" },
        { "on", "maybe", "'on' is 'maybe'; allowed: true or false" },
        { "shape", "plo", "'shape' is 'plo'; allowed: one of plot, table" },
        { "right", "1/2", "'right' is '1/2'; allowed: a comparison such as '> 1/2' or '<= 3'" },
        { "right", "> much",
          "'right' is '> much'; allowed: a comparison such as '> 1/2' or '<= 3'" },
        { "voters", "", "'voters' has an empty name" },
    };
    struct all x = { 0 };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_INT(set(&x, bad[i].row, bad[i].text), BF_EINVAL);
        CHECK_STR(err.msg, bad[i].msg);
    }
    const char *const two[] = { "a", "a" };
    CHECK_INT(bf_opt_set(bf_opt_find(rows, "level"), &x, two, 2, &arena, &err), BF_EINVAL);
    CHECK_STR(err.msg, "'level' is a list; allowed: a whole number, 0 to 255 level 0-255");
    CHECK_INT(bf_opt_set(bf_opt_find(rows, "voters"), &x, two, 2, &arena, &err), BF_EINVAL);
    CHECK_STR(err.msg, "'voters' names 'a' twice");
    CHECK(x.level == 0 && x.voters.n == 0);
    bf_arena_reset(&arena);
}

static void what_is_printed_reads_back(void)
{
    static const char *const want[] = { "128",           "1",    "100 Hz",   "0.5",   "30 s",
                                        "1048576 bytes", "true", "\"a: b\"", "table", "\"> 1/2\"",
                                        "[a, b]" };
    void *priv = NULL;
    CHECK_INT(bf_op_init(&op, &priv, &arena, &err), BF_OK);
    CHECK_INT(set(priv, "words", "a: b"), BF_OK);
    for (size_t i = 0; rows[i].name; i++) {
        struct bf_buf b = { 0 };
        bf_opt_print(&rows[i], priv, &b);
        CHECK_STR(b.data, want[i]);
        bf_buf_done(&b);
    }
    bf_arena_reset(&arena);
}

static void comparisons_forgive_rounding(void)
{
    const struct bf_compare more = { BF_GT, 0.5, "" }, least = { BF_GE, 0.3, "" };
    CHECK(!bf_compare(&more, 0.5 + 1e-15));
    CHECK(bf_compare(&more, 0.51));
    CHECK(bf_compare(&least, 0.1 + 0.2 - 1e-15));
    CHECK(!bf_compare(&least, 0.0 / 0.0 * 1.0));
    const struct bf_compare not = { BF_NE, 3, "" };
    CHECK(bf_compare(&not, 2) && !bf_compare(&not, 3));
}

static void numbers_by_name_are_gathered(void)
{
    static const struct bf_opt row = { .name = "<modality>",
                                       .type = BF_OPT_NAMED,
                                       .def = "",
                                       .min = 0,
                                       .max = 10,
                                       .unit = "bits",
                                       .help = "" };
    static const char *const texts[] = { "image: 6 bits", "gel sight: 0", "audio: 11", "audio" };
    struct bf_named named = { 0 };
    struct bf_arena a = { 0 };
    struct bf_buf out = { 0 };
    CHECK_INT(bf_opt_set(&row, &named, &texts[0], 1, &a, &err), BF_OK);
    CHECK_INT(bf_opt_set(&row, &named, &texts[1], 1, &a, &err), BF_OK);
    CHECK_INT(bf_opt_set(&row, &named, &texts[2], 1, &a, &err), BF_EINVAL);
    CHECK_STR(err.msg, "'audio' is '11'; allowed: 0 to 10 bits");
    CHECK_INT(bf_opt_set(&row, &named, &texts[3], 1, &a, &err), BF_EINVAL);
    CHECK_INT(named.n, 2);
    bf_opt_print(&row, &named, &out);
    CHECK_STR(out.data, "image: 6 bits, \"gel sight\": 0 bits");
    bf_buf_done(&out);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(defaults_are_read_as_text), TEST(units_are_converted),
          TEST(refusals_say_what_was_found_and_what_is_allowed), TEST(what_is_printed_reads_back),
          TEST(comparisons_forgive_rounding), TEST(numbers_by_name_are_gathered))
