/* Pictures: what is read, what is refused and why, which way up, what is seen in them. */
#include "modalities/readers/exif.h"
#include "modalities/readers/marks.h"
#include "modalities/raster.h"
#include "modalities/readers/stb.h"
#include "modalities/writers/png.h"
#include "tests/draw.h"
#include "tests/media.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_image;

static struct bf_raster canvas(struct bf_arena *a, int w, int h, uint32_t rgb)
{
    struct bf_raster r;
    if (bf_raster_new(w, h, &r, a, NULL) != BF_OK)
        abort();
    draw_fill(&r, 0, 0, w, h, rgb);
    return r;
}

static void a_png_reads_back_as_it_was(void)
{
    struct bf_arena a = { 0 };
    struct bf_raster r = canvas(&a, 5, 3, 0x102030);
    struct bf_blob png;
    struct bf_media m;
    struct bf_media_info info;
    struct bf_err err = { 0 };
    draw_fill(&r, 4, 2, 1, 1, 0xff0080);
    CHECK_INT(bf_png_encode(&r, &png, &a, &err), BF_OK);
    CHECK_INT(test_decode(&bf_modality_image, NULL, png.bytes, png.n, &m, &info, &a, &err), BF_OK);
    CHECK_INT(m.raster.w, 5);
    CHECK_INT(m.raster.h, 3);
    CHECK(memcmp(m.raster.px, r.px, 45) == 0);
    CHECK_STR(info.format, "png");
    CHECK(fabs(info.mean[0] - (14 * 16 + 255) / 15.0) < 1e-9);
    bf_arena_reset(&a);
}

/* Whether the reader of PNG can tell how far it came. */
#ifdef BF_HAVE_SPNG
enum { HAS_ROWS = 1 };
#else
enum { HAS_ROWS = 0 };
#endif

static void damage_is_refused_with_its_reason(void)
{
    struct bf_arena a = { 0 };
    struct bf_raster r = canvas(&a, 40, 30, 0x102030);
    struct bf_blob png;
    struct bf_media m;
    struct bf_media_info info;
    struct bf_err err = { 0 };
    CHECK_INT(bf_png_encode(&r, &png, &a, &err), BF_OK);
    uint8_t *bytes = bf_arena_memdup(&a, png.bytes, png.n);

    CHECK_INT(test_decode(&bf_modality_image, NULL, bytes, png.n - 1, &m, &info, &a, &err), BF_OK);
    CHECK_STR(info.warning, HAS_ROWS ? "ends early, after its last pixel"
                                     : "ends early: part of the picture is missing");
    CHECK_INT(info.damaged, !HAS_ROWS);
    CHECK_INT(test_decode(&bf_modality_image, NULL, bytes, 50, &m, &info, &a, &err), BF_EDATA);
    CHECK(strstr(err.msg, " is damaged: ") != NULL);
    bytes[50] ^= 1;
    CHECK_INT(test_decode(&bf_modality_image, NULL, bytes, png.n, &m, &info, &a, &err), BF_EDATA);
    CHECK_STR(err.msg, "the PNG is damaged: wrong checksum in a chunk 'IDAT'");
    CHECK_INT(test_decode(&bf_modality_image, NULL, "", 0, &m, &info, &a, &err), BF_EDATA);
    CHECK_STR(err.msg, "the file is empty");
    CHECK_INT(test_decode(&bf_modality_image, NULL, "hello, world", 12, &m, &info, &a, &err),
              BF_EDATA);
    CHECK(strstr(err.msg, "not a picture") != NULL);
    bf_arena_reset(&a);
}

