/* Operators: what they make, that it says nothing of what was there, that they leave it alone. */
#include <math.h>
#include <stdint.h>

#include "core/file.h"
#include "tests/media.h"
#include "tests/test.h"

/* Two inputs that differ in everything, a carrier each. */
static uint8_t px_small[3 * 8], px_large[40 * 130];
static float wave_short[7], wave_long[2 * 900];
static float trace_short[5], trace_long[3 * 50];
static struct bf_raster small_frame = { .w = 2, .h = 3, .stride = 8, .px = px_small };
static struct bf_raster large_frames[3];
static double small_at[1] = { 0.1 }, large_at[3] = { 0.5, 1.5, 2.5 };
static const char *const names[3] = { "a", "b", "c" };

static struct bf_media input(enum bf_carrier carrier, bool large)
{
    struct bf_media m = { .carrier = carrier };
    for (int i = 0; i < 3; i++)
        large_frames[i] = (struct bf_raster){ .w = 43, .h = 30, .stride = 130, .px = px_large };
    memset(px_small, 9, sizeof px_small);
    memset(px_large, 200, sizeof px_large);
    for (size_t i = 0; i < 7; i++)
        wave_short[i] = 0.5f;
    switch (carrier) {
    case BF_RASTER:
        m.raster = large ? large_frames[0] : small_frame;
        break;
    case BF_CLIP:
        m.clip = large ? (struct bf_clip){ 3, large_frames, large_at, 3 }
                       : (struct bf_clip){ 1, &small_frame, small_at, 0.2 };
        break;
    case BF_WAVE:
        m.wave = large ? (struct bf_wave){ 44100, 2, 900, wave_long }
                       : (struct bf_wave){ 8000, 1, 7, wave_short };
        break;
    case BF_TRACE:
        m.trace = large ? (struct bf_trace){ 1000, 3, 50, trace_long, "kPa", names, NULL }
                        : (struct bf_trace){ 20, 1, 5, trace_short, "N", NULL, NULL };
        break;
    case BF_TEXT:
    case BF_CARRIER_COUNT:
        break;
    }
    return m;
}

static bool same_raster(const struct bf_raster *x, const struct bf_raster *y)
{
    bool same = x->w == y->w && x->h == y->h;
    for (int r = 0; same && r < x->h; r++)
        same = memcmp(x->px + r * x->stride, y->px + r * y->stride, (size_t)x->w * 3) == 0;
    return same;
}

static bool same_media(const struct bf_media *x, const struct bf_media *y)
{
    if (x->carrier != y->carrier)
        return false;
    if (x->carrier == BF_RASTER)
        return same_raster(&x->raster, &y->raster);
    if (x->carrier == BF_CLIP) {
        bool same = x->clip.n_frames == y->clip.n_frames && x->clip.seconds == y->clip.seconds;
        for (int i = 0; same && i < x->clip.n_frames; i++)
            same = x->clip.at_seconds[i] == y->clip.at_seconds[i] &&
                   same_raster(&x->clip.frames[i], &y->clip.frames[i]);
        return same;
    }
    if (x->carrier == BF_WAVE)
        return x->wave.n_ch == y->wave.n_ch && x->wave.n == y->wave.n &&
               x->wave.rate_hz == y->wave.rate_hz &&
               memcmp(x->wave.v, y->wave.v, x->wave.n * (size_t)x->wave.n_ch * sizeof *x->wave.v) ==
                   0;
    return x->trace.n_ch == y->trace.n_ch && x->trace.n == y->trace.n &&
           x->trace.rate_hz == y->trace.rate_hz && strcmp(x->trace.unit, y->trace.unit) == 0 &&
           x->trace.names == y->trace.names &&
           memcmp(x->trace.v, y->trace.v,
                  x->trace.n * (size_t)x->trace.n_ch * sizeof *x->trace.v) == 0;
}

static struct bf_apply with_seed(uint64_t seed)
{
    return (struct bf_apply){ .rng = bf_rng_for(seed, "s", "noise", 0),
                              .pool_mean = { 10.4, 99.6, 255 } };
}

