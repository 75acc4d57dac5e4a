/* Lines of files of any size. */
#include "probe/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 1 << 18 };

int bf_lines_next(struct bf_lines *w, struct bf_err *err)
{
    w->line.len = 0;
    w->begin = w->offset;
    if (!w->chunk)
        w->chunk = malloc(CHUNK);
    if (!w->chunk)
        return bf_fail_memory(err, "a line");
    for (;;) {
        if (w->at == w->n) {
            ssize_t got;
            do
                got = read(w->fd, w->chunk, CHUNK);
            while (got < 0 && errno == EINTR);
            if (got < 0)
                return bf_fail(err, BF_EIO, "cannot read: %s", strerror(errno));
            w->n = (size_t)got;
            w->at = 0;
        }
        if (w->n == 0)
            break;
        const char *p = w->chunk + w->at, *end = memchr(p, '\n', w->n - w->at);
        const size_t k = end ? (size_t)(end - p) : w->n - w->at;
        const size_t room = w->keep - w->line.len;
        bf_buf_add(&w->line, p, k < room ? k : room);
        if (w->line.failed)
            return bf_fail_memory(err, "a line");
        w->at += k + (end != NULL);
        w->offset += k + (end != NULL);
        w->length = w->offset - w->begin - (end != NULL);
        if (end) {
            w->number++;
            return BF_OK;
        }
    }
    w->number += w->offset > w->begin;
    return w->offset > w->begin ? BF_OK : BF_END;
}

void bf_lines_done(struct bf_lines *w)
{
    bf_buf_done(&w->line);
    free(w->chunk);
    w->chunk = NULL;
}
