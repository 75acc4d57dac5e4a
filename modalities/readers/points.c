/* Clouds of points: which format, tables and arrays. */
#include "modalities/readers/points.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/npy.h"
#include "core/text.h"
#include "modalities/trace.h"

enum { MAX_WORD = 64, SHARE_OF_VALUES = 8, WITH_COLORS = 6 };

static bool begins(const uint8_t *bytes, size_t n, const char *text)
{
    return n >= strlen(text) && memcmp(bytes, text, strlen(text)) == 0;
}

static bool is_ply(const uint8_t *bytes, size_t n)
{
    return begins(bytes, n, "ply\n") || begins(bytes, n, "ply\r");
}

static bool is_pcd(const uint8_t *bytes, size_t n)
{
    return begins(bytes, n, "# .PCD") || begins(bytes, n, "VERSION .") ||
           begins(bytes, n, "VERSION 0.");
}

bool bf_is_points(const uint8_t *head, size_t n)
{
    return is_ply(head, n) || is_pcd(head, n);
}

int bf_points_new(uint64_t n, bool colors, const struct bf_limits *limits, struct bf_points *out,
                  struct bf_arena *a, struct bf_err *err)
{
    const uint64_t most = limits->trace_values / SHARE_OF_VALUES;
    if (n == 0)
        return bf_fail(err, BF_EDATA, "the cloud holds no point");
    if (n > most)
        return bf_fail(err, BF_EDATA, "the cloud has %llu points, limit %llu",
                       (unsigned long long)n, (unsigned long long)most);
    *out = (struct bf_points){ .cap = (size_t)n };
    out->xyz = bf_arena_alloc(a, (size_t)n, 3 * sizeof *out->xyz);
    out->rgb = colors ? bf_arena_alloc(a, (size_t)n, 3) : NULL;
    return out->xyz && (out->rgb || !colors) ? BF_OK : bf_fail_memory(err, "a cloud of points");
}

void bf_points_add(struct bf_points *p, const double xyz[3], const double rgb[3])
{
    if (p->n == p->cap || !isfinite(xyz[0]) || !isfinite(xyz[1]) || !isfinite(xyz[2]))
        return;
    for (int i = 0; i < 3; i++) {
        p->xyz[3 * p->n + (size_t)i] = xyz[i];
        if (p->rgb)
            p->rgb[3 * p->n + (size_t)i] = (uint8_t)(fmin(fmax(rgb[i], 0), 255) + 0.5);
    }
    p->n++;
}

static bool is_gap(char c)
{
    return c == ' ' || c == '\t' || c == ',' || c == ';' || c == '\r';
}

bool bf_next_word(const char **at, const char *end, char *out, size_t cap)
{
    const char *p = *at;
    while (p < end && is_gap(*p))
        p++;
    size_t n = 0;
    for (; p < end && *p != '\n' && !is_gap(*p); p++)
        if (n + 1 < cap)
            out[n++] = *p;
    out[n] = '\0';
    *at = p;
    return n > 0;
}

void bf_next_line(const char **at, const char *end)
{
    const char *p = memchr(*at, '\n', (size_t)(end - *at));
    *at = p ? p + 1 : end;
}

/* Where colours stand in a row, -1: nowhere. */
struct columns {
    int n;           /* of a row */
    int xyz[3], rgb; /* rgb: the first of three neighbours */
    bool by_name;    /* the header says so */
};

/* The columns by their names in a header; false when it is none. */
static bool read_names(const char *line, const char *end, struct columns *c)
{
    static const char *const reds[] = { "r", "red" };
    char word[MAX_WORD];
    double ignored;
    *c = (struct columns){ .xyz = { 0, 1, 2 }, .rgb = -1 };
    bool named = false;
    for (; bf_next_word(&line, end, word, sizeof word); c->n++) {
        named |= !bf_text_number(word, &ignored);
        for (int k = 0; k < 3; k++)
            if (strcasecmp(word, (const char *[]){ "x", "y", "z" }[k]) == 0)
                c->xyz[k] = c->n;
        for (int k = 0; k < 2; k++)
            if (strcasecmp(word, reds[k]) == 0)
                c->rgb = c->n;
    }
    if (c->rgb + 3 > c->n)
        c->rgb = -1;
    c->by_name = named;
    return named;
}

/* One row of numbers into `v` [cap]; how many it has, 0 for a line without any, -1 when a cell is
 * no number. */
static int read_row(const char *line, const char *end, double *v, int cap)
{
    char word[MAX_WORD];
    int n = 0;
    if (line < end && (*line == '#' || *line == '/'))
        return 0;
    for (; bf_next_word(&line, end, word, sizeof word); n++) {
        double x;
        if (strcasecmp(word, "nan") == 0)
            x = NAN;
        else if (!bf_text_number(word, &x))
            return -1;
        if (n < cap)
            v[n] = x;
    }
    return n;
}

