/* Tails of binomial and Poisson-binomial distributions. */
#include "score/tails.h"

#include <math.h>
#include <stdlib.h>

/* Continued fraction of the incomplete beta function, for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double f = d;
    for (int m = 1; m < 20000; m++) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 + even * d;
        c = 1 + even / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        f *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 + odd * d;
        c = 1 + odd / c;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = fabs(c) < tiny ? tiny : c;
        f *= d * c;
        if (fabs(d * c - 1) < 1e-13)
            break;
    }
    return f;
}

/* I_x(a, b), a and b positive. */
static double beta_share(double a, double b, double x)
{
    if (x <= 0)
        return 0;
    if (x >= 1)
        return 1;
    const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double bf_binomial_upper(double n, double k, double p)
{
    if (k <= 0)
        return 1;
    return k > n ? 0 : fmin(1, beta_share(k, n - k + 1, p));
}

double bf_binomial_lower(double n, double k, double p)
{
    if (k >= n)
        return 1;
    return k < 0 ? 0 : fmin(1, beta_share(n - k, k + 1, 1 - p));
}

/* Equal tails may differ by rounding. */
static double with_rounding(double g)
{
    return g * (1 + 1e-9);
}

double bf_binomial_p(double n, double k, double p)
{
    const double upper = bf_binomial_upper(n, k, p), lower = bf_binomial_lower(n, k, p);
    const double g = with_rounding(fmin(upper, lower));
    /* The last count of the other tail that is at most g, between `in` and `out`. */
    double in = upper < lower ? -1 : n + 1, out = floor(n * p);
    out = upper < lower ? fmin(k, out + 1) : fmax(k, out);
    while (fabs(in - out) > 1) {
        const double mid = floor((in + out) / 2);
        const double tail =
            upper < lower ? bf_binomial_lower(n, mid, p) : bf_binomial_upper(n, mid, p);
        if (tail <= g)
            in = mid;
        else
            out = mid;
    }
    const double other = upper < lower ? bf_binomial_lower(n, in, p) : bf_binomial_upper(n, in, p);
    return fmin(1, fmin(upper, lower) + other);
}

/* The distribution of the number of hits, `work` [n + 1]. */
static void add_up(const double *chance, uint32_t n, double *work)
{
    work[0] = 1;
    for (uint32_t i = 0; i < n; i++) {
        work[i + 1] = work[i] * chance[i];
        for (uint32_t j = i; j > 0; j--)
            work[j] = work[j] * (1 - chance[i]) + work[j - 1] * chance[i];
        work[0] *= 1 - chance[i];
    }
}

/* p of count `k` under a distribution [n + 1], two-sided as bf_binomial_p. */
static double two_sided(const double *d, uint32_t n, uint32_t k)
{
    double upper = 0, lower = 0, other = 0;
    for (uint32_t j = n + 1; j-- > k;)
        upper += d[j];
    for (uint32_t j = 0; j <= k; j++)
        lower += d[j];
    const double g = with_rounding(fmin(upper, lower));
    if (upper < lower)
        for (uint32_t j = 0; j < k && other + d[j] <= g; j++)
            other += d[j];
    else
        for (uint32_t j = n; j > k && other + d[j] <= g; j--)
            other += d[j];
    return fmin(1, fmin(upper, lower) + other);
}

double bf_hits_p(const double *chance, uint32_t n, uint32_t k, double *work)
{
    double sum = 0;
    int differ = 0;
    for (uint32_t i = 0; i < n; i++) {
        sum += chance[i];
        differ |= fabs(chance[i] - chance[0]) > 1e-12;
    }
    if (n == 0)
        return 1;
    if (!differ)
        return bf_binomial_p(n, k, chance[0]);
    if (n > BF_TAILS_EXACT)
        return fabs(k - sum) <= 1 ? 1 : bf_binomial_p(n, k, sum / n);
    add_up(chance, n, work);
    return two_sided(work, n, k);
}

static int ascending(const void *x, const void *y)
{
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

int bf_binomial_attained(int n, double p, double *out)
{
    double d[BF_TAILS_SMALL + 1], chance[BF_TAILS_SMALL];
    for (int i = 0; i < n; i++)
        chance[i] = p;
    add_up(chance, (uint32_t)n, d);
    for (int k = 0; k <= n; k++)
        out[k] = two_sided(d, (uint32_t)n, (uint32_t)k);
    qsort(out, (size_t)n + 1, sizeof *out, ascending);
    return n + 1;
}
