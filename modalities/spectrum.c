/* A power spectrum by the radix-2 transform of Cooley and Tukey (1965). */
#include "modalities/spectrum.h"

#include <math.h>

#include "core/err.h"

int bf_spectrum_init(struct bf_spectrum *s, size_t n, struct bf_arena *a)
{
    const double pi = 3.14159265358979323846;
    double *p = bf_arena_alloc(a, 4 * n, sizeof *p);
    if (!p)
        return BF_ENOMEM;
    *s = (struct bf_spectrum){ .n = n,
                               .window = p,
                               .cosine = p + n,
                               .sine = p + n + n / 2,
                               .re = p + 2 * n,
                               .im = p + 3 * n };
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        s->window[i] = 0.5 - 0.5 * cos(2 * pi * ((double)i + 0.5) / (double)n);
        squares += s->window[i] * s->window[i];
    }
    for (size_t i = 0; i < n; i++)
        s->window[i] /= sqrt(squares);
    for (size_t i = 0; i < n / 2; i++) {
        s->cosine[i] = cos(2 * pi * (double)i / (double)n);
        s->sine[i] = sin(2 * pi * (double)i / (double)n);
    }
    return BF_OK;
}

static void transform(struct bf_spectrum *s)
{
    const size_t n = s->n;
    for (size_t i = 1, j = 0; i < n; i++) {
        size_t bit = n >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            const double re = s->re[i];
            const double im = s->im[i];
            s->re[i] = s->re[j];
            s->im[i] = s->im[j];
            s->re[j] = re;
            s->im[j] = im;
        }
    }
    for (size_t half = 1; half < n; half *= 2) {
        const size_t step = n / (2 * half);
        for (size_t start = 0; start < n; start += 2 * half) {
            for (size_t k = 0; k < half; k++) {
                const size_t u = start + k;
                const size_t v = u + half;
                const double c = s->cosine[k * step];
                const double d = -s->sine[k * step];
                const double re = s->re[v] * c - s->im[v] * d;
                const double im = s->re[v] * d + s->im[v] * c;
                s->re[v] = s->re[u] - re;
                s->im[v] = s->im[u] - im;
                s->re[u] += re;
                s->im[u] += im;
            }
        }
    }
}

void bf_spectrum_power(struct bf_spectrum *s, const float *v, size_t n_v, double *power_out)
{
    const size_t n = s->n;
    for (size_t i = 0; i < n; i++) {
        s->re[i] = i < n_v ? (double)v[i] * s->window[i] : 0;
        s->im[i] = 0;
    }
    transform(s);
    for (size_t k = 0; k <= n / 2; k++) {
        const double p = (s->re[k] * s->re[k] + s->im[k] * s->im[k]) / (double)n;
        power_out[k] = k == 0 || k == n / 2 ? p : 2 * p; /* both signs of the frequency */
    }
}

size_t bf_power_of_two(double v, size_t lo, size_t hi)
{
    size_t n = lo;
    while (n < hi && (double)n < v)
        n *= 2;
    return n;
}
