/* A file being written in constant memory, then synced. */
#include "emit/out.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"

enum { BLOCK = 1 << 18 };

static int cannot_write(const struct bf_out *o, struct bf_err *err)
{
    return bf_fail(err, BF_EIO, "cannot write '%s': %s", o->path, strerror(errno));
}

int bf_out_open(struct bf_out *o, const char *dir, const char *name, struct bf_arena *a,
                struct bf_err *err)
{
    *o = (struct bf_out){ .fd = -1, .path = bf_path_join(a, dir, name) };
    if (!o->path)
        return bf_fail_memory(err, "a path");
    o->fd = open(o->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (o->fd < 0)
        return cannot_write(o, err);
    o->is_open = true;
    return BF_OK;
}

static int write_all(struct bf_out *o, struct bf_err *err)
{
    if (o->buf.failed)
        return bf_fail_memory(err, o->path);
    for (size_t at = 0; at < o->buf.len;) {
        const ssize_t k = write(o->fd, o->buf.data + at, o->buf.len - at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return cannot_write(o, err);
        at += (size_t)k;
    }
    o->buf.len = 0;
    return BF_OK;
}

int bf_out_flush(struct bf_out *o, struct bf_err *err)
{
    return o->buf.len < BLOCK && !o->buf.failed ? BF_OK : write_all(o, err);
}

int bf_out_close(struct bf_out *o, struct bf_err *err)
{
    int rc = write_all(o, err);
    if (rc == BF_OK && fsync(o->fd) != 0)
        rc = cannot_write(o, err);
    o->is_open = false;
    if (close(o->fd) != 0 && rc == BF_OK)
        rc = cannot_write(o, err);
    bf_buf_done(&o->buf);
    return rc;
}

void bf_out_abandon(struct bf_out *o)
{
    if (o->is_open)
        close(o->fd);
    o->is_open = false;
    bf_buf_done(&o->buf);
}
