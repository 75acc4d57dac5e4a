/* FLAC (RFC 9639), by a decoder of our own: libsndfile refuses depths that are no whole bytes, and
 * goes on in silence when a file changes its format. */
#include "modalities/readers/flac.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "modalities/readers/bits.h"
#include "modalities/wave.h"

enum {
    MAX_CHANNELS = 8,
    MAX_BLOCK = 65535,
    MAX_ORDER = 32,
    STREAMINFO_BYTES = 34,
    STEREO_LEFT_SIDE = 8,
    STEREO_SIDE_RIGHT,
    STEREO_MID_SIDE,
};

struct format {
    uint32_t rate_hz;
    int n_ch, bits;
};

struct frame {
    struct format format;
    int stereo; /* how two channels are coded; 0: each by itself */
    size_t n;   /* samples of every channel */
};

struct flac {
    const uint8_t *bytes;
    size_t n_bytes;
    struct format claimed; /* by STREAMINFO */
    uint64_t n_claimed;    /* samples; 0: not known */
    struct frame frame;
    uint16_t crc16[8][256];
    uint8_t crc8[256];
    int32_t *ch[MAX_CHANNELS]; /* [MAX_ORDER + room], the first MAX_ORDER 0 */
    size_t room;
    struct bf_arena *a;
    bool no_memory;
};

/* The tables of the two checksums (RFC 9639, 9.1.8 and 9.3); crc16[k] is that of a byte followed by
 * k zeros, so that 8 bytes are taken at once. */
static void make_tables(struct flac *f)
{
    for (unsigned i = 0; i < 256; i++) {
        unsigned c8 = i, c16 = i << 8;
        for (int bit = 0; bit < 8; bit++) {
            c8 = c8 & 0x80 ? c8 << 1 ^ 0x107 : c8 << 1;
            c16 = c16 & 0x8000 ? c16 << 1 ^ 0x18005 : c16 << 1;
        }
        f->crc8[i] = (uint8_t)c8;
        f->crc16[0][i] = (uint16_t)c16;
    }
    for (int k = 1; k < 8; k++)
        for (unsigned i = 0; i < 256; i++) {
            const unsigned c = f->crc16[k - 1][i];
            f->crc16[k][i] = (uint16_t)(c << 8 ^ f->crc16[0][c >> 8]);
        }
}

static unsigned crc16(const struct flac *f, const uint8_t *p, size_t n)
{
    unsigned c = 0;
    for (; n >= 8; n -= 8, p += 8)
        c = f->crc16[7][p[0] ^ c >> 8] ^ f->crc16[6][p[1] ^ (c & 0xff)] ^ f->crc16[5][p[2]] ^
            f->crc16[4][p[3]] ^ f->crc16[3][p[4]] ^ f->crc16[2][p[5]] ^ f->crc16[1][p[6]] ^
            f->crc16[0][p[7]];
    for (; n > 0; n--)
        c = (c << 8 & 0xffff) ^ f->crc16[0][c >> 8 ^ *p++];
    return c;
}

/* Bytes of an ID3 tag (id3.org, version 2.4, 3.1) whose first ten are `p`, 0 when it is none. */
static size_t id3_bytes(const uint8_t *p)
{
    const size_t size = (size_t)(p[6] & 0x7f) << 21 | (size_t)(p[7] & 0x7f) << 14 |
                        (size_t)(p[8] & 0x7f) << 7 | (p[9] & 0x7f);
    return memcmp(p, "ID3", 3) != 0 ? 0 : 10 + size + (p[5] & 0x10 ? 10 : 0);
}

bool bf_is_flac(struct bf_source *src)
{
    uint8_t head[10];
    src->at = 0;
    if (bf_source_read(src, head, sizeof head) != sizeof head)
        return false;
    src->at = (int64_t)id3_bytes(head);
    return bf_source_read(src, head, 4) == 4 && memcmp(head, "fLaC", 4) == 0;
}

