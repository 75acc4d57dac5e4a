/* Clouds of points: every format gives the same points, points stand where they should, and damaged
 * files are refused. */
#include <math.h>

#include "modalities/cloud.h"
#include "tests/media.h"
#include "tests/operators.h"
#include "tests/test.h"

/* Five points with colours, one of them without a place. */
enum { N = 5, N_THERE = 4 };
static const float places[N][3] = {
    { 1, 2, 3 }, { -1.5f, 0.25f, 8 }, { NAN, 0, 0 }, { 4, -4, 0 }, { 0, 0, -6 }
};
static const uint8_t colors[N][3] = {
    { 255, 0, 0 }, { 0, 255, 0 }, { 9, 9, 9 }, { 1, 2, 3 }, { 200, 100, 50 }
};

struct file {
    const char *name;
    uint8_t bytes[4096];
    size_t n;
};

static void put(struct file *f, const void *bytes, size_t n, bool big)
{
    for (size_t i = 0; i < n; i++) /* this machine has the least byte first, or the test says so */
        f->bytes[f->n++] = ((const uint8_t *)bytes)[big ? n - 1 - i : i];
}

static void say(struct file *f, const char *text)
{
    put(f, text, strlen(text), false);
}

/* x, y, z with `gap` between them, then `extra`, then the colours unless that ends the line. */
static void say_row(struct file *f, const char *gap, const char *extra, int i)
{
    char text[64];
    for (int k = 0; k < 3; k++) {
        (void)snprintf(text, sizeof text, "%g", (double)places[i][k]);
        say(f, isnan(places[i][k]) ? "nan" : text);
        say(f, k < 2 ? gap : extra);
    }
    if (!strchr(extra, '|'))
        for (int k = 0; k < 3; k++) {
            (void)snprintf(text, sizeof text, "%s%d%s", gap, colors[i][k], k < 2 ? "" : "\n");
            say(f, text);
        }
    else
        f->n--; /* the | */
}

/* Faces before the vertices, lists among their properties, a normal nobody asked for. */
static void make_ply(struct file *f, const char *format)
{
    const bool ascii = strcmp(format, "ascii") == 0, big = strcmp(format, "binary_big_endian") == 0;
    const int32_t four = 4, ids[4] = { 0, 1, 2, 3 };
    const uint8_t n_ids = 4;
    say(f, "ply\r\nformat ");
    say(f, format);
    say(f, " 1.0\r\ncomment element vertex 99\r\nelement face 2\r\n"
           "property list uchar int vertex_indices\r\nproperty short flag\r\nelement vertex 5\r\n"
           "property float x\r\nproperty float y\r\nproperty float z\r\nproperty double nx\r\n"
           "property uchar red\r\nproperty uchar green\r\nproperty uchar blue\r\nend_header\r\n");
    for (int i = 0; i < 2; i++) {
        if (ascii) {
            say(f, "4 0 1 2 3 -7\n");
            continue;
        }
        put(f, &n_ids, 1, big);
        for (int k = 0; k < 4; k++)
            put(f, &ids[k], sizeof ids[k], big);
        put(f, &four, 2, big);
    }
    for (int i = 0; i < N; i++) {
        const double normal = 0.5;
        if (ascii)
            say_row(f, " ", " 0.5", i);
        for (int k = 0; k < 3 && !ascii; k++)
            put(f, &places[i][k], sizeof places[i][k], big);
        if (!ascii)
            put(f, &normal, sizeof normal, big);
        for (int k = 0; k < 3 && !ascii; k++)
            put(f, &colors[i][k], 1, big);
    }
}

static void make_pcd(struct file *f, bool ascii)
{
    say(f, "# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\nFIELDS x y z intensity rgb\n"
           "SIZE 4 4 4 2 4\nTYPE F F F U F\nCOUNT 1 1 1 2 1\nWIDTH 5\nHEIGHT 1\n"
           "VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 5\nDATA ");
    say(f, ascii ? "ascii\n" : "binary\n");
    for (int i = 0; i < N; i++) {
        /* Fully opaque, as some write it, a float has the bits of no number. */
        const uint32_t rgb = (ascii ? 0 : 0xff000000u) | (uint32_t)colors[i][0] << 16 |
                             (uint32_t)colors[i][1] << 8 | colors[i][2];
        const uint16_t seven = 7;
        float packed;
        memcpy(&packed, &rgb, sizeof packed);
        char text[64];
        (void)snprintf(text, sizeof text, " %.9g\n", (double)packed);
        if (ascii) {
            say_row(f, " ", " 7 7|", i);
            say(f, text);
            continue;
        }
        for (int k = 0; k < 3; k++)
            put(f, &places[i][k], sizeof places[i][k], false);
        put(f, &seven, sizeof seven, false);
        put(f, &seven, sizeof seven, false);
        put(f, &rgb, sizeof rgb, false);
    }
}

