/* Operator `freeze`: one frame of the clip stands still for the whole of it; what it shows stays,
 * how it moves goes. */
#include <string.h>

#include "core/ops.h"
#include "modalities/raster.h"

enum { FREEZE_FIRST, FREEZE_MIDDLE, FREEZE_LAST };

struct freeze {
    int frame;
};

static int freeze_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                        struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct freeze *o = priv;
    const struct bf_clip *from = &in->clip;
    const size_t n = (size_t)from->n_frames;
    (void)with;

    const int chosen = o->frame == FREEZE_FIRST    ? 0
                       : o->frame == FREEZE_MIDDLE ? (from->n_frames - 1) / 2
                                                   : from->n_frames - 1;
    const struct bf_raster *still = &from->frames[chosen];
    struct bf_raster copy;
    BF_TRY(bf_raster_new(still->w, still->h, &copy, a, err));
    for (int y = 0; y < still->h; y++)
        memcpy(copy.px + y * copy.stride, still->px + y * still->stride, (size_t)still->w * 3);

    struct bf_clip clip = {
        .n_frames = from->n_frames,
        .frames = bf_arena_alloc(a, n, sizeof *clip.frames),
        .at_seconds = bf_arena_memdup(a, from->at_seconds, n * sizeof *clip.at_seconds),
        .seconds = from->seconds,
    };
    if (!clip.frames || !clip.at_seconds)
        return bf_fail_memory(err, "a clip");
    for (size_t i = 0; i < n; i++)
        clip.frames[i] = copy; /* one set of pixels serves them all */
    *out = (struct bf_media){ .carrier = BF_CLIP, .clip = clip };
    return BF_OK;
}

static const struct bf_opt freeze_opts[] = {
    { "frame", BF_OPT_ENUM, offsetof(struct freeze, frame), "middle", 0, 0, NULL,
      "which of the clip's frames stands still", "first|middle|last" },
    { .name = NULL },
};

const struct bf_operator bf_operator_freeze = {
    .op = {
        .name = "freeze",
        .summary = "hold one frame of the clip for its whole length",
        .source = "docs/operators.md#freeze",
        .priv_size = sizeof(struct freeze),
        .opts = freeze_opts,
    },
    .carriers = BF_BIT(BF_CLIP),
    .apply = freeze_apply,
};
