#ifndef BF_PROBE_BUILTIN_COLUMNS_H
#define BF_PROBE_BUILTIN_COLUMNS_H

#include <stdint.h>

#include "probe/builtin/facts.h"

/* Dense columns for trees: one number for every row (sample, choice) of struct bf_rows. */
struct bf_columns {
    uint32_t n_rows;
    int n;
    const char *const *name;        /* [n] "length_rank", "category" */
    const enum bf_evidence *family; /* [n] what kind of evidence it is */
    const float *const *v;          /* [n][n_rows]; NaN = missing */
};

/* The columns that the words of a pool give, as a condition shows them. All of bf_fact_rows, and
 * what only the whole pool tells, with df(w) the samples in whose question or choices w stands:
 *
 *   question_words  words of the question
 *   head, head_word, category, template, text
 *                   the thing's place when all of the pool are sorted by how many samples have
 *                   them: 0 for the most frequent, at most 255, which is also that of all that
 *                   stand in one sample only; NaN where there is none. `text` is the choice's
 *   text_count      log2(1 + the other samples that have a choice of this text), and _rank
 *   rarity          mean of -log2(df / samples) over the choice's words, and _rank; NaN without
 *                   any
 *   shared_rarity   the largest of these over its words that stand in the question, and _rank
 *   end_shared      the rarity of its last word where that stands in the question, else 0
 *
 * Ranks are as in facts.h. Labels are not looked at, so that the columns serve all folds. `first_row`
 * [n_samples + 1] is that of struct bf_rows; samples without rows are not read. `out` lives in `a`.
 * BF_ENOMEM. */
int bf_columns_make(const struct bf_pool *pool, const struct bf_shown_words *words,
                    const uint32_t *first_row, struct bf_columns *out, struct bf_arena *a,
                    struct bf_err *err);

#endif