static void limits_are_checked_on_the_header(void)
{
    struct bf_arena a = { 0 };
    struct bf_raster r = canvas(&a, 40, 30, 0x102030);
    struct bf_blob png;
    struct bf_raster out;
    struct bf_err err = { 0 };
    struct bf_limits limits = bf_default_limits;
    CHECK_INT(bf_png_encode(&r, &png, &a, &err), BF_OK);
    limits.side = 39;
    CHECK_INT(bf_stb_decode(png.bytes, png.n, &limits, &out, &a, &err), BF_EDATA);
    CHECK_STR(err.msg, "the picture is 40 x 30 pixels, limit 39 a side");
    limits.side = 40;
    limits.pixels = 1199;
    CHECK_INT(bf_stb_decode(png.bytes, png.n, &limits, &out, &a, &err), BF_EDATA);
    CHECK_STR(err.msg, "the picture is 40 x 30 pixels, limit 1199 in all");
    limits.pixels = 1200;
    CHECK_INT(bf_stb_decode(png.bytes, png.n, &limits, &out, &a, &err), BF_OK);
    limits.file_bytes = png.n - 1;
    int fd = test_fd(png.bytes, png.n);
    struct bf_media m;
    struct bf_media_info info;
    CHECK_INT(bf_modality_image.decode(test_options(&bf_modality_image.op, NULL, &a), fd, &limits,
                                       &m, &info, &a, &err),
              BF_EDATA);
    CHECK(strstr(err.msg, "bytes, limit") != NULL);
    close(fd);
    bf_arena_reset(&a);
}

/* The skeleton of a JPEG: an APP1 with orientation 6, a frame header, a scan, an end, a tail. */
static const uint8_t jpeg[] = {
    0xff, 0xd8, 0xff, 0xe1, 0,    34,   'E',  'x',  'i',  'f', 0,    0,   'M',  'M',  0, 42,
    0,    0,    0,    8,    0,    1,    0x01, 0x12, 0,    3,   0,    0,   0,    1,    0, 6,
    0,    0,    0,    0,    0,    0,    0xff, 0xc0, 0,    20,  8,    0,   1,    0,    1, 4,
    1,    0x11, 0,    2,    0x11, 0,    3,    0x11, 0,    4,   0x11, 0,   0xff, 0xda, 0, 2,
    0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56, 0xff, 0xd9, 'm', 'o',  'r', 'e',
};

static void jpeg_markers_are_walked(void)
{
    struct bf_marks m;
    struct bf_err err = { 0 };
    CHECK_INT(bf_marks_read(jpeg, sizeof jpeg, &m, &err), BF_OK);
    CHECK_STR(m.format, "jpeg");
    CHECK_INT(m.orientation, 6);
    CHECK_INT(m.n_components, 4);
    CHECK_INT(bf_marks_read(jpeg, sizeof jpeg - 4, &m, &err), BF_OK); /* nothing behind the end */
    CHECK(!m.ends_early);
    /* Cut anywhere, it ends early; and nothing outside is read (sanitizers). */
    for (size_t n = 3; n < sizeof jpeg - 4; n++) {
        uint8_t *cut = malloc(n);
        memcpy(cut, jpeg, n);
        const bool has_scan = n > sizeof jpeg - 14;
        CHECK_INT(bf_marks_read(cut, n, &m, &err), has_scan ? BF_OK : BF_EDATA);
        CHECK(has_scan ? m.ends_early : strstr(err.msg, "the JPEG ends early") != NULL);
        free(cut);
    }
}

static void damaged_exif_means_upright(void)
{
    const uint8_t *tiff = jpeg + 12;
    CHECK_INT(bf_exif_orientation(tiff, 26), 6);
    for (size_t n = 0; n < 22; n++) {
        uint8_t *cut = malloc(n ? n : 1);
        memcpy(cut, tiff, n);
        CHECK_INT(bf_exif_orientation(cut, n), 1);
        free(cut);
    }
    static const uint8_t little[] = { 'I',  'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12,
                                      0x01, 3,   0,  1, 0, 0, 0, 8, 0, 0, 0 };
    uint8_t bad[sizeof little];
    memcpy(bad, little, sizeof bad);
    CHECK_INT(bf_exif_orientation(bad, sizeof bad), 8);
    bad[18] = 9; /* not an orientation */
    CHECK_INT(bf_exif_orientation(bad, sizeof bad), 1);
    memset(bad + 4, 0xff, 4); /* a directory far outside */
    CHECK_INT(bf_exif_orientation(bad, sizeof bad), 1);
}

/* The letter F in 3 x 5 pixels as each orientation stores it; upright it reads the same. Exif 2.32,
 * table 6: which side of the picture the first row and column are. */
