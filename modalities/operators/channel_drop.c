/* Operator `channel_drop`: some channels of a sensor, or of a sound, are lost. */
#include <math.h>

#include "core/ops.h"
#include "modalities/operators/severity.h"
#include "modalities/operators/shuffle.h"
#include "modalities/signal.h"

struct channel_drop {
    int fill;
    double share, severity;
};

static int channel_drop_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                              struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct channel_drop *o = priv;
    struct bf_signal s;
    BF_TRY(bf_signal_copy(in, out, &s, a, err));
    uint8_t *lost = bf_arena_alloc(a, (size_t)s.n_ch, 1);
    if (!lost)
        return bf_fail_memory(err, "a trace");
    /* A third of three is one, though 3 * (1 / 3.0) may be a little more. */
    const double n = ceil(o->share * o->severity * s.n_ch - 1e-9);
    bf_choose_some(&with->rng, (uint32_t)s.n_ch, (uint32_t)n, lost);
    for (int ch = 0; ch < s.n_ch; ch++)
        if (lost[ch])
            bf_signal_lose(s.v + (size_t)ch * s.n, 0, s.n, (enum bf_fill)o->fill, in->carrier);
    return BF_OK;
}

static const struct bf_opt channel_drop_opts[] = {
    { "share", BF_OPT_NUM, offsetof(struct channel_drop, share), "0.5", 0, 1, "of the channels",
      "how many are lost, rounded up; drawn at random", NULL },
    { "fill", BF_OPT_ENUM, offsetof(struct channel_drop, fill), "zero", 0, 0, NULL, BF_FILL_HELP,
      BF_FILL_WORDS },
    BF_SEVERITY_OPT(offsetof(struct channel_drop, severity), "the share lost times this"),
    { .name = NULL },
};

const struct bf_operator bf_operator_channel_drop = {
    .op = {
        .name = "channel_drop",
        .summary = "lose some of the channels for the whole time",
        .source = "docs/operators.md#channel_drop",
        .priv_size = sizeof(struct channel_drop),
        .opts = channel_drop_opts,
    },
    .carriers = BF_BIT(BF_WAVE) | BF_BIT(BF_TRACE),
    .random = true,
    .apply = channel_drop_apply,
};
