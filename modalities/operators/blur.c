/* Operator `blur`: what is small goes, what is large stays. */
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/raster.h"
#include "modalities/operators/severity.h"

enum { PASSES = 3, ONE = 1 << 24 };

struct blur {
    double radius, severity;
};

/* A box of 2 r + 1 lines of weight `whole` each, and one more on either side of weight `part`;
 * weights are in 1/2^24 and sum to one. */
struct box {
    int r;
    uint32_t whole, part;
};

/* What is being blurred, and room to do it in. */
struct blurring {
    struct box box;
    uint8_t *a, *b; /* [w * h * 3] each */
    uint32_t *sums; /* [3 * longest side] */
};

/* The box that, passed over a picture PASSES times, has the standard deviation `sigma`: Gwosdek et
 * al., "Theoretical Foundations of Gaussian Convolution by Extended Box Filtering" (2011), eqs. 7,
 * 11 and 14, with d = PASSES:
 *
 *     l = floor((sqrt(12 sigma^2 / d + 1) - 1) / 2)
 *     alpha = (2 l + 1) (l (l + 1) - 3 sigma^2 / d) / (6 (sigma^2 / d - (l + 1)^2))
 *
 * l whole lines to either side and a share alpha of the next one. Single precision, since Pillow's
 * GaussianBlur is what people compare with. */
static struct box box_of(double sigma)
{
    const float s2 = (float)sigma * (float)sigma / PASSES;
    const float l = (float)floor((sqrt(12.0 * (double)s2 + 1.0) - 1.0) / 2.0);
    float alpha = (2 * l + 1) * (l * (l + 1) - 3 * s2);
    alpha /= 6 * (s2 - (l + 1) * (l + 1));
    const float reach = l + alpha;
    struct box b = { .r = (int)reach };
    b.whole = (uint32_t)((float)ONE / (reach * 2 + 1));
    b.part = (ONE - (uint32_t)(2 * b.r + 1) * b.whole) / 2;
    return b;
}

static int clamp(int i, int n)
{
    return i < 0 ? 0 : i < n ? i : n - 1;
}

/* One pass down `n` lines of `len` bytes; beyond the first and the last line these go on. */
static void pass(const struct box *box, const uint8_t *restrict in, uint8_t *restrict out, int n,
                 size_t len, uint32_t *restrict sums)
{
    memset(sums, 0, len * sizeof *sums);
    for (int k = -1 - box->r; k < box->r; k++) {
        const uint8_t *line = in + (size_t)clamp(k, n) * len;
        for (size_t i = 0; i < len; i++)
            sums[i] += line[i];
    }
    const uint32_t whole = box->whole;
    const uint32_t part = box->part;
    for (int y = 0; y < n; y++) {
        const uint8_t *before = in + (size_t)clamp(y - box->r - 1, n) * len;
        const uint8_t *last = in + (size_t)clamp(y + box->r, n) * len;
        const uint8_t *after = in + (size_t)clamp(y + box->r + 1, n) * len;
        uint8_t *to = out + (size_t)y * len;
        for (size_t i = 0; i < len; i++) {
            sums[i] += (uint32_t)last[i] - before[i];
            const uint32_t far = (uint32_t)before[i] + after[i];
            to[i] = (uint8_t)((sums[i] * whole + far * part + ONE / 2) >> 24);
        }
    }
}

/* [h][w] pixels to [w][h], in blocks that stay in the cache. */
static void transpose(const uint8_t *in, ptrdiff_t stride, int w, int h, uint8_t *out)
{
    enum { BLOCK = 16 };
    for (int y0 = 0; y0 < h; y0 += BLOCK)
        for (int x0 = 0; x0 < w; x0 += BLOCK)
            for (int x = x0; x < x0 + BLOCK && x < w; x++)
                for (int y = y0; y < y0 + BLOCK && y < h; y++)
                    memcpy(out + 3 * ((size_t)x * (size_t)h + (size_t)y), in + y * stride + 3 * x,
                           3);
}

static int make_blurred(void *ctx, const struct bf_raster *in, struct bf_raster *out,
                        struct bf_arena *a, struct bf_err *err)
{
    struct blurring *b = ctx;
    const size_t row = 3 * (size_t)in->w;
    const size_t column = 3 * (size_t)in->h;
    BF_TRY(bf_raster_new(in->w, in->h, out, a, err));
    /* Along the rows, of which the transposed picture makes columns; then down them. */
    transpose(in->px, in->stride, in->w, in->h, b->a);
    pass(&b->box, b->a, b->b, in->w, column, b->sums);
    pass(&b->box, b->b, b->a, in->w, column, b->sums);
    pass(&b->box, b->a, b->b, in->w, column, b->sums);
    transpose(b->b, (ptrdiff_t)column, in->h, in->w, b->a);
    pass(&b->box, b->a, b->b, in->h, row, b->sums);
    pass(&b->box, b->b, b->a, in->h, row, b->sums);
    pass(&b->box, b->a, out->px, in->h, row, b->sums);
    return BF_OK;
}

static int blur_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                      struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct blur *o = priv;
    const struct bf_raster *first = in->carrier == BF_CLIP ? in->clip.frames : &in->raster;
    const size_t w = (size_t)first->w;
    const size_t h = (size_t)first->h;
    (void)with;
    struct blurring b = {
        .box = box_of(o->radius * o->severity),
        .a = bf_arena_alloc(a, w * h, 3),
        .b = bf_arena_alloc(a, w * h, 3),
        .sums = bf_arena_alloc(a, w > h ? w : h, 3 * sizeof *b.sums),
    };
    if (!b.a || !b.b || !b.sums)
        return bf_fail_memory(err, "a blurred picture");
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
    .apply = blur_apply,
};
