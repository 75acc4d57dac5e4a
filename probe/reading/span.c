/* Pieces of a reply. */
#include "probe/reading/span.h"

#include <ctype.h>
#include <string.h>

size_t bf_span_blank(struct bf_span t)
{
    /* what is white space beyond ASCII: U+0085, U+00A0, U+1680, U+2000 .. 200A, 2028, 2029, 202F,
     * 205F, 3000 */
    static const char *const wide[] = {
        "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
        "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
        "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
        "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
    };
    if (t.n == 0)
        return 0;
    const unsigned char c = (unsigned char)*t.s;
    if (c < 0x80)
        return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++) {
        const size_t n = strlen(wide[i]);
        if (n <= t.n && memcmp(t.s, wide[i], n) == 0)
            return n;
    }
    return 0;
}

bool bf_span_is_word(struct bf_span t, size_t i)
{
    if (i >= t.n)
        return false;
    const unsigned char c = (unsigned char)t.s[i];
    if (c < 0x80)
        return isalnum(c) || c == '_';
    return c != 0xe2 && c != 0xc2 && c != 0xe3 && c != 0xef;
}

struct bf_span bf_span_trim(struct bf_span t)
{
    for (size_t n = bf_span_blank(t); n; n = bf_span_blank(t))
        t = bf_span_from(t, n);
    for (size_t n = 1; n <= 3 && n <= t.n;) {
        const bool blank = bf_span_blank(bf_span_from(t, t.n - n)) == n;
        t.n -= blank ? n : 0;
        n = blank ? 1 : n + 1;
    }
    return t;
}

bool bf_span_begins(struct bf_span t, const char *words)
{
    for (size_t i = 0; words[i]; i++)
        if (i >= t.n || tolower((unsigned char)t.s[i]) != tolower((unsigned char)words[i]))
            return false;
    return true;
}

size_t bf_span_count_words(struct bf_span t)
{
    size_t n_words = 0;
    bool inside = false;
    while (t.n) {
        const size_t n = bf_span_blank(t);
        n_words += !n && !inside;
        inside = n == 0;
        t = bf_span_from(t, n ? n : 1);
    }
    return n_words;
}

struct bf_span bf_span_line(struct bf_span *t)
{
    const char *end = t->n ? memchr(t->s, '\n', t->n) : NULL;
    const struct bf_span line = { t->s, end ? (size_t)(end - t->s) : t->n };
    *t = bf_span_from(*t, line.n + (end != NULL));
    return line;
}

size_t bf_span_find(struct bf_span t, const char *words)
{
    for (size_t i = 0; i < t.n; i++)
        if (bf_span_begins(bf_span_from(t, i), words))
            return i;
    return t.n;
}
