#ifndef BF_MODALITIES_RASTER_H
#define BF_MODALITIES_RASTER_H

#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* A raster of zeros without padding. BF_ENOMEM. */
int bf_raster_new(int w, int h, struct bf_raster *out, struct bf_arena *a, struct bf_err *err);

/* Whether a picture of this size may be decoded. BF_EDATA names the limit it breaks. */
int bf_raster_allowed(int64_t w, int64_t h, const struct bf_limits *limits, struct bf_err *err);

/* Every pixel the same. */
void bf_raster_fill(struct bf_raster *r, const uint8_t rgb[3]);

/* Turn `in` upright: `orientation` is EXIF's 1 .. 8 (Exif 2.32, tag 0x0112). For 1 `*out` is
 * `*in`, pixels shared; otherwise the pixels are new. BF_ENOMEM. */
int bf_raster_orient(const struct bf_raster *in, int orientation, struct bf_raster *out,
                     struct bf_arena *a, struct bf_err *err);

/* Mean over the area each new pixel covers: `w` <= in->w, `h` <= in->h, or either may be larger
 * (then pixels repeat). New pixels. BF_ENOMEM. */
int bf_raster_resize(const struct bf_raster *in, int w, int h, struct bf_raster *out,
                     struct bf_arena *a, struct bf_err *err);

/* The size with the longest side at most `side`, shape kept, both >= 1. */
void bf_raster_fit(int w, int h, int side, int *w_out, int *h_out);

/* Add the mean R, G, B (0 .. 255) to `sum`. */
void bf_raster_add_mean(const struct bf_raster *r, double sum[3]);

/* Y' = 0.299 R' + 0.587 G' + 0.114 B' (ITU-R BT.601-7, 2.5.1), weights in 1/65536, rounded. */
static inline uint8_t bf_luma(const uint8_t rgb[3])
{
    return (uint8_t)((19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 0x8000u) >> 16);
}

/* RGBA over white. */
static inline uint8_t bf_over_white(int value, int alpha)
{
    return (uint8_t)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

#endif
