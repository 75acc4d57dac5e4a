/* Operators on pictures and on the frames of clips. */
#include <math.h>

#include "tests/operators.h"
#include "tests/test.h"

static void grayscale_keeps_the_luma_of_bt_601(void)
{
    static const uint8_t px[] = {
        255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 1, 2, 3
    };
    /* 0.299 R + 0.587 G + 0.114 B: 76.245, 149.685, 29.07, 255, 0, 1.815 */
    static const int want[] = { 76, 150, 29, 255, 0, 2 };
    struct bf_arena a = { 0 };
    struct bf_media in = test_raster(3, 2, px, &a);
    struct bf_media out;
    CHECK_INT(test_apply("grayscale", NULL, &in, 1, &out, &a), BF_OK);
    CHECK_INT(out.raster.w, 3);
    CHECK_INT(out.raster.h, 2);
    for (int i = 0; i < 6; i++)
        for (int c = 0; c < 3; c++)
            CHECK_INT(out.raster.px[i / 3 * out.raster.stride + i % 3 * 3 + c], want[i]);
    bf_arena_reset(&a);
}

static void clips_are_treated_frame_by_frame(void)
{
    struct bf_arena a = { 0 };
    struct bf_media in = test_clip(3, &a);
    struct bf_media out;
    in.clip.frames[2] = in.clip.frames[1];
    in.clip.frames[0].px[1] = 255; /* (10, 255, 10) */
    CHECK_INT(test_apply("grayscale", NULL, &in, 1, &out, &a), BF_OK);
    CHECK_INT(out.clip.n_frames, 3);
    CHECK(out.clip.seconds == 3 && out.clip.at_seconds[2] == 2.5);
    CHECK_INT(out.clip.frames[0].px[0], 154); /* 10 * 0.413 + 255 * 0.587 = 153.8 */
    CHECK_INT(out.clip.frames[1].px[0], 20);
    CHECK(out.clip.frames[2].px == out.clip.frames[1].px); /* made once */
    CHECK_INT(in.clip.frames[0].px[0], 10);                /* the input is untouched */
    bf_arena_reset(&a);
}

/* A picture in which every channel of every pixel has another level, as far as they go. */
static struct bf_media busy(int w, int h, struct bf_arena *a)
{
    struct bf_media m = test_raster(w, h, NULL, a);
    for (int y = 0; y < h; y++)
        for (int i = 0; i < 3 * w; i++)
            m.raster.px[y * m.raster.stride + i] = (uint8_t)(y * 3 * w + i);
    return m;
}

static const uint8_t *at(const struct bf_media *m, int x, int y)
{
    return m->raster.px + y * m->raster.stride + 3 * x;
}

static void noise_has_the_levels_of_its_kind(void)
{
    static const char *const gaussian[] = {
        "kind", "gaussian", "level", "100", "spread", "20", NULL
    };
    static const char *const salt[] = { "kind", "salt_pepper", NULL };
    struct bf_arena a = { 0 };
    struct bf_media in = busy(4, 4, &a);
    struct bf_media out;
    double sum = 0, squares = 0;
    long n[3] = { 0 };
    CHECK_INT(test_apply("noise", gaussian, &in, 1, &out, &a), BF_OK);
    for (int i = 0; i < 512 * 512 * 3; i++) {
        sum += out.raster.px[i];
        squares += (double)out.raster.px[i] * out.raster.px[i];
        n[0] += out.raster.px[i] < 80;  /* 79.5 is 1.025 deviations below: 15.27 % */
        n[1] += out.raster.px[i] > 140; /* 140.5 is 2.025 above: 2.14 % */
    }
    const double all = 512 * 512 * 3;
    CHECK(fabs(sum / all - 100) < 0.15);
    CHECK(fabs(sqrt(squares / all - sum / all * sum / all) - 20) < 0.15);
    CHECK(fabs((double)n[0] / all - 0.1527) < 0.002);
    CHECK(fabs((double)n[1] / all - 0.0214) < 0.001);
    memset(n, 0, sizeof n);
    CHECK_INT(test_apply("noise", salt, &in, 1, &out, &a), BF_OK);
    for (int i = 0; i < 512 * 512; i++) {
        const uint8_t *p = out.raster.px + 3 * i;
        n[p[0] == 0 ? 0 : p[0] == 255 ? 1 : 2]++;
        CHECK(p[0] == p[1] && p[1] == p[2]);
    }
    CHECK_INT(n[2], 0);
    CHECK(labs(n[0] - n[1]) < 2600); /* 5 sigma */
    bf_arena_reset(&a);
}

