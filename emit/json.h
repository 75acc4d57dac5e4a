#ifndef BF_EMIT_JSON_H
#define BF_EMIT_JSON_H

#include "core/buf.h"

/* Begin a member of the object, or an item of the list, that `b` ends in: a comma unless it is the
 * first, then the name. Works on whole lines: the start of the object must be in the buffer. */
void bf_json_member(struct bf_buf *b, const char *name);
void bf_json_item(struct bf_buf *b);

/* A member with a string. */
void bf_json_text(struct bf_buf *b, const char *name, const char *value);

#endif