/* The metadata blocks; `*at_out` is where the frames begin. */
static int read_header(struct flac *f, size_t *at_out, struct bf_err *err)
{
    size_t at = id3_bytes(f->bytes) + 4;
    bool known = false, last = false;
    while (!last) {
        const uint8_t *p = f->bytes + at;
        if (f->n_bytes - at < 4)
            return bf_fail(err, BF_EDATA, "the FLAC file ends in its header");
        const size_t n = (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
        last = p[0] & 0x80;
        if (n > f->n_bytes - at - 4)
            return bf_fail(err, BF_EDATA, "the FLAC file ends in its header");
        if ((p[0] & 0x7f) == 0 && n == STREAMINFO_BYTES) {
            const uint8_t *s = p + 4 + 10; /* behind sizes of blocks and frames */
            f->claimed.rate_hz = (uint32_t)s[0] << 12 | (uint32_t)s[1] << 4 | s[2] >> 4;
            f->claimed.n_ch = (s[2] >> 1 & 7) + 1;
            f->claimed.bits = ((s[2] & 1) << 4 | s[3] >> 4) + 1;
            f->n_claimed = (uint64_t)(s[3] & 15) << 32 | (uint64_t)s[4] << 24 |
                           (uint64_t)s[5] << 16 | (uint64_t)s[6] << 8 | s[7];
            known = true;
        }
        at += 4 + n;
    }
    if (!known)
        return bf_fail(err, BF_EDATA, "the FLAC file has no STREAMINFO block");
    *at_out = at;
    return BF_OK;
}

/* The number that a frame header carries, coded as UTF-8 codes characters: how many bytes it has, 0
 * when it is none. Its value is of no use here. */
static size_t number_bytes(const uint8_t *p)
{
    size_t n = 0;
    while (n < 8 && p[0] & (0x80 >> n))
        n++;
    if (n == 1 || n == 8)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return n ? n : 1;
}

/* A frame header at `p`, its checksum right (RFC 9639, 9.1): bytes it takes, 0 when it is none. */
static size_t read_frame_header(const struct flac *f, const uint8_t *p, struct frame *out)
{
    static const uint32_t rates[] = { 0,     88200, 176400, 192000, 8000,  16000,
                                      22050, 24000, 32000,  44100,  48000, 96000 };
    static const int bits[] = { 0, 8, 12, -1, 16, 20, 24, 32 };
    if (p[0] != 0xff || (p[1] & 0xfe) != 0xf8 || p[3] & 1)
        return 0;
    const unsigned size = p[2] >> 4, rate = p[2] & 15, channels = p[3] >> 4, depth = p[3] >> 1 & 7;
    const size_t n_number = number_bytes(p + 4);
    if (size == 0 || rate == 15 || channels > STEREO_MID_SIDE || bits[depth] < 0 || n_number == 0)
        return 0;
    size_t at = 4 + n_number;
    struct frame h = { .format = f->claimed };
    h.n = size == 1 ? 192 : size <= 5 ? 576u << (size - 2) : 256u << (size & 7);
    if (size == 6)
        h.n = p[at] + 1u;
    if (size == 7)
        h.n = ((size_t)p[at] << 8 | p[at + 1]) + 1;
    at += size == 6 ? 1 : size == 7 ? 2 : 0;
    if (rate > 0 && rate < 12)
        h.format.rate_hz = rates[rate];
    if (rate == 12)
        h.format.rate_hz = p[at] * 1000u;
    if (rate > 12)
        h.format.rate_hz = ((uint32_t)p[at] << 8 | p[at + 1]) * (rate == 14 ? 10 : 1);
    at += rate == 12 ? 1 : rate > 12 ? 2 : 0;
    h.format.n_ch = channels < STEREO_LEFT_SIDE ? (int)channels + 1 : 2;
    h.stereo = channels < STEREO_LEFT_SIDE ? 0 : (int)channels;
    h.format.bits = bits[depth] ? bits[depth] : f->claimed.bits;
    uint8_t crc = 0;
    for (size_t i = 0; i < at; i++)
        crc = f->crc8[crc ^ p[i]];
    if (crc != p[at] || h.n > MAX_BLOCK)
        return 0;
    *out = h;
    return at + 1;
}

/* One Rice-coded residual with a parameter of `k` bits. */
static inline int32_t read_rice(struct bf_bits *b, int k)
{
    bf_bits_fill(b);
    const uint32_t q = bf_bits_zeros(b);
    const uint32_t u = q << k | bf_bits_take(b, k);
    return (int32_t)(u >> 1 ^ (0 - (u & 1)));
}

/* One value behind `s` from those before it, each by its coefficient, `c` [order] the oldest first.
 * Sums wrap: a valid file never lets them, and a wrong one must not do worse than sound wrong. */
static inline uint32_t predict(const int32_t *s, const int32_t *c, int order)
{
    uint32_t sum = 0;
    for (int j = 0; j < order; j++)
        sum += (uint32_t)c[j] * (uint32_t)s[j - order];
    return sum;
}

static inline int64_t predict_wide(const int32_t *s, const int32_t *c, int order)
{
    uint64_t sum = 0;
    for (int j = 0; j < order; j++)
        sum += (uint64_t)((int64_t)c[j] * s[j - order]);
    return (int64_t)sum;
}

/* How a subframe's samples follow from those before. */
struct predictor {
    int order, shift;
    bool wide; /* sums need more than 32 bits */
    int32_t c[MAX_ORDER];
};

/* Residuals [n] of one Rice parameter, and the samples they make. The order is a constant wherever
 * this is called, so that the sum is unrolled and runs while the next residual is taken apart. */
static inline void restore(struct bf_bits *from, const struct predictor *p, int order, int k,
                           int32_t *s, size_t n)
{
    struct bf_bits b = *from;
    int32_t c[MAX_ORDER];
    for (int j = 0; j < order; j++)
        c[j] = j < order - p->order ? 0 : p->c[j - (order - p->order)];
    const int shift = p->shift;
    for (size_t i = 0; i < n; i++) {
        const int32_t r = read_rice(&b, k);
        s[i] = (int32_t)((uint32_t)r + (uint32_t)((int32_t)predict(s + i, c, order) >> shift));
    }
    *from = b;
}

static void restore_wide(struct bf_bits *b, const struct predictor *p, int k, int32_t *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t r = read_rice(b, k);
        s[i] = (int32_t)((uint32_t)r + (uint32_t)(predict_wide(s + i, p->c, p->order) >> p->shift));
    }
}

