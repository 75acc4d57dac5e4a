#ifndef BF_MODALITIES_SPECTRUM_H
#define BF_MODALITIES_SPECTRUM_H

#include <stddef.h>

#include "core/arena.h"

/* Power spectra of `n` points, a power of two. */
struct bf_spectrum {
    size_t n;
    double *window;  /* [n], Hann; its squares sum to 1 */
    double *cosine;  /* [n / 2] */
    double *sine;    /* [n / 2] */
    double *re, *im; /* [n], work space */
};

/* BF_OK, or BF_ENOMEM without a message: features are computed or they are not. */
int bf_spectrum_init(struct bf_spectrum *s, size_t n, struct bf_arena *a);

/* Windowed power of `v` [n_v], zeros behind it up to s->n: `power_out` [s->n / 2 + 1], so that its
 * sum is about the mean square of `v` when n_v == s->n. */
void bf_spectrum_power(struct bf_spectrum *s, const float *v, size_t n_v, double *power_out);

/* The power of two nearest above `v`, within lo .. hi, which are such powers. */
size_t bf_power_of_two(double v, size_t lo, size_t hi);

#endif
