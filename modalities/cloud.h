#ifndef BF_MODALITIES_CLOUD_H
#define BF_MODALITIES_CLOUD_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"
#include "modalities/readers/points.h"

/* A cloud of points as pictures. Rays are parallel; everything stays within the ball around the
 * middle of the points' box through its corners, and that ball fills each view, so that all views
 * are to one scale. A point is a square of 1 + side / (2 sqrt(points)) px, 9 at most; the one
 * nearest to the eye is seen. It has its colour, or white, times a light from 1 for what is nearest
 * in this view to 0.3 for what is farthest; the ground is black. */

enum bf_up { BF_UP_Z, BF_UP_Y }; /* which coordinate goes up */

/* One view, side x side px: from `turn` degrees around the upright axis, counted from the front
 * (0: x to the right, y, or -z where y is up, away from the eye) to the right, and from `lift`
 * degrees above; 90: from the top, with what is far in front on top. BF_ENOMEM. */
int bf_cloud_view(const struct bf_points *p, enum bf_up up, double turn, double lift, int side,
                  struct bf_raster *out, struct bf_arena *a, struct bf_err *err);

/* Four views in one picture of 784 x 824 px, each under its name: front (0, 0), right (90, 0), top
 * (0, 90), oblique (45, 30). BF_ENOMEM. */
int bf_cloud_picture(const struct bf_points *p, enum bf_up up, struct bf_raster *out,
                     struct bf_arena *a, struct bf_err *err);

/* A turn around the upright axis in `n_frames` equal steps from the front to the right, 20 degrees
 * above, a frame a second. BF_ENOMEM. */
int bf_cloud_turn(const struct bf_points *p, enum bf_up up, int n_frames, int side,
                  struct bf_clip *out, struct bf_arena *a, struct bf_err *err);

#endif
