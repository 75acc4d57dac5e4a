/* Pictures of measured values. */
#include "modalities/readers/values.h"

#include <stdio.h>
#include <string.h>

#include "core/npy.h"
#include "modalities/readers/marks.h"
#include "modalities/readers/pnm.h"
#include "modalities/raster.h"
#include "modalities/readers/stb.h"
#include "modalities/trace.h"

struct values {
    int w, h;
    const float *v; /* a row after the other, unless by_column */
    bool by_column;
    bool zero_is_none;
};

static int read_npy(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                    struct values *out, struct bf_media_info *info, struct bf_arena *a,
                    struct bf_err *err)
{
    const struct bf_trace_how how = {
        .rate_hz = 1, .time = "none", .channels = "*", .unit = "raw", .array = "auto"
    };
    struct bf_trace t;
    BF_TRY(bf_npy_trace(bytes, n, &how, limits, &t, info, a, err));
    BF_TRY(bf_raster_allowed(t.n_ch, (int64_t)t.n, limits, err));
    *out = (struct values){ .w = t.n_ch, .h = (int)t.n, .v = t.v, .by_column = true };
    *info = (struct bf_media_info){ .format = "npy", .ext = "npy", .decoder = "npy" };
    return BF_OK;
}

/* Colours become their mean. */
static int take_pnm(const struct bf_pnm *p, struct values *out, struct bf_arena *a,
                    struct bf_err *err)
{
    const size_t n = (size_t)p->w * (size_t)p->h;
    float *v = bf_arena_alloc(a, n, sizeof *v);
    if (!v)
        return bf_fail_memory(err, "a picture");
    for (size_t i = 0; i < n; i++) {
        uint32_t sum = 0;
        for (int c = 0; c < p->n_ch; c++)
            sum += bf_pnm_level(p, i, c);
        v[i] = (float)sum / (float)p->n_ch;
    }
    *out = (struct values){ .w = (int)p->w, .h = (int)p->h, .v = v };
    return BF_OK;
}

static int read_picture(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                        struct values *out, struct bf_media_info *info, struct bf_arena *a,
                        struct bf_err *err)
{
    struct bf_marks marks;
    struct bf_pnm pnm;
    float *v;
    BF_TRY(bf_marks_read(bytes, n, &marks, err));
    const bool is_pnm = strcmp(marks.format, "pnm") == 0;
    if (!is_pnm && strcmp(marks.format, "png") != 0)
        return bf_fail(err, BF_EDATA, "a picture of measured values as %s; allowed: PNG, PGM, NPY",
                       marks.format);
    if (is_pnm) {
        BF_TRY(bf_pnm_open(bytes, n, limits, &pnm, a, err));
        if (pnm.n_there < pnm.h)
            return bf_fail(err, BF_EDATA, "the picture ends early: %lld of %lld rows of values",
                           (long long)pnm.n_there, (long long)pnm.h);
        BF_TRY(take_pnm(&pnm, out, a, err));
    } else {
        if (marks.ends_early)
            return bf_fail(err, BF_EDATA, "the PNG ends early: no end chunk in %zu bytes", n);
        BF_TRY(bf_stb_values(bytes, n, limits, &v, &out->w, &out->h, a, err));
        out->v = v;
    }
    out->zero_is_none = true;
    *info = (struct bf_media_info){ 0 };
    snprintf(info->decoder, sizeof info->decoder, "%s", is_pnm ? "pnm" : "stb_image");
    snprintf(info->format, sizeof info->format, "%s", marks.format);
    snprintf(info->ext, sizeof info->ext, "%s", marks.ext);
    return BF_OK;
}

static float value_at(const struct values *v, int x, int y)
{
    return v->by_column ? v->v[(size_t)x * (size_t)v->h + (size_t)y]
                        : v->v[(size_t)y * (size_t)v->w + (size_t)x];
}

static void find_range(const struct values *v, double *black, double *white)
{
    double least = INFINITY, greatest = -INFINITY;
    for (size_t i = 0; i < (size_t)v->w * (size_t)v->h; i++)
        if (!isnan(v->v[i])) {
            least = fmin(least, (double)v->v[i]);
            greatest = fmax(greatest, (double)v->v[i]);
        }
    *black = least;
    *white = greatest > least ? greatest : least + 1;
}

int bf_values_picture(const uint8_t *bytes, size_t n, double black, double white,
                      const struct bf_limits *limits, struct bf_raster *out,
                      struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    struct values v = { 0 };
    struct bf_media_info got = { 0 };
    if (bf_is_npy(bytes, n))
        BF_TRY(read_npy(bytes, n, limits, &v, &got, a, err));
    else
        BF_TRY(read_picture(bytes, n, limits, &v, &got, a, err));
    v.zero_is_none &= fabs(black) > 0 && fabs(white) > 0;
    if (bf_is_even(black, white))
        find_range(&v, &black, &white);
    BF_TRY(bf_raster_new(v.w, v.h, out, a, err));
    for (int y = 0; y < v.h; y++)
        for (int x = 0; x < v.w; x++) {
            const double value = (double)value_at(&v, x, y);
            const bool none = isnan(value) || (v.zero_is_none && !(fabs(value) > 0));
            const double share = none ? 0 : (value - black) / (white - black);
            memset(out->px + y * out->stride + 3 * x, (int)(255 * fmin(fmax(share, 0), 1) + 0.5),
                   3);
        }
    got.carrier = BF_RASTER;
    got.w = v.w;
    got.h = v.h;
    *info = got;
    return BF_OK;
}
