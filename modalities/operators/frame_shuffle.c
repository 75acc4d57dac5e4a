/* Operator `frame_shuffle`: what is seen stays, the order in which it is seen goes. */
#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/operators/severity.h"
#include "modalities/operators/shuffle.h"

struct frame_shuffle {
    double severity;
};

static int frame_shuffle_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                               struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct frame_shuffle *o = priv;
    const struct bf_clip *c = &in->clip;
    uint32_t *from;
    BF_TRY(bf_shuffle_some(&with->rng, (uint32_t)c->n_frames, o->severity, &from, a, err));
    return bf_frames_pick(c, from, c->at_seconds, c->n_frames, c->seconds, out, a, err);
}

static const struct bf_opt frame_shuffle_opts[] = {
    BF_SEVERITY_OPT(offsetof(struct frame_shuffle, severity),
                    "this share of the frames change places, the others stay"),
    { .name = NULL },
};

const struct bf_operator bf_operator_frame_shuffle = {
    .op = {
        .name = "frame_shuffle",
        .summary = "show the frames in another order, at the same times",
        .source = "docs/operators.md#frame_shuffle",
        .priv_size = sizeof(struct frame_shuffle),
        .opts = frame_shuffle_opts,
    },
    .carriers = BF_BIT(BF_CLIP),
    .random = true,
    .apply = frame_shuffle_apply,
};
