/* Points of the Point Cloud Library's format, PCD 0.7, and its forerunners. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "modalities/readers/points.h"
#include "core/number.h"

enum { MAX_FIELDS = 64, MAX_WORD = 64 };
enum { X, Y, Z, RGB, N_USED, UNUSED = -1 };

struct field {
    struct bf_number type;
    int count; /* values of it in a point */
    int use;   /* X .. RGB, or UNUSED */
};

/* A PCD file being read. */
struct pcd {
    const char *at, *end;
    int n_fields;
    struct field fields[MAX_FIELDS];
    double n, width, height;
    bool ascii;
};

static int read_fields(struct pcd *f, const char *key, struct bf_err *err)
{
    static const char *const names[] = { "x", "y", "z", "rgb" };
    char word[MAX_WORD];
    double number = 0;
    int i = 0;
    for (; bf_next_word(&f->at, f->end, word, sizeof word); i++) {
        if (i == MAX_FIELDS)
            return bf_fail(err, BF_EDATA, "the pcd header has over %d under %s", (int)MAX_FIELDS,
                           key);
        struct field *d = &f->fields[i];
        const bool is_number = bf_text_number(word, &number);
        if (strcmp(key, "FIELDS") == 0) {
            d->use = UNUSED;
            d->count = 1;
            for (int k = 0; k < N_USED; k++)
                d->use = strcmp(word, names[k]) == 0 ? k : d->use;
            d->use = strcmp(word, "rgba") == 0 ? RGB : d->use;
        } else if (strcmp(key, "TYPE") == 0) {
            d->type.kind = *word == 'F' ? 'f' : *word == 'I' ? 'i' : *word == 'U' ? 'u' : '\0';
        } else if (strcmp(key, "SIZE") == 0) {
            d->type.size = is_number && number >= 1 && number <= 8 ? (int)number : 0;
        } else {
            d->count = is_number && number >= 0 && number <= 1e6 ? (int)number : -1;
        }
    }
    if (strcmp(key, "FIELDS") == 0)
        f->n_fields = i;
    if (i == 0 || i != f->n_fields)
        return bf_fail(err, BF_EDATA, "the pcd header has %d fields, and %d under %s", f->n_fields,
                       i, key);
    return BF_OK;
}

static int check_fields(const struct pcd *f, struct bf_err *err)
{
    unsigned has = 0;
    for (int i = 0; i < f->n_fields; i++) {
        const struct field *d = &f->fields[i];
        const int size = d->type.size;
        const bool whole = size == 1 || size == 2 || size == 4 || size == 8;
        if (!d->type.kind || !whole || d->count < 0 || (d->type.kind == 'f' && size < 4))
            return bf_fail(err, BF_EDATA, "field %d of the pcd file is of no known type", i + 1);
        has |= d->use >= 0 && d->count == 1 ? BF_BIT(d->use) : 0;
    }
    if ((has & 7) != 7)
        return bf_fail(err, BF_EDATA, "the pcd file's points have no x, y and z");
    return BF_OK;
}

static int read_header(struct pcd *f, struct bf_err *err)
{
    char key[MAX_WORD], word[MAX_WORD];
    while (f->at < f->end) {
        (void)bf_next_word(&f->at, f->end, key, sizeof key); /* an empty line says nothing */
        double *number = strcmp(key, "WIDTH") == 0    ? &f->width
                         : strcmp(key, "HEIGHT") == 0 ? &f->height
                         : strcmp(key, "POINTS") == 0 ? &f->n
                                                      : NULL;
        if (strcmp(key, "FIELDS") == 0 || strcmp(key, "SIZE") == 0 || strcmp(key, "TYPE") == 0 ||
            strcmp(key, "COUNT") == 0)
            BF_TRY(read_fields(f, key, err));
        else if (number && (!bf_next_word(&f->at, f->end, word, sizeof word) ||
                            !bf_text_number(word, number) || !(*number >= 0 && *number < 1e15)))
            return bf_fail(err, BF_EDATA, "the pcd header says %s '%s'", key, word);
        if (strcmp(key, "DATA") == 0) {
            (void)bf_next_word(&f->at, f->end, word, sizeof word); /* empty: neither of the two */
            bf_next_line(&f->at, f->end);
            f->ascii = strcmp(word, "ascii") == 0;
            if (!f->ascii && strcmp(word, "binary") != 0)
                return bf_fail(err, BF_EDATA, "the pcd data are '%s'; allowed: ascii, binary",
                               word);
            return check_fields(f, err);
        }
        bf_next_line(&f->at, f->end);
    }
    return bf_fail(err, BF_EDATA, "the pcd file ends in its header");
}

