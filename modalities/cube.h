#ifndef BF_MODALITIES_CUBE_H
#define BF_MODALITIES_CUBE_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* A view all around, equirectangular, as the six sides of a cube seen from inside, each 90 degrees
 * wide and without the bending: front (the picture's middle), right, back, left, then up and down,
 * as one sees them who stands towards the front and lifts or lowers the head; three to a row, each
 * under its name. A side has a quarter of the picture's width, 512 px at most. Degrees are as many
 * px in both directions: a picture that is not twice as wide as high ends above and below the
 * horizon, and is black beyond. Between px colours are mixed (bilinear), around the back too.
 * BF_ENOMEM. */
int bf_raster_cube(const struct bf_raster *in, struct bf_raster *out, struct bf_arena *a,
                   struct bf_err *err);

#endif