static int apply(const char *name, const char *const *pairs, const struct bf_media *in,
                 uint64_t seed, struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct bf_operator *op =
        (const void *)bf_op_find((const struct bf_op *const *)(const void *)bf_operators, name);
    struct bf_apply with = with_seed(seed);
    struct bf_arena options = { 0 };
    int rc = op->apply(test_options(&op->op, pairs, &options), in, &with, out, a, err);
    bf_arena_reset(&options);
    return rc;
}

static void what_removes_says_nothing_of_what_was_there(void)
{
    int n = 0;
    for (size_t i = 0; bf_operators[i]; i++) {
        for (int c = BF_RASTER; c < BF_CARRIER_COUNT; c++) {
            const struct bf_operator *op = bf_operators[i];
            if (!op->removes || !op->apply || !(op->carriers & BF_BIT(c)))
                continue;
            struct bf_arena a = { 0 };
            struct bf_media in[2] = { input(c, false), input(c, true) };
            struct bf_media out[2];
            for (int k = 0; k < 2; k++) {
                struct bf_apply with = with_seed(7);
                CHECK_INT(op->apply(test_options(&op->op, NULL, &a), &in[k], &with, &out[k], &a,
                                    NULL),
                          BF_OK);
            }
            if (!same_media(&out[0], &out[1]))
                printf("# %s of a %s tells inputs apart\n", op->op.name, bf_carrier_name(c));
            CHECK(same_media(&out[0], &out[1]));
            CHECK(!same_media(&out[0], &in[0]));
            n++;
            bf_arena_reset(&a);
        }
    }
    CHECK_INT(n, 4 * 2 + 4 + 1 + 1); /* flat four on two carriers, noise on four, two more */
}

/* Whatever an operator says it looks at is all it is given by workers. */
static void operators_look_at_no_more_than_they_say(void)
{
    static const char *const original[] = { "size", "original", NULL };
    int n_nothing = 0, n_size = 0;
    for (size_t i = 0; bf_operators[i]; i++)
        for (int c = BF_RASTER; c < BF_CARRIER_COUNT; c++)
            for (int k = 0; k < 2; k++) {
                const struct bf_operator *op = bf_operators[i];
                if (!op->looks_at || !(op->carriers & BF_BIT(c)))
                    continue;
                struct bf_arena a = { 0 };
                const void *priv = test_options(&op->op, k ? original : NULL, &a);
                const enum bf_looks_at looks = op->looks_at(priv);
                const struct bf_media in = input(c, true);
                struct bf_media outline = { .carrier = (enum bf_carrier)c }, out[2];
                n_nothing += looks == BF_LOOKS_AT_NOTHING;
                if (looks == BF_LOOKS_AT_SIZE && c == BF_RASTER) {
                    outline.raster = (struct bf_raster){ .w = in.raster.w, .h = in.raster.h };
                    n_size++;
                } else if (looks != BF_LOOKS_AT_NOTHING) {
                    outline = in;
                }
                for (int o = 0; o < 2; o++) {
                    struct bf_apply with = with_seed(7);
                    CHECK_INT(op->apply(priv, o ? &outline : &in, &with, &out[o], &a, NULL), BF_OK);
                }
                CHECK(same_media(&out[0], &out[1]));
                bf_arena_reset(&a);
            }
    CHECK_INT(n_nothing, 4 * 2 + 4 + 1 + 1);
    CHECK_INT(n_size, 5);
    /* Mixed noise shows the picture. */
    static const char *const mixed[] = { "severity", "0.5", NULL };
    struct bf_arena a = { 0 };
    const struct bf_operator *noise =
        (const void *)bf_op_find((const struct bf_op *const *)(const void *)bf_operators, "noise");
    CHECK_INT(noise->looks_at(test_options(&noise->op, mixed, &a)), BF_LOOKS_AT_ALL);
    bf_arena_reset(&a);
}

