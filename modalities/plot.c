/* A trace as a picture. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modalities/chart.h"
#include "modalities/raster.h"
#include "modalities/trace.h"

enum { PLOT_W = 768, PLOT_H = 384, MARGIN = 24, TICK = 6, MAX_RANKED = 1 << 16 };
enum { NUMBERS_W = 96, TIMES_H = 52, MOST_LINES = 3 };

/* Where the values are drawn, px. */
struct area {
    int x0, y0, x1, y1;
};

/* Ten ticks a side, without numbers. */
static void draw_bare_frame(struct bf_raster *r, const struct area *at)
{
    const int tick = at->x0 / 4;
    bf_chart_line(r, at->x0, at->y0, at->x0, at->y1, bf_gray);
    bf_chart_line(r, at->x0, at->y1, at->x1, at->y1, bf_gray);
    for (int i = 0; i <= 10; i++) {
        const int x = at->x0 + (at->x1 - at->x0) * i / 10;
        const int y = at->y0 + (at->y1 - at->y0) * i / 10;
        bf_chart_line(r, x, at->y1, x, at->y1 + tick, bf_gray);
        bf_chart_line(r, at->x0 - tick, y, at->x0, y, bf_gray);
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
        const float pad = fmaxf(1, fabsf(lo) / 100);
        lo -= pad;
        hi += pad;
    }
    *lo_out = lo;
    *hi_out = hi;
    return BF_OK;
}

/* `thick`: lines of two px. */
static void draw_channel(struct bf_raster *r, const struct bf_trace *t, int ch, float lo, float hi,
                         const struct area *area, bool thick)
{
    const float *v = t->v + (size_t)ch * t->n;
    const int width = area->x1 - area->x0;
    const int height = area->y1 - area->y0;
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
        const int x = area->x0 + (int)lrint(at * width);
        const int y = area->y0 + (int)lrint((1 - up) * height);
        for (int k = 0; k <= thick; k++)
            bf_chart_line(r, pen_down ? x0 : x, (pen_down ? y0 : y) - k, x, y - k, rgb);
        pen_down = true;
        x0 = x;
        y0 = y;
    }
}

int bf_trace_plot(const struct bf_trace *t, int w, int h, struct bf_raster *out, struct bf_arena *a,
                  struct bf_err *err)
{
    const int margin = w / 32;
    const struct area area = { margin, margin, w - margin, h - margin };
    struct bf_raster r;
    float lo = 0;
    float hi = 1;
    BF_TRY(bf_raster_new(w, h, &r, a, err));
    BF_TRY(value_range(t, &lo, &hi, a, err));
    bf_raster_fill(&r, bf_white);
    draw_bare_frame(&r, &area);
    for (int ch = 0; ch < t->n_ch; ch++)
        draw_channel(&r, t, ch, lo, hi, &area, false);
    *out = r;
    return BF_OK;
}

static void name_of(const struct bf_trace *t, int ch, char *out, size_t n)
{
    if (t->names)
        (void)snprintf(out, n, "%.24s", t->names[ch]);
    else
        (void)snprintf(out, n, "ch%d", ch + 1);
}

/* The names of the channels in their colours, over as many lines as they take, MOST_LINES at most:
 * "..." stands for those that do not fit. `r` NULL: only count. Returns the number of lines. */
static int draw_names(struct bf_raster *r, const struct bf_trace *t)
{
    enum { GAP = 16 };
    const int dots = bf_chart_width("...") + GAP;
    int x = MARGIN;
    int line = 0;
    for (int ch = 0; ch < t->n_ch; ch++) {
        char name[32];
        uint8_t rgb[3];
        name_of(t, ch, name, sizeof name);
        color_of(ch, rgb);
        const int w = bf_chart_width(name) + GAP;
        const bool last = line == MOST_LINES - 1;
        if (x + w + (last && ch + 1 < t->n_ch ? dots : 0) > PLOT_W && x > MARGIN) {
            if (last) {
                if (r)
                    bf_chart_text(r, x, 4 + line * BF_CHART_LINE, "...", bf_black);
                break;
            }
            line++;
            x = MARGIN;
        }
        if (r)
            bf_chart_text(r, x, 4 + line * BF_CHART_LINE, name, rgb);
        x += w;
    }
    return line + 1;
}

/* Values from lo to hi up the left side, with the unit above. */
static void draw_values(struct bf_raster *r, const struct bf_trace *t, const struct area *at,
                        double lo, double hi)
{
    enum { MOST = 6 };
    const double step = bf_chart_step(hi - lo, MOST);
    const double first = ceil(lo / step - 1e-9);
    char text[80];
    bf_chart_line(r, at->x0, at->y0, at->x0, at->y1, bf_gray);
    for (int i = 0; i <= MOST && isfinite(hi - lo) && (first + i) * step <= hi + 1e-9 * step; i++) {
        const double v = (first + i) * step;
        const int y = at->y1 - (int)lrint((v - lo) / (hi - lo) * (at->y1 - at->y0));
        bf_chart_number(v, step, text, sizeof text);
        bf_chart_line(r, at->x0 - TICK, y, at->x0, y, bf_gray);
        bf_chart_text(r, at->x0 - TICK - 4 - bf_chart_width(text), y - 8, text, bf_black);
    }
    const bool known = strcmp(t->unit, "raw") != 0;
    (void)snprintf(text, sizeof text, "values%s%.48s", known ? " in " : "", known ? t->unit : "");
    bf_chart_text(r, MARGIN, at->y0 - BF_CHART_LINE - 6, text, bf_black);
}

int bf_trace_chart(const struct bf_trace *t, struct bf_raster *out, struct bf_arena *a,
                   struct bf_err *err)
{
    struct bf_raster r;
    float lo = 0;
    float hi = 1;
    BF_TRY(bf_raster_new(PLOT_W, PLOT_H, &r, a, err));
    BF_TRY(value_range(t, &lo, &hi, a, err));
    bf_raster_fill(&r, bf_white);
    const int n_lines = draw_names(&r, t) + 1;
    const struct area area = { NUMBERS_W, 8 + n_lines * BF_CHART_LINE + 8, PLOT_W - MARGIN,
                               PLOT_H - TIMES_H };
    draw_values(&r, t, &area, (double)lo, (double)hi);
    /* One step stands in the middle; the last of several at their end. */
    bf_chart_time(&r, area.x0, area.x1, area.y1, (double)(t->n - 1) / t->rate_hz);
    for (int ch = 0; ch < t->n_ch; ch++)
        draw_channel(&r, t, ch, lo, hi, &area, true);
    *out = r;
    return BF_OK;
}
