/* WebP through libwebp; the first picture of an animation through libwebpdemux. */
#include "modalities/readers/pixels.h"

#ifdef BF_HAVE_WEBP

#include <stdio.h>
#include <string.h>

#include <webp/decode.h>
#ifdef BF_HAVE_WEBPDEMUX
#include <webp/demux.h>
#endif

#include "modalities/raster.h"

static const char *why(VP8StatusCode code)
{
    switch (code) {
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return "it uses a feature that is not known";
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return "it ends early";
    default:
        return "its data is wrong";
    }
}

#ifdef BF_HAVE_WEBPDEMUX
static void free_animation(WebPAnimDecoder **d)
{
    WebPAnimDecoderDelete(*d);
}

static int read_first(const uint8_t *bytes, size_t n, struct bf_pixels *p, struct bf_arena *a,
                      struct bf_err *err)
{
    const WebPData data = { .bytes = bytes, .size = n };
    WebPAnimDecoderOptions options;
    if (!WebPAnimDecoderOptionsInit(&options))
        return bf_fail(err, BF_EDATA, "libwebpdemux is of another version than it was built with");
    options.color_mode = MODE_RGBA;
    BF_AUTO(free_animation) WebPAnimDecoder *d = WebPAnimDecoderNew(&data, &options);
    WebPAnimInfo info;
    uint8_t *px;
    int at_ms;
    if (!d || !WebPAnimDecoderGetInfo(d, &info) || (int)info.canvas_width != p->full_w ||
        (int)info.canvas_height != p->full_h || !WebPAnimDecoderGetNext(d, &px, &at_ms))
        return bf_fail(err, BF_EDATA, "the animated WebP is damaged");
    BF_TRY(bf_pixels_new(p->full_w, p->full_h, 4, p, a, err));
    memcpy(p->px, px, (size_t)p->w * (size_t)p->h * 4);
    return BF_OK;
}
#else
static int read_first(const uint8_t *bytes, size_t n, struct bf_pixels *p, struct bf_arena *a,
                      struct bf_err *err)
{
    (void)bytes, (void)n, (void)p, (void)a;
    return bf_fail(err, BF_EDATA,
                   "an animated WebP cannot be read without libwebpdemux; install "
                   "it and build again");
}
#endif

static void delete_decoder(WebPIDecoder **d)
{
    WebPIDelete(*d);
}

/* Rows up to where the data ends, the rest white. */
static int read_what_is_there(const uint8_t *bytes, size_t n, WebPDecoderConfig *config,
                              struct bf_pixels *p, struct bf_err *err)
{
    int rows = 0;
    memset(p->px, 255, (size_t)p->w * (size_t)p->h * (size_t)p->n_ch);
    BF_AUTO(delete_decoder) WebPIDecoder *d = WebPIDecode(NULL, 0, config);
    if (!d)
        return bf_fail_memory(err, "a decoder");
    const VP8StatusCode code = WebPIUpdate(d, bytes, n);
    if (code != VP8_STATUS_OK && code != VP8_STATUS_SUSPENDED)
        return bf_fail(err, BF_EDATA, "the WebP is damaged: %s", why(code));
    if (!WebPIDecGetRGB(d, &rows, NULL, NULL, NULL) || rows <= 0)
        return bf_fail(err, BF_EDATA, "the WebP ends early: no picture in %zu bytes", n);
    if (code == VP8_STATUS_OK)
        return BF_OK;
    p->damaged = true;
    bf_pixels_warn(p, "ends early: %d of %d rows", rows, p->h);
    return BF_OK;
}

/* Smaller where that is enough: the decoder averages while it writes rows. */
static void fit(const struct bf_limits *limits, bool lossless, int *w, int *h)
{
    const int shorter = *w < *h ? *w : *h;
    if (limits->enough <= 0 || shorter < 2 * limits->enough || lossless)
        return;
    const int by = shorter / limits->enough;
    *w = (*w + by - 1) / by;
    *h = (*h + by - 1) / by;
}

int bf_webp_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    enum { LOSSLESS = 2 };
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        return bf_fail(err, BF_EDATA, "libwebp is of another version than it was built with");
    const VP8StatusCode code = WebPGetFeatures(bytes, n, &config.input);
    if (code != VP8_STATUS_OK)
        return bf_fail(err, BF_EDATA, "the WebP is damaged: %s", why(code));
    int w = config.input.width, h = config.input.height;
    BF_TRY(bf_raster_allowed(w, h, limits, err));
    struct bf_pixels p = { .full_w = w, .full_h = h, .decoder = "libwebp" };
    if (config.input.has_animation) {
        BF_TRY(read_first(bytes, n, &p, a, err));
        *out = p;
        return BF_OK;
    }
    fit(limits, config.input.format == LOSSLESS, &w, &h);
    BF_TRY(bf_pixels_new(w, h, config.input.has_alpha ? 4 : 3, &p, a, err));
    config.options.use_scaling = w != p.full_w || h != p.full_h;
    config.options.scaled_width = w;
    config.options.scaled_height = h;
    config.output.colorspace = p.n_ch == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = p.px;
    config.output.u.RGBA.stride = w * p.n_ch;
    config.output.u.RGBA.size = (size_t)w * (size_t)h * (size_t)p.n_ch;
    const VP8StatusCode decoded = WebPDecode(bytes, n, &config);
    if (decoded == VP8_STATUS_SUSPENDED || decoded == VP8_STATUS_NOT_ENOUGH_DATA)
        BF_TRY(read_what_is_there(bytes, n, &config, &p, err));
    else if (decoded != VP8_STATUS_OK)
        return bf_fail(err, decoded == VP8_STATUS_OUT_OF_MEMORY ? BF_ENOMEM : BF_EDATA,
                       "the WebP is damaged: %s", why(decoded));
    *out = p;
    return BF_OK;
}

#else

int bf_webp_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    (void)bytes, (void)n, (void)limits, (void)out, (void)a, (void)err;
    return BF_END;
}

#endif
