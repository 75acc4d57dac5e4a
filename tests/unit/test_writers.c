/* What writes pictures: PNG without loss, JPEG near to it. */
#include <math.h>

#include "modalities/readers/stb.h"
#include "modalities/writers/jpeg.h"
#include "modalities/writers/png.h"
#include "tests/operators.h"
#include "tests/test.h"

/* Each kind is best served by another filter, the last by none. Rows are padded. */
static struct bf_media picture(int kind, int w, int h, struct bf_arena *a)
{
    struct bf_media m = test_raster(w, h, NULL, a);
    struct bf_rng rng = bf_rng_for(1, "writers", "test", (uint64_t)kind);
    for (int y = 0; y < h; y++)
        for (int i = 0; i < 3 * w; i++) {
            const int noise = (int)bf_rng_below(&rng, kind == 5 ? 256 : 3);
            m.raster.px[y * m.raster.stride + i] =
                (uint8_t)(kind == 0   ? 255
                          : kind == 1 ? i * 5 + noise
                          : kind == 2 ? y * 7 + i % 3 * 50 + i * i
                          : kind == 3 ? i * 2 + y * 3 + noise
                          : kind == 4 ? (i / 30 + y / 10) % 2 * 200 + noise
                                      : noise);
        }
    return m;
}

static void png_keeps_every_pixel(void)
{
    static const int sizes[][2] = { { 1, 1 }, { 1, 40 }, { 40, 1 }, { 2, 2 }, { 300, 77 } };
    for (int kind = 0; kind < 6; kind++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            struct bf_arena a = { 0 };
            const struct bf_media in = picture(kind, sizes[s][0], sizes[s][1], &a);
            struct bf_blob png, again;
            struct bf_raster out;
            CHECK_INT(bf_png_encode(&in.raster, &png, &a, NULL), BF_OK);
            CHECK_STR(png.ext, "png");
            CHECK_STR(png.mime, "image/png");
            CHECK_INT(bf_stb_decode(png.bytes, png.n, &bf_default_limits, &out, &a, NULL), BF_OK);
            CHECK(test_same_raster(&in.raster, &out));
            CHECK_INT(bf_png_encode(&in.raster, &again, &a, NULL), BF_OK);
            CHECK(again.n == png.n && memcmp(again.bytes, png.bytes, png.n) == 0);
            bf_arena_reset(&a);
        }
}

static void png_makes_use_of_what_repeats(void)
{
    struct bf_arena a = { 0 };
    struct bf_blob flat, soft, noise;
    const struct bf_media pictures[] = { picture(0, 200, 200, &a), picture(1, 200, 200, &a),
                                         picture(5, 200, 200, &a) };
    CHECK_INT(bf_png_encode(&pictures[0].raster, &flat, &a, NULL), BF_OK);
    CHECK_INT(bf_png_encode(&pictures[1].raster, &soft, &a, NULL), BF_OK);
    CHECK_INT(bf_png_encode(&pictures[2].raster, &noise, &a, NULL), BF_OK);
    CHECK(flat.n < 1000);
    CHECK(soft.n < 200 * 200 * 3 / 2);
    CHECK(noise.n < 200 * 201 * 3 + 500); /* what cannot be packed is stored */
    bf_arena_reset(&a);
}

static double error_of(const struct bf_media *in, int quality, size_t *n_out, struct bf_arena *a)
{
    struct bf_blob jpeg;
    struct bf_raster out;
    double sum = 0;
    CHECK_INT(bf_jpeg_encode(&in->raster, quality, &jpeg, a, NULL), BF_OK);
    CHECK_STR(jpeg.mime, "image/jpeg");
    CHECK_STR(jpeg.ext, "jpg");
    CHECK_INT(bf_stb_decode(jpeg.bytes, jpeg.n, &bf_default_limits, &out, a, NULL), BF_OK);
    CHECK(out.w == in->raster.w && out.h == in->raster.h);
    for (int y = 0; y < out.h; y++)
        for (int i = 0; i < 3 * out.w; i++)
            sum +=
                fabs((double)in->raster.px[y * in->raster.stride + i] - out.px[y * out.stride + i]);
    *n_out = jpeg.n;
    return sum / (3.0 * out.w * out.h);
}

/* A gray ramp, so that colours at half the resolution lose nothing. */
static void jpeg_is_as_good_as_its_quality(void)
{
    struct bf_arena a = { 0 };
    struct bf_media in = test_raster(67, 45, NULL, &a);
    size_t n[3];
    for (int y = 0; y < 45; y++)
        for (int x = 0; x < 67; x++)
            memset(in.raster.px + y * in.raster.stride + 3 * x, 2 * x + 2 * y, 3);
    const double fine = error_of(&in, 95, &n[0], &a);
    const double usual = error_of(&in, 90, &n[1], &a);
    const double coarse = error_of(&in, 10, &n[2], &a);
    CHECK(fine < 1);
    CHECK(usual < 1.2);
    CHECK(coarse > usual);
    CHECK(n[0] > n[2]);
    const struct bf_media flat = picture(0, 67, 45, &a);
    CHECK(error_of(&flat, 90, &n[0], &a) == 0);
    struct bf_media wide = test_raster(65536, 1, NULL, &a);
    struct bf_blob jpeg;
    CHECK_INT(bf_jpeg_encode(&wide.raster, 90, &jpeg, &a, NULL), BF_EDATA);
    bf_arena_reset(&a);
}

static void pictures_are_presented_as_encode_says(void)
{
    static const char *const jpeg[] = { "encode", "jpeg", "quality", "50", "side", "20", NULL };
    const struct bf_modality *m = bf_modality_of(BF_RASTER);
    struct bf_arena a = { 0 };
    const struct bf_media in = picture(3, 60, 30, &a);
    struct bf_shown shown;
    struct bf_raster out;
    CHECK_INT(m->present(test_options(&m->op, NULL, &a), &in, &shown, &a, NULL), BF_OK);
    CHECK_STR(shown.blobs[0].mime, "image/png");
    CHECK_INT(m->present(test_options(&m->op, jpeg, &a), &in, &shown, &a, NULL), BF_OK);
    CHECK_INT(shown.n_blobs, 1);
    CHECK_STR(shown.blobs[0].mime, "image/jpeg");
    CHECK_INT(bf_stb_decode(shown.blobs[0].bytes, shown.blobs[0].n, &bf_default_limits, &out, &a,
                            NULL),
              BF_OK);
    CHECK_INT(out.w, 20);
    CHECK_INT(out.h, 10);
    bf_arena_reset(&a);
}

/* Memory runs out wherever it may. */
static void out_of_memory_is_reported(void)
{
    struct bf_arena a = { 0 };
    const struct bf_media in = picture(3, 60, 30, &a);
    int failed = 0, rc = BF_ENOMEM;
    for (size_t limit = 64; rc != BF_OK && limit < 1 << 22; limit = limit * 3 / 2) {
        struct bf_arena small = { .limit = limit };
        struct bf_blob png, jpeg;
        rc = bf_png_encode(&in.raster, &png, &small, NULL);
        rc = rc == BF_OK ? bf_jpeg_encode(&in.raster, 90, &jpeg, &small, NULL) : rc;
        CHECK(rc == BF_OK || rc == BF_ENOMEM);
        failed += rc != BF_OK;
        bf_arena_reset(&small);
    }
    CHECK_INT(rc, BF_OK);
    CHECK(failed > 5);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(png_keeps_every_pixel), TEST(png_makes_use_of_what_repeats),
          TEST(jpeg_is_as_good_as_its_quality), TEST(pictures_are_presented_as_encode_says),
          TEST(out_of_memory_is_reported))
