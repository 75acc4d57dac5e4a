#ifndef BF_MODALITIES_WRITERS_JPEG_H
#define BF_MODALITIES_WRITERS_JPEG_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* A baseline JPEG of `quality` 1 .. 100 on the scale of the Independent JPEG Group, colours at half
 * the resolution up to 90, as Pillow and OpenCV write it. By libjpeg-turbo, without which
 * stb_image_write makes other bytes of the same picture. Bytes live in `a`. BF_ENOMEM; BF_EDATA: a
 * side is above 65535 pixels. */
int bf_jpeg_encode(const struct bf_raster *r, int quality, struct bf_blob *out, struct bf_arena *a,
                   struct bf_err *err);

#endif
