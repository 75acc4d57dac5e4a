/* Operator `bursts`: a sensor, or a line, that fails now and then. */
#include <math.h>
#include <stdlib.h>

#include "core/ops.h"
#include "modalities/operators/severity.h"
#include "modalities/signal.h"

struct bursts {
    int bursts, fill;
    double share, severity;
};

static int by_value(const void *x, const void *y)
{
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* Bursts of equal length anywhere, but never one over another: the steps that stay are cut at
 * uniformly random places, and a burst put in at each cut. */
static int bursts_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                        struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct bursts *o = priv;
    const size_t n_bursts = (size_t)o->bursts;
    struct bf_signal s;
    BF_TRY(bf_signal_copy(in, out, &s, a, err));
    const size_t len = (size_t)lrint(o->share * o->severity * (double)s.n / o->bursts);
    double *cut = bf_arena_alloc(a, n_bursts, sizeof *cut);
    if (!cut)
        return bf_fail_memory(err, "a trace");
    if (len * n_bursts >= s.n) {
        for (int ch = 0; len && ch < s.n_ch; ch++)
            bf_signal_lose(s.v + (size_t)ch * s.n, 0, s.n, (enum bf_fill)o->fill, in->carrier);
        return BF_OK;
    }
    const size_t stay = s.n - len * n_bursts;
    for (size_t b = 0; b < n_bursts; b++)
        cut[b] = bf_rng_unit(&with->rng);
    qsort(cut, n_bursts, sizeof *cut, by_value);
    for (size_t b = 0; b < n_bursts; b++) {
        const size_t at = (size_t)(cut[b] * (double)(stay + 1)) + b * len;
        for (int ch = 0; ch < s.n_ch; ch++)
            bf_signal_lose(s.v + (size_t)ch * s.n, at, len, (enum bf_fill)o->fill, in->carrier);
    }
    return BF_OK;
}

static const struct bf_opt bursts_opts[] = {
    { "share", BF_OPT_NUM, offsetof(struct bursts, share), "0.5", 0, 1, "of the time",
      "how much is lost, of all channels at once", NULL },
    { "bursts", BF_OPT_INT, offsetof(struct bursts, bursts), "5", 1, 10000, "bursts",
      "in how many stretches of equal length, at random times", NULL },
    { "fill", BF_OPT_ENUM, offsetof(struct bursts, fill), "zero", 0, 0, NULL, BF_FILL_HELP,
      BF_FILL_WORDS },
    BF_SEVERITY_OPT(offsetof(struct bursts, severity), "the share lost times this"),
    { .name = NULL },
};

const struct bf_operator bf_operator_bursts = {
    .op = {
        .name = "bursts",
        .summary = "lose all channels for some stretches of time",
        .source = "docs/operators.md#bursts",
        .priv_size = sizeof(struct bursts),
        .opts = bursts_opts,
    },
    .carriers = BF_BIT(BF_WAVE) | BF_BIT(BF_TRACE),
    .random = true,
    .apply = bursts_apply,
};