static void original_size_is_kept_on_demand(void)
{
    static const char *const pairs[] = { "size", "original", NULL };
    struct bf_arena a = { 0 };
    struct bf_media in = input(BF_CLIP, true);
    struct bf_media out;
    CHECK_INT(apply("black", pairs, &in, 1, &out, &a, NULL), BF_OK);
    CHECK_INT(out.clip.n_frames, 3);
    CHECK_INT(out.clip.frames[2].w, 43);
    CHECK_INT(out.clip.frames[2].px[5], 0);
    CHECK(out.clip.at_seconds[1] == 1.5);
    in = input(BF_TRACE, true);
    CHECK_INT(apply("zero", pairs, &in, 1, &out, &a, NULL), BF_OK);
    CHECK_INT(out.trace.n_ch, 3);
    CHECK_INT((long long)out.trace.n, 50);
    CHECK_STR(out.trace.names[2], "c");
    in = input(BF_WAVE, false);
    CHECK_INT(apply("silence", pairs, &in, 1, &out, &a, NULL), BF_OK);
    CHECK_INT((long long)out.wave.n, 7);
    CHECK(out.wave.v[3] == 0 && in.wave.v[3] == 0.5f); /* the input is untouched */
    bf_arena_reset(&a);
}

static void flat_pictures_have_their_level(void)
{
    static const struct {
        const char *name;
        int rgb[3];
    } flats[] = {
        { "white", { 255, 255, 255 } },
        { "black", { 0, 0, 0 } },
        { "gray", { 128, 128, 128 } },
        { "mean", { 10, 100, 255 } }, /* of 10.4, 99.6, 255 */
    };
    for (size_t i = 0; i < 4; i++) {
        struct bf_arena a = { 0 };
        struct bf_media in = input(BF_RASTER, true);
        struct bf_media out;
        CHECK_INT(apply(flats[i].name, NULL, &in, 1, &out, &a, NULL), BF_OK);
        CHECK_INT(out.raster.w, 512);
        CHECK_INT(out.raster.h, 512);
        for (int c = 0; c < 3; c++) {
            CHECK_INT(out.raster.px[c], flats[i].rgb[c]);
            CHECK_INT(out.raster.px[511 * out.raster.stride + 3 * 511 + c], flats[i].rgb[c]);
        }
        CHECK_INT(px_large[0], 200); /* the input is untouched */
        bf_arena_reset(&a);
    }
}

static void noise_follows_its_seed_and_levels(void)
{
    static const char *const pairs[] = { "lo", "100", "hi", "103", NULL };
    struct bf_arena a = { 0 };
    struct bf_media in = input(BF_RASTER, true);
    struct bf_media x, y, z;
    CHECK_INT(apply("noise", pairs, &in, 1, &x, &a, NULL), BF_OK);
    CHECK_INT(apply("noise", pairs, &in, 1, &y, &a, NULL), BF_OK);
    CHECK_INT(apply("noise", pairs, &in, 2, &z, &a, NULL), BF_OK);
    CHECK(same_media(&x, &y));
    CHECK(!same_media(&x, &z));
    int seen[256] = { 0 };
    for (size_t i = 0; i < 512 * 512 * 3; i++)
        seen[x.raster.px[i]]++;
    CHECK_INT(seen[100] + seen[101] + seen[102] + seen[103], 512 * 512 * 3);
    for (int v = 100; v < 104; v++)
        CHECK(abs(seen[v] - 196608) < 2000); /* a quarter each; 5 sigma are 1920 */
    bf_arena_reset(&a);
}

static void noise_has_the_root_mean_square_asked_for(void)
{
    static const char *const pairs[] = { "rms", "0.25", NULL };
    struct bf_arena a = { 0 };
    struct bf_media in = input(BF_WAVE, false);
    struct bf_media out;
    CHECK_INT(apply("noise", pairs, &in, 1, &out, &a, NULL), BF_OK);
    double squares = 0;
    for (size_t i = 0; i < out.wave.n; i++)
        squares += (double)out.wave.v[i] * (double)out.wave.v[i];
    CHECK(fabs(sqrt(squares / (double)out.wave.n) - 0.25) < 0.005);
    in = input(BF_TRACE, false);
    CHECK_INT(apply("noise", pairs, &in, 1, &out, &a, NULL), BF_OK);
    squares = 0;
    for (size_t i = 0; i < out.trace.n; i++)
        squares += (double)out.trace.v[i] * (double)out.trace.v[i];
    CHECK(fabs(sqrt(squares / (double)out.trace.n) - 1) < 0.1);
    bf_arena_reset(&a);
}

