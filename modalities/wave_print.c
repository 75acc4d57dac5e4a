/* The fingerprint of a sound. */
#include <math.h>

#include "core/err.h"
#include "modalities/hearing.h"
#include "modalities/prints.h"

enum {
    N_BANDS = BF_HEARD_PRINT_BANDS,
    N_SPANS = 32, /* of time */
    N_SLOW = 8,   /* coefficients over time, without the constant one */
    N_WIDE = 8,   /* and over frequency */
};
static const double pi = 3.14159265358979323846;

/* Where the sound begins and ends, in windows: 3 % of its loudness (the energy to 3/4) lie before
 * and behind. Silence that a codec or an editor put there moves nothing. */
static void find_ends(const struct bf_hearing *h, double *begin_out, double *end_out)
{
    const double outside = 0.03;
    double all = 0, before = 0;

    *begin_out = 0;
    *end_out = (double)h->n_frames;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < h->n_frames; i++) {
            double e = 0;
            for (int k = 0; k < N_BANDS; k++)
                e += (double)h->print[i][k];
            const double loud = sqrt(e * sqrt(e));
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
static void take_spans(const struct bf_hearing *h, double begin, double end,
                       double spans[N_SPANS][N_BANDS])
{
    const double length = (end - begin) / N_SPANS;
    const double reach = fmax(1.5 * length, 1);
    for (int s = 0; s < N_SPANS; s++) {
        const double middle = begin + (s + 0.5) * length;
        const double first = fmax(ceil(middle - 0.5 - reach), 0);
        double sum = 0;
        for (size_t i = (size_t)first; i < h->n_frames && (double)i + 0.5 < middle + reach; i++) {
            const double weight = 1 - fabs((double)i + 0.5 - middle) / reach;
            for (int k = 0; k < N_BANDS; k++)
                spans[s][k] += weight * (double)h->print[i][k];
            sum += weight;
        }
        for (int k = 0; k < N_BANDS && sum > 0; k++)
            spans[s][k] /= sum;
    }
}

uint64_t bf_hearing_print(const struct bf_hearing *h)
{
    double spans[N_SPANS][N_BANDS] = { { 0 } };
    double slow[N_SLOW][N_BANDS] = { { 0 } };
    double begin, end, mean = 0;
    uint64_t bits = 0;

    find_ends(h, &begin, &end);
    take_spans(h, begin, end, spans);
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

uint64_t bf_wave_print(const struct bf_wave *w, struct bf_arena *a)
{
    struct bf_hearing *h = bf_arena_alloc(a, 1, sizeof *h);
    return h && bf_hear(w, h, a) == BF_OK ? bf_hearing_print(h) : 0;
}
