#ifndef BF_MODALITIES_PICTURE_H
#define BF_MODALITIES_PICTURE_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* What a picture is shown as, in a clip too: a PNG, made smaller when a side is longer than 1024
 * pixels. BF_ENOMEM. */
int bf_picture_present(const struct bf_raster *r, struct bf_blob *out, struct bf_arena *a,
                       struct bf_err *err);

#endif
