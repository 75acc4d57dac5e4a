/* What all traces need, and a trace as a table and as a sound. */
#include "modalities/trace.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"

bool bf_star_match(const char *pattern, const char *name)
{
    const char *star = NULL;  /* after the last star met */
    const char *retry = NULL; /* where its text may go on growing */
    while (*name) {
        if (*pattern == '*') {
            star = ++pattern;
            retry = name;
        } else if (*pattern == *name) {
            pattern++;
            name++;
        } else if (star) {
            pattern = star;
            name = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

int bf_trace_describe(const struct bf_trace *t, struct bf_media_info *info, struct bf_err *err)
{
    const size_t n_values = (size_t)t->n_ch * t->n;
    size_t n_missing = 0;
    for (size_t i = 0; i < n_values; i++)
        n_missing += isnan(t->v[i]) != 0;
    if (n_missing == n_values)
        return bf_fail(err, BF_EDATA, "the trace holds no number");
    info->carrier = BF_TRACE;
    info->n_ch = t->n_ch;
    info->rate_hz = t->rate_hz;
    info->seconds = (double)t->n / t->rate_hz;
    if (n_missing)
        snprintf(info->warning, sizeof info->warning, "%zu of %zu values are missing", n_missing,
                 n_values);
    return BF_OK;
}

/* The `k`-th least of `v` [n], which is reordered (Hoare 1961, "Find"). */
static double select_least(double *v, size_t n, size_t k)
{
    size_t lo = 0, hi = n - 1;
    while (lo < hi) {
        const double pivot = v[lo + (hi - lo) / 2];
        size_t i = lo, j = hi;
        for (;;) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i >= j)
                break;
            const double x = v[i];
            v[i++] = v[j];
            v[j--] = x;
        }
        /* Up to `cut` are those not above the pivot. */
        const size_t cut = v[j] > pivot ? j - 1 : j;
        if (k <= cut)
            hi = cut < hi ? cut : hi - 1;
        else
            lo = cut + 1;
    }
    return v[k];
}

/* Median and width (1st to 99th percentile) of a channel, from at most `cap` of its values, which
 * go to `v`; false when it never changes. */
static bool measure(const float *from, size_t n, double *v, size_t cap, double *mid_out,
                    double *width_out)
{
    const size_t step = n / cap + 1;
    size_t k = 0;
    for (size_t i = 0; i < n; i += step)
        if (!isnan(from[i]))
            v[k++] = (double)from[i];
    float lo = INFINITY;
    float hi = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        lo = from[i] < lo ? from[i] : lo;
        hi = from[i] > hi ? from[i] : hi;
    }
    if (k == 0 || !(hi > lo))
        return false;
    *mid_out = select_least(v, k, k / 2);
    *width_out = select_least(v, k, k - 1 - k / 100) - select_least(v, k, k / 100);
    return true;
}

static double median(double *v, size_t n)
{
    return select_least(v, n, n / 2);
}

int bf_trace_usual(const struct bf_trace *t, bool *usual_out, struct bf_arena *a)
{
    enum { FEWEST = 3, FAR = 20, MAX_VALUES = 1024 };
    const size_t n_ch = (size_t)t->n_ch;
    double *mid = bf_arena_alloc(a, n_ch, 3 * sizeof *mid);
    double *v = bf_arena_alloc(a, MAX_VALUES, sizeof *v);
    if (!mid || !v)
        return BF_ENOMEM;
    double *rank = mid + n_ch;
    double *width = rank + n_ch;
    size_t n = 0;
    for (size_t c = 0; c < n_ch; c++) {
        usual_out[c] = measure(t->v + c * t->n, t->n, v, MAX_VALUES, &mid[c], &width[n]);
        if (usual_out[c])
            rank[n++] = mid[c];
    }
    if (n < FEWEST)
        return (int)n;
    const double middle = median(rank, n);
    for (size_t i = 0; i < n; i++)
        rank[i] = fabs(rank[i] - middle);
    const double spread = median(rank, n) + median(width, n);
    int n_usual = 0;
    for (size_t c = 0; c < n_ch; c++) {
        usual_out[c] = usual_out[c] && fabs(mid[c] - middle) <= FAR * spread;
        n_usual += usual_out[c];
    }
    return n_usual;
}

static void add_name(struct bf_buf *b, const char *name)
{
    if (!name[strcspn(name, ",\"\r\n")]) {
        bf_buf_str(b, name);
        return;
    }
    bf_buf_char(b, '"');
    for (; *name; name++) {
        if (*name == '"')
            bf_buf_char(b, '"');
        bf_buf_char(b, *name);
    }
    bf_buf_char(b, '"');
}

