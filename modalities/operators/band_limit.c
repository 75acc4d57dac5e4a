/* Operator `band_limit`: frequencies outside a band go. */
#include <math.h>

#include "core/ops.h"
#include "modalities/operators/severity.h"
#include "modalities/signal.h"

enum { N_SECTIONS = 4 };
static const double pi = 3.141592653589793;

struct band_limit {
    double low, high, severity;
};

static int band_limit_check(const void *priv, struct bf_err *err)
{
    const struct band_limit *o = priv;
    if (o->low >= o->high)
        return bf_fail(err, BF_EINVAL, "band_limit: 'low' %g Hz is not below 'high' %g Hz", o->low,
                       o->high);
    return BF_OK;
}

/* y[i] = b0 x[i] + b1 x[i-1] + b2 x[i-2] - a1 y[i-1] - a2 y[i-2] */
struct section {
    double b0, b1, b2, a1, a2;
};

/* Section k of a Butterworth filter of order 2 N_SECTIONS by the bilinear transform, as the Audio
 * EQ Cookbook (Bristow-Johnson) writes it: w0 = 2 pi f / rate, alpha = sin(w0) / 2 Q, and
 * 1 / Q = 2 cos(pi (2 k + 1) / (4 N_SECTIONS)). */
static struct section section_of(double hz, double rate_hz, int k, bool high_pass)
{
    const double w0 = 2 * pi * hz / rate_hz;
    const double alpha = sin(w0) * cos(pi * (2 * k + 1) / (4.0 * N_SECTIONS));
    const double c = cos(w0);
    const double a0 = 1 + alpha;
    const double b = high_pass ? 1 + c : 1 - c;
    return (struct section){ .b0 = b / 2 / a0,
                             .b1 = (high_pass ? -b : b) / a0,
                             .b2 = b / 2 / a0,
                             .a1 = -2 * c / a0,
                             .a2 = (1 - alpha) / a0 };
}

/* One pass over `n` values, forwards or backwards, starting from silence. */
static void run(const struct section *s, float *v, size_t n, bool backwards)
{
    double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    for (size_t k = 0; k < n; k++) {
        float *at = &v[backwards ? n - 1 - k : k];
        const double x = (double)*at;
        const double y = s->b0 * x + s->b1 * x1 + s->b2 * x2 - s->a1 * y1 - s->a2 * y2;
        x2 = x1;
        x1 = x;
        y2 = y1;
        y1 = y;
        *at = (float)y;
    }
}

/* Forwards and backwards, so that nothing is delayed; half the power is lost at `hz` each way. */
static void filter(const struct bf_signal *s, double hz, bool high_pass)
{
    for (int ch = 0; ch < s->n_ch; ch++)
        for (int k = 0; k < N_SECTIONS; k++) {
            const struct section one = section_of(hz, s->rate_hz, k, high_pass);
            run(&one, s->v + (size_t)ch * s->n, s->n, false);
            run(&one, s->v + (size_t)ch * s->n, s->n, true);
        }
}

static int band_limit_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                            struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct band_limit *o = priv;
    struct bf_signal s;
    (void)with;
    BF_TRY(bf_signal_copy(in, out, &s, a, err));
    const double nyquist = s.rate_hz / 2;
    const double low = o->low * o->severity;
    const double high = o->high < nyquist && o->severity > 0
                            ? nyquist * pow(o->high / nyquist, o->severity)
                            : nyquist;
    if (high < nyquist)
        filter(&s, high, false);
    if (low > 0 && low < nyquist)
        filter(&s, low, true);
    else if (low >= nyquist) /* nothing of it lies in the band */
        for (size_t i = 0; i < s.n * (size_t)s.n_ch; i++)
            s.v[i] = 0;
    return BF_OK;
}

static const struct bf_opt band_limit_opts[] = {
    { "low", BF_OPT_NUM, offsetof(struct band_limit, low), "0 Hz", 0, 1e6, "Hz",
      "what lies below goes", NULL },
    { "high", BF_OPT_NUM, offsetof(struct band_limit, high), "1000 Hz", 1, 1e6, "Hz",
      "what lies above goes", NULL },
    BF_SEVERITY_OPT(offsetof(struct band_limit, severity),
                    "low times this; high goes, in octaves, this part of the way down from half "
                    "the sample rate"),
    { .name = NULL },
};

const struct bf_operator bf_operator_band_limit = {
    .op = {
        .name = "band_limit",
        .summary = "keep a band of frequencies only",
        .source = "docs/operators.md#band_limit",
        .priv_size = sizeof(struct band_limit),
        .opts = band_limit_opts,
    },
    .carriers = BF_BIT(BF_WAVE),
    .check = band_limit_check,
    .apply = band_limit_apply,
};
