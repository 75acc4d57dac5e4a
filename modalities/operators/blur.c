/* Operator `blur`: what is small goes, what is large stays. */
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/raster.h"
#include "modalities/operators/severity.h"

enum {
    MANY_TAPS = 36,
    MAX_TAPS = 256, /* to either side */
    MAX_STEP = 16,  /* of the coarse grid: sums of 16 x 16 levels fit into 16 bits */
    LEVEL = 6,      /* levels are kept in 1/64 */
    CUBIC_ONE = 14, /* weights of the cubic in 1/16384 */
};

struct blur {
    double radius, severity;
};

/* A Gaussian cut off beyond `r`. Weights are in 1/2^(16 - shift), so that (v * w) >> 16 << shift
 * is v times the weight; all of them sum to one. */
struct kernel {
    int r, shift;
    int16_t w[MAX_TAPS];
};

/* What is small goes all the same: a wide Gaussian works on a grid of every `step`-th pixel. */
struct blurring {
    struct kernel kernel;
    int step, margin;           /* of the grid; its columns beyond the edge, for the cubic */
    int16_t cubic[MAX_STEP][4]; /* by place between two points of the grid */
};

/* Truncation at 3.5 deviations loses 0.05 % of the weight, 0.1 levels. */
static void kernel_init(struct kernel *k, double sigma)
{
    double sum = 1;
    k->r = (int)ceil(3.5 * sigma);
    for (int i = 1; i <= k->r; i++)
        sum += 2 * exp(-i * (double)i / (2 * sigma * sigma));
    k->shift = sum <= 2.01; /* else the middle one does not fit into 16 bits */
    int rest = 1 << (16 - k->shift);
    for (int i = 1; i <= k->r; i++) {
        k->w[i] = (int16_t)lrint(exp(-i * (double)i / (2 * sigma * sigma)) / sum *
                                 (1 << (16 - k->shift)));
        rest -= 2 * k->w[i];
    }
    k->w[0] = (int16_t)(rest < INT16_MAX ? rest : INT16_MAX);
}

/* The grid is made with a tent of 2 step - 1 pixels, of variance (step^2 - 1) / 6, and undone by a
 * cubic (Keys, "Cubic Convolution Interpolation", 1981, a = -1/2), which adds none. The steps are
 * so small that what the tent lets through of finer patterns lies within half a level. */
static void blurring_init(struct blurring *b, double sigma)
{
    b->step = 1;
    while (b->step < MAX_STEP && sigma >= 5 * b->step)
        b->step *= 2;
    const double s2 = (double)b->step * b->step;
    b->margin = b->step > 1 ? 2 : 0;
    kernel_init(&b->kernel, sqrt((sigma * sigma - (s2 - 1) / 6) / s2));
    for (int p = 0; p < b->step; p++) {
        const double t = (double)p / b->step;
        const double w[4] = { ((2 - t) * t - 1) * t / 2, ((3 * t - 5) * t * t + 2) / 2,
                              ((4 - 3 * t) * t + 1) * t / 2, (t - 1) * t * t / 2 };
        int rest = 1 << CUBIC_ONE;
        for (int k = 0; k < 4; k++) {
            b->cubic[p][k] = (int16_t)lrint(w[k] * (1 << CUBIC_ONE));
            rest -= b->cubic[p][k];
        }
        b->cubic[p][1] = (int16_t)(b->cubic[p][1] + rest);
    }
}

static int clamp(int i, int n)
{
    return i < 0 ? 0 : i < n ? i : n - 1;
}

/* The same as convolve(), product by product without loss: what many products lose would show. Only
 * the coarsest grid has so many. */
static void convolve_long(const struct kernel *k, const int16_t *const *at, int16_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int32_t sum = at[0][i] * k->w[0] + (1 << 15 >> k->shift);
        for (int t = 1; t <= k->r; t++)
            sum += (at[-t][i] + at[t][i]) * k->w[t];
        out[i] = (int16_t)(sum >> (16 - k->shift));
    }
}

/* out = the kernel over lines at[-r] .. at[r] of `n` values. A product loses half a unit on the
 * average, which is added. */
