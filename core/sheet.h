#ifndef BF_CORE_SHEET_H
#define BF_CORE_SHEET_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* A contact sheet: what one sample shows under every condition, side by side. */

enum { BF_TILE_W = 160, BF_TILE_H = 120, BF_LETTER_W = 5, BF_LETTER_H = 8 };

struct bf_tile {
    const char *title, *part; /* two lines: the condition, "image.1" */
    struct bf_raster picture; /* at most BF_TILE_W x BF_TILE_H; w = 0: nothing is shown */
};

/* `n` tiles, row by row, as wide as the sheet is high; picture and memory are `a`'s. BF_ENOMEM. */
int bf_sheet_draw(const struct bf_tile *tiles, int n, struct bf_raster *out, struct bf_arena *a,
                  struct bf_err *err);

/* The points of a letter of Latin-1, BF_LETTER_H rows from the top, the highest of BF_LETTER_W bits
 * at the left; NULL when there is none. */
const uint8_t *bf_letter(char c);

#endif