/* Chi-square over the 256 levels of 786,432 values: 255 degrees of freedom, 330.5 at 1 in 1000. */
static void uniform_noise_is_uniform(void)
{
    struct bf_arena a = { 0 };
    struct bf_media in = busy(4, 4, &a);
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct bf_media out;
        double n[256] = { 0 }, chi = 0, sum = 0;
        CHECK_INT(test_apply("noise", NULL, &in, seed, &out, &a), BF_OK);
        for (int i = 0; i < 512 * 512 * 3; i++) {
            n[out.raster.px[i]]++;
            sum += out.raster.px[i];
        }
        for (int v = 0; v < 256; v++)
            chi += (n[v] - 3072) * (n[v] - 3072) / 3072;
        CHECK(chi > 190 && chi < 330.5);
        CHECK(fabs(sum / (512 * 512 * 3) - 127.5) < 0.42); /* 5 sigma */
    }
    bf_arena_reset(&a);
}

static void noise_mixes_as_severity_says(void)
{
    static const char *const none[] = { "severity", "0", NULL };
    static const char *const quarter[] = { "lo", "200", "hi", "200", "severity", "0.25", NULL };
    static const char *const salt[] = { "kind", "salt_pepper", "severity", "0.1", NULL };
    struct bf_arena a = { 0 };
    struct bf_media in = busy(9, 5, &a);
    struct bf_media out;
    CHECK_INT(test_apply("noise", none, &in, 1, &out, &a), BF_OK);
    CHECK(test_same_media(&in, &out));
    CHECK_INT(test_apply("noise", quarter, &in, 1, &out, &a), BF_OK);
    CHECK_INT(out.raster.w, 9);
    CHECK_INT(at(&out, 1, 0)[0], 52);  /* 0.75 * 3 + 0.25 * 200 = 52.25 */
    CHECK_INT(at(&out, 8, 4)[2], 151); /* 0.75 * 134 + 50 = 150.5 */
    in = busy(300, 300, &a);
    CHECK_INT(test_apply("noise", salt, &in, 1, &out, &a), BF_OK);
    int changed = 0;
    for (int i = 0; i < 90000; i++)
        changed += memcmp(at(&in, i % 300, i / 300), at(&out, i % 300, i / 300), 3) != 0;
    CHECK(abs(changed - 9000) < 450); /* a tenth; 5 sigma */
    bf_arena_reset(&a);
}

/* The share of the picture's variance that is left: 0.99998 at step 0, 0.96233 at 300, 0.13314 at
 * 900, worked out by another program from the published schedule. */
static void diffuse_follows_the_schedule(void)
{
    struct bf_arena a = { 0 };
    struct bf_media in = test_raster(200, 200, NULL, &a);
    for (int i = 0; i < 200 * 605; i++)
        in.raster.px[i] = 150;
    static const struct {
        const char *step;
        double abar;
    } known[] = { { "0", 0.99997766161 }, { "300", 0.96232937218 } };
    for (int k = 0; k < 2; k++) {
        const char *const pairs[] = { "step", known[k].step, NULL };
        const double abar = known[k].abar;
        struct bf_media out;
        double sum = 0, squares = 0;
        CHECK_INT(test_apply("diffuse", pairs, &in, 1, &out, &a), BF_OK);
        for (int i = 0; i < 40000; i++) {
            const double v = at(&out, i % 200, i / 200)[1];
            sum += v / 40000;
            squares += v * v / 40000;
        }
        /* Green: mean 255 * 0.4578275, deviation 255 * 0.26130258. */
        const double mean = 116.746 + sqrt(abar) * (150 - 116.746);
        const double deviation = sqrt(1 - abar) * 66.632;
        CHECK(fabs(sum - mean) < 0.1 + deviation / 40);
        CHECK(fabs(sqrt(squares - sum * sum) - sqrt(deviation * deviation + 1 / 12.0)) <
              0.15 + deviation / 60);
    }
    static const char *const none[] = { "severity", "0", NULL };
    struct bf_media out;
    CHECK_INT(test_apply("diffuse", none, &in, 1, &out, &a), BF_OK);
    CHECK(test_same_media(&in, &out));
    /* At step 900 levels are cut off at both ends: half of them stay above the mean. */
    int above = 0;
    CHECK_INT(test_apply("diffuse", NULL, &in, 1, &out, &a), BF_OK);
    for (int i = 0; i < 40000; i++)
        above += at(&out, i % 200, i / 200)[1] > 128; /* 116.746 + 0.36489 * 33.254 = 128.88 */
    CHECK(abs(above - 20090) < 500);
    bf_arena_reset(&a);
}

