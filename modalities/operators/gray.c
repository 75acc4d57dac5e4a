/* Operator `gray`: every pixel is the flat level 128, no matter what was there. */
#include "modalities/operators/blank.h"

static int gray_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                      struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    static const uint8_t rgb[3] = { 128, 128, 128 };
    const struct bf_blank *o = priv;
    (void)with;
    return bf_blank_color(o->size, in, rgb, out, a, err);
}

const struct bf_operator bf_operator_gray = {
    .op = {
        .name = "gray",
        .summary = "show a flat gray picture (level 128) instead",
        .source = "docs/operators.md#gray",
        .priv_size = sizeof(struct bf_blank),
        .opts = bf_blank_opts,
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP),
    .removes = true,
    .looks_at = bf_blank_looks_at,
    .apply = gray_apply,
};
