/* Operator `shift`: one modality runs ahead of the others, or behind. */
#include <math.h>

#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/operators/severity.h"
#include "modalities/signal.h"

enum { SHIFT_FIXED, SHIFT_SIGN, SHIFT_UNIFORM };
enum { GAP_FILL, GAP_WRAP };

struct shift {
    double seconds, severity;
    int draw, gap;
};

/* `t` seconds into a clip or signal that goes round and round. */
static double wrapped(double t, double seconds)
{
    const double u = t - floor(t / seconds) * seconds;
    return u < seconds ? u : 0;
}

/* At every time the frame that stood nearest to `late` seconds before; of two as near the earlier.
 * The ends go on, or the clip goes round. */
static int shift_clip(const struct bf_clip *c, double late, bool wrap, struct bf_media *out,
                      struct bf_arena *a, struct bf_err *err)
{
    uint32_t *from = bf_arena_alloc(a, (size_t)c->n_frames, sizeof *from);
    if (!from)
        return bf_fail_memory(err, "a clip");
    wrap = wrap && c->seconds > 0;
    for (int i = 0; i < c->n_frames; i++) {
        const double t = c->at_seconds[i] - late;
        const double at = wrap ? wrapped(t, c->seconds) : t;
        double nearest = INFINITY;
        for (int k = 0; k < c->n_frames; k++) {
            double apart = fabs(c->at_seconds[k] - at);
            if (wrap)
                apart = fmin(apart, c->seconds - apart);
            if (apart < nearest - 1e-9) {
                nearest = apart;
                from[i] = (uint32_t)k;
            }
        }
    }
    return bf_frames_pick(c, from, c->at_seconds, c->n_frames, c->seconds, out, a, err);
}

/* A sound begins, or ends, with silence; a sensor holds its first, or last, reading. Or what leaves
 * at one end comes in at the other. */
static int shift_signal(const struct bf_media *in, double late, bool wrap, struct bf_media *out,
                        struct bf_arena *a, struct bf_err *err)
{
    const struct bf_signal from = bf_signal_of(in);
    struct bf_signal to;
    BF_TRY(bf_signal_new(in, from.n, out, &to, a, err));
    const double n = (double)from.n;
    double by = round(late * from.rate_hz);
    by = wrap ? wrapped(by, n) : fmin(fmax(by, -n), n);
    for (int ch = 0; ch < to.n_ch; ch++) {
        const float *x = from.v + (size_t)ch * from.n;
        float *y = to.v + (size_t)ch * to.n;
        for (size_t i = 0; i < to.n; i++) {
            double at = (double)i - by;
            if (wrap)
                at += at < 0 ? n : 0;
            const bool outside = at < 0 || at > n - 1;
            y[i] = outside && in->carrier == BF_WAVE ? 0 : x[(size_t)fmin(fmax(at, 0), n - 1)];
        }
    }
    return BF_OK;
}

static int shift_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                       struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct shift *o = priv;
    const bool wrap = o->gap == GAP_WRAP;
    double late = o->seconds * o->severity;
    if (o->draw == SHIFT_SIGN)
        late *= bf_rng_below(&with->rng, 2) ? 1 : -1;
    if (o->draw == SHIFT_UNIFORM)
        late *= 2 * bf_rng_unit(&with->rng) - 1;
    if (in->carrier == BF_CLIP)
        return shift_clip(&in->clip, late, wrap, out, a, err);
    return shift_signal(in, late, wrap, out, a, err);
}

static const struct bf_opt shift_opts[] = {
    { "by", BF_OPT_NUM, offsetof(struct shift, seconds), "1 s", -3600, 3600, "s",
      "how much later everything happens; negative: earlier", NULL },
    { "draw", BF_OPT_ENUM, offsetof(struct shift, draw), "fixed", 0, 0, NULL,
      "fixed: by 'by'; sign: that much later or earlier, even chances; uniform: any time between "
      "the "
      "two; drawn once a sample for all that is shifted in it",
      "fixed|sign|uniform" },
    { "gap", BF_OPT_ENUM, offsetof(struct shift, gap), "fill", 0, 0, NULL,
      "fill: a sound is silent, a clip and a sensor hold what is at their end; wrap: what leaves "
      "at "
      "one end comes in at the other",
      "fill|wrap" },
    BF_SEVERITY_OPT(offsetof(struct shift, severity), "the time times this"),
    { .name = NULL },
};

const struct bf_operator bf_operator_shift = {
    .op = {
        .name = "shift",
        .summary = "let it run behind the other modalities, or ahead",
        .source = "ITU-R BT.1359-1 (1998) and Iashin et al. (2022) for how much; "
                  "docs/operators.md#shift",
        .priv_size = sizeof(struct shift),
        .opts = shift_opts,
    },
    .carriers = BF_BIT(BF_CLIP) | BF_BIT(BF_WAVE) | BF_BIT(BF_TRACE),
    .random = true,
    .together = true,
    .apply = shift_apply,
};
