#ifndef BF_MODALITIES_READERS_COLUMNS_H
#define BF_MODALITIES_READERS_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"
#include "modalities/trace.h"

/* Which columns of a table are channels, and which one tells the time. */
struct bf_columns {
    size_t n; /* in the file */
    size_t n_kept;
    size_t *kept;       /* [n_kept] */
    const char **names; /* [n_kept], or NULL without a header */
    const char **units; /* [n_kept], or NULL when no column says */
    size_t time;        /* == n: none */
    double per_second;  /* of its times; 0: the column does not say */
};

/* Choose among `heads` [n], what stands above each column ("force (N)", "t [ms]"); NULL: nothing
 * does, and they are ch1, ch2 ... A unit in brackets is no part of the name. BF_EDATA: the column
 * that how->time names, or any that how->channels names, is not there; BF_ENOMEM. */
int bf_columns_choose(const char *const *heads, size_t n, const struct bf_trace_how *how,
                      struct bf_columns *out, struct bf_arena *a, struct bf_err *err);

/* Give `t` the names and units that were found. BF_ENOMEM. */
int bf_columns_name(const struct bf_columns *c, const struct bf_trace_how *how, struct bf_trace *t,
                    struct bf_arena *a, struct bf_err *err);

/* Whether `name` is what "auto" takes for times: it contains "time", or is "t". */
bool bf_is_time(const char *name);

/* What a name such as "time (s)" or "t_us" says its values count in, as a number of them in a
 * second; 0 when it says nothing. */
double bf_time_per_second(const char *name);

/* Steps a second from times `at` [n], which are overwritten. The median step counts, since loggers
 * stumble; among whole numbers, which are rounded, the mean of those near it. `per_second` is what
 * the times count in where how->time_unit is BF_TIME_AUTO. When steps are off by more than a tenth,
 * info->warning says so. BF_EDATA: they do not grow. */
int bf_times_rate(double *at, size_t n, double per_second, const struct bf_trace_how *how,
                  double *rate_out, struct bf_media_info *info, struct bf_err *err);

#endif
