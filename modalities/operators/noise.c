/* Operator `noise`: random pixels, samples or readings. */
#include <math.h>
#include <string.h>

#include "modalities/operators/blank.h"
#include "modalities/operators/severity.h"
#include "modalities/signal.h"

enum { NOISE_UNIFORM, NOISE_GAUSSIAN, NOISE_SALT_PEPPER, N_DRAWS = 1 << 16 };

struct noise {
    int size, kind;
    int lo, hi;
    double level, spread, rms, severity;
};

static int noise_check(const void *priv, struct bf_err *err)
{
    const struct noise *o = priv;
    if (o->lo > o->hi)
        return bf_fail(err, BF_EINVAL, "noise: 'lo' %d is above 'hi' %d", o->lo, o->hi);
    return BF_OK;
}

/* Share of a normal distribution below the upper end of level `v`. */
static double below(const struct noise *o, int v)
{
    return 0.5 * (1 + erf((v + 0.5 - o->level) / (o->spread * sqrt(2))));
}

/* The level that each of 65,536 equal draws gives: pixels are many, and a look is cheap. What a
 * normal distribution has beyond 0 and 255 falls on them. */
static void fill_levels(const struct noise *o, uint8_t levels[N_DRAWS])
{
    const int n = o->hi - o->lo + 1;
    for (int i = 0; i < N_DRAWS && o->kind != NOISE_GAUSSIAN; i++)
        levels[i] = (uint8_t)(o->lo + (i * n >> 16));
    for (int i = 0, v = 0; i < N_DRAWS && o->kind == NOISE_GAUSSIAN; v++) {
        const double end = v < 255 ? below(o, v) : 1;
        while (i < N_DRAWS && (i + 0.5) / N_DRAWS <= end)
            levels[i++] = (uint8_t)v;
    }
}

/* Every channel of its own; or whole pixels, black or white. */
static void fill_pixels(struct bf_raster *r, const struct noise *o, const uint8_t *levels,
                        struct bf_rng *rng)
{
    for (int y = 0; y < r->h; y++) {
        uint8_t *row = r->px + y * r->stride;
        const int n = o->kind == NOISE_SALT_PEPPER ? r->w : 3 * r->w;
        for (int i = 0; i < n; i += 4) {
            uint64_t bits = bf_rng_next(rng);
            const int end = n - i < 4 ? n : i + 4;
            for (int k = i; k < end; k++, bits >>= 16) {
                if (o->kind == NOISE_SALT_PEPPER)
                    memset(row + 3 * k, bits & 1 ? o->hi : o->lo, 3);
                else
                    row[k] = levels[bits & (N_DRAWS - 1)];
            }
        }
    }
}

/* `severity` of the noise in `out`, the rest of `in`; of salt and pepper that share of pixels.
 * */
static void mix_pixels(const struct bf_raster *in, struct bf_raster *out, const struct noise *o,
                       struct bf_rng *rng)
{
    const uint32_t part = (uint32_t)lrint(o->severity * N_DRAWS);
    for (int y = 0; y < out->h; y++) {
        const uint8_t *from = in->px + y * in->stride;
        uint8_t *to = out->px + y * out->stride;
        for (int i = 0; i < 3 * out->w; i++) {
            if (o->kind != NOISE_SALT_PEPPER)
                to[i] = (uint8_t)((from[i] * (N_DRAWS - part) + to[i] * part + N_DRAWS / 2) >> 16);
            else if (i % 3 == 0 && bf_rng_next(rng) % N_DRAWS >= part)
                memcpy(to + i, from + i, 3);
        }
    }
}

/* Of the root mean square asked for: uniform in -sqrt(3) rms .. sqrt(3) rms, normal, or -rms and
 * rms. */
static void fill_values(float *v, size_t n, double rms, int kind, struct bf_rng *rng)
{
    double pair[2] = { 0 };
    for (size_t i = 0; i < n; i++) {
        double x = sqrt(3) * (2 * bf_rng_unit(rng) - 1);
        if (kind == NOISE_SALT_PEPPER)
            x = x < 0 ? -1 : 1;
        if (kind == NOISE_GAUSSIAN && i % 2 == 0)
            bf_gauss_pair(rng, pair);
        v[i] = (float)(rms * (kind == NOISE_GAUSSIAN ? pair[i % 2] : x));
    }
}

