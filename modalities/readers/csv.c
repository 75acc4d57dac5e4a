/* Traces from text with one row a step. */
#include "modalities/trace.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

/* Cells are cut out of the text in place. */
struct csv {
    char *p, *end;
    char sep;
    long line;     /* of the text at `p`, 1-based */
    long row_line; /* where the present row starts */
};

/* Pass over one line end, if there is one. */
static bool skip_line_end(struct csv *c)
{
    if (c->p == c->end || (*c->p != '\n' && *c->p != '\r'))
        return false;
    if (*c->p == '\r' && c->p + 1 < c->end && c->p[1] == '\n')
        c->p++;
    c->p++;
    c->line++;
    return true;
}

static void skip_blanks(struct csv *c)
{
    while (c->p < c->end && (*c->p == ' ' || (*c->p == '\t' && c->sep != '\t')))
        c->p++;
}

static int read_quoted(struct csv *c, char **cell_out, char **cell_end_out, struct bf_err *err)
{
    char *to = ++c->p;
    *cell_out = to;
    for (;; c->p++) {
        if (c->p == c->end)
            return bf_fail(err, BF_EDATA, "line %ld: a quote is not closed", c->row_line);
        if (*c->p == '"' && !(c->p + 1 < c->end && c->p[1] == '"'))
            break;
        if (*c->p == '"')
            c->p++;
        c->line += *c->p == '\n';
        *to++ = *c->p;
    }
    c->p++;
    *cell_end_out = to;
    skip_blanks(c);
    if (c->p < c->end && *c->p != c->sep && *c->p != '\n' && *c->p != '\r')
        return bf_fail(err, BF_EDATA, "line %ld: text follows a closing quote", c->line);
    return BF_OK;
}

/* One cell, NUL put behind it; `*more_out`: another one follows on the same row. */
static int read_cell(struct csv *c, char **cell_out, bool *more_out, struct bf_err *err)
{
    char *cell = NULL;
    char *cell_end = NULL;
    skip_blanks(c);
    if (c->p < c->end && *c->p == '"') {
        BF_TRY(read_quoted(c, &cell, &cell_end, err));
    } else {
        cell = c->p;
        while (c->p < c->end && *c->p != c->sep && *c->p != '\n' && *c->p != '\r')
            c->p++;
        cell_end = c->p;
        while (cell_end > cell && (cell_end[-1] == ' ' || cell_end[-1] == '\t'))
            cell_end--;
    }
    *more_out = c->p < c->end && *c->p == c->sep;
    if (*more_out)
        c->p++;
    else
        (void)skip_line_end(c); /* at the end of the text there is none */
    *cell_end = '\0';
    *cell_out = cell;
    return BF_OK;
}

/* The next row that is not blank: the first `cap` cells, and how many there are. BF_END: none. */
static int read_row(struct csv *c, char **cells, size_t cap, size_t *n_out, struct bf_err *err)
{
    do
        skip_blanks(c);
    while (skip_line_end(c));
    if (c->p == c->end)
        return BF_END;
    c->row_line = c->line;
    bool more = true;
    size_t n = 0;
    for (; more; n++) {
        char *cell;
        BF_TRY(read_cell(c, &cell, &more, err));
        if (n < cap)
            cells[n] = cell;
    }
    *n_out = n;
    return BF_OK;
}

/* A semicolon or tab in the first line is never part of a number; a comma may be. */
static char find_separator(const char *p, const char *end, size_t *n_cells_out)
{
    size_t n[3] = { 0 };
    static const char seps[] = ";\t,";
    bool quoted = false;
    while (p < end && (*p == '\n' || *p == '\r' || *p == ' '))
        p++;
    for (; p < end && (quoted || (*p != '\n' && *p != '\r')); p++) {
        quoted ^= *p == '"';
        for (int i = 0; !quoted && i < 3; i++)
            n[i] += *p == seps[i];
    }
    int best = n[0] ? 0 : n[1] ? 1 : 2;
    *n_cells_out = n[best] + 1;
    return seps[best];
}

