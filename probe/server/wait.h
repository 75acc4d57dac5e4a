#ifndef BF_PROBE_SERVER_WAIT_H
#define BF_PROBE_SERVER_WAIT_H

#include "core/rng.h"

/* Seconds that a header Retry-After asks to wait: a number, with decimals too, or a date (RFC 9110,
 * 5.6.7), of which `now`, seconds since the epoch, is taken. Negative when it is NULL or says
 * neither; a date gone by is 0. */
double bf_wait_of(const char *retry_after, double now);

/* Seconds to wait after attempt `n` >= 1 has failed: uniform in 0 .. 0.5 * 2^(n - 1), at most
 * 0 .. 60 (exponential with full jitter). What a server asks for (`asked`, negative = nothing) is
 * never undercut, and the crowd that was told the same spread over up to a second more. */
double bf_wait_after(int n, double asked, struct bf_rng *rng);

#endif
