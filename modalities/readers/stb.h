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

/* A JPEG of `r`, `quality` 1 .. 100; colours at half the resolution up to 90. BF_ENOMEM. */
int bf_stb_jpeg(const struct bf_raster *r, int quality, uint8_t **out, size_t *n_out,
                struct bf_arena *a, struct bf_err *err);

#endif
