/* Operator `noise`: uniform random pixels, samples or readings. */
#include <math.h>

#include "modalities/blank.h"

struct noise {
    int size;
    int lo, hi;
    double rms;
};

static int noise_check(const void *priv, struct bf_err *err)
{
    const struct noise *o = priv;
    if (o->lo > o->hi)
        return bf_fail(err, BF_EINVAL, "noise: 'lo' %d is above 'hi' %d", o->lo, o->hi);
    return BF_OK;
}

static void fill_pixels(struct bf_raster *r, const struct noise *o, struct bf_rng *rng)
{
    const uint64_t n_levels = (uint64_t)(o->hi - o->lo) + 1;
    for (int y = 0; y < r->h; y++)
        for (int i = 0; i < 3 * r->w; i++)
            r->px[y * r->stride + i] = (uint8_t)(o->lo + (int)bf_rng_below(rng, n_levels));
}

/* Uniform in -sqrt(3) rms .. sqrt(3) rms, whose root mean square is rms. */
static void fill_values(float *v, size_t n, double rms, struct bf_rng *rng)
{
    const double peak = sqrt(3) * rms;
    for (size_t i = 0; i < n; i++)
        v[i] = (float)((2 * bf_rng_unit(rng) - 1) * peak);
}

static int noise_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                       struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct noise *o = priv;
    struct bf_media m;
    BF_TRY(bf_blank_new(o->size, in, &m, a, err));
    if (m.carrier == BF_RASTER)
        fill_pixels(&m.raster, o, &with->rng);
    for (int i = 0; m.carrier == BF_CLIP && i < m.clip.n_frames; i++)
        fill_pixels(&m.clip.frames[i], o, &with->rng);
    if (m.carrier == BF_WAVE)
        fill_values(m.wave.v, m.wave.n * (size_t)m.wave.n_ch, o->rms, &with->rng);
    if (m.carrier == BF_TRACE)
        fill_values(m.trace.v, m.trace.n * (size_t)m.trace.n_ch, 1, &with->rng);
    *out = m;
    return BF_OK;
}

static const struct bf_opt noise_opts[] = {
    { "lo", BF_OPT_INT, offsetof(struct noise, lo), "0", 0, 255, "levels",
      "pictures and clips: lowest value drawn", NULL },
    { "hi", BF_OPT_INT, offsetof(struct noise, hi), "255", 0, 255, "levels",
      "pictures and clips: highest value drawn", NULL },
    { "rms", BF_OPT_NUM, offsetof(struct noise, rms), "0.1", 0, 1, "of full scale",
      "sound: root mean square; the noise of a trace always has 1", NULL },
    BF_BLANK_SIZE_OPT(offsetof(struct noise, size)),
    { .name = NULL },
};

const struct bf_operator bf_operator_noise = {
    .op = {
        .name = "noise",
        .summary = "show uniform noise instead",
        .source = "docs/operators.md#noise",
        .priv_size = sizeof(struct noise),
        .opts = noise_opts,
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP) | BF_BIT(BF_WAVE) | BF_BIT(BF_TRACE),
    .removes = true,
    .random = true,
    .check = noise_check,
    .apply = noise_apply,
};