static bool parse_value(const char *cell, double *out)
{
    if (*cell == '\0' || strcasecmp(cell, "nan") == 0) {
        *out = NAN;
        return true;
    }
    return bf_text_number(cell, out) && isfinite((float)*out);
}

static bool has_time(const char *name)
{
    for (; *name; name++)
        if (strncasecmp(name, "time", 4) == 0)
            return true;
    return false;
}

/* Which columns are kept, and which one tells the time. */
struct columns {
    size_t n; /* in the file */
    size_t n_kept;
    size_t *kept;       /* [n_kept] */
    const char **names; /* [n_kept], or NULL without a header */
    size_t time;        /* == n: none */
};

static int choose_columns(char *const *cells, bool header, const struct bf_trace_how *how,
                          struct columns *c, struct bf_arena *a, struct bf_err *err)
{
    const bool automatic = strcmp(how->time, "auto") == 0;
    const bool named = !automatic && strcmp(how->time, "none") != 0;
    c->time = c->n;
    for (size_t i = 0; header && c->time == c->n && i < c->n; i++)
        if (automatic ? has_time(cells[i]) : named && strcmp(cells[i], how->time) == 0)
            c->time = i;
    if (named && c->time == c->n)
        return bf_fail(err, BF_EDATA,
                       header ? "no column is called '%s', which 'time' names"
                              : "there is no header to find column '%s' in",
                       how->time);

    c->kept = bf_arena_alloc(a, c->n, sizeof *c->kept);
    c->names = header ? bf_arena_alloc(a, c->n, sizeof *c->names) : NULL;
    if (!c->kept || (header && !c->names))
        return bf_fail_memory(err, "a trace");
    for (size_t i = 0; i < c->n; i++) {
        char number[32];
        snprintf(number, sizeof number, "ch%zu", i + 1);
        if (i == c->time || !bf_star_match(how->channels, header ? cells[i] : number))
            continue;
        c->kept[c->n_kept] = i;
        if (header) {
            c->names[c->n_kept] = bf_arena_strdup(a, cells[i]);
            if (!c->names[c->n_kept])
                return bf_fail_memory(err, "a trace");
        }
        c->n_kept++;
    }
    if (c->n_kept == 0)
        return bf_fail(err, BF_EDATA, "none of its %zu columns is a channel called '%s'", c->n,
                       how->channels);
    return BF_OK;
}

static int by_value(const void *x, const void *y)
{
    double a = *(const double *)x;
    double b = *(const double *)y;
    return (a > b) - (a < b);
}

/* Steps a second from the times of the rows: the median step, since loggers stumble. */
static int rate_of(double *at, size_t n, const struct bf_trace_how *how, double *rate_out,
                   struct bf_err *err)
{
    static const double per_second[] = { [BF_TIME_S] = 1, [BF_TIME_MS] = 1e3, [BF_TIME_US] = 1e6 };
    size_t n_steps = 0;
    for (size_t i = 1; i < n; i++)
        if (!isnan(at[i]) && !isnan(at[i - 1]))
            at[n_steps++] = at[i] - at[i - 1];
    if (n_steps == 0) {
        *rate_out = how->rate_hz;
        return BF_OK;
    }
    qsort(at, n_steps, sizeof *at, by_value);
    double median = at[n_steps / 2];
    if (!(median > 0))
        return bf_fail(err, BF_EDATA, "the times in column '%s' do not grow",
                       strcmp(how->time, "auto") == 0 ? "time" : how->time);
    *rate_out = per_second[how->time_unit] / median;
    return BF_OK;
}

/* One row of numbers into step `i` of channels that lie `cap` values apart. */
static int store_row(const struct csv *c, char *const *cells, const struct columns *col, size_t i,
                     size_t cap, float *v, double *at, struct bf_err *err)
{
    for (size_t k = 0; k < col->n_kept; k++) {
        double x;
        if (!parse_value(cells[col->kept[k]], &x))
            return bf_fail(err, BF_EDATA, "line %ld: '%.40s' is not a number", c->row_line,
                           cells[col->kept[k]]);
        v[k * cap + i] = (float)x;
    }
    if (at && !parse_value(cells[col->time], &at[i]))
        return bf_fail(err, BF_EDATA, "line %ld: the time '%.40s' is not a number", c->row_line,
                       cells[col->time]);
    return BF_OK;
}