/* Colours are packed into one number: its bits, where it is a float in a text. */
static uint32_t packed(double v, bool is_float)
{
    uint32_t bits = 0;
    if (is_float) {
        const float f = isfinite(v) && fabs(v) < 3e38 ? (float)v : 0;
        memcpy(&bits, &f, sizeof bits);
    } else if (v > 0 && v <= 4294967295.0) {
        bits = (uint32_t)v;
    }
    return bits;
}

static bool read_row(struct pcd *f, double *xyz, double *rgb)
{
    char word[MAX_WORD];
    while (f->ascii && f->at < f->end && (*f->at == '\n' || *f->at == '\r' || *f->at == '#'))
        bf_next_line(&f->at, f->end);
    for (int i = 0; i < f->n_fields; i++) {
        const struct field *d = &f->fields[i];
        for (int k = 0; k < d->count; k++) {
            double v = NAN;
            if (!f->ascii) {
                /* The bits of colours may be those of no number. */
                const struct bf_number bits = { 'u', d->type.size };
                v = bf_number_at((const uint8_t *)f->at, d->use == RGB ? bits : d->type, false);
                f->at += d->type.size;
            } else if (!bf_next_word(&f->at, f->end, word, sizeof word) ||
                       (!bf_text_number(word, &v) && strcmp(word, "nan") != 0 &&
                        strcmp(word, "-nan") != 0)) {
                return false;
            }
            if (d->use >= 0 && d->use <= Z && d->count == 1)
                xyz[d->use] = v;
            for (int c = 0; c < 3 && d->use == RGB && d->count == 1; c++)
                rgb[c] = (double)(packed(v, f->ascii && d->type.kind == 'f') >> (16 - 8 * c) & 255);
        }
    }
    if (f->ascii)
        bf_next_line(&f->at, f->end);
    return true;
}

int bf_pcd_points(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                  struct bf_points *out, struct bf_arena *a, struct bf_err *err)
{
    struct pcd *f = bf_arena_alloc(a, 1, sizeof *f);
    if (!f)
        return bf_fail_memory(err, "a cloud of points");
    f->at = (const char *)bytes;
    f->end = f->at + n;
    f->n = -1;
    BF_TRY(read_header(f, err));
    uint64_t row_bytes = 0, row_values = 0;
    bool colors = false;
    for (int i = 0; i < f->n_fields; i++) {
        row_bytes += (uint64_t)f->fields[i].count * (uint64_t)f->fields[i].type.size;
        row_values += (uint64_t)f->fields[i].count;
        colors |= f->fields[i].use == RGB && f->fields[i].count == 1;
    }
    const double wanted = floor(f->n >= 0 ? f->n : f->width * f->height);
    const uint64_t least = f->ascii ? 2 * row_values : row_bytes;
    const uint64_t left = (uint64_t)(f->end - f->at) + (f->ascii ? 1 : 0);
    if (wanted > (double)(left / least))
        return bf_fail(err, BF_EDATA, "the pcd file ends early: %.0f points in %lld bytes", wanted,
                       (long long)(f->end - f->at));
    BF_TRY(bf_points_new((uint64_t)wanted, colors, limits, out, a, err));
    for (uint64_t i = 0; i < (uint64_t)wanted; i++) {
        double xyz[3] = { 0 }, rgb[3] = { 0 };
        if (!read_row(f, xyz, rgb))
            return bf_fail(err, BF_EDATA, "point %llu of the pcd file is none",
                           (unsigned long long)i + 1);
        bf_points_add(out, xyz, rgb);
    }
    return BF_OK;
}
