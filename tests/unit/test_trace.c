/* Traces: tables and arrays of numbers as they come, and what is refused, with its line. */
#include <float.h>

#include "core/rng.h"
#include "modalities/readers/decimal.h"
#include "modalities/trace.h"
#include "tests/draw.h"
#include "tests/media.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_tactile;

static struct bf_err err;
static struct bf_media_info info;

static int read_with(const char *const *pairs, const char *text, struct bf_trace *t,
                     struct bf_arena *a)
{
    struct bf_media m = { 0 };
    int rc = test_decode(&bf_modality_tactile, pairs, text, strlen(text), &m, &info, a, &err);
    if (rc == BF_OK)
        *t = m.trace;
    return rc;
}

static void check_two_by_three(const char *text, bool named)
{
    struct bf_arena a = { 0 };
    struct bf_trace t = { 0 };
    int rc = read_with(NULL, text, &t, &a);
    if (rc != BF_OK)
        printf("# %s\n", err.msg);
    CHECK_INT(rc, BF_OK);
    if (rc == BF_OK) {
        CHECK_INT(t.n_ch, 2);
        CHECK_INT((long long)t.n, 3);
        const float want[6] = { 1, 2.5f, -3, 10, 20, 30 };
        CHECK(memcmp(t.v, want, sizeof want) == 0);
        CHECK(t.rate_hz == 100);
        CHECK((t.names != NULL) == named);
        if (t.names) {
            CHECK_STR(t.names[0], "left");
            CHECK_STR(t.names[1], "right");
        }
    }
    bf_arena_reset(&a);
}

static void every_spelling_of_a_table_reads_the_same(void)
{
    check_two_by_three("left,right\n1,10\n2.5,20\n-3,30\n", true);
    check_two_by_three("1,10\n2.5,20\n-3,30", false);
    check_two_by_three("\xef\xbb\xbfleft,right\r\n1,10\r\n2.5,20\r\n-3,30\r\n", true);
    check_two_by_three("left; right\n1; 10\n 2.5 ;20\n\n-3;3e1\n\n", true);
    check_two_by_three("left\tright\n1\t10\n2.5\t20\n-3\t30\n", true);
    check_two_by_three("\"left\",\"right\"\n\"1\",\"10\"\n\"2.5\" , \"20\"\n\"-3\",\"30\"\n", true);
    check_two_by_three("  \n\nleft,right\n1,10\n2.5,20\n-3,30\n", true);
    check_two_by_three("left,right\r1,10\r2.5,20\r-3,30\r", true);
    check_two_by_three("left,Time stamp,right\n1,0,10\n2.5,10,20\n-3,20,30\n", true);
}

static void blanks_and_comments_are_read_too(void)
{
    static const char *const comma[] = { "decimal", "comma", NULL };
    check_two_by_three("left right\n1 10\n2.5   20\n -3\t30 \n", true);
    check_two_by_three("# recorded by hand\n# left right\n1 10\n2.5 20\n-3 30\n", true);
    check_two_by_three("# recorded, by, hand\nleft,right\n1,10\n2.5,20\n-3,30\n", true);
    check_two_by_three("\t\n1,10\n2.5,20\n-3,30\n", false);
    struct bf_arena a = { 0 };
    struct bf_trace t;
    CHECK_INT(read_with(comma, "a;b\n1,5;2\n-0,25;3\n", &t, &a), BF_OK);
    CHECK(t.v[0] == 1.5f && t.v[1] == -0.25f && t.v[3] == 3);
    CHECK_INT(read_with(NULL, "a;b\n1,5;2\n", &t, &a), BF_EDATA);
    CHECK_STR(err.msg, "line 2: '1,5' is not a number");
    static const char *const tab[] = { "separator", "tab", NULL };
    CHECK_INT(read_with(tab, "a,b\n1\n2\n", &t, &a), BF_OK);
    CHECK_STR(t.names[0], "a,b");
    bf_arena_reset(&a);
}

