/* A sound measured, once for features and fingerprint. Channels are mixed and the rate is brought
 * down first; sums run in eight lanes, so that loops are vectors and the same on every machine. */
#include "modalities/hearing.h"

#include <math.h>
#include <string.h>

#include "core/err.h"
#include "modalities/spectrum.h"

enum {
    LANES = 8,
    LEAST_HZ = 16000, /* the rate is brought down to this and more */
    FEWEST = 96,      /* frames of a short sound */
};
static const double low_hz = 60, high_hz = 8000;
static const double print_low_hz = 100, print_high_hz = 3600;
static const double frame_seconds = 0.04;
static const double step_seconds = 0.02;
static const double flux_seconds = 0.02;
static const double pi = 3.14159265358979323846;

static double mel_of(double hz)
{
    return 2595 * log10(1 + hz / 700); /* O'Shaughnessy 1987 */
}

static float hold(float v)
{
    v = v < -1e6f ? -1e6f : v;
    return v > 1e6f ? 1e6f : v;
}

/* Samples `begin` up to `end` of all channels as one. */
static void mix(const struct bf_wave *w, size_t begin, size_t end, float *restrict out)
{
    const size_t n = end - begin;
    const float *restrict x = w->v + begin;
    if (w->n_ch == 1) {
        for (size_t i = 0; i < n; i++)
            out[i] = hold(x[i]);
        return;
    }
    if (w->n_ch == 2) {
        const float *restrict y = w->v + w->n + begin;
        for (size_t i = 0; i < n; i++)
            out[i] = hold(0.5f * x[i] + 0.5f * y[i]);
        return;
    }
    const float share = 1 / (float)w->n_ch;
    memset(out, 0, n * sizeof *out);
    for (int ch = 0; ch < w->n_ch; ch++) {
        const float *restrict v = w->v + (size_t)ch * w->n + begin;
        for (size_t i = 0; i < n; i++)
            out[i] += share * v[i];
    }
    for (size_t i = 0; i < n; i++)
        out[i] = hold(out[i]);
}

float *bf_wave_mix(const struct bf_wave *w, struct bf_arena *a)
{
    float *mono = bf_arena_alloc(a, w->n, sizeof *mono);
    if (mono)
        mix(w, 0, w->n, mono);
    return mono;
}

static double sum_lanes(const float lane[LANES])
{
    double sum = 0;
    for (int k = 0; k < LANES; k++)
        sum += (double)lane[k];
    return sum;
}

static float sum_of(const float *v, size_t n)
{
    float lane[4] = { 0 };
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++)
            lane[k] += v[i + k];
    for (; i < n; i++)
        lane[0] += v[i];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

static double sum_squares(const float *v, size_t n)
{
    float lane[LANES] = { 0 };
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += v[i + k] * v[i + k];
    for (; i < n; i++)
        lane[0] += v[i] * v[i];
    return sum_lanes(lane);
}

/* A piece of the sound, mixed, with a few samples before and behind it. */
struct piece {
    size_t begin, end; /* what is looked at: samples of the sound */
    size_t first, n;   /* what is there, n: of the sound */
    const float *v;    /* sample `first` onwards */
};

static float peak_of(const float *v, size_t n)
{
    float most[LANES] = { 0 };
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++) {
            const float x = fabsf(v[i + k]);
            most[k] = x > most[k] ? x : most[k];
        }
    for (; i < n; i++)
        most[0] = fabsf(v[i]) > most[0] ? fabsf(v[i]) : most[0];
    for (int k = 1; k < LANES; k++)
        most[0] = most[k] > most[0] ? most[k] : most[0];
    return most[0];
}

/* Spans of `win` samples, the peak, squares and changes of sign. */
static void measure_wave(const struct piece *p, size_t win, struct bf_hearing *h)
{
    for (size_t at = p->begin; at < p->end; at += win) {
        const float *v = p->v + (at - p->first);
        const size_t n = p->end - at < win ? p->end - at : win;
        const double squares = sum_squares(v, n);
        h->env[at / win] = (float)sqrt(squares / (double)n);
        h->squares += squares;
        h->peak = fmax(h->peak, (double)peak_of(v, n));
        uint32_t crossings = at > 0 ? (v[0] < 0) != (v[-1] < 0) : 0;
        for (size_t i = 1; i < n; i++)
            crossings += (v[i] < 0) != (v[i - 1] < 0);
        h->n_crossings += crossings;
    }
}

/* Every `k`-th sample, a mean over the 2 k - 1 around it that weighs the far ones less: two running
 * means of k, one after the other. */