/* Residuals of a fixed width, for what does not compress. */
static void restore_plain(struct bf_bits *b, const struct predictor *p, int width, int32_t *s,
                          size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int32_t r = width ? bf_bits_signed(b, width) : 0;
        s[i] = (int32_t)((uint32_t)r + (uint32_t)(predict_wide(s + i, p->c, p->order) >> p->shift));
    }
}

static void restore_part(struct bf_bits *b, const struct predictor *p, int k, int32_t *s, size_t n)
{
    if (p->wide)
        restore_wide(b, p, k, s, n);
    else if (p->order == 0)
        restore(b, p, 0, k, s, n);
    else if (p->order <= 2)
        restore(b, p, 2, k, s, n);
    else if (p->order <= 4)
        restore(b, p, 4, k, s, n);
    else if (p->order <= 6)
        restore(b, p, 6, k, s, n);
    else if (p->order <= 8)
        restore(b, p, 8, k, s, n);
    else if (p->order <= 12)
        restore(b, p, 12, k, s, n);
    else
        restore(b, p, MAX_ORDER, k, s, n);
}

/* The residual of a subframe in its partitions (RFC 9639, 9.2.7), each added to its prediction. */
static bool read_residual(struct bf_bits *b, const struct predictor *p, int32_t *s, size_t n)
{
    const uint32_t method = bf_bits_read(b, 2);
    const uint32_t parts = bf_bits_read(b, 4);
    const int width = method ? 5 : 4;
    const uint32_t escape = method ? 31 : 15;
    const size_t each = n >> parts;
    if (method > 1 || each << parts != n || each < (size_t)p->order)
        return false;
    size_t at = (size_t)p->order;
    for (size_t part = 0; part < (size_t)1 << parts; part++) {
        const size_t end = (part + 1) * each;
        const uint32_t k = bf_bits_read(b, width);
        if (k == escape)
            restore_plain(b, p, (int)bf_bits_read(b, 5), s + at, end - at);
        else
            restore_part(b, p, (int)k, s + at, end - at);
        if (bf_bits_spent(b))
            return false;
        at = end;
    }
    return true;
}

