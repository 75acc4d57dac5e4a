/* Operator `mean`: every pixel has the mean colour of the pool, not of the picture, whose own mean
 * would tell about it. */
#include <math.h>

#include "modalities/operators/blank.h"

static int mean_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                      struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct bf_blank *o = priv;
    uint8_t rgb[3];
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)lrint(fmin(fmax(with->pool_mean[c], 0), 255));
    return bf_blank_color(o->size, in, rgb, out, a, err);
}

const struct bf_operator bf_operator_mean = {
    .op = {
        .name = "mean",
        .summary = "show a flat picture in the mean colour of the whole pool instead",
        .source = "docs/operators.md#mean",
        .priv_size = sizeof(struct bf_blank),
        .opts = bf_blank_opts,
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP),
    .removes = true,
    .pool_mean = true,
    .looks_at = bf_blank_looks_at,
    .apply = mean_apply,
};
