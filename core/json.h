#ifndef BF_CORE_JSON_H
#define BF_CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"

/* One parsed JSON text (RFC 8259, strict), and a view of a value in it. All strings returned live
 * as long as the document; they are UTF-8 and NUL-terminated, and a string with an embedded NUL
 * is refused when parsing. Nothing here recurses deeper than 64 levels. */
struct bf_json;
struct bf_json_doc;

enum bf_json_kind {
    BF_JSON_NULL,
    BF_JSON_BOOL,
    BF_JSON_NUMBER,
    BF_JSON_STRING,
    BF_JSON_ARRAY,
    BF_JSON_OBJECT
};

/* BF_EDATA: "not JSON: unexpected character at byte 17"; duplicate keys in the top object too.
 * The document is freed with bf_json_free. */
int bf_json_parse(const char *text, size_t n, struct bf_json_doc **doc_out, struct bf_err *err);
void bf_json_free(struct bf_json_doc **doc);

const struct bf_json *bf_json_root(const struct bf_json_doc *doc);
enum bf_json_kind bf_json_kind(const struct bf_json *v);

/* "a string", "a list": for messages. */
const char *bf_json_kind_name(const struct bf_json *v);

/* Member of an object, or NULL when it is absent or `v` is no object. */
const struct bf_json *bf_json_get(const struct bf_json *v, const char *key);

size_t bf_json_count(const struct bf_json *v); /* of an array or object, else 0 */

/* Items of an array, or values of an object, by position; O(1) amortised when asked in order is
 * not promised: use bf_json_each for long ones. NULL past the end. */
const struct bf_json *bf_json_at(const struct bf_json *v, size_t i);

/* Walk an array or object: call with *it = 0 first. False at the end. `key_out` (may be NULL) is
 * NULL for arrays. */
struct bf_json_iter {
    size_t i;
    const void *at;
};
bool bf_json_each(const struct bf_json *v, struct bf_json_iter *it, const char **key_out,
                  const struct bf_json **value_out);

const char *bf_json_string(const struct bf_json *v); /* NULL when it is no string */
bool bf_json_number(const struct bf_json *v, double *out);
bool bf_json_is_true(const struct bf_json *v);

/* The value as the pool wrote it, for scalars: numbers in their shortest form. NULL for arrays,
 * objects and null. */
const char *bf_json_scalar(const struct bf_json *v, struct bf_arena *a);

/* The value as compact JSON, numbers past 64 bits with all their digits. */
void bf_json_print(const struct bf_json *v, struct bf_buf *out);

#endif
