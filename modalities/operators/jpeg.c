/* Operator `jpeg`: the picture as a JPEG file of low quality keeps it. The file itself is not made:
 * Huffman codes lose nothing. Whole numbers throughout, rounded as libjpeg rounds them. */
#include <math.h>

#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/operators/dct.h"
#include "modalities/raster.h"
#include "modalities/operators/severity.h"

enum { N = BF_DCT_SIDE, HALF_UP_TO = 90 };

struct jpeg {
    int quality;
    double severity;
};

/* ITU-T T.81, tables K.1 (luma) and K.2 (colour), by row. */
static const uint8_t tables[2][N * N] = {
    { 16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
      14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
      18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
      49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99 },
    { 17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
      99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
      99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99 },
};

/* What one strength of compression needs, once for all frames. */
struct codec {
    bool half; /* colours at half the resolution */
    /* of luma and colour: the steps, and (v * inverse) >> 32 = v / (step * BF_DCT_SCALE) for all
     * v below 2^16 */
    int32_t steps[2][BF_DCT_SIZE];
    uint64_t inverse[2][BF_DCT_SIZE];
};

/* The Independent JPEG Group's scale: below 50, 5000 / quality percent of the tables, from there
 * 200 - 2 quality. */
static void codec_init(struct codec *c, int quality)
{
    const int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    c->half = quality <= HALF_UP_TO;
    for (int t = 0; t < 2; t++)
        for (int i = 0; i < BF_DCT_SIZE; i++) {
            const int step = (tables[t][i] * percent + 50) / 100;
            c->steps[t][i] = step < 1 ? 1 : step > 255 ? 255 : step;
            c->inverse[t][i] = ((uint64_t)1 << 32) / (uint64_t)(c->steps[t][i] * BF_DCT_SCALE) + 1;
        }
}

/* One component of a picture. */
struct plane {
    int w, h;
    uint8_t *v; /* [h][w] */
};

static int clamp(int i, int n)
{
    return i < 0 ? 0 : i < n ? i : n - 1;
}

