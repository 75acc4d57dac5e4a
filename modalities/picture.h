#ifndef BF_MODALITIES_PICTURE_H
#define BF_MODALITIES_PICTURE_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* What a picture is shown as, in a clip too: a PNG, or with a `quality` above 0 a JPEG of that,
 * without a word about it, made smaller when a side is longer than `side` pixels; 0 = never.
 * BF_ENOMEM; BF_EDATA: too large for its format. */
int bf_picture_present(const struct bf_raster *r, int side, int quality, struct bf_blob *out,
                       struct bf_arena *a, struct bf_err *err);

#endif
