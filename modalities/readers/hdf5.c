/* Traces from HDF5 files; the only file that includes it. */
#include "modalities/readers/stores.h"

#include <stdio.h>
#include <string.h>

static const char signature[] = "\x89HDF\r\n\x1a\n";

/* The superblock may stand behind a block of someone else's, as MATLAB's (HDF5 format, II.A). */
bool bf_is_hdf5(const uint8_t *bytes, size_t n)
{
    for (size_t at = 0; at <= 4096 && at + 8 <= n; at = at ? 2 * at : 512)
        if (memcmp(bytes + at, signature, 8) == 0)
            return true;
    return false;
}

#ifndef BF_HAVE_HDF5

int bf_hdf5_trace(const uint8_t *bytes, size_t n, const struct bf_trace_how *how,
                  const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                  struct bf_arena *a, struct bf_err *err)
{
    (void)bytes;
    (void)n;
    (void)how;
    (void)limits;
    (void)out;
    (void)info;
    (void)a;
    return bf_fail(err, BF_EDATA,
                   "an HDF5 file cannot be read without libhdf5; install it and build again");
}

#else

#define H5_USE_110_API
#include <hdf5.h>

enum { MAX_CHUNK_BYTES = 256 << 20, BLOCK_BYTES = 64 << 10 };

/* A handle of the library, closed by what it is. */
struct handle {
    hid_t id;
    herr_t (*close)(hid_t id);
};

static void close_handle(struct handle *h)
{
    if (h->id >= 0)
        h->close(h->id);
}

struct listing {
    struct bf_arrays *arrays;
    struct bf_arena *a;
    const struct bf_limits *limits;
    hid_t file;
    bool by_matlab; /* dimensions are the other way round, and every array has two */
    bool no_memory, elsewhere;
};

/* Whether MATLAB calls it text. */
static bool is_text(hid_t set)
{
    char class[16] = "";
    if (H5Aexists(set, "MATLAB_class") <= 0)
        return false;
    BF_AUTO(close_handle)
    struct handle at = { H5Aopen(set, "MATLAB_class", H5P_DEFAULT), H5Aclose };
    BF_AUTO(close_handle) struct handle type = { H5Tcopy(H5T_C_S1), H5Tclose };
    BF_AUTO(close_handle) struct handle space = { H5Aget_space(at.id), H5Sclose };
    return type.id >= 0 && H5Sget_simple_extent_npoints(space.id) == 1 &&
           H5Tset_size(type.id, sizeof class) >= 0 && H5Aread(at.id, type.id, class) >= 0 &&
           memcmp(class, "char", 5) == 0;
}

/* Whether its values lie in this file, in pieces of a sane size. */
static bool is_inside(hid_t set)
{
    BF_AUTO(close_handle) struct handle how = { H5Dget_create_plist(set), H5Pclose };
    BF_AUTO(close_handle) struct handle type = { H5Dget_type(set), H5Tclose };
    if (how.id < 0 || type.id < 0 || H5Pget_external_count(how.id) != 0)
        return false;
    const H5D_layout_t layout = H5Pget_layout(how.id);
    if (layout == H5D_CHUNKED) {
        hsize_t dims[H5S_MAX_RANK];
        const int n = H5Pget_chunk(how.id, H5S_MAX_RANK, dims);
        double bytes = (double)H5Tget_size(type.id);
        for (int i = 0; i < n; i++)
            bytes *= (double)dims[i];
        return n > 0 && bytes <= MAX_CHUNK_BYTES;
    }
    return layout == H5D_COMPACT || layout == H5D_CONTIGUOUS;
}

/* The shape of a data set of numbers; false for all others. */
static bool describe(const struct listing *l, hid_t set, struct bf_array *x)
{
    BF_AUTO(close_handle) struct handle space = { H5Dget_space(set), H5Sclose };
    BF_AUTO(close_handle) struct handle type = { H5Dget_type(set), H5Tclose };
    const H5T_class_t class = H5Tget_class(type.id);
    if (space.id < 0 || type.id < 0 || (class != H5T_INTEGER && class != H5T_FLOAT) ||
        (l->by_matlab && is_text(set)))
        return false;
    hsize_t dims[H5S_MAX_RANK] = { 1, 1 };
    const int n_dims = H5Sget_simple_extent_ndims(space.id);
    if (n_dims < 0 || H5Sget_simple_extent_dims(space.id, dims, NULL) < 0)
        return false;
    *x = (struct bf_array){ .kind = 'f', .size = 8, .wrong = n_dims > 2, .rows = 1, .cols = 1 };
    uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    x->big = first == 0;
    if (x->wrong || n_dims < 0)
        return true;
    const size_t most = (size_t)1 << 48; /* far beyond every limit, and no product overflows */
    x->rows = n_dims > 0 && dims[0] < most ? (size_t)dims[0] : n_dims > 0 ? most : 1;
    x->cols = n_dims > 1 && dims[1] < most ? (size_t)dims[1] : n_dims > 1 ? most : 1;
    if (x->cols && x->rows > most / x->cols)
        x->rows = most / x->cols;
    bf_array_dense(x, false);
    if (l->by_matlab) {
        const struct bf_array from = *x;
        const bool vector = from.rows == 1 || from.cols == 1;
        x->rows = vector ? from.rows * from.cols : from.cols;
        x->cols = vector ? 1 : from.rows;
        bf_array_dense(x, true);
    }
    return true;
}

