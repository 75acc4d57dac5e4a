/* A power spectrum by Stockham's transform (Cochran et al. 1967, "What is the fast Fourier
 * transform?"): four points at a time, no reordering, so that inner loops are vectors. */
#include "modalities/spectrum.h"

#include <math.h>
#include <string.h>

#include "core/err.h"

static const double pi = 3.14159265358979323846;

/* Hann's, the same from both ends. */
static void make_window(struct bf_spectrum *s)
{
    double squares = 0;
    for (size_t i = 0; i < s->n / 2; i++) {
        const double w = 0.5 - 0.5 * cos(2 * pi * ((double)i + 0.5) / (double)s->n);
        squares += 2 * w * w;
        s->window[i] = (float)w;
    }
    const double scale = 1 / sqrt(squares);
    for (size_t i = 0; i < s->n / 2; i++) {
        s->window[i] = (float)((double)s->window[i] * scale);
        s->window[s->n - 1 - i] = s->window[i];
    }
}

/* cos(2 pi i / n) for a whole turn [n], by its first quarter. */
static void make_cosine(double *out, size_t n)
{
    out[n / 4] = out[n - n / 4] = 0;
    for (size_t i = 0; i < n / 4; i++) {
        const double c = cos(2 * pi * (double)i / (double)n);
        out[i] = c;
        out[n / 2 - i] = -c;
        out[n / 2 + i] = -c;
        if (i)
            out[n - i] = c;
    }
}

int bf_spectrum_init(struct bf_spectrum *s, size_t n, struct bf_arena *a)
{
    const size_t half = n / 2, quarter = n / 4, eighth = n / 8;
    float *p = bf_arena_alloc(a, n + 6 * eighth + 2 * (quarter + 1) + 4 * half, sizeof *p);
    if (!p)
        return BF_ENOMEM;
    *s = (struct bf_spectrum){ .n = n, .window = p };
    p += n;
    for (int i = 0; i < 6; i++, p += eighth)
        s->turn[i] = p;
    for (int i = 0; i < 2; i++, p += quarter + 1)
        s->split[i] = p;
    for (int i = 0; i < 2; i++, p += 2 * half) {
        s->x[i] = p;
        s->y[i] = p + half;
    }
    make_window(s);
    /* Every angle here is a whole number of n-ths of a turn. */
    double *cosine = bf_arena_alloc(a, n, sizeof *cosine);
    if (!cosine)
        return BF_ENOMEM;
    make_cosine(cosine, n);
    for (size_t i = 0; i < eighth; i++)
        for (size_t k = 0; k < 3; k++) {
            const size_t angle = 2 * (k + 1) * i % n;
            s->turn[2 * k][i] = (float)cosine[angle];
            s->turn[2 * k + 1][i] = (float)cosine[(angle + quarter) % n]; /* -sine */
        }
    for (size_t i = 0; i <= quarter; i++) {
        s->split[0][i] = (float)cosine[i];
        s->split[1][i] = (float)cosine[i + quarter];
    }
    return BF_OK;
}

/* One pass of four points: `m` transforms of length 4 l of `x` become 4 m of length l in `y`. */
static void pass_four(const struct bf_spectrum *s, float *const x[2], float *const y[2], size_t l,
                      size_t m)
{
    for (size_t p = 0; p < l; p++) {
        const float c1 = s->turn[0][p * m], s1 = s->turn[1][p * m];
        const float c2 = s->turn[2][p * m], s2 = s->turn[3][p * m];
        const float c3 = s->turn[4][p * m], s3 = s->turn[5][p * m];
        const float *restrict xr = x[0] + m * p, *restrict xi = x[1] + m * p;
        float *restrict yr = y[0] + 4 * m * p, *restrict yi = y[1] + 4 * m * p;
        for (size_t q = 0; q < m; q++) {
            const float ar = xr[q], ai = xi[q];
            const float br = xr[q + m * l], bi = xi[q + m * l];
            const float cr = xr[q + 2 * m * l], ci = xi[q + 2 * m * l];
            const float dr = xr[q + 3 * m * l], di = xi[q + 3 * m * l];
            const float er = ar + cr, ei = ai + ci, fr = ar - cr, fi = ai - ci;
            const float gr = br + dr, gi = bi + di, hr = br - dr, hi = bi - di;
            const float tr = fr + hi, ti = fi - hr; /* (a - c) - i (b - d) */
            const float ur = fr - hi, ui = fi + hr;
            const float vr = er - gr, vi = ei - gi;
            yr[q] = er + gr;
            yi[q] = ei + gi;
            yr[q + m] = tr * c1 - ti * s1;
            yi[q + m] = tr * s1 + ti * c1;
            yr[q + 2 * m] = vr * c2 - vi * s2;
            yi[q + 2 * m] = vr * s2 + vi * c2;
            yr[q + 3 * m] = ur * c3 - ui * s3;
            yi[q + 3 * m] = ur * s3 + ui * c3;
        }
    }
}

