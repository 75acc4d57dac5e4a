#ifndef BF_PROBE_BUILTIN_ENCODE_H
#define BF_PROBE_BUILTIN_ENCODE_H

#include "core/arena.h"
#include "core/err.h"
#include "core/sample.h"
#include "probe/builtin/facts.h"

/* What the built-in probe sees of words: each (sample, choice) is one row of hashed features.
 *
 * Version 1, with q the question shown, c a choice, t the question's template (words that stand
 * in a choice, and numbers, masked), g the category:
 *   c:        its whole text, words, pairs of words; alone, and with g
 *   position: letter; letter from the end; with g; with t
 *   length:   longest, shortest, rank from the longest, ratio to the mean; with g; with t
 *   number:   is one, largest, smallest, rank; with g; with t
 *   overlap:  share of c's content words that stand in q; whether it is the only choice with the
 *             most; with g; with t
 *   specific: share of content words of c that no other choice has
 *   meta:     "all of the above" and the like
 *   q x c:    each content word of q with c's text; t with c's text
 * Nothing of a file's name or path is ever read. */

enum { BF_ENCODE_VERSION = 1, BF_HASH_BITS = 18 };

struct bf_feature {
    uint32_t index; /* below 1 << BF_HASH_BITS */
    float value;
};

/* Rows of all samples of a pool under one wording. Memory belongs to an arena. */
struct bf_rows {
    uint32_t n_samples;
    uint32_t *first_row;     /* [n_samples + 1]: rows of sample i; one row a choice */
    uint32_t *first_feature; /* [n_rows + 1] */
    struct bf_feature *features;
    uint32_t *first_token; /* [n_rows + 1] */
    uint32_t *tokens;      /* ids below n_tokens: what media features are crossed with: the
                                 choice's text, its words, its text within the category */
    uint32_t n_tokens;
};

/* Encode every sample that has choices and one gold (others get no rows). Tokens seen in fewer than
 * 3 samples are left out, and the rarest beyond 4,096. BF_ENOMEM. */
int bf_encode(const struct bf_pool *pool, const struct bf_shown_words *words, struct bf_rows *out,
              struct bf_arena *a, struct bf_err *err);

#endif