/* Call `take` with every row from `at` on. BF_EDATA names the line of what is none. */
static int each_row(const char *at, const char *end, const struct columns *c, long line,
                    void (*take)(void *ctx, const double *v), void *ctx, struct bf_err *err)
{
    enum { MAX_COLUMNS = 64 };
    double v[MAX_COLUMNS];
    for (; at < end; line++) {
        const int n = read_row(at, end, v, MAX_COLUMNS);
        if (n < 0)
            return bf_fail(err, BF_EDATA, "line %ld: a cell is no number", line);
        if (n > 0 && n != c->n)
            return bf_fail(err, BF_EDATA, "line %ld: %d cells, others have %d", line, n, c->n);
        if (n > 0)
            take(ctx, v);
        bf_next_line(&at, end);
    }
    return BF_OK;
}

/* What a first look at all rows tells. */
struct survey {
    const struct columns *columns;
    uint64_t n;
    double least, greatest; /* of the three after x, y, z */
    struct bf_points *points;
};

static void survey_row(void *ctx, const double *v)
{
    struct survey *s = ctx;
    s->n++;
    for (int i = 3; i < WITH_COLORS && s->columns->n == WITH_COLORS; i++) {
        s->least = fmin(s->least, v[i]);
        s->greatest = fmax(s->greatest, v[i]);
    }
}

/* Whether the last three of six columns without names are colours: normals go below 0, and none of
 * theirs is above 1. */
static bool are_colors(double least, double greatest)
{
    return least >= 0 && greatest > 1 && greatest <= 255;
}

static void take_row(void *ctx, const double *v)
{
    const struct survey *s = ctx;
    const struct columns *c = s->columns;
    const double xyz[3] = { v[c->xyz[0]], v[c->xyz[1]], v[c->xyz[2]] };
    bf_points_add(s->points, xyz, c->rgb >= 0 ? v + c->rgb : xyz);
}

static int read_table(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                      struct bf_points *out, struct bf_arena *a, struct bf_err *err)
{
    enum { MOST_COLUMNS = 64 };
    const char *at = (const char *)bytes, *const end = at + n;
    struct columns c = { .rgb = -1 };
    long line = 1;
    double first[1];
    at += begins(bytes, n, "\xef\xbb\xbf") ? 3 : 0;
    while (at < end && read_row(at, end, first, 1) == 0) {
        bf_next_line(&at, end);
        line++;
    }
    if (read_names(at, end, &c)) {
        bf_next_line(&at, end);
        line++;
    }
    if (c.n < 3 || c.n > MOST_COLUMNS)
        return bf_fail(err, BF_EDATA,
                       "neither PLY, PCD nor NPY, and no table of points: a row has "
                       "%d cells; allowed: 3 to %d",
                       c.n, (int)MOST_COLUMNS);
    struct survey s = { .columns = &c, .least = INFINITY, .greatest = -INFINITY, .points = out };
    BF_TRY(each_row(at, end, &c, line, survey_row, &s, err));
    if (!c.by_name && c.n == WITH_COLORS && are_colors(s.least, s.greatest))
        c.rgb = 3;
    BF_TRY(bf_points_new(s.n, c.rgb >= 0, limits, out, a, err));
    return each_row(at, end, &c, line, take_row, &s, err);
}

static int read_array(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                      struct bf_points *out, struct bf_arena *a, struct bf_err *err)
{
    const struct bf_trace_how how = {
        .rate_hz = 1, .time = "none", .channels = "*", .unit = "raw"
    };
    struct bf_media_info ignored;
    struct bf_trace t;
    double least = INFINITY, greatest = -INFINITY;
    BF_TRY(bf_npy_trace(bytes, n, &how, limits, &t, &ignored, a, err));
    if (t.n_ch < 3)
        return bf_fail(err, BF_EDATA, "the npy array has %d numbers a point; allowed: 3 or more",
                       t.n_ch);
    for (size_t i = 3 * t.n; i < WITH_COLORS * t.n && t.n_ch == WITH_COLORS; i++) {
        least = fmin(least, (double)t.v[i]);
        greatest = fmax(greatest, (double)t.v[i]);
    }
    BF_TRY(bf_points_new(t.n, are_colors(least, greatest), limits, out, a, err));
    for (size_t i = 0; i < t.n; i++) {
        double v[WITH_COLORS] = { 0 };
        for (size_t k = 0; k < WITH_COLORS && k < (size_t)t.n_ch; k++)
            v[k] = (double)t.v[k * t.n + i];
        bf_points_add(out, v, v + 3);
    }
    return BF_OK;
}

int bf_points_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                   struct bf_points *out, struct bf_media_info *info, struct bf_arena *a,
                   struct bf_err *err)
{
    const char *format = "xyz";
    if (is_ply(bytes, n)) {
        format = "ply";
        BF_TRY(bf_ply_points(bytes, n, limits, out, a, err));
    } else if (is_pcd(bytes, n)) {
        format = "pcd";
        BF_TRY(bf_pcd_points(bytes, n, limits, out, a, err));
    } else if (bf_is_npy(bytes, n)) {
        format = "npy";
        BF_TRY(read_array(bytes, n, limits, out, a, err));
    } else {
        BF_TRY(read_table(bytes, n, limits, out, a, err));
    }
    if (out->n == 0)
        return bf_fail(err, BF_EDATA, "the cloud holds no point");
    *info = (struct bf_media_info){ 0 };
    snprintf(info->format, sizeof info->format, "%s", format);
    snprintf(info->ext, sizeof info->ext, "%s", format);
    snprintf(info->decoder, sizeof info->decoder, "points");
    return BF_OK;
}
