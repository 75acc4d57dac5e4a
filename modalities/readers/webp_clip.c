/* Animated WebP as clips, through libwebpdemux. */
#include "modalities/readers/webp_clip.h"

#include <stdio.h>
#include <string.h>

#ifdef BF_HAVE_WEBPDEMUX
#include <webp/decode.h>
#include <webp/demux.h>
#endif

#include "modalities/raster.h"

bool bf_is_webp(const uint8_t *head, size_t n)
{
    return n >= 12 && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WEBP", 4) == 0;
}

#ifdef BF_HAVE_WEBPDEMUX
struct animation {
    WebPAnimDecoder *dec;
    WebPAnimInfo info;
    struct bf_moment *moments;
    size_t n;
    double seconds;
    bool damaged; /* fewer frames than the file says */
};

static void animation_done(struct animation *w)
{
    WebPAnimDecoderDelete(w->dec);
}

static int animation_open(struct animation *w, const uint8_t *bytes, size_t n,
                          const struct bf_limits *limits, struct bf_arena *a, struct bf_err *err)
{
    enum { MAX_ANIMATION = 1 << 16 };
    const WebPData data = { .bytes = bytes, .size = n };
    WebPBitstreamFeatures first;
    WebPAnimDecoderOptions options;
    if (WebPGetFeatures(bytes, n, &first) != VP8_STATUS_OK)
        return bf_fail(err, BF_EDATA, "the WebP is damaged");
    BF_TRY(bf_raster_allowed(first.width, first.height, limits, err));
    if (!WebPAnimDecoderOptionsInit(&options))
        return bf_fail(err, BF_EDATA, "libwebpdemux is of another version than it was built with");
    options.color_mode = MODE_RGBA;
    w->dec = WebPAnimDecoderNew(&data, &options);
    if (!w->dec || !WebPAnimDecoderGetInfo(w->dec, &w->info))
        return bf_fail(err, BF_EDATA, "the WebP is damaged, or ends early");
    BF_TRY(bf_raster_allowed(w->info.canvas_width, w->info.canvas_height, limits, err));
    if (w->info.frame_count < 1 || w->info.frame_count > MAX_ANIMATION)
        return bf_fail(err, BF_EDATA, "the WebP has %u frames; allowed: 1 to %d",
                       w->info.frame_count, MAX_ANIMATION);
    w->moments = bf_arena_alloc(a, w->info.frame_count, sizeof *w->moments);
    return w->moments ? BF_OK : bf_fail_memory(err, "a clip");
}

/* All frames are decoded once for their times, as each lies over those before it. */
static int animation_scan(struct animation *w, bool scenes, struct bf_arena *a, struct bf_err *err)
{
    const size_t n_px = (size_t)w->info.canvas_width * w->info.canvas_height;
    uint8_t *luma = scenes ? bf_arena_alloc(a, n_px, 1) : NULL;
    double before = 0;
    if (scenes && !luma)
        return bf_fail_memory(err, "a clip");
    int end_ms = 0;
    while (w->n < w->info.frame_count && WebPAnimDecoderHasMoreFrames(w->dec)) {
        const int at_ms = end_ms;
        uint8_t *px;
        if (!WebPAnimDecoderGetNext(w->dec, &px, &end_ms) || end_ms < at_ms)
            break;
        struct bf_moment *m = &w->moments[w->n++];
        *m = (struct bf_moment){ .at = at_ms / 1000.0, .key = w->n == 1 };
        uint64_t sum = 0;
        for (size_t i = 0; scenes && i < n_px; i++) {
            uint8_t rgb[3];
            for (int c = 0; c < 3; c++)
                rgb[c] = bf_over_white(px[4 * i + (size_t)c], px[4 * i + 3]);
            const uint8_t y = bf_luma(rgb);
            sum += (uint64_t)(y > luma[i] ? y - luma[i] : luma[i] - y);
            luma[i] = y;
        }
        const double mean = w->n > 1 ? (double)sum / (double)n_px : 0;
        m->change = bf_scene_change(mean, before);
        before = mean;
    }
    w->damaged = w->n < w->info.frame_count;
    w->seconds = end_ms / 1000.0;
    return w->n ? BF_OK : bf_fail(err, BF_EDATA, "no frame of the WebP can be decoded");
}

