/* Operator `segments`: some of the equal spans of time are left, end to end. */
#include <string.h>

#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/operators/shuffle.h"
#include "modalities/signal.h"

enum { SEGMENTS_FIRST, SEGMENTS_MIDDLE, SEGMENTS_LAST, SEGMENTS_RANDOM, MAX_SEGMENTS = 64 };

struct segments {
    int keep, of, which;
};

static int segments_check(const void *priv, struct bf_err *err)
{
    const struct segments *o = priv;
    if (o->keep > o->of)
        return bf_fail(err, BF_EINVAL, "segments: 'keep' %d is above 'of' %d", o->keep, o->of);
    return BF_OK;
}

static void choose(const struct segments *o, struct bf_rng *rng, uint8_t kept[MAX_SEGMENTS])
{
    const int room = o->of - o->keep;
    const int first = o->which == SEGMENTS_MIDDLE ? room / 2 : o->which == SEGMENTS_LAST ? room : 0;
    memset(kept, 0, MAX_SEGMENTS);
    if (o->which == SEGMENTS_RANDOM)
        bf_choose_some(rng, (uint32_t)o->of, (uint32_t)o->keep, kept);
    else
        memset(kept + first, 1, (size_t)o->keep);
}

/* The frames whose times lie in what is kept; when none does, the one nearest to its middle. */
static int cut_clip(const struct bf_clip *c, const struct segments *o, const uint8_t *kept,
                    struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const size_t n_frames = (size_t)c->n_frames;
    const double span = c->seconds / o->of;
    uint32_t *from = bf_arena_alloc(a, n_frames, sizeof *from);
    double *at = bf_arena_alloc(a, n_frames, sizeof *at);
    if (!from || !at)
        return bf_fail_memory(err, "a clip");
    int n = 0;
    double begins = 0; /* of this segment, in the new clip */
    for (int s = 0; s < o->of; s++) {
        for (int i = 0; kept[s] && i < c->n_frames; i++)
            if (c->at_seconds[i] >= s * span &&
                (c->at_seconds[i] < (s + 1) * span || s + 1 == o->of)) {
                from[n] = (uint32_t)i;
                at[n++] = begins + c->at_seconds[i] - s * span;
            }
        begins += kept[s] ? span : 0;
    }
    if (n == 0) {
        const int s = (int)((const uint8_t *)memchr(kept, 1, MAX_SEGMENTS) - kept);
        from[0] = (uint32_t)((2 * s + 1) * c->n_frames / (2 * o->of));
        at[0] = begins / 2;
        n = 1;
    }
    return bf_frames_pick(c, from, at, n, begins, out, a, err);
}

static size_t bound(size_t n, int s, int of)
{
    return (size_t)((double)n * s / of);
}

static int cut_signal(const struct bf_media *in, const struct segments *o, const uint8_t *kept,
                      struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct bf_signal from = bf_signal_of(in);
    struct bf_signal to;
    size_t n = 0;
    for (int s = 0; s < o->of; s++)
        n += kept[s] ? bound(from.n, s + 1, o->of) - bound(from.n, s, o->of) : 0;
    if (n == 0) { /* fewer steps than segments: one stays */
        BF_TRY(bf_signal_new(in, 1, out, &to, a, err));
        for (int ch = 0; ch < to.n_ch; ch++)
            to.v[ch] = from.v[(size_t)ch * from.n];
        return BF_OK;
    }
    BF_TRY(bf_signal_new(in, n, out, &to, a, err));
    for (int ch = 0; ch < to.n_ch; ch++) {
        float *v = to.v + (size_t)ch * n;
        for (int s = 0; s < o->of; s++) {
            const size_t begin = bound(from.n, s, o->of);
            const size_t len = kept[s] ? bound(from.n, s + 1, o->of) - begin : 0;
            memcpy(v, from.v + (size_t)ch * from.n + begin, len * sizeof *v);
            v += len;
        }
    }
    return BF_OK;
}

static int segments_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                          struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct segments *o = priv;
    uint8_t kept[MAX_SEGMENTS];
    choose(o, &with->rng, kept);
    if (in->carrier == BF_CLIP)
        return cut_clip(&in->clip, o, kept, out, a, err);
    return cut_signal(in, o, kept, out, a, err);
}

static const struct bf_opt segments_opts[] = {
    { "keep", BF_OPT_INT, offsetof(struct segments, keep), "1", 1, MAX_SEGMENTS, "segments",
      "how many are left", NULL },
    { "of", BF_OPT_INT, offsetof(struct segments, of), "5", 1, MAX_SEGMENTS, "segments",
      "of how many of equal length", NULL },
    { "which", BF_OPT_ENUM, offsetof(struct segments, which), "first", 0, 0, NULL,
      "where those are; random: drawn for each sample", "first|middle|last|random" },
    { .name = NULL },
};

const struct bf_operator bf_operator_segments = {
    .op = {
        .name = "segments",
        .summary = "keep some of the equal segments of time, end to end",
        .source = "All That Glitters Is Not Audio (arXiv 2604.24401), retention; "
                  "docs/operators.md#segments",
        .priv_size = sizeof(struct segments),
        .opts = segments_opts,
    },
    .carriers = BF_BIT(BF_CLIP) | BF_BIT(BF_WAVE) | BF_BIT(BF_TRACE),
    .version = 1,
    .random = true,
    .together = true,
    .check = segments_check,
    .apply = segments_apply,
};
