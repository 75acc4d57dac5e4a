/* Sound as a picture and as numbers. */
#include "modalities/spectrogram.h"

#include <math.h>
#include <string.h>

#include "core/buf.h"
#include "modalities/chart.h"
#include "modalities/raster.h"
#include "modalities/spectrum.h"

enum { LEFT = 76, TOP = 34, PLOT_W = 640, N_MELS = 128, ROW_H = 2, BOTTOM = 56, BAR = 96 };
enum { PLOT_H = N_MELS * ROW_H, W = LEFT + PLOT_W + BAR, H = TOP + PLOT_H + BOTTOM };
enum { MOST_WINDOWS = 32, MIN_FFT = 64, MAX_FFT = 8192 };
static const double window_seconds = 0.04;
static const double least_db = -80;

/* The mean power spectrum of a span of a sound. */
struct ear {
    const struct bf_wave *wave;
    double mean; /* of all samples: nobody hears it, and it would drown what is heard */
    struct bf_spectrum sp;
    size_t n_bins;
    float *mono;   /* [sp.n], of one window */
    float *one;    /* [n_bins], of one window */
    double *power; /* [n_bins], of the span; a sine of full scale has the sum 1 */
};

static int ear_open(struct ear *e, const struct bf_wave *w, struct bf_arena *a, struct bf_err *err)
{
    const size_t n = bf_power_of_two(w->rate_hz * window_seconds, MIN_FFT, MAX_FFT);
    const size_t n_values = w->n * (size_t)w->n_ch;
    *e = (struct ear){ .wave = w, .n_bins = n / 2 + 1 };
    for (size_t i = 0; i < n_values; i++)
        e->mean += (double)w->v[i] / (double)n_values;
    e->mono = bf_arena_alloc(a, n, sizeof *e->mono);
    e->one = bf_arena_alloc(a, e->n_bins, sizeof *e->one);
    e->power = bf_arena_alloc(a, e->n_bins, sizeof *e->power);
    if (!e->mono || !e->one || !e->power || bf_spectrum_init(&e->sp, n, a) != BF_OK)
        return bf_fail_memory(err, "a spectrogram");
    return BF_OK;
}

/* One sample of all channels mixed; 0 beyond the ends. Float files may hold anything: squares are
 * kept finite. */
static double sample_at(const struct ear *e, double i)
{
    const struct bf_wave *w = e->wave;
    double sum = 0;
    if (i < 0 || i >= (double)w->n)
        return 0;
    for (int ch = 0; ch < w->n_ch; ch++)
        sum += (double)w->v[(size_t)ch * w->n + (size_t)i];
    return fmin(fmax(sum / w->n_ch - e->mean, -1e6), 1e6);
}

/* Listen to the samples from `from` to `to`: windows whose middles lie evenly between them. */
static void listen(struct ear *e, double from, double to)
{
    static const double to_full_scale = 2; /* the mean square of a sine of full scale is 1/2 */
    const size_t n = e->sp.n;
    const double wanted = ceil((to - from) / (double)(n / 2));
    const int n_windows = wanted < 1 ? 1 : wanted > MOST_WINDOWS ? MOST_WINDOWS : (int)wanted;
    memset(e->power, 0, e->n_bins * sizeof *e->power);
    for (int k = 0; k < n_windows; k++) {
        const double middle = from + (to - from) * (k + 0.5) / n_windows;
        const double start = floor(middle - (double)n / 2);
        for (size_t i = 0; i < n; i++)
            e->mono[i] = (float)sample_at(e, start + (double)i);
        bf_spectrum_power(&e->sp, e->mono, n, e->one);
        for (size_t i = 0; i < e->n_bins; i++)
            e->power[i] += (double)e->one[i] * to_full_scale / n_windows;
    }
}

/* Of the samples themselves, each once. */
static double level_of(const struct ear *e, double from, double to)
{
    double squares = 0;
    const size_t first = (size_t)from;
    size_t last = (size_t)ceil(to);
    last = last > e->wave->n ? e->wave->n : last;
    for (size_t i = first; i < last; i++) {
        const double v = sample_at(e, (double)i);
        squares += v * v;
    }
    return last > first ? 2 * squares / (double)(last - first) : 0;
}

