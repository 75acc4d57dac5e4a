/* Operator `grayscale`: the colour goes, the light stays. */
#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/raster.h"

static int make_gray(void *ctx, const struct bf_raster *in, struct bf_raster *out,
                     struct bf_arena *a, struct bf_err *err)
{
    (void)ctx;
    BF_TRY(bf_raster_new(in->w, in->h, out, a, err));
    for (int y = 0; y < in->h; y++) {
        const uint8_t *from = in->px + y * in->stride;
        uint8_t *to = out->px + y * out->stride;
        for (int x = 0; x < in->w; x++, from += 3, to += 3)
            to[0] = to[1] = to[2] = bf_luma(from);
    }
    return BF_OK;
}

static int grayscale_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                           struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    (void)priv, (void)with;
    return bf_frames_make(in, make_gray, NULL, out, a, err);
}

const struct bf_operator bf_operator_grayscale = {
    .op = {
        .name = "grayscale",
        .summary = "take the colour away, keep the luma",
        .source = "docs/operators.md#grayscale",
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP),
    .apply = grayscale_apply,
};
