/* Archives and other files that hold several arrays: what is read, and hostile ones. What NumPy,
 * SciPy and h5py write is compared in tests/media. */
#include <math.h>

#include <zlib.h>

#include "core/rng.h"
#include "tests/media.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_tactile;

static struct bf_err err;
static struct bf_media_info info;

static int read_bytes(const char *const *pairs, const void *bytes, size_t n, struct bf_trace *t,
                      struct bf_arena *a)
{
    struct bf_media m = { 0 };
    const int rc = test_decode(&bf_modality_tactile, pairs, bytes, n, &m, &info, a, &err);
    *t = m.trace;
    return rc;
}

static uint8_t *put(uint8_t *p, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        *p++ = (uint8_t)(v >> 8 * i);
    return p;
}

/* An NPZ with one array "x" of doubles [2][2], 1 2 3 4, stored; `claimed` is what its directory
 * says of its bytes, `method` how it says they are packed. */
static size_t make_npz(uint8_t *out, uint64_t claimed, int method)
{
    uint8_t npy[128 + 32];
    static const char head[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }";
    static const double v[4] = { 1, 2, 3, 4 };
    memset(npy, ' ', sizeof npy);
    memcpy(npy, "\x93NUMPY\1\0", 8);
    put(npy + 8, 118, 2);
    memcpy(npy + 10, head, sizeof head - 1);
    npy[127] = '\n';
    memcpy(npy + 128, v, sizeof v);
    const uint64_t n = claimed ? claimed : sizeof npy;
    const uint32_t crc = (uint32_t)crc32(0, npy, sizeof npy);
    uint8_t *p = out;
    memset(p, 0, 30);
    memcpy(p, "PK\3\4", 4);
    put(p + 26, 5, 2);
    memcpy(p + 30, "x.npy", 5);
    memcpy(p + 35, npy, sizeof npy);
    p += 35 + sizeof npy;
    uint8_t *central = p;
    memset(p, 0, 46);
    memcpy(p, "PK\1\2", 4);
    put(p + 10, (uint64_t)method, 2);
    put(p + 16, crc, 4);
    put(p + 20, sizeof npy, 4);
    put(p + 24, n, 4);
    put(p + 28, 5, 2);
    memcpy(p + 46, "x.npy", 5);
    p += 51;
    memset(p, 0, 22);
    memcpy(p, "PK\5\6", 4);
    put(p + 10, 1, 2);
    put(p + 16, (uint64_t)(central - out), 4);
    return (size_t)(p + 22 - out);
}

static void archives_are_read_and_doubted(void)
{
    struct bf_arena a = { 0 };
    struct bf_trace t;
    uint8_t npz[512];
    size_t n = make_npz(npz, 0, 0);
    CHECK_INT(read_bytes(NULL, npz, n, &t, &a), BF_OK);
    CHECK(t.n_ch == 2 && t.n == 2 && t.v[0] == 1 && t.v[1] == 3 && t.v[2] == 2 && t.v[3] == 4);
    CHECK_STR(info.format, "npz");
    static const char *const named[] = { "array", "y", NULL };
    CHECK_INT(read_bytes(named, npz, n, &t, &a), BF_EDATA);
    CHECK_STR(err.msg, "the file holds no array of numbers called 'y'");
    npz[35 + 130] ^= 1;
    CHECK_INT(read_bytes(NULL, npz, n, &t, &a), BF_EDATA);
    CHECK(strstr(err.msg, "checksum") != NULL);
    n = make_npz(npz, 1u << 30, 0);
    CHECK_INT(read_bytes(NULL, npz, n, &t, &a), BF_EDATA);
    CHECK(strstr(err.msg, "cannot have 1073741824 bytes") != NULL);
    n = make_npz(npz, 1u << 30, 8); /* deflating never makes 160 bytes of so many */
    CHECK_INT(read_bytes(NULL, npz, n, &t, &a), BF_EDATA);
    CHECK(strstr(err.msg, "cannot have 1073741824 bytes") != NULL);
    n = make_npz(npz, 0, 12);
    CHECK_INT(read_bytes(NULL, npz, n, &t, &a), BF_EDATA);
    CHECK(strstr(err.msg, "allowed: stored or deflated") != NULL);
    bf_arena_reset(&a);
}

/* A MAT file with "x", doubles [2][1], and "fs" = 40; `type` of the values. */
static size_t make_mat(uint8_t *out, uint32_t type, uint32_t claimed)
{
    memset(out, ' ', 124);
    memcpy(out, "MATLAB 5.0 MAT-file", 19);
    memcpy(out + 124, "\0\1IM", 4);
    uint8_t *p = out + 128;
    static const double v[2][2] = { { -1.5, 7 }, { 40, 0 } };
    for (int i = 0; i < 2; i++) {
        const uint32_t rows = i ? 1 : 2;
        const uint32_t n_data = 8 * rows;
        p = put(p, 14, 4);
        p = put(p, 16 + 16 + 8 + 8 + n_data, 4);
        p = put(put(put(put(p, 6, 4), 8, 4), 6, 4), 0, 4);    /* double */
        p = put(put(put(put(p, 5, 4), 8, 4), rows, 4), 1, 4); /* dimensions */
        p = put(put(p, (i ? 2u : 1u) << 16 | 1, 4), i ? 0x7366 : 'x', 4);
        p = put(put(p, type, 4), claimed ? claimed : n_data, 4);
        memcpy(p, v[i], n_data);
        p += n_data;
    }
    return (size_t)(p - out);
}

