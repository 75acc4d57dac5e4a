/* PNG through libspng. */
#include "modalities/readers/pixels.h"

#ifdef BF_HAVE_SPNG

#include <string.h>

#include <spng.h>

#include "modalities/raster.h"
#include "modalities/readers/marks.h"
#include "core/number.h"

static void free_ctx(spng_ctx **c)
{
    spng_ctx_free(*c);
}

/* Rows one by one, so that those before the damage are kept. Interlaced pictures come in seven
 * passes over the same rows. */
static int read_rows(spng_ctx *ctx, struct bf_pixels *p, int64_t *n_rows_out)
{
    const size_t row_bytes = (size_t)p->w * (size_t)p->n_ch;
    int rc = 0;
    *n_rows_out = 0;
    while (rc == 0) {
        struct spng_row_info row;
        rc = spng_get_row_info(ctx, &row);
        if (rc == 0) {
            rc = spng_decode_row(ctx, p->px + row.row_num * row_bytes, row_bytes);
            *n_rows_out += rc == 0 || rc == SPNG_EOI;
        }
    }
    return rc;
}

/* What the first row or pass could not fill is left white. */
static int read_what_is_there(spng_ctx *ctx, const struct spng_ihdr *ihdr, int fmt,
                              struct bf_pixels *p, struct bf_err *err)
{
    const size_t size = (size_t)p->w * (size_t)p->h * (size_t)p->n_ch;
    int64_t n_rows = 0;
    memset(p->px, 255, size);
    int rc = spng_decode_image(ctx, NULL, 0, fmt, SPNG_DECODE_TRNS | SPNG_DECODE_PROGRESSIVE);
    if (rc == 0)
        rc = read_rows(ctx, p, &n_rows);
    if (rc == SPNG_EOI)
        return BF_OK;
    if (rc == SPNG_EMEM)
        return bf_fail_memory(err, "a picture");
    if (n_rows == 0)
        return bf_fail(err, BF_EDATA, "the PNG is damaged: %s", spng_strerror(rc));
    p->damaged = true;
    if (ihdr->interlace_method)
        bf_pixels_warn(p, "ends early: part of the picture is missing");
    else
        bf_pixels_warn(p, "ends early: %lld of %d rows", (long long)n_rows, p->h);
    return BF_OK;
}

/* libspng reads no byte of a chunk that is not whole: of one that the file ends in, a copy is made
 * that tells the length it has. */
static int mend(const uint8_t **bytes, size_t *n, struct bf_arena *a, struct bf_err *err)
{
    static const uint8_t crc_and_end[] = { 0, 0, 0, 0, 0, 0, 0, 0, 'I', 'E', 'N', 'D', 0, 0, 0, 0 };
    size_t at = 8;
    while (*n - at >= 12 && bf_be32(*bytes + at) <= *n - at - 12)
        at += bf_be32(*bytes + at) + 12;
    if (*n - at <= 8)
        return BF_OK;
    const size_t left = *n - at - 8;
    uint8_t *copy = bf_arena_alloc(a, *n + sizeof crc_and_end, 1);
    if (!copy)
        return bf_fail_memory(err, "a picture");
    memcpy(copy, *bytes, *n);
    for (int i = 0; i < 4; i++)
        copy[at + (size_t)i] = (uint8_t)(left >> (24 - 8 * i));
    memcpy(copy + *n, crc_and_end, sizeof crc_and_end);
    *bytes = copy;
    *n += sizeof crc_and_end;
    return BF_OK;
}

int bf_spng_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    enum { CHUNK_BYTES = 1 << 26, CACHE_BYTES = 1 << 26, PALETTE = 3, ALPHA = 4 };
    BF_TRY(mend(&bytes, &n, a, err));
    BF_AUTO(free_ctx) spng_ctx *ctx = spng_ctx_new(0);
    struct spng_ihdr ihdr;
    struct spng_trns trns;
    if (!ctx)
        return bf_fail_memory(err, "a decoder");
    int rc = spng_set_chunk_limits(ctx, CHUNK_BYTES, CACHE_BYTES);
    /* Checksums of what the picture needs were checked when its chunks were looked at. */
    rc = rc ? rc : spng_set_crc_action(ctx, SPNG_CRC_USE, SPNG_CRC_USE);
    rc = rc ? rc : spng_set_png_buffer(ctx, bytes, n);
    rc = rc ? rc : spng_get_ihdr(ctx, &ihdr);
    if (rc)
        return bf_fail(err, BF_EDATA, "the PNG is damaged: %s", spng_strerror(rc));
    BF_TRY(bf_raster_allowed(ihdr.width, ihdr.height, limits, err));

    const bool alpha = (ihdr.color_type & ALPHA) || spng_get_trns(ctx, &trns) == 0;
    const int fmt = alpha ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8;
    struct bf_pixels p = { .decoder = "libspng" };
    BF_TRY(bf_pixels_new((int)ihdr.width, (int)ihdr.height, alpha ? 4 : 3, &p, a, err));
    BF_TRY(read_what_is_there(ctx, &ihdr, fmt, &p, err));
    *out = p;
    return BF_OK;
}

#else

int bf_spng_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    (void)bytes, (void)n, (void)limits, (void)out, (void)a, (void)err;
    return BF_END;
}

#endif
