/* A clip as one picture. */
#include "modalities/film.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "modalities/chart.h"
#include "modalities/raster.h"

enum { GAP = 8, LABEL_H = BF_CHART_LINE };

/* Columns and rows, and what one frame gets. */
struct grid {
    int n_wide, n_high;
    int w, h;   /* of a frame as it is drawn, px */
    int cell_w; /* without the gap */
};

static void label_of(const struct bf_clip *c, int i, char *out, size_t n)
{
    (void)snprintf(out, n, "%.2f s", c->at_seconds[i]);
}

/* The same room for every label. */
static int label_width(const struct bf_clip *c)
{
    char text[64];
    int most = 0;
    for (int i = 0; i < c->n_frames; i++) {
        label_of(c, i, text, sizeof text);
        const int w = bf_chart_width(text);
        most = w > most ? w : most;
    }
    return most;
}

/* The grid of `n_wide` columns within `side`. */
static struct grid grid_of(const struct bf_clip *c, int n_wide, int label_w, int side)
{
    const int w = c->frames[0].w, h = c->frames[0].h;
    struct grid g = { .n_wide = n_wide, .n_high = (c->n_frames + n_wide - 1) / n_wide };
    const int room_w = (side - GAP) / g.n_wide - GAP;
    const int room_h = (side - GAP) / g.n_high - GAP - LABEL_H;
    const double scale = fmin(1, fmin((double)room_w / w, (double)room_h / h));
    g.w = (int)fmax(floor(w * scale), 1);
    g.h = (int)fmax(floor(h * scale), 1);
    g.cell_w = g.w > label_w ? g.w : label_w;
    return g;
}

static int longest_side(const struct grid *g)
{
    const int w = g->n_wide * (g->cell_w + GAP) + GAP;
    const int h = g->n_high * (g->h + LABEL_H + GAP) + GAP;
    return w > h ? w : h;
}

/* Whether `x` shows the frames larger than `y`, or as large on a squarer sheet; a sheet that keeps
 * within `side` is always better than one that the labels drive beyond. */
static bool is_better(const struct grid *x, const struct grid *y, int side)
{
    const bool fits[2] = { longest_side(x) <= side, longest_side(y) <= side };
    if (fits[0] != fits[1])
        return fits[0];
    if (fits[0] && x->w != y->w)
        return x->w > y->w;
    return longest_side(x) < longest_side(y);
}

int bf_clip_sheet(const struct bf_clip *in, int side, struct bf_raster *out, struct bf_arena *a,
                  struct bf_err *err)
{
    const int label_w = label_width(in);
    struct grid best = grid_of(in, 1, label_w, side);
    struct bf_raster r;
    for (int n_wide = 2; n_wide <= in->n_frames; n_wide++) {
        const struct grid g = grid_of(in, n_wide, label_w, side);
        if (is_better(&g, &best, side))
            best = g;
    }
    BF_TRY(bf_raster_new(best.n_wide * (best.cell_w + GAP) + GAP,
                         best.n_high * (best.h + LABEL_H + GAP) + GAP, &r, a, err));
    bf_raster_fill(&r, bf_white);
    for (int i = 0; i < in->n_frames; i++) {
        struct bf_raster small = in->frames[i];
        char label[64];
        const int x = GAP + i % best.n_wide * (best.cell_w + GAP);
        const int y = GAP + i / best.n_wide * (best.h + LABEL_H + GAP);
        if (small.w != best.w || small.h != best.h)
            BF_TRY(bf_raster_resize(&in->frames[i], best.w, best.h, &small, a, err));
        label_of(in, i, label, sizeof label);
        bf_chart_text(&r, x, y, label, bf_black);
        for (int v = 0; v < small.h; v++)
            memcpy(r.px + (y + LABEL_H + v) * r.stride + 3 * x, small.px + v * small.stride,
                   (size_t)small.w * 3);
    }
    *out = r;
    return BF_OK;
}
