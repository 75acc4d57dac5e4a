#ifndef BF_MODALITIES_WRITERS_PNG_H
#define BF_MODALITIES_WRITERS_PNG_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* A PNG of 8-bit RGB, without anything but the pixels. The same pixels make the same bytes. Bytes
 * live in `a`. BF_ENOMEM. */
int bf_png_encode(const struct bf_raster *r, struct bf_blob *out, struct bf_arena *a,
                  struct bf_err *err);

#endif