static void units_stand_above_columns(void)
{
    struct bf_arena a = { 0 };
    struct bf_trace t = { 0 };
    static const char text[] = "t (s),force (N),torque [Nm],x\n0,1,2,3\n0.5,4,5,6\n";
    CHECK_INT(read_with(NULL, text, &t, &a), BF_OK);
    CHECK(t.n_ch == 3 && t.rate_hz == 2 && t.units != NULL);
    CHECK_STR(t.names[0], "force");
    CHECK_STR(t.units[0], "N");
    CHECK_STR(t.units[1], "Nm");
    CHECK_STR(t.units[2], "raw");
    struct bf_blob b;
    CHECK_INT(bf_trace_table(&t, 5, &b, &a, &err), BF_OK);
    CHECK_STR(bf_arena_strndup(&a, (const char *)b.bytes, b.n),
              "# 2 Hz, time in s:\ntime,force (N),torque (Nm),x\n0,1,2,3\n0.5,4,5,6\n");
    t.rate_hz = 1.9999999999999982; /* the median of steps that were rounded */
    CHECK_INT(bf_trace_table(&t, 5, &b, &a, &err), BF_OK);
    CHECK(strncmp((const char *)b.bytes, "# 2 Hz, time", 12) == 0);
    static const char *const own[] = { "unit", "kg", "channels", "force*", NULL };
    CHECK_INT(read_with(own, text, &t, &a), BF_OK);
    CHECK(t.n_ch == 1 && t.units == NULL);
    CHECK_STR(t.unit, "kg");
    CHECK_INT(read_with(NULL, "a (N),b [N]\n1,2\n", &t, &a), BF_OK);
    CHECK(t.units == NULL);
    CHECK_STR(t.unit, "N");
    bf_arena_reset(&a);
}

/* The fast way must agree with strtod to the last bit, wherever it takes a number at all. */
static void numbers_are_those_of_strtod(void)
{
    static const char *const odd[] = { "0",
                                       "-0",
                                       "1.",
                                       ".5",
                                       "+3",
                                       "007.25",
                                       "1e22",
                                       "1e23",
                                       "1E-22",
                                       "1e-23",
                                       "123e-22",
                                       "1e",
                                       "999999999999999e22",
                                       "1234567890123456",
                                       "9007199254740993",
                                       "0.1e-21",
                                       "1e400",
                                       "-1.5e+3",
                                       "--1",
                                       "1.2.3",
                                       "." };
    struct bf_rng r = { 11 };
    char text[64];
    int n_fast = 0;
    for (size_t i = 0; i < 200000; i++) {
        const int digits = (int)(bf_rng_unit(&r) * 17) + 1;
        const double x = ldexp(bf_rng_unit(&r) - 0.5, (int)(bf_rng_unit(&r) * 160) - 80);
        if (i < sizeof odd / sizeof *odd)
            snprintf(text, sizeof text, "%s", odd[i]);
        else
            snprintf(text, sizeof text, i % 2 ? "%.*g" : "%.*f", i % 2 ? digits : digits / 2, x);
        double got;
        const char *end = bf_decimal_read(text, &got);
        char *want_end;
        const double want = strtod(text, &want_end);
        if (end && (memcmp(&got, &want, sizeof got) != 0 || end != want_end)) {
            printf("# %s is %.17g, not %.17g\n", text, got, want);
            test_failed = 1;
        }
        n_fast += end != NULL;
    }
    CHECK(n_fast > 100000);
}

static void uneven_times_are_told(void)
{
    struct bf_arena a = { 0 };
    struct bf_trace t;
    /* 60 Hz in whole milliseconds: 17, 16 and 17 ms, 50 in three steps. */
    CHECK_INT(read_with(NULL, "time,v\n0,1\n17,2\n33,3\n50,4\n67,4\n83,4\n100,4\n", &t, &a), BF_OK);
    CHECK(fabs(t.rate_hz - 60) < 1e-9);
    CHECK_STR(info.warning, "");
    CHECK_INT(read_with(NULL, "time,v\n0,1\n10,2\n20,3\n90,4\n100,4\n", &t, &a), BF_OK);
    CHECK(t.rate_hz == 100);
    CHECK_STR(info.warning, "25.0 % of the steps in time are uneven: 10 to 70, not 10");
    CHECK_INT(info.damaged, 0);
    bf_arena_reset(&a);
}

