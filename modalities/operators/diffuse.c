/* Operator `diffuse`: the forward half of a diffusion model, as BPO weakens pictures. */
#include <math.h>

#include "core/ops.h"
#include "modalities/raster.h"
#include "modalities/operators/severity.h"
#include "modalities/signal.h"

enum { N_STEPS = 1000, N_DRAWS = 1 << 16, BITS = 6, ONE = 1 << BITS };

struct diffuse {
    int step;
    double severity;
};

/* Noise is added to pictures as CLIP normalises them: mean and deviation of each channel. */
static const double clip_mean[3] = { 0.48145466, 0.4578275, 0.40821073 };
static const double clip_deviation[3] = { 0.26862954, 0.26130258, 0.27577711 };

/* abar_t = prod over s = 0 .. t of (1 - beta_s), with
 * beta_s = sigmoid(-6 + 12 s / 999) (0.5e-2 - 1e-5) + 1e-5. */
static double kept_after(int t)
{
    double abar = 1;
    for (int s = 0; s <= t; s++) {
        const double x = -6 + 12.0 * s / (N_STEPS - 1);
        abar *= 1 - (1 / (1 + exp(-x)) * (0.5e-2 - 1e-5) + 1e-5);
    }
    return abar;
}

/* What is added and kept at one step, in 1/ONE of a level. */
struct mixture {
    int16_t noise[3][N_DRAWS]; /* of each channel, for every draw of 16 bits */
    int16_t kept[3][256];      /* of each channel and level */
};

/* The middle of each of N_DRAWS equal shares of a normal distribution. */
static void mixture_init(struct mixture *m, double abar)
{
    for (int i = 0; i < N_DRAWS / 2; i++) {
        const double eps = bf_gauss_quantile((i + 0.5) / N_DRAWS);
        for (int c = 0; c < 3; c++) {
            const double v = sqrt(1 - abar) * 255 * clip_deviation[c] * eps * ONE;
            m->noise[c][i] = (int16_t)lrint(v);
            m->noise[c][N_DRAWS - 1 - i] = (int16_t)lrint(-v);
        }
    }
    for (int c = 0; c < 3; c++)
        for (int v = 0; v < 256; v++) {
            const double mean = 255 * clip_mean[c];
            m->kept[c][v] = (int16_t)lrint((mean + sqrt(abar) * (v - mean)) * ONE);
        }
}

/* x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) eps, back in levels, which end at 0 and 255. */
static int diffuse_frame(const struct bf_raster *in, const struct mixture *m, struct bf_rng *rng,
                         struct bf_raster *out, struct bf_arena *a, struct bf_err *err)
{
    BF_TRY(bf_raster_new(in->w, in->h, out, a, err));
    for (int y = 0; y < in->h; y++) {
        const uint8_t *from = in->px + y * in->stride;
        uint8_t *to = out->px + y * out->stride;
        for (int x = 0; x < in->w; x++, from += 3, to += 3) {
            uint64_t bits = bf_rng_next(rng);
            for (int c = 0; c < 3; c++, bits >>= 16) {
                const int v = m->kept[c][from[c]] + m->noise[c][bits & (N_DRAWS - 1)];
                const int level = (v + ONE / 2) >> BITS;
                to[c] = (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
            }
        }
    }
    return BF_OK;
}

static int diffuse_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                         struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct diffuse *o = priv;
    const int t = (int)lrint(o->severity * (o->step + 1)) - 1;
    struct bf_media m = *in;
    if (t < 0) {
        *out = m;
        return BF_OK;
    }
    struct mixture *mix = bf_arena_alloc(a, 1, sizeof *mix);
    if (!mix)
        return bf_fail_memory(err, "a picture");
    mixture_init(mix, kept_after(t));
    if (in->carrier == BF_RASTER) {
        BF_TRY(diffuse_frame(&in->raster, mix, &with->rng, &m.raster, a, err));
    } else {
        const size_t n = (size_t)in->clip.n_frames;
        m.clip.frames = bf_arena_alloc(a, n, sizeof *m.clip.frames);
        m.clip.at_seconds = bf_arena_memdup(a, in->clip.at_seconds, n * sizeof(double));
        if (!m.clip.frames || !m.clip.at_seconds)
            return bf_fail_memory(err, "a clip");
        for (size_t i = 0; i < n; i++)
            BF_TRY(diffuse_frame(&in->clip.frames[i], mix, &with->rng, &m.clip.frames[i], a, err));
    }
    *out = m;
    return BF_OK;
}

static const struct bf_opt diffuse_opts[] = {
    { "step", BF_OPT_INT, offsetof(struct diffuse, step), "900", 0, N_STEPS - 1, "steps",
      "how far the diffusion has gone, of 1000 steps", NULL },
    BF_SEVERITY_OPT(offsetof(struct diffuse, severity),
                    "the number of steps gone, step + 1, times this, rounded"),
    { .name = NULL },
};

const struct bf_operator bf_operator_diffuse = {
    .op = {
        .name = "diffuse",
        .summary = "add noise as a diffusion model does, with BPO's schedule",
        .source = "BPO (Pi et al., 2024), schedule of its released code; "
                  "docs/operators.md#diffuse",
        .priv_size = sizeof(struct diffuse),
        .opts = diffuse_opts,
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP),
    .version = 1,
    .random = true,
    .apply = diffuse_apply,
};
