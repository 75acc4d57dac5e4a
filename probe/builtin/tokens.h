#ifndef BF_PROBE_BUILTIN_TOKENS_H
#define BF_PROBE_BUILTIN_TOKENS_H

#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/words.h"

/* What a choice, as an answer to its question, is to media: a set of tokens, each with weights of
 * its own on every feature that a sample's media have.
 *
 * Version 2, with c the choice, q the question, t its template, g the category:
 *   c; c within g; c as an answer to q, and to t
 *   each word that c says is there: its content words; of a yes/no question, those of q stand with
 *   the answer that says so: yes, or no when q has a negation ("is no red shape present?"). So
 *   what is red is learned from "red" as an answer, and from every question that asks for it.
 *
 * Tokens of a whole question, or of a template, are learned from fewer samples, and count for less
 * until these agree: bf_token_map.scale. Of the tokens of a pool those are numbered that stand in
 * enough samples, and of several that stand with the same choices of the pool, one. */

enum {
    BF_TOKENS_VERSION = 2,
    BF_MAX_TOKENS = 4096,
    BF_TOKEN_MIN_SAMPLES = 3,
    BF_MAX_TOKENS_A_ROW = 24
};

/* One choice, and the question that it answers, taken apart. */
struct bf_token_source {
    const struct bf_word *choice; /* [n_choice] */
    int n_choice;
    uint64_t choice_text;           /* hash of all its words */
    const struct bf_word *question; /* [n_question] */
    int n_question;
    uint64_t template; /* bf_words_template() of the question; 0 without one */
    uint64_t category;
};

/* Tokens by hash, and in how many samples each stands. Begin with a zeroed one. */
struct bf_token_map {
    struct bf_token *v;
    uint32_t mask, used;
    uint64_t n_choices; /* counted so far */
    uint64_t *cues;     /* hashes of words such as "yes" and "not" */
};

/* Count the tokens of one choice of `sample`; a token that stands in several choices of a sample
 * counts once, when these come one after the other. BF_ENOMEM. */
int bf_tokens_count(struct bf_token_map *m, const struct bf_token_source *s, uint32_t sample);

/* Number, from 0, the tokens that stand in at least BF_TOKEN_MIN_SAMPLES samples, the most frequent
 * first, at most BF_MAX_TOKENS: `*n_out` of them. `*scale_out` [*n_out], in `a`: by what features
 * are multiplied for each; below 1 its weights count as less likely. BF_ENOMEM. */
int bf_tokens_number(struct bf_token_map *m, uint32_t *n_out, float **scale_out,
                     struct bf_arena *a);

/* Append the numbers (uint32_t) of one choice's tokens to `out`; those without one are left out. */
void bf_tokens_put(const struct bf_token_map *m, const struct bf_token_source *s,
                   struct bf_buf *out);

/* Accepts a zeroed one. */
void bf_token_map_done(struct bf_token_map *m);

#endif
