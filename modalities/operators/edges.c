/* Operator `edges`: outlines without colour and without surfaces. */
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/raster.h"

/* Sobel's operator: gx and gy weigh the 3 x 3 luma around a pixel by
 *     -1 0 1      -1 -2 -1
 *     -2 0 2  and  0  0  0
 *     -1 0 1       1  2  1
 * and the level is sqrt(gx^2 + gy^2) / 4, at most 255: a step of n levels across shows as n. */
static uint8_t edge_at(const uint8_t *above, const uint8_t *here, const uint8_t *below, int x)
{
    const int gx = above[x + 1] + 2 * here[x + 1] + below[x + 1] - above[x - 1] - 2 * here[x - 1] -
                   below[x - 1];
    const int gy =
        below[x - 1] + 2 * below[x] + below[x + 1] - above[x - 1] - 2 * above[x] - above[x + 1];
    return (uint8_t)lrint(fmin(sqrt((double)(gx * gx + gy * gy)) / 4, 255));
}

/* The luma with one more pixel on each side, where the outermost goes on: [h + 2][w + 2]. */
static uint8_t *luma_of(const struct bf_raster *r, struct bf_arena *a)
{
    const size_t row = (size_t)r->w + 2;
    uint8_t *plane = bf_arena_alloc(a, row, (size_t)r->h + 2);
    for (int y = 0; plane && y < r->h; y++) {
        uint8_t *to = plane + ((size_t)y + 1) * row + 1;
        for (int x = 0; x < r->w; x++)
            to[x] = bf_luma(r->px + y * r->stride + 3 * x);
        to[-1] = to[0];
        to[r->w] = to[r->w - 1];
    }
    if (plane) {
        memcpy(plane, plane + row, row);
        memcpy(plane + ((size_t)r->h + 1) * row, plane + (size_t)r->h * row, row);
    }
    return plane;
}

static int make_edges(void *ctx, const struct bf_raster *in, struct bf_raster *out,
                      struct bf_arena *a, struct bf_err *err)
{
    (void)ctx;
    const size_t row = (size_t)in->w + 2;
    const uint8_t *plane = luma_of(in, a);
    if (!plane)
        return bf_fail_memory(err, "a picture");
    BF_TRY(bf_raster_new(in->w, in->h, out, a, err));
    for (int y = 0; y < in->h; y++) {
        const uint8_t *here = plane + ((size_t)y + 1) * row + 1;
        uint8_t *to = out->px + y * out->stride;
        for (int x = 0; x < in->w; x++, to += 3)
            to[0] = to[1] = to[2] = edge_at(here - row, here, here + row, x);
    }
    return BF_OK;
}

static int edges_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                       struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    (void)priv, (void)with;
    return bf_frames_make(in, make_edges, NULL, out, a, err);
}

const struct bf_operator bf_operator_edges = {
    .op = {
        .name = "edges",
        .summary = "keep edges only, bright on black",
        .source = "Sobel and Feldman (1968); docs/operators.md#edges",
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP),
    .apply = edges_apply,
};
