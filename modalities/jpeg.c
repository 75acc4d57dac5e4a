/* Operator `jpeg`: the picture as a JPEG file of low quality keeps it. */
#include <math.h>

#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/severity.h"
#include "modalities/stb.h"

struct jpeg {
    int quality;
    double severity;
};

static int make_recompressed(void *ctx, const struct bf_raster *in, struct bf_raster *out,
                             struct bf_arena *a, struct bf_err *err)
{
    struct bf_blob file;
    BF_TRY(bf_jpeg_encode(in, *(const int *)ctx, &file, a, err));
    return bf_stb_decode(file.bytes, file.n, &bf_default_limits, out, a, err);
}

static int jpeg_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                      struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct jpeg *o = priv;
    int quality = (int)lrint(100 - o->severity * (100 - o->quality));
    (void)with;
    if (o->severity <= 0) {
        *out = *in;
        return BF_OK;
    }
    return bf_frames_make(in, make_recompressed, &quality, out, a, err);
}

static const struct bf_opt jpeg_opts[] = {
    { "quality", BF_OPT_INT, offsetof(struct jpeg, quality), "10", 1, 100, "quality",
      "of the Independent JPEG Group's scale; 90 and less halve the resolution of colours", NULL },
    BF_SEVERITY_OPT(offsetof(struct jpeg, severity),
                    "quality 100 - (100 - quality) times this, rounded; at 0 nothing is done"),
    { .name = NULL },
};

const struct bf_operator bf_operator_jpeg = {
    .op = {
        .name = "jpeg",
        .summary = "compress as JPEG and read back",
        .source = "ITU-T T.81, annex K; docs/operators.md#jpeg",
        .priv_size = sizeof(struct jpeg),
        .opts = jpeg_opts,
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP),
    .apply = jpeg_apply,
};
