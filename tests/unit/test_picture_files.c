/* Picture files of every format: the pixels that are read, what is told of damage, what a model is
 * sent of them. */
#include <math.h>
#include <sys/resource.h>
#include <time.h>

#include "modalities/readers/icc.h"
#include "modalities/readers/picture.h"
#include "tests/media.h"
#include "tests/pictures.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_image;

static struct bf_err err;

/* What the pictures show in their quarters. */
static const uint8_t quarters[4][3] = {
    { 200, 30, 40 }, { 30, 180, 60 }, { 40, 50, 190 }, { 128, 128, 128 }
};

static int distance(const uint8_t *p, int r, int g, int b)
{
    return abs(p[0] - r) > abs(p[1] - g) || abs(p[0] - r) > abs(p[2] - b) ? abs(p[0] - r)
           : abs(p[1] - g) > abs(p[2] - b)                                ? abs(p[1] - g)
                                                                          : abs(p[2] - b);
}

static const uint8_t *at(const struct bf_raster *r, int x, int y)
{
    return r->px + y * r->stride + 3 * x;
}

/* The pixel in the middle of quarter `i`. */
static const uint8_t *middle(const struct bf_raster *r, int i)
{
    return at(r, (1 + i % 2 * 2) * r->w / 4, (1 + i / 2 * 2) * r->h / 4);
}

static void check_quarters(const struct bf_raster *r, int most)
{
    CHECK_INT(r->w, 40);
    CHECK_INT(r->h, 24);
    for (int i = 0; i < 4; i++)
        CHECK(distance(middle(r, i), quarters[i][0], quarters[i][1], quarters[i][2]) <= most);
}

static const struct test_picture *find(const char *name)
{
    for (size_t i = 0; i < sizeof test_pictures / sizeof *test_pictures; i++)
        if (strcmp(test_pictures[i].name, name) == 0)
            return &test_pictures[i];
    abort();
}

static int read_as(const char *name, int enough, struct bf_raster *r, struct bf_media_info *info,
                   struct bf_arena *a)
{
    const struct test_picture *p = find(name);
    struct bf_limits limits = bf_default_limits;
    struct bf_media m;
    limits.enough = enough;
    int fd = test_fd(p->bytes, p->n);
    const int rc = bf_modality_image.decode(test_options(&bf_modality_image.op, NULL, a), fd,
                                            &limits, &m, info, a, &err);
    close(fd);
    if (rc == BF_OK)
        *r = m.raster;
    return rc;
}

static void every_format_shows_the_same(void)
{
    static const char *const names[] = {
        "plain_jpeg",
        "lying_jpeg",
        "wordy_jpeg",
        "progressive_jpeg",
        "wordy_png",
        "moving_png",
        "plain_tiff",
        "plain_bmp",
        "plain_gif",
        "plain_webp",
        "wordy_webp",
#if defined BF_HAVE_TIFF && defined BF_HAVE_TURBOJPEG
        "jpeg_tiff",
#endif
#ifdef BF_HAVE_WEBPDEMUX
        "moving_webp",
#endif
#ifdef BF_HAVE_HEIF
        "plain_avif",
#endif
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct bf_arena a = { 0 };
        struct bf_raster r = { 0 };
        struct bf_media_info info;
        CHECK_INT(read_as(names[i], 0, &r, &info, &a), BF_OK);
        check_quarters(&r, strstr(names[i], "avif") ? 6 : strstr(names[i], "webp") ? 8 : 3);
        CHECK_INT(info.damaged, 0);
        CHECK_STR(info.warning, "");
        bf_arena_reset(&a);
    }
}

static void the_reader_is_named(void)
{
    static const char *const readers[][3] = {
        { "plain_gif", "stb_image", "gif" },       { "plain_bmp", "bmp", "bmp" },
#ifdef BF_HAVE_TURBOJPEG
        { "plain_jpeg", "libjpeg-turbo", "jpeg" },
#else
        { "plain_jpeg", "stb_image", "jpeg" },
#endif
#ifdef BF_HAVE_SPNG
        { "clear_png", "libspng", "png" },
#else
        { "clear_png", "stb_image", "png" },
#endif
#ifdef BF_HAVE_WEBP
        { "plain_webp", "libwebp", "webp" },
#else
        { "plain_webp", "ffmpeg", "webp" },
#endif
#ifdef BF_HAVE_TIFF
        { "plain_tiff", "libtiff", "tiff" },
#else
        { "plain_tiff", "ffmpeg", "tiff" },
#endif
    };
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct bf_arena a = { 0 };
        struct bf_raster r;
        struct bf_media_info info;
        CHECK_INT(read_as(readers[i][0], 0, &r, &info, &a), BF_OK);
        CHECK_STR(info.decoder, readers[i][1]);
        CHECK_STR(info.format, readers[i][2]);
        bf_arena_reset(&a);
    }
}

