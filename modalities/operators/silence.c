/* Operator `silence`: sound without a sound. */
#include "modalities/operators/blank.h"

static int silence_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                         struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct bf_blank *o = priv;
    (void)with;
    return bf_blank_new(o->size, in, out, a, err);
}

const struct bf_operator bf_operator_silence = {
    .op = {
        .name = "silence",
        .summary = "play silence instead",
        .source = "docs/operators.md#silence",
        .priv_size = sizeof(struct bf_blank),
        .opts = bf_blank_opts,
    },
    .carriers = BF_BIT(BF_WAVE),
    .removes = true,
    .looks_at = bf_blank_looks_at,
    .apply = silence_apply,
};
