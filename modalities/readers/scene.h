#ifndef BF_MODALITIES_READERS_SCENE_H
#define BF_MODALITIES_READERS_SCENE_H

#include "core/err.h"
#include "modalities/readers/rgb.h"

struct AVFrame;

/* How much each frame changes from the one before it. Zeroed: ready. */
struct bf_scene {
    struct AVFrame *before;
    double mean; /* of the frame before: see bf_scene_change() */
};

/* bf_scene_change() of `f`, the next frame; 0 for the first one and where the size changes. Luma
 * is that of the frame; of formats without luma all planes count. BF_ENOMEM. */
int bf_scene_next(struct bf_scene *s, const struct AVFrame *f, float *change_out,
                  struct bf_err *err);

void bf_scene_done(struct bf_scene *s);

#endif
