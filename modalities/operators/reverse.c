/* Operator `reverse`: time runs backwards. */
#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/signal.h"

static int reverse_clip(const struct bf_clip *c, struct bf_media *out, struct bf_arena *a,
                        struct bf_err *err)
{
    const size_t n = (size_t)c->n_frames;
    uint32_t *from = bf_arena_alloc(a, n, sizeof *from);
    double *at = bf_arena_alloc(a, n, sizeof *at);
    if (!from || !at)
        return bf_fail_memory(err, "a clip");
    for (size_t i = 0; i < n; i++) {
        from[i] = (uint32_t)(n - 1 - i);
        at[i] = c->seconds - c->at_seconds[n - 1 - i];
    }
    return bf_frames_pick(c, from, at, c->n_frames, c->seconds, out, a, err);
}

static int reverse_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                         struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    (void)priv, (void)with;
    if (in->carrier == BF_CLIP)
        return reverse_clip(&in->clip, out, a, err);
    const struct bf_signal from = bf_signal_of(in);
    struct bf_signal to;
    BF_TRY(bf_signal_new(in, from.n, out, &to, a, err));
    for (int ch = 0; ch < to.n_ch; ch++)
        for (size_t i = 0; i < to.n; i++)
            to.v[(size_t)ch * to.n + i] = from.v[(size_t)ch * to.n + to.n - 1 - i];
    return BF_OK;
}

const struct bf_operator bf_operator_reverse = {
    .op = {
        .name = "reverse",
        .summary = "play it backwards",
        .source = "docs/operators.md#reverse",
    },
    .carriers = BF_BIT(BF_CLIP) | BF_BIT(BF_WAVE) | BF_BIT(BF_TRACE),
    .apply = reverse_apply,
};
