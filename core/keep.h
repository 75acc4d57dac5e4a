#ifndef BF_CORE_KEEP_H
#define BF_CORE_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* Byte strings by number: those used last in memory, the others in a nameless file. What fits into
 * neither is forgotten once it was used, and until then kept all the same: what is made again
 * because it was forgotten must last until it is used. */
struct bf_keep;

/* `dir` is where the file would be; it is made on first need, and not being able to make or fill
 * it only means that more is forgotten. BF_ENOMEM. */
int bf_keep_open(const char *dir, size_t memory_bytes, uint64_t file_bytes, struct bf_keep **out,
                 struct bf_err *err);
void bf_keep_close(struct bf_keep *k);

/* From the next string on. */
void bf_keep_limit(struct bf_keep *k, size_t memory_bytes, uint64_t file_bytes);

/* Take over `bytes` [n], malloc'ed, under a new number. BF_ENOMEM: `bytes` are freed. */
int bf_keep_add(struct bf_keep *k, char *bytes, size_t n, uint32_t *number_out, struct bf_err *err);

/* The bytes of a number; they stay where they are until the next bf_keep_turn(). BF_END: they were
 * forgotten, and the number is no longer used; BF_EIO, BF_ENOMEM. */
int bf_keep_get(struct bf_keep *k, uint32_t number, const char **bytes_out, struct bf_err *err);

/* Whether a number has its bytes. */
bool bf_keep_has(const struct bf_keep *k, uint32_t number);

/* Let go of what bf_keep_get() gave so far. */
void bf_keep_turn(struct bf_keep *k);

#endif
