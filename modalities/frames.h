#ifndef BF_MODALITIES_FRAMES_H
#define BF_MODALITIES_FRAMES_H

#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* Makes one picture from another: new pixels in `a`, `in` left alone. */
typedef int bf_frame_maker(void *ctx, const struct bf_raster *in, struct bf_raster *out,
                           struct bf_arena *a, struct bf_err *err);

/* `make` for a raster, or for every frame of a clip, whose times are kept. Frames that share their
 * pixels are made once and share them again. Codes are those of `make`; BF_ENOMEM. */
int bf_frames_make(const struct bf_media *in, bf_frame_maker *make, void *ctx, struct bf_media *out,
                   struct bf_arena *a, struct bf_err *err);

/* A clip of `n` frames of `in`, `from` [n] naming them, at the times of `at` [n], `seconds` long;
 * pixels are shared with `in`. BF_ENOMEM. */
int bf_frames_pick(const struct bf_clip *in, const uint32_t *from, const double *at, int n,
                   double seconds, struct bf_media *out, struct bf_arena *a, struct bf_err *err);

/* One frame of `n`, of an option with these words. */
enum bf_frame { BF_FRAME_FIRST, BF_FRAME_MIDDLE, BF_FRAME_LAST };
#define BF_FRAME_WORDS "first|middle|last"

static inline uint32_t bf_frame_of(enum bf_frame which, int n)
{
    return (uint32_t)(which == BF_FRAME_FIRST ? 0 : which == BF_FRAME_MIDDLE ? (n - 1) / 2 : n - 1);
}

#endif
