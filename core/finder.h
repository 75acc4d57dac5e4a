#ifndef BF_CORE_FINDER_H
#define BF_CORE_FINDER_H

#include "core/near.h"

/* What the searches of core/near.h share: sorting by keys, and collecting what is found. */

struct bf_keyed {
    uint64_t key;
    uint32_t at;
};

/* Sort by key; what has equal keys keeps its order. `scratch` [n]. */
void bf_keyed_sort(struct bf_keyed *v, struct bf_keyed *scratch, uint32_t n);

/* A search under way. */
struct bf_finder {
    const struct bf_near_options *options;
    struct bf_near out; /* first and group in the arena; pairs malloc'ed until the end */
    uint32_t n, cap_pairs;
    int rc; /* the first failure; later calls do nothing */
};

/* Begin with `n` items, each on its own. BF_ENOMEM, no message. */
int bf_finder_open(struct bf_finder *f, uint32_t n, const struct bf_near_options *options,
                   struct bf_arena *a);

/* Item `later` equals item `first`. */
void bf_finder_equal(struct bf_finder *f, uint32_t first, uint32_t later);

/* Whether nothing is to be gained from looking at a pair: they are connected, and pairs are not
 * listed. */
bool bf_finder_has(struct bf_finder *f, uint32_t i, uint32_t k);

/* Two items, in any order, are near, unless the caller's `also` says no. */
void bf_finder_add(struct bf_finder *f, uint32_t i, uint32_t k, float score);

/* Put pairs in order, fill in groups and hand everything over, or give up with the first failure.
 * Frees what the finder took from the heap. */
int bf_finder_close(struct bf_finder *f, struct bf_near *out, struct bf_arena *a,
                    struct bf_err *err);

#endif
