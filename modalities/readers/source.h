#ifndef BF_MODALITIES_READERS_SOURCE_H
#define BF_MODALITIES_READERS_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* An open file read by position: the descriptor's own offset is neither used nor moved, so that
 * two decoders may read one file description at a time. */
struct bf_source {
    int fd;
    int64_t size; /* bytes when it was opened, >= 1 */
    int64_t at;   /* where bf_source_read goes on */
};

/* BF_EDATA: not a regular file, empty, or over limits->file_bytes; BF_EIO: cannot be sized. */
int bf_source_open(int fd, const struct bf_limits *limits, struct bf_source *out,
                   struct bf_err *err);

/* Read up to `n` bytes at `at` and move on: bytes read, 0 at the end, -1 when reading fails. */
ptrdiff_t bf_source_read(struct bf_source *s, void *buf, size_t n);

/* lseek() for decoders that bring their own input layer: the new position, or -1. */
int64_t bf_source_seek(struct bf_source *s, int64_t offset, int whence);

/* The whole file in `a`, followed by a NUL that `*n_out` does not count and, in turn, by enough
 * zeros for decoders that read ahead. BF_EDATA: it shrank since it was opened. */
int bf_source_all(struct bf_source *s, uint8_t **bytes_out, size_t *n_out, struct bf_arena *a,
                  struct bf_err *err);

enum { BF_SOURCE_PAD = 64 }; /* zero bytes after what bf_source_all returns */

#endif
