/* Reading a media file by position. */
#include "modalities/readers/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int bf_source_open(int fd, const struct bf_limits *limits, struct bf_source *out,
                   struct bf_err *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return bf_fail(err, BF_EIO, "cannot size the file: %s", strerror(errno));
    if (!S_ISREG(st.st_mode))
        return bf_fail(err, BF_EDATA, "not a regular file");
    if (st.st_size == 0)
        return bf_fail(err, BF_EDATA, "the file is empty");
    if ((unsigned long long)st.st_size > limits->file_bytes)
        return bf_fail(err, BF_EDATA, "the file has %lld bytes, limit %zu", (long long)st.st_size,
                       limits->file_bytes);
    *out = (struct bf_source){ .fd = fd, .size = st.st_size };
    return BF_OK;
}

ptrdiff_t bf_source_read(struct bf_source *s, void *buf, size_t n)
{
    size_t got = 0;
    while (got < n) {
        ssize_t k = pread(s->fd, (char *)buf + got, n - got, s->at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return -1;
        if (k == 0)
            break;
        got += (size_t)k;
        s->at += k;
    }
    return (ptrdiff_t)got;
}

int64_t bf_source_seek(struct bf_source *s, int64_t offset, int whence)
{
    int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? s->at : s->size;
    if ((offset > 0 && base > INT64_MAX - offset) || base + offset < 0)
        return -1;
    s->at = base + offset;
    return s->at;
}

int bf_source_all(struct bf_source *s, uint8_t **bytes_out, size_t *n_out, struct bf_arena *a,
                  struct bf_err *err)
{
    size_t n = (size_t)s->size;
    uint8_t *bytes = bf_arena_alloc(a, n + BF_SOURCE_PAD, 1);
    if (!bytes)
        return bf_fail(err, BF_ENOMEM, "no memory for a file of %zu bytes", n);
    s->at = 0;
    ptrdiff_t got = bf_source_read(s, bytes, n);
    if (got < 0)
        return bf_fail(err, BF_EIO, "cannot read the file: %s", strerror(errno));
    if ((size_t)got != n)
        return bf_fail(err, BF_EDATA, "the file changed while it was read");
    *bytes_out = bytes;
    *n_out = n;
    return BF_OK;
}
