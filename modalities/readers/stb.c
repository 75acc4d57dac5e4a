/* Pictures through stb_image and stb_image_write; the only file that includes them. */
#include "modalities/readers/stb.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "modalities/raster.h"

/* Reported at the end of the file, where a pop would already have taken it back. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wcast-align"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_GIF
#define STBI_NO_STDIO
#include <stb_image.h>
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>
#pragma GCC diagnostic pop

static void free_pixels(stbi_uc **px)
{
    stbi_image_free(*px);
}

int bf_stb_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    int w, h, n_ch;
    struct bf_pixels p = { .decoder = "stb_image" };
    if (n > INT_MAX)
        return bf_fail(err, BF_EDATA, "the picture file has %zu bytes, limit %d", n, INT_MAX);
    if (!stbi_info_from_memory(bytes, (int)n, &w, &h, &n_ch))
        return bf_fail(err, BF_EDATA, "the picture's header is damaged: %s", stbi_failure_reason());
    BF_TRY(bf_raster_allowed(w, h, limits, err));

    BF_AUTO(free_pixels) stbi_uc *px = stbi_load_from_memory(bytes, (int)n, &w, &h, &n_ch, 4);
    if (!px)
        return bf_fail(err, BF_EDATA, "the picture is damaged: %s", stbi_failure_reason());

    BF_TRY(bf_raster_allowed(w, h, limits, err));
    BF_TRY(bf_pixels_new(w, h, 4, &p, a, err));
    memcpy(p.px, px, (size_t)w * (size_t)h * 4);
    *out = p;
    return BF_OK;
}

int bf_stb_decode(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                  struct bf_raster *out, struct bf_arena *a, struct bf_err *err)
{
    struct bf_pixels p;
    struct bf_raster r;
    BF_TRY(bf_stb_read(bytes, n, limits, &p, a, err));
    BF_TRY(bf_raster_new(p.w, p.h, &r, a, err));
    for (size_t i = 0; i < (size_t)p.w * (size_t)p.h; i++)
        for (int c = 0; c < 3; c++)
            r.px[3 * i + c] = bf_over_white(p.px[4 * i + c], p.px[4 * i + 3]);
    *out = r;
    return BF_OK;
}

static void free_values(stbi_us **v)
{
    stbi_image_free(*v);
}

int bf_stb_values(const uint8_t *bytes, size_t n, const struct bf_limits *limits, float **out,
                  int *w_out, int *h_out, struct bf_arena *a, struct bf_err *err)
{
    int w, h, n_ch;
    if (n > INT_MAX)
        return bf_fail(err, BF_EDATA, "the picture file has %zu bytes, limit %d", n, INT_MAX);
    if (!stbi_info_from_memory(bytes, (int)n, &w, &h, &n_ch))
        return bf_fail(err, BF_EDATA, "the picture's header is damaged: %s", stbi_failure_reason());
    BF_TRY(bf_raster_allowed(w, h, limits, err));
    /* Eight bits come as 257 times their value. */
    const int unit = stbi_is_16_bit_from_memory(bytes, (int)n) ? 1 : 257;
    BF_AUTO(free_values) stbi_us *px = stbi_load_16_from_memory(bytes, (int)n, &w, &h, &n_ch, 1);
    if (!px)
        return bf_fail(err, BF_EDATA, "the picture is damaged: %s", stbi_failure_reason());
    BF_TRY(bf_raster_allowed(w, h, limits, err));
    float *v = bf_arena_alloc(a, (size_t)w * (size_t)h, sizeof *v);
    if (!v)
        return bf_fail_memory(err, "a picture");
    for (size_t i = 0; i < (size_t)w * (size_t)h; i++)
        v[i] = (float)(px[i] / unit);
    *out = v;
    *w_out = w;
    *h_out = h;
    return BF_OK;
}

/* Bytes as they come from the writer. */
static void collect(void *ctx, void *p, int n)
{
    bf_buf_add(ctx, p, (size_t)n);
}

int bf_stb_jpeg(const struct bf_raster *r, int quality, uint8_t **out, size_t *n_out,
                struct bf_arena *a, struct bf_err *err)
{
    const size_t row = 3 * (size_t)r->w;
    uint8_t *px = bf_arena_alloc(a, row, (size_t)r->h); /* it takes rows without padding */
    struct bf_buf b = { 0 };
    for (int y = 0; px && y < r->h; y++)
        memcpy(px + (size_t)y * row, r->px + y * r->stride, row);
    const int made = px && stbi_write_jpg_to_func(collect, &b, r->w, r->h, 3, px, quality);
    *out = made && !b.failed ? bf_arena_memdup(a, b.data, b.len) : NULL;
    *n_out = b.len;
    bf_buf_done(&b);
    return *out ? BF_OK
                : bf_fail(err, BF_ENOMEM, "no memory for a JPEG of %d x %d pixels", r->w, r->h);
}
