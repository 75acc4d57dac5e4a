/* A trace as a picture, drawn by ourselves: no fonts, the same bytes everywhere. */
#include <math.h>
#include <stdlib.h>

#include "modalities/raster.h"
#include "modalities/trace.h"

enum { PLOT_W = 768, PLOT_H = 384, MARGIN = 24, TICK = 6, MAX_RANKED = 1 << 16 };

static const uint8_t white[3] = { 255, 255, 255 };
static const uint8_t gray[3] = { 150, 150, 150 };

static void dot(struct bf_raster *r, int x, int y, const uint8_t rgb[3])
{
    if (x < 0 || y < 0 || x >= r->w || y >= r->h)
        return;
    for (int c = 0; c < 3; c++)
        r->px[y * r->stride + 3 * x + c] = rgb[c];
}

/* Bresenham (1965). */
static void line(struct bf_raster *r, int x0, int y0, int x1, int y1, const uint8_t rgb[3])
{
    const int dx = abs(x1 - x0);
    const int dy = -abs(y1 - y0);
    const int sx = x0 < x1 ? 1 : -1;
    const int sy = y0 < y1 ? 1 : -1;
    int e = dx + dy;
    for (;;) {
        dot(r, x0, y0, rgb);
        if (x0 == x1 && y0 == y1)
            return;
        const int e2 = 2 * e;
        if (e2 >= dy) {
            e += dy;
            x0 += sx;
        }
        if (e2 <= dx) {
            e += dx;
            y0 += sy;
        }
    }
}

static void frame(struct bf_raster *r)
{
    const int right = r->w - MARGIN;
    const int bottom = r->h - MARGIN;
    line(r, MARGIN, MARGIN, MARGIN, bottom, gray);
    line(r, MARGIN, bottom, right, bottom, gray);
    for (int i = 0; i <= 10; i++) {
        const int x = MARGIN + (right - MARGIN) * i / 10;
        const int y = MARGIN + (bottom - MARGIN) * i / 10;
        line(r, x, bottom, x, bottom + TICK, gray);
        line(r, MARGIN - TICK, y, MARGIN, y, gray);
    }
}

/* Channel `i` of any number: hues a golden section apart, dark enough for a white ground. */
static void color_of(int i, uint8_t rgb[3])
{
    static const int shift[3] = { 0, 4, 2 };
    const double hue = 6 * fmod(0.6 + i * 0.61803398874989485, 1);
    for (int c = 0; c < 3; c++) {
        const double k = fmod(hue + shift[c], 6);
        const double level = fmin(fmax(fmin(k, 4 - k), 0), 1);
        rgb[c] = (uint8_t)(200 - 200 * level);
    }
}

static int by_value(const void *x, const void *y)
{
    const float a = *(const float *)x;
    const float b = *(const float *)y;
    return (a > b) - (a < b);
}

/* What the plot spans: the usual channels without the outermost 0.2 %; all when none is usual. */
static int value_range(const struct bf_trace *t, float *lo_out, float *hi_out, struct bf_arena *a,
                       struct bf_err *err)
{
    float *v = bf_arena_alloc(a, MAX_RANKED, sizeof *v);
    bool *usual = bf_arena_alloc(a, (size_t)t->n_ch, sizeof *usual);
    const int n_usual = usual ? bf_trace_usual(t, usual, a) : BF_ENOMEM;
    if (!v || n_usual < 0)
        return bf_fail_memory(err, "a plot");
    const size_t n_used = (size_t)(n_usual ? n_usual : t->n_ch) * t->n;
    const size_t step = n_used / MAX_RANKED + 1;
    size_t n = 0;
    size_t at = 0;
    for (int ch = 0; ch < t->n_ch; ch++) {
        if (n_usual && !usual[ch])
            continue;
        for (size_t i = 0; i < t->n; i++, at++)
            if (at % step == 0 && n < MAX_RANKED && !isnan(t->v[(size_t)ch * t->n + i]))
                v[n++] = t->v[(size_t)ch * t->n + i];
    }
    float lo = 0;
    float hi = 0;
    if (n) {
        qsort(v, n, sizeof *v, by_value);
        lo = v[n / 500];
        hi = v[n - 1 - n / 500];
    }
    if (!(hi > lo)) {
        lo -= 1;
        hi += 1;
    }
    *lo_out = lo;
    *hi_out = hi;
    return BF_OK;
}

static void draw_channel(struct bf_raster *r, const struct bf_trace *t, int ch, float lo, float hi)
{
    const float *v = t->v + (size_t)ch * t->n;
    const int width = r->w - 2 * MARGIN;
    const int height = r->h - 2 * MARGIN;
    uint8_t rgb[3];
    color_of(ch, rgb);
    bool pen_down = false;
    int x0 = 0;
    int y0 = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (isnan(v[i])) {
            pen_down = false;
            continue;
        }
        const double at = t->n > 1 ? (double)i / (double)(t->n - 1) : 0.5;
        const double up = fmin(fmax(((double)v[i] - lo) / ((double)hi - lo), 0), 1);
        const int x = MARGIN + (int)lrint(at * width);
        const int y = MARGIN + (int)lrint((1 - up) * height);
        line(r, pen_down ? x0 : x, pen_down ? y0 : y, x, y, rgb);
        pen_down = true;
        x0 = x;
        y0 = y;
    }
}

int bf_trace_plot(const struct bf_trace *t, struct bf_raster *out, struct bf_arena *a,
                  struct bf_err *err)
{
    struct bf_raster r;
    float lo = 0;
    float hi = 1;
    BF_TRY(bf_raster_new(PLOT_W, PLOT_H, &r, a, err));
    BF_TRY(value_range(t, &lo, &hi, a, err));
    bf_raster_fill(&r, white);
    frame(&r);
    for (int ch = 0; ch < t->n_ch; ch++)
        draw_channel(&r, t, ch, lo, hi);
    *out = r;
    return BF_OK;
}
