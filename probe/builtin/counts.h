#ifndef BF_PROBE_BUILTIN_COUNTS_H
#define BF_PROBE_BUILTIN_COUNTS_H

#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

/* In how many samples of a pool each thing stands, things being known by 64-bit hashes. */
struct bf_count {
    uint64_t key;
    uint32_t n;    /* samples */
    uint32_t last; /* the sample that was counted last */
    uint32_t rank; /* 0 for the most frequent, once bf_counts_rank() was called */
};

/* A zeroed one is ready to use. */
struct bf_counts {
    uint32_t n, cap;
    struct bf_count *v; /* [n] in the order they were first seen; malloc'ed */
    uint32_t *table;    /* place in v + 1 by key; 0 = empty */
    uint32_t mask;
};

/* Count `key` as standing in `sample`, once however often it is counted in a row of one sample.
 * Its place in v goes to `id_out`. BF_ENOMEM, without a message. */
int bf_counts_add(struct bf_counts *c, uint64_t key, uint32_t sample, uint32_t *id_out);

/* Rank all by how frequent they are, ties by key. BF_ENOMEM, without a message. */
int bf_counts_rank(struct bf_counts *c);

void bf_counts_done(struct bf_counts *c);

#endif
