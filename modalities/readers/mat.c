/* Traces from MATLAB's files of version 5 ("MAT-File Format", chapter 1), by a reader of our own:
 * tags and zlib. matio would need a name to open, and reads whole variables to know their size. */
#include <stdio.h>
#include <string.h>

#include "modalities/readers/stores.h"
#include "modalities/readers/zip.h"
#include "core/number.h"

enum {
    HEADER_BYTES = 128,
    MAX_DEPTH = 4, /* structures in structures */
    MI_MATRIX = 14,
    MI_COMPRESSED = 15,
    CLASS_STRUCT = 2,
    CLASS_CHAR = 4,
    CLASS_DOUBLE = 6,
    CLASS_UINT64 = 15,
    FLAG_COMPLEX = 0x800,
};

struct mat {
    bool big;
    const struct bf_limits *limits;
    struct bf_arrays found;
    size_t n_unpacked; /* bytes so far */
};

/* A data element; bytes that are left to read, for a run of them. */
struct span {
    const uint8_t *p;
    size_t n;
};
struct element {
    uint32_t type;
    struct span data;
};

static uint32_t word(const struct mat *m, const uint8_t *p, int n)
{
    return (uint32_t)bf_whole(p, n, m->big);
}

/* The next element of a run, or false. Up to four bytes stand in the tag itself. */
static bool next_element(const struct mat *m, struct span *s, struct element *out)
{
    if (s->n < 8)
        return false;
    const uint32_t first = word(m, s->p, 4);
    if (first >> 16) {
        *out = (struct element){ first & 0xffff, { s->p + 4, first >> 16 } };
        s->p += 8;
        s->n -= 8;
        return out->data.n <= 4;
    }
    const size_t n = word(m, s->p + 4, 4);
    if (n > s->n - 8)
        return false;
    *out = (struct element){ first, { s->p + 8, n } };
    size_t all = 8 + n;
    if (first != MI_COMPRESSED) /* these alone are not padded */
        all += (8 - all % 8) % 8;
    all = all < s->n ? all : s->n;
    s->p += all;
    s->n -= all;
    return true;
}

/* How values of a numeric data type lie; false for every other. */
static bool take_type(uint32_t type, struct bf_array *x)
{
    static const struct {
        uint32_t type;
        char kind;
        int size;
    } types[] = { { 1, 'i', 1 }, { 2, 'u', 1 }, { 3, 'i', 2 }, { 4, 'u', 2 },  { 5, 'i', 4 },
                  { 6, 'u', 4 }, { 7, 'f', 4 }, { 9, 'f', 8 }, { 12, 'i', 8 }, { 13, 'u', 8 } };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type) {
            x->kind = types[i].kind;
            x->size = types[i].size;
            return true;
        }
    return false;
}

/* Text is kept when it may be a unit. */
static int take_text(struct mat *m, const char *name, const struct element *e, struct bf_arena *a,
                     struct bf_err *err)
{
    char text[32];
    const size_t size = e->type == 4 || e->type == 17 ? 2 : 1;
    const size_t n = e->data.n / size;
    if ((strcmp(name, "unit") != 0 && strcmp(name, "units") != 0) || n == 0 || n >= sizeof text)
        return BF_OK;
    for (size_t i = 0; i < n; i++) {
        const uint32_t c = word(m, e->data.p + i * size, (int)size);
        if (c < 32 || c > 126)
            return BF_OK;
        text[i] = (char)c;
    }
    m->found.unit = bf_arena_strndup(a, text, n);
    return m->found.unit ? BF_OK : bf_fail_memory(err, "a trace");
}

static int take_array(struct mat *m, const char *name, const struct element *dims, struct span rest,
                      struct bf_err *err)
{
    struct bf_array x = { .name = name, .big = m->big, .rows = 1, .cols = 1 };
    struct element real;
    const size_t n_dims = dims->data.n / 4;
    if (!next_element(m, &rest, &real) || !take_type(real.type, &x) || n_dims < 2)
        return bf_fail(err, BF_EDATA, "the variable '%.40s' is damaged", name);
    x.rows = word(m, dims->data.p, 4);
    x.cols = word(m, dims->data.p + 4, 4);
    x.wrong = n_dims > 2;
    bf_array_dense(&x, true);
    if (x.rows == 1 && x.cols > 1) { /* a row vector is a channel */
        x.rows = x.cols;
        x.cols = 1;
        x.row_step = (size_t)x.size;
    }
    x.bytes = real.data.p;
    if (x.wrong || x.rows == 0 || x.cols == 0) {
        x.rows = x.wrong ? real.data.n / (size_t)x.size : 0; /* of three dimensions the count */
        x.cols = 1;
    } else if (x.rows > real.data.n / (size_t)x.size / x.cols) {
        return bf_fail(err, BF_EDATA, "the variable '%.40s' ends early", name);
    }
    if (m->found.n < BF_MAX_ARRAYS && x.rows)
        m->found.list[m->found.n++] = x;
    return BF_OK;
}

static int take_matrix(struct mat *m, struct span s, const char *prefix, const char *field,
                       int depth, struct bf_arena *a, struct bf_err *err);