static double to_db(double power)
{
    return 10 * log10(power + 1e-12);
}

static double mel_of(double hz)
{
    return 2595 * log10(1 + hz / 700);
}

static double hz_of(double mel)
{
    return 700 * (pow(10, mel / 2595) - 1);
}

/* Dark blue, violet, red, orange, pale yellow: ever brighter. */
static void color_of(double share, uint8_t rgb[3])
{
    static const double stops[][3] = {
        { 5, 5, 30 }, { 80, 20, 110 }, { 190, 50, 80 }, { 245, 140, 30 }, { 255, 250, 190 }
    };
    enum { N = sizeof stops / sizeof *stops - 1 };
    const double at = fmin(fmax(share, 0), 1) * N;
    const int i = at < N ? (int)at : N - 1;
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)lrint(stops[i][c] + (at - i) * (stops[i + 1][c] - stops[i][c]));
}

/* The strongest of the bins whose middles lie in lo .. hi Hz, else of the one nearest to it; 1 is a
 * sine of full scale, of whose power a Hann window leaves two thirds in the bin it lies in. */
static double strongest(const struct ear *e, double lo, double hi)
{
    const double bin_hz = e->wave->rate_hz / (double)e->sp.n;
    const size_t first = (size_t)ceil(lo / bin_hz);
    double most = -1;
    for (size_t k = first; k < e->n_bins && (double)k * bin_hz < hi; k++)
        most = fmax(most, e->power[k]);
    if (most < 0) {
        const size_t near = (size_t)lrint((lo + hi) / 2 / bin_hz);
        most = e->power[near < e->n_bins ? near : e->n_bins - 1];
    }
    return most * 1.5;
}

static void draw_column(const struct ear *e, double top_hz, int x, struct bf_raster *r)
{
    const double row = mel_of(top_hz) / N_MELS;
    for (int m = 0; m < N_MELS; m++) {
        uint8_t rgb[3];
        const double power = strongest(e, hz_of(m * row), hz_of((m + 1) * row));
        color_of(1 - to_db(power) / least_db, rgb);
        for (int k = 0; k < ROW_H; k++)
            bf_chart_dot(r, x, TOP + PLOT_H - 1 - m * ROW_H - k, rgb);
    }
}

/* Frequencies up the left side. */
static void draw_frequencies(struct bf_raster *r, double top_hz)
{
    static const struct {
        double hz;
        const char *name;
    } ticks[] = { { 0, "0" },         { 100, "100" },     { 200, "200" },    { 500, "500" },
                  { 1000, "1000" },   { 2000, "2000" },   { 4000, "4000" },  { 8000, "8000" },
                  { 16000, "16000" }, { 32000, "32000" }, { 64000, "64000" } };
    int above = H;
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks && ticks[i].hz <= top_hz; i++) {
        const int y = TOP + PLOT_H - (int)lrint(PLOT_H * mel_of(ticks[i].hz) / mel_of(top_hz));
        if (y > above - BF_CHART_LINE)
            continue;
        above = y;
        bf_chart_line(r, LEFT - 6, y, LEFT - 1, y, bf_gray);
        bf_chart_text(r, LEFT - 10 - bf_chart_width(ticks[i].name), y - 8, ticks[i].name, bf_black);
    }
    bf_chart_text(r, 4, 4, "frequency in Hz", bf_black);
}

/* What the colours mean, at the right. */
static void draw_bar(struct bf_raster *r)
{
    enum { X = LEFT + PLOT_W + 16, BAR_W = 14, N_TICKS = 4 };
    static const char *const names[N_TICKS + 1] = { "-80", "-60", "-40", "-20", "0" };
    for (int y = 0; y < PLOT_H; y++) {
        uint8_t rgb[3];
        color_of((y + 0.5) / PLOT_H, rgb);
        bf_chart_line(r, X, TOP + PLOT_H - 1 - y, X + BAR_W, TOP + PLOT_H - 1 - y, rgb);
    }
    for (int i = 0; i <= N_TICKS; i++) {
        const int y = TOP + PLOT_H - PLOT_H * i / N_TICKS;
        bf_chart_line(r, X + BAR_W, y, X + BAR_W + 5, y, bf_gray);
        bf_chart_text(r, X + BAR_W + 9, y - 8, names[i], bf_black);
    }
    bf_chart_text(r, X, 4, "dB", bf_black);
}

