#include "core/buf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct bf_buf *b, size_t n)
{
    const size_t max = b->max ? b->max : (size_t)1 << 30;
    if (b->failed || n > max || b->len > max - n) {
        b->failed = true;
        return false;
    }
    if (b->len + n < b->cap)
        return true;
    size_t cap = b->cap ? b->cap * 2 : 256;
    while (cap <= b->len + n)
        cap *= 2;
    char *data = realloc(b->data, cap);
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

void bf_buf_add(struct bf_buf *b, const void *p, size_t n)
{
    if (!reserve(b, n))
        return;
    if (n)
        memcpy(b->data + b->len, p, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void bf_buf_str(struct bf_buf *b, const char *s)
{
    bf_buf_add(b, s, strlen(s));
}

void bf_buf_char(struct bf_buf *b, char c)
{
    bf_buf_add(b, &c, 1);
}

void bf_buf_printf(struct bf_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0 || !reserve(b, (size_t)n)) {
        b->failed = true;
        return;
    }
    va_start(ap, fmt);
    vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
}

void bf_buf_num(struct bf_buf *b, double v)
{
    char s[32];
    if (!isfinite(v)) {
        bf_buf_str(b, "null");
        return;
    }
    if (v == floor(v) && fabs(v) < 1e9)
        snprintf(s, sizeof s, "%.0f", v);
    else
        for (int digits = 6; digits <= 17; digits++) {
            snprintf(s, sizeof s, "%.*g", digits, v);
            if (strtod(s, NULL) == v)
                break;
        }
    /* A program that set a locale of its own may get a comma from snprintf. */
    for (char *c = s; *c; c++)
        if (!strchr("0123456789+-eE", *c))
            *c = '.';
    bf_buf_str(b, s);
}

void bf_buf_json_part(struct bf_buf *b, const char *s, size_t n)
{
    size_t run = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
            continue;
        bf_buf_add(b, s + run, i - run);
        run = i + 1;
        if (c == '"' || c == '\\')
            bf_buf_add(b, c == '"' ? "\\\"" : "\\\\", 2);
        else if (c == '\n')
            bf_buf_add(b, "\\n", 2);
        else if (c == '\t')
            bf_buf_add(b, "\\t", 2);
        else
            bf_buf_printf(b, "\\u%04x", c);
    }
    bf_buf_add(b, s + run, n - run);
}

void bf_buf_json(struct bf_buf *b, const char *s)
{
    bf_buf_char(b, '"');
    bf_buf_json_part(b, s, strlen(s));
    bf_buf_char(b, '"');
}

void bf_buf_done(struct bf_buf *b)
{
    free(b->data);
    *b = (struct bf_buf){ .max = b->max };
}
