#ifndef BF_PROBE_BUILTIN_COLUMNS_H
#define BF_PROBE_BUILTIN_COLUMNS_H

#include <stdint.h>

#include "probe/builtin/facts.h"

/* What a row has in common with others of the pool. */
enum bf_key {
    BF_KEY_HEAD, /* of the question: bf_facts.head */
    BF_KEY_HEAD_WORD,
    BF_KEY_CATEGORY,
    BF_KEY_TEMPLATE,
    BF_KEY_SKELETON, /* the question without words that fewer than 1 % of the samples have */
    BF_KEY_FRAME,    /* and fewer than 5 % */
    BF_KEY_TEXT,     /* of the choice */
    BF_KEY_COUNT
};

/* Dense columns for trees: one number for every row (sample, choice) of struct bf_rows. */
struct bf_columns {
    uint32_t n_rows;
    int n;
    const char *const *name;        /* [n] "length_rank", "category" */
    const enum bf_evidence *family; /* [n] what kind of evidence it is */
    const float *const *v;          /* [n][n_rows]; NaN = missing */
    /* [n_rows][BF_KEY_COUNT] equal where the thing is; BF_KEY_NONE where there is none */
    const uint32_t (*keys)[BF_KEY_COUNT];
};

#define BF_KEY_NONE UINT32_MAX

/* The columns that the words of a pool give, as a condition shows them: all of bf_fact_rows, in
 * that order, then
 *
 *   question_words  words of the question
 *   head, head_word, category, template, skeleton, frame, text
 *                   enum bf_key, as a number: the place of the thing when all of the pool are
 *                   sorted by how many samples have them, 0 for the most frequent, at most 255,
 *                   which is also that of all that stand in one sample only; NaN where there is
 *                   none
 *
 * Of a skeleton and a frame what was left out is one gap, however many words; numbers and what
 * fewer than five samples have are always left out. Labels are not looked at, so that the columns
 * serve all folds. `first_row` [n_samples + 1] is that of struct bf_rows; samples without rows are
 * not read. `out` lives in `a`. BF_ENOMEM. */
int bf_columns_make(const struct bf_pool *pool, const struct bf_shown_words *words,
                    const uint32_t *first_row, struct bf_columns *out, struct bf_arena *a,
                    struct bf_err *err);

#endif