static void all_orientations_come_upright(void)
{
    static const char *const stored[9] = {
        NULL,
        "### #.. ##. #.. #..",
        "### ..# .## ..# ..#",
        "..# ..# .## ..# ###",
        "#.. #.. ##. #.. ###",
        "##### #.#.. #....",
        "#.... #.#.. #####",
        "....# ..#.# #####",
        "##### ..#.# ....#",
    };
    for (int o = 1; o <= 8; o++) {
        struct bf_arena a = { 0 };
        const int w = o < 5 ? 3 : 5;
        struct bf_raster r = canvas(&a, w, 8 - w, 0);
        struct bf_raster up;
        for (int y = 0; y < r.h; y++)
            for (int x = 0; x < w; x++)
                if (stored[o][y * (w + 1) + x] == '#')
                    draw_fill(&r, x, y, 1, 1, 0xffffff);
        CHECK_INT(bf_raster_orient(&r, o, &up, &a, NULL), BF_OK);
        CHECK_INT(up.w, 3);
        char text[20] = "";
        for (int y = 0; y < 5; y++) {
            for (int x = 0; x < 3; x++)
                text[4 * y + x] = up.px[y * up.stride + 3 * x] ? '#' : '.';
            text[4 * y + 3] = y < 4 ? ' ' : '\0';
        }
        CHECK_STR(text, "### #.. ##. #.. #..");
        bf_arena_reset(&a);
    }
}

static void a_cut_gif_and_bmp_are_damaged(void)
{
    static const uint8_t px[12 * 10];
    static const int delay[1] = { 10 };
    uint8_t gif[1024];
    const size_t n = draw_gif(gif, 12, 10, 1, px, delay);
    struct bf_arena a = { 0 };
    struct bf_media m;
    struct bf_media_info info;
    struct bf_err err = { 0 };
    CHECK_INT(test_decode(&bf_modality_image, NULL, gif, n, &m, &info, &a, &err), BF_OK);
    CHECK_INT(m.raster.w, 12);
    CHECK_INT(m.raster.px[3], 255);
    CHECK_INT(test_decode(&bf_modality_image, NULL, gif, n - 40, &m, &info, &a, &err), BF_OK);
    CHECK_INT(info.damaged, 1);
    CHECK_STR(info.warning, "ends early: part of the picture is missing");
    CHECK_INT(test_decode(&bf_modality_image, NULL, gif, 20, &m, &info, &a, &err), BF_EDATA);
    CHECK_STR(err.msg, "the GIF ends early: no picture in 20 bytes");

    uint8_t bmp[54 + 8 * 2] = { 'B', 'M', 70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0,  40,
                                0,   0,   0,  2, 0, 0, 0, 2, 0, 0, 0,  1, 0, 24, 0 };
    bmp[54 + 8] = 200; /* rows go from the bottom: this is the upper left, blue first */
    CHECK_INT(test_decode(&bf_modality_image, NULL, bmp, sizeof bmp, &m, &info, &a, &err), BF_OK);
    CHECK_INT(m.raster.px[2], 200);
    CHECK_INT(info.damaged, 0);
    CHECK_INT(test_decode(&bf_modality_image, NULL, bmp, sizeof bmp - 3, &m, &info, &a, &err),
              BF_OK);
    CHECK_INT(info.damaged, 1);
    CHECK_STR(info.warning, "ends early: 1 of 2 rows");
    CHECK_INT(m.raster.px[2], 255); /* the upper row is what is missing */
    CHECK_INT(test_decode(&bf_modality_image, NULL, bmp, 54, &m, &info, &a, &err), BF_EDATA);
    CHECK_STR(err.msg, "the BMP ends early: no pixels in 54 bytes");
    bf_arena_reset(&a);
}

