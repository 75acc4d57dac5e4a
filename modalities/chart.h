#ifndef BF_MODALITIES_CHART_H
#define BF_MODALITIES_CHART_H

#include <stdint.h>

#include "core/media.h"

/* Lines, letters and axes on a raster, drawn by ourselves: no fonts, the same bytes everywhere.
 * What lies beyond the edges is left out. */

enum { BF_CHART_LINE = 20 }; /* px from one line of text to the next */

extern const uint8_t bf_white[3], bf_gray[3], bf_black[3];

void bf_chart_dot(struct bf_raster *r, int x, int y, const uint8_t rgb[3]);
void bf_chart_line(struct bf_raster *r, int x0, int y0, int x1, int y1, const uint8_t rgb[3]);

/* One letter of Latin-1, 5 x 8 points of `scale` px; a box when we do not have it. */
void bf_chart_letter(struct bf_raster *r, int x, int y, char letter, int scale,
                     const uint8_t rgb[3]);

/* UTF-8 `text` with its upper left corner at x, y, in letters of 10 x 16 px. Returns where the next
 * one would stand. */
int bf_chart_text(struct bf_raster *r, int x, int y, const char *text, const uint8_t rgb[3]);

/* How wide `text` would be, in px. */
int bf_chart_width(const char *text);

/* The distance of ticks over `span`: 1, 2 or 5 times a power of ten, at most `most` to the span. */
double bf_chart_step(double span, int most);

/* A tick's number with as many decimals as its step has: "0.5". */
void bf_chart_number(double v, double step, char *out, size_t n);

/* Time from 0 to `seconds` along the bottom y from px x0 to x1, with ticks and numbers and "time in
 * s" below. */
void bf_chart_time(struct bf_raster *r, int x0, int x1, int y, double seconds);

#endif
