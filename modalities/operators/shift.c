/* Operator `shift`: one modality runs ahead of the others, or behind. */
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/operators/severity.h"
#include "modalities/signal.h"

struct shift {
    double seconds, severity;
};

/* At every time the frame that stood there `late` seconds before, the ends going on. */
static int shift_clip(const struct bf_clip *c, double late, struct bf_media *out,
                      struct bf_arena *a, struct bf_err *err)
{
    uint32_t *from = bf_arena_alloc(a, (size_t)c->n_frames, sizeof *from);
    if (!from)
        return bf_fail_memory(err, "a clip");
    for (int i = 0; i < c->n_frames; i++)
        for (int k = 1; k < c->n_frames; k++)
            if (fabs(c->at_seconds[k] - (c->at_seconds[i] - late)) <
                fabs(c->at_seconds[from[i]] - (c->at_seconds[i] - late)) - 1e-9)
                from[i] = (uint32_t)k;
    return bf_frames_pick(c, from, c->at_seconds, c->n_frames, c->seconds, out, a, err);
}

/* A sound begins, or ends, with silence; a sensor holds its first, or last, reading. */
static int shift_signal(const struct bf_media *in, double late, struct bf_media *out,
                        struct bf_arena *a, struct bf_err *err)
{
    const struct bf_signal from = bf_signal_of(in);
    struct bf_signal to;
    BF_TRY(bf_signal_new(in, from.n, out, &to, a, err));
    const double n = (double)from.n;
    const double by = fmin(fmax(round(late * from.rate_hz), -n), n);
    for (int ch = 0; ch < to.n_ch; ch++) {
        const float *x = from.v + (size_t)ch * from.n;
        float *y = to.v + (size_t)ch * to.n;
        for (size_t i = 0; i < to.n; i++) {
            const double at = (double)i - by;
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
    const double late = o->seconds * o->severity;
    (void)with;
    if (in->carrier == BF_CLIP)
        return shift_clip(&in->clip, late, out, a, err);
    return shift_signal(in, late, out, a, err);
}

static const struct bf_opt shift_opts[] = {
    { "by", BF_OPT_NUM, offsetof(struct shift, seconds), "1 s", -3600, 3600, "s",
      "how much later everything happens; negative: earlier", NULL },
    BF_SEVERITY_OPT(offsetof(struct shift, severity), "the time times this"),
    { .name = NULL },
};

const struct bf_operator bf_operator_shift = {
    .op = {
        .name = "shift",
        .summary = "let it run behind the other modalities, or ahead",
        .source = "docs/operators.md#shift",
        .priv_size = sizeof(struct shift),
        .opts = shift_opts,
    },
    .carriers = BF_BIT(BF_CLIP) | BF_BIT(BF_WAVE) | BF_BIT(BF_TRACE),
    .apply = shift_apply,
};
