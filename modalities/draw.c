/* Media drawn for people. */
#include "modalities/draw.h"

#include <math.h>
#include <string.h>

#include "core/sheet.h"
#include "modalities/chart.h"
#include "modalities/raster.h"
#include "modalities/spectrum.h"
#include "modalities/trace.h"

static const uint8_t white[3] = { 255, 255, 255 };
static const uint8_t ink[3] = { 0, 0, 0 };

/* The same shape as large as fits. */
static int fit(const struct bf_raster *in, int w, int h, struct bf_raster *out, struct bf_arena *a,
               struct bf_err *err)
{
    const double scale = fmin((double)w / in->w, (double)h / in->h);
    return bf_raster_resize(in, (int)fmax(in->w * scale, 1), (int)fmax(in->h * scale, 1), out, a,
                            err);
}

int bf_draw_picture(const struct bf_raster *in, int w, int h, struct bf_raster *out,
                    struct bf_arena *a, struct bf_err *err)
{
    const int times = w / in->w < h / in->h ? w / in->w : h / in->h;
    if (times > 1)
        return bf_raster_resize(in, in->w * times, in->h * times, out, a, err);
    if (times == 1) {
        *out = *in;
        return BF_OK;
    }
    return fit(in, w, h, out, a, err);
}

int bf_draw_clip(const struct bf_clip *in, int n_wide, int n_high, int w, int h,
                 struct bf_raster *out, struct bf_arena *a, struct bf_err *err)
{
    enum { GAP = 2 };
    const int room = n_wide * n_high;
    const int n = in->n_frames < room ? in->n_frames : room;
    struct bf_raster sheet;
    BF_TRY(bf_raster_new(w, h, &sheet, a, err));
    bf_raster_fill(&sheet, white);
    for (int i = 0; i < n; i++) {
        struct bf_raster small;
        const int from = (int)((2 * (int64_t)i + 1) * in->n_frames / (2 * n));
        const int cell_w = w / n_wide;
        const int cell_h = h / n_high;
        BF_TRY(fit(&in->frames[from], cell_w - GAP, cell_h - GAP, &small, a, err));
        for (int y = 0; y < small.h; y++)
            memcpy(sheet.px + (i / n_wide * cell_h + GAP / 2 + y) * sheet.stride +
                       3 * (i % n_wide * cell_w + GAP / 2),
                   small.px + y * small.stride, (size_t)small.w * 3);
    }
    *out = sheet;
    return BF_OK;
}

/* `n` samples from `at` on, channels mixed, zeros beyond the end. */
static void mix(const struct bf_wave *w, size_t at, size_t n, float *out)
{
    memset(out, 0, n * sizeof *out);
    for (int ch = 0; ch < w->n_ch; ch++)
        for (size_t i = 0; i < n && at + i < w->n; i++)
            out[i] += w->v[(size_t)ch * w->n + at + i] / (float)w->n_ch;
}

int bf_draw_wave(const struct bf_wave *in, int w, int h, struct bf_raster *out, struct bf_arena *a,
                 struct bf_err *err)
{
    struct bf_spectrum s;
    struct bf_raster r;
    const double top_hz = fmin(8000, in->rate_hz / 2);
    const size_t n = bf_power_of_two(in->rate_hz * 0.025, 64, 4096);
    float *v = bf_arena_alloc(a, n, sizeof *v);
    float *power = bf_arena_alloc(a, n / 2 + 1, sizeof *power);
    if (!v || !power || bf_spectrum_init(&s, n, a) != BF_OK)
        return bf_fail_memory(err, "a spectrogram");
    BF_TRY(bf_raster_new(w, h, &r, a, err));
    for (int x = 0; x < w; x++) {
        mix(in, (size_t)((double)in->n * x / w), n, v);
        bf_spectrum_power(&s, v, n, power);
        for (int y = 0; y < h; y++) {
            /* The loudest of the bins that this point stands for. */
            const double bins = top_hz * (double)n / in->rate_hz / h;
            const size_t lo = (size_t)((h - 1 - y) * bins);
            float most = power[lo];
            for (size_t k = lo + 1; k <= n / 2 && (double)k < (h - y) * bins; k++)
                most = fmaxf(most, power[k]);
            const double db = 10 * log10((double)most + 1e-12);
            const uint8_t level = (uint8_t)lrint(255 * fmin(fmax((-10 - db) / 80, 0), 1));
            memset(r.px + y * r.stride + 3 * x, level, 3);
        }
    }
    *out = r;
    return BF_OK;
}

int bf_draw_trace(const struct bf_trace *in, int w, int h, struct bf_raster *out,
                  struct bf_arena *a, struct bf_err *err)
{
    enum { PLOT_W = 768, PLOT_H = 384 };
    struct bf_raster plot;
    if (w * 4 < PLOT_W) /* thin lines would fade */
        return bf_trace_plot(in, w, h, out, a, err);
    BF_TRY(bf_trace_plot(in, PLOT_W, PLOT_H, &plot, a, err));
    return bf_draw_picture(&plot, w, h, out, a, err);
}

int bf_draw_words(const char *text, int w, int h, struct bf_raster *out, struct bf_arena *a,
                  struct bf_err *err)
{
    enum { LEFT = 3, LINE_H = BF_LETTER_H + 2, ADVANCE = BF_LETTER_W + 1 };
    const int room = (w - 2 * LEFT) / ADVANCE;
    int x = 0, y = 0;
    BF_TRY(bf_raster_new(w, h, out, a, err));
    bf_raster_fill(out, white);
    while (*text && (y + 1) * LINE_H + LEFT <= h) {
        /* A word that does not fit begins the next line, unless it is longer than one. */
        const int n = (int)strcspn(text, " \n");
        if (*text == '\n' || (x > 0 && x + n > room && *text != ' ')) {
            text += *text == '\n';
            x = 0;
            y++;
            continue;
        }
        for (int i = 0; i < n && x + i < room; i++)
            bf_chart_letter(out, LEFT + (x + i) * ADVANCE, LEFT + y * LINE_H, text[i], 1, ink);
        x += n;
        text += n;
        if (*text == ' ') {
            text++;
            x++;
        }
    }
    return BF_OK;
}
