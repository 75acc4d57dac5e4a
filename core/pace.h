#ifndef BF_CORE_PACE_H
#define BF_CORE_PACE_H

#include "core/ledger.h"

/* How fast a probe was asked so far, over all runs of a ledger: for saying how long asking will
 * take, never for anything that must be the same in every run. */
struct bf_pace {
    double requests, seconds;
};

/* `identity` is what bf_probe_identity() printed. BF_END: it was never asked. */
int bf_pace_get(struct bf_ledger *l, const char *identity, struct bf_pace *out, struct bf_err *err);

/* Add what one run took. */
int bf_pace_add(struct bf_ledger *l, const char *identity, const struct bf_pace *more,
                struct bf_err *err);

#endif
