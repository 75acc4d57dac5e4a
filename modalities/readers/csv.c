/* Traces from text with one row a step. */
#include "modalities/trace.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"
#include "modalities/readers/columns.h"
#include "modalities/readers/decimal.h"

enum { MAX_COLUMNS = 1 << 16 };

/* Cells are cut out of the text in place. */
struct csv {
    char *p, *end;
    char sep; /* ' ': any number of blanks and tabs */
    bool decimal_comma;
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
    if (c->sep != ' ' && c->p < c->end && *c->p != c->sep && *c->p != '\n' && *c->p != '\r')
        return bf_fail(err, BF_EDATA, "line %ld: text follows a closing quote", c->line);
    return BF_OK;
}

static bool is_blank(char ch)
{
    return ch == ' ' || ch == '\t';
}

static bool ends_cell(const struct csv *c, char ch)
{
    return ch == '\n' || ch == '\r' || ch == c->sep || (c->sep == ' ' && ch == '\t');
}

/* Move behind a cell and what parts it from the next one; whether there is one. */
static bool pass_separator(struct csv *c)
{
    if (c->sep == ' ') {
        skip_blanks(c);
        if (c->p < c->end && *c->p != '\n' && *c->p != '\r')
            return true;
    } else if (c->p < c->end && *c->p == c->sep) {
        c->p++;
        return true;
    }
    (void)skip_line_end(c); /* at the end of the text there is none */
    return false;
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
        while (c->p < c->end && !ends_cell(c, *c->p))
            c->p++;
        cell_end = c->p;
        while (cell_end > cell && is_blank(cell_end[-1]))
            cell_end--;
    }
    *more_out = pass_separator(c);
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

/* The separator of a line, and how many cells it parts: a semicolon or tab is never part of a
 * number, a comma may be, and blanks part cells where nothing else does. */
static char find_separator(const struct csv *c, const struct bf_trace_how *how, size_t *n_cells_out)
{
    static const char seps[] = ",;\t ";
    size_t n[4] = { 0 };
    bool quoted = false, after_blank = true;
    const char *p = c->p;
    while (p < c->end && (*p == '\n' || *p == '\r' || *p == ' '))
        p++;
    for (; p < c->end && (quoted || (*p != '\n' && *p != '\r')); p++) {
        quoted ^= *p == '"';
        for (int i = 0; !quoted && i < 3; i++)
            n[i] += *p == seps[i];
        n[3] += !quoted && !is_blank(*p) && after_blank;
        after_blank = !quoted && is_blank(*p);
    }
    n[3] -= n[3] > 0;
    int best = how->separator - BF_SEP_COMMA;
    if (how->separator == BF_SEP_AUTO)
        best = n[1] ? 1 : n[2] ? 2 : n[0] || n[3] == 0 ? 0 : 3;
    *n_cells_out = n[best] + 1;
    return seps[best];
}

static bool parse_value(const struct csv *c, char *cell, double *out)
{
    if (*cell == '\0' || strcasecmp(cell, "nan") == 0) {
        *out = NAN;
        return true;
    }
    char *comma = c->decimal_comma ? strchr(cell, ',') : NULL;
    if (comma)
        *comma = '.';
    return bf_text_number(cell, out) && isfinite((float)*out);
}

/* Where the values of a table go. */
struct sink {
    const struct bf_columns *col;
    float **to; /* [n] by column: a channel's values, or NULL */
    double *at; /* times, or NULL */
};

/* Value `i` of a column. */
static int store(const struct csv *c, const struct sink *s, size_t column, size_t i, double x,
                 const char *cell, struct bf_err *err)
{
    if (column == s->col->time) {
        s->at[i] = x;
        return BF_OK;
    }
    const float f = (float)x;
    if (isinf(f))
        return bf_fail(err, BF_EDATA, "line %ld: '%.40s' is not a number", c->row_line, cell);
    s->to[column][i] = f;
    return BF_OK;
}

static bool is_wanted(const struct sink *s, size_t column)
{
    return column < s->col->n && (s->to[column] || column == s->col->time);
}

