/* Traces from NumPy's .npy files. */
#include "modalities/readers/npy.h"

#include "core/npy.h"

int bf_npy_header(const uint8_t *bytes, size_t n, struct bf_array *out, size_t *data_out,
                  struct bf_arena *a, struct bf_err *err)
{
    struct bf_npy head;
    BF_TRY(bf_npy_read_header(bytes, n, &head, a, err));
    struct bf_array x = { .name = "",
                          .kind = head.type.kind,
                          .size = head.type.size,
                          .big = head.big,
                          .wrong = head.n_dims > 2,
                          .rows = head.shape[0],
                          .cols = head.shape[1] };
    bf_array_dense(&x, head.fortran);
    *data_out = head.data;
    *out = x;
    return BF_OK;
}

int bf_npy_trace(const uint8_t *bytes, size_t n, const struct bf_trace_how *how,
                 const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err)
{
    struct bf_array x;
    size_t data;
    BF_TRY(bf_npy_header(bytes, n, &x, &data, a, err));
    if (x.wrong)
        return bf_fail(err, BF_EDATA, "the npy shape is neither [n] nor [n][channels]");
    const size_t there = (n - data) / (size_t)x.size;
    if (x.rows * x.cols > there)
        return bf_fail(err, BF_EDATA, "the npy file ends early: %zu of %zu values", there,
                       x.rows * x.cols);
    x.bytes = bytes + data;
    struct bf_arrays one = { .list = &x, .n = 1 };
    struct bf_trace_how with = *how;
    with.array = "auto";
    struct bf_media_info got = { .format = "npy", .ext = "npy", .decoder = "npy" };
    BF_TRY(bf_arrays_trace(&one, &with, limits, out, &got, a, err));
    *info = got;
    return BF_OK;
}
