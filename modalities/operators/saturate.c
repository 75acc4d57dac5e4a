/* Operator `saturate`: a sensor whose range is too small for what it meets. */
#include <math.h>

#include "core/ops.h"
#include "modalities/operators/severity.h"
#include "modalities/signal.h"

struct saturate {
    double range, severity;
};

static int saturate_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                          struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct saturate *o = priv;
    const double range = 1 - o->severity * (1 - o->range);
    struct bf_signal s;
    (void)with;
    BF_TRY(bf_signal_copy(in, out, &s, a, err));
    for (int ch = 0; range < 1 && ch < s.n_ch; ch++) {
        float *v = s.v + (size_t)ch * s.n;
        const struct bf_channel c = bf_signal_measure(v, s.n);
        const double mid = ((double)c.lo + (double)c.hi) / 2;
        const double reach = ((double)c.hi - (double)c.lo) / 2 * range;
        for (size_t i = 0; i < s.n; i++)
            if (!isnan(v[i]))
                v[i] = (float)fmin(fmax((double)v[i], mid - reach), mid + reach);
    }
    return BF_OK;
}

static const struct bf_opt saturate_opts[] = {
    { "range", BF_OPT_NUM, offsetof(struct saturate, range), "0.5", 0, 1, "of its range",
      "what is left of each channel's range, about its middle; beyond it values stick", NULL },
    BF_SEVERITY_OPT(offsetof(struct saturate, severity), "a range of 1 - (1 - range) times this"),
    { .name = NULL },
};

const struct bf_operator bf_operator_saturate = {
    .op = {
        .name = "saturate",
        .summary = "cut off values beyond part of each channel's range",
        .source = "docs/operators.md#saturate",
        .priv_size = sizeof(struct saturate),
        .opts = saturate_opts,
    },
    .carriers = BF_BIT(BF_WAVE) | BF_BIT(BF_TRACE),
    .apply = saturate_apply,
};
