#ifndef BF_MODALITIES_READERS_STB_H
#define BF_MODALITIES_READERS_STB_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"
#include "modalities/readers/pixels.h"

/* Decode JPEG (not one of inks), PNG or GIF (first picture). Limits are checked on the header.
 * BF_EDATA with the decoder's reason; BF_ENOMEM. */
int bf_stb_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                struct bf_pixels *out, struct bf_arena *a, struct bf_err *err);

/* The same as RGB, transparency flattened on white. */
int bf_stb_decode(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                  struct bf_raster *out, struct bf_arena *a, struct bf_err *err);

/* The gray values [h][w] of a PNG picture as they are stored, 0 .. 255 or 0 .. 65535; colours
 * become gray. BF_EDATA; BF_ENOMEM. */
int bf_stb_values(const uint8_t *bytes, size_t n, const struct bf_limits *limits, float **out,
                  int *w_out, int *h_out, struct bf_arena *a, struct bf_err *err);

/* A PNG of `r`, the same bytes on every machine. BF_ENOMEM. */
int bf_png_encode(const struct bf_raster *r, struct bf_blob *out, struct bf_arena *a,
                  struct bf_err *err);

#endif
