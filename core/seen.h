#ifndef BF_CORE_SEEN_H
#define BF_CORE_SEEN_H

#include <stdbool.h>

#include "core/hash.h"

/* Keys that some process has begun to work on, or that are known already, in memory shared with
 * the processes forked after it was made. Only 64 bits of a key are kept: who is told that a key is
 * there must find out what became of it, and do the work himself when nothing did. */
struct bf_seen;

/* Room for `n` keys. BF_ENOMEM. */
int bf_seen_make(uint32_t n, struct bf_seen **out, struct bf_err *err);
void bf_seen_free(struct bf_seen *s);

/* Add a key; true when it was there already. Of several that add the same one at the same time,
 * whatever process they are in, one gets false. When there is no room, false. */
bool bf_seen_add(struct bf_seen *s, const uint8_t key[BF_SHA_BYTES]);

#endif
