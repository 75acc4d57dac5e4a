/* Traces from arrays of numbers, whatever file held them. */
#include "modalities/readers/arrays.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "modalities/readers/columns.h"
#include "core/number.h"
#include "modalities/readers/stores.h"

static double value_at(const struct bf_array *x, size_t row, size_t col)
{
    return bf_number_at(x->bytes + row * x->row_step + col * x->col_step,
                        (struct bf_number){ x->kind, x->size }, x->big);
}

void bf_array_dense(struct bf_array *x, bool fortran)
{
    x->row_step = (size_t)x->size * (fortran ? 1 : x->cols);
    x->col_step = (size_t)x->size * (fortran ? x->rows : 1);
}

/* Floats too large for 32 bits, and infinite ones, are NaN. */
static float to_float(double d)
{
    const float f = fabs(d) > 3.5e38 ? NAN : (float)d;
    return isfinite(f) ? f : NAN;
}

static const uint16_t order_probe = 1;

static bool is_native(const struct bf_array *x)
{
    uint8_t first;
    memcpy(&first, &order_probe, 1);
    return x->big == (first == 0);
}

/* One column as channel `to` [rows]. */
static void take_column(const struct bf_array *x, size_t col, float *to)
{
    const uint8_t *p = x->bytes + col * x->col_step;
    if (x->kind == 'f' && x->size == 4 && is_native(x)) {
        for (size_t i = 0; i < x->rows; i++) {
            float f;
            memcpy(&f, p + i * x->row_step, sizeof f);
            to[i] = isfinite(f) ? f : NAN;
        }
        return;
    }
    if (x->kind == 'f' && x->size == 8 && is_native(x)) {
        for (size_t i = 0; i < x->rows; i++) {
            double d;
            memcpy(&d, p + i * x->row_step, sizeof d);
            to[i] = to_float(d);
        }
        return;
    }
    for (size_t i = 0; i < x->rows; i++)
        to[i] = to_float(value_at(x, i, col));
}

static void turn(struct bf_array *x)
{
    const struct bf_array from = *x;
    x->rows = from.cols;
    x->cols = from.rows;
    x->row_step = from.col_step;
    x->col_step = from.row_step;
}

/* What an array is called, without the groups or structures around it. */
static const char *base_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    const char *slash = strrchr(name, '/');
    const char *last = !slash || (dot && dot > slash) ? dot : slash;
    return last ? last + 1 : name;
}

static bool is_times(const struct bf_array *x, const struct bf_trace_how *how)
{
    if (strcmp(how->time, "auto") == 0)
        return bf_is_time(base_name(x->name));
    return strcmp(x->name, how->time) == 0 || strcmp(base_name(x->name), how->time) == 0;
}

/* The array that the trace is made of. */
static int choose(const struct bf_arrays *from, const struct bf_trace_how *how,
                  struct bf_array **out, struct bf_err *err)
{
    const bool automatic = strcmp(how->array, "auto") == 0;
    struct bf_array *best = NULL;
    size_t most = 0, n_best = 0;
    for (size_t i = 0; i < from->n; i++) {
        struct bf_array *x = &from->list[i];
        if (!automatic && strcmp(x->name, how->array) != 0 &&
            strcmp(base_name(x->name), how->array) != 0)
            continue;
        const size_t n = x->rows && x->cols ? x->rows * x->cols : 0;
        if (automatic && best && n == most && is_times(x, how))
            continue;
        /* Ties of single channels are the channels of one trace. */
        n_best = !best || n > most ? 1 : n_best + (n == most && (x->cols > 1 || best->cols > 1));
        best = !best || n > most ? x : best;
        most = n > most ? n : most;
    }
    if (!best && automatic)
        return bf_fail(err, BF_EDATA, "the file holds no array of numbers");
    if (!best)
        return bf_fail(err, BF_EDATA, "the file holds no array of numbers called '%s'", how->array);
    if (n_best > 1)
        return bf_fail(err, BF_EDATA,
                       "%zu of its arrays are as large as '%s'; the option 'array' names one",
                       n_best, best->name);
    if (best->wrong)
        return bf_fail(err, BF_EDATA, "the array '%s' has more than two dimensions", best->name);
    *out = best;
    return BF_OK;
}