static void missing_values_become_nan(void)
{
    struct bf_arena a = { 0 };
    struct bf_trace t;
    CHECK_INT(read_with(NULL, "a,b\n1,\nnan,2\nNaN,3\n", &t, &a), BF_OK);
    CHECK(t.v[0] == 1 && isnan(t.v[1]) && isnan(t.v[2]) && isnan(t.v[3]) && t.v[5] == 3);
    CHECK_STR(info.warning, "3 of 6 values are missing");
    CHECK_INT(read_with(NULL, "a,b\n,\n,\n", &t, &a), BF_EDATA);
    CHECK_STR(err.msg, "the trace holds no number");
    bf_arena_reset(&a);
}

static void what_is_no_table_is_refused_with_its_line(void)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        { "a,b\n", "the table has a header and no rows" },
        { "\n\n", "the table is empty" },
        { "a,b\n1,2\n3\n", "line 3 has 1 cells, the first line 2" },
        { "a,b\n\n1,2\n3,4,5\n", "line 4 has 3 cells, the first line 2" },
        { "a,b\n1,2\n3,x\n", "line 3: 'x' is not a number" },
        { "a,b\n1,2\n3,1e39\n", "line 3: '1e39' is not a number" },
        { "1,2\n3,\"4\n", "line 2: a quote is not closed" },
        { "1,2\n3,\"4\"5\n", "line 2: text follows a closing quote" },
        { "a\"b,c\"d,e\n1,2,3\n", "line 1: its quotes and separators do not fit together" },
        { "a,b\n1,\xff\n", "not a table of numbers: it is not UTF-8 text" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct bf_arena a = { 0 };
        struct bf_trace t;
        CHECK_INT(read_with(NULL, bad[i].text, &t, &a), BF_EDATA);
        CHECK_STR(err.msg, bad[i].message);
        bf_arena_reset(&a);
    }
}

static void times_give_the_rate(void)
{
    struct bf_arena a = { 0 };
    struct bf_trace t;
    /* One late step among three of 20 ms: the median is 20 ms. */
    static const char text[] =
        "timestamp,v\n1000000,1\n1000020,2\n1000040,3\n1000100,4\n1000120,5\n";
    CHECK_INT(read_with(NULL, text, &t, &a), BF_OK);
    CHECK(t.rate_hz == 50);
    CHECK_INT(t.n_ch, 1);
    CHECK(fabs(info.seconds - 0.1) < 1e-12);
    static const char *const us[] = { "time_unit", "us", NULL };
    CHECK_INT(read_with(us, text, &t, &a), BF_OK);
    CHECK(t.rate_hz == 50000);
    static const char *const none[] = { "time", "none", "rate", "25", NULL };
    CHECK_INT(read_with(none, text, &t, &a), BF_OK);
    CHECK(t.rate_hz == 25);
    CHECK_INT(t.n_ch, 2);
    static const char *const named[] = { "time", "v", "time_unit", "s", NULL };
    CHECK_INT(read_with(named, text, &t, &a), BF_OK);
    CHECK(t.rate_hz == 1);
    CHECK_STR(t.names[0], "timestamp");
    static const char *const missing[] = { "time", "clock", NULL };
    CHECK_INT(read_with(missing, text, &t, &a), BF_EDATA);
    CHECK_STR(err.msg, "no column is called 'clock', which 'time' names");
    CHECK_INT(read_with(missing, "1,2\n3,4\n", &t, &a), BF_EDATA);
    CHECK_INT(read_with(NULL, "time,v\n5,1\n4,2\n3,3\n", &t, &a), BF_EDATA);
    CHECK_STR(err.msg, "the times in column 'time' do not grow");
    bf_arena_reset(&a);
}