static bool read_fixed(struct bf_bits *b, int order, int bits, int32_t *s, size_t n)
{
    static const int32_t c[5][4] = { { 0 }, { 1 }, { -1, 2 }, { 1, -3, 3 }, { -1, 4, -6, 4 } };
    struct predictor p = { .order = order, .wide = bits > 27 };
    memcpy(p.c, c[order], sizeof c[order]);
    for (int i = 0; i < order; i++)
        s[i] = bf_bits_signed(b, bits);
    return read_residual(b, &p, s, n);
}

static bool read_lpc(struct bf_bits *b, int order, int bits, int32_t *s, size_t n)
{
    struct predictor p = { .order = order };
    for (int i = 0; i < order; i++)
        s[i] = bf_bits_signed(b, bits);
    const int precision = (int)bf_bits_read(b, 4) + 1;
    p.shift = bf_bits_signed(b, 5);
    if (precision > 15 || p.shift < 0)
        return false;
    for (int i = order - 1; i >= 0; i--)
        p.c[i] = bf_bits_signed(b, precision);
    int growth = 0;
    while (1 << growth < order)
        growth++;
    p.wide = bits + precision + growth > 32;
    return read_residual(b, &p, s, n);
}

/* One channel of a frame (RFC 9639, 9.2), `bits` wide, to `s` [n]. */
static bool read_subframe(struct bf_bits *b, int bits, int32_t *s, size_t n)
{
    const uint32_t head = bf_bits_read(b, 8);
    const uint32_t type = head >> 1 & 63;
    int wasted = 0;
    if (head & 0x80)
        return false;
    if (head & 1) {
        bf_bits_fill(b);
        wasted = (int)bf_bits_zeros(b) + 1;
    }
    bits -= wasted;
    if (bits < 1)
        return false;
    bool fine = true;
    if (type == 0) {
        const int32_t v = bf_bits_signed(b, bits);
        for (size_t i = 0; i < n; i++)
            s[i] = v;
    } else if (type == 1) {
        for (size_t i = 0; i < n; i++)
            s[i] = bf_bits_signed(b, bits);
    } else if (type >= 8 && type <= 12 && type - 8 <= n) {
        fine = read_fixed(b, (int)type - 8, bits, s, n);
    } else if (type >= 32 && type - 31 <= n) {
        fine = read_lpc(b, (int)type - 31, bits, s, n);
    } else {
        return false;
    }
    for (size_t i = 0; i < n && wasted; i++)
        s[i] = (int32_t)((uint32_t)s[i] << wasted);
    return fine && !bf_bits_spent(b);
}

/* Room for the samples of a frame. */
static bool make_room(struct flac *f, size_t n)
{
    if (n <= f->room)
        return true;
    const size_t each = MAX_ORDER + n;
    int32_t *v = bf_arena_alloc(f->a, MAX_CHANNELS * each, sizeof *v);
    f->no_memory = !v;
    for (size_t i = 0; v && i < MAX_CHANNELS; i++)
        f->ch[i] = v + i * each;
    f->room = v ? n : 0;
    return v != NULL;
}

