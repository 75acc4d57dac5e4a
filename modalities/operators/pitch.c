/* Operator `pitch`: higher or lower, as fast as before. */
#include <math.h>

#include "core/ops.h"
#include "modalities/operators/severity.h"
#include "modalities/signal.h"

static const double pi = 3.141592653589793;
static const double passed = 0.92; /* of the band: what the kernel's slope would fold back goes */

struct pitch {
    double semitones, severity;
};

/* What stretching needs: windows of 50 ms, half over each other, taken from up to 12.5 ms before or
 * after their place, where they go on best from the one before. */
struct stretch {
    const struct bf_signal *in;
    const float *mono; /* the mean over the channels, by which places are chosen; silence around */
    size_t hop, reach;
};

/* How well `hop` steps from `at` go on from those at `want`; every few steps are looked at. */
static double likeness(const struct stretch *s, ptrdiff_t at, ptrdiff_t want)
{
    const size_t every = s->hop > 256 ? 4 : 1;
    const float *x = s->mono + at;
    const float *y = s->mono + want;
    double both = 0, power = 1e-12;
    for (size_t i = 0; i < s->hop; i += every) {
        both += (double)x[i] * (double)y[i];
        power += (double)x[i] * (double)x[i];
    }
    return both / sqrt(power);
}

static ptrdiff_t best_place(const struct stretch *s, ptrdiff_t near, ptrdiff_t want)
{
    const ptrdiff_t reach = (ptrdiff_t)s->reach;
    ptrdiff_t best = near;
    double most = likeness(s, near, want);
    for (ptrdiff_t at = near - reach; at <= near + reach; at++) {
        const double like = likeness(s, at, want);
        if (like > most * (1 + 1e-9) + 1e-12) {
            most = like;
            best = at;
        }
    }
    return best;
}

/* `in` made `factor` times as long with its pitch kept, WSOLA of Verhelst and Roelands (1993): the
 * window at k hop of the new sound is taken near k hop / factor of the old one, where it is most
 * like what followed the window before. `out` [n_ch][n]. */
static void lengthen(const struct stretch *s, double factor, float *out, size_t n)
{
    const ptrdiff_t hop = (ptrdiff_t)s->hop;
    ptrdiff_t from = -2 * hop;
    for (ptrdiff_t k = -1; k * hop < (ptrdiff_t)n; k++) {
        const ptrdiff_t near = (ptrdiff_t)llrint((double)(k * hop) / factor);
        from = k <= 0 ? from + hop : best_place(s, near, from + hop);
        for (ptrdiff_t i = 0; i < 2 * hop; i++) {
            const ptrdiff_t to = k * hop + i;
            const ptrdiff_t at = from + i;
            if (to < 0 || to >= (ptrdiff_t)n || at < 0 || at >= (ptrdiff_t)s->in->n)
                continue;
            const double window = 0.5 - 0.5 * cos(pi * ((double)i + 0.5) / (double)hop);
            for (int ch = 0; ch < s->in->n_ch; ch++)
                out[(size_t)ch * n + (size_t)to] +=
                    (float)(window * (double)s->in->v[(size_t)ch * s->in->n + (size_t)at]);
        }
    }
}

/* The kernel of resampling: a sinc with a Hann window, by places finer than steps. */
enum { ZEROS = 16, FINE = 512 };

static void kernel_init(float kernel[ZEROS * FINE + 2])
{
    for (int i = 0; i < ZEROS * FINE + 2; i++) {
        const double t = (double)i / FINE;
        const double sinc = i ? sin(pi * t) / (pi * t) : 1;
        kernel[i] = (float)(t < ZEROS ? sinc * (0.5 + 0.5 * cos(pi * t / ZEROS)) : 0);
    }
}

/* The value at `at`, between the steps of v [n], of what lies below `band` of half the rate. */
static double between(const float *kernel, const float *v, size_t n, double at, double band)
{
    const double reach = ZEROS / band;
    const ptrdiff_t first = (ptrdiff_t)ceil(at - reach);
    const ptrdiff_t end = (ptrdiff_t)floor(at + reach) + 1;
    double sum = 0;
    for (ptrdiff_t i = first < 0 ? 0 : first; i < (ptrdiff_t)n && i < end; i++) {
        const double place = fabs((double)i - at) * band * FINE;
        const int k = (int)place;
        const double share = place - k;
        sum += (double)v[i] * ((1 - share) * (double)kernel[k] + share * (double)kernel[k + 1]);
    }
    return sum * band;
}

static int pitch_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                       struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct pitch *o = priv;
    const struct bf_signal from = bf_signal_of(in);
    const double factor = pow(2, o->semitones * o->severity / 12);
    struct bf_media m;
    struct bf_signal to;
    (void)with;
    BF_TRY(bf_signal_copy(in, &m, &to, a, err));
    const size_t hop = (size_t)fmax(rint(0.025 * from.rate_hz), 2);
    if (fabs(factor - 1) < 1e-6 || from.n < 4 * hop) {
        *out = m;
        return BF_OK;
    }
    const size_t n = (size_t)ceil((double)from.n * factor) + 1;
    const size_t around = 4 * hop; /* as far as a window can reach beyond the ends */
    float *kernel = bf_arena_alloc(a, ZEROS * FINE + 2, sizeof *kernel);
    float *mono = bf_arena_alloc(a, from.n + 2 * around, sizeof *mono);
    float *longer = bf_arena_alloc(a, n * (size_t)from.n_ch, sizeof *longer);
    if (!kernel || !mono || !longer)
        return bf_fail_memory(err, "a sound");
    for (size_t i = 0; i < from.n; i++)
        for (int ch = 0; ch < from.n_ch; ch++)
            mono[around + i] += from.v[(size_t)ch * from.n + i] / (float)from.n_ch;
    const struct stretch s = { &from, mono + around, hop, hop / 2 };
    kernel_init(kernel);
    lengthen(&s, factor, longer, n);
    for (int ch = 0; ch < from.n_ch; ch++)
        for (size_t i = 0; i < from.n; i++)
            to.v[(size_t)ch * from.n + i] =
                (float)between(kernel, longer + (size_t)ch * n, n, (double)i * factor,
                               factor > 1 ? passed / factor : 1);
    *out = m;
    return BF_OK;
}

static const struct bf_opt pitch_opts[] = {
    { "by", BF_OPT_NUM, offsetof(struct pitch, semitones), "4", -24, 24, "semitones",
      "how much higher; negative: lower; 12 are an octave", NULL },
    BF_SEVERITY_OPT(offsetof(struct pitch, severity), "the semitones times this"),
    { .name = NULL },
};

const struct bf_operator bf_operator_pitch = {
    .op = {
        .name = "pitch",
        .summary = "play it higher or lower, as fast and as long as before",
        .source = "WSOLA (Verhelst and Roelands, 1993) and resampling; docs/operators.md#pitch",
        .priv_size = sizeof(struct pitch),
        .opts = pitch_opts,
    },
    .carriers = BF_BIT(BF_WAVE),
    .apply = pitch_apply,
};
