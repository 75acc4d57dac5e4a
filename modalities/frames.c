/* What operators on pictures and on clips have in common. */
#include "modalities/frames.h"

int bf_frames_make(const struct bf_media *in, bf_frame_maker *make, void *ctx, struct bf_media *out,
                   struct bf_arena *a, struct bf_err *err)
{
    struct bf_media m = *in;
    if (in->carrier == BF_RASTER) {
        BF_TRY(make(ctx, &in->raster, &m.raster, a, err));
        *out = m;
        return BF_OK;
    }
    const struct bf_clip *from = &in->clip;
    const size_t n = (size_t)from->n_frames;
    m.clip.frames = bf_arena_alloc(a, n, sizeof *m.clip.frames);
    m.clip.at_seconds = bf_arena_memdup(a, from->at_seconds, n * sizeof *m.clip.at_seconds);
    if (!m.clip.frames || !m.clip.at_seconds)
        return bf_fail_memory(err, "a clip");
    for (size_t i = 0; i < n; i++) {
        if (i && from->frames[i].px == from->frames[i - 1].px)
            m.clip.frames[i] = m.clip.frames[i - 1];
        else
            BF_TRY(make(ctx, &from->frames[i], &m.clip.frames[i], a, err));
    }
    *out = m;
    return BF_OK;
}

int bf_frames_pick(const struct bf_clip *in, const uint32_t *from, const double *at, int n,
                   double seconds, struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    struct bf_clip clip = {
        .n_frames = n,
        .frames = bf_arena_alloc(a, (size_t)n, sizeof *clip.frames),
        .at_seconds = bf_arena_memdup(a, at, (size_t)n * sizeof *clip.at_seconds),
        .seconds = seconds,
    };
    if (!clip.frames || !clip.at_seconds)
        return bf_fail_memory(err, "a clip");
    for (int i = 0; i < n; i++)
        clip.frames[i] = in->frames[from[i]];
    *out = (struct bf_media){ .carrier = BF_CLIP, .clip = clip };
    return BF_OK;
}
