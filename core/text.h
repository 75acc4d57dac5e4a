#ifndef BF_CORE_TEXT_H
#define BF_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/api.h"

struct bf_buf;

/* Read one number that is the whole text (blanks around it allowed), in C's own spelling
 * whatever the locale. "nan", "inf" and hexadecimal are refused. */
bool bf_text_number(const char *s, double *out);

/* The same for a whole number in the range of int64_t; "1e3" is refused. */
BF_API bool bf_text_integer(const char *s, int64_t *out);

/* Whether `n` bytes are well-formed UTF-8 without NUL. */
bool bf_text_is_utf8(const char *s, size_t n);

/* Make `s` one line of UTF-8 that drives no terminal: a control character, and a byte that is part
 * of no character, become '?'. */
void bf_text_plain(char *s);

/* Edit distance (insert, delete, replace, swap of neighbours) in bytes, up to `limit` + 1. */
int bf_text_distance(const char *a, const char *b, int limit);

/* The candidate nearest to `word` when it is close enough to be a slip of the pen, else NULL.
 * `candidates` ends with NULL. */
BF_API const char *bf_text_near(const char *word, const char *const *candidates);

/* A YAML scalar that reads back as the UTF-8 text `s`, in block and in flow style: bare where
 * nothing could mistake it, else in double quotes. */
void bf_text_yaml(struct bf_buf *out, const char *s);

#endif
