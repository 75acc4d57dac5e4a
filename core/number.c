/* Numbers as binary formats have them. */
#include "core/number.h"

#include <math.h>
#include <string.h>

/* A float of 16 bits (IEEE 754, binary16). */
static double half_value(uint32_t bits)
{
    const int power = bits >> 10 & 31;
    const int part = bits & 1023;
    double v = power == 0 ? ldexp(part, -24) : ldexp(part + 1024, power - 25);
    if (power == 31)
        v = part ? (double)NAN : (double)INFINITY;
    return bits & 0x8000 ? -v : v;
}

double bf_number_at(const uint8_t *p, struct bf_number type, bool big)
{
    const uint64_t bits = bf_whole(p, type.size, big);
    const uint32_t low = (uint32_t)bits;
    const int shift = 64 - 8 * type.size;
    float f;
    double d;
    if (type.kind == 'f' && type.size == 2)
        return half_value(low);
    if (type.kind == 'f' && type.size == 4) {
        memcpy(&f, &low, sizeof f);
        return (double)f;
    }
    if (type.kind == 'f') {
        memcpy(&d, &bits, sizeof d);
        return d;
    }
    if (type.kind == 'i') /* the sign goes to the top and back down */
        return (double)((int64_t)(bits << shift) / ((int64_t)1 << shift));
    return type.kind == 'b' ? bits != 0 : (double)bits;
}
