#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"

int bf_fail(struct bf_err *err, int code, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        err->code = code;
        err->line = err->col = 0;
        vsnprintf(err->msg, sizeof err->msg, fmt, ap);
        va_end(ap);
        bf_text_plain(err->msg); /* names and words in it may come from anywhere */
    }
    return code;
}

int bf_fail_at(struct bf_err *err, int code, int line, int col, const char *fmt, ...)
{
    if (err) {
        va_list ap;
        va_start(ap, fmt);
        err->code = code;
        err->line = line;
        err->col = col;
        vsnprintf(err->msg, sizeof err->msg, fmt, ap);
        va_end(ap);
        bf_text_plain(err->msg); /* names and words in it may come from anywhere */
    }
    return code;
}

int bf_fail_in(struct bf_err *err, int code, const char *fmt, ...)
{
    if (err) {
        char old[sizeof err->msg];
        va_list ap;
        memcpy(old, err->msg, sizeof old);
        va_start(ap, fmt);
        int n = vsnprintf(err->msg, sizeof err->msg, fmt, ap);
        va_end(ap);
        err->code = code;
        if (n < 0 || (size_t)n + 2 >= sizeof err->msg)
            return code;
        size_t at = (size_t)n;
        err->msg[at++] = ':';
        err->msg[at++] = ' ';
        size_t len = strlen(old);
        if (len > sizeof err->msg - at - 1)
            len = sizeof err->msg - at - 1;
        memcpy(err->msg + at, old, len);
        err->msg[at + len] = '\0';
        bf_text_plain(err->msg); /* names and words in it may come from anywhere */
    }
    return code;
}

int bf_fail_memory(struct bf_err *err, const char *what)
{
    return bf_fail(err, BF_ENOMEM, "no memory for %s", what);
}