int bf_trace_table(const struct bf_trace *t, size_t max_rows, struct bf_blob *out,
                   struct bf_arena *a, struct bf_err *err)
{
    static const char bad[] = ",\"\r\n"; /* a unit is no reason for quotes */
    struct bf_buf b = { 0 };
    const size_t n_rows = t->n < max_rows ? t->n : max_rows;
    /* Of a rate made of times the last digits are rounding. */
    bf_buf_printf(&b, "# %.9g Hz, ", t->rate_hz);
    if (strcmp(t->unit, "raw") != 0)
        bf_buf_printf(&b, "%.64s, ", t->unit);
    bf_buf_str(&b, "time in s");
    if (n_rows < t->n)
        bf_buf_printf(&b, ", %zu of %zu steps, evenly taken", n_rows, t->n);
    bf_buf_str(&b, ":\ntime");
    for (int ch = 0; ch < t->n_ch; ch++) {
        bf_buf_char(&b, ',');
        if (t->names)
            add_name(&b, t->names[ch]);
        else
            bf_buf_printf(&b, "ch%d", ch + 1);
        if (t->units && strcmp(t->units[ch], "raw") != 0 &&
            !t->units[ch][strcspn(t->units[ch], bad)])
            bf_buf_printf(&b, " (%.64s)", t->units[ch]);
    }
    bf_buf_char(&b, '\n');

    for (size_t r = 0; r < n_rows; r++) {
        const size_t i = (size_t)((double)r * (double)t->n / (double)n_rows);
        bf_buf_printf(&b, "%.6g", (double)i / t->rate_hz);
        for (int ch = 0; ch < t->n_ch; ch++) {
            const float v = t->v[(size_t)ch * t->n + i];
            bf_buf_char(&b, ',');
            if (!isnan(v))
                bf_buf_printf(&b, "%.7g", (double)v);
        }
        bf_buf_char(&b, '\n');
    }
    uint8_t *bytes = b.failed ? NULL : bf_arena_memdup(a, b.data, b.len);
    *out = (struct bf_blob){ .ext = "csv", .mime = "text/csv", .bytes = bytes, .n = b.len };
    bf_buf_done(&b);
    return bytes ? BF_OK : bf_fail_memory(err, "a table");
}

/* One channel without its mean; missing values stay out of it and become 0. */
static void center(float *v, size_t n)
{
    double sum = 0;
    size_t there = 0;
    for (size_t i = 0; i < n; i++) {
        sum += isnan(v[i]) ? 0 : (double)v[i];
        there += !isnan(v[i]);
    }
    for (size_t i = 0; i < n; i++)
        v[i] = isnan(v[i]) ? 0 : (float)((double)v[i] - sum / (double)there);
}

/* The mean over the usual channels, each without its own; over all when none is usual. */
static int mean_channel(const struct bf_trace *t, float *out, struct bf_arena *a)
{
    bool *usual = bf_arena_alloc(a, (size_t)t->n_ch, sizeof *usual);
    float *one = bf_arena_alloc(a, t->n, sizeof *one);
    const int n_usual = usual ? bf_trace_usual(t, usual, a) : BF_ENOMEM;
    if (n_usual < 0 || !one)
        return BF_ENOMEM;
    for (int ch = 0; ch < t->n_ch; ch++) {
        if (n_usual && !usual[ch])
            continue;
        memcpy(one, t->v + (size_t)ch * t->n, t->n * sizeof *one);
        center(one, t->n);
        for (size_t i = 0; i < t->n; i++)
            out[i] += one[i] / (float)(n_usual ? n_usual : t->n_ch);
    }
    return BF_OK;
}

int bf_trace_sound(const struct bf_trace *t, struct bf_wave *out, struct bf_arena *a,
                   struct bf_err *err)
{
    const int n_ch = t->n_ch > 2 ? 1 : t->n_ch;
    const size_t n_values = (size_t)n_ch * t->n;
    float *v = bf_arena_alloc(a, n_values, sizeof *v);
    if (!v || (t->n_ch > 2 && mean_channel(t, v, a) != BF_OK))
        return bf_fail_memory(err, "a sound");
    if (t->n_ch <= 2)
        memcpy(v, t->v, n_values * sizeof *v);
    for (int ch = 0; ch < n_ch; ch++)
        center(v + (size_t)ch * t->n, t->n);
    float most = 0;
    for (size_t i = 0; i < n_values; i++)
        most = fmaxf(most, fabsf(v[i]));
    for (size_t i = 0; i < n_values && most > 0; i++)
        v[i] /= most;
    *out = (struct bf_wave){ .rate_hz = t->rate_hz, .n_ch = n_ch, .n = t->n, .v = v };
    return BF_OK;
}
