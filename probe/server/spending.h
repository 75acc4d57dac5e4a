#ifndef BF_PROBE_SERVER_SPENDING_H
#define BF_PROBE_SERVER_SPENDING_H

#include "core/ops.h"
#include "core/spec.h"

/* What asking has cost, and whether it may cost more. What is in flight counts as estimated until
 * the server's own count comes back. */
struct bf_spending {
    struct bf_spend_spec limit;   /* 0 = none */
    const struct bf_price *price; /* NULL = not known */
    struct bf_spent *spent;       /* `own`, or what all probes of the run share */
    struct bf_spent own;
    double tokens_open, money_open; /* in flight */
    double money;                   /* of this probe; NaN without a price */
};

/* BF_EINVAL: money is limited and the model has no price. */
int bf_spending_init(struct bf_spending *t, const struct bf_spec *spec, const char *model,
                     struct bf_spent *shared, struct bf_err *err);

/* Whether tokens must be estimated before they are asked for. */
bool bf_spending_estimates(const struct bf_spending *t);

void bf_spending_sent(struct bf_spending *t, double n_in, double n_out);

/* One request has ended: it was estimated as `n_in`, `n_out`, and took `in`, `out`. */
void bf_spending_ended(struct bf_spending *t, double n_in, double n_out, double in, double out);

/* Whether a limit is reached, with what is in flight as estimated; then `what` [size] says which:
 * "1000 requests". */
bool bf_spending_reached(const struct bf_spending *t, char *what, size_t size);

#endif
