#ifndef BF_CORE_FLIGHT_H
#define BF_CORE_FLIGHT_H

#include "core/db.h"

/* What must survive a kill at any instant, without a system call each: a small file mapped into
 * memory beside the ledger. It holds the keys of requests in flight, and the answers that wait to
 * be committed, in two halves: one fills while the other is being written. The kernel keeps what a
 * killed process wrote there; only a power cut can take it. */
struct bf_flight;

enum { BF_FLIGHT_HALF = 4 << 20 /* bytes */ };

/* Make it anew. Its room on the disk is taken at once: a full disk shows here, not as a signal
 * later. `session` tells it from earlier ones. BF_EIO. */
int bf_flight_make(const char *path, uint64_t session, struct bf_flight **out, struct bf_err *err);

/* The file goes when nothing is left in it. */
void bf_flight_close(struct bf_flight *f);

/* Keys in flight. From one thread. More than BF_LEDGER_IN_FLIGHT are not remembered. */
void bf_flight_add(struct bf_flight *f, const uint8_t key[BF_SHA_BYTES]);
void bf_flight_remove(struct bf_flight *f, const uint8_t key[BF_SHA_BYTES]);
const uint8_t *bf_flight_key(const struct bf_flight *f,
                             int i); /* or NULL; i < BF_LEDGER_IN_FLIGHT */

/* Append to half 0 or 1; false when it has not enough room. What `answer` points to is copied. */
bool bf_flight_put(struct bf_flight *f, int half, const struct bf_db_answer *answer);

/* Bytes that an answer takes there. */
size_t bf_flight_size(const struct bf_db_answer *answer);

/* Walk over a half: call with *at = 0 first. False at the end. `out` points into the half. */
bool bf_flight_next(const struct bf_flight *f, int half, size_t *at, struct bf_db_answer *out);
void bf_flight_clear(struct bf_flight *f, int half);

/* What a file holds that was left behind. Damaged or of another make: BF_END. */
struct bf_flight_left {
    uint64_t session;
    uint32_t n_keys;
    uint8_t (*keys)[BF_SHA_BYTES]; /* [n_keys] */
    uint32_t n_answers;
    struct bf_db_answer *answers; /* [n_answers] */
};
int bf_flight_read(const char *path, struct bf_flight_left *out, struct bf_arena *a,
                   struct bf_err *err);

#endif