/* A frame at `at`, its samples to f->ch: bytes it takes, 0 when there is none or it is damaged. */
static size_t read_frame(struct flac *f, size_t at)
{
    if (f->n_bytes - at < 6)
        return 0;
    const uint8_t *p = f->bytes + at;
    const size_t n_head = read_frame_header(f, p, &f->frame);
    const struct frame *h = &f->frame;
    if (n_head == 0 || n_head > f->n_bytes - at || (h->format.bits == 32 && h->stereo) ||
        !make_room(f, h->n))
        return 0;
    struct bf_bits b = bf_bits_of(p + n_head, f->bytes + f->n_bytes);
    for (int ch = 0; ch < h->format.n_ch; ch++) {
        const bool side = ch == (h->stereo == STEREO_SIDE_RIGHT ? 0 : 1) && h->stereo;
        if (!read_subframe(&b, h->format.bits + side, f->ch[ch] + MAX_ORDER, h->n))
            return 0;
    }
    const uint8_t *end = bf_bits_end(&b);
    if (f->bytes + f->n_bytes - end < 2 ||
        crc16(f, p, (size_t)(end - p)) != ((unsigned)end[0] << 8 | end[1]))
        return 0;
    return (size_t)(end - p) + 2;
}

/* Two channels from what differs between them (RFC 9639, 4.2). */
static void undo_stereo(const struct flac *f)
{
    int32_t *x = f->ch[0] + MAX_ORDER, *y = f->ch[1] + MAX_ORDER;
    const size_t n = f->frame.n;
    if (f->frame.stereo == STEREO_LEFT_SIDE)
        for (size_t i = 0; i < n; i++)
            y[i] = (int32_t)((uint32_t)x[i] - (uint32_t)y[i]);
    if (f->frame.stereo == STEREO_SIDE_RIGHT)
        for (size_t i = 0; i < n; i++)
            x[i] = (int32_t)((uint32_t)x[i] + (uint32_t)y[i]);
    if (f->frame.stereo == STEREO_MID_SIDE)
        for (size_t i = 0; i < n; i++) {
            const int32_t mid = (int32_t)((uint32_t)x[i] << 1 | ((uint32_t)y[i] & 1));
            const int32_t side = y[i];
            x[i] = (int32_t)((uint32_t)mid + (uint32_t)side) >> 1;
            y[i] = (int32_t)((uint32_t)mid - (uint32_t)side) >> 1;
        }
}

static int add_frame(const struct flac *f, struct bf_wave_builder *b, struct bf_err *err)
{
    const float scale = ldexpf(1, 1 - f->frame.format.bits);
    BF_TRY(bf_wave_reserve(b, f->frame.n, err));
    undo_stereo(f);
    for (int ch = 0; ch < b->n_ch; ch++) {
        const int32_t *from = f->ch[ch] + MAX_ORDER;
        float *to = bf_wave_place(b, ch);
        for (size_t i = 0; i < f->frame.n; i++)
            to[i] = (float)from[i] * scale;
    }
    b->n += f->frame.n;
    return BF_OK;
}

static bool same(const struct format *x, const struct format *y)
{
    return x->rate_hz == y->rate_hz && x->n_ch == y->n_ch && x->bits == y->bits;
}

