#include "core/rng.h"

#include <string.h>

#include "core/hash.h"

struct bf_rng bf_rng_for(uint64_t seed, const char *id, const char *purpose, uint64_t index)
{
    uint64_t h = bf_hash64(id, strlen(id), seed);
    h = bf_hash64(purpose, strlen(purpose), h);
    h = bf_hash64(&index, sizeof index, h);
    return (struct bf_rng){ h };
}

uint64_t bf_rng_next(struct bf_rng *r)
{
    uint64_t z = (r->s += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t bf_rng_below(struct bf_rng *r, uint64_t n)
{
    const uint64_t reject = -n % n; /* 2^64 mod n */
    uint64_t v;
    do
        v = bf_rng_next(r);
    while (v < reject);
    return v % n;
}

double bf_rng_unit(struct bf_rng *r)
{
    return (double)(bf_rng_next(r) >> 11) * 0x1p-53;
}

void bf_rng_shuffle(struct bf_rng *r, uint32_t *v, uint32_t n)
{
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = (uint32_t)bf_rng_below(r, i);
        uint32_t t = v[i - 1];
        v[i - 1] = v[j];
        v[j] = t;
    }
}
