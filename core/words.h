#ifndef BF_CORE_WORDS_H
#define BF_CORE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

/* One word of a text: lower-cased ASCII letters, digits and bytes above 127, as it stands. */
struct bf_word {
    uint64_t hash;
    uint32_t stem; /* hash without an English ending: equal for play, plays, played, playing */
    bool content;  /* not one of the commonest English function words */
    bool number;   /* starts with a digit */
};

enum { BF_MAX_WORDS = 256 };

/* Split `text` into at most BF_MAX_WORDS words; a point or comma inside a number and an apostrophe
 * inside a word belong to it. Returns how many. */
int bf_words_of(const char *text, struct bf_word *out);

/* Hash of all words of a text in order: equal for texts that differ in case, spacing and
 * punctuation only. */
uint64_t bf_words_hash(const struct bf_word *w, int n);

/* Hash of a question with the words of its choices and all numbers masked: equal for questions
 * made from one template. */
uint64_t bf_words_template(const struct bf_word *question, int n,
                           const struct bf_word *choice_words, int n_choice_words);

#endif