/* A row that was cut into cells. */
static int store_cells(const struct csv *c, char *const *cells, const struct sink *s, size_t i,
                       struct bf_err *err)
{
    for (size_t k = 0; k < s->col->n; k++) {
        double x;
        if (!is_wanted(s, k))
            continue;
        if (!parse_value(c, cells[k], &x))
            return bf_fail(err, BF_EDATA, "line %ld: %s'%.40s' is not a number", c->row_line,
                           k == s->col->time ? "the time " : "", cells[k]);
        BF_TRY(store(c, s, k, i, x, cells[k], err));
    }
    return BF_OK;
}

/* The row at c->p into step `i`: numbers that are plain are read where they stand, all other cells
 * are cut out first. */
static int take_row(struct csv *c, const struct sink *s, size_t i, size_t *n_out,
                    struct bf_err *err)
{
    bool more = true;
    size_t k = 0;
    for (; more; k++) {
        double x;
        char *cell;
        skip_blanks(c);
        const char *end = c->p < c->end ? bf_decimal_read(c->p, &x) : NULL;
        if (end && (end == c->end || ends_cell(c, *end))) {
            cell = c->p;
            c->p += end - cell;
            more = pass_separator(c);
            if (is_wanted(s, k))
                BF_TRY(store(c, s, k, i, x, cell, err));
            continue;
        }
        BF_TRY(read_cell(c, &cell, &more, err));
        if (!is_wanted(s, k))
            continue;
        if (!parse_value(c, cell, &x))
            return bf_fail(err, BF_EDATA, "line %ld: %s'%.40s' is not a number", c->row_line,
                           k == s->col->time ? "the time " : "", cell);
        BF_TRY(store(c, s, k, i, x, cell, err));
    }
    *n_out = k;
    return BF_OK;
}

static size_t count_lines(const char *p, const char *end)
{
    size_t n = 1;
    for (; p < end; p++)
        n += *p == '\n' || *p == '\r';
    return n;
}

/* Move to the next row that is not blank; false at the end. */
static bool find_row(struct csv *c)
{
    do
        skip_blanks(c);
    while (skip_line_end(c));
    c->row_line = c->line;
    return c->p < c->end;
}

/* The rows from here on, behind one that is already in `cells` when `first` is set, as channels
 * [n_kept][n_rows] packed to the front of `v`. */
static int read_rows(struct csv *c, const struct sink *s, char **cells, bool first, size_t cap,
                     float *v, size_t *n_rows_out, struct bf_err *err)
{
    size_t n_rows = 0;
    if (first)
        BF_TRY(store_cells(c, cells, s, n_rows++, err));
    while (find_row(c)) {
        size_t n_cells = 0;
        BF_TRY(take_row(c, s, n_rows, &n_cells, err));
        if (n_cells != s->col->n)
            return bf_fail(err, BF_EDATA, "line %ld has %zu cells, the first line %zu", c->row_line,
                           n_cells, s->col->n);
        n_rows++;
    }
    if (n_rows == 0)
        return bf_fail(err, BF_EDATA, "the table has a header and no rows");
    for (size_t k = 1; k < s->col->n_kept; k++)
        memmove(v + k * n_rows, v + k * cap, n_rows * sizeof *v);
    *n_rows_out = n_rows;
    return BF_OK;
}

static bool is_header(const struct csv *c, char *const *cells, size_t n)
{
    double x;
    for (size_t i = 0; i < n; i++)
        if (!parse_value(c, cells[i], &x))
            return true;
    return false;
}

/* The first row that is no comment, in `cells` [n], and what stands above the columns, or NULL: its
 * own cells, or those of the last comment when there are as many. */
static int read_heads(struct csv *c, char **cells, size_t n, const char *const **heads_out,
                      bool *first_out, struct bf_arena *a, struct bf_err *err)
{
    char **above = bf_arena_alloc(a, n, sizeof *above);
    size_t n_above = 0, n_cells;
    if (!above)
        return bf_fail_memory(err, "a trace");
    while (find_row(c) && *c->p == '#') {
        while (c->p < c->end && (*c->p == '#' || is_blank(*c->p)))
            c->p++;
        const bool empty = c->p == c->end || *c->p == '\n' || *c->p == '\r';
        n_above = 0;
        if (!empty)
            BF_TRY(read_row(c, above, n, &n_above, err));
    }
    int rc = read_row(c, cells, n, &n_cells, err);
    BF_TRY(rc);
    if (rc == BF_END)
        return bf_fail(err, BF_EDATA, "the table is empty");
    if (n_cells != n)
        return bf_fail(err, BF_EDATA, "line %ld: its quotes and separators do not fit together",
                       c->row_line);
    const bool header = is_header(c, cells, n);
    const bool named = header || (n_above == n && is_header(c, above, n));
    *heads_out = named ? (const char *const *)(header ? cells : above) : NULL;
    *first_out = !header;
    return BF_OK;
}