int bf_wave_spectrogram(const struct bf_wave *w, double top_hz, struct bf_raster *out,
                        struct bf_arena *a, struct bf_err *err)
{
    struct ear e = { 0 };
    struct bf_raster r;
    top_hz = fmin(top_hz, w->rate_hz / 2);
    BF_TRY(ear_open(&e, w, a, err));
    BF_TRY(bf_raster_new(W, H, &r, a, err));
    bf_raster_fill(&r, bf_white);
    for (int x = 0; x < PLOT_W; x++) {
        listen(&e, (double)w->n * x / PLOT_W, (double)w->n * (x + 1) / PLOT_W);
        draw_column(&e, top_hz, LEFT + x, &r);
    }
    draw_frequencies(&r, top_hz);
    draw_bar(&r);
    bf_chart_time(&r, LEFT, LEFT + PLOT_W, TOP + PLOT_H, (double)w->n / w->rate_hz);
    *out = r;
    return BF_OK;
}

static int whole_db(double power)
{
    return (int)lrint(fmax(to_db(power), -99));
}

/* Octaves around 62.5 Hz 2^k, as far as they lie below half the rate. */
static int count_octaves(double rate_hz)
{
    enum { MOST = 8 };
    int n = 0;
    while (n < MOST && 62.5 * ldexp(sqrt(2), n) <= rate_hz / 2)
        n++;
    return n;
}

static void add_row(const struct ear *e, double from, double to, int n_octaves, struct bf_buf *b)
{
    const double bin_hz = e->wave->rate_hz / (double)e->sp.n;
    size_t peak = 1;
    for (size_t k = 2; k < e->n_bins; k++)
        peak = e->power[k] > e->power[peak] ? k : peak;
    bf_buf_printf(b, "%.3f,%d,", (from + to) / 2 / e->wave->rate_hz,
                  whole_db(level_of(e, from, to)));
    if (to_db(e->power[peak]) >= least_db)
        bf_buf_printf(b, "%.0f", (double)peak * bin_hz);
    for (int i = 0; i < n_octaves; i++) {
        const double middle = ldexp(62.5, i);
        double sum = 0;
        for (size_t k = 1; k < e->n_bins; k++) {
            const double hz = (double)k * bin_hz;
            sum += hz >= middle / sqrt(2) && hz < middle * sqrt(2) ? e->power[k] : 0;
        }
        bf_buf_printf(b, ",%d", whole_db(sum));
    }
    bf_buf_char(b, '\n');
}

int bf_wave_table(const struct bf_wave *w, size_t rows, struct bf_blob *out, struct bf_arena *a,
                  struct bf_err *err)
{
    static const double least_seconds = 0.02;
    struct ear e = { 0 };
    struct bf_buf b = { 0 };
    const double seconds = (double)w->n / w->rate_hz;
    const double most = fmin(floor(seconds / least_seconds), (double)rows);
    const int n_rows = most < 1 ? 1 : (int)most;
    const int n_octaves = count_octaves(w->rate_hz);
    BF_TRY(ear_open(&e, w, a, err));
    bf_buf_printf(&b,
                  "# sound of %.3f s, levels in dB (0: a sine of full scale, -99: silence) of all "
                  "and of octaves around so many Hz, peak: the strongest frequency in Hz, time "
                  "in s:\ntime,all,peak",
                  seconds);
    for (int i = 0; i < n_octaves; i++)
        bf_buf_printf(&b, ",%g", ldexp(62.5, i));
    bf_buf_char(&b, '\n');
    for (int i = 0; i < n_rows; i++) {
        const double from = (double)w->n * i / n_rows, to = (double)w->n * (i + 1) / n_rows;
        listen(&e, from, to);
        add_row(&e, from, to, n_octaves, &b);
    }
    uint8_t *bytes = b.failed ? NULL : bf_arena_memdup(a, b.data, b.len);
    *out = (struct bf_blob){ .ext = "csv", .mime = "text/csv", .bytes = bytes, .n = b.len };
    bf_buf_done(&b);
    return bytes ? BF_OK : bf_fail_memory(err, "a table");
}
