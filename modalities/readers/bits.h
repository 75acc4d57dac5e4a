#ifndef BF_MODALITIES_READERS_BITS_H
#define BF_MODALITIES_READERS_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bits of a file, most significant first. Behind the end come zeros, and bf_bits_spent() tells;
 * the memory must go on for 16 bytes there. */
struct bf_bits {
    const uint8_t *p, *end; /* next byte to load */
    uint64_t word;          /* bits that were loaded, from the top */
    int n;                  /* how many of them count */
};

static inline struct bf_bits bf_bits_of(const uint8_t *p, const uint8_t *end)
{
    return (struct bf_bits){ .p = p, .end = end };
}

/* At least 56 bits in b->word. */
static inline void bf_bits_fill(struct bf_bits *b)
{
    uint64_t next = 0;
    const uint8_t *p = b->p <= b->end ? b->p : b->end;
    for (int i = 0; i < 8; i++) /* one load and a swap of bytes, once compiled */
        next = next << 8 | p[i];
    b->word |= next >> b->n;
    b->p += (63 - b->n) >> 3;
    b->n |= 56;
}

/* The next `k` bits, 0 .. 32, of those that bf_bits_fill() brought. */
static inline uint32_t bf_bits_take(struct bf_bits *b, int k)
{
    const uint32_t v = (uint32_t)(b->word >> 1 >> (63 - k));
    b->word <<= k;
    b->n -= k;
    return v;
}

static inline uint32_t bf_bits_read(struct bf_bits *b, int k)
{
    bf_bits_fill(b);
    return bf_bits_take(b, k);
}

/* A number of `k` bits, 1 .. 32, in two's complement. */
static inline int32_t bf_bits_signed(struct bf_bits *b, int k)
{
    const uint32_t top = (uint32_t)1 << (k - 1);
    return (int32_t)((bf_bits_read(b, k) ^ top) - top);
}

/* Whether more bits were taken than there are. */
static inline bool bf_bits_spent(const struct bf_bits *b)
{
    return b->p - b->n / 8 > b->end;
}

/* Zeros up to the next one, which is taken, too; 32 bits are left to take behind it. */
static inline uint32_t bf_bits_many_zeros(struct bf_bits *b)
{
    uint32_t q = 0;
    while (b->word >> 63 == 0 && !bf_bits_spent(b)) {
        bf_bits_take(b, 1);
        q++;
        bf_bits_fill(b);
    }
    bf_bits_take(b, 1);
    bf_bits_fill(b);
    return q;
}

static inline uint32_t bf_bits_zeros(struct bf_bits *b)
{
    if (b->word >> 40 == 0) /* 24 and more: rare */
        return bf_bits_many_zeros(b);
    const int q = __builtin_clzll(b->word);
    b->word = b->word << q << 1;
    b->n -= q + 1;
    return (uint32_t)q;
}

/* The first byte behind the one that is begun. */
static inline const uint8_t *bf_bits_end(const struct bf_bits *b)
{
    return b->p - b->n / 8;
}

#endif
