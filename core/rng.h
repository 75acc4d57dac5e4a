#ifndef BF_CORE_RNG_H
#define BF_CORE_RNG_H

#include <stdint.h>

/* SplitMix64 (Steele, Lea, Flood 2014). Every stream is derived from (spec seed, sample id,
 * purpose, index), so that no order of threads, shards or restarts changes a result. */
struct bf_rng {
    uint64_t s;
};

/* The stream for one purpose. `id` is a sample id, a file's SHA-256 in hex or "";
 * `purpose` is a fixed word such as "folds" or "noise". */
struct bf_rng bf_rng_for(uint64_t seed, const char *id, const char *purpose, uint64_t index);

/* 64 uniform bits. */
uint64_t bf_rng_next(struct bf_rng *r);

/* Uniform in 0 .. n - 1 without bias; n >= 1. */
uint64_t bf_rng_below(struct bf_rng *r, uint64_t n);

/* Uniform in [0, 1), 53 bits. */
double bf_rng_unit(struct bf_rng *r);

/* Fisher-Yates over `n` indices. */
void bf_rng_shuffle(struct bf_rng *r, uint32_t *v, uint32_t n);

#endif
