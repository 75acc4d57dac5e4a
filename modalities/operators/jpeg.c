/* Operator `jpeg`: the picture as a JPEG file of low quality keeps it. The file itself is not made:
 * Huffman codes lose nothing. */
#include <math.h>

#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/raster.h"
#include "modalities/operators/severity.h"

enum { N = 8, HALF_UP_TO = 90 };

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
    bool half;              /* colours at half the resolution */
    double steps[2][N * N]; /* of luma and colour */
    double cosine[N][N];    /* C(u) / 2 cos((2 x + 1) u pi / 16): [u][x] */
};

/* The Independent JPEG Group's scale: below 50, 5000 / quality percent of the tables, from there
 * 200 - 2 quality. */
static void codec_init(struct codec *c, int quality)
{
    const int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    c->half = quality <= HALF_UP_TO;
    for (int t = 0; t < 2; t++)
        for (int i = 0; i < N * N; i++)
            c->steps[t][i] = fmin(fmax((tables[t][i] * percent + 50) / 100, 1), 255);
    for (int u = 0; u < N; u++)
        for (int x = 0; x < N; x++)
            c->cosine[u][x] =
                (u ? 0.5 : 0.5 * sqrt(0.5)) * cos((2 * x + 1) * u * 3.141592653589793 / 16);
}

/* out = m in m^T, or with m turned over. */
static void turn(const double m[N][N], bool over, const double *in, double *out)
{
    double half[N * N];
    for (int y = 0; y < N; y++)
        for (int u = 0; u < N; u++) {
            double sum = 0;
            for (int x = 0; x < N; x++)
                sum += in[y * N + x] * (over ? m[x][u] : m[u][x]);
            half[y * N + u] = sum;
        }
    for (int v = 0; v < N; v++)
        for (int u = 0; u < N; u++) {
            double sum = 0;
            for (int y = 0; y < N; y++)
                sum += half[y * N + u] * (over ? m[y][v] : m[v][y]);
            out[v * N + u] = sum;
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

static uint8_t level(double v)
{
    return (uint8_t)lrint(fmin(fmax(v, 0), 255));
}

/* Every block of 8 x 8: into frequencies, to whole steps, and back. Beyond the edge the outermost
 * value goes on. */
static void quantise(const struct codec *c, const double *steps, struct plane *p)
{
    double v[N * N], f[N * N];
    for (int y0 = 0; y0 < p->h; y0 += N)
        for (int x0 = 0; x0 < p->w; x0 += N) {
            for (int i = 0; i < N * N; i++)
                v[i] = p->v[(size_t)clamp(y0 + i / N, p->h) * (size_t)p->w +
                            (size_t)clamp(x0 + i % N, p->w)] -
                       128.0;
            turn(c->cosine, false, v, f);
            for (int i = 0; i < N * N; i++)
                f[i] = rint(f[i] / steps[i]) * steps[i];
            turn(c->cosine, true, f, v);
            for (int i = 0; i < N * N; i++)
                if (y0 + i / N < p->h && x0 + i % N < p->w)
                    p->v[(size_t)(y0 + i / N) * (size_t)p->w + (size_t)(x0 + i % N)] =
                        level(v[i] + 128);
        }
}

/* Means of two by two. */
static void halve(const struct plane *from, struct plane *to)
{
    for (int y = 0; y < to->h; y++)
        for (int x = 0; x < to->w; x++) {
            int sum = 2;
            for (int i = 0; i < 4; i++)
                sum += from->v[(size_t)clamp(2 * y + i / 2, from->h) * (size_t)from->w +
                               (size_t)clamp(2 * x + i % 2, from->w)];
            to->v[(size_t)y * (size_t)to->w + (size_t)x] = (uint8_t)(sum / 4);
        }
}

/* Each value from the four nearest: three quarters of the nearer, along either way. */
static void redouble(const struct plane *from, struct plane *to)
{
    for (int y = 0; y < to->h; y++)
        for (int x = 0; x < to->w; x++) {
            const size_t y0 = (size_t)(y / 2),
                         y1 = (size_t)clamp(y / 2 + (y % 2 ? 1 : -1), from->h);
            const size_t x0 = (size_t)(x / 2),
                         x1 = (size_t)clamp(x / 2 + (x % 2 ? 1 : -1), from->w);
            const size_t w = (size_t)from->w;
            to->v[(size_t)y * (size_t)to->w + (size_t)x] =
                (uint8_t)((9 * from->v[y0 * w + x0] + 3 * from->v[y0 * w + x1] +
                           3 * from->v[y1 * w + x0] + from->v[y1 * w + x1] + 8) /
                          16);
        }
}

static int compress_plane(const struct codec *c, int which, struct plane *p, struct bf_arena *a,
                          struct bf_err *err)
{
    if (which == 0 || !c->half) {
        quantise(c, c->steps[which > 0], p);
        return BF_OK;
    }
    struct plane small = { .w = (p->w + 1) / 2, .h = (p->h + 1) / 2 };
    small.v = bf_arena_alloc(a, (size_t)small.w, (size_t)small.h);
    if (!small.v)
        return bf_fail_memory(err, "a picture");
    halve(p, &small);
    quantise(c, c->steps[1], &small);
    redouble(&small, p);
    return BF_OK;
}

/* JFIF 1.02: Y, Cb and Cr of BT.601 over all of 0 .. 255. */
static void split(const struct bf_raster *in, struct plane planes[3])
{
    for (int y = 0; y < in->h; y++)
        for (int x = 0; x < in->w; x++) {
            const uint8_t *p = in->px + y * in->stride + 3 * x;
            const size_t i = (size_t)y * (size_t)in->w + (size_t)x;
            planes[0].v[i] = level(0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]);
            planes[1].v[i] = level(-0.168736 * p[0] - 0.331264 * p[1] + 0.5 * p[2] + 128);
            planes[2].v[i] = level(0.5 * p[0] - 0.418688 * p[1] - 0.081312 * p[2] + 128);
        }
}

static void join(const struct plane planes[3], struct bf_raster *out)
{
    for (int y = 0; y < out->h; y++)
        for (int x = 0; x < out->w; x++) {
            uint8_t *p = out->px + y * out->stride + 3 * x;
            const size_t i = (size_t)y * (size_t)out->w + (size_t)x;
            const double cb = planes[1].v[i] - 128.0;
            const double cr = planes[2].v[i] - 128.0;
            p[0] = level(planes[0].v[i] + 1.402 * cr);
            p[1] = level(planes[0].v[i] - 0.344136 * cb - 0.714136 * cr);
            p[2] = level(planes[0].v[i] + 1.772 * cb);
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
    .apply = jpeg_apply,
};