static void pixelate_paints_means(void)
{
    static const char *const pairs[] = { "block", "2", NULL };
    static const char *const half[] = { "block", "3", "severity", "0.5", NULL };
    static const char *const none[] = { "severity", "0", NULL };
    static const uint8_t px[] = { 0,  1, 2, 10, 1, 2, 99, 8, 7, /* row 0 */
                                  20, 1, 2, 31, 2, 2, 98, 8, 7 };
    struct bf_arena a = { 0 };
    struct bf_media in = test_raster(3, 2, px, &a);
    struct bf_media out, same;
    CHECK_INT(test_apply("pixelate", pairs, &in, 1, &out, &a), BF_OK);
    for (int i = 0; i < 4; i++) {
        CHECK_INT(at(&out, i % 2, i / 2)[0], 15); /* 61 / 4 = 15.25 */
        CHECK_INT(at(&out, i % 2, i / 2)[1], 1);  /* 5 / 4 */
    }
    CHECK_INT(at(&out, 2, 0)[0], 99); /* 98.5 up; the block is cut at the edge */
    CHECK_INT(at(&out, 2, 1)[0], 99);
    CHECK_INT(test_apply("pixelate", half, &in, 1, &same, &a), BF_OK);
    CHECK(test_same_media(&out, &same));
    CHECK_INT(test_apply("pixelate", none, &in, 1, &out, &a), BF_OK);
    CHECK(test_same_media(&in, &out));
    bf_arena_reset(&a);
}

/* Of a 3 x 3 grid of flat patches, with one column and two rows left over. */
static void patches_all_move_and_none_is_lost(void)
{
    static const char *const pairs[] = { "grid", "3", NULL };
    static const char *const part[] = { "grid", "3", "severity", "0.34", NULL };
    struct bf_arena a = { 0 };
    struct bf_media in = test_raster(10, 8, NULL, &a);
    struct bf_media out;
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 10; x++)
            memset(in.raster.px + y * in.raster.stride + 3 * x,
                   x == 9 || y >= 6 ? 200 : 10 * (y / 2 * 3 + x / 3 + 1), 3);
    for (int k = 0; k < 2; k++) {
        int seen[256] = { 0 }, moved = 0;
        CHECK_INT(test_apply("patch_shuffle", k ? part : pairs, &in, 1, &out, &a), BF_OK);
        for (int y = 0; y < 8; y++)
            for (int x = 0; x < 10; x++) {
                seen[at(&out, x, y)[1]]++;
                moved += at(&out, x, y)[1] != at(&in, x, y)[1];
            }
        for (int i = 1; i <= 9; i++)
            CHECK_INT(seen[10 * i], 6);
        CHECK_INT(seen[200], 26);
        CHECK_INT(moved, k ? 18 : 54); /* a third is three patches of six pixels */
        for (int y = 0; y < 6; y++)    /* patches stay whole */
            for (int x = 0; x < 9; x++)
                CHECK_INT(at(&out, x, y)[0], at(&out, x / 3 * 3, y / 2 * 2)[0]);
    }
    struct bf_media tiny = test_raster(1, 1, (const uint8_t[]){ 7, 8, 9 }, &a);
    CHECK_INT(test_apply("patch_shuffle", NULL, &tiny, 1, &out, &a), BF_OK);
    CHECK(test_same_media(&tiny, &out));
    bf_arena_reset(&a);
}

