/* Operator `time_shuffle`: pieces of a sound or a trace change places. */
#include <string.h>

#include "core/ops.h"
#include "modalities/operators/severity.h"
#include "modalities/operators/shuffle.h"
#include "modalities/signal.h"

struct time_shuffle {
    int pieces;
    double severity;
};

static int time_shuffle_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                              struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct time_shuffle *o = priv;
    const struct bf_signal from = bf_signal_of(in);
    const size_t n = (size_t)o->pieces < from.n ? (size_t)o->pieces : from.n;
    const size_t len = from.n / n; /* steps left over stay at the end */
    struct bf_signal to;
    uint32_t *order;
    BF_TRY(bf_signal_copy(in, out, &to, a, err));
    BF_TRY(bf_shuffle_some(&with->rng, (uint32_t)n, o->severity, &order, a, err));
    for (int ch = 0; ch < to.n_ch; ch++)
        for (size_t i = 0; i < n; i++)
            memcpy(to.v + (size_t)ch * to.n + i * len, from.v + (size_t)ch * to.n + order[i] * len,
                   len * sizeof *to.v);
    return BF_OK;
}

static const struct bf_opt time_shuffle_opts[] = {
    { "pieces", BF_OPT_INT, offsetof(struct time_shuffle, pieces), "10", 2, 100000, "pieces",
      "of equal length, all channels cut alike", NULL },
    BF_SEVERITY_OPT(offsetof(struct time_shuffle, severity),
                    "this share of the pieces change places, the others stay"),
    { .name = NULL },
};

const struct bf_operator bf_operator_time_shuffle = {
    .op = {
        .name = "time_shuffle",
        .summary = "cut it into pieces of time and change their places",
        .source = "docs/operators.md#time_shuffle",
        .priv_size = sizeof(struct time_shuffle),
        .opts = time_shuffle_opts,
    },
    .carriers = BF_BIT(BF_WAVE) | BF_BIT(BF_TRACE),
    .random = true,
    .apply = time_shuffle_apply,
};
