/* Operator `mute`: a clip without its sound, whatever way it is shown. */
#include "core/ops.h"

static int mute_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                      struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    (void)priv, (void)with, (void)a, (void)err;
    *out = *in; /* decoded frames have none */
    return BF_OK;
}

const struct bf_operator bf_operator_mute = {
    .op = {
        .name = "mute",
        .summary = "show the clip's frames, never its sound",
        .source = "docs/operators.md#mute",
    },
    .carriers = BF_BIT(BF_CLIP),
    .apply = mute_apply,
};
