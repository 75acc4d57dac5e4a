#ifndef BF_PROBE_BUILTIN_ENCODE_H
#define BF_PROBE_BUILTIN_ENCODE_H

#include "core/arena.h"
#include "core/err.h"
#include "core/sample.h"
#include "probe/builtin/cues.h"

/* What the built-in probe sees of words. Each (sample, choice) is one row.
 *
 * Version 3: cues.h says what there is a weight for; of keys only those that several samples have
 * are kept, numbered by frequency. What belongs to a sample is stored once and crossed with its
 * rows while learning: contexts with bins, grams with letters. Nothing of a file's name or path is
 * ever read. */

enum { BF_ENCODE_VERSION = 3 };

/* Whether the built-in probe can answer: one gold among choices. */
bool bf_builtin_usable(const struct bf_sample *s);

/* Rows of all samples of a pool under one wording. Memory belongs to an arena.
 *
 * Weights are numbered: a feature is weight `feature >> 8`; bin b in context c (0 = in any) is
 * weight n_features + c n_bins + b; gram g with letter j is weight
 * n_features + n_contexts n_bins + g n_letters + j. */
struct bf_rows {
    uint32_t n_samples;
    uint32_t *first_row;     /* [n_samples + 1]: rows of sample i; one row a choice */
    uint32_t *first_feature; /* [n_rows + 1] */
    uint32_t *features;      /* number << 8 | code of the value: bf_cue_value() */
    uint32_t *first_bin;     /* [n_rows + 1] */
    uint8_t *bins;
    uint8_t *n_wide;         /* [n_rows] the first so many bins are crossed with contexts */
    uint32_t *first_context; /* [n_samples + 1] */
    uint32_t *contexts;      /* the first of each sample is 0 */
    uint32_t *first_gram;    /* [n_samples + 1] */
    uint32_t *grams;
    uint32_t n_features, n_contexts, n_bins, n_grams, n_letters;
    uint32_t n_weights;    /* of all these together */
    float *spread;         /* [n_weights] 1 / rows of the pool that use a weight */
    uint32_t *first_token; /* [n_rows + 1] */
    uint32_t *tokens;      /* ids below n_tokens: what media features are crossed with: the
                                 choice's text, its words, its text within the category */
    uint32_t n_tokens;
    float *token_scale; /* [n_tokens] see tokens.h; NULL = 1 each */
};

/* The first weight of a context's bins, and of a gram's letters. */
static inline uint32_t bf_context_weight(const struct bf_rows *r, uint32_t context)
{
    return r->n_features + context * r->n_bins;
}

/* Past the last bin of a row that has a weight in a context. */
static inline uint32_t bf_bins_end(const struct bf_rows *r, uint32_t context, uint32_t row)
{
    return context ? r->first_bin[row] + r->n_wide[row] : r->first_bin[row + 1];
}

static inline uint32_t bf_gram_weight(const struct bf_rows *r, uint32_t gram)
{
    return r->n_features + r->n_contexts * r->n_bins + gram * r->n_letters;
}

/* Encode every sample that has choices and one gold (others get no rows). Tokens seen in fewer than
 * 3 samples are left out, and the rarest beyond 4,096. `words->without` leaves out kinds of
 * evidence. BF_ENOMEM. */
int bf_encode(const struct bf_pool *pool, const struct bf_shown_words *words, struct bf_rows *out,
              struct bf_arena *a, struct bf_err *err);

#endif
