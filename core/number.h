#ifndef BF_CORE_NUMBER_H
#define BF_CORE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Numbers as binary formats have them. */

/* The whole number without a sign of `n` bytes, 1 to 8, the most significant first. */
static inline uint64_t bf_big(const uint8_t *p, int n)
{
    uint64_t v = 0;
    for (int i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

/* The same, the least significant first. */
static inline uint64_t bf_little(const uint8_t *p, int n)
{
    uint64_t v = 0;
    while (n-- > 0)
        v = v << 8 | p[n];
    return v;
}

/* Either, where a file says which. */
static inline uint64_t bf_whole(const uint8_t *p, int n, bool big)
{
    return big ? bf_big(p, n) : bf_little(p, n);
}

static inline uint32_t bf_be16(const uint8_t *p)
{
    return (uint32_t)bf_big(p, 2);
}

static inline uint32_t bf_be32(const uint8_t *p)
{
    return (uint32_t)bf_big(p, 4);
}

static inline uint32_t bf_le16(const uint8_t *p)
{
    return (uint32_t)bf_little(p, 2);
}

static inline uint32_t bf_le24(const uint8_t *p)
{
    return (uint32_t)bf_little(p, 3);
}

static inline uint32_t bf_le32(const uint8_t *p)
{
    return (uint32_t)bf_little(p, 4);
}

/* A kind of number. */
struct bf_number {
    char kind; /* 'f' floats, 'i' and 'u' whole numbers with and without a sign, 'b' truth values */
    int size;  /* bytes: floats 2, 4 or 8; others 1, 2, 4 or 8 */
};

/* The value of such a number; truth values are 0 or 1. */
double bf_number_at(const uint8_t *p, struct bf_number type, bool big);

#endif
