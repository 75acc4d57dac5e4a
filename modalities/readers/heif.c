/* HEIC and AVIF through libheif. */
#include "modalities/readers/pixels.h"

#ifdef BF_HAVE_HEIF

#include <string.h>

#include <libheif/heif.h>

#include "modalities/raster.h"

static void free_context(struct heif_context **c)
{
    heif_context_free(*c);
}

static void release_handle(struct heif_image_handle **h)
{
    heif_image_handle_release(*h);
}

static void release_image(struct heif_image **i)
{
    heif_image_release(*i);
}

static int fail(struct heif_error e, struct bf_err *err)
{
    /* It says so of any size that it does not like. */
    if (e.code == heif_error_Memory_allocation_error)
        return bf_fail(err, BF_EDATA, "the picture wants more memory than it may have");
    return bf_fail(err, BF_EDATA, "the picture is damaged, or of a kind that is not read: %s",
                   e.message);
}

/* A profile that cannot be had is one that is not there. */
static int take_profile(const struct heif_image_handle *h, struct bf_pixels *p, struct bf_arena *a,
                        struct bf_err *err)
{
    enum { MOST_BYTES = 1 << 24 };
    const size_t n = heif_image_handle_get_raw_color_profile_size(h);
    if (n == 0 || n > MOST_BYTES)
        return BF_OK;
    uint8_t *profile = bf_arena_alloc(a, n, 1);
    if (!profile)
        return bf_fail_memory(err, "a colour profile");
    if (heif_image_handle_get_raw_color_profile(h, profile).code == heif_error_Ok) {
        p->profile = profile;
        p->n_profile = n;
    }
    return BF_OK;
}

static int copy_pixels(const struct heif_image *image, int n_ch, struct bf_pixels *p,
                       struct bf_arena *a, struct bf_err *err)
{
    int stride = 0;
    const uint8_t *from = heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
    const int w = heif_image_get_width(image, heif_channel_interleaved);
    const int h = heif_image_get_height(image, heif_channel_interleaved);
    if (!from || w < p->full_w || h < p->full_h || stride / n_ch < w)
        return bf_fail(err, BF_EDATA, "the picture is smaller than its header says");
    BF_TRY(bf_pixels_new(p->full_w, p->full_h, n_ch, p, a, err));
    const size_t row = (size_t)p->w * (size_t)n_ch;
    for (int y = 0; y < p->h; y++)
        memcpy(p->px + (size_t)y * row, from + (ptrdiff_t)y * stride, row);
    return BF_OK;
}

int bf_heif_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    BF_AUTO(free_context) struct heif_context *ctx = heif_context_alloc();
    BF_AUTO(release_handle) struct heif_image_handle *handle = NULL;
    BF_AUTO(release_image) struct heif_image *image = NULL;
    if (!ctx)
        return bf_fail_memory(err, "a decoder");
    heif_context_set_maximum_image_size_limit(ctx, limits->side);
    heif_context_set_max_decoding_threads(ctx, 0);
    struct heif_error e = heif_context_read_from_memory_without_copy(ctx, bytes, n, NULL);
    if (e.code == heif_error_Ok)
        e = heif_context_get_primary_image_handle(ctx, &handle);
    if (e.code != heif_error_Ok)
        return fail(e, err);
    struct bf_pixels p = { .decoder = "libheif" };
    p.full_w = heif_image_handle_get_width(handle);
    p.full_h = heif_image_handle_get_height(handle);
    BF_TRY(bf_raster_allowed(p.full_w, p.full_h, limits, err));
    BF_TRY(take_profile(handle, &p, a, err));
    const bool alpha = heif_image_handle_has_alpha_channel(handle);
    e = heif_decode_image(handle, &image, heif_colorspace_RGB,
                          alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, NULL);
    if (e.code != heif_error_Ok)
        return fail(e, err);
    BF_TRY(copy_pixels(image, alpha ? 4 : 3, &p, a, err));
    *out = p;
    return BF_OK;
}

#else

int bf_heif_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    (void)bytes, (void)n, (void)limits, (void)out, (void)a, (void)err;
    return BF_END;
}

#endif