/* All frames from `at` on. What is none is passed over, up to the next that is whole. */
static int read_frames(struct flac *f, size_t at, const struct bf_limits *limits,
                       struct bf_wave_builder *b, struct format *first, size_t *n_bad_out,
                       struct bf_arena *a, struct bf_err *err)
{
    bool lost = false;
    while (at < f->n_bytes) {
        const size_t n = read_frame(f, at);
        if (f->no_memory)
            return bf_fail_memory(err, "a sound");
        if (n == 0) {
            /* What stands behind the last frame, such as a tag, is not of the sound. */
            const bool tag = f->n_bytes - at == 128 && memcmp(f->bytes + at, "TAG", 3) == 0;
            *n_bad_out += !lost && !tag;
            lost = true;
            const uint8_t *next = memchr(f->bytes + at + 1, 0xff, f->n_bytes - at - 1);
            at = next ? (size_t)(next - f->bytes) : f->n_bytes;
            continue;
        }
        lost = false;
        at += n;
        const struct format *now = &f->frame.format;
        if (b->n_ch == 0) {
            BF_TRY(bf_wave_begin(b, now->rate_hz, now->n_ch, limits, a, err));
            /* Silence takes next to nothing: more than 64 samples a byte are not believed. */
            const uint64_t most = (uint64_t)f->n_bytes * 64;
            if (f->n_claimed > f->frame.n && f->n_claimed < most && f->n_claimed <= b->max)
                BF_TRY(bf_wave_reserve(b, (size_t)f->n_claimed, err));
            *first = *now;
        } else if (!same(first, now)) {
            return bf_fail(err, BF_EDATA,
                           "the sound changes after %zu samples from %d channels at %u Hz of %d "
                           "bits to %d at %u Hz of %d",
                           b->n, first->n_ch, first->rate_hz, first->bits, now->n_ch, now->rate_hz,
                           now->bits);
        }
        BF_TRY(add_frame(f, b, err));
    }
    return BF_OK;
}

static void judge(const struct flac *f, const struct bf_wave_builder *b, const struct format *found,
                  size_t n_bad, struct bf_media_info *info)
{
    char *w = info->warning;
    const size_t size = sizeof info->warning;
    const unsigned long long claimed = f->n_claimed;
    if (found->n_ch != f->claimed.n_ch)
        snprintf(w, size, "its header says %d channels, its sound has %d", f->claimed.n_ch,
                 found->n_ch);
    else if (!same(found, &f->claimed))
        snprintf(w, size, "its header says %u Hz, %d bits, its sound has %u Hz, %d bits",
                 f->claimed.rate_hz, f->claimed.bits, found->rate_hz, found->bits);
    else if (n_bad && claimed)
        snprintf(w, size, "damaged in %zu places: %zu of %llu samples", n_bad, b->n, claimed);
    else if (n_bad)
        snprintf(w, size, "damaged in %zu places: %zu samples are left", n_bad, b->n);
    else if (claimed && b->n < claimed)
        snprintf(w, size, "ends early: %zu of %llu samples", b->n, claimed);
    else if (claimed && b->n > claimed)
        snprintf(w, size, "its header says %llu samples, there are %zu", claimed, b->n);
    info->damaged = w[0] != '\0';
}

int bf_flac_wave(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_wave *out, struct bf_media_info *info, struct bf_arena *a,
                 struct bf_err *err)
{
    struct bf_wave_builder b = { 0 };
    struct bf_media_info got = { .format = "flac", .ext = "flac", .decoder = "flac" };
    struct format found = { 0 };
    size_t at = 0, n_bad = 0;
    struct flac *f = bf_arena_alloc(a, 1, sizeof *f);
    if (!f)
        return bf_fail_memory(err, "a sound");
    f->a = a;
    f->bytes = bytes;
    f->n_bytes = n;
    make_tables(f);
    BF_TRY(read_header(f, &at, err));
    if (f->claimed.bits == 32 && f->claimed.n_ch == 2)
        return BF_END;
    BF_TRY(read_frames(f, at, limits, &b, &found, &n_bad, a, err));
    if (b.n_ch == 0)
        return bf_fail(err, BF_EDATA,
                       n_bad ? "none of its FLAC frames can be decoded"
                             : "the sound has no samples");
    judge(f, &b, &found, n_bad, &got);
    BF_TRY(bf_wave_end(&b, out, &got, err));
    *info = got;
    return BF_OK;
}