static void bring_low(const struct piece *p, size_t k, float *low)
{
    const float scale = 1 / (float)(k * k);
    size_t i = (p->begin + k - 1) / k;
    if (k == 1) {
        memcpy(low + p->begin, p->v + (p->begin - p->first), (p->end - p->begin) * sizeof *low);
        return;
    }
    for (; i * k < p->end; i++) {
        const size_t middle = i * k;
        const size_t from = middle + 1 > k ? middle + 1 - k : 0;
        const size_t to = middle + k < p->n ? middle + k : p->n;
        const float *v = p->v - p->first + from;
        float sum = 0;
        if (k == 2 && from + 3 == to) { /* the usual case: 44.1 kHz */
            low[i] = 0.25f * (v[0] + 2 * v[1] + v[2]);
            continue;
        }
        for (size_t s = from; s < to; s++)
            sum += v[s - from] * (float)(k - (s > middle ? s - middle : middle - s));
        low[i] = sum * scale;
    }
}

/* Piece by piece, so that what is mixed stays in the cache: the wave measured, and the sound at a
 * `k`-th of its rate. */
static float *condense(const struct bf_wave *w, size_t k, struct bf_hearing *h, size_t *n_out,
                       struct bf_arena *a)
{
    enum { PIECE = 4096 };
    const size_t win = w->rate_hz >= 200 ? (size_t)(w->rate_hz / 100) : 1;
    const size_t n_piece = (PIECE + win - 1) / win * win;
    *n_out = (w->n + k - 1) / k;
    h->n_env = (w->n + win - 1) / win;
    h->env = bf_arena_alloc(a, h->n_env, sizeof *h->env);
    float *buffer = bf_arena_alloc(a, n_piece + 2 * k, sizeof *buffer);
    float *low = bf_arena_alloc(a, *n_out, sizeof *low);
    if (!h->env || !buffer || !low)
        return NULL;
    for (size_t at = 0; at < w->n; at += n_piece) {
        struct piece p = { .begin = at, .n = w->n, .v = buffer };
        p.end = w->n - at < n_piece ? w->n : at + n_piece;
        p.first = at > k ? at - k : 0;
        mix(w, p.first, w->n - p.end < k ? w->n : p.end + k, buffer);
        measure_wave(&p, win, h);
        bring_low(&p, k, low);
    }
    return low;
}

/* 10 log10(v + 1e-10), to 0.001 dB: the exponent, and log2 of the rest by a polynomial (the series
 * of atanh, log2(m) = 2 / ln 2 (z + z^3 / 3 + ...), z = (m - 1) / (m + 1)). */
static float to_db(float v)
{
    uint32_t bits;
    v += 1e-10f;
    memcpy(&bits, &v, sizeof bits);
    /* m from 2^-1/2 to 2^1/2 */
    const int32_t power = (int32_t)(bits - 0x3f3504f3) >> 23;
    bits -= (uint32_t)power << 23;
    float m;
    memcpy(&m, &bits, sizeof m);
    const float z = (m - 1) / (m + 1), zz = z * z;
    const float l = z * (2.885390f + zz * (0.9617967f + zz * (0.5770780f + zz * 0.4121986f)));
    return 3.0103f * ((float)power + l);
}

/* Which bins make each band: from begin[b] up to begin[b + 1]. Every band gets the bins whose
 * middle lies in it; low bands that are narrower than a bin stay empty, always the same ones for
 * one rate. */
static void map_bands(const struct bf_hearing *h, double low, double high, int n, int *begin)
{
    const double bottom = mel_of(low), top = mel_of(high);
    int band = 0;
    for (size_t k = 0; k < h->n_bins; k++) {
        const double hz = (double)k * h->rate_hz / (double)h->n_fft;
        const double where = (mel_of(hz) - bottom) / (top - bottom) * n;
        if (hz < low)
            continue;
        while (band <= n && where >= band)
            begin[band++] = (int)k;
    }
    while (band <= n)
        begin[band++] = (int)h->n_bins;
}

/* What the running means took from each bin, given back. */
static void make_gains(const struct bf_hearing *h, size_t k, float *gain)
{
    for (size_t i = 0; i < h->n_bins; i++) {
        const double x = pi * (double)i / (double)(h->n_fft * k);
        const double kept = i ? sin((double)k * x) / ((double)k * sin(x)) : 1;
        gain[i] = (float)(1 / (kept * kept * kept * kept)); /* twice, and of the power */
    }
}

/* The spectrogram, frame by frame. */
struct frames {
    double step;                     /* samples from one to the next */
    size_t apart;                    /* frames between which flux is measured */
    float *gain, *power;             /* [n_bins] */
    float (*sum)[BF_HEARD_MAX_BINS]; /* of each part */
    float (*db)[BF_HEARD_BANDS];     /* [apart], of the frames before */
    int band[BF_HEARD_BANDS + 1], print[BF_HEARD_PRINT_BANDS + 1];
};

