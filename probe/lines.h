#ifndef BF_PROBE_LINES_H
#define BF_PROBE_LINES_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/* A walk through the lines of a file of any size, of which at most `keep` bytes each are kept. A
 * zeroed one with `fd` and `keep` set is ready to use. */
struct bf_lines {
    int fd;
    size_t keep;
    struct bf_buf line;     /* of the present line as much as is kept, without its end */
    uint64_t begin, length; /* of the present line in the file */
    uint32_t number;        /* 1-based */
    char *chunk;            /* what was read ahead */
    size_t n, at;
    uint64_t offset; /* of chunk[at] */
};

/* The next line. BF_END: there is none. BF_EIO, BF_ENOMEM. */
int bf_lines_next(struct bf_lines *w, struct bf_err *err);

/* Free; the descriptor stays the caller's. */
void bf_lines_done(struct bf_lines *w);

#endif
