/* What operators on sounds and traces have in common. */
#include "modalities/signal.h"

#include <math.h>
#include <string.h>

struct bf_signal bf_signal_of(const struct bf_media *m)
{
    if (m->carrier == BF_WAVE)
        return (struct bf_signal){ m->wave.rate_hz, m->wave.n_ch, m->wave.n, m->wave.v };
    return (struct bf_signal){ m->trace.rate_hz, m->trace.n_ch, m->trace.n, m->trace.v };
}

int bf_signal_new(const struct bf_media *in, size_t n, struct bf_media *out, struct bf_signal *s,
                  struct bf_arena *a, struct bf_err *err)
{
    struct bf_media m = *in;
    struct bf_signal made = bf_signal_of(in);
    made.n = n;
    made.v = bf_arena_alloc(a, n * (size_t)made.n_ch, sizeof *made.v);
    if (!made.v)
        return bf_fail_memory(err, in->carrier == BF_WAVE ? "a sound" : "a trace");
    if (m.carrier == BF_WAVE) {
        m.wave.n = n;
        m.wave.v = made.v;
    } else {
        m.trace.n = n;
        m.trace.v = made.v;
    }
    *out = m;
    *s = made;
    return BF_OK;
}

int bf_signal_copy(const struct bf_media *in, struct bf_media *out, struct bf_signal *s,
                   struct bf_arena *a, struct bf_err *err)
{
    const struct bf_signal from = bf_signal_of(in);
    BF_TRY(bf_signal_new(in, from.n, out, s, a, err));
    memcpy(s->v, from.v, from.n * (size_t)from.n_ch * sizeof *from.v);
    return BF_OK;
}

struct bf_channel bf_signal_measure(const float *v, size_t n)
{
    struct bf_channel c = { 0 };
    double sum = 0;
    double squares = 0;
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(v[i]))
            continue;
        c.lo = k ? fminf(c.lo, v[i]) : v[i];
        c.hi = k ? fmaxf(c.hi, v[i]) : v[i];
        sum += (double)v[i];
        k++;
    }
    if (k == 0)
        return c;
    c.mean = sum / (double)k;
    for (size_t i = 0; i < n; i++)
        if (!isnan(v[i]))
            squares += ((double)v[i] - c.mean) * ((double)v[i] - c.mean);
    c.deviation = sqrt(squares / (double)k);
    return c;
}

void bf_signal_lose(float *v, size_t at, size_t n, enum bf_fill fill, enum bf_carrier carrier)
{
    float value = 0;
    if (fill == BF_FILL_MISSING && carrier == BF_TRACE)
        value = NAN;
    if (fill == BF_FILL_HOLD)
        value = at ? v[at - 1] : v[0];
    for (size_t i = at; i < at + n; i++)
        v[i] = value;
}

void bf_gauss_pair(struct bf_rng *rng, double out[2])
{
    static const double two_pi = 6.283185307179586;
    const double r = sqrt(-2 * log(1 - bf_rng_unit(rng)));
    const double angle = two_pi * bf_rng_unit(rng);
    out[0] = r * cos(angle);
    out[1] = r * sin(angle);
}

double bf_gauss_quantile(double p)
{
    static const double root_two = 1.4142135623730951, root_two_pi = 2.5066282746310002;
    const double tail = p < 0.5 ? p : 1 - p;
    if (tail >= 0.5)
        return 0;
    double z = fmin(5.5556 * (1 - pow(tail / (1 - tail), 0.1186)), 10);
    double by = 1;
    for (int i = 0; i < 8 && fabs(by) > 1e-6; i++) { /* the next step would be its square */
        by = (0.5 * erfc(z / root_two) - tail) * root_two_pi * exp(z * z / 2);
        z += by;
    }
    return p < 0.5 ? -z : z;
}