static int keep_frame(const struct animation *w, const uint8_t *px, int side, struct bf_raster *out,
                      struct bf_arena *a, struct bf_err *err)
{
    struct bf_raster whole;
    int fit_w, fit_h;
    BF_TRY(bf_raster_new((int)w->info.canvas_width, (int)w->info.canvas_height, &whole, a, err));
    const size_t n_px = (size_t)whole.w * (size_t)whole.h;
    for (size_t i = 0; i < n_px; i++)
        for (size_t c = 0; c < 3; c++)
            whole.px[3 * i + c] = bf_over_white(px[4 * i + c], px[4 * i + 3]);
    bf_raster_fit(whole.w, whole.h, side, &fit_w, &fit_h);
    if (fit_w == whole.w && fit_h == whole.h) {
        *out = whole;
        return BF_OK;
    }
    return bf_raster_resize(&whole, fit_w, fit_h, out, a, err);
}

static int keep_chosen(struct animation *w, const struct bf_choice *how, struct bf_clip *clip,
                       struct bf_arena *a, struct bf_err *err)
{
    size_t *chosen = bf_arena_alloc(a, (size_t)how->most, sizeof *chosen);
    if (!chosen)
        return bf_fail_memory(err, "a clip");
    const int n = bf_choose(how, w->moments, w->n, w->seconds, chosen);
    clip->frames = bf_arena_alloc(a, (size_t)n, sizeof *clip->frames);
    clip->at_seconds = bf_arena_alloc(a, (size_t)n, sizeof *clip->at_seconds);
    if (!clip->frames || !clip->at_seconds)
        return bf_fail_memory(err, "a clip");
    WebPAnimDecoderReset(w->dec);
    for (size_t i = 0; clip->n_frames < n; i++) {
        uint8_t *px;
        int end_ms;
        if (!WebPAnimDecoderGetNext(w->dec, &px, &end_ms))
            return bf_fail(err, BF_EDATA, "the WebP decodes differently each time");
        if (i != chosen[clip->n_frames])
            continue;
        clip->at_seconds[clip->n_frames] = w->moments[i].at;
        BF_TRY(keep_frame(w, px, how->side, &clip->frames[clip->n_frames++], a, err));
    }
    clip->seconds = w->seconds;
    return BF_OK;
}

int bf_webp_clip(const uint8_t *bytes, size_t n, const struct bf_choice *how,
                 const struct bf_limits *limits, struct bf_clip *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err)
{
    BF_AUTO(animation_done) struct animation w = { 0 };
    struct bf_clip clip = { 0 };
    BF_TRY(animation_open(&w, bytes, n, limits, a, err));
    BF_TRY(animation_scan(&w, how->select == BF_SELECT_SCENES, a, err));
    if (w.seconds > limits->clip_seconds)
        return bf_fail(err, BF_EDATA, "the clip is %.0f s long, limit %g", w.seconds,
                       limits->clip_seconds);
    BF_TRY(keep_chosen(&w, how, &clip, a, err));
    struct bf_media_info got = {
        .carrier = BF_CLIP,
        .w = (int)w.info.canvas_width,
        .h = (int)w.info.canvas_height,
        .n_frames = (int)w.n,
        .seconds = w.seconds,
        .rate_hz = w.seconds > 0 ? (double)w.n / w.seconds : 0,
        .format = "webp",
        .ext = "webp",
        .decoder = "libwebp",
        .damaged = w.damaged,
    };
    if (w.damaged)
        snprintf(got.warning, sizeof got.warning, "ends early: %zu of %u frames", w.n,
                 w.info.frame_count);
    for (int i = 0; i < clip.n_frames; i++)
        bf_raster_add_mean(&clip.frames[i], got.mean);
    for (int c = 0; c < 3; c++)
        got.mean[c] /= clip.n_frames;
    *out = clip;
    *info = got;
    return BF_OK;
}
#else
int bf_webp_clip(const uint8_t *bytes, size_t n, const struct bf_choice *how,
                 const struct bf_limits *limits, struct bf_clip *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err)
{
    (void)bytes, (void)n, (void)how, (void)limits, (void)out, (void)info, (void)a;
    return bf_fail(
        err, BF_EDATA,
        "an animated WebP cannot be read without libwebpdemux; install it and build again");
}
#endif