static void make_npy(struct file *f)
{
    char head[129];
    (void)snprintf(head, sizeof head,
                   "\x93NUMPY%c%c%c%c{'descr': '<f4', 'fortran_order': False, 'shape': (5, 6), }",
                   1, 1, 118, 1);
    memcpy(f->bytes, head, 128);
    const uint8_t fixed[] = { 1, 0, 118, 0 };
    memset(f->bytes + strlen(head), ' ', 128 - strlen(head));
    memcpy(f->bytes + 6, fixed, sizeof fixed);
    f->bytes[127] = '\n';
    f->n = 128;
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 3; k++)
            put(f, &places[i][k], sizeof places[i][k], false);
        for (int k = 0; k < 3; k++) {
            const float v = colors[i][k];
            put(f, &v, sizeof v, false);
        }
    }
}

enum { PLY_ASCII, PLY_LITTLE, PLY_BIG, PCD_ASCII, PCD_BINARY, XYZ, CSV, NPY, N_FILES };
static struct file files[N_FILES];

static void make_files(void)
{
    memset(files, 0, sizeof files);
    make_ply(&files[PLY_ASCII], "ascii");
    make_ply(&files[PLY_LITTLE], "binary_little_endian");
    make_ply(&files[PLY_BIG], "binary_big_endian");
    make_pcd(&files[PCD_ASCII], true);
    make_pcd(&files[PCD_BINARY], false);
    say(&files[XYZ], "# a remark\n\n");
    for (int i = 0; i < N; i++)
        say_row(&files[XYZ], "\t ", "", i);
    say(&files[CSV], "\xef\xbb\xbfZ;n;Y;X;Red;Green;Blue\n");
    for (int i = 0; i < N; i++) {
        char row[128], x[3][16];
        for (int k = 0; k < 3; k++)
            (void)snprintf(x[k], sizeof x[k], isnan(places[i][k]) ? "NaN" : "%g",
                           (double)places[i][k]);
        (void)snprintf(row, sizeof row, "%s;-1;%s;%s;%d;%d;%d\n", x[2], x[1], x[0], colors[i][0],
                       colors[i][1], colors[i][2]);
        say(&files[CSV], row);
    }
    make_npy(&files[NPY]);
}

static int read_points(const void *bytes, size_t n, struct bf_points *p, struct bf_arena *a,
                       struct bf_err *err)
{
    struct bf_media_info info = { 0 };
    *p = (struct bf_points){ 0 };
    *err = (struct bf_err){ 0 };
    return bf_points_read(bytes, n, &bf_default_limits, p, &info, a, err);
}

static void every_format_gives_the_same_points(void)
{
    make_files();
    for (int i = 0; i < N_FILES; i++) {
        struct bf_arena a = { 0 };
        struct bf_points p;
        struct bf_err err;
        CHECK_INT(read_points(files[i].bytes, files[i].n, &p, &a, &err), BF_OK);
        if (*err.msg)
            printf("# file %d: %s\n", i, err.msg);
        CHECK_INT((long long)p.n, N_THERE);
        CHECK(p.rgb != NULL);
        for (int k = 0, from = 0; k < N_THERE && p.rgb; k++, from++) {
            from += isnan(places[from][0]) ? 1 : 0;
            for (int c = 0; c < 3; c++) {
                CHECK(fabs(p.xyz[3 * k + c] - (double)places[from][c]) < 1e-9);
                CHECK_INT(p.rgb[3 * k + c], colors[from][c]);
            }
        }
        bf_arena_reset(&a);
    }
}

