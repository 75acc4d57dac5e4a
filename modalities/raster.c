/* What all pictures need: making, turning, shrinking. */
#include "modalities/raster.h"

#include <stdbool.h>
#include <string.h>

int bf_raster_new(int w, int h, struct bf_raster *out, struct bf_arena *a, struct bf_err *err)
{
    uint8_t *px = bf_arena_alloc(a, (size_t)w * 3, (size_t)h);
    if (!px)
        return bf_fail(err, BF_ENOMEM, "no memory for a picture of %d x %d pixels", w, h);
    *out = (struct bf_raster){ .w = w, .h = h, .stride = (ptrdiff_t)w * 3, .px = px };
    return BF_OK;
}

int bf_raster_allowed(int64_t w, int64_t h, const struct bf_limits *limits, struct bf_err *err)
{
    if (w < 1 || h < 1)
        return bf_fail(err, BF_EDATA, "the picture has no pixels (%lld x %lld)", (long long)w,
                       (long long)h);
    if (w > limits->side || h > limits->side)
        return bf_fail(err, BF_EDATA, "the picture is %lld x %lld pixels, limit %d a side",
                       (long long)w, (long long)h, limits->side);
    if (w * h > limits->pixels)
        return bf_fail(err, BF_EDATA, "the picture is %lld x %lld pixels, limit %lld in all",
                       (long long)w, (long long)h, (long long)limits->pixels);
    return BF_OK;
}

void bf_raster_fill(struct bf_raster *r, const uint8_t rgb[3])
{
    for (int x = 0; x < r->w; x++)
        memcpy(r->px + 3 * x, rgb, 3);
    for (int y = 1; y < r->h; y++)
        memcpy(r->px + y * r->stride, r->px, 3 * (size_t)r->w);
}

int bf_raster_orient(const struct bf_raster *in, int orientation, struct bf_raster *out,
                     struct bf_arena *a, struct bf_err *err)
{
    if (orientation < 2 || orientation > 8) {
        *out = *in;
        return BF_OK;
    }
    const bool swapped = orientation >= 5;
    struct bf_raster r;
    BF_TRY(bf_raster_new(swapped ? in->h : in->w, swapped ? in->w : in->h, &r, a, err));

    for (int y = 0; y < r.h; y++) {
        for (int x = 0; x < r.w; x++) {
            /* (u, v): where in the stored picture the upright pixel (x, y) lies. */
            int u = swapped ? y : x;
            int v = swapped ? x : y;
            if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
                u = in->w - 1 - u;
            if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
                v = in->h - 1 - v;
            memcpy(r.px + y * r.stride + 3 * x, in->px + v * in->stride + 3 * u, 3);
        }
    }
    *out = r;
    return BF_OK;
}

/* The source indices that each of `n` new ones covers, at least one: [n]. */
struct span {
    int first, end;
};

static struct span *spans_new(int n, int from, struct bf_arena *a)
{
    struct span *v = bf_arena_alloc(a, (size_t)n, sizeof *v);
    for (int i = 0; v && i < n; i++) {
        const int first = (int)((int64_t)i * from / n);
        const int end = (int)((int64_t)(i + 1) * from / n);
        v[i] = (struct span){ first, end > first ? end : first + 1 };
    }
    return v;
}

/* sum / n, rounded, for sums of n bytes. */
static uint8_t mean_of(uint64_t sum, uint64_t n, uint64_t inverse)
{
    /* With e = inverse n - 2^32 < n the product is off by (sum + n / 2) e < 256 n^2 < 2^32. */
    return (uint8_t)(inverse ? ((sum + n / 2) * inverse) >> 32 : (sum + n / 2) / n);
}

/* One new row from the sums over its `n_rows` source rows. */
static void resize_row(const uint32_t *columns, const struct span *spans, int n_rows, int w,
                       uint8_t *out)
{
    uint64_t n_last = 0, inverse = 0;
    for (int x = 0; x < w; x++) {
        const struct span s = spans[x];
        const uint64_t n = (uint64_t)n_rows * (uint64_t)(s.end - s.first);
        uint64_t sum[3] = { 0 };
        for (const uint32_t *v = columns + 3 * (size_t)s.first; v < columns + 3 * (size_t)s.end;
             v += 3)
            for (int c = 0; c < 3; c++)
                sum[c] += v[c];
        if (n != n_last)
            inverse = n < 4096 ? ((UINT64_C(1) << 32) + n - 1) / n : 0;
        n_last = n;
        for (int c = 0; c < 3; c++)
            out[3 * x + c] = mean_of(sum[c], n, inverse);
    }
}

int bf_raster_resize(const struct bf_raster *in, int w, int h, struct bf_raster *out,
                     struct bf_arena *a, struct bf_err *err)
{
    struct bf_raster r;
    const size_t n = (size_t)in->w * 3;
    BF_TRY(bf_raster_new(w, h, &r, a, err));
    uint32_t *columns = bf_arena_alloc(a, n, sizeof *columns);
    const struct span *across = spans_new(w, in->w, a), *down = spans_new(h, in->h, a);
    if (!columns || !across || !down)
        return bf_fail(err, BF_ENOMEM, "no memory for a picture of %d x %d pixels", w, h);
    for (int y = 0; y < h; y++) {
        const uint8_t *row = in->px + down[y].first * in->stride;
        for (size_t i = 0; i < n; i++)
            columns[i] = row[i];
        for (int v = down[y].first + 1; v < down[y].end; v++) {
            row += in->stride;
            for (size_t i = 0; i < n; i++)
                columns[i] += row[i];
        }
        resize_row(columns, across, down[y].end - down[y].first, w, r.px + y * r.stride);
    }
    *out = r;
    return BF_OK;
}

void bf_raster_fit(int w, int h, int side, int *w_out, int *h_out)
{
    int longest = w > h ? w : h;
    if (longest > side) {
        w = (int)(((int64_t)w * side + longest / 2) / longest);
        h = (int)(((int64_t)h * side + longest / 2) / longest);
    }
    *w_out = w > 0 ? w : 1;
    *h_out = h > 0 ? h : 1;
}

void bf_raster_add_mean(const struct bf_raster *r, double sum[3])
{
    uint64_t total[3] = { 0 };
    for (int y = 0; y < r->h; y++) {
        const uint8_t *p = r->px + y * r->stride;
        for (int x = 0; x < r->w; x++, p += 3)
            for (int c = 0; c < 3; c++)
                total[c] += p[c];
    }
    for (int c = 0; c < 3; c++)
        sum[c] += (double)total[c] / ((double)r->w * r->h);
}
