#ifndef BF_MODALITIES_TRACE_H
#define BF_MODALITIES_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

enum bf_time_unit { BF_TIME_AUTO, BF_TIME_S, BF_TIME_MS, BF_TIME_US, BF_TIME_NS };
enum bf_separator { BF_SEP_AUTO, BF_SEP_COMMA, BF_SEP_SEMICOLON, BF_SEP_TAB, BF_SEP_BLANK };

/* How a file of numbers becomes a trace. */
struct bf_trace_how {
    double rate_hz;       /* where the file has no times */
    const char *time;     /* column or array of times: "auto", "none" or its name */
    int time_unit;        /* enum bf_time_unit: what the times count in */
    const char *channels; /* which columns to keep, by name; * stands for any text */
    const char *unit;     /* of all values; "raw": as the file says, if it does */
    int separator;        /* enum bf_separator: between the cells of a table */
    bool decimal_comma;   /* "1,5" is one and a half */
    const char *array;    /* of a file that holds several: its name, or "auto" */
    bool last_axis;       /* time runs along the last axis of an array, not the first */
};

/* Text with one row a step: comma, semicolon, tab or blanks between the cells (found in the first
 * line), quotes, a header or none, lines that begin with # before it, CR LF or LF, a UTF-8 byte
 * order mark or none. An empty cell and "nan" become NaN. `bytes` [n] is followed by one writable
 * byte and is changed. BF_EDATA names the line of a short or long row or a cell that is no number;
 * BF_ENOMEM. */
int bf_csv_trace(char *bytes, size_t n, const struct bf_trace_how *how,
                 const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err);

/* NumPy's .npy, versions 1 to 3: floats of 2 to 8 bytes, whole numbers of 1 to 8, truth values,
 * either byte order, C or Fortran order, shape [n] or [n][channels]. BF_EDATA; BF_ENOMEM. */
int bf_npy_trace(const uint8_t *bytes, size_t n, const struct bf_trace_how *how,
                 const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err);

/* Whether `name` is `pattern`, whose every * stands for any text. */
bool bf_star_match(const char *pattern, const char *name);

/* Fill in what `info` says of a trace. BF_EDATA: every value is missing. */
int bf_trace_describe(const struct bf_trace *t, struct bf_media_info *info, struct bf_err *err);

/* Which channels have something to say: `usual_out` [n_ch] is false for one that never changes and,
 * among three or more that do, for one whose median lies further from theirs than 20 times their
 * spread, such as a proximity sensor that reads 65535 beside pressures of some hundreds. Returns
 * how many are left, or BF_ENOMEM without a message. */
int bf_trace_usual(const struct bf_trace *t, bool *usual_out, struct bf_arena *a);

/* The trace as CSV: a line such as "# 100 Hz, kPa, time in s, 200 of 1000 steps, evenly taken:",
 * then time and the channels under their names, else "ch1" ...; at most `max_rows` steps.
 * BF_ENOMEM. */
int bf_trace_table(const struct bf_trace *t, size_t max_rows, struct bf_blob *out,
                   struct bf_arena *a, struct bf_err *err);

/* The trace as a sound at its own rate: one or two channels as they are, of more the mean over the
 * usual ones; each without its mean, the largest value at full scale, missing ones 0. BF_ENOMEM. */
int bf_trace_sound(const struct bf_trace *t, struct bf_wave *out, struct bf_arena *a,
                   struct bf_err *err);

/* The trace as a picture for models: one line a channel, each in its own colour and named in it on
 * top, ticks with numbers for time and values, the unit. Values go from the least to the greatest
 * of the usual channels, the outermost 0.2 % cut off. BF_ENOMEM. */
int bf_trace_chart(const struct bf_trace *t, struct bf_raster *out, struct bf_arena *a,
                   struct bf_err *err);

/* The same for people, w x h px: lines and bare ticks alone. BF_ENOMEM. */
int bf_trace_plot(const struct bf_trace *t, int w, int h, struct bf_raster *out, struct bf_arena *a,
                  struct bf_err *err);

#endif
