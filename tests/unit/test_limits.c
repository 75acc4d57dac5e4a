/* Small files that claim to be huge: each limit refuses them on what the header says, before time
 * or memory is spent. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <zlib.h>

#include "core/buf.h"
#include "core/sanitized.h"
#include "tests/media.h"
#include "tests/test.h"

static const double max_seconds = 0.2; /* of processor time */
static const long max_kb = 64 * 1024;  /* of growth */

/* What a decoder did with one file, in a process of its own. */
struct outcome {
    int code;
    double seconds;
    long kb;
    char reason[1200];
};

static double cpu_seconds(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           1e-6 * (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec);
}

static void decode(const struct bf_modality *m, const char *const *options,
                   const struct bf_limits *limits, int fd, struct outcome *out)
{
    struct bf_arena a = { .limit = (size_t)3 << 30 };
    const void *priv = test_options(&m->op, options, &a);
    struct bf_media media;
    struct bf_media_info info = { 0 };
    struct bf_err err = { 0 };
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    out->code = m->decode(priv, fd, limits, &media, &info, &a, &err);
    getrusage(RUSAGE_SELF, &after);
    out->seconds = cpu_seconds(&after) - cpu_seconds(&before);
    out->kb = after.ru_maxrss - before.ru_maxrss;
    snprintf(out->reason, sizeof out->reason, "%s%s", err.msg, info.warning);
}

/* The bytes in `b`, followed by a hole up to `size`, under `limits` (NULL: those of a run). */
static struct outcome try_bytes(enum bf_carrier carrier, const char *const *options,
                                const struct bf_limits *limits, const struct bf_buf *b,
                                int64_t size)
{
    struct outcome o = { .code = 1, .reason = "it died" };
    int ends[2];
    const int fd = test_fd(b->data, b->len);
    if (b->failed || pipe(ends) != 0 || (size && ftruncate(fd, size) != 0))
        abort();
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        decode(bf_modality_of(carrier), options, limits ? limits : &bf_default_limits, fd, &o);
        _exit(write(ends[1], &o, sizeof o) != sizeof o);
    }
    close(ends[1]);
    if (child < 0 || read(ends[0], &o, sizeof o) != sizeof o)
        o = (struct outcome){ .code = 1, .reason = "it died" };
    close(ends[0]);
    close(fd);
    (void)waitpid(child, NULL, 0);
    return o;
}

/* Refused with a reason that has these words, in no time and in no room. Frees `b`. */
static void check_refused(enum bf_carrier carrier, struct bf_buf *b, int64_t size,
                          const char *words)
{
    const struct outcome o = try_bytes(carrier, NULL, NULL, b, size);
    if (o.code != BF_EDATA || !strstr(o.reason, words)) {
        printf("# code %d, '%s'; wanted: '%s'\n", o.code, o.reason, words);
        test_failed = 1;
    }
    if (!BF_SANITIZED && (o.seconds > max_seconds || o.kb > max_kb)) {
        printf("# '%s': %.3f s, %ld kB\n", words, o.seconds, o.kb);
        test_failed = 1;
    }
    bf_buf_done(b);
}

static void put(struct bf_buf *b, const char *bytes, size_t n)
{
    bf_buf_add(b, bytes, n);
}

static void put_le(struct bf_buf *b, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        bf_buf_char(b, (char)(i < 8 ? v >> 8 * i : 0));
}

static void put_be(struct bf_buf *b, uint64_t v, int n)
{
    for (int i = n - 1; i >= 0; i--)
        bf_buf_char(b, (char)(i < 8 ? v >> 8 * i : 0));
}