/* The fields of a structure; of an array of structures none. */
static int take_struct(struct mat *m, const char *name, const struct element *dims,
                       struct span rest, int depth, struct bf_arena *a, struct bf_err *err)
{
    struct element width, names, e;
    if (dims->data.n < 8 || word(m, dims->data.p, 4) != 1 || word(m, dims->data.p + 4, 4) != 1 ||
        depth >= MAX_DEPTH)
        return BF_OK;
    if (!next_element(m, &rest, &width) || width.data.n < 4 || !next_element(m, &rest, &names))
        return bf_fail(err, BF_EDATA, "the structure '%.40s' is damaged", name);
    const size_t n = word(m, width.data.p, 4);
    for (size_t at = 0; n > 0 && n <= names.data.n - at; at += n) {
        const char *from = (const char *)names.data.p + at;
        const char *field = bf_arena_strndup(a, from, strnlen(from, n));
        if (!field)
            return bf_fail_memory(err, "a trace");
        if (!next_element(m, &rest, &e))
            return bf_fail(err, BF_EDATA, "the structure '%.40s' ends early", name);
        if (e.type == MI_MATRIX && e.data.n)
            BF_TRY(take_matrix(m, e.data, name, field, depth + 1, a, err));
    }
    return BF_OK;
}

static int take_matrix(struct mat *m, struct span s, const char *prefix, const char *field,
                       int depth, struct bf_arena *a, struct bf_err *err)
{
    struct element flags, dims, name, e;
    if (!next_element(m, &s, &flags) || flags.data.n < 8 || !next_element(m, &s, &dims) ||
        !next_element(m, &s, &name))
        return bf_fail(err, BF_EDATA, "a variable in it is damaged");
    const uint32_t bits = word(m, flags.data.p, 4);
    const uint32_t class = bits & 0xff;
    const char *called = prefix ? bf_arena_printf(a, "%s.%s", prefix, field)
                                : bf_arena_strndup(a, (const char *)name.data.p, name.data.n);
    if (!called)
        return bf_fail_memory(err, "a trace");
    if (class == CLASS_STRUCT)
        return take_struct(m, called, &dims, s, depth, a, err);
    if (class == CLASS_CHAR)
        return next_element(m, &s, &e) ? take_text(m, field ? field : called, &e, a, err) : BF_OK;
    if (class < CLASS_DOUBLE || class > CLASS_UINT64 || (bits & FLAG_COMPLEX))
        return BF_OK;
    return take_array(m, called, &dims, s, err);
}

/* A packed variable: its own tag first, which says how large it is. */
static int unpack(struct mat *m, const struct element *packed, struct element *out,
                  struct bf_arena *a, struct bf_err *err)
{
    uint8_t tag[8];
    const size_t most = m->limits->trace_values * 8 + (1 << 20);
    BF_TRY(bf_inflate(packed->data.p, packed->data.n, false, tag, sizeof tag, err));
    const size_t n = word(m, tag + 4, 4);
    if (n > most - m->n_unpacked || n / 1032 > packed->data.n)
        return bf_fail(err, BF_EDATA, "a variable in it has %zu bytes, packed as %zu; limit %zu", n,
                       packed->data.n, most);
    m->n_unpacked += n;
    uint8_t *bytes = bf_arena_alloc(a, 8 + n, 1);
    if (!bytes)
        return bf_fail_memory(err, "a trace");
    BF_TRY(bf_inflate(packed->data.p, packed->data.n, false, bytes, 8 + n, err));
    *out = (struct element){ word(m, bytes, 4), { bytes + 8, n } };
    return BF_OK;
}

bool bf_is_mat(const uint8_t *bytes, size_t n)
{
    return n >= HEADER_BYTES && memcmp(bytes, "MATLAB 5.0", 10) == 0 &&
           (memcmp(bytes + 126, "IM", 2) == 0 || memcmp(bytes + 126, "MI", 2) == 0);
}

int bf_mat_trace(const uint8_t *bytes, size_t n, const struct bf_trace_how *how,
                 const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err)
{
    struct mat m = { .big = bytes[126] == 'M', .limits = limits };
    struct bf_media_info got = { .format = "mat", .ext = "mat", .decoder = "mat" };
    struct span rest = { bytes + HEADER_BYTES, n - HEADER_BYTES };
    m.found.list = bf_arena_alloc(a, BF_MAX_ARRAYS, sizeof *m.found.list);
    if (!m.found.list)
        return bf_fail_memory(err, "a trace");
    while (rest.n > 0) {
        struct element e;
        if (!next_element(&m, &rest, &e))
            return bf_fail(err, BF_EDATA, "the file ends early, within a variable");
        if (e.type == MI_COMPRESSED)
            BF_TRY(unpack(&m, &e, &e, a, err));
        if (e.type == MI_MATRIX && e.data.n)
            BF_TRY(take_matrix(&m, e.data, NULL, NULL, 0, a, err));
    }
    BF_TRY(bf_arrays_scalars(&m.found, a, err));
    BF_TRY(bf_arrays_trace(&m.found, how, limits, out, &got, a, err));
    *info = got;
    return BF_OK;
}
