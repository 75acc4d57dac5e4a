#ifndef BF_CORE_SPARSE_H
#define BF_CORE_SPARSE_H

#include <stddef.h>
#include <stdint.h>

/* Rows of 32-bit words of which many are zero, without those: the number of words, a bit for each,
 * then the words that are not zero, as they lie in memory. */
enum { BF_SPARSE_MAX = 4096 }; /* words in one row */

/* At most so many bytes are written for `n` words. */
#define BF_SPARSE_BYTES(n) (2 + ((n) + 7) / 8 + 4 * (size_t)(n))

/* Pack `n` <= BF_SPARSE_MAX words of `row`; returns the bytes written to `out`. */
size_t bf_sparse_pack(const void *row, int n, uint8_t *out);

/* The row again: the number of its words, or -1 when `in` [n_bytes] is not what pack wrote, or they
 * are more than `max`. */
int bf_sparse_unpack(const uint8_t *in, size_t n_bytes, void *row, int max);

#endif