/* `head` [n_head] and `n_zeros` zeros, deflated. */
static void put_deflated(struct bf_buf *b, const char *head, size_t n_head, size_t n_zeros,
                         int window)
{
    static uint8_t in[1 << 16], out[1 << 16];
    z_stream z = { .next_in = (Bytef *)(uintptr_t)head, .avail_in = (uInt)n_head };
    int rc = Z_OK;
    if (deflateInit2(&z, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    while (rc == Z_OK) {
        if (z.avail_in == 0) {
            z.avail_in = (uInt)(n_zeros < sizeof in ? n_zeros : sizeof in);
            z.next_in = in;
            n_zeros -= z.avail_in;
        }
        z.next_out = out;
        z.avail_out = sizeof out;
        rc = deflate(&z, n_zeros == 0 ? Z_FINISH : Z_NO_FLUSH);
        put(b, (const char *)out, sizeof out - z.avail_out);
    }
    (void)deflateEnd(&z);
}

static void put_chunk(struct bf_buf *b, const char *type, const struct bf_buf *data)
{
    put_be(b, data->len, 4);
    const size_t at = b->len;
    put(b, type, 4);
    put(b, data->data ? data->data : "", data->len);
    put_be(b, crc32(0, (const Bytef *)b->data + at, (uInt)(b->len - at)), 4);
}

/* A whole PNG with right checksums. Its data are `n_zeros` zeros. */
static struct bf_buf make_png(uint32_t w, uint32_t h, size_t n_zeros)
{
    struct bf_buf b = { 0 }, head = { 0 }, data = { 0 }, none = { 0 };
    put(&b, "\x89PNG\r\n\x1a\n", 8);
    put_be(&head, w, 4);
    put_be(&head, h, 4);
    put(&head, "\x01\0\0\0\0", 5); /* one bit of gray */
    put_chunk(&b, "IHDR", &head);
    put_deflated(&data, "", 0, n_zeros, 15);
    put_chunk(&b, "IDAT", &data);
    put_chunk(&b, "IEND", &none);
    bf_buf_done(&head);
    bf_buf_done(&data);
    return b;
}

static void a_png_of_1600_megapixels(void)
{
    struct bf_buf b = make_png(40000, 40000, (size_t)40000 * 5001);
    check_refused(BF_RASTER, &b, 0, "the picture is 40000 x 40000 pixels, limit 16384 a side");
    b = make_png(16384, 16384, 1000);
    check_refused(BF_RASTER, &b, 0, "the picture is 16384 x 16384 pixels, limit 64000000 in all");
    b = make_png(40000, 40000, 1000);
    check_refused(BF_CLIP, &b, 0, "");
}

/* Where a picture says no more than its size. */
static void pictures_with_huge_headers(void)
{
    struct bf_buf b = { 0 };
    put(&b, "\xff\xd8\xff\xc0\0\x11\x08\xff\xdc\xff\xdc\x03\x01\x11\0\x02\x11\0\x03\x11\0", 21);
    put(&b, "\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0abc\xff\xd9", 19);
    check_refused(BF_RASTER, &b, 0, "65500 x 65500");
    put(&b, "GIF89a\xff\xff\xff\xff\x80\0\0abcdef,\0\0\0\0\xff\xff\xff\xff\0\x02\x02L\x01\0;", 36);
    check_refused(BF_RASTER, &b, 0, "65535 x 65535");
    put(&b, "GIF89a\xff\xff\xff\xff\x80\0\0abcdef,\0\0\0\0\x01\0\x01\0\0\x02\x02L\x01\0;", 36);
    check_refused(BF_CLIP, &b, 0, "");
    put(&b, "BM\xff\xff\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x40\x9c\0\0\x40\x9c\0\0\x01\0\x18\0", 30);
    put_le(&b, 0, 40);
    check_refused(BF_RASTER, &b, 0, "");
    bf_buf_printf(&b, "P6 100000 100000 255\nabc");
    check_refused(BF_RASTER, &b, 0, "100000 x 100000");
    bf_buf_printf(&b, "P5 4294967297 2 255\nabc");
    check_refused(BF_RASTER, &b, 0, "");
    put(&b, "RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\xff\xff\xff\x0f\0\0\0\0\0\0\0\0\0", 34);
    check_refused(BF_RASTER, &b, 0, "");
    put(&b, "RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\xff\xff\xff\xff\xff\xff", 30);
    put(&b, "ANIM\0\0\0\0", 8);
    check_refused(BF_RASTER, &b, 0, "");
}

static void put_tag(struct bf_buf *b, unsigned tag, unsigned type, uint32_t v)
{
    put_le(b, tag, 2);
    put_le(b, type, 2);
    put_le(b, 1, 4);
    put_le(b, v, 4);
}

static void a_tiff_of_4000_megapixels(void)
{
    struct bf_buf b = { 0 };
    put(&b, "II*\0\x08\0\0\0\x09\0", 10);
    put_tag(&b, 256, 4, 65000);
    put_tag(&b, 257, 4, 65000);
    put_tag(&b, 258, 3, 8);
    put_tag(&b, 259, 3, 1);
    put_tag(&b, 262, 3, 1);
    put_tag(&b, 273, 4, 8);
    put_tag(&b, 277, 3, 1);
    put_tag(&b, 278, 4, 65000);
    put_tag(&b, 279, 4, 0xfe000000u);
    put_le(&b, 0, 4);
    check_refused(BF_RASTER, &b, 0, "");
}

static void pictures_of_values_are_limited_alike(void)
{
    struct bf_buf b = { 0 };
    put(&b, "\x93NUMPY\x01\0\x76\0", 10);
    bf_buf_printf(&b, "%-117s\n",
                  "{'descr': '<f4', 'fortran_order': False, 'shape': (100000, "
                  "100000), }");
    check_refused(BF_RASTER, &b, 0, "100000");
}

/* The header of a WAV of one channel at 8 kHz. */
static struct bf_buf make_wav(unsigned bits, uint32_t n_bytes)
{
    struct bf_buf b = { 0 };
    put(&b, "RIFF", 4);
    put_le(&b, (uint64_t)n_bytes + 36, 4);
    put(&b, "WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0", 20);
    put_le(&b, 8000 * bits / 8, 4);
    put_le(&b, bits / 8, 2);
    put_le(&b, bits, 2);
    put(&b, "data", 4);
    put_le(&b, n_bytes, 4);
    return b;
}

static void a_sound_of_ten_hours(void)
{
    const uint32_t ten_hours = 10u * 3600 * 8000;
    struct bf_buf b = make_wav(8, ten_hours);
    check_refused(BF_WAVE, &b, 44 + (int64_t)ten_hours, "the sound is longer than 3600 s");
    b = make_wav(16, 1u << 30);
    check_refused(BF_WAVE, &b, (int64_t)1 << 30, "bytes, limit 536870912");
    /* Says so, and has no more than a moment: that is another matter, and as cheap. */
    b = make_wav(8, ten_hours);
    const struct outcome o = try_bytes(BF_WAVE, NULL, NULL, &b, 44 + 800);
    CHECK_INT(o.code, BF_OK);
    CHECK(strstr(o.reason, "ends early") != NULL);
    CHECK(BF_SANITIZED || (o.seconds < max_seconds && o.kb < max_kb));
    bf_buf_done(&b);
}

/* FLAC's header has 36 bits for the number of samples. */
static void a_flac_of_seventeen_days(void)
{
    struct bf_buf b = { 0 };
    put(&b, "fLaC\x80\0\0\x22\x10\0\x10\0\0\0\0\0\0\0\x0a\xc4\x42\xff\xff\xff\xff\xff", 26);
    put_le(&b, 0, 16);
    check_refused(BF_WAVE, &b, 0, "");
}

static size_t box(struct bf_buf *b, const char *type)
{
    put_be(b, 0, 4);
    put(b, type, 4);
    return b->len - 8;
}

static void close_box(struct bf_buf *b, size_t at)
{
    const uint64_t n = b->len - at;
    for (size_t i = 0; i < 4; i++)
        b->data[at + i] = (char)(n >> (24 - 8 * i));
}

/* An MP4 whose only track says that it has `n` frames of one byte, `w` x `h`, at 25 a second. */
static struct bf_buf make_mp4(uint32_t n, unsigned w, unsigned h)
{
    struct bf_buf b = { 0 };
    size_t at[8];
    at[0] = box(&b, "ftyp");
    put(&b, "isom\0\0\2\0isom", 12);
    close_box(&b, at[0]);
    at[0] = box(&b, "moov");
    at[1] = box(&b, "mvhd");
    put_be(&b, 0, 12);
    put_be(&b, 25, 4);
    put_be(&b, n, 4);
    put_be(&b, 0x10000, 4);
    put_be(&b, 0x0100, 2);
    put_le(&b, 0, 70);
    put_be(&b, 2, 4);
    close_box(&b, at[1]);
    at[1] = box(&b, "trak");
    at[2] = box(&b, "tkhd");
    put_be(&b, 7, 4);
    put_le(&b, 0, 8);
    put_be(&b, 1, 4);
    put_le(&b, 0, 4);
    put_be(&b, n, 4);
    put_le(&b, 0, 16);
    put_be(&b, 0x10000, 4);
    put_le(&b, 0, 12);
    put_be(&b, 0x10000, 4);
    put_le(&b, 0, 12);
    put_be(&b, 0x40000000, 4);
    put_be(&b, w, 2);
    put_be(&b, 0, 2);
    put_be(&b, h, 2);
    put_be(&b, 0, 2);
    close_box(&b, at[2]);
    at[2] = box(&b, "mdia");
    at[3] = box(&b, "mdhd");
    put_le(&b, 0, 12);
    put_be(&b, 25, 4);
    put_be(&b, n, 4);
    put_le(&b, 0, 4);
    close_box(&b, at[3]);
    at[3] = box(&b, "hdlr");
    put_le(&b, 0, 8);
    put(&b, "vide", 4);
    put_le(&b, 0, 13);
    close_box(&b, at[3]);
    at[3] = box(&b, "minf");
    at[4] = box(&b, "stbl");
    at[5] = box(&b, "stsd");
    put_be(&b, 1, 8);
    at[6] = box(&b, "jpeg");
    put_be(&b, 1, 8);
    put_le(&b, 0, 16);
    put_be(&b, w, 2);
    put_be(&b, h, 2);
    put_be(&b, 0x480000, 4);
    put_be(&b, 0x480000, 4);
    put_le(&b, 0, 4);
    put_be(&b, 1, 2);
    put_le(&b, 0, 32);
    put_be(&b, 0x18ffff, 4);
    close_box(&b, at[6]);
    close_box(&b, at[5]);
    at[5] = box(&b, "stts");
    put_be(&b, 1, 8);
    put_be(&b, n, 4);
    put_be(&b, 1, 4);
    close_box(&b, at[5]);
    at[5] = box(&b, "stsc");
    put_be(&b, 1, 8);
    put_be(&b, 1, 4);
    put_be(&b, n, 4);
    put_be(&b, 1, 4);
    close_box(&b, at[5]);
    at[5] = box(&b, "stsz");
    put_be(&b, 0, 4);
    put_be(&b, 1, 4);
    put_be(&b, n, 4);
    close_box(&b, at[5]);
    at[5] = box(&b, "stco");
    put_be(&b, 1, 8);
    put_be(&b, b.len + 16, 4);
    close_box(&b, at[5]);
    close_box(&b, at[4]);
    close_box(&b, at[3]);
    close_box(&b, at[2]);
    close_box(&b, at[1]);
    close_box(&b, at[0]);
    at[0] = box(&b, "mdat");
    put(&b, "no picture", 10);
    close_box(&b, at[0]);
    return b;
}

static void clips_with_more_frames_than_bytes(void)
{
    static const uint32_t numbers[] = { 0x80000000u, 0x7fffffffu, 50000000, 10000000 };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct bf_buf b = make_mp4(numbers[i], 32, 32);
        check_refused(BF_CLIP, &b, 0, "");
    }
    struct bf_buf b = make_mp4(10, 65535, 65535);
    check_refused(BF_CLIP, &b, 0, "");
}

/* Each frame of a GIF can stand for up to 655.35 s. */
static void a_clip_of_two_hours(void)
{
    struct bf_buf b = { 0 };
    put(&b, "GIF89a\x02\0\x02\0\x80\0\0\0\0\0\xff\xff\xff", 19);
    for (int i = 0; i < 11; i++) {
        put(&b, "!\xf9\x04\x04\xff\xff\0\0", 8);
        put(&b, ",\0\0\0\0\x02\0\x02\0\0\x02\x03\x44\x74\x05\0", 16);
    }
    put(&b, ";", 1);
    check_refused(BF_CLIP, &b, 0, "7209 s long, limit 3600");
}

static void traces_with_more_values_than_bytes(void)
{
    struct bf_buf b = { 0 };
    put(&b, "\x93NUMPY\x01\0\x76\0", 10);
    bf_buf_printf(&b, "%-117s\n",
                  "{'descr': '<f8', 'fortran_order': False, 'shape': "
                  "(4611686018427387905, 4), }");
    check_refused(BF_TRACE, &b, 0, "");
    put(&b, "\x93NUMPY\x02\0\xff\xff\xff\xff{'descr'", 20);
    check_refused(BF_TRACE, &b, 0, "");
    for (int i = 0; i < 2000000; i++)
        bf_buf_str(&b, "1,");
    bf_buf_str(&b, "1\n2\n");
    check_refused(BF_TRACE, &b, 0, "");
}

static void put_zip_head(struct bf_buf *b, size_t n_packed, size_t n)
{
    put(b, "\x14\0\0\0\x08\0\0\0\0\0", 10);
    put_le(b, 0, 4); /* a checksum that nobody gets as far as */
    put_le(b, n_packed, 4);
    put_le(b, n, 4);
    put_le(b, 5, 2);
    put_le(b, 0, 2);
}

/* An archive of a megabyte for an array of a gigabyte, under its size or a smaller one. */
static struct bf_buf make_npz(size_t n_zeros, size_t claimed)
{
    struct bf_buf b = { 0 }, npy = { 0 }, packed = { 0 };
    put(&npy, "\x93NUMPY\x01\0\x76\0", 10);
    char shape[64];
    snprintf(shape, sizeof shape, "'shape': (%zu,), }", claimed / 8);
    bf_buf_printf(&npy, "{'descr': '<f8', 'fortran_order': False, %-76s\n", shape);
    put_deflated(&packed, npy.data, npy.len, n_zeros, -15);
    put(&b, "PK\x03\x04", 4);
    put_zip_head(&b, packed.len, claimed + npy.len);
    put(&b, "a.npy", 5);
    put(&b, packed.data, packed.len);
    const size_t at = b.len;
    put(&b, "PK\x01\x02\x14\0", 6);
    put_zip_head(&b, packed.len, claimed + npy.len);
    put_le(&b, 0, 14);
    put(&b, "a.npy", 5);
    const size_t n = b.len - at;
    put(&b, "PK\x05\x06\0\0\0\0\x01\0\x01\0", 12);
    put_le(&b, n, 4);
    put_le(&b, at, 4);
    put_le(&b, 0, 2);
    bf_buf_done(&npy);
    bf_buf_done(&packed);
    return b;
}

static void archives_that_unpack_to_too_much(void)
{
    struct bf_buf b = make_npz((size_t)1 << 30, (size_t)1 << 30);
    check_refused(BF_TRACE, &b, 0, "limit 64000000");
    b = make_npz((size_t)1 << 30, 8000);
    check_refused(BF_TRACE, &b, 0, "'a.npy' in it");
}

/* A MATLAB file of one packed variable: `tag` [n_tag] and zeros. */
static struct bf_buf make_mat(const char *tag, size_t n_tag, size_t n_zeros)
{
    struct bf_buf b = { 0 }, packed = { 0 };
    bf_buf_printf(&b, "%-124s", "MATLAB 5.0 MAT-file");
    put(&b, "\0\1IM", 4);
    put_deflated(&packed, tag, n_tag, n_zeros, 15);
    put_le(&b, 15, 4);
    put_le(&b, packed.len, 4);
    put(&b, packed.data, packed.len);
    bf_buf_done(&packed);
    return b;
}

static void matlab_files_that_unpack_to_too_much(void)
{
    struct bf_buf b = make_mat("\x0e\0\0\0\xf8\xff\xff\x7f", 8, (size_t)64 << 20);
    check_refused(BF_TRACE, &b, 0, "a variable in it has 2147483640 bytes, packed as");
    b = make_mat("\x0e\0\0\0\0\0\0\x1d", 8, 64); /* within the limit, but not in so few bytes */
    check_refused(BF_TRACE, &b, 0, "a variable in it has 486539264 bytes, packed as");
    /* "x", doubles [2^31 - 1][2^31 - 1], of which a few are there. */
    b = make_mat("\x0e\0\0\0\x60\0\0\0\6\0\0\0\x08\0\0\0\6\0\0\0\0\0\0\0"
                 "\5\0\0\0\x08\0\0\0\xff\xff\xff\x7f\xff\xff\xff\x7f"
                 "\1\0\1\0x\0\0\0\x09\0\0\0\x28\0\0\0",
                 56, 48);
    check_refused(BF_TRACE, &b, 0, "the variable 'x' ends early");
}

/* One of 10^6 x 10^6 values, packed, in a file of some hundred bytes: none of them was written. */
static void a_data_set_of_a_million_million_values(void)
{
    char bytes[4096];
    struct bf_buf b = { 0 };
    FILE *f = fopen(TEST_ROOT "/tests/fuzz/corpus_trace/huge.h5", "rb");
    if (!f)
        abort();
    put(&b, bytes, fread(bytes, 1, sizeof bytes, f));
    fclose(f);
#ifdef BF_HAVE_HDF5
    check_refused(BF_TRACE, &b, 0, "1000000 x 1000000 values, limit 64000000");
#else
    check_refused(BF_TRACE, &b, 0, "without libhdf5");
#endif
}

static void nests_without_end(void)
{
    struct bf_buf b = { 0 };
    for (int i = 0; i < 1 << 20; i++)
        bf_buf_char(&b, '[');
    check_refused(BF_TRACE, &b, 0, "");
    for (int i = 0; i < 1 << 20; i++)
        bf_buf_str(&b, "{\"a\":");
    check_refused(BF_TRACE, &b, 0, "");
}

static void a_limit_on_values_is_one_on_all_of_them(void)
{
    struct bf_limits limits = bf_default_limits;
    struct bf_buf b = { 0 };
    limits.trace_values = 11;
    for (int i = 0; i < 4; i++)
        bf_buf_printf(&b, "%s%d,2,3", i ? "\n" : "", i);
    struct outcome o = try_bytes(BF_TRACE, NULL, &limits, &b, 0);
    CHECK_INT(o.code, BF_EDATA);
    CHECK(strstr(o.reason, "11") != NULL);
    limits.trace_values = 12;
    o = try_bytes(BF_TRACE, NULL, &limits, &b, 0);
    CHECK_INT(o.code, BF_OK);
    limits.file_bytes = b.len - 1;
    o = try_bytes(BF_TRACE, NULL, &limits, &b, 0);
    CHECK_INT(o.code, BF_EDATA);
    CHECK_STR(o.reason, "the file has 23 bytes, limit 22");
    bf_buf_done(&b);
}

/* A sensor of a billion pixels, from one event far out. */
static void an_event_far_out(void)
{
    struct bf_buf b = { 0 };
    bf_buf_str(&b, "x,y,t,p\n1,2,10,1\n1000000,1000000,20,0\n");
    check_refused(BF_CLIP, &b, 0, "");
    bf_buf_str(&b, "x,y,t,p\n1,2,10,1\n3,4,1e30,0\n");
    check_refused(BF_CLIP, &b, 0, "");
}

static void words_are_limited(void)
{
    struct bf_buf b = { 0 };
    bf_buf_str(&b, "1\n00:00:01,000 --> 00:00:02,000\nhey\n");
    check_refused(BF_TEXT, &b, (int64_t)600 << 20, "limit");
    for (int i = 0; i < 5 << 20; i++)
        bf_buf_char(&b, 'a');
    check_refused(BF_TEXT, &b, 0, "");
}

TEST_MAIN(TEST(a_png_of_1600_megapixels), TEST(pictures_with_huge_headers),
          TEST(a_tiff_of_4000_megapixels), TEST(pictures_of_values_are_limited_alike),
          TEST(a_sound_of_ten_hours), TEST(a_flac_of_seventeen_days),
          TEST(clips_with_more_frames_than_bytes), TEST(a_clip_of_two_hours),
          TEST(traces_with_more_values_than_bytes), TEST(archives_that_unpack_to_too_much),
          TEST(matlab_files_that_unpack_to_too_much), TEST(a_data_set_of_a_million_million_values),
          TEST(nests_without_end), TEST(a_limit_on_values_is_one_on_all_of_them),
          TEST(an_event_far_out), TEST(words_are_limited))
