/* FLAC: files of every way to code a sample, written here bit by bit (RFC 9639), and damage. */
#include "modalities/readers/bits.h"
#include "tests/media.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_audio;

static struct bf_err err;
static struct bf_media_info info;

/* A file while it is written. */
struct out {
    uint8_t bytes[1 << 16];
    size_t n_bits;
};

static void put(struct out *o, uint32_t v, int bits)
{
    for (int i = bits - 1; i >= 0; i--, o->n_bits++)
        o->bytes[o->n_bits / 8] |= (uint8_t)((v >> i & 1) << (7 - o->n_bits % 8));
}

static unsigned checksum(const uint8_t *p, size_t n, unsigned polynomial, int bits)
{
    unsigned c = 0;
    for (size_t i = 0; i < n; i++) {
        c ^= (unsigned)p[i] << (bits - 8);
        for (int k = 0; k < 8; k++)
            c = c >> (bits - 1) & 1 ? c << 1 ^ polynomial : c << 1;
        c &= (1u << bits) - 1;
    }
    return c;
}

static void put_header(struct out *o, int n_ch, int bits, uint32_t n)
{
    memset(o, 0, sizeof *o);
    put(o, 0x664c6143, 32); /* fLaC */
    put(o, 0x80, 8);        /* the last block, STREAMINFO */
    put(o, 34, 24);
    put(o, 16, 16);
    put(o, 4096, 16);
    put(o, 0, 24);
    put(o, 0, 24);
    put(o, 8000, 20);
    put(o, (uint32_t)n_ch - 1, 3);
    put(o, (uint32_t)bits - 1, 5);
    put(o, 0, 4);
    put(o, n, 32);
    for (int i = 0; i < 4; i++)
        put(o, 0, 32);
}

/* Returns where the frame begins. `n` samples, at most 256; `channels` as the header codes them. */
static size_t begin_frame(struct out *o, uint32_t n, uint32_t channels, uint32_t depth)
{
    const size_t at = o->n_bits / 8;
    put(o, 0xfff8, 16);
    put(o, 6, 4); /* the size follows in 8 bits */
    put(o, 4, 4); /* 8 kHz */
    put(o, channels, 4);
    put(o, depth, 3); /* 0: as in STREAMINFO */
    put(o, 0, 1);
    put(o, 0, 8); /* number 0 */
    put(o, n - 1, 8);
    put(o, checksum(o->bytes + at, o->n_bits / 8 - at, 0x107, 8), 8);
    return at;
}

static void end_frame(struct out *o, size_t at)
{
    o->n_bits = (o->n_bits + 7) / 8 * 8;
    put(o, checksum(o->bytes + at, o->n_bits / 8 - at, 0x18005, 16), 16);
}

static void put_rice(struct out *o, int32_t v, int k)
{
    const uint32_t u = (uint32_t)v << 1 ^ (v < 0 ? ~0u : 0);
    for (uint32_t q = u >> k; q > 0; q--)
        put(o, 0, 1);
    put(o, 1, 1);
    put(o, u, k);
}

static int read_flac(const struct out *o, struct bf_wave *w, struct bf_arena *a)
{
    struct bf_media m = { 0 };
    const int rc =
        test_decode(&bf_modality_audio, NULL, o->bytes, o->n_bits / 8, &m, &info, a, &err);
    *w = m.wave;
    return rc;
}

static struct out o;

