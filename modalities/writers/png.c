/* Pictures as PNG (ISO/IEC 15948), faster than general writers; the only one that includes zlib. */
#include "modalities/writers/png.h"

#include <string.h>
#include <zlib.h>

enum { N_FILTERS = 5, BPP = 3, HEADER = 8, CHUNK = 12, IHDR = 13, MEM_LEVEL = 9 };

/* The rows of one filter, and how large its values are. */
struct candidate {
    uint8_t *v; /* [row] */
    uint64_t size;
};

static uint8_t paeth(int left, int up, int corner)
{
    const int p = up - corner;
    const int q = left - corner;
    const int a = p < 0 ? -p : p;
    const int b = q < 0 ? -q : q;
    const int c = p + q < 0 ? -p - q : p + q;
    return (uint8_t)(a <= b && a <= c ? left : b <= c ? up : corner);
}

/* What filter `kind` (clause 9) leaves of a row; `up` is the row above, or zeros. */
static void filter(int kind, const uint8_t *restrict px, const uint8_t *restrict up, size_t n,
                   uint8_t *restrict out)
{
    for (size_t i = 0; i < BPP; i++) {
        const int guess[N_FILTERS] = { 0, 0, up[i], up[i] / 2, up[i] };
        out[i] = (uint8_t)(px[i] - guess[kind]);
    }
    const uint8_t *restrict left = px;
    const uint8_t *restrict corner = up;
    px += BPP;
    up += BPP;
    out += BPP;
    n -= BPP;
    switch (kind) {
    case 0:
        memcpy(out, px, n);
        break;
    case 1:
        for (size_t i = 0; i < n; i++)
            out[i] = (uint8_t)(px[i] - left[i]);
        break;
    case 2:
        for (size_t i = 0; i < n; i++)
            out[i] = (uint8_t)(px[i] - up[i]);
        break;
    case 3:
        for (size_t i = 0; i < n; i++)
            out[i] = (uint8_t)(px[i] - ((left[i] + up[i]) >> 1));
        break;
    default:
        for (size_t i = 0; i < n; i++)
            out[i] = (uint8_t)(px[i] - paeth(left[i], up[i], corner[i]));
    }
}

/* The sum of the values as signed numbers, signs left out. */
static uint64_t size_of(const uint8_t *v, size_t n)
{
    enum { PIECE = 256 }; /* of which the sum fits into 16 bits */
    uint64_t size = 0;
    for (size_t at = 0; at < n; at += PIECE) {
        uint16_t sum = 0;
        for (size_t i = at; i < n && i < at + PIECE; i++) {
            const uint8_t minus = (uint8_t)-v[i];
            sum = (uint16_t)(sum + (v[i] < minus ? v[i] : minus));
        }
        size += sum;
    }
    return size;
}

/* Choose for each row the filter that leaves the smallest values (clause 12.8), write its number
 * and its values. `out` [h][1 + row] */
static int filter_all(const struct bf_raster *r, uint8_t *out, struct bf_arena *a,
                      struct bf_err *err)
{
    const size_t row = (size_t)r->w * BPP;
    uint8_t *up = bf_arena_alloc(a, row, 1); /* zeros */
    uint8_t *spare = bf_arena_alloc(a, row, 1);
    if (!up || !spare)
        return bf_fail_memory(err, "a PNG");
    for (int y = 0; y < r->h; y++) {
        const uint8_t *px = r->px + y * r->stride;
        uint8_t *to = out + (size_t)y * (row + 1);
        uint64_t best = UINT64_MAX;
        for (int kind = 0; kind < N_FILTERS; kind++) {
            filter(kind, px, y ? px - r->stride : up, row, spare);
            const uint64_t size = size_of(spare, row);
            if (size < best) {
                best = size;
                *to = (uint8_t)kind;
                memcpy(to + 1, spare, row);
            }
        }
    }
    return BF_OK;
}

static uint8_t *put_u32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
    return p + 4;
}

/* Length and name before, checksum behind the `n` bytes that stand at p + 8 already. */
static uint8_t *end_chunk(uint8_t *p, const char *name, size_t n)
{
    put_u32(p, (uint32_t)n);
    memcpy(p + 4, name, 4);
    return put_u32(p + 8 + n, (uint32_t)crc32(0, p + 4, (uInt)(n + 4)));
}

static void *take(void *arena, uInt n, uInt size)
{
    return bf_arena_alloc(arena, n, size);
}

static void leave(void *arena, void *p)
{
    (void)arena, (void)p; /* it goes with the arena */
}

/* Runs of one value and Huffman codes. What filters leave of photographs is shorter so than with
 * zlib's level 1, and nearly as short as with level 6, in a tenth of the time. */
static int compress_all(uint8_t *in, size_t n, uint8_t *out, size_t *n_out, struct bf_arena *a,
                        struct bf_err *err)
{
    z_stream z = { .zalloc = take, .zfree = leave, .opaque = a };
    if (deflateInit2(&z, 1, Z_DEFLATED, MAX_WBITS, MEM_LEVEL, Z_RLE) != Z_OK)
        return bf_fail_memory(err, "a PNG");
    z.next_in = in;
    z.avail_in = (uInt)n;
    z.next_out = out;
    z.avail_out = (uInt)*n_out;
    const int rc = deflate(&z, Z_FINISH);
    *n_out = z.total_out;
    (void)deflateEnd(&z); /* BF_OK or not, all has been said */
    return rc == Z_STREAM_END ? BF_OK : bf_fail(err, BF_ENOMEM, "no memory for a PNG");
}

int bf_png_encode(const struct bf_raster *r, struct bf_blob *out, struct bf_arena *a,
                  struct bf_err *err)
{
    const size_t n = ((size_t)r->w * BPP + 1) * (size_t)r->h;
    /* No more than deflate can make of it (RFC 1951: stored blocks), and what stands around. */
    const size_t room = n + n / 64 + 1024;
    if (room > UINT32_MAX)
        return bf_fail(err, BF_EDATA, "a picture of %d x %d pixels is too large for a PNG", r->w,
                       r->h);
    uint8_t *values = bf_arena_alloc(a, n, 1);
    uint8_t *png = bf_arena_alloc(a, room, 1);
    if (!values || !png)
        return bf_fail(err, BF_ENOMEM, "no memory for a PNG of %d x %d pixels", r->w, r->h);
    BF_TRY(filter_all(r, values, a, err));
    memcpy(png, "\x89PNG\r\n\x1a\n", HEADER);
    uint8_t *p = png + HEADER;
    put_u32(put_u32(p + 8, (uint32_t)r->w), (uint32_t)r->h);
    memcpy(p + 16, "\x08\x02\x00\x00\x00", 5); /* 8 bits of RGB, no interlacing */
    p = end_chunk(p, "IHDR", IHDR);
    size_t n_packed = room - HEADER - 3 * CHUNK - IHDR;
    BF_TRY(compress_all(values, n, p + 8, &n_packed, a, err));
    p = end_chunk(p, "IDAT", n_packed);
    p = end_chunk(p, "IEND", 0);
    *out =
        (struct bf_blob){ .ext = "png", .mime = "image/png", .bytes = png, .n = (size_t)(p - png) };
    return BF_OK;
}
