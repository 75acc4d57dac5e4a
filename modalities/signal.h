#ifndef BF_MODALITIES_SIGNAL_H
#define BF_MODALITIES_SIGNAL_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"
#include "core/rng.h"

/* What a sound and a trace have in common. */
struct bf_signal {
    double rate_hz;
    int n_ch;
    size_t n; /* steps of every channel */
    float *v; /* [n_ch][n]; NaN where a sensor gave none */
};

/* The values of a wave or a trace, shared with it. */
struct bf_signal bf_signal_of(const struct bf_media *m);

/* A wave or trace like `in` with `n` steps of its own, all zero. BF_ENOMEM. */
int bf_signal_new(const struct bf_media *in, size_t n, struct bf_media *out, struct bf_signal *s,
                  struct bf_arena *a, struct bf_err *err);

/* The same with the values of `in`. BF_ENOMEM. */
int bf_signal_copy(const struct bf_media *in, struct bf_media *out, struct bf_signal *s,
                   struct bf_arena *a, struct bf_err *err);

/* A channel in numbers, NaN left out; all 0 when there is nothing else. */
struct bf_channel {
    float lo, hi;
    double mean, deviation;
};
struct bf_channel bf_signal_measure(const float *v, size_t n);

/* What stands in place of readings that are lost, for an option with these words. */
enum bf_fill { BF_FILL_ZERO, BF_FILL_MISSING, BF_FILL_HOLD };
#define BF_FILL_WORDS "zero|missing|hold"
#define BF_FILL_HELP                                                                               \
    "what is read meanwhile: zero; nothing (a sound is silent then); the reading before"

/* Lose `n` steps of a channel from `at` on. */
void bf_signal_lose(float *v, size_t at, size_t n, enum bf_fill fill, enum bf_carrier carrier);

/* Two independent normal values, mean 0 and deviation 1 (Box and Muller, 1958).
 * */
void bf_gauss_pair(struct bf_rng *rng, double out[2]);

/* The value that a share 0 < `p` < 1 of a normal distribution, mean 0 and deviation 1, lies below:
 * by Newton's method on erfc from Shore's approximation (1982);
 * exact to 1e-10 where p and 1 - p are above 1e-6. */
double bf_gauss_quantile(double p);

#endif
