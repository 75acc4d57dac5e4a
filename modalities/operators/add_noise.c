/* Operator `add_noise`: noise over the signal, at a ratio to it. */
#include <math.h>

#include "core/ops.h"
#include "modalities/operators/severity.h"
#include "modalities/signal.h"

struct add_noise {
    double snr, severity;
};

/* SNR = 20 log10(rms of the signal / rms of the noise), a channel's deviation being its signal. */
static int add_noise_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                           struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct add_noise *o = priv;
    struct bf_signal s;
    BF_TRY(bf_signal_copy(in, out, &s, a, err));
    for (int ch = 0; ch < s.n_ch; ch++) {
        float *v = s.v + (size_t)ch * s.n;
        const double rms =
            bf_signal_measure(v, s.n).deviation * pow(10, -o->snr / 20) * o->severity;
        double pair[2] = { 0 };
        for (size_t i = 0; i < s.n; i++) {
            if (i % 2 == 0)
                bf_gauss_pair(&with->rng, pair);
            v[i] = (float)((double)v[i] + rms * pair[i % 2]);
        }
    }
    return BF_OK;
}

static const struct bf_opt add_noise_opts[] = {
    { "snr", BF_OPT_NUM, offsetof(struct add_noise, snr), "0", -100, 100, "dB",
      "signal-to-noise ratio of every channel", NULL },
    BF_SEVERITY_OPT(offsetof(struct add_noise, severity),
                    "the amplitude of the noise times this: the ratio grows by -20 log10 of it"),
    { .name = NULL },
};

const struct bf_operator bf_operator_add_noise = {
    .op = {
        .name = "add_noise",
        .summary = "add Gaussian noise at a signal-to-noise ratio",
        .source = "docs/operators.md#add_noise",
        .priv_size = sizeof(struct add_noise),
        .opts = add_noise_opts,
    },
    .carriers = BF_BIT(BF_WAVE) | BF_BIT(BF_TRACE),
    .random = true,
    .apply = add_noise_apply,
};