static void a_cut_pnm_is_refused(void)
{
    static const char colour[] = "P6 # two by one\n2 1\n255\nabcdef";
    static const char gray[] = "P5\n2 2 255\nabcd";
    static const char bits[] = "P4 10 1\n\xaa\x40";
    static const char digits[] = "P2\n2 2\n5\n0 2\n# by hand\n3 5\n";
    static const char huge[] = "P6 1000000000 1000000000 65535\nabcdef";
    struct bf_arena a = { 0 };
    struct bf_media m;
    struct bf_media_info info;
    struct bf_err err = { 0 };
    CHECK_INT(test_decode(&bf_modality_image, NULL, colour, sizeof colour - 1, &m, &info, &a, &err),
              BF_OK);
    CHECK_INT(m.raster.px[5], 'f');
    CHECK_INT(test_decode(&bf_modality_image, NULL, colour, sizeof colour - 2, &m, &info, &a, &err),
              BF_EDATA);
    CHECK_STR(err.msg, "the PPM ends early: 5 bytes of levels for 2 x 1");
    CHECK_INT(test_decode(&bf_modality_image, NULL, gray, sizeof gray - 1, &m, &info, &a, &err),
              BF_OK);
    CHECK_INT(m.raster.px[9], 'd');
    CHECK_INT(test_decode(&bf_modality_image, NULL, gray, sizeof gray - 2, &m, &info, &a, &err),
              BF_OK);
    CHECK_INT(info.damaged, 1);
    CHECK_STR(info.warning, "ends early: 1 of 2 rows");
    CHECK_INT(m.raster.px[3], 'b');
    CHECK_INT(m.raster.px[6], 255);
    CHECK_INT(test_decode(&bf_modality_image, NULL, bits, sizeof bits - 1, &m, &info, &a, &err),
              BF_OK);
    CHECK_INT(m.raster.px[0], 0); /* 1 is black */
    CHECK_INT(m.raster.px[3], 255);
    CHECK_INT(m.raster.px[3 * 9], 0);
    CHECK_INT(test_decode(&bf_modality_image, NULL, digits, sizeof digits - 1, &m, &info, &a, &err),
              BF_OK);
    CHECK_INT(info.damaged, 0);
    CHECK_INT(m.raster.px[3], 102); /* 2 of 5 */
    CHECK_INT(test_decode(&bf_modality_image, NULL, huge, sizeof huge - 1, &m, &info, &a, &err),
              BF_EDATA);
    /* Cut anywhere in the header, nothing past the end is read (sanitizers). */
    for (size_t n = 1; n < sizeof colour - 6; n++)
        CHECK_INT(test_decode(&bf_modality_image, NULL, colour, n, &m, &info, &a, &err), BF_EDATA);
    bf_arena_reset(&a);
}

static void features_of(const struct bf_raster *r, struct bf_features *f, uint64_t *hash)
{
    struct bf_arena a = { 0 };
    const struct bf_media m = { .carrier = BF_RASTER, .raster = *r };
    CHECK_INT(bf_modality_image.features(&m, f, &a, NULL), BF_OK);
    *hash = bf_modality_image.fingerprint(&m, &a);
    CHECK_INT(f->n, 214);
    for (int i = 0; i < f->n; i++)
        CHECK(isfinite(f->v[i]) && fabsf(f->v[i]) <= 4);
    bf_arena_reset(&a);
}

/* Places in the vector: see the table above image_features(). */
enum { F_FG_COLORS = 79, F_BLOBS = 159, F_FLATS = 168, F_FILL = 192, F_PLACE = 205 };

static void features_see_colour_number_and_shape(void)
{
    struct bf_arena a = { 0 };
    struct bf_features f;
    uint64_t hash;
    for (int n = 0; n <= 5; n++) {
        struct bf_raster r = canvas(&a, 256, 200, 0xf0f0f0);
        for (int i = 0; i < n; i++)
            draw_disc(&r, 30 + 48 * i, 60 + 60 * (i % 2), 20, 0x1030e0);
        features_of(&r, &f, &hash);
        CHECK(f.v[F_BLOBS + n] == 1);
        CHECK(f.v[F_FLATS + n] == 1);
        if (n > 0) {
            CHECK(f.v[F_FG_COLORS + 8] > 0.8f); /* blue, 240 degrees */
            CHECK(fabsf(f.v[F_FILL] - 0.785f) < 0.08f);
        }
    }
    struct bf_raster r = canvas(&a, 256, 256, 0x000000);
    draw_fill(&r, 190, 190, 40, 40, 0xff0000);
    features_of(&r, &f, &hash);
    CHECK(f.v[F_FG_COLORS] > 0.9f);
    CHECK(f.v[F_FILL] > 0.95f);
    CHECK(f.v[F_PLACE + 8] == 1); /* lower right */
    /* A frame of one pixel in padded rows, and a flat one, are no special case. */
    struct bf_raster dot = canvas(&a, 1, 1, 0x808080);
    features_of(&dot, &f, &hash);
    CHECK(f.v[F_BLOBS] == 1);
    bf_arena_reset(&a);
}