static void pass_two(float *const x[2], float *const y[2], size_t m)
{
    for (int part = 0; part < 2; part++) {
        const float *restrict from = x[part];
        float *restrict to = y[part];
        for (size_t q = 0; q < m; q++) {
            to[q] = from[q] + from[q + m];
            to[q + m] = from[q] - from[q + m];
        }
    }
}

/* The complex transform of s->x [n / 2]; where it lies in the end is returned. */
static float *const *transform(struct bf_spectrum *s)
{
    float *const *x = s->x;
    float *const *y = s->y;
    size_t l = s->n / 2, m = 1;
    while (l > 1) {
        if (l >= 4) {
            l /= 4;
            pass_four(s, x, y, l, m);
            m *= 4;
        } else {
            pass_two(x, y, m);
            l = 1;
        }
        float *const *z = x;
        x = y;
        y = z;
    }
    return x;
}

void bf_spectrum_power(struct bf_spectrum *s, const float *v, size_t n_v, float *power_out)
{
    const size_t n = s->n, half = n / 2;
    float *restrict re = s->x[0], *restrict im = s->x[1];
    const float *restrict w = s->window;
    const size_t whole = n_v >= n ? half : n_v / 2;
    for (size_t i = 0; i < whole; i++) {
        re[i] = v[2 * i] * w[2 * i];
        im[i] = v[2 * i + 1] * w[2 * i + 1];
    }
    if (whole < half) {
        memset(re + whole, 0, (half - whole) * sizeof *re);
        memset(im + whole, 0, (half - whole) * sizeof *im);
        if (n_v % 2)
            re[whole] = v[n_v - 1] * w[n_v - 1];
    }
    /* Even samples are the real parts, odd ones the imaginary: their spectra E and O make that of
     * all, X[k] = E[k] + exp(-2 pi i k / n) O[k], and X[n / 2 - k] is conj(E[k] - ...). */
    float *const *z = transform(s);
    const float *restrict zr = z[0], *restrict zi = z[1];
    const float *restrict c = s->split[0], *restrict d = s->split[1];
    const float scale = 2.0f / (float)n; /* both signs of the frequency */
    const float sum = zr[0] + zi[0], difference = zr[0] - zi[0];
    float *restrict low = power_out, *restrict high = power_out; /* they never meet */
    power_out[0] = sum * sum / (float)n;
    power_out[half] = difference * difference / (float)n;
    for (size_t k = 1; k < half / 2; k++) {
        const float er = 0.5f * (zr[k] + zr[half - k]), ei = 0.5f * (zi[k] - zi[half - k]);
        const float or = 0.5f * (zi[k] + zi[half - k]), oi = -0.5f * (zr[k] - zr[half - k]);
        const float tr = or *c[k] - oi * d[k], ti = or *d[k] + oi * c[k];
        low[k] = scale * ((er + tr) * (er + tr) + (ei + ti) * (ei + ti));
        high[half - k] = scale * ((er - tr) * (er - tr) + (ei - ti) * (ei - ti));
    }
    const size_t middle = half / 2; /* X there is conj(Z) */
    power_out[middle] = scale * (zr[middle] * zr[middle] + zi[middle] * zi[middle]);
}

size_t bf_power_of_two(double v, size_t lo, size_t hi)
{
    size_t n = lo;
    while (n < hi && (double)n < v)
        n *= 2;
    return n;
}