static void three_more_columns_need_not_be_colours(void)
{
    static const char *const tables[] = { "0 0 0 0.1 0.2 0.9\n1 1 1 0 0 1\n", /* normals */
                                          "0 0 0 -5 200 7\n1 1 1 9 9 9\n", "0,0,0,5,6\n1,1,1,7,8\n",
                                          "x y z\n0 0 0\n1 1 1\n" };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct bf_arena a = { 0 };
        struct bf_points p;
        struct bf_err err;
        CHECK_INT(read_points(tables[i], strlen(tables[i]), &p, &a, &err), BF_OK);
        CHECK_INT((long long)p.n, 2);
        CHECK(p.rgb == NULL && p.xyz[5] > 0.5);
        bf_arena_reset(&a);
    }
}

/* The bright middle of the square of point `i` in a view of 100 px: where it should be. */
static void check_seen(const struct bf_raster *r, double right, double up, uint8_t red, int px)
{
    const int x = (int)floor((right + 1) / 2 * (100 - px) + 0.5) + px / 2;
    const int y = (int)floor((1 - up) / 2 * (100 - px) + 0.5) + px / 2;
    CHECK_INT(r->px[y * r->stride + 3 * x], red);
}

/* Corners of a cube of two units, whose ball has the radius sqrt(3): worked out by hand. */
static void points_stand_where_they_should(void)
{
    static double xyz[] = { -1, -1, -1, 1, 1, 1, 1, -1, 0.5 };
    static uint8_t rgb[] = { 100, 0, 0, 200, 0, 0, 250, 0, 0 };
    const struct bf_points p = { 3, 3, xyz, rgb };
    const double q = 1 / sqrt(3);
    const int px = 9; /* of 1 + 100 / (2 sqrt(3)) = 29 */
    struct bf_arena a = { 0 };
    struct bf_raster r;
    /* From the front the first and the third, at y = -1, are nearest: light 1. */
    CHECK_INT(bf_cloud_view(&p, BF_UP_Z, 0, 0, 100, &r, &a, NULL), BF_OK);
    check_seen(&r, -q, -q, 100, px);
    check_seen(&r, q, 0.5 * q, 250, px);
    check_seen(&r, q, q, 60, px); /* 0.3 of 200 */
    /* From the right: y goes to the right, what has x = 1 is near. */
    CHECK_INT(bf_cloud_view(&p, BF_UP_Z, 90, 0, 100, &r, &a, NULL), BF_OK);
    check_seen(&r, -q, -q, 30, px);
    check_seen(&r, q, q, 200, px);
    check_seen(&r, -q, 0.5 * q, 250, px);
    /* From the top: y goes up. */
    CHECK_INT(bf_cloud_view(&p, BF_UP_Z, 0, 90, 100, &r, &a, NULL), BF_OK);
    check_seen(&r, -q, -q, 30, px);
    check_seen(&r, q, q, 200, px);
    check_seen(&r, q, -q, 206, px); /* z = 0.5: 0.3 + 0.7 * 0.75 = 0.825 of 250, rounded */
    /* y up: from the front z comes nearer. */
    CHECK_INT(bf_cloud_view(&p, BF_UP_Y, 0, 0, 100, &r, &a, NULL), BF_OK);
    check_seen(&r, -q, -q, 30, px);
    check_seen(&r, q, q, 200, px);
    check_seen(&r, q, -q, 206, px);
    bf_arena_reset(&a);
}

static void the_nearest_point_is_seen(void)
{
    static double xyz[] = { 0, -2, 0, 0, 2, 0 };
    static uint8_t rgb[] = { 100, 0, 0, 200, 0, 0 };
    const struct bf_points p = { 2, 2, xyz, rgb };
    struct bf_arena a = { 0 };
    struct bf_raster front, back;
    CHECK_INT(bf_cloud_view(&p, BF_UP_Z, 0, 0, 100, &front, &a, NULL), BF_OK);
    CHECK_INT(bf_cloud_view(&p, BF_UP_Z, 180, 0, 100, &back, &a, NULL), BF_OK);
    check_seen(&front, 0, 0, 100, 9);
    check_seen(&back, 0, 0, 200, 9);
    bf_arena_reset(&a);
}