static void samples_come_out_as_they_went_in(void)
{
    static const int32_t v[8] = { 0, 5, 9, -100, 2047, -2048, 3, 4 };
    static const int depths[] = { 4, 12, 15, 24 };
    for (size_t d = 0; d < 4; d++) {
        struct bf_arena a = { 0 };
        struct bf_wave w;
        const int bits = depths[d];
        int32_t s[8];
        for (int i = 0; i < 8; i++)
            s[i] = bits == 4 ? v[i] % 8 : v[i];
        put_header(&o, 1, bits, 8 * 4);
        size_t at = begin_frame(&o, 8, 0, 0); /* verbatim */
        put(&o, 1 << 1, 8);
        for (int i = 0; i < 8; i++)
            put(&o, (uint32_t)s[i], bits);
        end_frame(&o, at);
        at = begin_frame(&o, 8, 0, 0); /* constant, one bit wasted */
        put(&o, 1, 8);
        put(&o, 1, 1);
        put(&o, (uint32_t)-3, bits - 1);
        end_frame(&o, at);
        at = begin_frame(&o, 8, 0, 0); /* fixed of order 2, two partitions, one of plain bits */
        put(&o, 10 << 1, 8);
        put(&o, (uint32_t)s[0], bits);
        put(&o, (uint32_t)s[1], bits);
        put(&o, 0, 2);
        put(&o, 1, 4);
        put(&o, 3, 4);
        for (int i = 2; i < 4; i++)
            put_rice(&o, s[i] - 2 * s[i - 1] + s[i - 2], 3);
        put(&o, 15, 4);
        put(&o, 20, 5);
        for (int i = 4; i < 8; i++)
            put(&o, (uint32_t)(s[i] - 2 * s[i - 1] + s[i - 2]), 20);
        end_frame(&o, at);
        at = begin_frame(&o, 8, 0, 0); /* LPC of order 3: (5 s[-1] - 2 s[-2] + s[-3]) / 4 */
        put(&o, (31 + 3) << 1, 8);
        for (int i = 0; i < 3; i++)
            put(&o, (uint32_t)s[i], bits);
        put(&o, 4 - 1, 4);
        put(&o, 2, 5);
        put(&o, 5, 4);
        put(&o, (uint32_t)-2, 4);
        put(&o, 1, 4);
        put(&o, 1, 2); /* parameters of 5 bits */
        put(&o, 0, 4);
        put(&o, 6, 5);
        for (int i = 3; i < 8; i++) {
            const int32_t sum = 5 * s[i - 1] - 2 * s[i - 2] + s[i - 3];
            put_rice(&o, s[i] - (sum >= 0 ? sum / 4 : -((3 - sum) / 4)), 6);
        }
        end_frame(&o, at);
        CHECK_INT(read_flac(&o, &w, &a), BF_OK);
        CHECK_STR(info.warning, "");
        CHECK_STR(info.decoder, "flac");
        CHECK_INT(w.n_ch, 1);
        CHECK_INT((long long)w.n, 32);
        const float scale = 1.0f / (float)(1 << (bits - 1));
        for (int i = 0; i < 32 && w.n == 32; i++)
            CHECK(w.v[i] == scale * (float)(i / 8 == 1 ? -6 : s[i % 8]));
        bf_arena_reset(&a);
    }
}

static void two_channels_come_apart_again(void)
{
    static const int32_t left[4] = { 10, -7, 100, 1 }, right[4] = { 3, -8, -100, 2 };
    struct bf_arena a = { 0 };
    struct bf_wave w;
    put_header(&o, 2, 16, 12);
    for (uint32_t way = 8; way <= 10; way++) {
        const size_t at = begin_frame(&o, 4, way, 0);
        for (int ch = 0; ch < 2; ch++) {
            const bool side = ch == (way == 9 ? 0 : 1);
            put(&o, 1 << 1, 8);
            for (int i = 0; i < 4; i++) {
                const int32_t sum = left[i] + right[i];
                const int32_t mid = sum >= 0 ? sum / 2 : -((1 - sum) / 2);
                const int32_t other = way == 8 ? left[i] : way == 9 ? right[i] : mid;
                put(&o, (uint32_t)(side ? left[i] - right[i] : other), side ? 17 : 16);
            }
        }
        end_frame(&o, at);
    }
    CHECK_INT(read_flac(&o, &w, &a), BF_OK);
    CHECK_INT(w.n_ch, 2);
    CHECK_INT((long long)w.n, 12);
    for (int i = 0; i < 12 && w.n == 12; i++)
        CHECK(w.v[i] * 32768 == (float)left[i % 4] && w.v[12 + i] * 32768 == (float)right[i % 4]);
    bf_arena_reset(&a);
}

/* Frames of four samples: 0 1 2 3, then 4 5 6 7 and so on. */
static size_t put_frames(int n, uint32_t channels, uint32_t depth)
{
    size_t at = 0;
    for (int f = 0; f < n; f++) {
        at = begin_frame(&o, 4, channels, depth);
        for (uint32_t ch = 0; ch <= channels; ch++) {
            put(&o, 1 << 1, 8);
            for (int i = 0; i < 4; i++)
                put(&o, (uint32_t)(4 * f + i), depth == 1 ? 8 : 16);
        }
        end_frame(&o, at);
    }
    return at;
}

