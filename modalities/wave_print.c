/* The fingerprint of a sound. */
#include <math.h>
#include <stdbool.h>

#include "core/err.h"
#include "modalities/prints.h"
#include "modalities/spectrum.h"

enum {
    N_BANDS = 17, /* mel bands from 100 Hz to 3.6 kHz */
    N_SPANS = 32, /* of time */
    N_SLOW = 8,   /* coefficients over time, without the constant one */
    N_WIDE = 8,   /* and over frequency */
    LEAST_HZ = 16000,
    FEWEST = 96, /* windows of a short sound, most of a long one */
    MOST = 2048,
};
static const double pi = 3.14159265358979323846;
static const double low_hz = 100;
static const double high_hz = 3600;
static const double window_seconds = 0.03;
static const double step_seconds = 0.016;

/* A sound as one channel at a low rate. */
struct low {
    double rate_hz;
    size_t n;
    float *v;
};

/* Energies of the bands in each of `n` windows. */
struct bands {
    size_t n;
    double (*e)[N_BANDS];
};

/* Mix the channels and keep every `k`-th sample, a mean over the 2 k - 1 around it that weighs the
 * far ones less: two running means of k, one after the other. */
static bool bring_low(const struct bf_wave *w, struct low *out, struct bf_arena *a)
{
    const size_t k = w->rate_hz >= LEAST_HZ ? (size_t)(w->rate_hz / LEAST_HZ) : 1;
    out->rate_hz = w->rate_hz / (double)k;
    out->n = (w->n + k - 1) / k;
    out->v = bf_arena_alloc(a, out->n, sizeof *out->v);
    for (size_t i = 0; out->v && i < out->n; i++) {
        const size_t middle = i * k;
        const size_t from = middle + 1 > k ? middle + 1 - k : 0;
        const size_t to = middle + k < w->n ? middle + k : w->n;
        double sum = 0;
        for (int ch = 0; ch < w->n_ch; ch++) {
            const float *v = w->v + (size_t)ch * w->n;
            for (size_t s = from; s < to; s++)
                sum += (double)v[s] * (double)(k - (s > middle ? s - middle : middle - s));
        }
        /* Float files may hold anything: keep squares finite. */
        out->v[i] = (float)fmin(fmax(sum / (double)(k * k) / w->n_ch, -1e6), 1e6);
    }
    return out->v;
}

static double mel_of(double hz)
{
    return 2595 * log10(1 + hz / 700); /* O'Shaughnessy 1987 */
}

static bool measure(const struct low *low, struct bands *out, struct bf_arena *a)
{
    struct bf_spectrum sp;
    const size_t n_fft = bf_power_of_two(low->rate_hz * window_seconds, 16, 4096);
    const double length = (double)low->n;
    double step = fmin(low->rate_hz * step_seconds, length / FEWEST);
    step = fmax(fmax(step, length / MOST), 1);
    out->n = low->n > n_fft ? (size_t)((double)(low->n - n_fft) / step) + 1 : 1;
    out->e = bf_arena_alloc(a, out->n, sizeof *out->e);
    double *power = bf_arena_alloc(a, n_fft / 2 + 1, sizeof *power);
    int *band_of = bf_arena_alloc(a, n_fft / 2 + 1, sizeof *band_of);
    if (!out->e || !power || !band_of || bf_spectrum_init(&sp, n_fft, a) != BF_OK)
        return false;
    const double bottom = mel_of(low_hz), top = mel_of(high_hz);
    for (size_t k = 0; k <= n_fft / 2; k++) {
        const double hz = (double)k * low->rate_hz / (double)n_fft;
        const double where = (mel_of(hz) - bottom) / (top - bottom);
        band_of[k] = where >= 0 && where < 1 ? (int)(where * N_BANDS) : -1;
    }
    for (size_t i = 0; i < out->n; i++) {
        const size_t start = (size_t)((double)i * step);
        const size_t left = low->n - start;
        bf_spectrum_power(&sp, low->v + start, left < n_fft ? left : n_fft, power);
        for (size_t k = 0; k <= n_fft / 2; k++)
            if (band_of[k] >= 0)
                out->e[i][band_of[k]] += power[k];
    }
    return true;
}

/* Where the sound begins and ends, in windows: 3 % of its loudness (the energy to 3/4) lie before
 * and behind. Silence that a codec or an editor put there moves nothing. */
static void find_ends(const struct bands *b, double *begin_out, double *end_out)
{
    const double outside = 0.03;
    double all = 0, before = 0;

    *begin_out = 0;
    *end_out = (double)b->n;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < b->n; i++) {
            double e = 0;
            for (int k = 0; k < N_BANDS; k++)
                e += b->e[i][k];
            const double loud = pow(e, 0.75);
            if (pass == 0) {
                all += loud;
                continue;
            }
            const double low = outside * all, high = (1 - outside) * all;
            if (before < low && before + loud >= low)
                *begin_out = (double)i + (low - before) / loud;
            if (before < high && before + loud >= high)
                *end_out = (double)i + (high - before) / loud;
            before += loud;
        }
    }
}

/* Means over spans of equal length; windows count the less the further they lie from a span's
 * middle, and reach half a span beyond its ends. */
static void take_spans(const struct bands *b, double begin, double end,
                       double spans[N_SPANS][N_BANDS])
{
    const double length = (end - begin) / N_SPANS;
    const double reach = fmax(1.5 * length, 1);
    for (int s = 0; s < N_SPANS; s++) {
        const double middle = begin + (s + 0.5) * length;
        const double first = fmax(ceil(middle - 0.5 - reach), 0);
        double sum = 0;
        for (size_t i = (size_t)first; i < b->n && (double)i + 0.5 < middle + reach; i++) {
            const double weight = 1 - fabs((double)i + 0.5 - middle) / reach;
            for (int k = 0; k < N_BANDS; k++)
                spans[s][k] += weight * b->e[i][k];
            sum += weight;
        }
        for (int k = 0; k < N_BANDS && sum > 0; k++)
            spans[s][k] /= sum;
    }
}

uint64_t bf_wave_print(const struct bf_wave *w, struct bf_arena *a)
{
    struct low low;
    struct bands bands;
    double spans[N_SPANS][N_BANDS] = { { 0 } };
    double slow[N_SLOW][N_BANDS] = { { 0 } };
    double begin, end, mean = 0;
    uint64_t bits = 0;

    if (!bring_low(w, &low, a) || !measure(&low, &bands, a))
        return 0;
    find_ends(&bands, &begin, &end);
    take_spans(&bands, begin, end, spans);
    for (int s = 0; s < N_SPANS; s++)
        for (int k = 0; k < N_BANDS; k++)
            mean += spans[s][k] / (N_SPANS * N_BANDS);
    /* The logarithm of the energy over the noise that codecs leave; DCT over time, then over
     * frequency. */
    for (int s = 0; s < N_SPANS; s++)
        for (int k = 0; k < N_BANDS; k++) {
            const double level = log(spans[s][k] + 0.1 * mean + 1e-30);
            for (int t = 0; t < N_SLOW; t++)
                slow[t][k] += level * cos(pi * (t + 1) * (2 * s + 1) / (2 * N_SPANS));
        }
    for (int t = 0; t < N_SLOW; t++)
        for (int f = 0; f < N_WIDE; f++) {
            double sum = 0;
            for (int k = 0; k < N_BANDS; k++)
                sum += slow[t][k] * cos(pi * f * (2 * k + 1) / (2 * N_BANDS));
            bits |= (uint64_t)(sum > 1e-6) << (N_WIDE * t + f);
        }
    return bits;
}
