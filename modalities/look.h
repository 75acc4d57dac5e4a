#ifndef BF_MODALITIES_LOOK_H
#define BF_MODALITIES_LOOK_H

#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* What one picture looks like, measured on 64 x 64 pixels. */

enum {
    BF_LOOK_SIDE = 64,
    BF_LOOK_COLORS = 15, /* 12 hues of 30 degrees, red in the middle of the first; black, gray,
                            white */
    BF_LOOK_GRID = 4,
    BF_LOOK_EDGES = 8,
    BF_LOOK_DCT = 8,
};

struct bf_look {
    float colors[BF_LOOK_COLORS];                /* square root of each one's share, 0 .. 1 */
    float mean[3], std[3];                       /* of R, G, B, 0 .. 1 */
    float grid[BF_LOOK_GRID * BF_LOOK_GRID * 3]; /* mean colours, 0 .. 1 */
    float edges[BF_LOOK_EDGES]; /* share of the gradient in each orientation of 22.5 degrees */
    float edge_density;         /* 0 .. about 1 */
    /* The foreground is what differs from the median colour of the picture's border. */
    float fg_share, fg_x, fg_y; /* its share and centre, 0 .. 1; centre 0.5 when there is none */
    float fg_colors[BF_LOOK_COLORS];
    int n_blobs; /* connected pieces of foreground */
    int n_flats; /* connected pieces of even colour in it: touching things apart */
    float flat_colors[BF_LOOK_COLORS]; /* number of flats of each colour / 4 */
    /* The largest blob. All 0 when there is none. */
    float fill;         /* its share of its bounding box: disc 0.79, triangle 0.5 */
    float eccentricity; /* of the ellipse with its second moments, 0 .. 1 */
    float x, y, w, h;   /* its box's centre and size, 0 .. 1 */
    float area;         /* its share of the picture */
};

/* `small` is 64 x 64, as bf_raster_resize makes it. */
void bf_look_at(const struct bf_raster *small, struct bf_look *out);

/* Low-frequency part [8][8] of the orthonormal DCT-II of the picture's luminance at 32 x 32,
 * divided by 32: the first value is the mean level, 0 .. 255. */
void bf_look_dct(const struct bf_raster *small, double out[BF_LOOK_DCT * BF_LOOK_DCT]);

/* 64 bits, one for each of those values above their median (the first left out of it): the
 * perceptual hash as in phash.org's "DCT hash". */
uint64_t bf_look_hash(const double dct[BF_LOOK_DCT * BF_LOOK_DCT]);

#endif
