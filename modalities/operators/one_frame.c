/* Operator `one_frame`: a clip of which one frame is left. */
#include "core/ops.h"
#include "modalities/frames.h"

struct one_frame {
    int frame;
};

static int one_frame_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                           struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct one_frame *o = priv;
    const struct bf_clip *c = &in->clip;
    const uint32_t chosen = bf_frame_of((enum bf_frame)o->frame, c->n_frames);
    (void)with;
    return bf_frames_pick(c, &chosen, &c->at_seconds[chosen], 1, c->seconds, out, a, err);
}

static const struct bf_opt one_frame_opts[] = {
    { "frame", BF_OPT_ENUM, offsetof(struct one_frame, frame), "middle", 0, 0, NULL,
      "which of the clip's frames is left", BF_FRAME_WORDS },
    { .name = NULL },
};

const struct bf_operator bf_operator_one_frame = {
    .op = {
        .name = "one_frame",
        .summary = "show one frame of the clip only",
        .source = "docs/operators.md#one_frame",
        .priv_size = sizeof(struct one_frame),
        .opts = one_frame_opts,
    },
    .carriers = BF_BIT(BF_CLIP),
    .apply = one_frame_apply,
};
