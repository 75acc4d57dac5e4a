#ifndef BF_MODALITIES_READERS_VALUES_H
#define BF_MODALITIES_READERS_VALUES_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* Whether two ends of a range are one. */
static inline bool bf_is_even(double black, double white)
{
    return !(fabs(white - black) > 0);
}

/* A picture of measured values (depth, temperature): gray PNG or PNM of 8 or 16 bits, or an NPY
 * array of shape [h][w]. `black` is shown black, `white` white, what lies beyond as they are; when
 * both are equal, the least and the greatest value. What was not measured (NaN, and 0 in PNG and
 * PNM where neither end is 0) is black. BF_EDATA; BF_ENOMEM. */
int bf_values_picture(const uint8_t *bytes, size_t n, double black, double white,
                      const struct bf_limits *limits, struct bf_raster *out,
                      struct bf_media_info *info, struct bf_arena *a, struct bf_err *err);

#endif
