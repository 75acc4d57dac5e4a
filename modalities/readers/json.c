/* Traces from JSON. */
#include "core/json.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "modalities/readers/stores.h"

enum { MAX_DEPTH = 4 };

struct json {
    struct bf_arrays found;
    const char **names; /* of columns, by a list of texts */
    size_t n_names;
    const struct bf_limits *limits;
    size_t n_values; /* taken so far */
    bool big;        /* how this machine keeps numbers */
};

bool bf_is_json(const char *text, size_t n)
{
    size_t i = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (i < n && isspace((unsigned char)text[i]))
        i++;
    return i < n && (text[i] == '[' || text[i] == '{');
}

static bool value_of(const struct bf_json *v, double *out)
{
    *out = NAN;
    return bf_json_kind(v) == BF_JSON_NULL || bf_json_number(v, out);
}

/* Room for an array that `name` calls. */
static int new_array(struct json *j, const char *name, size_t rows, size_t cols, double **v_out,
                     struct bf_arena *a, struct bf_err *err)
{
    if (j->found.n == BF_MAX_ARRAYS)
        return bf_fail(err, BF_EDATA, "it holds more than %d lists", BF_MAX_ARRAYS);
    if (cols && rows > (j->limits->trace_values - j->n_values) / cols)
        return bf_fail(err, BF_EDATA, "it holds more than %zu numbers", j->limits->trace_values);
    j->n_values += rows * cols;
    *v_out = bf_arena_alloc(a, rows * cols + 1, sizeof **v_out);
    struct bf_array x = { .name = bf_arena_strdup(a, name), .kind = 'f', .size = 8, .big = j->big };
    if (!*v_out || !x.name)
        return bf_fail_memory(err, "a trace");
    x.rows = rows;
    x.cols = cols;
    x.bytes = (const uint8_t *)*v_out;
    bf_array_dense(&x, false);
    j->found.list[j->found.n++] = x;
    return BF_OK;
}

static int take_numbers(struct json *j, const char *name, const struct bf_json *list,
                        struct bf_arena *a, struct bf_err *err)
{
    double *v;
    size_t i = 0;
    const struct bf_json *item;
    BF_TRY(new_array(j, name, bf_json_count(list), 1, &v, a, err));
    for (struct bf_json_iter it = { 0 }; bf_json_each(list, &it, NULL, &item); i++)
        if (!value_of(item, &v[i]))
            return bf_fail(err, BF_EDATA, "item %zu of a list is %s, not a number", i + 1,
                           bf_json_kind_name(item));
    return BF_OK;
}

static int take_rows(struct json *j, const char *name, const struct bf_json *list,
                     struct bf_arena *a, struct bf_err *err)
{
    double *v;
    size_t i = 0;
    const struct bf_json *row, *item;
    const size_t cols = bf_json_count(bf_json_at(list, 0));
    BF_TRY(new_array(j, name, bf_json_count(list), cols, &v, a, err));
    for (struct bf_json_iter it = { 0 }; bf_json_each(list, &it, NULL, &row); i++) {
        size_t k = 0;
        if (bf_json_kind(row) != BF_JSON_ARRAY || bf_json_count(row) != cols)
            return bf_fail(err, BF_EDATA, "row %zu has %zu values, the first %zu", i + 1,
                           bf_json_count(row), cols);
        for (struct bf_json_iter in = { 0 }; bf_json_each(row, &in, NULL, &item); k++)
            if (!value_of(item, &v[i * cols + k]))
                return bf_fail(err, BF_EDATA, "row %zu: value %zu is %s, not a number", i + 1,
                               k + 1, bf_json_kind_name(item));
    }
    return BF_OK;
}

/* Objects with the same keys: those whose value in the first is a number are channels. */
static int take_objects(struct json *j, const struct bf_json *list, struct bf_arena *a,
                        struct bf_err *err)
{
    const struct bf_json *row, *first = bf_json_at(list, 0), *item;
    const size_t n = bf_json_count(list);
    const char *key;
    double value, *v;
    const size_t begin = j->found.n;
    for (struct bf_json_iter it = { 0 }; bf_json_each(first, &it, &key, &item);)
        if (value_of(item, &value))
            BF_TRY(new_array(j, key, n, 1, &v, a, err));
    size_t i = 0;
    for (struct bf_json_iter it = { 0 }; bf_json_each(list, &it, NULL, &row); i++)
        for (size_t k = begin; k < j->found.n; k++) {
            const struct bf_array *x = &j->found.list[k];
            item = bf_json_get(row, x->name);
            value = NAN;
            if (bf_json_kind(row) != BF_JSON_OBJECT || (item && !value_of(item, &value)))
                return bf_fail(err, BF_EDATA, "row %zu: '%.40s' is not a number", i + 1, x->name);
            memcpy((uint8_t *)(uintptr_t)x->bytes + i * sizeof value, &value, sizeof value);
        }
    return BF_OK;
}

