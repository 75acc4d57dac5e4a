#ifndef BF_PROBE_SERVER_PENDING_H
#define BF_PROBE_SERVER_PENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

/* A question on its way: what has become of it so far. */
struct bf_pending {
    uint32_t q;
    int attempts;      /* replies and broken connections that used one up */
    int spared;        /* those that did not, since they only told that a server was still down */
    int server;        /* the last one tried, -1 = none yet */
    double first, due; /* seconds: when it was first sent (0 = never), when it may be sent again */
};

/* Questions to be sent again, the one that is due first on top. A zeroed one is ready to use. */
struct bf_pendings {
    struct bf_pending *v; /* binary heap by due, then q */
    uint32_t n, cap;
};

int bf_pendings_push(struct bf_pendings *p, const struct bf_pending *x, struct bf_err *err);
struct bf_pending bf_pendings_pop(struct bf_pendings *p); /* there must be one */
void bf_pendings_done(struct bf_pendings *p);

#endif