/* Pillow 13 makes these of the red quarter: 255 - C times 255 - K for want of a profile, Little CMS
 * with ImageCms.profileToProfile. In the swapped profile red is what sRGB calls green. */
static void inks_and_profiles_become_srgb(void)
{
    static const struct {
        const char *name;
        int x, y; /* the quarter */
        int r, g, b, most;
    } want[] = {
        { "inks_jpeg", 0, 0, 200, 30, 40, 3 },
#ifdef BF_HAVE_LCMS
        { "profile_png", 0, 0, 40, 210, 53, 2 },         { "profile_jpeg", 0, 0, 40, 210, 52, 3 },
        { "profile_webp", 0, 0, 40, 210, 53, 2 },        { "profile_tiff", 0, 0, 40, 210, 53, 2 },
        { "gray_profile_jpeg", 1, 1, 188, 188, 188, 2 },
#endif
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct bf_arena a = { 0 };
        struct bf_raster r = { 0 };
        struct bf_media_info info;
        CHECK_INT(read_as(want[i].name, 0, &r, &info, &a), BF_OK);
        const uint8_t *p = at(&r, 10 + 20 * want[i].x, 6 + 12 * want[i].y);
        printf("# %s: %d %d %d\n", want[i].name, p[0], p[1], p[2]);
        CHECK(distance(p, want[i].r, want[i].g, want[i].b) <= want[i].most);
        CHECK_STR(info.warning, "");
        bf_arena_reset(&a);
    }
}

static void a_broken_profile_is_left_alone(void)
{
    struct bf_arena a = { 0 };
    struct bf_raster r = { 0 };
    struct bf_media_info info;
    CHECK_INT(read_as("broken_profile_jpeg", 0, &r, &info, &a), BF_OK);
    check_quarters(&r, 3);
    CHECK_INT(info.damaged, 0);
#ifdef BF_HAVE_LCMS
    CHECK_STR(info.warning, "its colour profile is broken, and was not applied");
#else
    CHECK_STR(info.warning, "its colour profile was not applied, for want of Little CMS");
#endif
    bf_arena_reset(&a);
}

static void srgb_is_known_without_applying_it(void)
{
    static const char *const formats[][2] = { { "wordy_jpeg", "jpeg" },  { "wordy_png", "png" },
                                              { "wordy_webp", "webp" },  { "profile_jpeg", "jpeg" },
                                              { "profile_png", "png" },  { "profile_webp", "webp" },
                                              { "profile_tiff", "tiff" } };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct bf_arena a = { 0 };
        const struct test_picture *p = find(formats[i][0]);
        const uint8_t *profile;
        size_t n;
        CHECK_INT(bf_icc_find(p->bytes, p->n, formats[i][1], &profile, &n, &a, &err), BF_OK);
        CHECK(n > 128);
        CHECK_INT(bf_icc_is_srgb(profile, n), i < 3);
        for (size_t cut = 0; cut < n; cut++) { /* nothing outside is read (sanitizers) */
            uint8_t *copy = malloc(cut ? cut : 1);
            memcpy(copy, profile, cut);
            (void)bf_icc_is_srgb(copy, cut);
            free(copy);
        }
        bf_arena_reset(&a);
    }
}

/* What is seen through lies on white; 16 bits keep their upper 8, as Pillow has it. */
static void transparency_and_depth(void)
{
    static const char *const clear[] = { "clear_png", "clear_webp" };
    static const char *const deep[] = { "deep_png", "deep_tiff" };
    static const uint8_t levels[4] = { 0, 0x80, 0x81, 0xff };
    for (int i = 0; i < 2; i++) {
        struct bf_arena a = { 0 };
        struct bf_raster r = { 0 };
        struct bf_media_info info;
        CHECK_INT(read_as(clear[i], 0, &r, &info, &a), BF_OK);
        CHECK_INT(distance(middle(&r, 0), 255, 255, 255), 0);
        CHECK_INT(distance(middle(&r, 1), 30, 180, 60), 0);
        CHECK_INT(read_as(deep[i], 0, &r, &info, &a), BF_OK);
        for (int k = 0; k < 4; k++)
            CHECK(distance(at(&r, k % 2, k / 2), levels[k], levels[k], levels[k]) <= 1);
        bf_arena_reset(&a);
    }
}

