/* Files of vectors: NumPy's NPY with ids beside it, and JSON lines. */
#include "probe/builtin/vectors.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/json.h"
#include "core/npy.h"
#include "core/text.h"
#include "probe/lines.h"

enum {
    MAX_LINE = 64 << 20, /* bytes of JSON: 26 vectors of 65,536 values, as written by Python */
    MAX_ID_LINE = 1 << 16,
    CHUNK = 1 << 16
};

/* A walk on its way. */
struct walk {
    struct bf_vectors x;
    int (*visit)(void *ctx, const struct bf_vectors *x, struct bf_err *err);
    void *ctx;
    int dims[2]; /* of samples' and of choices' vectors, 0 until one was seen */
    float *v;    /* [cap] */
    size_t cap;
};

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The descriptor, or BF_EINVAL: that the file is not there is a fault of the spec. */
static int open_input(const char *path, struct bf_err *err)
{
    const int fd = bf_file_open(path, path, err);
    if (fd < 0 && err)
        err->code = BF_EINVAL;
    return fd < 0 ? BF_EINVAL : fd;
}

int bf_vectors_fail(const struct bf_vectors *x, struct bf_err *err, const char *fmt, ...)
{
    char why[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    if (!x->id)
        return bf_fail(err, BF_EINVAL, "'%s' %s %llu: %s", x->file, x->what,
                       (unsigned long long)x->at, why);
    return bf_fail(err, BF_EINVAL, "'%s' %s %llu, id '%.100s': %s", x->file, x->what,
                   (unsigned long long)x->at, x->id, why);
}

static int reserve(struct walk *w, size_t n, struct bf_err *err)
{
    if (n <= w->cap)
        return BF_OK;
    float *more = realloc(w->v, n * sizeof *more);
    if (!more)
        return bf_fail_memory(err, "vectors");
    w->v = more;
    w->cap = n;
    return BF_OK;
}

/* Value `i` of the vector at `to`: a finite one, in the range of a float. */
static int put(const struct walk *w, float *to, size_t i, double value, struct bf_err *err)
{
    const float v = (float)value;
    if (!isfinite(value) || !isfinite(v))
        return bf_vectors_fail(&w->x, err, "value %zu is %g; allowed: finite ones", i + 1, value);
    to[i] = v;
    return BF_OK;
}

/* All vectors of one kind are of one length. */
static int give(struct walk *w, struct bf_err *err)
{
    int *dim = &w->dims[w->x.of_choices];
    if (*dim == 0)
        *dim = w->x.dim;
    if (w->x.dim != *dim)
        return bf_vectors_fail(&w->x, err, "a vector has %d values, those before it %d", w->x.dim,
                               *dim);
    w->x.v = w->v;
    return w->visit(w->ctx, &w->x, err);
}

/* ---- NPY ---- */

struct npy {
    FILE *f;
    struct bf_npy head;
    const char *path;
};

static void close_file(FILE **f)
{
    if (*f)
        fclose(*f);
}

static int refuse_shape(const struct npy *x, struct bf_err *err)
{
    const char *file = name_of(x->path);
    const size_t dim = x->head.shape[1];
    if (x->head.type.kind != 'f')
        return bf_fail(err, BF_EINVAL, "'%s' holds numbers of type '%c%d'; allowed: f2, f4 or f8",
                       file, x->head.type.kind, x->head.type.size);
    if (x->head.n_dims != 2)
        return bf_fail(err, BF_EINVAL, "'%s' has %d dimensions; allowed: 2, a row a sample", file,
                       x->head.n_dims);
    if (dim < 1 || dim > BF_EMBEDDING_MAX_DIM)
        return bf_fail(err, BF_EINVAL, "'%s' has vectors of %zu values; allowed: 1 to %d", file,
                       dim, BF_EMBEDDING_MAX_DIM);
    return BF_OK;
}

static int open_npy(struct npy *x, struct bf_err *err)
{
    uint8_t head[BF_NPY_MAX_HEADER];
    struct bf_arena a = { 0 };
    struct bf_err why;
    struct stat st;
    const size_t n = fread(head, 1, sizeof head, x->f);
    int rc = bf_npy_read_header(head, n, &x->head, &a, &why);
    bf_arena_reset(&a);
    if (rc != BF_OK)
        return bf_fail(err, rc == BF_EDATA ? BF_EINVAL : rc, "'%s': %s", name_of(x->path), why.msg);
    BF_TRY(refuse_shape(x, err));
    const size_t n_values = x->head.shape[0] * x->head.shape[1];
    const size_t want = x->head.data + n_values * (size_t)x->head.type.size;
    if (fstat(fileno(x->f), &st) != 0 || fseek(x->f, (long)x->head.data, SEEK_SET) != 0)
        return bf_fail(err, BF_EIO, "cannot read '%s': %s", x->path, strerror(errno));
    if ((uint64_t)st.st_size != want)
        return bf_fail(err, BF_EINVAL, "'%s' has %lld bytes; %zu x %zu values take %zu",
                       name_of(x->path), (long long)st.st_size, x->head.shape[0], x->head.shape[1],
                       want);
    return BF_OK;
}

/* The ids, one a line, as many as there are rows. */
static int read_ids(const char *path, size_t n_rows, const char ***ids_out, struct bf_arena *a,
                    struct bf_err *err)
{
    const int fd = open_input(path, err);
    if (fd < 0)
        return fd;
    struct bf_lines lines = { .fd = fd, .keep = MAX_ID_LINE };
    const char **ids = bf_arena_alloc(a, n_rows + 1, sizeof *ids);
    size_t n = 0;
    int rc = ids ? BF_OK : bf_fail_memory(err, "ids");
    while (rc == BF_OK && (rc = bf_lines_next(&lines, err)) == BF_OK) {
        size_t len = lines.line.len;
        const char *text = len ? lines.line.data : "";
        len -= len > 0 && text[len - 1] == '\r';
        if (len == 0 || lines.length > MAX_ID_LINE || !bf_text_is_utf8(text, len))
            rc = bf_fail(err, BF_EINVAL, "'%s' line %u is %s; allowed: one id", name_of(path),
                         lines.number, len ? "none" : "empty");
        else if (n < n_rows && !(ids[n] = bf_arena_strndup(a, text, len)))
            rc = bf_fail_memory(err, "ids");
        n++;
    }
    bf_lines_done(&lines);
    close(fd);
    if (rc == BF_END && n != n_rows)
        return bf_fail(err, BF_EINVAL, "'%s' has %zu ids for %zu rows of vectors", name_of(path), n,
                       n_rows);
    *ids_out = ids;
    return rc == BF_END ? BF_OK : rc;
}

/* The next `n` values, wherever they belong: value i of them goes to to[i * step]. */
static int read_values(struct npy *x, float *to, size_t n, size_t step, struct bf_err *err)
{
    uint8_t chunk[CHUNK];
    const size_t size = (size_t)x->head.type.size, most = sizeof chunk / size;
    for (size_t i = 0; i < n;) {
        const size_t k = n - i < most ? n - i : most;
        if (fread(chunk, size, k, x->f) != k)
            return bf_fail(err, BF_EIO, "cannot read '%s' to its end", x->path);
        for (size_t j = 0; j < k; j++, i++)
            to[i * step] = (float)bf_number_at(chunk + j * size, x->head.type, x->head.big);
    }
    return BF_OK;
}

static int give_row(struct walk *w, const char *id, size_t row, const float *values,
                    struct bf_err *err)
{
    w->x.id = id;
    w->x.at = row + 1;
    for (int i = 0; i < w->x.dim; i++)
        BF_TRY(put(w, w->v, (size_t)i, (double)values[i], err));
    return give(w, err);
}

/* Row by row; in Fortran order all of it is turned first, since its rows lie scattered. */
static int give_rows(struct walk *w, struct npy *x, const char *const *ids, struct bf_err *err)
{
    const size_t rows = x->head.shape[0], dim = x->head.shape[1];
    const bool turned = x->head.fortran;
    float *held = malloc((turned ? rows : 1) * dim * sizeof *held + 1);
    int rc = held ? reserve(w, dim, err) : bf_fail_memory(err, "vectors");
    for (size_t i = 0; rc == BF_OK && turned && i < dim; i++)
        rc = read_values(x, held + i, rows, dim, err);
    for (size_t r = 0; rc == BF_OK && r < rows; r++) {
        if (!turned)
            rc = read_values(x, held, dim, 1, err);
        if (rc == BF_OK)
            rc = give_row(w, ids[r], r, turned ? held + r * dim : held, err);
    }
    free(held);
    return rc;
}

static int walk_npy(struct walk *w, struct npy *x, const char *ids_path, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    const char **ids = NULL;
    if (!ids_path || !ids_path[0])
        return bf_fail(err, BF_EINVAL,
                       "'%s' names no samples; name the file that does with 'embedding_ids'",
                       name_of(x->path));
    BF_TRY(open_npy(x, err));
    w->x.what = "row";
    w->x.n = 1;
    w->x.dim = (int)x->head.shape[1];
    int rc = read_ids(ids_path, x->head.shape[0], &ids, &a, err);
    if (rc == BF_OK)
        rc = give_rows(w, x, ids, err);
    bf_arena_reset(&a);
    return rc;
}

/* ---- JSON lines ---- */

/* One list of numbers, behind the `k` before it of the same line. */
static int read_list(struct walk *w, const struct bf_json *list, int k, struct bf_err *err)
{
    const size_t dim = bf_json_count(list);
    struct bf_json_iter it = { 0 };
    const struct bf_json *item;
    double value;
    if (bf_json_kind(list) != BF_JSON_ARRAY || dim < 1 || dim > BF_EMBEDDING_MAX_DIM)
        return bf_vectors_fail(&w->x, err, "a vector is %s of %zu; allowed: 1 to %d numbers",
                               bf_json_kind_name(list), dim, BF_EMBEDDING_MAX_DIM);
    if (k > 0 && (int)dim != w->x.dim)
        return bf_vectors_fail(&w->x, err, "a vector has %zu values, those before it %d", dim,
                               w->x.dim);
    w->x.dim = (int)dim;
    BF_TRY(reserve(w, ((size_t)k + 1) * dim, err));
    for (size_t i = 0; bf_json_each(list, &it, NULL, &item); i++) {
        if (!bf_json_number(item, &value))
            return bf_vectors_fail(&w->x, err, "value %zu is %s; allowed: a number", i + 1,
                                   bf_json_kind_name(item));
        BF_TRY(put(w, w->v + (size_t)k * dim, i, value, err));
    }
    w->x.n = k + 1;
    return BF_OK;
}

static int read_lists(struct walk *w, const struct bf_json *lists, struct bf_err *err)
{
    const size_t n = bf_json_count(lists);
    struct bf_json_iter it = { 0 };
    const struct bf_json *list;
    if (bf_json_kind(lists) != BF_JSON_ARRAY || n < 1 || n > BF_MAX_CHOICES)
        return bf_vectors_fail(&w->x, err,
                               "'embeddings' is %s of %zu; allowed: 1 to %d vectors, one a choice",
                               bf_json_kind_name(lists), n, BF_MAX_CHOICES);
    for (int k = 0; bf_json_each(lists, &it, NULL, &list); k++)
        BF_TRY(read_list(w, list, k, err));
    return BF_OK;
}

static int give_line(struct walk *w, const struct bf_json *root, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    const struct bf_json *one = bf_json_get(root, "embedding");
    const struct bf_json *each = bf_json_get(root, "embeddings");
    int rc = BF_OK;
    w->x.id = NULL;
    const char *id = bf_json_scalar(bf_json_get(root, "id"), &a);
    if (!id)
        rc = bf_vectors_fail(&w->x, err, "there is no 'id'");
    w->x.id = id;
    if (rc == BF_OK && !one && !each)
        rc = bf_vectors_fail(&w->x, err, "there is no 'embedding', nor 'embeddings' of choices");
    w->x.of_choices = false;
    if (rc == BF_OK && one)
        rc = read_list(w, one, 0, err);
    if (rc == BF_OK && one)
        rc = give(w, err);
    w->x.of_choices = true;
    if (rc == BF_OK && each)
        rc = read_lists(w, each, err);
    if (rc == BF_OK && each)
        rc = give(w, err);
    bf_arena_reset(&a);
    w->x.id = NULL;
    return rc;
}

static int walk_lines(struct walk *w, int fd, struct bf_err *err)
{
    struct bf_lines lines = { .fd = fd, .keep = MAX_LINE };
    int rc;
    w->x.what = "line";
    while ((rc = bf_lines_next(&lines, err)) == BF_OK) {
        struct bf_json_doc *doc = NULL;
        struct bf_err why;
        const char *text = lines.line.len ? lines.line.data : "";
        w->x.at = lines.number;
        if (strspn(text, " \t\r") == lines.line.len)
            continue;
        if (lines.length > MAX_LINE)
            rc = bf_vectors_fail(&w->x, err, "it has %llu bytes, limit %d",
                                 (unsigned long long)lines.length, MAX_LINE);
        else if ((rc = bf_json_parse(text, lines.line.len, &doc, &why)) == BF_EDATA)
            rc = bf_vectors_fail(&w->x, err, "%s", why.msg);
        else if (rc != BF_OK)
            rc = bf_fail_memory(err, "vectors");
        else
            rc = give_line(w, bf_json_root(doc), err);
        bf_json_free(&doc);
        if (rc != BF_OK)
            break;
    }
    bf_lines_done(&lines);
    return rc == BF_END ? BF_OK : rc;
}

/* ---- either ---- */

static int walk_file(struct walk *w, FILE *f, const struct bf_embedding_files *files,
                     struct bf_err *err)
{
    uint8_t first[8];
    const size_t n = fread(first, 1, sizeof first, f);
    struct npy x = { .f = f, .path = files->path };
    rewind(f);
    if (bf_is_npy(first, n))
        return walk_npy(w, &x, files->ids, err);
    if (files->ids && files->ids[0])
        return bf_fail(err, BF_EINVAL,
                       "'%s' is no NPY file; its lines have ids of their own, and "
                       "'embedding_ids' means nothing",
                       w->x.file);
    if (lseek(fileno(f), 0, SEEK_SET) != 0)
        return bf_fail(err, BF_EIO, "cannot read '%s': %s", files->path, strerror(errno));
    return walk_lines(w, fileno(f), err);
}

int bf_vectors_each(const struct bf_embedding_files *files,
                    int (*visit)(void *ctx, const struct bf_vectors *x, struct bf_err *err),
                    void *ctx, struct bf_err *err)
{
    struct walk w = { .visit = visit, .ctx = ctx, .x = { .file = name_of(files->path) } };
    const int fd = open_input(files->path, err);
    if (fd < 0)
        return fd;
    BF_AUTO(close_file) FILE *f = fdopen(fd, "rb");
    if (!f) {
        close(fd);
        return bf_fail_memory(err, "a file");
    }
    const int rc = walk_file(&w, f, files, err);
    free(w.v);
    return rc;
}
