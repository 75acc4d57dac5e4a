#ifndef BF_CORE_SET_H
#define BF_CORE_SET_H

#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

/* A set of hashes: what a text, seen as a bag of pieces, is compared by. */
struct bf_set {
    uint32_t n;
    const uint64_t *v; /* [n] ascending, distinct; may be NULL when n is 0 */
};

/* The set of `v` [n], which is left in disorder; the copy lives in `a`. BF_ENOMEM, no message. */
int bf_set_make(struct bf_set *out, uint64_t *v, uint32_t n, struct bf_arena *a);

/* Share of what both have in what either has, 0 .. 1; of two empty sets 1. */
double bf_set_jaccard(const struct bf_set *a, const struct bf_set *b);

enum { BF_SHINGLE_TEXT_MAX = 1 << 20 };

/* The runs of `k` characters (code points) of a text, as it stands; the whole text when it is
 * shorter. At most BF_SHINGLE_TEXT_MAX bytes are read. BF_ENOMEM, no message. */
int bf_shingles_of_chars(const char *text, int k, struct bf_set *out, struct bf_arena *a);

/* The runs of `k` words of a text; all its words when they are fewer. Words are runs of ASCII
 * letters and digits, in lower case, and of other letters; characters of scripts written without
 * spaces are words of their own. At most BF_SHINGLE_TEXT_MAX bytes are read. BF_ENOMEM, no
 * message. */
int bf_shingles_of_words(const char *text, int k, struct bf_set *out, struct bf_arena *a);

#endif
