#ifndef BF_PROBE_BUILTIN_CROSSED_H
#define BF_PROBE_BUILTIN_CROSSED_H

#include "probe/builtin/looks.h"

/* What vectors are crossed with: the letter of a choice, and its whole text where that stands in at
 * least 3 samples, the most frequent BF_CROSSED_TEXTS of them. Vectors are long; the other tokens
 * of media, up to a dozen a choice, would cost as many times more and hold little beside these. */
enum { BF_CROSSED_TEXTS = 1024, BF_CROSSED_MIN_SAMPLES = 3 };

/* The rows of a look with these in place of their tokens: numbers below BF_MAX_CHOICES are letters.
 * Memory from `a`; what is not of tokens stays that of `l->rows`. BF_ENOMEM, no message. */
int bf_crossed_make(const struct bf_pool *pool, const struct bf_look *l, struct bf_rows *out,
                    struct bf_arena *a);

#endif