static void damage_is_found_and_told(void)
{
    struct bf_arena a = { 0 };
    struct bf_wave w;
    put_header(&o, 1, 16, 12);
    const size_t last = put_frames(3, 0, 0);
    struct out whole = o;
    o.bytes[last - 8] ^= 4; /* within the second */
    CHECK_INT(read_flac(&o, &w, &a), BF_OK);
    CHECK_INT(info.damaged, 1);
    CHECK_STR(info.warning, "damaged in 1 places: 8 of 12 samples");
    CHECK(w.n == 8 && w.v[4] * 32768 == 8);
    o = whole;
    o.n_bits = 8 * last;
    CHECK_INT(read_flac(&o, &w, &a), BF_OK);
    CHECK_INT(info.damaged, 1);
    CHECK_STR(info.warning, "ends early: 8 of 12 samples");
    put_header(&o, 1, 16, 4);
    put_frames(2, 0, 0);
    CHECK_INT(read_flac(&o, &w, &a), BF_OK);
    CHECK_STR(info.warning, "its header says 4 samples, there are 8");
    CHECK_INT(info.damaged, 1);
    put_header(&o, 3, 16, 4);
    put_frames(1, 0, 0);
    CHECK_INT(read_flac(&o, &w, &a), BF_OK);
    CHECK_INT(info.damaged, 1);
    CHECK_STR(info.warning, "its header says 3 channels, its sound has 1");
    for (size_t n = 1; n < whole.n_bits / 8; n++) { /* cut anywhere: never out of bounds */
        o = whole;
        o.n_bits = 8 * n;
        const int rc = read_flac(&o, &w, &a);
        CHECK(rc == BF_EDATA || (rc == BF_OK && (info.damaged || n == 0)));
    }
    for (size_t bit = 8 * 42; bit < whole.n_bits; bit++) { /* any bit of a frame: it is left out */
        o = whole;
        o.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(read_flac(&o, &w, &a) == BF_OK && info.damaged && w.n <= 8);
    }
    bf_arena_reset(&a);
}

static void a_change_of_format_is_refused(void)
{
    struct bf_arena a = { 0 };
    struct bf_wave w;
    put_header(&o, 1, 16, 0);
    put_frames(1, 0, 4);
    put_frames(1, 1, 4);
    CHECK_INT(read_flac(&o, &w, &a), BF_EDATA);
    CHECK_STR(err.msg,
              "the sound changes after 4 samples from 1 channels at 8000 Hz of 16 bits to 2 at "
              "8000 Hz of 16");
    put_header(&o, 1, 16, 0);
    put_frames(1, 0, 4);
    put_frames(1, 0, 1);
    CHECK_INT(read_flac(&o, &w, &a), BF_EDATA);
    CHECK(strstr(err.msg, "of 16 bits to 1 at 8000 Hz of 8") != NULL);
    put_header(&o, 1, 16, 0);
    CHECK_INT(read_flac(&o, &w, &a), BF_EDATA);
    CHECK_STR(err.msg, "the sound has no samples");
    o.bytes[4] = 0x81; /* padding where STREAMINFO was */
    CHECK_INT(read_flac(&o, &w, &a), BF_EDATA);
    CHECK_STR(err.msg, "the FLAC file has no STREAMINFO block");
    bf_arena_reset(&a);
}

static void bits_are_read_across_words(void)
{
    static const uint8_t bytes[8 + 16] = { 0x80, 0, 0, 0, 0, 0, 1, 0xff };
    struct bf_bits b = bf_bits_of(bytes, bytes + 8);
    bf_bits_fill(&b);
    CHECK_INT(bf_bits_zeros(&b), 0);
    bf_bits_fill(&b);
    CHECK_INT(bf_bits_zeros(&b), 54); /* bits 1 to 54 */
    CHECK(bf_bits_read(&b, 8) == 0xff && !bf_bits_spent(&b));
    CHECK(bf_bits_end(&b) == bytes + 8);
    CHECK_INT(bf_bits_read(&b, 1), 0);
    CHECK(bf_bits_spent(&b));
    b = bf_bits_of(bytes + 6, bytes + 8);
    CHECK_INT(bf_bits_signed(&b, 8), 1);
    CHECK_INT(bf_bits_signed(&b, 4), -1);
}

TEST_MAIN(TEST(samples_come_out_as_they_went_in), TEST(two_channels_come_apart_again),
          TEST(damage_is_found_and_told), TEST(a_change_of_format_is_refused),
          TEST(bits_are_read_across_words))