static int load(struct bf_arrays *from, struct bf_array *x, struct bf_arena *a, struct bf_err *err)
{
    return x->bytes ? BF_OK : from->load(from->ctx, x, a, err);
}

/* Every array that is one channel as long as `first`: the columns of a table, by their names. */
static int gather_columns(struct bf_arrays *from, struct bf_array *first, bool alone,
                          const struct bf_trace_how *how, struct bf_array ***columns_out,
                          const char ***heads_out, size_t *n_out, struct bf_arena *a,
                          struct bf_err *err)
{
    struct bf_array **columns = bf_arena_alloc(a, from->n, sizeof *columns);
    const char **heads = bf_arena_alloc(a, from->n, sizeof *heads);
    size_t n = 0;
    if (!columns || !heads)
        return bf_fail_memory(err, "a trace");
    for (size_t i = 0; i < from->n; i++) {
        struct bf_array *x = &from->list[i];
        const bool times = is_times(x, how);
        if (x->rows != first->rows || x->cols != 1 || x->wrong || (alone && x != first && !times))
            continue;
        columns[n] = x;
        heads[n++] = base_name(x->name);
    }
    *columns_out = columns;
    *heads_out = heads;
    *n_out = n;
    return BF_OK;
}

/* Times as double values, which 32-bit ones could not tell apart. */
static int take_times(const struct bf_array *x, size_t col, const char *name, double per_second,
                      const struct bf_trace_how *how, struct bf_trace *t,
                      struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    double *at = bf_arena_alloc(a, x->rows, sizeof *at);
    if (!at)
        return bf_fail_memory(err, "a trace");
    for (size_t i = 0; i < x->rows; i++)
        at[i] = value_at(x, i, col);
    const double said = per_second > 0 ? per_second : bf_time_per_second(name);
    return bf_times_rate(at, x->rows, said > 0 ? said : 1, how, &t->rate_hz, info, err);
}

static int check_size(const struct bf_array *x, size_t n_cols, const struct bf_limits *limits,
                      struct bf_err *err)
{
    if (x->rows == 0 || n_cols == 0)
        return bf_fail(err, BF_EDATA, "the array holds no values");
    if (x->rows > limits->trace_values / n_cols)
        return bf_fail(err, BF_EDATA, "the array has %zu x %zu values, limit %zu", x->rows, n_cols,
                       limits->trace_values);
    return BF_OK;
}

/* A table of arrays of one channel each. */
static int from_columns(struct bf_arrays *from, struct bf_array *first, bool alone,
                        const struct bf_trace_how *how, const struct bf_limits *limits,
                        struct bf_trace *t, struct bf_media_info *info, struct bf_arena *a,
                        struct bf_err *err)
{
    struct bf_array **columns = NULL;
    const char **heads = NULL;
    size_t n = 0;
    struct bf_columns c;
    BF_TRY(gather_columns(from, first, alone, how, &columns, &heads, &n, a, err));
    const bool named = first->name[0] != '\0';
    BF_TRY(bf_columns_choose(named ? heads : NULL, n, how, &c, a, err));
    BF_TRY(check_size(first, c.n_kept, limits, err));
    float *v = bf_arena_alloc(a, first->rows * c.n_kept, sizeof *v);
    if (!v)
        return bf_fail_memory(err, "a trace");
    for (size_t k = 0; k < c.n_kept; k++) {
        BF_TRY(load(from, columns[c.kept[k]], a, err));
        take_column(columns[c.kept[k]], 0, v + k * first->rows);
    }
    if (c.time < c.n) {
        BF_TRY(load(from, columns[c.time], a, err));
        BF_TRY(take_times(columns[c.time], 0, columns[c.time]->name, c.per_second, how, t, info, a,
                          err));
    }
    t->n = first->rows;
    t->n_ch = (int)c.n_kept;
    t->v = v;
    return bf_columns_name(&c, how, t, a, err);
}

