/* The fingerprints of pictures and of clips. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "core/err.h"
#include "modalities/look.h"
#include "modalities/prints.h"
#include "modalities/raster.h"

enum {
    D = BF_LOOK_DCT,
    N_STILL = 40,  /* bits of a clip's mean picture */
    N_MOVING = 12, /* coefficients whose way through time is looked at */
    N_WAVES = 2,   /* half waves over the length of the clip: 1, 2 */
};
static const double pi = 3.14159265358979323846;

static bool dct_of(const struct bf_raster *r, double dct[D * D], struct bf_arena *a)
{
    struct bf_raster small;
    if (bf_raster_resize(r, BF_LOOK_SIDE, BF_LOOK_SIDE, &small, a, NULL) != BF_OK)
        return false;
    bf_look_dct(&small, dct);
    return true;
}

uint64_t bf_raster_print(const struct bf_raster *r, struct bf_arena *a)
{
    double dct[D * D];
    return dct_of(r, dct, a) ? bf_look_hash(dct) : 0;
}

/* Coefficients from low to high frequency, along the diagonals. */
static void order_of(int order[D * D])
{
    int n = 0;
    for (int sum = 0; sum <= 2 * (D - 1); sum++)
        for (int y = 0; y < D; y++)
            if (sum - y >= 0 && sum - y < D)
                order[n++] = y * D + sum - y;
}

static int by_value(const void *x, const void *y)
{
    const double a = *(const double *)x;
    const double b = *(const double *)y;
    return (a > b) - (a < b);
}

/* Which of the lowest coefficients, the mean level left out, lie above their median. */
static uint64_t still_bits(const double mean[D * D], const int order[D * D])
{
    double v[N_STILL], sorted[N_STILL];
    uint64_t bits = 0;
    for (int i = 0; i < N_STILL; i++)
        v[i] = sorted[i] = mean[order[i + 1]];
    qsort(sorted, N_STILL, sizeof *sorted, by_value);
    const double median = (sorted[N_STILL / 2 - 1] + sorted[N_STILL / 2]) / 2;
    for (int i = 0; i < N_STILL; i++)
        bits |= (uint64_t)(v[i] > median + 1e-6) << i;
    return bits;
}

uint64_t bf_clip_print(const struct bf_clip *clip, struct bf_arena *a)
{
    const double least = 0.1; /* levels: what stands still must not be told apart by its noise */
    const int n = clip->n_frames;
    double(*dct)[D * D] = bf_arena_alloc(a, (size_t)n, sizeof *dct);
    double mean[D * D] = { 0 };
    int order[D * D];

    if (!dct)
        return 0;
    for (int k = 0; k < n; k++) {
        if (!dct_of(&clip->frames[k], dct[k], a))
            return 0;
        for (int i = 0; i < D * D; i++)
            mean[i] += dct[k][i] / n;
    }
    order_of(order);
    uint64_t bits = still_bits(mean, order);
    const double seconds = fmax(clip->seconds, 1e-9);
    for (int i = 0; i < N_MOVING; i++)
        for (int w = 1; w <= N_WAVES; w++) {
            double sum = 0;
            for (int k = 0; k < n; k++)
                sum += (dct[k][order[i]] - mean[order[i]]) *
                       cos(pi * w * fmin(clip->at_seconds[k] / seconds, 1));
            bits |= (uint64_t)(sum / n > least) << (N_STILL + N_WAVES * i + w - 1);
        }
    return bits;
}