/* A trace has values of any size: its noise has the mean and the deviation of each channel. */
static void mix_values(const struct bf_media *in, const struct bf_media *out, const struct noise *o)
{
    const struct bf_signal from = bf_signal_of(in);
    const struct bf_signal to = bf_signal_of(out);
    for (int ch = 0; ch < from.n_ch; ch++) {
        const float *x = from.v + (size_t)ch * from.n;
        float *y = to.v + (size_t)ch * from.n;
        const struct bf_channel c = bf_signal_measure(x, from.n);
        for (size_t i = 0; i < from.n; i++) {
            const double noise =
                in->carrier == BF_TRACE ? c.mean + c.deviation * (double)y[i] : (double)y[i];
            y[i] = (float)((1 - o->severity) * (double)x[i] + o->severity * noise);
        }
    }
}

static enum bf_looks_at noise_looks_at(const void *priv)
{
    const struct noise *o = priv;
    return o->severity < 1             ? BF_LOOKS_AT_ALL
           : o->size == BF_BLANK_FIXED ? BF_LOOKS_AT_NOTHING
                                       : BF_LOOKS_AT_SIZE;
}

static int noise_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                       struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct noise *o = priv;
    const bool mixed = o->severity < 1;
    struct bf_media m;
    BF_TRY(bf_blank_new(mixed ? BF_BLANK_ORIGINAL : o->size, in, &m, a, err));
    if (m.carrier == BF_WAVE || m.carrier == BF_TRACE) {
        const struct bf_signal s = bf_signal_of(&m);
        fill_values(s.v, s.n * (size_t)s.n_ch, m.carrier == BF_WAVE ? o->rms : 1, o->kind,
                    &with->rng);
        if (mixed)
            mix_values(in, &m, o);
        *out = m;
        return BF_OK;
    }
    uint8_t *levels = bf_arena_alloc(a, N_DRAWS, 1);
    if (!levels)
        return bf_fail_memory(err, "noise");
    fill_levels(o, levels);
    const bool clip = m.carrier == BF_CLIP;
    for (int i = 0; i < (clip ? m.clip.n_frames : 1); i++) {
        struct bf_raster *r = clip ? &m.clip.frames[i] : &m.raster;
        fill_pixels(r, o, levels, &with->rng);
        if (mixed)
            mix_pixels(clip ? &in->clip.frames[i] : &in->raster, r, o, &with->rng);
    }
    *out = m;
    return BF_OK;
}

static const struct bf_opt noise_opts[] = {
    { "kind", BF_OPT_ENUM, offsetof(struct noise, kind), "uniform", 0, 0, NULL,
      "how values are distributed; salt_pepper: whole pixels of the levels 'lo' and 'hi'",
      "uniform|gaussian|salt_pepper" },
    { "lo", BF_OPT_INT, offsetof(struct noise, lo), "0", 0, 255, "levels",
      "pictures and clips: lowest value drawn", NULL },
    { "hi", BF_OPT_INT, offsetof(struct noise, hi), "255", 0, 255, "levels",
      "pictures and clips: highest value drawn", NULL },
    { "level", BF_OPT_NUM, offsetof(struct noise, level), "127.5", 0, 255, "levels",
      "pictures and clips, gaussian: mean", NULL },
    { "spread", BF_OPT_NUM, offsetof(struct noise, spread), "50", 0.01, 1000, "levels",
      "pictures and clips, gaussian: standard deviation, before levels below 0 and above 255 are "
      "cut off",
      NULL },
    { "rms", BF_OPT_NUM, offsetof(struct noise, rms), "0.1", 0, 1, "of full scale",
      "sound: root mean square; the noise of a trace always has 1", NULL },
    BF_SEVERITY_OPT(offsetof(struct noise, severity),
                    "this share of noise, the rest of what was there, whose size is then kept; of "
                    "salt_pepper this share of the pixels"),
    BF_BLANK_SIZE_OPT(offsetof(struct noise, size)),
    { .name = NULL },
};

const struct bf_operator bf_operator_noise = {
    .op = {
        .name = "noise",
        .summary = "show noise instead",
        .source = "docs/operators.md#noise",
        .priv_size = sizeof(struct noise),
        .opts = noise_opts,
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP) | BF_BIT(BF_WAVE) | BF_BIT(BF_TRACE),
    .removes = true,
    .random = true,
    .check = noise_check,
    .looks_at = noise_looks_at,
    .apply = noise_apply,
};