/* The times of an array of several channels, which lie in another one, if anywhere. */
static int find_times(struct bf_arrays *from, const struct bf_array *x,
                      const struct bf_trace_how *how, struct bf_trace *t,
                      struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    const bool automatic = strcmp(how->time, "auto") == 0;
    if (strcmp(how->time, "none") == 0)
        return BF_OK;
    for (size_t i = 0; i < from->n; i++) {
        struct bf_array *times = &from->list[i];
        if (!is_times(times, how) || times->rows != x->rows || times->cols != 1 || times->wrong ||
            times == x)
            continue;
        BF_TRY(load(from, times, a, err));
        return take_times(times, 0, times->name, 0, how, t, info, a, err);
    }
    return automatic
               ? BF_OK
               : bf_fail(err, BF_EDATA,
                         "no column or array of %zu values is called '%s', which 'time' names",
                         x->rows, how->time);
}

static int from_matrix(struct bf_arrays *from, struct bf_array *x, const struct bf_trace_how *how,
                       const struct bf_limits *limits, struct bf_trace *t,
                       struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    struct bf_columns c;
    const bool named = from->names && from->n_names == x->cols;
    struct bf_trace_how inside = *how;
    if (!named)
        inside.time = "none";
    BF_TRY(check_size(x, x->cols, limits, err));
    BF_TRY(bf_columns_choose(named ? from->names : NULL, x->cols, &inside, &c, a, err));
    float *v = bf_arena_alloc(a, x->rows * c.n_kept, sizeof *v);
    if (!v)
        return bf_fail_memory(err, "a trace");
    BF_TRY(load(from, x, a, err));
    for (size_t k = 0; k < c.n_kept; k++)
        take_column(x, c.kept[k], v + k * x->rows);
    if (c.time < c.n)
        BF_TRY(take_times(x, c.time, from->names[c.time], c.per_second, how, t, info, a, err));
    else
        BF_TRY(find_times(from, x, how, t, info, a, err));
    t->n = x->rows;
    t->n_ch = (int)c.n_kept;
    t->v = v;
    return bf_columns_name(&c, how, t, a, err);
}

int bf_arrays_trace(struct bf_arrays *from, const struct bf_trace_how *how,
                    const struct bf_limits *limits, struct bf_trace *out,
                    struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    struct bf_array *x = NULL;
    struct bf_trace_how with = *how;
    BF_TRY(choose(from, how, &x, err));
    if (how->last_axis && x->cols > 1)
        turn(x);
    if (from->unit && strcmp(how->unit, "raw") == 0)
        with.unit = from->unit;
    struct bf_trace t = { .rate_hz = from->rate_hz > 0 ? from->rate_hz : how->rate_hz };
    with.rate_hz = t.rate_hz;
    const bool alone = strcmp(how->array, "auto") != 0;
    BF_TRY(x->cols == 1 ? from_columns(from, x, alone, &with, limits, &t, info, a, err)
                        : from_matrix(from, x, &with, limits, &t, info, a, err));
    BF_TRY(bf_trace_describe(&t, info, err));
    *out = t;
    return BF_OK;
}

bool bf_is_rate(const char *name)
{
    static const char *const words[] = { "rate",       "rate_hz",     "fs",
                                         "fs_hz",      "sample_rate", "sampling_rate",
                                         "samplerate", "sr",          "sampling_frequency",
                                         "sample_freq" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(base_name(name), words[i]) == 0)
            return true;
    return false;
}

int bf_arrays_scalars(struct bf_arrays *arrays, struct bf_arena *a, struct bf_err *err)
{
    bool many = false;
    for (size_t i = 0; i < arrays->n; i++)
        many |= arrays->list[i].rows > 1 || arrays->list[i].cols > 1;
    size_t n = 0;
    for (size_t i = 0; i < arrays->n && many; i++) {
        struct bf_array *x = &arrays->list[i];
        if (x->rows != 1 || x->cols != 1) {
            arrays->list[n++] = *x;
            continue;
        }
        if (!bf_is_rate(x->name))
            continue;
        BF_TRY(load(arrays, x, a, err));
        const double rate = value_at(x, 0, 0);
        if (rate > 0 && rate < 1e12)
            arrays->rate_hz = rate;
    }
    arrays->n = many ? n : arrays->n;
    return BF_OK;
}