static void edges_show_steps_only(void)
{
    struct bf_arena a = { 0 };
    struct bf_media in = test_raster(6, 5, NULL, &a);
    struct bf_media out;
    for (int y = 0; y < 5; y++)
        memset(in.raster.px + y * in.raster.stride + 9, 40, 9); /* a step between x = 2 and 3 */
    CHECK_INT(test_apply("edges", NULL, &in, 1, &out, &a), BF_OK);
    for (int y = 0; y < 5; y++)
        for (int x = 0; x < 6; x++)
            for (int c = 0; c < 3; c++)
                CHECK_INT(at(&out, x, y)[c], x == 2 || x == 3 ? 40 : 0); /* 4 * 40 / 4 */
    /* A corner of it. */
    memset(in.raster.px, 0, 2 * (size_t)in.raster.stride);
    CHECK_INT(test_apply("edges", NULL, &in, 1, &out, &a), BF_OK);
    CHECK_INT(at(&out, 2, 2)[0], 32); /* gx = 3 * 40, gy = 40: 126.5 / 4 */
    CHECK_INT(at(&out, 2, 1)[0], 14); /* gx = gy = 40: 56.6 / 4 */
    bf_arena_reset(&a);
}

static void jpeg_loses_more_at_lower_quality(void)
{
    static const char *const fine[] = { "quality", "95", NULL };
    static const char *const coarse[] = { "quality", "5", NULL };
    static const char *const half[] = { "quality", "90", "severity", "0.5", NULL };
    static const char *const none[] = { "severity", "0", NULL };
    struct bf_arena a = { 0 };
    struct bf_media in = test_raster(37, 21, NULL, &a); /* no multiple of a block */
    struct bf_media out[4];
    double error[3] = { 0 };
    for (int y = 0; y < 21; y++)
        for (int x = 0; x < 37; x++) {
            uint8_t *p = in.raster.px + y * in.raster.stride + 3 * x;
            const double v = 128 + 60 * sin(x / 5.0) + 50 * cos(y / 4.0);
            p[0] = p[1] = (uint8_t)v;
            p[2] = (uint8_t)(255 - v);
        }
    const char *const *const options[] = { fine, half, coarse, none };
    for (int k = 0; k < 4; k++) {
        CHECK_INT(test_apply("jpeg", options[k], &in, 1, &out[k], &a), BF_OK);
        CHECK_INT(out[k].raster.w, 37);
        CHECK_INT(out[k].raster.h, 21);
        for (int i = 0; k < 3 && i < 37 * 21; i++)
            for (int c = 0; c < 3; c++)
                error[k] += abs(at(&out[k], i % 37, i / 37)[c] - at(&in, i % 37, i / 37)[c]) /
                            (37 * 21 * 3.0);
    }
    CHECK(error[0] < 2);
    CHECK(error[2] > 4);
    CHECK(test_same_media(&out[0], &out[1])); /* halfway from 100 to 90 */
    CHECK(test_same_media(&in, &out[3]));
    bf_arena_reset(&a);
}

/* A flat block has one frequency, 8 (level - 128): 600 for 203. Its step (16 in table K.1) is 32 at
 * quality 25, of which 18.75 are taken as 19, 608, which is level 204; at quality 5, 4 of 160. */
static void jpeg_rounds_to_the_steps_of_its_table(void)
{
    static const struct {
        const char *quality;
        int want;
    } known[] = { { "25", 204 }, { "5", 208 }, { "100", 203 } };
    struct bf_arena a = { 0 };
    struct bf_media in = test_raster(11, 9, NULL, &a);
    for (int y = 0; y < 9; y++)
        memset(in.raster.px + y * in.raster.stride, 203, 33);
    for (int k = 0; k < 3; k++) {
        const char *const pairs[] = { "quality", known[k].quality, NULL };
        struct bf_media out;
        CHECK_INT(test_apply("jpeg", pairs, &in, 1, &out, &a), BF_OK);
        for (int i = 0; i < 99; i++)
            for (int c = 0; c < 3; c++)
                CHECK_INT(at(&out, i % 11, i / 11)[c], known[k].want);
    }
    bf_arena_reset(&a);
}