static herr_t visit(hid_t root, const char *name, const H5O_info_t *info, void *ctx)
{
    struct listing *l = ctx;
    struct bf_array x;
    if (info->type != H5O_TYPE_DATASET || name[0] == '#') /* '#refs#': what cells point to */
        return 0;
    if (l->arrays->n == BF_MAX_ARRAYS)
        return 1;
    BF_AUTO(close_handle) struct handle set = { H5Dopen2(root, name, H5P_DEFAULT), H5Dclose };
    if (set.id < 0 || !describe(l, set.id, &x))
        return 0;
    if (!is_inside(set.id)) {
        l->elsewhere = true;
        return 0;
    }
    x.name = bf_arena_strdup(l->a, name);
    l->no_memory |= !x.name;
    l->arrays->list[l->arrays->n++] = x;
    return l->no_memory;
}

static int load(void *ctx, struct bf_array *x, struct bf_arena *a, struct bf_err *err)
{
    const struct listing *l = ctx;
    if (x->rows > l->limits->trace_values / x->cols)
        return bf_fail(err, BF_EDATA, "the data set '%.40s' has %zu x %zu values, limit %zu",
                       x->name, x->rows, x->cols, l->limits->trace_values);
    double *v = bf_arena_alloc(a, x->rows * x->cols + 1, sizeof *v);
    if (!v)
        return bf_fail_memory(err, "a trace");
    BF_AUTO(close_handle) struct handle set = { H5Dopen2(l->file, x->name, H5P_DEFAULT), H5Dclose };
    if (set.id < 0 || H5Dread(set.id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, v) < 0)
        return bf_fail(err, BF_EDATA,
                       "the data set '%.40s' is damaged, or packed in a way that is not known",
                       x->name);
    x->bytes = (const uint8_t *)v;
    return BF_OK;
}

int bf_hdf5_trace(const uint8_t *bytes, size_t n, const struct bf_trace_how *how,
                  const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                  struct bf_arena *a, struct bf_err *err)
{
    struct bf_arrays arrays = { 0 };
    struct bf_media_info got = { .format = "hdf5", .ext = "h5", .decoder = "libhdf5" };
    /* Nothing on standard error, no code loaded to unpack, no byte from anywhere else. */
    (void)H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    (void)H5PLset_loading_state(0);
    BF_AUTO(close_handle) struct handle by = { H5Pcreate(H5P_FILE_ACCESS), H5Pclose };
    /* The library copies the image. */
    if (by.id < 0 || H5Pset_fapl_core(by.id, BLOCK_BYTES, 0) < 0 ||
        H5Pset_file_image(by.id, (void *)(uintptr_t)bytes, n) < 0)
        return bf_fail_memory(err, "an HDF5 file");
    BF_AUTO(close_handle)
    struct handle file = { H5Fopen("image", H5F_ACC_RDONLY, by.id), H5Fclose };
    if (file.id < 0)
        return bf_fail(err, BF_EDATA, "the HDF5 file is damaged, or ends early");
    struct listing l = { .arrays = &arrays, .a = a, .limits = limits, .file = file.id };
    l.by_matlab = n > 10 && memcmp(bytes, "MATLAB 7.3", 10) == 0;
    arrays.list = bf_arena_alloc(a, BF_MAX_ARRAYS, sizeof *arrays.list);
    arrays.load = load;
    arrays.ctx = &l;
    if (!arrays.list)
        return bf_fail_memory(err, "a trace");
    if (H5Ovisit(file.id, H5_INDEX_NAME, H5_ITER_INC, visit, &l) < 0 || l.no_memory)
        return l.no_memory ? bf_fail_memory(err, "a trace")
                           : bf_fail(err, BF_EDATA, "the HDF5 file is damaged");
    if (arrays.n == 0 && l.elsewhere)
        return bf_fail(err, BF_EDATA, "the HDF5 file keeps its values in other files");
    if (l.by_matlab)
        snprintf(got.ext, sizeof got.ext, "mat");
    BF_TRY(bf_arrays_scalars(&arrays, a, err));
    BF_TRY(bf_arrays_trace(&arrays, how, limits, out, &got, a, err));
    *info = got;
    return BF_OK;
}

#endif
