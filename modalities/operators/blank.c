/* Media that hold nothing: what removing operators start from. */
#include "modalities/operators/blank.h"

#include "modalities/raster.h"

enum { SIDE = 512, N_FRAMES = 8, CLIP_SECONDS = 8, WAVE_HZ = 16000, TRACE_HZ = 100, SECONDS = 5 };

const struct bf_opt bf_blank_opts[] = {
    BF_BLANK_SIZE_OPT(offsetof(struct bf_blank, size)),
    { .name = NULL },
};

enum bf_looks_at bf_blank_looks_at(const void *priv)
{
    const struct bf_blank *o = priv;
    return o->size == BF_BLANK_FIXED ? BF_LOOKS_AT_NOTHING : BF_LOOKS_AT_SIZE;
}

static int blank_raster(bool fixed, const struct bf_raster *in, struct bf_raster *out,
                        struct bf_arena *a, struct bf_err *err)
{
    return bf_raster_new(fixed ? SIDE : in->w, fixed ? SIDE : in->h, out, a, err);
}

static int blank_clip(bool fixed, const struct bf_clip *in, struct bf_clip *out, struct bf_arena *a,
                      struct bf_err *err)
{
    const int n = fixed ? N_FRAMES : in->n_frames;
    struct bf_clip clip = {
        .n_frames = n,
        .frames = bf_arena_alloc(a, (size_t)n, sizeof *clip.frames),
        .at_seconds = bf_arena_alloc(a, (size_t)n, sizeof *clip.at_seconds),
        .seconds = fixed ? CLIP_SECONDS : in->seconds,
    };
    if (!clip.frames || !clip.at_seconds)
        return bf_fail_memory(err, "a clip");
    for (int i = 0; i < n; i++) {
        clip.at_seconds[i] = fixed ? (i + 0.5) * CLIP_SECONDS / N_FRAMES : in->at_seconds[i];
        BF_TRY(blank_raster(fixed, fixed ? NULL : &in->frames[i], &clip.frames[i], a, err));
    }
    *out = clip;
    return BF_OK;
}

static int blank_wave(bool fixed, const struct bf_wave *in, struct bf_wave *out, struct bf_arena *a,
                      struct bf_err *err)
{
    struct bf_wave w = { .rate_hz = WAVE_HZ, .n_ch = 1, .n = (size_t)WAVE_HZ * SECONDS };
    if (!fixed)
        w = *in;
    w.v = bf_arena_alloc(a, w.n * (size_t)w.n_ch, sizeof *w.v);
    if (!w.v)
        return bf_fail_memory(err, "a sound");
    *out = w;
    return BF_OK;
}

static int blank_trace(bool fixed, const struct bf_trace *in, struct bf_trace *out,
                       struct bf_arena *a, struct bf_err *err)
{
    struct bf_trace t = {
        .rate_hz = TRACE_HZ,
        .n_ch = 1,
        .n = (size_t)TRACE_HZ * SECONDS,
        .unit = "raw",
    };
    if (!fixed)
        t = *in;
    t.v = bf_arena_alloc(a, t.n * (size_t)t.n_ch, sizeof *t.v);
    if (!t.v)
        return bf_fail_memory(err, "a trace");
    *out = t;
    return BF_OK;
}

int bf_blank_new(enum bf_blank_size size, const struct bf_media *in, struct bf_media *out,
                 struct bf_arena *a, struct bf_err *err)
{
    const bool fixed = size == BF_BLANK_FIXED;
    struct bf_media m = { .carrier = in->carrier };
    int rc = BF_OK;
    switch (in->carrier) {
    case BF_RASTER:
        rc = blank_raster(fixed, &in->raster, &m.raster, a, err);
        break;
    case BF_CLIP:
        rc = blank_clip(fixed, &in->clip, &m.clip, a, err);
        break;
    case BF_WAVE:
        rc = blank_wave(fixed, &in->wave, &m.wave, a, err);
        break;
    case BF_TRACE:
        rc = blank_trace(fixed, &in->trace, &m.trace, a, err);
        break;
    case BF_TEXT:
    case BF_CARRIER_COUNT:
        rc = bf_fail(err, BF_EINVAL, "an operator for media cannot replace words");
    }
    if (rc == BF_OK)
        *out = m;
    return rc;
}

int bf_blank_color(enum bf_blank_size size, const struct bf_media *in, const uint8_t rgb[3],
                   struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    struct bf_media m;
    BF_TRY(bf_blank_new(size, in, &m, a, err));
    if (m.carrier == BF_RASTER)
        bf_raster_fill(&m.raster, rgb);
    if (m.carrier == BF_CLIP) {
        bf_raster_fill(&m.clip.frames[0], rgb);
        /* The same pixels serve all frames, which are then presented but once. */
        for (int i = 1; i < m.clip.n_frames; i++)
            m.clip.frames[i] = m.clip.frames[0];
    }
    *out = m;
    return BF_OK;
}
