/* Operator `babble`: the sound of many who talk, without a word in it, over the signal. */
#include <math.h>

#include "core/ops.h"
#include "modalities/operators/severity.h"
#include "modalities/signal.h"

static const double pi = 3.141592653589793;

struct babble {
    double snr, severity;
    int talkers;
};

/* First-order sections by the bilinear transform: (a s + w) / (s + w), w = 2 pi hz, as
 * y[i] = b0 x[i] + b1 x[i-1] - a1 y[i-1]. */
struct section {
    double b0, b1, a1, x, y;
};

static double step(struct section *s, double x)
{
    const double y = s->b0 * x + s->b1 * s->x - s->a1 * s->y;
    s->x = x;
    s->y = y;
    return y;
}

static double warped(double hz, double rate_hz)
{
    return tan(pi * fmin(hz, 0.49 * rate_hz) / rate_hz);
}

/* s / (s + w) */
static struct section high_pass(double hz, double rate_hz)
{
    const double w = warped(hz, rate_hz);
    return (struct section){ .b0 = 1 / (1 + w), .b1 = -1 / (1 + w), .a1 = (w - 1) / (1 + w) };
}

/* w / (s + w) */
static struct section low_pass(double hz, double rate_hz)
{
    const double w = warped(hz, rate_hz);
    return (struct section){ .b0 = w / (1 + w), .b1 = w / (1 + w), .a1 = (w - 1) / (1 + w) };
}

/* (s / u + 1) / (s / w + 1), u above w: a slope that ends. */
static struct section ending(double w_hz, double u_hz, double rate_hz)
{
    const double w = warped(w_hz, rate_hz);
    const double u = warped(u_hz, rate_hz);
    const double g = w / u / (1 + w);
    return (struct section){ .b0 = g * (1 + u), .b1 = g * (u - 1), .a1 = (w - 1) / (1 + w) };
}

/* How loud one talker is: syllables of 0.1 to 0.4 s, a third of them pauses, each swelling and
 * dying away as a half sine. */
struct talker {
    double left, length, level; /* steps that are left of a syllable, and its steps in all */
};

static double syllable(struct talker *t, double rate_hz, struct bf_rng *rng)
{
    if (t->left <= 0) {
        t->length = fmax((0.1 + 0.3 * bf_rng_unit(rng)) * rate_hz, 1);
        t->left += t->length;
        t->level = bf_rng_below(rng, 3) ? 0.5 + bf_rng_unit(rng) : 0;
    }
    const double at = t->level * sin(pi * fmin(t->left / t->length, 1));
    t->left -= 1;
    return at;
}

/* [n] of root mean square 1. Independent noises add up to one whose power is the sum of theirs, so
 * that one noise serves for all talkers. Syllables are looked at every few steps. */
static void make_babble(double *v, size_t n, double rate_hz, int n_talkers, struct bf_rng *rng)
{
    enum { MAX_TALKERS = 64, EVERY = 8 };
    struct talker talkers[MAX_TALKERS] = { { 0 } };
    struct section s[] = { high_pass(98, rate_hz), high_pass(98, rate_hz), low_pass(420, rate_hz),
                           ending(420, 1610, rate_hz) };
    double pair[2] = { 0 };
    double loud = 0, sum = 0;
    for (int k = 0; k < n_talkers; k++) { /* in the midst of a syllable */
        (void)syllable(&talkers[k], rate_hz / EVERY, rng);
        talkers[k].left *= bf_rng_unit(rng);
    }
    for (size_t i = 0; i < n; i++) {
        if (i % EVERY == 0) {
            double power = 0;
            for (int k = 0; k < n_talkers; k++) {
                const double x = syllable(&talkers[k], rate_hz / EVERY, rng);
                power += x * x;
            }
            loud = sqrt(power);
        }
        if (i % 2 == 0)
            bf_gauss_pair(rng, pair);
        v[i] = loud * step(&s[3], step(&s[2], step(&s[1], step(&s[0], pair[i % 2]))));
        sum += v[i] * v[i];
    }
    const double rms = sqrt(sum / (double)n);
    for (size_t i = 0; rms > 0 && i < n; i++)
        v[i] /= rms;
}

/* The same babble in all channels, each at its own signal-to-noise ratio. */
static int babble_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                        struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct babble *o = priv;
    struct bf_media m;
    struct bf_signal s;
    BF_TRY(bf_signal_copy(in, &m, &s, a, err));
    double *noise = bf_arena_alloc(a, s.n, sizeof *noise);
    if (!noise)
        return bf_fail_memory(err, "a sound");
    make_babble(noise, s.n, s.rate_hz, o->talkers, &with->rng);
    for (int ch = 0; ch < s.n_ch; ch++) {
        float *v = s.v + (size_t)ch * s.n;
        const double rms =
            bf_signal_measure(v, s.n).deviation * pow(10, -o->snr / 20) * o->severity;
        for (size_t i = 0; i < s.n; i++)
            v[i] = (float)((double)v[i] + rms * noise[i]);
    }
    *out = m;
    return BF_OK;
}

static const struct bf_opt babble_opts[] = {
    { "snr", BF_OPT_NUM, offsetof(struct babble, snr), "0 dB", -100, 100, "dB",
      "signal-to-noise ratio of every channel", NULL },
    { "talkers", BF_OPT_INT, offsetof(struct babble, talkers), "8", 1, 64, "talkers",
      "how many talk at once: the more, the less its level moves", NULL },
    BF_SEVERITY_OPT(offsetof(struct babble, severity),
                    "the amplitude of the babble times this: the ratio grows by -20 log10 of it"),
    { .name = NULL },
};

const struct bf_operator bf_operator_babble = {
    .op = {
        .name = "babble",
        .summary = "add noise with the spectrum and the syllables of many talkers, without words",
        .source = "Byrne et al. (1994), spectrum; Dreschler et al. (2001), kind of noise; "
                  "docs/operators.md#babble",
        .priv_size = sizeof(struct babble),
        .opts = babble_opts,
    },
    .carriers = BF_BIT(BF_WAVE),
    .random = true,
    .apply = babble_apply,
};