/* The first line that is no comment tells how cells are parted. */
static char separator_of(const struct csv *c, const struct bf_trace_how *how, size_t *n_cells_out)
{
    struct csv look = *c;
    while (find_row(&look) && *look.p == '#')
        while (look.p < look.end && *look.p != '\n' && *look.p != '\r')
            look.p++;
    return find_separator(look.p < look.end ? &look : c, how, n_cells_out);
}

static bool is_text(const char *p, size_t n)
{
    size_t odd = 0;
    for (size_t i = 0; i < n; i++)
        odd += (signed char)p[i] <= 0; /* beyond ASCII, or NUL */
    return odd == 0 || bf_text_is_utf8(p, n);
}

/* Room for all channels of `cap` steps, and where each column goes. */
static int make_sink(const struct bf_columns *col, size_t cap, struct sink *s, float **v_out,
                     struct bf_arena *a, struct bf_err *err)
{
    float *v = bf_arena_alloc(a, cap * col->n_kept, sizeof *v);
    *s = (struct sink){ .col = col, .to = bf_arena_alloc(a, col->n, sizeof *s->to) };
    s->at = col->time < col->n ? bf_arena_alloc(a, cap, sizeof *s->at) : NULL;
    if (!v || !s->to || (col->time < col->n && !s->at))
        return bf_fail_memory(err, "a trace");
    for (size_t k = 0; k < col->n_kept; k++)
        s->to[col->kept[k]] = v + k * cap;
    *v_out = v;
    return BF_OK;
}

int bf_csv_trace(char *bytes, size_t n, const struct bf_trace_how *how,
                 const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err)
{
    struct csv c = { .p = bytes, .end = bytes + n, .line = 1, .decimal_comma = how->decimal_comma };
    struct bf_columns col;
    struct sink sink;
    size_t n_cols;
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        c.p += 3;
    if (!is_text(c.p, (size_t)(c.end - c.p)))
        return bf_fail(err, BF_EDATA, "not a table of numbers: it is not UTF-8 text");
    c.sep = separator_of(&c, how, &n_cols);

    if (n_cols > MAX_COLUMNS)
        return bf_fail(err, BF_EDATA, "the table has %zu columns, limit %d", n_cols, MAX_COLUMNS);
    const size_t cap = count_lines(c.p, c.end);
    if (cap > limits->trace_values / n_cols)
        return bf_fail(err, BF_EDATA, "the table has %zu x %zu cells, limit %zu", cap, n_cols,
                       limits->trace_values);
    char **cells = bf_arena_alloc(a, n_cols, sizeof *cells);
    if (!cells)
        return bf_fail_memory(err, "a trace");
    const char *const *heads = NULL;
    bool first = false;
    BF_TRY(read_heads(&c, cells, n_cols, &heads, &first, a, err));
    BF_TRY(bf_columns_choose(heads, n_cols, how, &col, a, err));

    struct bf_trace t = { .rate_hz = how->rate_hz, .n_ch = (int)col.n_kept };
    struct bf_media_info got = { .format = "csv", .ext = "csv", .decoder = "csv" };
    BF_TRY(make_sink(&col, cap, &sink, &t.v, a, err));
    BF_TRY(read_rows(&c, &sink, cells, first, cap, t.v, &t.n, err));
    if (sink.at)
        BF_TRY(bf_times_rate(sink.at, t.n, col.per_second > 0 ? col.per_second : 1e3, how,
                             &t.rate_hz, &got, err));
    BF_TRY(bf_columns_name(&col, how, &t, a, err));
    BF_TRY(bf_trace_describe(&t, &got, err));
    *out = t;
    *info = got;
    return BF_OK;
}
