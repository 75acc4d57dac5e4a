#ifndef BF_CORE_NEAR_H
#define BF_CORE_NEAR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/set.h"

/* Near-duplicates among many items, all in memory. Equal items are one in the search: however many
 * there are, they cost no more than reading them. Results depend on the items alone. */

/* Two items that are near; a < b. */
struct bf_near_pair {
    uint32_t a, b;
    float score; /* bits that differ, or the Jaccard similarity */
};

/* Who is near to whom. */
struct bf_near {
    uint32_t *first; /* [n] the first item that equals this one; itself when none stands before */
    uint32_t *group; /* [n] the first item of its group: all that chains of near items connect */
    uint32_t n_pairs;
    struct bf_near_pair *pairs; /* between items that are their own first; by a, then b */
};

/* What the caller may ask beside the threshold. A zeroed one asks for groups alone. */
struct bf_near_options {
    uint32_t max_pairs; /* 0 = pairs are not listed, which lets the search skip pairs that are
                           connected already; else more than these are BF_EDATA */
    bool (*also)(void *ctx, uint32_t a, uint32_t b); /* optional: what two near items must satisfy
                           besides. Asked of some of any number of equal items only. */
    void *ctx;
};

enum { BF_NEAR_MAX_BITS = 10 };

/* All pairs of `hash` [n] that differ in at most `max_bits` bits, 0 .. BF_NEAR_MAX_BITS; exact.
 *
 * The 64 bits are cut into m blocks, of which max_bits changes leave at least m - max_bits equal:
 * for every choice of so many blocks the hashes are sorted into buckets by them, and those of one
 * bucket compared (Manku, Jain, Sarma, "Detecting near-duplicates for web crawling", WWW 2007, 3;
 * multi-index hashing of Norouzi, Punjani, Fleet, CVPR 2012, 3, is the case of one block). m is
 * that of least expected work. A crowded bucket is searched in the same way by the bits in which
 * it varies.
 *
 * Memory: about 60 bytes an item. `out` lives in `a`, untouched on failure. BF_EDATA: more than
 * max_pairs; BF_EINVAL: max_bits; BF_ENOMEM. */
int bf_near_hashes(const uint64_t *hash, uint32_t n, int max_bits,
                   const struct bf_near_options *options, struct bf_near *out, struct bf_arena *a,
                   struct bf_err *err);

/* All pairs of `sets` [n] whose Jaccard similarity is at least `least`, 0.3 .. 1. What is found is
 * exact; a pair at the threshold is missed about twice in 1000 times, one above it less often.
 * Empty sets are near to nothing but each other.
 *
 * Candidates are sets whose MinHash signatures of 128 permutations (Broder 1997) agree in a whole
 * band (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.4); as many bands are made of
 * as many rows as take least time and have 1 - (1 - least^rows)^bands >= 0.998. In a bucket of a
 * thousand sets, where texts of one template meet, candidates must besides share one of their
 * rarest elements, which sets at the threshold do (the prefix filter of Chaudhuri, Ganti, Kaushik,
 * ICDE 2006).
 *
 * Memory: about 200 bytes a set, up to 400 more for each of a crowded bucket. `out` lives in `a`,
 * untouched on failure. BF_EDATA: more than max_pairs; BF_EINVAL: `least`; BF_ENOMEM. */
int bf_near_sets(const struct bf_set *sets, uint32_t n, double least,
                 const struct bf_near_options *options, struct bf_near *out, struct bf_arena *a,
                 struct bf_err *err);

/* Bits in which two hashes differ. */
static inline int bf_near_bits(uint64_t a, uint64_t b)
{
    uint64_t x = a ^ b;
    x -= x >> 1 & 0x5555555555555555;
    x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return (int)(x * 0x0101010101010101 >> 56);
}

/* Disjoint sets of indices (Tarjan 1975), the least index for their root, so that roots do not
 * depend on the order of joins. `parent` [n] begins as 0 .. n - 1. */
uint32_t bf_near_root(uint32_t *parent, uint32_t i);
void bf_near_join(uint32_t *parent, uint32_t i, uint32_t k);

#endif