static void readings_take_less_where_it_is_enough(void)
{
    struct bf_arena a = { 0 };
    struct bf_raster r = { 0 };
    struct bf_media_info info;
    CHECK_INT(read_as("lying_jpeg", 5, &r, &info, &a), BF_OK);
    CHECK_INT(info.w, 40);
    CHECK_INT(info.h, 24);
    CHECK(r.w >= 5 && r.h >= 5);
#ifdef BF_HAVE_TURBOJPEG
    CHECK_INT(r.w, 10); /* a quarter; an eighth would be 5 x 3 */
    CHECK_INT(r.h, 6);
#endif
    for (int i = 0; i < 4; i++)
        CHECK(distance(middle(&r, i), quarters[i][0], quarters[i][1], quarters[i][2]) <= 3);
    CHECK_INT(read_as("wordy_webp", 8, &r, &info, &a), BF_OK);
    CHECK_INT(info.w, 40);
    CHECK(r.w >= 8 && r.h >= 8);
#ifdef BF_HAVE_WEBP
    CHECK_INT(r.w, 14); /* a third */
    CHECK_INT(r.h, 8);
#endif
    bf_arena_reset(&a);
}

static bool same(const struct bf_raster *x, const struct bf_raster *y)
{
    return x->w == y->w && x->h == y->h &&
           memcmp(x->px, y->px, 3 * (size_t)x->w * (size_t)x->h) == 0;
}

/* Cut anywhere, a file is refused, or its picture keeps its size and is called damaged unless every
 * pixel of it is there. */
static void what_ends_early_is_damaged_or_refused(void)
{
    for (size_t i = 0; i < sizeof test_pictures / sizeof *test_pictures; i++) {
        const struct test_picture *p = &test_pictures[i];
        struct bf_arena a = { 0 }, b = { 0 };
        struct bf_media m;
        struct bf_raster first;
        struct bf_media_info whole, info;
        int n_shown = 0;
        if (read_as(p->name, 0, &first, &whole, &b) != BF_OK)
            continue; /* this build is without its reader */
        const size_t step = p->n > 200 ? p->n / 97 : 1;
        /* Behind the end marker of JPEG and GIF, and in the other frames, nothing is missed. */
        const size_t tail = strstr(p->name, "moving") ? p->n / 2 : strstr(p->name, "jpeg") ? 12 : 1;
        for (size_t n = 1; n < p->n; n += step) {
            bf_arena_reset(&a);
            const int rc = test_decode(&bf_modality_image, NULL, p->bytes, n, &m, &info, &a, &err);
            CHECK(rc == BF_OK || rc == BF_EDATA);
            if (rc == BF_OK) {
                CHECK(info.w == whole.w && info.h == whole.h);
                CHECK(n + tail >= p->n || info.warning[0]);
                CHECK(info.damaged || same(&m.raster, &first));
                n_shown++;
            }
        }
        if (strcmp(p->name, "plain_bmp") == 0 || strcmp(whole.decoder, "libjpeg-turbo") == 0)
            CHECK(n_shown > 0);
        bf_arena_reset(&a);
        bf_arena_reset(&b);
    }
}

/* Any byte changed: read or refused, and no harm (sanitizers). */
static void changed_bytes_do_no_harm(void)
{
    for (size_t i = 0; i < sizeof test_pictures / sizeof *test_pictures; i++) {
        const struct test_picture *p = &test_pictures[i];
        uint8_t *bytes = malloc(p->n);
        const size_t step = p->n > 100 ? p->n / 71 : 1;
        for (size_t k = 0; k < p->n; k += step) {
            struct bf_arena a = { 0 };
            struct bf_media m;
            struct bf_media_info info;
            struct bf_blob blob;
            memcpy(bytes, p->bytes, p->n);
            bytes[k] ^= (uint8_t)(1 << k % 8 | 0x40);
            const int rc = test_decode(&bf_modality_image, NULL, bytes, p->n, &m, &info, &a, &err);
            if (rc != BF_OK && rc != BF_EDATA)
                printf("# %s %zu rc %d %s\n", p->name, k, rc, err.msg);
            CHECK(rc == BF_OK || rc == BF_EDATA);
            (void)bf_picture_strip(bytes, p->n, 0, &blob, &a, &err); /* any result will do */
            bf_arena_reset(&a);
        }
        free(bytes);
    }
}

static bool holds(const struct bf_blob *b, const char *word)
{
    const size_t n = strlen(word);
    for (size_t i = 0; i + n <= b->n; i++)
        if (memcmp(b->bytes + i, word, n) == 0)
            return true;
    return false;
}

