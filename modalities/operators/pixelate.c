/* Operator `pixelate`: squares of one colour. */
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/raster.h"
#include "modalities/operators/severity.h"

struct pixelate {
    int block;
    double severity;
};

/* Paint the block at (x0, y0) in its mean colour. */
static void paint_block(const struct bf_raster *in, struct bf_raster *out, int x0, int y0, int side)
{
    const int x1 = x0 + side < in->w ? x0 + side : in->w;
    const int y1 = y0 + side < in->h ? y0 + side : in->h;
    const uint64_t n = (uint64_t)(x1 - x0) * (uint64_t)(y1 - y0);
    uint64_t sum[3] = { 0 };
    for (int y = y0; y < y1; y++) {
        const uint8_t *p = in->px + y * in->stride + 3 * x0;
        uint32_t line[3] = { 0 };
        for (int x = x0; x < x1; x++, p += 3)
            for (int c = 0; c < 3; c++)
                line[c] += p[c];
        for (int c = 0; c < 3; c++)
            sum[c] += line[c];
    }
    uint8_t *first = out->px + y0 * out->stride + 3 * x0;
    for (int x = 0; x < x1 - x0; x++)
        for (int c = 0; c < 3; c++)
            first[3 * x + c] = (uint8_t)((sum[c] + n / 2) / n);
    for (int y = y0 + 1; y < y1; y++)
        memcpy(out->px + y * out->stride + 3 * x0, first, 3 * (size_t)(x1 - x0));
}

static int make_blocks(void *ctx, const struct bf_raster *in, struct bf_raster *out,
                       struct bf_arena *a, struct bf_err *err)
{
    const int side = *(const int *)ctx;
    BF_TRY(bf_raster_new(in->w, in->h, out, a, err));
    for (int y = 0; y < in->h; y += side)
        for (int x = 0; x < in->w; x += side)
            paint_block(in, out, x, y, side);
    return BF_OK;
}

static int pixelate_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                          struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct pixelate *o = priv;
    int side = 1 + (int)lrint(o->severity * (o->block - 1));
    (void)with;
    return bf_frames_make(in, make_blocks, &side, out, a, err);
}

static const struct bf_opt pixelate_opts[] = {
    { "block", BF_OPT_INT, offsetof(struct pixelate, block), "16", 1, 4096, "px",
      "side of the squares, from the top left corner", NULL },
    BF_SEVERITY_OPT(offsetof(struct pixelate, severity),
                    "squares of 1 + (block - 1) times this, rounded"),
    { .name = NULL },
};

const struct bf_operator bf_operator_pixelate = {
    .op = {
        .name = "pixelate",
        .summary = "give squares of pixels their mean colour",
        .source = "docs/operators.md#pixelate",
        .priv_size = sizeof(struct pixelate),
        .opts = pixelate_opts,
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP),
    .apply = pixelate_apply,
};
