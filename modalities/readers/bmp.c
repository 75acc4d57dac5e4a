/* BMP pictures: every header from OS/2's to version 5, every depth, bit fields, runs. */
#include <string.h>

#include "modalities/raster.h"
#include "modalities/readers/marks.h"
#include "modalities/readers/pixels.h"
#include "core/number.h"

enum {
    FILE_HEADER = 14,
    CORE_HEADER = 12,
    INFO_HEADER = 40,
    MASKS_HEADER = 52, /* has the masks of red, green and blue inside */
    ALPHA_HEADER = 56, /* and that of alpha */
    V4_HEADER = 108,
    PLAIN = 0,
    RUNS_8 = 1,
    RUNS_4 = 2,
    BIT_FIELDS = 3,
    ALPHA_BIT_FIELDS = 6,
};

struct bmp {
    const uint8_t *p;
    size_t n;
    int64_t w, h;
    bool from_top;
    int bits;
    uint32_t packing;
    size_t data;            /* where the pixels begin */
    const uint8_t *palette; /* [n_palette] of entry_bytes: blue, green, red */
    size_t n_palette, entry_bytes;
    uint32_t masks[4]; /* red, green, blue, alpha */
};

/* Masks follow a header of version 3 and lie inside the longer ones; without any, 16 bits are 5 a
 * channel and 32 bits 8. */
static void read_masks(struct bmp *b, uint32_t header)
{
    const bool fields = b->packing == BIT_FIELDS || b->packing == ALPHA_BIT_FIELDS;
    const uint32_t usual[2][3] = { { 0x7c00, 0x3e0, 0x1f }, { 0xff0000, 0xff00, 0xff } };
    for (int c = 0; c < 3; c++)
        b->masks[c] = usual[b->bits == 32][c];
    if (!fields)
        return;
    const bool has_alpha = b->packing == ALPHA_BIT_FIELDS || header >= ALPHA_HEADER;
    for (size_t c = 0; c < (has_alpha ? 4u : 3u); c++) {
        const size_t at = FILE_HEADER + INFO_HEADER + 4 * c;
        b->masks[c] = at + 4 <= b->n ? bf_le32(b->p + at) : 0;
    }
}

static int read_header(const uint8_t *p, size_t n, struct bmp *b, struct bf_err *err)
{
    const uint32_t header = n >= 26 ? bf_le32(p + FILE_HEADER) : 0;
    const bool core = header == CORE_HEADER;
    *b = (struct bmp){ .p = p, .n = n, .entry_bytes = core ? 3 : 4 };
    if (!core && (header < 16 || n < FILE_HEADER + INFO_HEADER))
        return bf_fail(err, BF_EDATA, "the BMP's header is damaged");
    b->w = core ? (int32_t)bf_le16(p + 18) : (int32_t)bf_le32(p + 18);
    b->h = core ? (int32_t)bf_le16(p + 20) : (int32_t)bf_le32(p + 22);
    b->bits = (int)bf_le16(p + (core ? 24 : 28));
    b->packing = core || header < INFO_HEADER ? PLAIN : bf_le32(p + 30);
    b->data = bf_le32(p + 10);
    b->from_top = b->h < 0;
    b->h = b->h < 0 ? -b->h : b->h;
    read_masks(b, header);
    size_t at = FILE_HEADER + (size_t)header;
    if (header == INFO_HEADER && (b->packing == BIT_FIELDS || b->packing == ALPHA_BIT_FIELDS))
        at += b->packing == BIT_FIELDS ? 12 : 16;
    if (b->bits <= 8) {
        const size_t most = (size_t)1 << b->bits;
        const size_t told = core || header < INFO_HEADER ? 0 : bf_le32(p + 46);
        /* Some files have fewer colours than they may: what lies between is all there is. */
        const size_t room = at < b->data && b->data <= n ? (b->data - at) / b->entry_bytes : most;
        const size_t there = at < n ? (n - at) / b->entry_bytes : 0;
        b->n_palette = told && told < most ? told : most;
        b->n_palette = b->n_palette < room ? b->n_palette : room;
        b->n_palette = b->n_palette < there ? b->n_palette : there;
        b->palette = p + at;
    }
    return BF_OK;
}

static int check_kind(const struct bmp *b, struct bf_err *err)
{
    const bool whole = b->bits == 1 || b->bits == 2 || b->bits == 4 || b->bits == 8 ||
                       b->bits == 16 || b->bits == 24 || b->bits == 32;
    const bool fields = b->packing == BIT_FIELDS || b->packing == ALPHA_BIT_FIELDS;
    if (whole && (b->packing == PLAIN || (fields && (b->bits == 16 || b->bits == 32)) ||
                  (b->packing == RUNS_8 && b->bits == 8) || (b->packing == RUNS_4 && b->bits == 4)))
        return BF_OK;
    return bf_fail(err, BF_EDATA, "a BMP of %d bits a pixel, compression %u, is not read", b->bits,
                   b->packing);
}

