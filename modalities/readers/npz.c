/* Traces from NumPy's .npz: a ZIP archive of .npy files. */
#include <stdio.h>
#include <string.h>

#include "modalities/readers/npy.h"
#include "modalities/readers/stores.h"
#include "modalities/readers/zip.h"

struct npz {
    struct bf_zip_entry *entries;
    const struct bf_limits *limits;
};

static int load(void *ctx, struct bf_array *x, struct bf_arena *a, struct bf_err *err)
{
    const struct npz *z = ctx;
    const struct bf_zip_entry *e = &z->entries[x->place];
    struct bf_array again;
    uint8_t *bytes;
    size_t data;
    if (x->rows > z->limits->trace_values / x->cols)
        return bf_fail(err, BF_EDATA, "the array '%.40s' has %zu x %zu values, limit %zu", x->name,
                       x->rows, x->cols, z->limits->trace_values);
    /* 8 bytes a value and a header: whatever else it claims to be is not needed. */
    if (e->n > z->limits->trace_values * 8 + BF_NPY_MAX_HEADER)
        return bf_fail(err, BF_EDATA, "the array '%.40s' has %llu bytes, limit %zu", x->name,
                       (unsigned long long)e->n, z->limits->trace_values * 8 + BF_NPY_MAX_HEADER);
    BF_TRY(bf_zip_unpack(e, (size_t)e->n, &bytes, a, err));
    BF_TRY(bf_npy_header(bytes, (size_t)e->n, &again, &data, a, err));
    if (x->rows * x->cols > ((size_t)e->n - data) / (size_t)x->size)
        return bf_fail(err, BF_EDATA, "the array '%.40s' ends early", x->name);
    x->bytes = bytes + data;
    return BF_OK;
}

/* The header of each entry alone, so that nothing large is unpacked but what is wanted. Texts and
 * objects among them are passed over. */
static int list_arrays(struct npz *z, size_t n, struct bf_arrays *out, struct bf_arena *a,
                       struct bf_err *err)
{
    struct bf_array *list = bf_arena_alloc(a, n + 1, sizeof *list);
    if (!list)
        return bf_fail_memory(err, "a trace");
    for (size_t i = 0; i < n; i++) {
        const struct bf_zip_entry *e = &z->entries[i];
        const size_t n_name = strlen(e->name);
        const size_t n_head = e->n < BF_NPY_MAX_HEADER ? (size_t)e->n : BF_NPY_MAX_HEADER;
        struct bf_array *x = &list[out->n];
        uint8_t *head;
        size_t data;
        int rc = bf_zip_unpack(e, n_head, &head, a, err);
        if (rc == BF_OK)
            rc = bf_npy_header(head, n_head, x, &data, a, err);
        if (rc == BF_ENOMEM)
            return rc;
        if (rc < 0)
            continue;
        x->place = i;
        x->name = n_name > 4 && strcmp(e->name + n_name - 4, ".npy") == 0
                      ? bf_arena_strndup(a, e->name, n_name - 4)
                      : e->name;
        if (!x->name)
            return bf_fail_memory(err, "a trace");
        out->n++;
    }
    out->list = list;
    return BF_OK;
}

int bf_npz_trace(const uint8_t *bytes, size_t n, const struct bf_trace_how *how,
                 const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err)
{
    struct npz z = { .limits = limits };
    struct bf_arrays arrays = { .load = load, .ctx = &z };
    struct bf_media_info got = { .format = "npz", .ext = "npz", .decoder = "npz" };
    size_t n_entries = 0;
    BF_TRY(bf_zip_list(bytes, n, &z.entries, &n_entries, a, err));
    struct bf_err why = { 0 };
    BF_TRY(list_arrays(&z, n_entries, &arrays, a, &why));
    if (arrays.n == 0 && why.msg[0])
        return bf_fail(err, BF_EDATA, "%s", why.msg);
    BF_TRY(bf_arrays_scalars(&arrays, a, err));
    BF_TRY(bf_arrays_trace(&arrays, how, limits, out, &got, a, err));
    *info = got;
    return BF_OK;
}
