#ifndef BF_MODALITIES_READERS_RGB_H
#define BF_MODALITIES_READERS_RGB_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

struct AVFrame;
struct SwsContext;

/* What turning decoded frames into RGB needs, kept from one frame to the next. Zeroed: ready. */
struct bf_rgb {
    struct SwsContext *sws;
    struct AVFrame *rgb;
    struct bf_rgb_form {
        int w, h, format, matrix, full, to_w, to_h, to_format;
    } form; /* what `sws` was made for */
};

/* FFmpeg's frame as a raster of w x h, scaled in the same pass. Matrix and range are those that
 * the frame names; where it names no matrix, BT.709 from 720 rows on and BT.601 below, as players
 * have it. Chroma is interpolated, transparency goes over white. BF_EDATA; BF_ENOMEM. */
int bf_rgb_raster(struct bf_rgb *p, const struct AVFrame *f, int w, int h, struct bf_raster *out,
                  struct bf_arena *a, struct bf_err *err);

void bf_rgb_done(struct bf_rgb *p);

#endif