static void noise_refuses_levels_upside_down(void)
{
    static const char *const pairs[] = { "lo", "200", "hi", "100", NULL };
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    const struct bf_operator *op =
        (const void *)bf_op_find((const struct bf_op *const *)(const void *)bf_operators, "noise");
    CHECK_INT(op->check(test_options(&op->op, pairs, &a), &err), BF_EINVAL);
    CHECK_STR(err.msg, "noise: 'lo' 200 is above 'hi' 100");
    CHECK_INT(op->check(test_options(&op->op, NULL, &a), &err), BF_OK);
    bf_arena_reset(&a);
}

static void freeze_holds_one_frame(void)
{
    static uint8_t px[3][3];
    struct bf_raster frames[3];
    for (int i = 0; i < 3; i++) {
        memset(px[i], 10 * (i + 1), 3);
        frames[i] = (struct bf_raster){ .w = 1, .h = 1, .stride = 3, .px = px[i] };
    }
    const struct bf_media in = { .carrier = BF_CLIP, .clip = { 3, frames, large_at, 3 } };
    static const char *const words[] = { "first", "middle", "last" };
    for (int k = 0; k < 3; k++) {
        const char *const pairs[] = { "frame", words[k], NULL };
        struct bf_arena a = { 0 };
        struct bf_media out;
        CHECK_INT(apply("freeze", pairs, &in, 1, &out, &a, NULL), BF_OK);
        CHECK_INT(out.clip.n_frames, 3);
        CHECK(out.clip.seconds == 3 && out.clip.at_seconds[2] == 2.5);
        for (int i = 0; i < 3; i++)
            CHECK_INT(out.clip.frames[i].px[0], 10 * (k + 1));
        bf_arena_reset(&a);
    }
}

static void drop_shows_nothing(void)
{
    const struct bf_operator *op =
        (const void *)bf_op_find((const struct bf_op *const *)(const void *)bf_operators, "drop");
    CHECK(op && !op->apply && op->removes);
    CHECK_INT(op->carriers, BF_BIT(BF_CARRIER_COUNT) - 1);
}

static void out_of_memory_is_reported(void)
{
    for (size_t i = 0; bf_operators[i]; i++) {
        for (int c = BF_RASTER; c < BF_CARRIER_COUNT; c++) {
            const struct bf_operator *op = bf_operators[i];
            if (!op->apply || !(op->carriers & BF_BIT(c)))
                continue;
            struct bf_arena options = { 0 };
            const void *priv = test_options(&op->op, NULL, &options);
            const struct bf_media in = input(c, true);
            int rc = BF_ENOMEM;
            /* Each next allocation fails once. */
            for (size_t limit = 1; rc == BF_ENOMEM && limit < (size_t)1 << 26; limit *= 2) {
                struct bf_arena a = { .limit = limit };
                struct bf_apply with = with_seed(1);
                struct bf_media out = { .carrier = BF_TEXT };
                struct bf_err err = { 0 };
                rc = op->apply(priv, &in, &with, &out, &a, &err);
                CHECK(rc == BF_OK || rc == BF_ENOMEM);
                CHECK(rc == BF_OK ||
                      (strncmp(err.msg, "no memory for", 13) == 0 && out.carrier == BF_TEXT));
                bf_arena_reset(&a);
            }
            CHECK_INT(rc, BF_OK);
            bf_arena_reset(&options);
        }
    }
}

static void every_operator_has_its_section(void)
{
    struct bf_arena a = { 0 };
    char *text = NULL;
    size_t n = 0;
    CHECK_INT(bf_file_read(TEST_ROOT "/docs/operators.md", 1 << 20, &text, &n, &a, NULL), BF_OK);
    for (size_t i = 0; text && bf_operators[i]; i++) {
        char *head = bf_arena_printf(&a, "\n## %s\n", bf_operators[i]->op.name);
        if (!strstr(text, head))
            printf("# %s has none\n", bf_operators[i]->op.name);
        CHECK(strstr(text, head) != NULL);
    }
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(what_removes_says_nothing_of_what_was_there),
          TEST(operators_look_at_no_more_than_they_say), TEST(original_size_is_kept_on_demand),
          TEST(flat_pictures_have_their_level), TEST(noise_follows_its_seed_and_levels),
          TEST(noise_has_the_root_mean_square_asked_for), TEST(noise_refuses_levels_upside_down),
          TEST(freeze_holds_one_frame), TEST(drop_shows_nothing), TEST(out_of_memory_is_reported),
          TEST(every_operator_has_its_section))
