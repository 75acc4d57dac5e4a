#ifndef BF_MODALITIES_READERS_POINTS_H
#define BF_MODALITIES_READERS_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* Points in space, as laser scanners and depth cameras give them. */
struct bf_points {
    size_t n, cap; /* cap: room */
    double *xyz;   /* [n][3], finite */
    uint8_t *rgb;  /* [n][3], or NULL when they have no colours */
};

/* Whether a file that begins so is one of points: PLY or PCD. Tables and arrays of points look like
 * others. */
bool bf_is_points(const uint8_t *head, size_t n);

/* Read PLY, PCD, an NPY array of shape [points][3 or more], or a table of numbers with three or
 * more to a row, by content. What has a coordinate that is no number is left out. Fills in format,
 * ending and decoder of `info`. BF_EDATA: damaged, no point, or more points than an eighth of
 * limits->trace_values; BF_ENOMEM. */
int bf_points_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                   struct bf_points *out, struct bf_media_info *info, struct bf_arena *a,
                   struct bf_err *err);

/* The same for one format. */
int bf_ply_points(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                  struct bf_points *out, struct bf_arena *a, struct bf_err *err);
int bf_pcd_points(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                  struct bf_points *out, struct bf_arena *a, struct bf_err *err);

/* Room for `n` points, with colours or without. BF_EDATA: too many; BF_ENOMEM. */
int bf_points_new(uint64_t n, bool colors, const struct bf_limits *limits, struct bf_points *out,
                  struct bf_arena *a, struct bf_err *err);

/* Add one; `rgb` in 0 .. 255 counts when there is room for colours. */
void bf_points_add(struct bf_points *p, const double xyz[3], const double rgb[3]);

/* The next word of a text from *at to `end`, within the line, NUL-terminated into `out` [cap], cut
 * when it is longer; false at the line's or the text's end. Blanks, commas and semicolons part
 * words. */
bool bf_next_word(const char **at, const char *end, char *out, size_t cap);

/* Behind the end of the line. */
void bf_next_line(const char **at, const char *end);

#endif
