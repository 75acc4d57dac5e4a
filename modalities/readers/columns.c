/* What columns of numbers mean: channels, units, times. */
#include "modalities/readers/columns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool bf_is_time(const char *name)
{
    if (strcasecmp(name, "t") == 0 || strncasecmp(name, "t_", 2) == 0)
        return true;
    for (; *name; name++)
        if (strncasecmp(name, "time", 4) == 0)
            return true;
    return false;
}

/* Where the unit of "force (N)" or "force [N]" begins and ends; false when there is none. */
static bool find_unit(const char *head, size_t *name_out, size_t *at_out, size_t *n_out)
{
    const size_t n = strlen(head);
    const char close = n ? head[n - 1] : '\0';
    if (close != ')' && close != ']')
        return false;
    const char *open = strrchr(head, close == ')' ? '(' : '[');
    if (!open)
        return false;
    const size_t at = (size_t)(open - head);
    size_t name = at;
    while (name > 0 && head[name - 1] == ' ')
        name--;
    if (name == 0 || at + 2 >= n)
        return false;
    *name_out = name;
    *at_out = at + 1;
    *n_out = n - at - 2;
    return true;
}

double bf_time_per_second(const char *name)
{
    static const struct {
        const char *word;
        double per_second;
    } words[] = {
        { "s", 1 },           { "sec", 1 },  { "seconds", 1 },
        { "ms", 1e3 },        { "us", 1e6 }, { "\xc2\xb5s", 1e6 }, /* micro sign */
        { "\xce\xbcs", 1e6 },                                      /* Greek mu */
        { "ns", 1e9 },
    };
    size_t end, at, n;
    if (!find_unit(name, &end, &at, &n)) {
        const char *last = strrchr(name, '_');
        at = last ? (size_t)(last - name) + 1 : 0;
        n = last ? strlen(name) - at : 0;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (n == strlen(words[i].word) && strncmp(name + at, words[i].word, n) == 0)
            return words[i].per_second;
    return 0;
}

int bf_columns_choose(const char *const *heads, size_t n, const struct bf_trace_how *how,
                      struct bf_columns *out, struct bf_arena *a, struct bf_err *err)
{
    const bool automatic = strcmp(how->time, "auto") == 0;
    const bool named = !automatic && strcmp(how->time, "none") != 0;
    struct bf_columns c = { .n = n, .time = n };
    c.kept = bf_arena_alloc(a, n, sizeof *c.kept);
    c.names = heads ? bf_arena_alloc(a, n, sizeof *c.names) : NULL;
    c.units = heads ? bf_arena_alloc(a, n, sizeof *c.units) : NULL;
    if (!c.kept || (heads && (!c.names || !c.units)))
        return bf_fail_memory(err, "a trace");
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            char number[32];
            size_t n_name, at, n_unit;
            snprintf(number, sizeof number, "ch%zu", i + 1);
            const char *head = heads ? heads[i] : number;
            const bool split = heads && find_unit(head, &n_name, &at, &n_unit);
            const char *name = split ? bf_arena_strndup(a, head, n_name) : head;
            if (!name)
                return bf_fail_memory(err, "a trace");
            if (pass == 0) {
                const bool is = heads && (automatic ? bf_is_time(name)
                                                    : named && (strcmp(name, how->time) == 0 ||
                                                                strcmp(head, how->time) == 0));
                c.time = is && c.time == n ? i : c.time;
                continue;
            }
            if (i == c.time ||
                !(bf_star_match(how->channels, head) || bf_star_match(how->channels, name)))
                continue;
            c.kept[c.n_kept++] = i;
            if (!heads)
                continue;
            c.names[c.n_kept - 1] = split ? name : bf_arena_strdup(a, head);
            c.units[c.n_kept - 1] = split ? bf_arena_strndup(a, head + at, n_unit) : "";
            if (!c.names[c.n_kept - 1] || !c.units[c.n_kept - 1])
                return bf_fail_memory(err, "a trace");
        }
    if (named && c.time == n)
        return bf_fail(err, BF_EDATA,
                       heads ? "no column is called '%s', which 'time' names"
                             : "there is no header to find column '%s' in",
                       how->time);
    if (c.n_kept == 0)
        return bf_fail(err, BF_EDATA, "none of its %zu columns is a channel called '%s'", n,
                       how->channels);
    if (c.n_kept > INT32_MAX)
        return bf_fail(err, BF_EDATA, "the table has %zu columns, limit %d", n, INT32_MAX);
    c.per_second = heads && c.time < n ? bf_time_per_second(heads[c.time]) : 0;
    *out = c;
    return BF_OK;
}