static void any_cloud_can_be_seen(void)
{
    static double xyz[3 * 100];
    static const double scales[] = { 0, 1e-300, 1, 1e9, 1e308 };
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++)
        for (size_t n = 1; n <= 100; n += 33) {
            struct bf_arena a = { 0 };
            struct bf_raster r, again;
            struct bf_clip c;
            const struct bf_points p = { n, n, xyz, NULL };
            for (size_t i = 0; i < 3 * n; i++)
                xyz[i] = scales[s] * sin((double)(i * i));
            CHECK_INT(bf_cloud_picture(&p, BF_UP_Z, &r, &a, NULL), BF_OK);
            CHECK_INT(bf_cloud_picture(&p, BF_UP_Z, &again, &a, NULL), BF_OK);
            CHECK(test_same_raster(&r, &again));
            CHECK_INT(r.w, 784);
            CHECK_INT(r.h, 824);
            CHECK_INT(bf_cloud_turn(&p, BF_UP_Y, 4, 32, &c, &a, NULL), BF_OK);
            CHECK_INT(bf_cloud_view(&p, BF_UP_Y, 90, 20, 32, &again, &a, NULL), BF_OK);
            CHECK(test_same_raster(&c.frames[1], &again));
            int lit = 0;
            for (int i = 0; i < 32 * 32; i++)
                lit += c.frames[0].px[3 * i] > 0;
            CHECK(lit > 0);
            bf_arena_reset(&a);
        }
}

/* As a picture and as a clip, by content; tables only where the spec says so. */
static void modalities_take_clouds(void)
{
    static const char *const said[] = { "read", "points", NULL };
    make_files();
    for (int i = 0; i < N_FILES; i++)
        for (int c = BF_RASTER; c <= BF_CLIP; c++) {
            struct bf_arena a = { 0 };
            struct bf_media m;
            struct bf_media_info info;
            struct bf_err err = { 0 };
            const struct bf_modality *base = bf_modality_of((enum bf_carrier)c);
            const int alone =
                test_decode(base, NULL, files[i].bytes, files[i].n, &m, &info, &a, &err);
            /* An array is a picture of measured values by itself. */
            CHECK_INT(alone == BF_OK, i <= PCD_BINARY || (i == NPY && c == BF_RASTER));
            CHECK_INT(test_decode(base, said, files[i].bytes, files[i].n, &m, &info, &a, &err),
                      BF_OK);
            CHECK_STR(info.decoder, "points");
            CHECK_INT(info.w, c == BF_RASTER ? 784 : 448);
            CHECK_INT(info.n_frames, c == BF_RASTER ? 0 : 8);
            bf_arena_reset(&a);
        }
}