static int bits_between(uint64_t x, uint64_t y)
{
    int n = 0;
    for (uint64_t d = x ^ y; d; d &= d - 1)
        n++;
    return n;
}

static void fingerprints_are_near_for_what_looks_alike(void)
{
    struct bf_arena a = { 0 };
    struct bf_features f;
    uint64_t hash[3];
    struct bf_raster r = canvas(&a, 300, 200, 0x405060);
    draw_disc(&r, 80, 70, 50, 0xe0d020);
    draw_fill(&r, 180, 60, 80, 120, 0x20a040);
    features_of(&r, &f, &hash[0]);
    struct bf_raster small;
    CHECK_INT(bf_raster_resize(&r, 150, 100, &small, &a, NULL), BF_OK);
    draw_fill(&small, 3, 3, 2, 2, 0x000000);
    features_of(&small, &f, &hash[1]);
    struct bf_raster other = canvas(&a, 300, 200, 0x405060);
    draw_disc(&other, 220, 140, 50, 0xe0d020);
    draw_fill(&other, 20, 10, 150, 30, 0xffffff);
    features_of(&other, &f, &hash[2]);
    CHECK(bits_between(hash[0], hash[1]) <= 6);
    CHECK(bits_between(hash[0], hash[2]) >= 16);
    bf_arena_reset(&a);
}

static void shown_pictures_keep_to_a_side(void)
{
    struct bf_arena a = { 0 };
    const struct bf_media m = { .carrier = BF_RASTER, .raster = canvas(&a, 2048, 100, 0xff) };
    static const char *const sides[] = { "0", "1024" };
    for (int i = 0; i < 2; i++) {
        struct bf_shown shown;
        struct bf_raster r;
        const char *pairs[] = { "side", sides[i], NULL };
        const void *priv = test_options(&bf_modality_image.op, pairs, &a);
        CHECK_INT(bf_modality_image.present(priv, &m, &shown, &a, NULL), BF_OK);
        CHECK_INT(shown.n_blobs, 1);
        CHECK_STR(shown.blobs[0].mime, "image/png");
        CHECK_INT(bf_stb_decode(shown.blobs[0].bytes, shown.blobs[0].n, &bf_default_limits, &r, &a,
                                NULL),
                  BF_OK);
        CHECK_INT(r.w, i ? 1024 : 2048);
        CHECK_INT(r.h, i ? 50 : 100);
    }
    bf_arena_reset(&a);
}

static void out_of_memory_is_reported(void)
{
    struct bf_arena b = { 0 };
    struct bf_raster r = canvas(&b, 64, 64, 0x102030);
    struct bf_blob png;
    const void *priv = test_options(&bf_modality_image.op, NULL, &b);
    CHECK_INT(bf_png_encode(&r, &png, &b, NULL), BF_OK);
    int fd = test_fd(png.bytes, png.n);
    int rc = BF_ENOMEM;
    for (size_t limit = 16; rc == BF_ENOMEM && limit < (size_t)1 << 20; limit *= 2) {
        struct bf_arena a = { .limit = limit };
        struct bf_media m;
        struct bf_media_info info;
        struct bf_features f;
        struct bf_shown shown;
        rc = bf_modality_image.decode(priv, fd, &bf_default_limits, &m, &info, &a, NULL);
        if (rc == BF_OK)
            rc = bf_modality_image.features(&m, &f, &a, NULL);
        if (rc == BF_OK)
            rc = bf_modality_image.present(priv, &m, &shown, &a, NULL);
        CHECK(rc == BF_OK || rc == BF_ENOMEM);
        bf_arena_reset(&a);
    }
    CHECK_INT(rc, BF_OK);
    close(fd);
    bf_arena_reset(&b);
}

TEST_MAIN(TEST(a_png_reads_back_as_it_was), TEST(damage_is_refused_with_its_reason),
          TEST(limits_are_checked_on_the_header), TEST(jpeg_markers_are_walked),
          TEST(damaged_exif_means_upright), TEST(all_orientations_come_upright),
          TEST(a_cut_gif_and_bmp_are_damaged), TEST(a_cut_pnm_is_refused),
          TEST(features_see_colour_number_and_shape),
          TEST(fingerprints_are_near_for_what_looks_alike), TEST(shown_pictures_keep_to_a_side),
          TEST(out_of_memory_is_reported))