static void convolve(const struct kernel *k, const int16_t *const *at, int16_t *restrict out,
                     size_t n)
{
    if (k->r > MANY_TAPS) {
        convolve_long(k, at, out, n);
        return;
    }
    const int16_t w0 = k->w[0];
    const int16_t half = (int16_t)((k->r + 1) / 2);
    const int16_t *restrict mid = at[0];
    for (size_t i = 0; i < n; i++)
        out[i] = (int16_t)(half + ((mid[i] * w0) >> 16));
    for (int t = 1; t <= k->r; t += 2) {
        const bool two = t < k->r;
        const int16_t *restrict a = at[-t];
        const int16_t *restrict b = at[t];
        const int16_t *restrict c = two ? at[-t - 1] : a;
        const int16_t *restrict d = two ? at[t + 1] : b;
        const int16_t w1 = k->w[t];
        const int16_t w2 = two ? k->w[t + 1] : 0;
        for (size_t i = 0; i < n; i++)
            out[i] = (int16_t)(out[i] + (((int16_t)(a[i] + b[i]) * w1) >> 16) +
                               (((int16_t)(c[i] + d[i]) * w2) >> 16));
    }
    for (size_t i = 0; k->shift && i < n; i++)
        out[i] = (int16_t)(out[i] * 2);
}

/* Line `j` of the grid, points -pad .. nx - 1 + pad; beyond the edge the outermost pixels go on.
 * `sums` is room for [3 (w + 5 step)]. */
static void grid_line(const struct bf_raster *in, int step, int j, int nx, int pad, uint16_t *sums,
                      int16_t *out)
{
    const size_t row = 3 * (size_t)in->w;
    uint16_t *restrict mid = sums + 6 * step;
    memset(mid, 0, row * sizeof *mid);
    for (int k = 1 - step; k < step; k++) {
        const uint8_t *restrict px = in->px + clamp(step * j + k, in->h) * in->stride;
        const uint16_t weight = (uint16_t)(step - (k < 0 ? -k : k));
        for (size_t i = 0; i < row; i++)
            mid[i] = (uint16_t)(mid[i] + px[i] * weight);
    }
    for (int i = 0; i < 6 * step; i++)
        sums[i] = mid[i % 3];
    for (int i = 0; i < 9 * step; i++)
        mid[row + (size_t)i] = mid[row - 3 + (size_t)(i % 3)];
    const uint32_t all = (uint32_t)(step * step * step * step);
    for (int i = -1; i <= nx; i++)
        for (int c = 0; c < 3; c++) {
            uint64_t sum = 0;
            for (int k = 1 - step; k < step; k++)
                sum += (uint32_t)(step - (k < 0 ? -k : k)) * (uint32_t)mid[3 * (i * step + k) + c];
            out[3 * (pad + i) + c] = (int16_t)(((sum << LEVEL) + all / 2) / all);
        }
    for (int i = 0; i < 3 * (pad - 1); i++) {
        out[i] = out[3 * (pad - 1) + i % 3];
        out[3 * (pad + nx + 1) + i] = out[3 * (pad + nx) + i % 3];
    }
}

/* The same where every pixel is a point. */
static void pixel_line(const struct bf_raster *in, int j, int pad, int16_t *out)
{
    const uint8_t *restrict px = in->px + j * in->stride;
    int16_t *restrict to = out + 3 * pad;
    for (int i = 0; i < 3 * in->w; i++)
        to[i] = (int16_t)(px[i] << LEVEL);
    for (int i = 0; i < 3 * pad; i++) {
        out[i] = to[i % 3];
        to[3 * in->w + i] = to[3 * (in->w - 1) + i % 3];
    }
}

static void to_levels(const int16_t *restrict v, uint8_t *restrict out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int16_t x = (int16_t)((v[i] + (1 << (LEVEL - 1))) >> LEVEL);
        out[i] = (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
    }
}

/* Along a line of the grid, whose first point lies `margin` beyond the edge. */
static void widen(const struct blurring *b, const int16_t *in, int16_t *out, int w)
{
    for (int x = 0; x < w; x++) {
        const int16_t *cubic = b->cubic[x % b->step];
        const int16_t *v = in + 3 * (x / b->step + b->margin - 1);
        for (int c = 0; c < 3; c++)
            out[3 * x + c] =
                (int16_t)((v[c] * cubic[0] + v[3 + c] * cubic[1] + v[6 + c] * cubic[2] +
                           v[9 + c] * cubic[3] + (1 << (CUBIC_ONE - 1))) >>
                          CUBIC_ONE);
    }
}

