/* Operator `drift`: a sensor whose zero wanders. */

#include "core/ops.h"
#include "modalities/operators/severity.h"
#include "modalities/signal.h"

struct drift {
    double by, severity;
};

/* Added to step i of n: by * (hi - lo) * i / (n - 1), from nothing at the first. */
static int drift_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                       struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct drift *o = priv;
    struct bf_signal s;
    (void)with;
    BF_TRY(bf_signal_copy(in, out, &s, a, err));
    for (int ch = 0; s.n > 1 && ch < s.n_ch; ch++) {
        float *v = s.v + (size_t)ch * s.n;
        const struct bf_channel c = bf_signal_measure(v, s.n);
        const double slope =
            o->by * o->severity * ((double)c.hi - (double)c.lo) / (double)(s.n - 1);
        for (size_t i = 0; i < s.n; i++)
            v[i] = (float)((double)v[i] + slope * (double)i);
    }
    return BF_OK;
}

static const struct bf_opt drift_opts[] = {
    { "by", BF_OPT_NUM, offsetof(struct drift, by), "1", -1000, 1000, "of its range",
      "how far each channel has moved at its end, in units of its range", NULL },
    BF_SEVERITY_OPT(offsetof(struct drift, severity), "the distance times this"),
    { .name = NULL },
};

const struct bf_operator bf_operator_drift = {
    .op = {
        .name = "drift",
        .summary = "add a straight line to each channel",
        .source = "docs/operators.md#drift",
        .priv_size = sizeof(struct drift),
        .opts = drift_opts,
    },
    .carriers = BF_BIT(BF_TRACE),
    .apply = drift_apply,
};
