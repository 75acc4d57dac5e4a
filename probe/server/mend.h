#ifndef BF_PROBE_SERVER_MEND_H
#define BF_PROBE_SERVER_MEND_H

#include "core/buf.h"
#include "core/json.h"

/* JSON as servers write it, made readable for a strict parser, which bf_json_parse is: bytes that
 * are no UTF-8, NULs (bare or as \u0000) and halves of surrogate pairs become U+FFFD, other bare
 * control characters inside strings become blanks. Whatever else is wrong stays wrong. */
void bf_mend_json(const char *text, size_t n, struct bf_buf *out);

/* bf_json_parse(), of the text mended when it needs that. */
int bf_mend_parse(const char *text, size_t n, struct bf_json_doc **doc_out, struct bf_err *err);

/* Cut off what is left of a character at the end of `text`. */
void bf_mend_end(char *text);

#endif
