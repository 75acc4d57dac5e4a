/* Strict JSON: a thin view over yyjson, which is named nowhere else. */
#include "core/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "core/buf.h"
#include "core/text.h"

enum { MAX_DEPTH = 64 };

static yyjson_val *val(const struct bf_json *v)
{
    return (yyjson_val *)(uintptr_t)v;
}

static const struct bf_json *view(const yyjson_val *v)
{
    return (const struct bf_json *)v;
}

/* What yyjson lets pass and we do not: deep nesting, and a NUL written as an escape, which would
 * cut a C string short. Sees brackets and escapes only; all else is the parser's. */
static int scan(const char *s, size_t n, struct bf_err *err)
{
    bool in_string = false;
    int depth = 0;
    for (size_t i = 0; i < n; i++) {
        if (in_string && s[i] == '\\') {
            if (n - i >= 6 && memcmp(s + i, "\\u0000", 6) == 0)
                return bf_fail(err, BF_EDATA, "not JSON we read: \\u0000 at byte %zu", i + 1);
            i++;
        } else if (s[i] == '"') {
            in_string = !in_string;
        } else if (!in_string && (s[i] == '[' || s[i] == '{')) {
            if (++depth > MAX_DEPTH)
                return bf_fail(err, BF_EDATA, "not JSON we read: over %d levels deep at byte %zu",
                               (int)MAX_DEPTH, i + 1);
        } else if (!in_string && (s[i] == ']' || s[i] == '}')) {
            depth--;
        }
    }
    return BF_OK;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A key twice in the top object has no agreed meaning (RFC 8259, 4). */
static int check_keys(yyjson_val *top, struct bf_err *err)
{
    size_t n = yyjson_obj_size(top), i, max;
    if (n < 2)
        return BF_OK;
    const char **keys = calloc(n, sizeof *keys);
    if (!keys)
        return bf_fail_memory(err, "a JSON object");

    yyjson_val *key, *value;
    yyjson_obj_foreach(top, i, max, key, value)
    {
        (void)value;
        keys[i] = yyjson_get_str(key);
    }
    qsort(keys, n, sizeof *keys, by_bytes);
    int rc = BF_OK;
    for (i = 1; i < n && rc == BF_OK; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0)
            rc = bf_fail(err, BF_EDATA, "not JSON we read: key '%.100s' stands twice", keys[i]);
    free(keys);
    return rc;
}

int bf_json_parse(const char *text, size_t n, struct bf_json_doc **doc_out, struct bf_err *err)
{
    BF_TRY(scan(text, n, err));

    yyjson_read_err why = { 0 };
    /* Without the INSITU flag yyjson does not write to its input. Whole numbers past 64 bits keep
     * their digits, because they may be ids. */
    yyjson_doc *doc =
        yyjson_read_opts((char *)(uintptr_t)text, n, YYJSON_READ_BIGNUM_AS_RAW, NULL, &why);
    if (!doc && why.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
        return bf_fail_memory(err, "a JSON text");
    if (!doc)
        return bf_fail(err, BF_EDATA, "not JSON: %s at byte %zu", why.msg, why.pos + 1);

    int rc = check_keys(yyjson_doc_get_root(doc), err);
    if (rc != BF_OK) {
        yyjson_doc_free(doc);
        return rc;
    }
    *doc_out = (struct bf_json_doc *)(void *)doc;
    return BF_OK;
}

void bf_json_free(struct bf_json_doc **doc)
{
    if (!doc)
        return;
    yyjson_doc_free((yyjson_doc *)(void *)*doc);
    *doc = NULL;
}

const struct bf_json *bf_json_root(const struct bf_json_doc *doc)
{
    return view(yyjson_doc_get_root((yyjson_doc *)(uintptr_t)doc));
}

enum bf_json_kind bf_json_kind(const struct bf_json *v)
{
    switch (yyjson_get_type(val(v))) {
    case YYJSON_TYPE_BOOL:
        return BF_JSON_BOOL;
    case YYJSON_TYPE_NUM:
    case YYJSON_TYPE_RAW:
        return BF_JSON_NUMBER;
    case YYJSON_TYPE_STR:
        return BF_JSON_STRING;
    case YYJSON_TYPE_ARR:
        return BF_JSON_ARRAY;
    case YYJSON_TYPE_OBJ:
        return BF_JSON_OBJECT;
    default:
        return BF_JSON_NULL;
    }
}

const char *bf_json_kind_name(const struct bf_json *v)
{
    static const char *const names[] = {
        [BF_JSON_NULL] = "null",       [BF_JSON_BOOL] = "true or false",
        [BF_JSON_NUMBER] = "a number", [BF_JSON_STRING] = "a string",
        [BF_JSON_ARRAY] = "a list",    [BF_JSON_OBJECT] = "an object",
    };
    return names[bf_json_kind(v)];
}

const struct bf_json *bf_json_get(const struct bf_json *v, const char *key)
{
    return view(yyjson_obj_get(val(v), key));
}

size_t bf_json_count(const struct bf_json *v)
{
    return yyjson_is_obj(val(v)) ? yyjson_obj_size(val(v)) : yyjson_arr_size(val(v));
}

const struct bf_json *bf_json_at(const struct bf_json *v, size_t i)
{
    if (!yyjson_is_obj(val(v)))
        return view(yyjson_arr_get(val(v), i));
    struct bf_json_iter it = { 0 };
    const struct bf_json *value;
    while (bf_json_each(v, &it, NULL, &value))
        if (it.i == i + 1)
            return value;
    return NULL;
}

bool bf_json_each(const struct bf_json *v, struct bf_json_iter *it, const char **key_out,
                  const struct bf_json **value_out)
{
    if (it->i >= bf_json_count(v))
        return false;
    /* yyjson keeps an object as key, value, key, value. */
    yyjson_val *at = it->i == 0 ? unsafe_yyjson_get_first(val(v))
                                : unsafe_yyjson_get_next((yyjson_val *)(uintptr_t)it->at);
    bool is_object = yyjson_is_obj(val(v));
    if (key_out)
        *key_out = is_object ? yyjson_get_str(at) : NULL;
    if (is_object)
        at++;
    if (value_out)
        *value_out = view(at);
    it->at = at;
    it->i++;
    return true;
}

const char *bf_json_string(const struct bf_json *v)
{
    return yyjson_get_str(val(v));
}

bool bf_json_number(const struct bf_json *v, double *out)
{
    if (yyjson_is_raw(val(v)))
        return bf_text_number(yyjson_get_raw(val(v)), out);
    if (!yyjson_is_num(val(v)))
        return false;
    *out = yyjson_get_num(val(v));
    return true;
}

bool bf_json_is_true(const struct bf_json *v)
{
    return yyjson_is_true(val(v));
}

const char *bf_json_scalar(const struct bf_json *v, struct bf_arena *a)
{
    yyjson_val *x = val(v);
    if (yyjson_is_str(x))
        return bf_arena_strdup(a, yyjson_get_str(x));
    if (yyjson_is_raw(x))
        return bf_arena_strndup(a, yyjson_get_raw(x), yyjson_get_len(x));
    if (yyjson_is_bool(x))
        return yyjson_get_bool(x) ? "true" : "false";
    if (yyjson_is_uint(x))
        return bf_arena_printf(a, "%llu", (unsigned long long)yyjson_get_uint(x));
    if (yyjson_is_sint(x))
        return bf_arena_printf(a, "%lld", (long long)yyjson_get_sint(x));
    if (!yyjson_is_real(x))
        return NULL;
    struct bf_buf b = { 0 };
    bf_buf_num(&b, yyjson_get_real(x));
    const char *s = b.failed ? NULL : bf_arena_strdup(a, b.data);
    bf_buf_done(&b);
    return s;
}

void bf_json_print(const struct bf_json *v, struct bf_buf *out)
{
    size_t n = 0;
    char *text = yyjson_val_write(val(v), YYJSON_WRITE_NOFLAG, &n);
    if (text)
        bf_buf_add(out, text, n);
    else
        out->failed = true;
    free(text);
}
