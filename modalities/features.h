#ifndef BF_MODALITIES_FEATURES_H
#define BF_MODALITIES_FEATURES_H

#include <assert.h>
#include <math.h>

#include "core/media.h"

/* Building feature vectors. Every value is scaled by fixed constants to about -3 .. 3 or 0 .. 1,
 * so that a linear model can use it without knowing the pool. */

/* Append one value: what is not a number becomes 0, what is far out is held at -4 or 4. */
static inline void bf_features_add(struct bf_features *f, double v)
{
    assert(f->n < BF_MAX_FEATURES);
    f->v[f->n++] = isnan(v) ? 0 : (float)fmin(fmax(v, -4), 4);
}

static inline void bf_features_add_all(struct bf_features *f, const float *v, int n)
{
    for (int i = 0; i < n; i++)
        bf_features_add(f, (double)v[i]);
}

/* Append `n` values, 1 at `which`, 0 elsewhere; beyond the ends the nearest, below 0 none. */
static inline void bf_features_add_one_hot(struct bf_features *f, int which, int n)
{
    for (int i = 0; i < n; i++)
        bf_features_add(f, i == which || (i == n - 1 && which >= n));
}

/* Sign-preserving logarithm for readings of any unit: 0 stays 0, 65535 becomes 2.8. */
static inline double bf_slog(double v)
{
    return copysign(log1p(fabs(v)), v) / 4;
}

#endif