static uint8_t level(int v)
{
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

/* To the nearest whole number of steps, halves away from zero; and times the step again. */
static void to_steps(int32_t v[BF_DCT_SIZE], const int32_t *steps, const uint64_t *inverse)
{
    for (int i = 0; i < BF_DCT_SIZE; i++) {
        const uint32_t size = (uint32_t)(v[i] < 0 ? -v[i] : v[i]);
        const uint32_t half = (uint32_t)steps[i] * BF_DCT_SCALE / 2;
        const int32_t n = (int32_t)((size + half) * inverse[i] >> 32);
        v[i] = (v[i] < 0 ? -n : n) * steps[i];
    }
}

/* Every block of 8 x 8: into frequencies, to whole steps, and back. Beyond the edge the outermost
 * value goes on. */
static void quantise(const struct codec *c, int which, struct plane *p)
{
    int32_t v[BF_DCT_SIZE];
    for (int y0 = 0; y0 < p->h; y0 += N)
        for (int x0 = 0; x0 < p->w; x0 += N) {
            const int n_x = p->w - x0 < N ? p->w - x0 : N;
            const int n_y = p->h - y0 < N ? p->h - y0 : N;
            for (int y = 0; y < N; y++) {
                const uint8_t *row = p->v + (size_t)clamp(y0 + y, p->h) * (size_t)p->w + x0;
                for (int x = 0; x < N; x++)
                    v[y * N + x] = row[x < n_x ? x : n_x - 1] - 128;
            }
            bf_dct(v);
            to_steps(v, c->steps[which], c->inverse[which]);
            bf_dct_back(v);
            for (int y = 0; y < n_y; y++) {
                uint8_t *row = p->v + (size_t)(y0 + y) * (size_t)p->w + x0;
                for (int x = 0; x < n_x; x++)
                    row[x] = level(v[y * N + x] + 128);
            }
        }
}

/* Means of two by two, rounded up and down by turns. The picture's edge goes on to the right as far
 * as blocks reach. */
static void halve(const struct plane *from, struct plane *to)
{
    for (int y = 0; y < to->h; y++) {
        const uint8_t *above = from->v + (size_t)(2 * y) * (size_t)from->w;
        const uint8_t *below = from->v + (size_t)clamp(2 * y + 1, from->h) * (size_t)from->w;
        uint8_t *row = to->v + (size_t)y * (size_t)to->w;
        for (int x = 0; x < to->w; x++) {
            const int a = clamp(2 * x, from->w);
            const int b = clamp(2 * x + 1, from->w);
            row[x] = (uint8_t)((above[a] + above[b] + below[a] + below[b] + 1 + x % 2) / 4);
        }
    }
}

/* Each value from the four nearest: three quarters of the nearer, along either way, rounded up and
 * down by turns. Of one or two columns, the nearest. */
static void redouble(const struct plane *from, int n_columns, struct plane *to)
{
    for (int y = 0; y < to->h; y++) {
        const uint8_t *near = from->v + (size_t)(y / 2) * (size_t)from->w;
        const uint8_t *far =
            from->v + (size_t)clamp(y / 2 + (y % 2 ? 1 : -1), from->h) * (size_t)from->w;
        uint8_t *row = to->v + (size_t)y * (size_t)to->w;
        for (int x = 0; x < to->w; x++) {
            const int a = x / 2;
            const int b = clamp(a + (x % 2 ? 1 : -1), n_columns);
            row[x] =
                n_columns <= 2
                    ? near[a]
                    : (uint8_t)((9 * near[a] + 3 * far[a] + 3 * near[b] + far[b] + 8 - x % 2) / 16);
        }
    }
}

static int compress_plane(const struct codec *c, int which, struct plane *p, struct bf_arena *a,
                          struct bf_err *err)
{
    if (which == 0 || !c->half) {
        quantise(c, which > 0, p);
        return BF_OK;
    }
    const int n_columns = (p->w + 1) / 2;
    struct plane small = { .w = (n_columns + N - 1) / N * N, .h = (p->h + 1) / 2 };
    small.v = bf_arena_alloc(a, (size_t)small.w, (size_t)small.h);
    if (!small.v)
        return bf_fail_memory(err, "a picture");
    halve(p, &small);
    quantise(c, 1, &small);
    redouble(&small, n_columns, p);
    return BF_OK;
}

/* JFIF 1.02: Y, Cb and Cr of BT.601 over all of 0 .. 255, weights in 1/65536. */
static void split(const struct bf_raster *in, struct plane planes[3])
{
    enum { MID = (128 << 16) + 32767 };
    for (int y = 0; y < in->h; y++) {
        const uint8_t *restrict p = in->px + y * in->stride;
        const size_t at = (size_t)y * (size_t)in->w;
        uint8_t *restrict luma = planes[0].v + at;
        uint8_t *restrict cb = planes[1].v + at;
        uint8_t *restrict cr = planes[2].v + at;
        for (int x = 0; x < in->w; x++, p += 3) {
            luma[x] = bf_luma(p);
            cb[x] = (uint8_t)((-11059 * p[0] - 21709 * p[1] + 32768 * p[2] + MID) >> 16);
            cr[x] = (uint8_t)((32768 * p[0] - 27439 * p[1] - 5329 * p[2] + MID) >> 16);
        }
    }
}

static void join(const struct plane planes[3], struct bf_raster *out)
{
    enum { HALF = 32768 };
    for (int y = 0; y < out->h; y++) {
        uint8_t *restrict p = out->px + y * out->stride;
        const size_t at = (size_t)y * (size_t)out->w;
        for (int x = 0; x < out->w; x++, p += 3) {
            const int luma = planes[0].v[at + (size_t)x];
            const int cb = planes[1].v[at + (size_t)x] - 128;
            const int cr = planes[2].v[at + (size_t)x] - 128;
            p[0] = level(luma + ((91881 * cr + HALF) >> 16));
            p[1] = level(luma + ((-22554 * cb - 46802 * cr + HALF) >> 16));
            p[2] = level(luma + ((116130 * cb + HALF) >> 16));
        }
    }
}

static int make_compressed(void *ctx, const struct bf_raster *in, struct bf_raster *out,
                           struct bf_arena *a, struct bf_err *err)
{
    const struct codec *c = ctx;
    struct plane planes[3];
    for (int i = 0; i < 3; i++) {
        planes[i] = (struct plane){ in->w, in->h, bf_arena_alloc(a, (size_t)in->w, (size_t)in->h) };
        if (!planes[i].v)
            return bf_fail_memory(err, "a picture");
    }
    BF_TRY(bf_raster_new(in->w, in->h, out, a, err));
    split(in, planes);
    for (int i = 0; i < 3; i++)
        BF_TRY(compress_plane(c, i, &planes[i], a, err));
    join(planes, out);
    return BF_OK;
}

static int jpeg_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                      struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct jpeg *o = priv;
    struct codec c;
    (void)with;
    if (o->severity <= 0) {
        *out = *in;
        return BF_OK;
    }
    codec_init(&c, (int)lrint(100 - o->severity * (100 - o->quality)));
    return bf_frames_make(in, make_compressed, &c, out, a, err);
}

static const struct bf_opt jpeg_opts[] = {
    { "quality", BF_OPT_INT, offsetof(struct jpeg, quality), "10", 1, 100, "quality",
      "of the Independent JPEG Group's scale; 90 and less halve the resolution of colours", NULL },
    BF_SEVERITY_OPT(offsetof(struct jpeg, severity),
                    "quality 100 - (100 - quality) times this, rounded; at 0 nothing is done"),
    { .name = NULL },
};

const struct bf_operator bf_operator_jpeg = {
    .op = {
        .name = "jpeg",
        .summary = "lose what a JPEG file of low quality loses",
        .source = "ITU-T T.81, annexes A and K; docs/operators.md#jpeg",
        .priv_size = sizeof(struct jpeg),
        .opts = jpeg_opts,
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP),
    .version = 1,
    .apply = jpeg_apply,
};