static void channels_are_chosen_by_name(void)
{
    struct bf_arena a = { 0 };
    struct bf_trace t;
    static const char text[] = "time,near1,press1,press2\n0,9,1,2\n10,9,3,4\n";
    static const char *const pairs[] = { "channels", "press*", "unit", "kPa", NULL };
    CHECK_INT(read_with(pairs, text, &t, &a), BF_OK);
    CHECK_INT(t.n_ch, 2);
    CHECK_STR(t.names[1], "press2");
    CHECK_STR(t.unit, "kPa");
    CHECK(t.v[0] == 1 && t.v[1] == 3 && t.v[2] == 2 && t.v[3] == 4);
    static const char *const none[] = { "channels", "touch*", NULL };
    CHECK_INT(read_with(none, text, &t, &a), BF_EDATA);
    CHECK_STR(err.msg, "none of its 4 columns is a channel called 'touch*'");
    static const char *const second[] = { "channels", "ch2", NULL };
    CHECK_INT(read_with(second, "1,2\n3,4\n", &t, &a), BF_OK);
    CHECK(t.n_ch == 1 && t.v[1] == 4);
    CHECK(bf_star_match("*", "") && bf_star_match("a*b*c", "axxbybc"));
    CHECK(!bf_star_match("a*b", "abc") && !bf_star_match("", "a") && bf_star_match("", ""));
    bf_arena_reset(&a);
}

/* An .npy file: version 1, header padded to 64 bytes. */
static size_t make_npy(uint8_t *out, const char *type, bool fortran, const char *shape,
                       const void *data, size_t n)
{
    char header[200];
    int len =
        snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }",
                 type, fortran ? "True" : "False", shape);
    memcpy(out, "\x93NUMPY\x01\x00\x76\x00", 10); /* 118 bytes follow */
    memset(out + 10, ' ', 117);
    out[127] = '\n';
    memcpy(out + 10, header, (size_t)len);
    memcpy(out + 128, data, n);
    return 128 + n;
}

static int read_npy(const uint8_t *bytes, size_t n, struct bf_trace *t, struct bf_arena *a)
{
    struct bf_media m = { 0 };
    int rc = test_decode(&bf_modality_tactile, NULL, bytes, n, &m, &info, a, &err);
    if (rc == BF_OK)
        *t = m.trace;
    return rc;
}

static void arrays_of_every_type_and_order_read_the_same(void)
{
    /* 1, -2 / 3, 4 / 5, 6 as rows and channels */
    static const float f4[] = { 1, -2, 3, 4, 5, 6 };
    static const double f8_fortran[] = { 1, 3, 5, -2, 4, 6 };
    static const int8_t i1[] = { 1, -2, 3, 4, 5, 6 };
    static const uint8_t i2_big[] = { 0, 1, 0xff, 0xfe, 0, 3, 0, 4, 0, 5, 0, 6 };
    static const uint8_t i8_little[48] = {
        1, [8] = 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3, [24] = 4, [32] = 5, [40] = 6
    };
    const struct {
        const char *type;
        bool fortran;
        const void *data;
        size_t n;
    } arrays[] = {
        { "<f4", false, f4, sizeof f4 },
        { "<f8", true, f8_fortran, sizeof f8_fortran },
        { "|i1", false, i1, sizeof i1 },
        { ">i2", false, i2_big, sizeof i2_big },
        { "<i8", false, i8_little, sizeof i8_little },
    };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        struct bf_arena a = { 0 };
        struct bf_trace t = { 0 };
        uint8_t bytes[256];
        size_t n =
            make_npy(bytes, arrays[i].type, arrays[i].fortran, "3, 2", arrays[i].data, arrays[i].n);
        CHECK_INT(read_npy(bytes, n, &t, &a), BF_OK);
        const float want[6] = { 1, 3, 5, -2, 4, 6 };
        CHECK(t.n_ch == 2 && t.n == 3 && memcmp(t.v, want, sizeof want) == 0);
        CHECK_INT(read_npy(bytes, n - 1, &t, &a), BF_EDATA);
        CHECK_STR(err.msg, "the npy file ends early: 5 of 6 values");
        bf_arena_reset(&a);
    }
}

