#ifndef BF_PROBE_READING_SPAN_H
#define BF_PROBE_READING_SPAN_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of a reply, which belongs to somebody else. */
struct bf_span {
    const char *s;
    size_t n;
};

/* Bytes of the white space character at the start (Unicode's, in UTF-8), or 0. */
size_t bf_span_blank(struct bf_span t);

/* Whether byte `i` is part of a word: a letter, a digit, or what is neither ASCII nor
 * punctuation. */
bool bf_span_is_word(struct bf_span t, size_t i);

/* Without white space at both ends. */
struct bf_span bf_span_trim(struct bf_span t);

/* Whether it begins with `words`, case aside (ASCII). */
bool bf_span_begins(struct bf_span t, const char *words);

/* Number of runs of what is not white space. */
size_t bf_span_count_words(struct bf_span t);

/* The first line, without its end; `t` becomes what comes after it. */
struct bf_span bf_span_line(struct bf_span *t);

/* Where `words` first occur, case aside (ASCII); `t.n` when they do not. */
size_t bf_span_find(struct bf_span t, const char *words);

/* What comes after the first `n` bytes. */
static inline struct bf_span bf_span_from(struct bf_span t, size_t n)
{
    return (struct bf_span){ t.s + n, t.n - n };
}

#endif
