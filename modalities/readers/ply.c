/* Points of the Stanford polygon format, PLY 1.0 (Turk, 1994): the vertices of a file. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "modalities/readers/points.h"
#include "core/number.h"

enum { MAX_ELEMENTS = 16, MAX_PROPERTIES = 64, MAX_WORD = 64 };
enum { X, Y, Z, RED, GREEN, BLUE, N_USED, UNUSED = -1 };

struct property {
    struct bf_number type;
    struct bf_number count; /* of a list; size 0: it is none */
    int use;                /* X .. BLUE, or UNUSED */
};

struct element {
    bool is_vertex;
    uint64_t n;
    int n_properties;
    struct property properties[MAX_PROPERTIES];
};

/* A PLY file being read. */
struct ply {
    const char *at, *end;
    bool ascii, big;
    int n_elements;
    struct element elements[MAX_ELEMENTS];
};

static bool type_of(const char *name, struct bf_number *out)
{
    static const struct {
        const char *names[2];
        struct bf_number type;
    } types[] = {
        { { "char", "int8" }, { 'i', 1 } },     { { "uchar", "uint8" }, { 'u', 1 } },
        { { "short", "int16" }, { 'i', 2 } },   { { "ushort", "uint16" }, { 'u', 2 } },
        { { "int", "int32" }, { 'i', 4 } },     { { "uint", "uint32" }, { 'u', 4 } },
        { { "float", "float32" }, { 'f', 4 } }, { { "double", "float64" }, { 'f', 8 } },
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(name, types[i].names[0]) == 0 || strcmp(name, types[i].names[1]) == 0) {
            *out = types[i].type;
            return true;
        }
    return false;
}

static int use_of(const char *name)
{
    static const char *const names[N_USED][2] = {
        { "x", "x" }, { "y", "y" }, { "z", "z" }, { "red", "r" }, { "green", "g" }, { "blue", "b" }
    };
    for (int i = 0; i < N_USED; i++)
        if (strcmp(name, names[i][0]) == 0 || strcmp(name, names[i][1]) == 0)
            return i;
    return UNUSED;
}

static int add_property(struct ply *f, struct bf_err *err)
{
    struct element *e = f->n_elements ? &f->elements[f->n_elements - 1] : NULL;
    struct property p = { .use = UNUSED };
    char word[MAX_WORD];
    if (!e || e->n_properties == MAX_PROPERTIES)
        return bf_fail(err, BF_EDATA, "the ply header has a property in a wrong place, or over %d",
                       (int)MAX_PROPERTIES);
    bool good = bf_next_word(&f->at, f->end, word, sizeof word);
    if (good && strcmp(word, "list") == 0)
        good = bf_next_word(&f->at, f->end, word, sizeof word) && type_of(word, &p.count) &&
               p.count.kind != 'f' && bf_next_word(&f->at, f->end, word, sizeof word);
    good = good && type_of(word, &p.type) && bf_next_word(&f->at, f->end, word, sizeof word);
    if (!good)
        return bf_fail(err, BF_EDATA, "the ply header has a property of no known type");
    if (e->is_vertex && p.count.size == 0)
        p.use = use_of(word);
    e->properties[e->n_properties++] = p;
    return BF_OK;
}

static int add_element(struct ply *f, struct bf_err *err)
{
    char word[MAX_WORD];
    double n = -1;
    if (f->n_elements == MAX_ELEMENTS)
        return bf_fail(err, BF_EDATA, "the ply header has over %d elements", (int)MAX_ELEMENTS);
    struct element *e = &f->elements[f->n_elements++];
    e->is_vertex = bf_next_word(&f->at, f->end, word, sizeof word) && strcmp(word, "vertex") == 0;
    if (!bf_next_word(&f->at, f->end, word, sizeof word) || !bf_text_number(word, &n) ||
        !(n >= 0 && n < 1e15) || n > floor(n))
        return bf_fail(err, BF_EDATA, "the ply header says that there are '%s' of something", word);
    e->n = (uint64_t)n;
    return BF_OK;
}

static int read_format(struct ply *f, struct bf_err *err)
{
    char word[MAX_WORD];
    (void)bf_next_word(&f->at, f->end, word, sizeof word); /* empty where there is none */
    f->ascii = strcmp(word, "ascii") == 0;
    f->big = strcmp(word, "binary_big_endian") == 0;
    if (!f->ascii && !f->big && strcmp(word, "binary_little_endian") != 0)
        return bf_fail(err, BF_EDATA,
                       "the ply format is '%s'; allowed: ascii, binary_little_endian, "
                       "binary_big_endian",
                       word);
    return BF_OK;
}