static int take_texts(struct json *j, const struct bf_json *list, struct bf_arena *a,
                      struct bf_err *err)
{
    const size_t n = bf_json_count(list);
    const struct bf_json *item;
    size_t i = 0;
    const char **names = bf_arena_alloc(a, n, sizeof *names);
    if (!names)
        return bf_fail_memory(err, "a trace");
    for (struct bf_json_iter it = { 0 }; bf_json_each(list, &it, NULL, &item); i++) {
        const char *name = bf_json_string(item);
        names[i] = name ? bf_arena_strdup(a, name) : NULL;
        if (!names[i])
            return name ? bf_fail_memory(err, "a trace") : BF_OK;
    }
    j->names = names;
    j->n_names = n;
    return BF_OK;
}

static int take_list(struct json *j, const char *name, const struct bf_json *v, struct bf_arena *a,
                     struct bf_err *err)
{
    const struct bf_json *first = bf_json_at(v, 0);
    if (!first)
        return BF_OK;
    switch (bf_json_kind(first)) {
    case BF_JSON_NULL:
    case BF_JSON_NUMBER:
        return take_numbers(j, name, v, a, err);
    case BF_JSON_ARRAY:
        return take_rows(j, name, v, a, err);
    case BF_JSON_OBJECT:
        return take_objects(j, v, a, err);
    case BF_JSON_STRING:
        if (strcmp(name, "names") == 0 || strcmp(name, "channels") == 0 ||
            strcmp(name, "columns") == 0)
            return take_texts(j, v, a, err);
        return BF_OK;
    case BF_JSON_BOOL:
        break;
    }
    return BF_OK;
}

static int take_object(struct json *j, const struct bf_json *v, int depth, struct bf_arena *a,
                       struct bf_err *err)
{
    const char *key;
    const struct bf_json *item;
    for (struct bf_json_iter it = { 0 }; bf_json_each(v, &it, &key, &item);) {
        double number;
        const char *text = bf_json_string(item);
        if (bf_json_kind(item) == BF_JSON_ARRAY)
            BF_TRY(take_list(j, key, item, a, err));
        else if (bf_json_kind(item) == BF_JSON_OBJECT && depth < MAX_DEPTH)
            BF_TRY(take_object(j, item, depth + 1, a, err));
        else if (bf_json_number(item, &number) && bf_is_rate(key) && number > 0 && number < 1e12)
            j->found.rate_hz = number;
        else if (text && (strcmp(key, "unit") == 0 || strcmp(key, "units") == 0)) {
            j->found.unit = bf_arena_strdup(a, text);
            if (!j->found.unit)
                return bf_fail_memory(err, "a trace");
        }
    }
    return BF_OK;
}

static void free_json(struct bf_json_doc **doc)
{
    bf_json_free(doc);
}

int bf_json_trace(const char *text, size_t n, const struct bf_trace_how *how,
                  const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                  struct bf_arena *a, struct bf_err *err)
{
    BF_AUTO(free_json) struct bf_json_doc *doc = NULL;
    const size_t mark = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    struct json j = { .limits = limits };
    struct bf_media_info got = { .format = "json", .ext = "json", .decoder = "json" };
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    j.big = first == 0;
    j.found.list = bf_arena_alloc(a, BF_MAX_ARRAYS, sizeof *j.found.list);
    if (!j.found.list)
        return bf_fail_memory(err, "a trace");
    BF_TRY(bf_json_parse(text + mark, n - mark, &doc, err));
    const struct bf_json *root = bf_json_root(doc);
    BF_TRY(bf_json_kind(root) == BF_JSON_ARRAY ? take_list(&j, "", root, a, err)
                                               : take_object(&j, root, 0, a, err));
    j.found.names = j.names;
    j.found.n_names = j.n_names;
    BF_TRY(bf_arrays_trace(&j.found, how, limits, out, &got, a, err));
    *info = got;
    return BF_OK;
}