static void arrays_of_one_dimension_and_bad_ones(void)
{
    struct bf_arena a = { 0 };
    struct bf_trace t = { 0 };
    static const uint16_t u2[] = { 65535, 7 };
    uint8_t bytes[256];
    size_t n = make_npy(bytes, "<u2", false, "2,", u2, sizeof u2);
    CHECK_INT(read_npy(bytes, n, &t, &a), BF_OK);
    CHECK(t.n_ch == 1 && t.n == 2 && t.v[0] == 65535 && t.v[1] == 7);
    n = make_npy(bytes, "<c8", false, "2,", u2, sizeof u2);
    CHECK_INT(read_npy(bytes, n, &t, &a), BF_EDATA);
    n = make_npy(bytes, "<u2", false, "1, 1, 2", u2, sizeof u2);
    CHECK_INT(read_npy(bytes, n, &t, &a), BF_EDATA);
    CHECK_STR(err.msg, "the npy shape is neither [n] nor [n][channels]");
    n = make_npy(bytes, "<u2", false, "99999999999999999999, 2", u2, sizeof u2);
    CHECK_INT(read_npy(bytes, n, &t, &a), BF_EDATA);
    n = make_npy(bytes, "<u2", false, "4000000000, 4000000000", u2, sizeof u2);
    CHECK_INT(read_npy(bytes, n, &t, &a), BF_EDATA);
    n = make_npy(bytes, "<u2", false, "0, 2", u2, 0);
    CHECK_INT(read_npy(bytes, n, &t, &a), BF_EDATA);
    for (size_t cut = 1; cut < 128; cut++)
        CHECK_INT(read_npy(bytes, cut, &t, &a), BF_EDATA);
    bf_arena_reset(&a);
}

static struct bf_media trace_of(float *v, int n_ch, size_t n, double rate_hz)
{
    return (struct bf_media){ .carrier = BF_TRACE,
                              .trace = { rate_hz, n_ch, n, v, "raw", NULL, NULL } };
}

static void traces_are_shown_as_table_or_plot(void)
{
    struct bf_arena a = { 0 };
    float v[6] = { 1, NAN, 3, 0.5f, 1e9f, -2 };
    struct bf_media m = trace_of(v, 2, 3, 2);
    static const char *const names[2] = { "a,b", "c\"d" };
    struct bf_shown shown;
    static const char *const table[] = { "present", "table", NULL };
    const void *priv = test_options(&bf_modality_tactile.op, table, &a);
    CHECK_INT(bf_modality_tactile.present(priv, &m, &shown, &a, NULL), BF_OK);
    CHECK_STR((const char *)bf_arena_strndup(&a, (const char *)shown.blobs[0].bytes,
                                             shown.blobs[0].n),
              "# 2 Hz, time in s:\ntime,ch1,ch2\n0,1,0.5\n0.5,,1e+09\n1,3,-2\n");
    m.trace.names = names;
    m.trace.unit = "kPa";
    static const char *const two[] = { "present", "table", "rows", "2", NULL };
    priv = test_options(&bf_modality_tactile.op, two, &a);
    CHECK_INT(bf_modality_tactile.present(priv, &m, &shown, &a, NULL), BF_OK);
    CHECK_STR((const char *)bf_arena_strndup(&a, (const char *)shown.blobs[0].bytes,
                                             shown.blobs[0].n),
              "# 2 Hz, kPa, time in s, 2 of 3 steps, evenly taken:\n"
              "time,\"a,b\",\"c\"\"d\"\n0,1,0.5\n0.5,,1e+09\n");
    priv = test_options(&bf_modality_tactile.op, NULL, &a);
    CHECK_INT(bf_modality_tactile.present(priv, &m, &shown, &a, NULL), BF_OK);
    CHECK(shown.n_blobs == 1 && memcmp(shown.blobs[0].bytes, "\x89PNG", 4) == 0);
    bf_arena_reset(&a);
}

