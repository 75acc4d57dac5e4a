#ifndef BF_EMIT_OUT_H
#define BF_EMIT_OUT_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"

/* A file being written, in constant memory. Text is added to `buf`; bf_out_flush puts it on disk
 * now and then. A zeroed one may be abandoned. */
struct bf_out {
    int fd;
    bool is_open;
    const char *path; /* lives in the caller's arena */
    struct bf_buf buf;
};

/* Make `dir`/`name`, which must not exist. BF_EIO: the message names the path. */
int bf_out_open(struct bf_out *o, const char *dir, const char *name, struct bf_arena *a,
                struct bf_err *err);

/* Write what was added once it is a block; call it after every line. BF_EIO, BF_ENOMEM. */
int bf_out_flush(struct bf_out *o, struct bf_err *err);

/* Write the rest, fsync, close. BF_EIO, BF_ENOMEM. */
int bf_out_close(struct bf_out *o, struct bf_err *err);

/* Close without finishing, after a failure; nothing when it is closed already. */
void bf_out_abandon(struct bf_out *o);

#endif
