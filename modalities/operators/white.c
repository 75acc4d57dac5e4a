/* Operator `white`: every pixel is white. */
#include "modalities/operators/blank.h"

static int white_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                       struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    static const uint8_t rgb[3] = { 255, 255, 255 };
    const struct bf_blank *o = priv;
    (void)with;
    return bf_blank_color(o->size, in, rgb, out, a, err);
}

const struct bf_operator bf_operator_white = {
    .op = {
        .name = "white",
        .summary = "show a white picture instead",
        .source = "docs/operators.md#white",
        .priv_size = sizeof(struct bf_blank),
        .opts = bf_blank_opts,
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP),
    .removes = true,
    .looks_at = bf_blank_looks_at,
    .apply = white_apply,
};
