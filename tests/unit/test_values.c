/* Pictures of measured values. */
#include <math.h>

#include "modalities/readers/stb.h"
#include "modalities/writers/png.h"
#include "tests/media.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_image;

static struct bf_err err;

/* Gray levels of a 3 x 2 picture, "0 128 255 0 0 0". */
static const char *levels_of(const void *bytes, size_t n, const char *black, const char *white,
                             struct bf_media_info *info, struct bf_arena *a)
{
    const char *const options[] = { "black", black, "white", white, NULL };
    struct bf_media m;
    struct bf_buf out = { 0 };
    if (test_decode(&bf_modality_image, options, bytes, n, &m, info, a, &err) != BF_OK)
        return "";
    CHECK_INT(m.raster.w, 3);
    CHECK_INT(m.raster.h, 2);
    for (int i = 0; i < 6; i++) {
        const uint8_t *p = m.raster.px + i / 3 * m.raster.stride + 3 * (i % 3);
        CHECK(p[0] == p[1] && p[1] == p[2]);
        bf_buf_printf(&out, "%s%d", i ? " " : "", p[0]);
    }
    const char *text = bf_arena_strdup(a, out.data);
    bf_buf_done(&out);
    return text;
}

/* Depth in millimetres: 0 (none), 1000, 2000 / 3000, 4000, 65535. */
static const char pgm[] = "P5 3 2 65535\n\x00\x00\x03\xe8\x07\xd0\x0b\xb8\x0f\xa0\xff\xff";

static void sixteen_bits_are_spread_over_a_range(void)
{
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    const size_t n = sizeof pgm - 1;
    CHECK_STR(levels_of(pgm, n, "0", "4000", &info, &a), "0 64 128 191 255 255");
    CHECK_STR(info.format, "pnm");
    CHECK(info.mean[0] > 148 && info.mean[0] < 150);
    /* what is near is bright; 0 says that nothing was measured */
    CHECK_STR(levels_of(pgm, n, "4000", "1000", &info, &a), "0 255 170 85 0 0");
    /* without a range, 255 / 65535 of each: 1000 is 3.9 */
    CHECK_STR(levels_of(pgm, n, "0", "0", &info, &a), "0 4 8 12 16 255");
    bf_arena_reset(&a);
}

static void eight_bits_have_their_own_values(void)
{
    static const char small[] = "P5 3 2 255\n\x00\x32\x64\x96\xc8\xff";
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    CHECK_STR(levels_of(small, sizeof small - 1, "50", "150", &info, &a), "0 0 128 255 255 255");
    bf_arena_reset(&a);
}

static void the_top_level_is_white(void)
{
    static const char small[] = "P5 3 2 100\n\x00\x32\x64\x19\xff\x01";
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    CHECK_STR(levels_of(small, sizeof small - 1, "0", "0", &info, &a), "0 128 255 64 255 3");
    bf_arena_reset(&a);
}

static void arrays_are_pictures_too(void)
{
    /* float32 [2][3]: 1, 2, 3 / NaN, 5, 2.5 */
    static const float values[] = { 1, 2, 3, NAN, 5, 2.5f };
    static const char head[] = "\x93NUMPY\x01\x00\x46\x00"
                               "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
                               "          \n";
    uint8_t npy[10 + 70 + sizeof values];
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    CHECK_INT(sizeof head - 1, 10 + 70);
    memcpy(npy, head, 80);
    memcpy(npy + 80, values, sizeof values);
    CHECK_STR(levels_of(npy, sizeof npy, "0", "0", &info, &a), "0 64 128 0 255 96");
    CHECK_STR(levels_of(npy, sizeof npy, "5", "1", &info, &a), "255 191 128 0 0 159");
    CHECK_STR(info.format, "npy");
    bf_arena_reset(&a);
}

static int strip(const void *priv, const struct bf_blob *file, struct bf_arena *a)
{
    struct bf_shown shown;
    int fd = test_fd(file->bytes, file->n);
    const int rc = bf_modality_image.strip(priv, fd, &bf_default_limits, &shown, a, &err);
    close(fd);
    return rc;
}

/* The file itself would show a model what the range takes away. */
static void a_range_is_shown_not_the_file(void)
{
    static const char *const ranges[] = { "black", "5", "white", "1", NULL };
    static uint8_t px[18];
    const struct bf_raster r = { .w = 3, .h = 2, .stride = 9, .px = px };
    struct bf_arena a = { 0 };
    struct bf_blob png;
    const struct bf_blob npy = { .bytes = (const uint8_t *)"\x93NUMPY\1\0", .n = 8 };
    const void *plain = test_options(&bf_modality_image.op, NULL, &a);
    const void *ranged = test_options(&bf_modality_image.op, ranges, &a);
    CHECK_INT(bf_png_encode(&r, &png, &a, NULL), BF_OK);
    CHECK_INT(strip(plain, &png, &a), BF_OK);
    CHECK_INT(strip(ranged, &png, &a), BF_END);
    CHECK_INT(strip(plain, &npy, &a), BF_END);
    bf_arena_reset(&a);
}

static void what_has_no_values_is_refused(void)
{
    static const char gif[] = "GIF89a\x01\x00\x01\x00\x00\x00\x00;";
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    CHECK_STR(levels_of(gif, sizeof gif - 1, "1", "2", &info, &a), "");
    CHECK_STR(levels_of(pgm, 20, "1", "2", &info, &a), "");
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(sixteen_bits_are_spread_over_a_range), TEST(eight_bits_have_their_own_values),
          TEST(the_top_level_is_white), TEST(arrays_are_pictures_too),
          TEST(a_range_is_shown_not_the_file), TEST(what_has_no_values_is_refused))