/* The bits of a mask as 0 .. 255: the upper 8 of wider fields, narrower ones spread evenly. */
static uint8_t field(uint32_t v, uint32_t mask)
{
    if (mask == 0)
        return 0;
    int shift = 0, bits = 0;
    while (!(mask >> shift & 1))
        shift++;
    while (shift + bits < 32 && (mask >> (shift + bits) & 1))
        bits++;
    v = (v & mask) >> shift;
    if (bits >= 8)
        return (uint8_t)(v >> (bits - 8));
    const uint32_t top = (1u << bits) - 1;
    return (uint8_t)(((v & top) * 255 + top / 2) / top);
}

static void put_colour(const struct bmp *b, uint32_t i, uint8_t *q)
{
    const bool known = i < b->n_palette;
    for (int c = 0; c < 3; c++)
        q[c] = known ? b->palette[i * b->entry_bytes + (size_t)(2 - c)] : 0;
}

/* One row that is stored as it is. */
static void read_row(const struct bmp *b, const uint8_t *from, int n_ch, uint8_t *q)
{
    for (int64_t x = 0; x < b->w; x++, q += n_ch) {
        if (b->bits <= 8) {
            const int64_t bit = x * b->bits;
            const uint32_t top = (1u << b->bits) - 1;
            put_colour(b, from[bit / 8] >> (8 - b->bits - bit % 8) & top, q);
        } else if (b->bits == 24) {
            for (int c = 0; c < 3; c++)
                q[c] = from[3 * x + 2 - c];
        } else {
            const uint32_t v = b->bits == 16 ? bf_le16(from + 2 * x) : bf_le32(from + 4 * x);
            for (int c = 0; c < n_ch; c++)
                q[c] = field(v, b->masks[c]);
        }
    }
}

static uint8_t *row_of(const struct bmp *b, const struct bf_pixels *p, int64_t i)
{
    return p->px + (size_t)(b->from_top ? i : b->h - 1 - i) * (size_t)p->w * (size_t)p->n_ch;
}

static void read_rows(const struct bmp *b, struct bf_pixels *p)
{
    const size_t row = (size_t)((b->w * b->bits + 31) / 32) * 4;
    const size_t need = (size_t)((b->w * b->bits + 7) / 8); /* the last one may lack its padding */
    int64_t y = 0;
    for (size_t at = b->data; y < b->h && at < b->n && b->n - at >= need; y++, at += row)
        read_row(b, b->p + at, p->n_ch, row_of(b, p, y));
    if (y == b->h)
        return;
    p->damaged = true;
    bf_pixels_warn(p, "ends early: %lld of %lld rows", (long long)y, (long long)b->h);
}

/* Runs of one colour, or of two by turns with 4 bits; pixels passed over stay as they are. */
static void read_runs(const struct bmp *b, struct bf_pixels *p)
{
    enum { END_ROW, END_ALL, MOVE };
    const bool four = b->packing == RUNS_4;
    int64_t x = 0, y = 0;
    size_t at = b->data;
    bool done = false;
    while (!done && y < b->h && at < b->n && b->n - at >= 2) {
        const int count = b->p[at], value = b->p[at + 1];
        at += 2;
        if (count == 0 && value == END_ROW) {
            x = 0;
            y++;
        } else if (count == 0 && value == END_ALL) {
            done = true;
        } else if (count == 0 && value == MOVE) {
            x += b->n - at >= 2 ? b->p[at] : 0;
            y += b->n - at >= 2 ? b->p[at + 1] : 0;
            at += 2;
        } else {
            const int n = count ? count : value;
            const size_t bytes = four ? ((size_t)n + 1) / 2 : (size_t)n;
            if (!count && b->n - at < bytes)
                break;
            for (int i = 0; i < n; i++, x++) {
                const int v = count ? value : b->p[at + (size_t)(four ? i / 2 : i)];
                if (x < b->w)
                    put_colour(b,
                               (uint32_t)(!four   ? v
                                          : i % 2 ? v & 15
                                                  : v >> 4),
                               row_of(b, p, y) + x * p->n_ch);
            }
            at += count ? 0 : (bytes + 1) / 2 * 2;
        }
    }
    if (done || y >= b->h)
        return;
    p->damaged = true;
    bf_pixels_warn(p, "ends early: %lld of %lld rows", (long long)y, (long long)b->h);
}

int bf_bmp_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    struct bmp b;
    BF_TRY(read_header(bytes, n, &b, err));
    BF_TRY(bf_raster_allowed(b.w, b.h, limits, err));
    BF_TRY(check_kind(&b, err));
    struct bf_pixels p = { .decoder = "bmp" };
    BF_TRY(bf_pixels_new((int)b.w, (int)b.h, b.bits > 8 && b.masks[3] ? 4 : 3, &p, a, err));
    memset(p.px, 255, (size_t)p.w * (size_t)p.h * (size_t)p.n_ch);
    if (b.data >= n)
        return bf_fail(err, BF_EDATA, "the BMP ends early: no pixels in %zu bytes", n);
    if (b.packing == RUNS_8 || b.packing == RUNS_4) {
        /* What no run names is the first colour of the palette. */
        for (size_t i = 0; i < (size_t)p.w * (size_t)p.h; i++)
            put_colour(&b, 0, p.px + 3 * i);
        read_runs(&b, &p);
    } else {
        read_rows(&b, &p);
    }
    *out = p;
    return BF_OK;
}