static size_t count_lines(const char *p, const char *end)
{
    size_t n = 1;
    for (; p < end; p++)
        n += *p == '\n' || *p == '\r';
    return n;
}

/* The rows from here on, whose first is already in `cells` when `first` is set, as channels
 * [n_kept][n_rows] packed to the front of `v`, and their times in `at`, which may be NULL. */
static int read_rows(struct csv *c, const struct columns *col, char **cells, bool first, size_t cap,
                     float *v, double *at, size_t *n_rows_out, struct bf_err *err)
{
    size_t n_rows = 0;
    size_t n_cells = col->n;
    int rc = first ? BF_OK : read_row(c, cells, col->n, &n_cells, err);
    while (rc == BF_OK) {
        if (n_cells != col->n)
            return bf_fail(err, BF_EDATA, "line %ld has %zu cells, the first line %zu", c->row_line,
                           n_cells, col->n);
        BF_TRY(store_row(c, cells, col, n_rows++, cap, v, at, err));
        rc = read_row(c, cells, col->n, &n_cells, err);
    }
    BF_TRY(rc);
    if (n_rows == 0)
        return bf_fail(err, BF_EDATA, "the table has a header and no rows");
    for (size_t k = 1; k < col->n_kept; k++)
        memmove(v + k * n_rows, v + k * cap, n_rows * sizeof *v);
    *n_rows_out = n_rows;
    return BF_OK;
}

static bool is_header(char *const *cells, size_t n)
{
    double x;
    for (size_t i = 0; i < n; i++)
        if (!parse_value(cells[i], &x))
            return true;
    return false;
}

int bf_csv_trace(char *bytes, size_t n, const struct bf_trace_how *how,
                 const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err)
{
    struct csv c = { .p = bytes, .end = bytes + n, .line = 1 };
    struct columns col = { 0 };
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        c.p += 3;
    if (!bf_text_is_utf8(c.p, (size_t)(c.end - c.p)))
        return bf_fail(err, BF_EDATA, "not a table of numbers: it is not UTF-8 text");
    c.sep = find_separator(c.p, c.end, &col.n);

    const size_t cap = count_lines(c.p, c.end);
    if (cap > limits->trace_values / col.n)
        return bf_fail(err, BF_EDATA, "the table has %zu x %zu cells, limit %zu", cap, col.n,
                       limits->trace_values);
    char **cells = bf_arena_alloc(a, col.n, sizeof *cells);
    if (!cells)
        return bf_fail_memory(err, "a trace");
    size_t n_cells;
    int rc = read_row(&c, cells, col.n, &n_cells, err);
    BF_TRY(rc);
    if (rc == BF_END)
        return bf_fail(err, BF_EDATA, "the table is empty");
    if (n_cells != col.n)
        return bf_fail(err, BF_EDATA, "line %ld: its quotes and separators do not fit together",
                       c.row_line);
    const bool header = is_header(cells, col.n);
    BF_TRY(choose_columns(cells, header, how, &col, a, err));

    float *v = bf_arena_alloc(a, cap * col.n_kept, sizeof *v);
    double *at = col.time < col.n ? bf_arena_alloc(a, cap, sizeof *at) : NULL;
    if (!v || (col.time < col.n && !at))
        return bf_fail_memory(err, "a trace");
    struct bf_trace t = { .rate_hz = how->rate_hz,
                          .n_ch = (int)col.n_kept,
                          .v = v,
                          .unit = how->unit,
                          .names = col.names };
    BF_TRY(read_rows(&c, &col, cells, !header, cap, v, at, &t.n, err));
    if (at)
        BF_TRY(rate_of(at, t.n, how, &t.rate_hz, err));
    struct bf_media_info got = { .format = "csv", .ext = "csv", .decoder = "csv" };
    BF_TRY(bf_trace_describe(&t, &got, err));
    *out = t;
    *info = got;
    return BF_OK;
}
