#ifndef BF_PROBE_BUILTIN_CUES_H
#define BF_PROBE_BUILTIN_CUES_H

#include "probe/builtin/facts.h"

/* What the linear model can have weights for, in one question with its choices; keys are hashes,
 * which bf_encode() turns into numbers. Four kinds:
 *
 *   bins      of a choice: each fact (facts.h) falls into one of a few bins; a bin has a weight of
 *             its own; the main ones have one in every context, too
 *   contexts  of the sample: category, question head, template, skeleton, number and type of its
 *             choices
 *   grams     of the question: runs of 1 to 3 words; each has a weight for every letter
 *   words     of a choice: its text, runs of 1 to 3 words, stems; these within category, head,
 *             template; stems of the question with its text and stems; pairs of bins
 *
 * Bins that all choices have tell nothing of which is right, and are left out. */

enum {
    BF_MAX_CUES = 1024,     /* words of one choice */
    BF_MAX_VALUE_BINS = 64, /* of one choice */
    BF_MAX_CONTEXTS = 8,
    BF_MAX_GRAMS = 3 * BF_MAX_WORDS,
    BF_LETTER_BINS = BF_MAX_CHOICES
};

struct bf_cue {
    uint64_t key;  /* not 0 */
    uint8_t value; /* bf_cue_values[] has it */
};

struct bf_choice_cues {
    int n_bins, n_wide; /* the first n_wide bins have weights in contexts, too */
    int n;
    uint8_t bins[BF_MAX_VALUE_BINS];
    struct bf_cue v[BF_MAX_CUES];
};

struct bf_cues {
    int n_choices;
    int n_contexts;
    uint64_t contexts[BF_MAX_CONTEXTS];
    int n_grams;
    uint64_t grams[BF_MAX_GRAMS];
    uint64_t threes[BF_MAX_WORDS]; /* the runs of three words among `grams` */
    int n_threes;
    struct bf_choice_cues c[BF_MAX_CHOICES];
};

/* Cues of the question `f`, leaving out all that rest on a kind of evidence in `without` (BF_BIT()
 * of enum bf_evidence). */
void bf_cues_of(const struct bf_facts *f, uint32_t without, struct bf_cues *out);

/* The context of a question whose least frequent run of three words, of those that are frequent in
 * the pool, is `three`: what stays of a template with random words in it. */
uint64_t bf_cues_skeleton(uint64_t three);

/* How many bins all facts have together; bins of letters are 0 .. BF_LETTER_BINS - 1. */
int bf_cues_bins(void);

/* The value of a cue's code, 0 .. 255: a quarter of it chooses a scale 2, 1, 1/2, 1/4; the rest
 * is the n of 1 / sqrt(n). A cue of twice the value has a prior of a quarter of the precision. */
float bf_cue_value(uint8_t code);

#endif
