#ifndef BF_CORE_RECALL_H
#define BF_CORE_RECALL_H

#include "core/state.h"

/* What the ledger of a run folder remembers of what would be asked, without asking or decoding
 * anything. */
struct bf_recall;

/* `st` has spec, options and the pool's rows; its ledger and readings are opened here, its files
 * are hashed and get the readings that the ledger has. `*out` is NULL when no probe costs, when the
 * folder has no ledger, or when it cannot be read now; `*fault_out` is then why, else NULL. */
int bf_recall_open(struct bf_state *st, struct bf_recall **out, const char **fault_out,
                   struct bf_err *err);
void bf_recall_close(struct bf_recall *r);

/* Seconds a request of a probe took so far, others in flight beside it; NaN when it was never
 * asked. */
int bf_recall_pace(struct bf_recall *r, int probe, double *seconds_out, struct bf_err *err);

/* How many of the trials `from` .. `to` - 1 of a probe that costs have their answer. */
int bf_recall_answers(struct bf_recall *r, int probe, const struct bf_sample *s,
                      const struct bf_view *v, int from, int to, int *n_out, struct bf_err *err);

#endif