static void traces_are_heard_at_full_scale(void)
{
    struct bf_arena a = { 0 };
    float two[6] = { 10, 14, NAN, 5, 5, 5 };
    float three[9] = { 0, 1, 2, 0, -3, -6, 0, 3, 6 };
    struct bf_media m = trace_of(two, 2, 3, 50);
    struct bf_wave w;
    CHECK_INT(bf_trace_sound(&m.trace, &w, &a, NULL), BF_OK);
    CHECK_INT(w.n_ch, 2);
    CHECK(w.rate_hz == 50);
    const float want[6] = { -1, 1, 0, 0, 0, 0 }; /* about 12 and 5 */
    CHECK(memcmp(w.v, want, sizeof want) == 0);
    m = trace_of(three, 3, 3, 100);
    CHECK_INT(bf_trace_sound(&m.trace, &w, &a, NULL), BF_OK);
    CHECK_INT(w.n_ch, 1); /* means 1, -3 and 3: (-1 + 3 - 3) / 3 and so on */
    CHECK(fabsf(w.v[0] + 1) < 1e-6f && fabsf(w.v[1]) < 1e-6f && fabsf(w.v[2] - 1) < 1e-6f);
    struct bf_shown shown;
    const void *priv =
        test_options(&bf_modality_tactile.op, (const char *[]){ "present", "sound", NULL }, &a);
    CHECK_INT(bf_modality_tactile.present(priv, &m, &shown, &a, NULL), BF_OK);
    CHECK_STR(shown.blobs[0].mime, "audio/wav");
    CHECK_INT((long long)shown.blobs[0].n, 44 + 3 * 2);
    bf_arena_reset(&a);
}

static void a_sensor_far_apart_is_not_usual(void)
{
    struct bf_arena a = { 0 };
    float v[5 * 4] = { 100, 110, 105,   100,   200,   210,   190, 205, 300, 290,
                       310, 305, 65535, 65535, 65534, 65535, 7,   7,   7,   7 };
    const struct bf_media m = trace_of(v, 5, 4, 100);
    bool usual[5];
    CHECK_INT(bf_trace_usual(&m.trace, usual, &a), 3);
    CHECK(usual[0] && usual[1] && usual[2] && !usual[3] && !usual[4]);
    bf_arena_reset(&a);
}

static void features_of(const struct bf_media *m, struct bf_features *f)
{
    struct bf_arena a = { 0 };
    CHECK_INT(bf_modality_tactile.features(m, f, &a, NULL), BF_OK);
    CHECK_INT(f->n, 158);
    for (int i = 0; i < f->n; i++)
        CHECK(isfinite(f->v[i]) && fabsf(f->v[i]) <= 4);
    bf_arena_reset(&a);
}

/* Places in the vector: see the table above tactile_features(). */
enum { F_RISE = 5, F_CRESTS = 9, F_TONE = 39, F_STRONGEST = 98, F_DRIFT = 149 };

static void features_see_tone_rise_and_place(void)
{
    static float v[4 * 400];
    struct bf_features f;
    /* 20 Hz at 100 Hz: log2(20 / 0.25) / 11 = 0.575 of 24 bins is bin 13. */
    draw_tone(v, 400, 100, 20, 5);
    struct bf_media m = trace_of(v, 1, 400, 100);
    features_of(&m, &f);
    CHECK(f.v[F_TONE + 13] == 1);
    for (size_t i = 0; i < 400; i++)
        v[i] = (float)i;
    features_of(&m, &f);
    CHECK(f.v[F_RISE] > 2);
    /* Three bumps. */
    for (size_t i = 0; i < 400; i++)
        v[i] = i / 50 % 2 && i < 350 ? 1.0f : 0.0f;
    features_of(&m, &f);
    CHECK(f.v[F_CRESTS + 3] == 1);
    /* A touch that wanders from the first of four channels to the last; the third presses most. */
    for (size_t i = 0; i < 400; i++)
        for (size_t c = 0; c < 4; c++)
            v[c * 400 + i] = (float)exp(-pow(((double)i / 100 - (double)c - 0.5) / 0.4, 2)) *
                             (c == 2 ? 1.5f : 1.0f);
    m = trace_of(v, 4, 400, 100);
    features_of(&m, &f);
    CHECK(f.v[F_STRONGEST + 2] == 1);
    CHECK(f.v[F_DRIFT + 2] == 1);
}