static int read_header(struct ply *f, struct bf_err *err)
{
    char word[MAX_WORD];
    bool formatted = false;
    while (f->at < f->end) {
        int rc = BF_OK;
        (void)bf_next_word(&f->at, f->end, word, sizeof word); /* an empty line says nothing */
        if (strcmp(word, "format") == 0) {
            rc = read_format(f, err);
            formatted = true;
        } else if (strcmp(word, "element") == 0) {
            rc = add_element(f, err);
        } else if (strcmp(word, "property") == 0) {
            rc = add_property(f, err);
        }
        BF_TRY(rc);
        bf_next_line(&f->at, f->end);
        if (strcmp(word, "end_header") == 0)
            return formatted ? BF_OK : bf_fail(err, BF_EDATA, "the ply header names no format");
    }
    return bf_fail(err, BF_EDATA, "the ply file ends in its header");
}

/* The next number; false at the end of the data, or where there is no number. */
static bool next_number(struct ply *f, struct bf_number type, double *out)
{
    char word[MAX_WORD];
    if (!f->ascii) {
        if (f->end - f->at < type.size)
            return false;
        *out = bf_number_at((const uint8_t *)f->at, type, f->big);
        f->at += type.size;
        return true;
    }
    while (!bf_next_word(&f->at, f->end, word, sizeof word)) {
        if (f->at == f->end)
            return false;
        bf_next_line(&f->at, f->end);
    }
    if (strcmp(word, "nan") == 0 || strcmp(word, "-nan") == 0) {
        *out = NAN;
        return true;
    }
    return bf_text_number(word, out);
}

/* One row of an element; `v` [N_USED] gets what is used. */
static bool read_row(struct ply *f, const struct element *e, double *v)
{
    for (int i = 0; i < e->n_properties; i++) {
        const struct property *p = &e->properties[i];
        double x, n = 1;
        if (p->count.size && (!next_number(f, p->count, &n) || n < 0))
            return false;
        for (double k = 0; k < n; k++)
            if (!next_number(f, p->type, &x))
                return false;
        if (p->use != UNUSED)
            v[p->use] = p->use >= RED && p->type.kind == 'f' ? 255 * x : x;
    }
    return true;
}

/* Bytes that a row takes at least. */
static uint64_t least_bytes(const struct ply *f, const struct element *e)
{
    uint64_t n = 0;
    for (int i = 0; i < e->n_properties; i++) {
        const struct property *p = &e->properties[i];
        n += f->ascii ? 2 : (uint64_t)(p->count.size ? p->count.size : p->type.size);
    }
    return n;
}

int bf_ply_points(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                  struct bf_points *out, struct bf_arena *a, struct bf_err *err)
{
    struct ply *f = bf_arena_alloc(a, 1, sizeof *f);
    if (!f)
        return bf_fail_memory(err, "a cloud of points");
    f->at = (const char *)bytes;
    f->end = f->at + n;
    BF_TRY(read_header(f, err));
    for (int i = 0; i < f->n_elements; i++) {
        const struct element *e = &f->elements[i];
        unsigned has = 0;
        for (int k = 0; k < e->n_properties; k++)
            has |= e->properties[k].use >= 0 ? BF_BIT(e->properties[k].use) : 0;
        const bool colors = has >> RED == 7;
        if (e->is_vertex && (has & 7) != 7)
            return bf_fail(err, BF_EDATA, "the ply file's vertices have no x, y and z");
        /* Rows take bytes, so that a number of them that lies is found out soon; the last number of
         * a text may be without a gap behind. */
        const uint64_t least = least_bytes(f, e);
        if (e->n && (least == 0 || e->n > ((uint64_t)(f->end - f->at) + 1) / least))
            return bf_fail(err, BF_EDATA,
                           "the ply file ends early: %llu of something in %lld bytes",
                           (unsigned long long)e->n, (long long)(f->end - f->at));
        if (e->is_vertex)
            BF_TRY(bf_points_new(e->n, colors, limits, out, a, err));
        for (uint64_t row = 0; row < e->n; row++) {
            double v[N_USED] = { 0 };
            if (!read_row(f, e, v))
                return bf_fail(err, BF_EDATA,
                               "the ply file ends early, or holds no number, in row "
                               "%llu of %llu",
                               (unsigned long long)row + 1, (unsigned long long)e->n);
            if (e->is_vertex)
                bf_points_add(out, v, v + RED);
        }
        if (e->is_vertex)
            return BF_OK;
    }
    return bf_fail(err, BF_EDATA, "the ply file has no vertices");
}
