#ifndef BF_PROBE_BUILTIN_TOKENS_H
#define BF_PROBE_BUILTIN_TOKENS_H

#include <stdint.h>

#include "core/buf.h"
#include "core/words.h"

/* What a choice is to media: a set of tokens, each with weights of its own on every feature that a
 * sample's media have. Of the tokens of a pool only the frequent ones are numbered, so that the
 * weights stay few. */

enum { BF_MAX_TOKENS = 4096, BF_TOKEN_MIN_SAMPLES = 3, BF_MAX_TOKENS_A_ROW = 12 };

/* One choice, and the question that it answers, taken apart. */
struct bf_token_source {
    const struct bf_word *choice; /* [n_choice] */
    int n_choice;
    uint64_t choice_text; /* hash of all its words */
    uint64_t category;
};

/* Tokens by hash, and in how many samples each stands. Begin with a zeroed one. */
struct bf_token_map {
    struct bf_token *v;
    uint32_t mask, used;
};

/* Count the tokens of one choice of `sample`; a token that stands in several choices of a sample
 * counts once, when these come one after the other. BF_ENOMEM. */
int bf_tokens_count(struct bf_token_map *m, const struct bf_token_source *s, uint32_t sample);

/* Number, from 0, the tokens that stand in at least BF_TOKEN_MIN_SAMPLES samples, the most frequent
 * first, at most BF_MAX_TOKENS: `*n_out` of them. BF_ENOMEM. */
int bf_tokens_number(struct bf_token_map *m, uint32_t *n_out);

/* Append the numbers (uint32_t) of one choice's tokens to `out`; those without one are left out. */
void bf_tokens_put(const struct bf_token_map *m, const struct bf_token_source *s,
                   struct bf_buf *out);

/* Accepts a zeroed one. */
void bf_token_map_done(struct bf_token_map *m);

#endif
