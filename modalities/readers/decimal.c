/* Decimal numbers as tables have them, fast. */
#include "modalities/readers/decimal.h"

#include <stddef.h>
#include <stdint.h>

enum { MAX_DIGITS = 15, MAX_POWER = 22 };

static const double powers[MAX_POWER + 1] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

/* Digits at `p`, appended to `*v`; one past them. Past 15 `*n` alone goes on. */
static const char *read_digits(const char *p, uint64_t *v, int *n)
{
    for (; *p >= '0' && *p <= '9'; p++) {
        *n += *n > 0 || *p != '0'; /* zeros in front are none of the 15 */
        if (*n > MAX_DIGITS)
            return p;
        *v = *v * 10 + (uint64_t)(*p - '0');
    }
    return p;
}

const char *bf_decimal_read(const char *p, double *out)
{
    const bool minus = *p == '-';
    uint64_t v = 0;
    int n = 0, power = 0;
    p += *p == '-' || *p == '+';
    const char *begin = p;
    p = read_digits(p, &v, &n);
    ptrdiff_t n_chars = p - begin;
    if (*p == '.') {
        const char *point = ++p;
        p = read_digits(p, &v, &n);
        n_chars += p - point;
        power = p - point > 40 ? -MAX_POWER - 1 : (int)(point - p);
    }
    if (n_chars == 0 || n > MAX_DIGITS)
        return NULL;
    if (*p == 'e' || *p == 'E') {
        const bool down = *++p == '-';
        int e = 0;
        p += *p == '-' || *p == '+';
        if (*p < '0' || *p > '9')
            return NULL;
        for (; *p >= '0' && *p <= '9' && e < 1000; p++)
            e = e * 10 + (*p - '0');
        power += down ? -e : e;
    }
    if (power < -MAX_POWER || power > MAX_POWER)
        return NULL;
    const double d = power < 0 ? (double)v / powers[-power] : (double)v * powers[power];
    *out = minus ? -d : d;
    return p;
}