static void take_frame(struct bf_hearing *h, struct frames *f, size_t i)
{
    const size_t part = i * BF_HEARD_PARTS / h->n_frames;
    float *restrict p = f->power;
    float *restrict sum = f->sum[part];
    float *before = f->db[i % f->apart];
    float db[BF_HEARD_BANDS], change = 0;
    for (size_t k = 0; k < h->n_bins; k++) {
        p[k] *= f->gain[k];
        sum[k] += p[k];
    }
    h->n_in_part[part]++;
    for (int b = 0; b < BF_HEARD_BANDS; b++)
        db[b] = sum_of(p + f->band[b], (size_t)(f->band[b + 1] - f->band[b]));
    for (int b = 0; b < BF_HEARD_BANDS; b++)
        db[b] = to_db(db[b]);
    for (int b = 0; b < BF_HEARD_BANDS; b++)
        change += fabsf(db[b] - before[b]);
    for (int b = 0; b < BF_HEARD_BANDS; b++) {
        h->band_sum[b] += (double)db[b];
        h->band_squares[b] += (double)db[b] * (double)db[b];
    }
    h->flux += i >= f->apart ? (double)change / BF_HEARD_BANDS : 0;
    memcpy(before, db, sizeof db);
    const double all = (double)to_db(sum_of(p, h->n_bins));
    h->db_sum += all;
    h->db_squares += all * all;
    for (int b = 0; b < BF_HEARD_PRINT_BANDS; b++)
        h->print[i][b] = sum_of(p + f->print[b], (size_t)(f->print[b + 1] - f->print[b]));
}

static int listen(const float *low, size_t n, size_t k, struct bf_hearing *h, struct bf_arena *a)
{
    struct bf_spectrum sp;
    struct frames f = { 0 };
    h->n_fft = bf_power_of_two(h->rate_hz * frame_seconds, 64, 4096);
    h->n_bins = h->n_fft / 2 + 1;
    f.step =
        fmax(fmin(fmin((double)h->n_fft / 2, h->rate_hz * step_seconds), (double)n / FEWEST), 1);
    f.apart = (size_t)fmax(ceil(h->rate_hz * flux_seconds / f.step), 1);
    h->n_frames = n > h->n_fft ? (size_t)((double)(n - h->n_fft) / f.step) + 1 : 1;
    h->print = bf_arena_alloc(a, h->n_frames, sizeof *h->print);
    f.gain = bf_arena_alloc(a, 2 * h->n_bins, sizeof *f.gain);
    f.sum = bf_arena_alloc(a, BF_HEARD_PARTS, sizeof *f.sum);
    f.db = bf_arena_alloc(a, f.apart, sizeof *f.db);
    if (!h->print || !f.gain || !f.sum || !f.db || bf_spectrum_init(&sp, h->n_fft, a) != BF_OK)
        return BF_ENOMEM;
    f.power = f.gain + h->n_bins;
    make_gains(h, k, f.gain);
    map_bands(h, low_hz, high_hz, BF_HEARD_BANDS, f.band);
    map_bands(h, print_low_hz, print_high_hz, BF_HEARD_PRINT_BANDS, f.print);
    h->first_bin = f.band[0];
    h->end_bin = f.band[BF_HEARD_BANDS];
    for (size_t i = 0; i < h->n_frames; i++) {
        const size_t start = (size_t)((double)i * f.step);
        bf_spectrum_power(&sp, low + start, n - start < h->n_fft ? n - start : h->n_fft, f.power);
        take_frame(h, &f, i);
    }
    h->flux = h->n_frames > f.apart ? h->flux / (double)(h->n_frames - f.apart) : 0;
    for (int p = 0; p < BF_HEARD_PARTS; p++)
        for (size_t b = 0; b < h->n_bins && h->n_in_part[p]; b++)
            h->power[p][b] = (double)f.sum[p][b] / (double)h->n_in_part[p];
    return BF_OK;
}

int bf_hear(const struct bf_wave *w, struct bf_hearing *out, struct bf_arena *a)
{
    const size_t k = w->rate_hz >= LEAST_HZ ? (size_t)(w->rate_hz / LEAST_HZ) : 1;
    memset(out, 0, sizeof *out);
    out->rate_hz = w->rate_hz / (double)k;
    size_t n;
    const float *low = condense(w, k, out, &n, a);
    return low ? listen(low, n, k, out, a) : BF_ENOMEM;
}
