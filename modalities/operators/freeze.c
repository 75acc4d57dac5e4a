/* Operator `freeze`: one frame of the clip stands still for the whole of it; what it shows stays,
 * how it moves goes. */
#include "core/ops.h"
#include "modalities/frames.h"

struct freeze {
    int frame;
};

static int freeze_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                        struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct freeze *o = priv;
    const struct bf_clip *c = &in->clip;
    uint32_t *from = bf_arena_alloc(a, (size_t)c->n_frames, sizeof *from);
    (void)with;
    if (!from)
        return bf_fail_memory(err, "a clip");
    for (int i = 0; i < c->n_frames; i++)
        from[i] = bf_frame_of((enum bf_frame)o->frame, c->n_frames);
    return bf_frames_pick(c, from, c->at_seconds, c->n_frames, c->seconds, out, a, err);
}

static const struct bf_opt freeze_opts[] = {
    { "frame", BF_OPT_ENUM, offsetof(struct freeze, frame), "middle", 0, 0, NULL,
      "which of the clip's frames stands still", BF_FRAME_WORDS },
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
