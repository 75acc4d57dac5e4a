/* The fingerprint of a trace. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "modalities/prints.h"

enum { N_BITS = 64, USUAL_ACROSS = 2, MOST_ACROSS = 8, ENOUGH_STEPS = 512 };
static const double pi = 3.14159265358979323846;

/* One channel by itself, of the values that are there. */
struct channel {
    double mean, std;
};

static struct channel measure(const float *v, size_t n)
{
    double sum = 0, squares = 0;
    size_t there = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(v[i])) {
            sum += (double)v[i];
            there++;
        }
    const double mean = there ? sum / (double)there : 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(v[i]))
            squares += ((double)v[i] - mean) * ((double)v[i] - mean);
    return (struct channel){ mean, there ? sqrt(squares / (double)there) : 0 };
}

static int by_std(const void *x, const void *y)
{
    const double a = ((const struct channel *)x)->std;
    const double b = ((const struct channel *)y)->std;
    return (a > b) - (a < b);
}

/* Channels that vary more than these would drown all others: 20 times the median of those that
 * vary at all, as a proximity sensor does beside pressures. */
static double most_std(const struct channel *ch, struct channel *sorted, int n)
{
    int n_still = 0;
    memcpy(sorted, ch, (size_t)n * sizeof *ch);
    qsort(sorted, (size_t)n, sizeof *sorted, by_std);
    while (n_still < n && sorted[n_still].std <= 0)
        n_still++;
    return n_still < n ? 20 * sorted[n_still + (n - 1 - n_still) / 2].std : 0;
}

/* Coefficients over time, 1 .. n_slow, of a signal. The cosine of the next step is found by turning
 * by one step's angle, of all of them at once. */
static void transform(const double *v, size_t n, int n_slow, double *out)
{
    double twice[N_BITS], now[N_BITS], before[N_BITS];
    for (int f = 0; f < n_slow; f++) {
        const double angle = pi * (f + 1) / (double)n;
        twice[f] = 2 * cos(angle);
        now[f] = before[f] = cos(angle / 2); /* cos(-angle / 2) */
        out[f] = 0;
    }
    for (size_t i = 0; i < n; i++)
        for (int f = 0; f < n_slow; f++) {
            const double next = twice[f] * now[f] - before[f];
            out[f] += v[i] * now[f];
            before[f] = now[f];
            now[f] = next;
        }
}

/* A channel without its mean, times `weight`, on top of `sum` [n_kept], whose values stand for
 * `each` steps; missing values count as the mean. */
static void add_channel(const float *v, size_t n, double mean, double weight, size_t each,
                        double *sum)
{
    for (size_t k = 0, i = 0; i < n; k++) {
        const size_t end = n - i < each ? n : i + each;
        double all = 0;
        for (; i < end; i++)
            all += isnan(v[i]) ? 0 : (double)v[i] - mean;
        sum[k] += weight * all;
    }
}

/* How many coefficients along `n_usual` channels are taken. Those over time tell recordings of one
 * motion apart, so that two suffice, unless there are few steps. */
static int across(int n_usual, size_t n_steps)
{
    int n = n_usual < USUAL_ACROSS ? n_usual : USUAL_ACROSS;
    while (n < n_usual && n < MOST_ACROSS && (size_t)(N_BITS / n) > n_steps / 2)
        n++;
    return n;
}

/* DCT over time, then along the channels that vary: of one 64 coefficients over time, of more 32 of
 * their sum and of how it leans from the first to the last; of short traces fewer of more. */
uint64_t bf_trace_print(const struct bf_trace *t, struct bf_arena *a)
{
    double sum[MOST_ACROSS][N_BITS] = { { 0 } };
    struct channel *ch = bf_arena_alloc(a, (size_t)t->n_ch, 2 * sizeof *ch);
    int n_usual = 0, place = 0;
    uint64_t bits = 0;
    double largest = 0;

    if (!ch)
        return 0;
    for (int c = 0; c < t->n_ch; c++)
        ch[c] = measure(t->v + (size_t)c * t->n, t->n);
    const double most = most_std(ch, ch + t->n_ch, t->n_ch);
    for (int c = 0; c < t->n_ch; c++)
        n_usual += ch[c].std > 0 && ch[c].std <= most;
    if (n_usual == 0)
        return 0;
    const int n_across = across(n_usual, t->n);
    const int n_slow = N_BITS / n_across;
    /* The slowest coefficients are the same of every few steps together. */
    const size_t each = t->n / ENOUGH_STEPS > 1 ? t->n / ENOUGH_STEPS : 1;
    const size_t n = (t->n + each - 1) / each;
    double *along = bf_arena_alloc(a, n * (size_t)n_across, sizeof *along);
    if (!along)
        return 0;
    for (int c = 0; c < t->n_ch; c++) {
        if (!(ch[c].std > 0 && ch[c].std <= most))
            continue;
        for (int k = 0; k < n_across; k++)
            add_channel(t->v + (size_t)c * t->n, t->n, ch[c].mean,
                        cos(pi * k * (2 * place + 1) / (2 * n_usual)), each, along + (size_t)k * n);
        place++;
    }
    for (int k = 0; k < n_across; k++) {
        transform(along + (size_t)k * n, n, n_slow, sum[k]);
        for (int f = 0; f < n_slow; f++)
            largest = fmax(largest, fabs(sum[k][f]));
    }
    /* What is as good as nothing must not be told apart by rounding; beyond as many coefficients
     * as steps they only repeat. */
    for (int k = 0; k < n_across; k++)
        for (int f = 0; f < n_slow && (size_t)f + 1 < t->n; f++)
            bits |= (uint64_t)(sum[k][f] > 1e-3 * largest) << (k * n_slow + f);
    return bits;
}