/* Pillow 13 with libjpeg-turbo wrote and read the same pictures: sums of place times level. */
static void jpeg_is_what_libjpeg_makes_of_it(void)
{
    static const struct {
        int w, h;
        const char *quality;
        uint32_t sum;
    } known[] = {
        { 37, 21, "5", 347563028u },  { 37, 21, "30", 349757953u }, { 37, 21, "75", 349335958u },
        { 37, 21, "90", 349803611u }, { 37, 21, "95", 349766263u }, { 3, 9, "5", 243774u },
        { 3, 9, "30", 203182u },      { 3, 9, "75", 200311u },      { 3, 9, "90", 200796u },
        { 3, 9, "95", 200450u },      { 16, 16, "5", 38776752u },   { 16, 16, "30", 38502727u },
        { 16, 16, "75", 38246538u },  { 16, 16, "90", 38223611u },  { 16, 16, "95", 38234230u },
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        const char *const pairs[] = { "quality", known[k].quality, NULL };
        struct bf_arena a = { 0 };
        struct bf_media in = test_raster(known[k].w, known[k].h, NULL, &a);
        struct bf_media out;
        uint32_t sum = 0;
        for (int y = 0; y < known[k].h; y++)
            for (int x = 0; x < known[k].w; x++) {
                uint8_t *p = in.raster.px + y * in.raster.stride + 3 * x;
                p[0] = (uint8_t)(x * x * 3 + y * 7);
                p[1] = (uint8_t)(x * 11 + y * y);
                p[2] = (uint8_t)((x + y) * 13 + x * y);
            }
        CHECK_INT(test_apply("jpeg", pairs, &in, 1, &out, &a), BF_OK);
        for (int i = 0; i < 3 * known[k].w * known[k].h; i++)
            sum += (uint32_t)(i + 1) * at(&out, i / 3 % known[k].w, i / 3 / known[k].w)[i % 3];
        CHECK_INT(sum, known[k].sum);
        bf_arena_reset(&a);
    }
}

static int covered(const struct bf_media *m)
{
    int n = 0;
    for (int y = 0; y < m->raster.h; y++)
        for (int x = 0; x < m->raster.w; x++)
            n += at(m, x, y)[0] == 7 && at(m, x, y)[1] == 7 && at(m, x, y)[2] == 7;
    return n;
}

static void occlude_covers_its_share(void)
{
    static const char *const center[] = { "share", "0.25", "level", "7", NULL };
    static const char *const box[] = { "share", "0.25", "level", "7", "kind", "box", NULL };
    static const char *const patches[] = { "kind", "patches",  "level", "7", "grid",
                                           "4",    "severity", "0.5",   NULL };
    static const char *const all[] = { "share", "1", "level", "7", NULL };
    struct bf_arena a = { 0 };
    struct bf_media in = test_raster(40, 20, NULL, &a);
    struct bf_media out, other;
    CHECK_INT(test_apply("occlude", center, &in, 1, &out, &a), BF_OK);
    CHECK_INT(covered(&out), 200); /* half of each side */
    CHECK_INT(at(&out, 10, 5)[0], 7);
    CHECK_INT(at(&out, 29, 14)[0], 7);
    CHECK_INT(at(&out, 9, 5)[0] + at(&out, 30, 14)[0], 0);
    CHECK_INT(test_apply("occlude", box, &in, 1, &out, &a), BF_OK);
    CHECK_INT(test_apply("occlude", box, &in, 2, &other, &a), BF_OK);
    CHECK_INT(covered(&out), 200);
    CHECK(!test_same_media(&out, &other));
    CHECK_INT(test_apply("occlude", patches, &in, 1, &out, &a), BF_OK);
    CHECK_INT(covered(&out), 200); /* 4 of 16 cells of 50 pixels */
    CHECK_INT(test_apply("occlude", all, &in, 1, &out, &a), BF_OK);
    CHECK_INT(covered(&out), 800);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(grayscale_keeps_the_luma_of_bt_601), TEST(clips_are_treated_frame_by_frame),
          TEST(noise_has_the_levels_of_its_kind), TEST(uniform_noise_is_uniform),
          TEST(noise_mixes_as_severity_says), TEST(diffuse_follows_the_schedule),
          TEST(pixelate_paints_means), TEST(patches_all_move_and_none_is_lost),
          TEST(edges_show_steps_only), TEST(jpeg_loses_more_at_lower_quality),
          TEST(jpeg_rounds_to_the_steps_of_its_table), TEST(jpeg_is_what_libjpeg_makes_of_it),
          TEST(occlude_covers_its_share))
