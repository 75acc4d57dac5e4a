#ifndef BF_MODALITIES_SPECTRUM_H
#define BF_MODALITIES_SPECTRUM_H

#include <stddef.h>

#include "core/arena.h"

/* Power spectra of `n` points, a power of two from 16 on. 32-bit floats: what is 130 dB below the
 * strongest frequency is lost in rounding. */
struct bf_spectrum {
    size_t n;
    float *window;      /* [n], Hann; its squares sum to 1 */
    float *turn[6];     /* [n / 8] each: cosine and sine of one, two and three steps */
    float *split[2];    /* [n / 4 + 1] each: to tell the even from the odd samples */
    float *x[2], *y[2]; /* [n / 2] each, work space: real and imaginary parts */
};

/* BF_OK, or BF_ENOMEM without a message: features are computed or they are not. */
int bf_spectrum_init(struct bf_spectrum *s, size_t n, struct bf_arena *a);

/* Windowed power of `v` [n_v], zeros behind it up to s->n: `power_out` [s->n / 2 + 1], so that its
 * sum is about the mean square of `v` when n_v == s->n. */
void bf_spectrum_power(struct bf_spectrum *s, const float *v, size_t n_v, float *power_out);

/* The power of two nearest above `v`, within lo .. hi, which are such powers. */
size_t bf_power_of_two(double v, size_t lo, size_t hi);

#endif
