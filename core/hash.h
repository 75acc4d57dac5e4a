#ifndef BF_CORE_HASH_H
#define BF_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* XXH3-64 with a seed: in-memory tables, feature hashing, random streams. Not for anything
 * whose content somebody could choose in order to collide. */
uint64_t bf_hash64(const void *p, size_t n, uint64_t seed);

enum { BF_SHA_BYTES = 32, BF_SHA_HEX = 65 };

/* SHA-256, where content decides identity: files, answer keys, emitted outputs. */
void bf_sha256(const void *p, size_t n, uint8_t out[BF_SHA_BYTES]);

/* SHA-256 of everything an open file holds, from its start; the offset is put back to 0.
 * BF_EIO: a read failed. */
int bf_sha256_fd(int fd, uint8_t out[BF_SHA_BYTES], struct bf_err *err);

/* HMAC-SHA-256 (RFC 2104): keyed names that cannot be computed without the key. */
void bf_hmac_sha256(const void *key, size_t n_key, const void *p, size_t n,
                    uint8_t out[BF_SHA_BYTES]);

/* Lower-case hex, NUL-terminated: 2 n + 1 bytes in `out`. */
void bf_hex(const uint8_t *p, size_t n, char *out);

#endif
