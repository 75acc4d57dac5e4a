/* The contact sheet of one sample. */
#include "core/sheet.h"

#include <math.h>
#include <string.h>

enum { GAP = 6, LINE = BF_LETTER_H + 2, HEAD = 2 * LINE, ADVANCE = BF_LETTER_W + 1 };
enum { CELL_W = BF_TILE_W + GAP, CELL_H = BF_TILE_H + HEAD + GAP };

static const uint8_t paper[3] = { 255, 255, 255 };
static const uint8_t frame[3] = { 170, 170, 170 };
static const uint8_t ink[3] = { 0, 0, 0 };

static void fill(struct bf_raster *r, int x, int y, int w, int h, const uint8_t rgb[3])
{
    for (int v = y; v < y + h; v++)
        for (int u = x; u < x + w; u++)
            memcpy(r->px + v * r->stride + 3 * u, rgb, 3);
}

/* As much of `text` as fits into a tile's width. */
static void write_line(struct bf_raster *r, int x, int y, const char *text)
{
    for (int i = 0; text[i] && (i + 1) * ADVANCE <= BF_TILE_W; i++) {
        const uint8_t *rows = bf_letter(text[i]);
        for (int v = 0; rows && v < BF_LETTER_H; v++)
            for (int u = 0; u < BF_LETTER_W; u++)
                if (rows[v] >> (BF_LETTER_W - 1 - u) & 1)
                    fill(r, x + i * ADVANCE + u, y + v, 1, 1, ink);
    }
}

/* What is not shown is an empty frame, so that it is not taken for a white picture. */
static void draw_tile(struct bf_raster *r, int x, int y, const struct bf_tile *t)
{
    write_line(r, x, y, t->title);
    write_line(r, x, y + LINE, t->part);
    y += HEAD;
    fill(r, x - 1, y - 1, BF_TILE_W + 2, BF_TILE_H + 2, frame);
    fill(r, x, y, BF_TILE_W, BF_TILE_H, paper);
    if (t->picture.w == 0) {
        for (int i = 0; i < BF_TILE_W; i++) {
            const int v = i * (BF_TILE_H - 1) / (BF_TILE_W - 1);
            fill(r, x + i, y + v, 1, 1, frame);
            fill(r, x + i, y + BF_TILE_H - 1 - v, 1, 1, frame);
        }
        return;
    }
    fill(r, x, y, BF_TILE_W, BF_TILE_H, frame);
    x += (BF_TILE_W - t->picture.w) / 2;
    y += (BF_TILE_H - t->picture.h) / 2;
    for (int v = 0; v < t->picture.h; v++)
        memcpy(r->px + (y + v) * r->stride + 3 * x, t->picture.px + v * t->picture.stride,
               (size_t)t->picture.w * 3);
}

int bf_sheet_draw(const struct bf_tile *tiles, int n, struct bf_raster *out, struct bf_arena *a,
                  struct bf_err *err)
{
    const int n_wide = (int)ceil(sqrt((double)n * CELL_H / CELL_W));
    const int n_high = (n + n_wide - 1) / n_wide;
    struct bf_raster r = { .w = n_wide * CELL_W + GAP, .h = n_high * CELL_H + GAP };
    r.stride = 3 * (ptrdiff_t)r.w;
    r.px = bf_arena_alloc(a, (size_t)r.stride, (size_t)r.h);
    if (!r.px)
        return bf_fail_memory(err, "the contact sheet");
    fill(&r, 0, 0, r.w, r.h, paper);
    for (int i = 0; i < n; i++)
        draw_tile(&r, GAP + i % n_wide * CELL_W, GAP + i / n_wide * CELL_H, &tiles[i]);
    *out = r;
    return BF_OK;
}
