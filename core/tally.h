#ifndef BF_CORE_TALLY_H
#define BF_CORE_TALLY_H

#include "core/table.h"

/* Counting the answers of one probe into cells. Sums are integers, so that cells come out the same
 * in whatever order answers arrive. */
struct bf_tally {
    struct bf_cell *cells;      /* [n_conditions * n_samples] of this probe */
    struct bf_votes *votes;     /* the same; NULL: cells take all trials, else the first alone */
    struct bf_tally_sums *sums; /* malloc'ed, the same */
};

/* BF_ENOMEM. */
int bf_tally_open(struct bf_tally *t, struct bf_cell *cells, struct bf_votes *votes, size_t n,
                  struct bf_err *err);
void bf_tally_close(struct bf_tally *t);

/* Nothing answered yet; `votes` may be NULL. */
void bf_tally_clear(struct bf_cell *cells, struct bf_votes *votes, size_t n);

/* Go on with votes that hold at most one trial each. */
void bf_tally_resume(struct bf_tally *t, size_t n);

/* Count one answer at `at`. */
void bf_tally_add(struct bf_tally *t, size_t at, const struct bf_sample *s, int trial,
                  const struct bf_answer *a);

#endif