static void features_bear_anything(void)
{
    struct bf_features f;
    float one = 3;
    struct bf_media m = trace_of(&one, 1, 1, 0.001);
    features_of(&m, &f);
    float v[8] = { NAN, NAN, NAN, NAN, FLT_MAX, -FLT_MAX, NAN, 0 };
    m = trace_of(v, 2, 4, 1e9);
    features_of(&m, &f);
    float still[40];
    for (int i = 0; i < 40; i++)
        still[i] = 65535;
    m = trace_of(still, 4, 10, 100);
    features_of(&m, &f);
}

static void fingerprints_ignore_scale_and_rate(void)
{
    static float x[650], y[1300], z[650];
    for (size_t i = 0; i < 650; i++) {
        x[i] = (float)sin((double)i * 0.05) + (float)sin((double)i * 0.021);
        z[i] = (float)cos((double)i * 0.09);
    }
    for (size_t i = 0; i < 1300; i++)
        y[i] = 40 * x[i / 2] + 7;
    struct bf_arena a = { 0 };
    struct bf_media m = trace_of(x, 1, 650, 100);
    const uint64_t hash = bf_modality_tactile.fingerprint(&m, &a);
    m = trace_of(y, 1, 1300, 200);
    CHECK(bf_modality_tactile.fingerprint(&m, &a) == hash);
    m = trace_of(z, 1, 650, 100);
    CHECK(bf_modality_tactile.fingerprint(&m, &a) != hash);
    bf_arena_reset(&a);
}

static void out_of_memory_is_reported(void)
{
    static const char text[] = "time,a,b\n0,1,2\n10,3,4\n20,5,6\n";
    int rc = BF_ENOMEM;
    for (size_t limit = 16; rc == BF_ENOMEM && limit < (size_t)1 << 24; limit *= 2) {
        struct bf_arena options = { 0 };
        struct bf_arena a = { .limit = limit };
        struct bf_media m;
        struct bf_features f;
        struct bf_shown shown;
        const void *priv = test_options(&bf_modality_tactile.op, NULL, &options);
        int fd = test_fd(text, strlen(text));
        rc = bf_modality_tactile.decode(priv, fd, &bf_default_limits, &m, &info, &a, &err);
        if (rc == BF_OK)
            rc = bf_modality_tactile.features(&m, &f, &a, &err);
        if (rc == BF_OK)
            rc = bf_modality_tactile.present(priv, &m, &shown, &a, &err);
        CHECK(rc == BF_OK || (rc == BF_ENOMEM && strncmp(err.msg, "no memory for", 13) == 0));
        close(fd);
        bf_arena_reset(&a);
        bf_arena_reset(&options);
    }
    CHECK_INT(rc, BF_OK);
}

TEST_MAIN(TEST(every_spelling_of_a_table_reads_the_same), TEST(blanks_and_comments_are_read_too),
          TEST(units_stand_above_columns), TEST(numbers_are_those_of_strtod),
          TEST(uneven_times_are_told), TEST(missing_values_become_nan),
          TEST(what_is_no_table_is_refused_with_its_line), TEST(times_give_the_rate),
          TEST(channels_are_chosen_by_name), TEST(arrays_of_every_type_and_order_read_the_same),
          TEST(arrays_of_one_dimension_and_bad_ones), TEST(traces_are_shown_as_table_or_plot),
          TEST(traces_are_heard_at_full_scale), TEST(a_sensor_far_apart_is_not_usual),
          TEST(features_see_tone_rise_and_place), TEST(features_bear_anything),
          TEST(fingerprints_ignore_scale_and_rate), TEST(out_of_memory_is_reported))