static void what_is_no_cloud_is_refused(void)
{
    static const char ply[] = "ply\nformat ascii 1.0\n";
    static const struct {
        const char *text, *why;
    } cases[] = {
        { "ply\nformat binary_pdp 1.0\nend_header\n",
          "the ply format is 'binary_pdp'; allowed: ascii, binary_little_endian, "
          "binary_big_endian" },
        { "ply\nelement vertex 1\nend_header\n", "the ply header names no format" },
        { "ply\nformat ascii 1.0\nelement vertex 99999999999\nproperty float x\nproperty float y\n"
          "property float z\nend_header\n1 2 3\n",
          "the ply file ends early: 99999999999 of something in 6 bytes" },
        { "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1\n",
          "the ply file's vertices have no x, y and z" },
        { "ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\n"
          "property float z\nend_header\n1 2 3\n4 5 oh\n",
          "the ply file ends early, or holds no number, in row 2 of 2" },
        { "ply\nformat ascii 1.0\nproperty float x\nend_header\n",
          "the ply header has a property in a wrong place, or over 64" },
        { ply, "the ply file ends in its header" },
        { "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 1\nHEIGHT 1\n"
          "DATA binary_compressed\nxxxx",
          "the pcd data are 'binary_compressed'; allowed: ascii, binary" },
        { "VERSION 0.7\nFIELDS x y\nSIZE 4 4\nTYPE F F\nWIDTH 1\nHEIGHT 1\nDATA ascii\n1 2\n",
          "the pcd file's points have no x, y and z" },
        { "VERSION 0.7\nFIELDS x y z\nSIZE 4 4\nTYPE F F F\nDATA ascii\n",
          "the pcd header has 3 fields, and 2 under SIZE" },
        { "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nPOINTS 1e12\nDATA ascii\n1 2 3\n",
          "the pcd file ends early: 1000000000000 points in 6 bytes" },
        { "VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nPOINTS 1\nDATA ascii\nnan nan nan\n",
          "the cloud holds no point" },
        { "1 2\n3 4\n", "neither PLY, PCD nor NPY, and no table of points: a row has 2 cells; "
                        "allowed: 3 to 64" },
        { "1 2 3\n3 4\n", "line 2: 2 cells, others have 3" },
        { "1 2 3\n3 4 x\n", "line 2: a cell is no number" },
        { "\n#\n", "neither PLY, PCD nor NPY, and no table of points: a row has 0 cells; allowed: "
                   "3 to 64" },
        { "x y z\n", "the cloud holds no point" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bf_arena a = { 0 };
        struct bf_points p;
        struct bf_err err;
        CHECK_INT(read_points(cases[i].text, strlen(cases[i].text), &p, &a, &err), BF_EDATA);
        CHECK_STR(err.msg, cases[i].why);
        bf_arena_reset(&a);
    }
}

/* The names beyond them would not be left out of the rows. */
static void more_fields_than_allowed_are_refused(void)
{
    static struct file f;
    struct bf_arena a = { 0 };
    struct bf_points p;
    struct bf_err err;
    say(&f, "VERSION 0.7\nFIELDS x y z");
    for (int i = 3; i < 65; i++)
        say(&f, " n");
    say(&f, "\nSIZE");
    for (int i = 0; i < 65; i++)
        say(&f, " 4");
    say(&f, "\nTYPE");
    for (int i = 0; i < 65; i++)
        say(&f, " F");
    say(&f, "\nPOINTS 1\nDATA ascii\n");
    for (int i = 0; i < 65; i++)
        say(&f, " 7");
    CHECK_INT(read_points(f.bytes, f.n, &p, &a, &err), BF_EDATA);
    CHECK_STR(err.msg, "the pcd header has over 64 under FIELDS");
    bf_arena_reset(&a);
}

/* Every file cut at every place, and with every byte changed: refused or read, never worse. */
static void damage_is_told(void)
{
    make_files();
    int n_read = 0, n_refused = 0;
    for (int i = 0; i < N_FILES; i++)
        for (size_t at = 0; at < files[i].n; at++)
            for (int kind = 0; kind < 4; kind++) {
                static const uint8_t other[] = { 0, 0xff, '9', '-' };
                struct bf_arena a = { 0 };
                struct bf_points p;
                struct bf_err err;
                const size_t n = kind ? files[i].n : at;
                uint8_t *bytes = malloc(n + 1); /* of its own, so that reading beyond is seen */
                if (!bytes)
                    abort();
                memcpy(bytes, files[i].bytes, n);
                if (kind)
                    bytes[at] = other[kind];
                const int rc = read_points(bytes, n, &p, &a, &err);
                CHECK(rc == BF_OK || (rc == BF_EDATA && *err.msg));
                CHECK(rc != BF_OK || (p.n > 0 && p.n <= p.cap));
                n_read += rc == BF_OK;
                n_refused += rc == BF_EDATA;
                free(bytes);
                bf_arena_reset(&a);
            }
    CHECK(n_read > 1000 && n_refused > 1000);
}

static void out_of_memory_is_reported(void)
{
    make_files();
    for (int i = 0; i < N_FILES; i++) {
        int rc = BF_ENOMEM;
        for (size_t limit = 16; rc == BF_ENOMEM && limit < (size_t)1 << 26; limit *= 2) {
            struct bf_arena a = { .limit = limit };
            struct bf_points p;
            struct bf_raster r;
            struct bf_err err;
            rc = read_points(files[i].bytes, files[i].n, &p, &a, &err);
            if (rc == BF_OK)
                rc = bf_cloud_picture(&p, BF_UP_Z, &r, &a, &err);
            CHECK(rc == BF_OK || rc == BF_ENOMEM);
            bf_arena_reset(&a);
        }
        CHECK_INT(rc, BF_OK);
    }
}

TEST_MAIN(TEST(every_format_gives_the_same_points), TEST(three_more_columns_need_not_be_colours),
          TEST(points_stand_where_they_should), TEST(the_nearest_point_is_seen),
          TEST(any_cloud_can_be_seen), TEST(modalities_take_clouds),
          TEST(what_is_no_cloud_is_refused), TEST(more_fields_than_allowed_are_refused),
          TEST(damage_is_told), TEST(out_of_memory_is_reported))