/* One row of pixels from four wide lines [n]. */
static void between(const int16_t cubic[4], const int16_t *v, size_t n, uint8_t *restrict out)
{
    enum { SHIFT = LEVEL + CUBIC_ONE - 16, HALVES = 2 + (1 << (SHIFT - 1)) };
    const int16_t *restrict v0 = v, *restrict v1 = v + n, *restrict v2 = v + 2 * n,
                            *restrict v3 = v + 3 * n;
    const int16_t w0 = cubic[0], w1 = cubic[1], w2 = cubic[2], w3 = cubic[3];
    for (size_t i = 0; i < n; i++) {
        const int16_t sum =
            (int16_t)((int16_t)((v0[i] * w0) >> 16) + (int16_t)((v1[i] * w1) >> 16) +
                      (int16_t)((v2[i] * w2) >> 16) + (int16_t)((v3[i] * w3) >> 16));
        const int16_t x = (int16_t)((int16_t)(sum + HALVES) >> SHIFT);
        out[i] = (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
    }
}

/* The grid of `in`, blurred along its lines: lines -1 .. ny, or 0 .. ny - 1 where every pixel is a
 * point; [lines][3 (nx + 2 margin)]. Those further out are like the outermost. */
static int blur_along(const struct blurring *b, const struct bf_raster *in, int nx, int ny,
                      int16_t **out, struct bf_arena *a, struct bf_err *err)
{
    const struct kernel *k = &b->kernel;
    const int beyond = b->step > 1;
    const int pad = b->margin + k->r;
    const size_t n = 3 * (size_t)(nx + 2 * b->margin);
    int16_t *line = bf_arena_alloc(a, (size_t)(nx + 2 * pad), 3 * sizeof *line);
    uint16_t *sums = bf_arena_alloc(a, (size_t)(in->w + 5 * b->step), 3 * sizeof *sums);
    int16_t *made = bf_arena_alloc(a, n * sizeof *made, (size_t)(ny + 2 * beyond));
    if (!line || !sums || !made)
        return bf_fail_memory(err, "a blurred picture");
    const int16_t *taps[2 * MAX_TAPS + 1];
    for (int t = -k->r; t <= k->r; t++)
        taps[k->r + t] = line + 3 * (k->r + t);
    for (int j = -beyond; j < ny + beyond; j++) {
        if (beyond)
            grid_line(in, b->step, j, nx, pad, sums, line);
        else
            pixel_line(in, j, pad, line);
        convolve(k, taps + k->r, made + (size_t)(j + beyond) * n, n);
    }
    *out = made;
    return BF_OK;
}

static int make_blurred(void *ctx, const struct bf_raster *in, struct bf_raster *out,
                        struct bf_arena *a, struct bf_err *err)
{
    const struct blurring *b = ctx;
    const struct kernel *k = &b->kernel;
    const int beyond = b->step > 1;
    const int nx = (in->w - 1 + b->step - 1) / b->step + 1;
    const int ny = (in->h - 1 + b->step - 1) / b->step + 1;
    const size_t n = 3 * (size_t)(nx + 2 * b->margin);
    const size_t row = 3 * (size_t)in->w;
    int16_t *along = NULL;
    BF_TRY(blur_along(b, in, nx, ny, &along, a, err));
    BF_TRY(bf_raster_new(in->w, in->h, out, a, err));
    int16_t *line = bf_arena_alloc(a, n, sizeof *line);
    int16_t *wide =
        beyond ? bf_arena_alloc(a, row * sizeof *wide, (size_t)(ny + 2 * b->margin)) : line;
    if (!line || !wide)
        return bf_fail_memory(err, "a blurred picture");
    const int16_t *taps[2 * MAX_TAPS + 1];
    for (int j = -b->margin; j < ny + b->margin; j++) {
        for (int t = -k->r; t <= k->r; t++)
            taps[k->r + t] = along + (size_t)clamp(j + t + beyond, ny + 2 * beyond) * n;
        convolve(k, taps + k->r, line, n);
        if (beyond)
            widen(b, line, wide + (size_t)(j + b->margin) * row, in->w);
        else
            to_levels(line, out->px + j * out->stride, n);
    }
    for (int y = 0; beyond && y < in->h; y++)
        between(b->cubic[y % b->step], wide + (size_t)(y / b->step + b->margin - 1) * row, row,
                out->px + y * out->stride);
    return BF_OK;
}

static int blur_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                      struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    static const double least = 0.25; /* the neighbours weigh 0.03 %, 0.1 levels */
    const struct blur *o = priv;
    const double sigma = o->radius * o->severity;
    struct blurring b;
    (void)with;
    if (sigma < least) {
        *out = *in;
        return BF_OK;
    }
    blurring_init(&b, sigma);
    return bf_frames_make(in, make_blurred, &b, out, a, err);
}

static const struct bf_opt blur_opts[] = {
    { "radius", BF_OPT_NUM, offsetof(struct blur, radius), "8", 0, 1000, "px",
      "standard deviation of the Gaussian, in pixels of the file; what Pillow calls radius", NULL },
    BF_SEVERITY_OPT(offsetof(struct blur, severity), "the standard deviation times this"),
    { .name = NULL },
};

const struct bf_operator bf_operator_blur = {
    .op = {
        .name = "blur",
        .summary = "blur as a Gaussian does, same size",
        .source = "docs/operators.md#blur",
        .priv_size = sizeof(struct blur),
        .opts = blur_opts,
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP),
    .version = 1,
    .apply = blur_apply,
};