/* What a model is sent with its own bytes has the same pixels and not one word. */
static void own_bytes_are_pixels_alone(void)
{
    static const char *const words[] = { "Elm Street", "Exif",      "Photoshop", "ICC_PROFILE",
                                         "iCCP",       "ICCP",      "tIME",      "acTL",
                                         "fdAT",       "2026:11:21" };
    static const char *const names[][2] = {
        { "plain_jpeg", "image/jpeg" }, { "wordy_jpeg", "image/jpeg" },
        { "gray_jpeg", "image/jpeg" },  { "progressive_jpeg", "image/jpeg" },
        { "wordy_png", "image/png" },   { "moving_png", "image/png" },
        { "plain_webp", "image/webp" }, { "wordy_webp", "image/webp" },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct bf_arena a = { 0 };
        const struct test_picture *p = find(names[i][0]);
        struct bf_blob blob = { 0 };
        struct bf_media m, again;
        struct bf_media_info info;
        CHECK_INT(bf_picture_strip(p->bytes, p->n, 0, &blob, &a, &err), BF_OK);
        CHECK_STR(blob.mime, names[i][1]);
        CHECK(blob.n <= p->n + 18);
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            CHECK(!holds(&blob, words[k]));
        CHECK_INT(test_decode(&bf_modality_image, NULL, p->bytes, p->n, &m, &info, &a, &err),
                  BF_OK);
        CHECK_INT(test_decode(&bf_modality_image, NULL, blob.bytes, blob.n, &again, &info, &a,
                              &err),
                  BF_OK);
        CHECK(same(&m.raster, &again.raster));
        bf_arena_reset(&a);
    }
}

/* Where whoever opens the file might see other pixels, it is not sent. */
static void other_files_are_presented(void)
{
    static const char *const names[] = { "lying_jpeg",   "inks_jpeg",   "gray_profile_jpeg",
                                         "profile_jpeg", "profile_png", "profile_webp",
                                         "clear_png",    "deep_png",    "clear_webp",
                                         "moving_webp",  "plain_tiff",  "plain_gif",
                                         "plain_bmp",    "plain_avif" };
    struct bf_arena a = { 0 };
    struct bf_blob blob;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct test_picture *p = find(names[i]);
        CHECK_INT(bf_picture_strip(p->bytes, p->n, 0, &blob, &a, &err), BF_END);
    }
    const struct test_picture *p = find("plain_jpeg");
    CHECK_INT(bf_picture_strip(p->bytes, p->n, 39, &blob, &a, &err), BF_END);
    CHECK_INT(bf_picture_strip(p->bytes, p->n, 40, &blob, &a, &err), BF_OK);
    CHECK_INT(bf_picture_strip(p->bytes, p->n - 2, 0, &blob, &a, &err), BF_END);
    bf_arena_reset(&a);
}

/* Two bytes wide, so that a zero-filled tail is none. */
static void put16(uint8_t *p, unsigned v, bool big)
{
    p[big] = (uint8_t)v;
    p[!big] = (uint8_t)(v >> 8);
}

