#ifndef BF_CORE_BUF_H
#define BF_CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "core/api.h"

/* A growing byte string, for building files and messages. A zeroed one is ready to use.
 * The first failure (no memory, over `max`) sticks in `failed`; later calls do nothing, so
 * that a builder checks once, at the end. */
struct bf_buf {
    char *data; /* NUL-terminated once anything was added; NULL before */
    size_t len; /* bytes, without the NUL */
    size_t cap;
    size_t max; /* largest `len` allowed; 0 = 1 GiB */
    bool failed;
};

BF_API void bf_buf_add(struct bf_buf *b, const void *p, size_t n);
BF_API void bf_buf_str(struct bf_buf *b, const char *s);
BF_API void bf_buf_char(struct bf_buf *b, char c);
BF_API void bf_buf_printf(struct bf_buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A double so that it reads back equal, in the fewest digits that do; "null" when it is not
 * finite. */
BF_API void bf_buf_num(struct bf_buf *b, double v);

/* A JSON string with its quotes; control characters escaped, UTF-8 kept. */
BF_API void bf_buf_json(struct bf_buf *b, const char *s);

/* `n` bytes of UTF-8 as they stand inside a JSON string, without its quotes. */
BF_API void bf_buf_json_part(struct bf_buf *b, const char *s, size_t n);

/* Free the bytes; the buffer is zeroed, except for `max`, and can be used again. */
BF_API void bf_buf_done(struct bf_buf *b);

#endif