static void mat_files_are_read_and_doubted(void)
{
    struct bf_arena a = { 0 };
    struct bf_trace t;
    uint8_t mat[512];
    size_t n = make_mat(mat, 9, 0);
    CHECK_INT(read_bytes(NULL, mat, n, &t, &a), BF_OK);
    CHECK(t.n_ch == 1 && t.n == 2 && t.v[0] == -1.5f && t.v[1] == 7 && t.rate_hz == 40);
    n = make_mat(mat, 99, 0);
    CHECK_INT(read_bytes(NULL, mat, n, &t, &a), BF_EDATA);
    CHECK_STR(err.msg, "the variable 'x' is damaged");
    n = make_mat(mat, 9, 8);
    CHECK_INT(read_bytes(NULL, mat, n, &t, &a), BF_EDATA);
    CHECK_STR(err.msg, "the variable 'x' ends early");
    n = make_mat(mat, 9, 0);
    CHECK_INT(read_bytes(NULL, mat, n - 9, &t, &a), BF_EDATA);
    CHECK_STR(err.msg, "the file ends early, within a variable");
    bf_arena_reset(&a);
}

static void json_is_read_in_every_shape(void)
{
    static const struct {
        const char *text;
        int n_ch;
        size_t n;
        float v[4];
        double rate_hz;
    } good[] = {
        { "[1, 2.5, null]", 1, 3, { 1, 2.5f }, 100 },
        { "[[1,2],[3,4]]", 2, 2, { 1, 3, 2, 4 }, 100 },
        { "{\"rate\": 7, \"data\": [[1,2],[3,4]]}", 2, 2, { 1, 3, 2, 4 }, 7 },
        { "{\"a\": [1,3], \"b\": [2,4], \"t\": [0,0.5]}", 2, 2, { 1, 3, 2, 4 }, 2 },
        { "[{\"t\":0,\"a\":1,\"b\":2},{\"t\":1,\"b\":4,\"a\":3}]", 2, 2, { 1, 3, 2, 4 }, 1 },
        { " {\"run\": {\"fs\": 9, \"x\": [1,3], \"note\": \"-\"}}", 1, 2, { 1, 3 }, 9 },
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct bf_arena a = { 0 };
        struct bf_trace t;
        const int rc = read_bytes(NULL, good[i].text, strlen(good[i].text), &t, &a);
        if (rc != BF_OK)
            printf("# %s: %s\n", good[i].text, err.msg);
        CHECK_INT(rc, BF_OK);
        CHECK(rc == BF_OK && t.n_ch == good[i].n_ch && t.n == good[i].n &&
              t.rate_hz == good[i].rate_hz);
        for (size_t k = 0; rc == BF_OK && k < 4 && k < t.n * (size_t)t.n_ch; k++)
            CHECK(t.v[k] == good[i].v[k] || isnan(t.v[k]));
        bf_arena_reset(&a);
    }
    static const char *const bad[][2] = {
        { "{}", "the file holds no array of numbers" },
        { "[]", "the file holds no array of numbers" },
        { "[1, true]", "item 2 of a list is true or false, not a number" },
        { "[[1,2],[3]]", "row 2 has 1 values, the first 2" },
        { "[[1,2],[3,\"x\"]]", "row 2: value 2 is a string, not a number" },
        { "[{\"a\":1},{\"a\":\"x\"}]", "row 2: 'a' is not a number" },
        { "{\"a\": [[1,2]], \"b\": [[1,2]]}",
          "2 of its arrays are as large as 'a'; the option 'array' names one" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct bf_arena a = { 0 };
        struct bf_trace t;
        CHECK_INT(read_bytes(NULL, bad[i][0], strlen(bad[i][0]), &t, &a), BF_EDATA);
        CHECK_STR(err.msg, bad[i][1]);
        bf_arena_reset(&a);
    }
}

/* Any byte wrong, any end missing: read or refused, never out of bounds. */
static void nothing_breaks_the_readers(void)
{
    uint8_t file[2][512], broken[512];
    const size_t n[2] = { make_npz(file[0], 0, 0), make_mat(file[1], 9, 0) };
    struct bf_rng r = { 4 };
    for (int i = 0; i < 4000; i++) {
        struct bf_arena a = { .limit = 1 << 28 };
        struct bf_trace t;
        const size_t k = (size_t)i % 2;
        memcpy(broken, file[k], n[k]);
        for (int b = 0; b < 3; b++)
            broken[(size_t)(bf_rng_unit(&r) * (double)n[k])] = (uint8_t)(bf_rng_unit(&r) * 256);
        const size_t end = i % 3 ? n[k] : (size_t)(bf_rng_unit(&r) * (double)n[k]) + 1;
        const int rc = read_bytes(NULL, broken, end, &t, &a);
        CHECK(rc == BF_OK || rc == BF_EDATA || rc == BF_ENOMEM);
        bf_arena_reset(&a);
    }
}

static void hdf5_that_is_none_is_refused(void)
{
    struct bf_arena a = { 0 };
    struct bf_trace t;
    uint8_t bytes[600] = "\x89HDF\r\n\x1a\n";
    CHECK_INT(read_bytes(NULL, bytes, sizeof bytes, &t, &a), BF_EDATA);
#ifdef BF_HAVE_HDF5
    CHECK_STR(err.msg, "the HDF5 file is damaged, or ends early");
#else
    CHECK(strstr(err.msg, "without libhdf5") != NULL);
#endif
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(archives_are_read_and_doubted), TEST(mat_files_are_read_and_doubted),
          TEST(json_is_read_in_every_shape), TEST(nothing_breaks_the_readers),
          TEST(hdf5_that_is_none_is_refused))