/* 40000 x 40000 pixels, where the format can say so: refused on the header, at once. */
static void bombs_are_refused_on_their_header(void)
{
    enum { SIDE = 40000, BYTES = 1 << 20 };
    static uint8_t file[BYTES];
    static const uint8_t png[] = { 0x89, 'P',  'N', 'G', '\r', '\n', 26, '\n', 0,    0,    0,
                                   13,   'I',  'H', 'D', 'R',  0,    0,  0x9c, 0x40, 0,    0,
                                   0x9c, 0x40, 8,   2,   0,    0,    0,  0xde, 0x6e, 0x99, 0x52 };
    static const uint8_t tiff[] = { 'I', 'I', 42, 0, 8,    0,    0,    0, 2, 0, 0, 1, 4,
                                    0,   1,   0,  0, 0,    0x40, 0x9c, 0, 0, 1, 1, 4, 0,
                                    1,   0,   0,  0, 0x40, 0x9c, 0,    0, 0, 0, 0, 0 };
    static const char *const kinds[] = { "png", "gif", "tiff", "webp", "bmp", "pnm", "jpeg" };
    for (int kind = 0; kind < 7; kind++) {
        struct bf_arena a = { 0 };
        struct bf_media m;
        struct bf_media_info info;
        struct rusage before, after;
        size_t n = BYTES;
        memset(file, 0, sizeof file);
        switch (kind) {
        case 0:
            memcpy(file, png, sizeof png);
            memcpy(file + sizeof png + 4, "IDAT\x35\xaf\x06\x1e", 8);
            n = 4096;
            break;
        case 1:
            memcpy(file, "GIF89a", 6);
            put16(file + 6, SIDE, false);
            put16(file + 8, SIDE, false);
            memcpy(file + 13, "\x2c\0\0\0\0\0\0\0\0\0\2\1\1", 13);
            break;
        case 2:
            memcpy(file, tiff, sizeof tiff);
            break;
        case 3: /* the format ends at 16383 a side */
            memcpy(file, "RIFF\xf8\xff\xf\0WEBPVP8X\xa\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0", 30);
            break;
        case 4:
            memcpy(file, "BM", 2);
            file[10] = 54, file[14] = 40, file[28] = 24;
            put16(file + 18, SIDE, false);
            put16(file + 22, SIDE, false);
            break;
        case 5:
            memcpy(file, "P6 40000 40000 255 ", 19);
            break;
        default:
            memcpy(file, "\xff\xd8\xff\xc0\0\x11\x8\x9c\x40\x9c\x40\x3\1\x11\0\2\x11\0\3\x11\0",
                   21);
            memcpy(file + 21, "\xff\xda\0\xc\3\1\0\2\0\3\0\0\x3f\0", 14);
        }
        struct timespec from, to;
        getrusage(RUSAGE_SELF, &before);
        clock_gettime(CLOCK_MONOTONIC, &from);
        CHECK_INT(test_decode(&bf_modality_image, NULL, file, n, &m, &info, &a, &err), BF_EDATA);
        clock_gettime(CLOCK_MONOTONIC, &to);
        getrusage(RUSAGE_SELF, &after);
        const double ms =
            (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
        printf("# %s: %s (%.1f ms, %ld KB more)\n", kinds[kind], err.msg, ms,
               after.ru_maxrss - before.ru_maxrss);
        CHECK(strstr(err.msg, "pixels, limit") != NULL);
        CHECK(ms < 200);
        CHECK(after.ru_maxrss - before.ru_maxrss < 64 << 10);
        bf_arena_reset(&a);
    }
}

/* Not even the file is read: 300 MB of a PNG that would have 1.6 thousand million pixels. */
static void large_bombs_are_not_read(void)
{
    static const uint8_t png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 26,   '\n', 0, 0, 0,   13,
                                   'I',  'H', 'D', 'R', 0,    0,    0x9c, 0x40, 0, 0, 0x9c };
    static const uint8_t more[] = { 0x40, 8,    2, 0, 0, 0,   0xde, 0x6e, 0x99,
                                    0x52, 0x10, 0, 0, 0, 'I', 'D',  'A',  'T' };
    struct bf_arena a = { .limit = 1 << 20 };
    struct bf_media m;
    struct bf_media_info info;
    int fd = test_fd(png, sizeof png);
    CHECK(write(fd, more, sizeof more) == sizeof more);
    CHECK_INT(ftruncate(fd, 300 << 20), 0);
    CHECK_INT(bf_modality_image.decode(test_options(&bf_modality_image.op, NULL, &a), fd,
                                       &bf_default_limits, &m, &info, &a, &err),
              BF_EDATA);
    CHECK(strstr(err.msg, "40000 x 40000 pixels, limit") != NULL);
    close(fd);
    bf_arena_reset(&a);
}

static void memory_that_runs_out_is_reported(void)
{
    static const char *const names[] = { "profile_jpeg", "profile_png", "clear_webp",
                                         "plain_tiff",   "lying_jpeg",  "plain_bmp" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct test_picture *p = find(names[i]);
        int rc = BF_ENOMEM;
        for (size_t limit = 64; rc == BF_ENOMEM && limit < (size_t)1 << 20; limit += limit / 4) {
            struct bf_arena a = { .limit = limit };
            struct bf_raster r;
            struct bf_media_info info;
            rc = bf_picture_read(p->bytes, p->n, &bf_default_limits, &r, &info, &a, &err);
            CHECK(rc == BF_OK || rc == BF_ENOMEM);
            bf_arena_reset(&a);
        }
        CHECK_INT(rc, BF_OK);
    }
}

TEST_MAIN(TEST(every_format_shows_the_same), TEST(the_reader_is_named),
          TEST(inks_and_profiles_become_srgb), TEST(a_broken_profile_is_left_alone),
          TEST(srgb_is_known_without_applying_it), TEST(transparency_and_depth),
          TEST(readings_take_less_where_it_is_enough), TEST(what_ends_early_is_damaged_or_refused),
          TEST(changed_bytes_do_no_harm), TEST(own_bytes_are_pixels_alone),
          TEST(other_files_are_presented), TEST(bombs_are_refused_on_their_header),
          TEST(large_bombs_are_not_read), TEST(memory_that_runs_out_is_reported))
