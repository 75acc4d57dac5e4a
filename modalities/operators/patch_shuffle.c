/* Operator `patch_shuffle`: what a picture is made of stays, where it stands goes. */
#include <string.h>

#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/raster.h"
#include "modalities/operators/severity.h"
#include "modalities/operators/shuffle.h"

struct patch_shuffle {
    int grid;
    double severity;
};

/* The cut of one picture, the same for all frames of a clip. */
struct cut {
    int nx, ny;
    uint32_t *from; /* [ny][nx] */
};

static int make_shuffled(void *ctx, const struct bf_raster *in, struct bf_raster *out,
                         struct bf_arena *a, struct bf_err *err)
{
    const struct cut *c = ctx;
    const int w = in->w / c->nx;
    const int h = in->h / c->ny;
    BF_TRY(bf_raster_new(in->w, in->h, out, a, err));
    for (int y = 0; y < in->h; y++) /* what the patches leave over stays */
        memcpy(out->px + y * out->stride, in->px + y * in->stride, (size_t)in->w * 3);
    for (int to = 0; to < c->nx * c->ny; to++) {
        const int from = (int)c->from[to];
        for (int y = 0; y < h; y++)
            memcpy(out->px + (to / c->nx * h + y) * out->stride + to % c->nx * w * 3,
                   in->px + (from / c->nx * h + y) * in->stride + from % c->nx * w * 3,
                   (size_t)w * 3);
    }
    return BF_OK;
}

static int patch_shuffle_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                               struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct patch_shuffle *o = priv;
    const struct bf_raster *r = in->carrier == BF_CLIP ? in->clip.frames : &in->raster;
    struct cut c = { .nx = o->grid < r->w ? o->grid : r->w, .ny = o->grid < r->h ? o->grid : r->h };
    BF_TRY(bf_shuffle_some(&with->rng, (uint32_t)(c.nx * c.ny), o->severity, &c.from, a, err));
    return bf_frames_make(in, make_shuffled, &c, out, a, err);
}

static const struct bf_opt patch_shuffle_opts[] = {
    { "grid", BF_OPT_INT, offsetof(struct patch_shuffle, grid), "4", 2, 256, "patches a side",
      "the picture is cut into this many columns and rows", NULL },
    BF_SEVERITY_OPT(offsetof(struct patch_shuffle, severity),
                    "this share of the patches change places, the others stay"),
    { .name = NULL },
};

const struct bf_operator bf_operator_patch_shuffle = {
    .op = {
        .name = "patch_shuffle",
        .summary = "cut the picture into patches and change their places",
        .source = "docs/operators.md#patch_shuffle",
        .priv_size = sizeof(struct patch_shuffle),
        .opts = patch_shuffle_opts,
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP),
    .random = true,
    .apply = patch_shuffle_apply,
};
