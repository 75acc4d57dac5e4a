#ifndef BF_CORE_REFIT_H
#define BF_CORE_REFIT_H

#include "core/ops.h"
#include "core/state.h"

/* A run's way to have the probes that learn from its pool trained again, for scores and filters.
 * What it comes to is not in the ledger: whoever needs it again computes it again. */
struct bf_refitting;

/* Opens nothing yet; `st` must outlive it. BF_ENOMEM. */
int bf_refitting_open(struct bf_state *st, struct bf_refitting **out, struct bf_err *err);
void bf_refitting_close(struct bf_refitting *r);

/* For struct bf_table; lives as long as `r`. */
const struct bf_refitter *bf_refitting_refitter(const struct bf_refitting *r);

#endif