int bf_columns_name(const struct bf_columns *c, const struct bf_trace_how *how, struct bf_trace *t,
                    struct bf_arena *a, struct bf_err *err)
{
    bool all_alike = true, any = false;
    t->unit = how->unit;
    t->names = c->names;
    for (size_t k = 0; c->units && k < c->n_kept; k++) {
        any |= c->units[k][0] != '\0';
        all_alike &= strcmp(c->units[k], c->units[0]) == 0;
    }
    /* What the spec says of the unit stands above what files say. */
    if (!any || strcmp(how->unit, "raw") != 0)
        return BF_OK;
    if (all_alike) {
        t->unit = c->units[0];
        return BF_OK;
    }
    const char **units = bf_arena_alloc(a, c->n_kept, sizeof *units);
    if (!units)
        return bf_fail_memory(err, "a trace");
    for (size_t k = 0; k < c->n_kept; k++)
        units[k] = c->units[k][0] ? c->units[k] : how->unit;
    t->units = units;
    return BF_OK;
}

static int by_value(const void *x, const void *y)
{
    const double a = *(const double *)x;
    const double b = *(const double *)y;
    return (a > b) - (a < b);
}

/* The mean of the steps [n], sorted, that lie within half of their median. */
static double mean_near(const double *steps, size_t n, double median)
{
    double sum = 0;
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (fabs(steps[i] - median) <= median / 2) {
            sum += steps[i];
            k++;
        }
    return sum / (double)k;
}

int bf_times_rate(double *at, size_t n, double per_second, const struct bf_trace_how *how,
                  double *rate_out, struct bf_media_info *info, struct bf_err *err)
{
    static const double units[] = {
        [BF_TIME_S] = 1, [BF_TIME_MS] = 1e3, [BF_TIME_US] = 1e6, [BF_TIME_NS] = 1e9
    };
    size_t n_steps = 0, n_off = 0;
    bool whole = true;
    double *steps = at, most = 0;
    for (size_t i = 1; i < n; i++) {
        const double before = i == 1 ? at[0] : most;
        most = at[i]; /* the time itself, before a step takes its place */
        if (isnan(most) || isnan(before))
            continue;
        whole &= !(fabs(most - floor(most)) > 0);
        steps[n_steps++] = most - before;
    }
    *rate_out = how->rate_hz;
    if (n_steps == 0)
        return BF_OK;
    qsort(steps, n_steps, sizeof *steps, by_value);
    const double median = steps[n_steps / 2];
    if (!(median > 0) || isinf(median))
        return bf_fail(err, BF_EDATA, "the times in column '%s' do not grow",
                       strcmp(how->time, "auto") == 0 ? "time" : how->time);
    const double step = whole ? mean_near(steps, n_steps, median) : median;
    *rate_out = (how->time_unit == BF_TIME_AUTO ? per_second : units[how->time_unit]) / step;
    for (size_t i = 0; i < n_steps; i++)
        n_off += fabs(steps[i] - step) > fmax(0.1 * step, whole ? 1 : 0);
    if (n_off > 0 && !info->warning[0])
        snprintf(info->warning, sizeof info->warning,
                 "%.1f %% of the steps in time are uneven: %.3g to %.3g, not %.3g",
                 fmin(100 * (double)n_off / (double)n_steps, 100), steps[0], steps[n_steps - 1],
                 step);
    return BF_OK;
}
