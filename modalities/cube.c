/* A panorama as the sides of a cube. */
#include "modalities/cube.h"

#include <math.h>

#include "modalities/chart.h"
#include "modalities/raster.h"

enum { MOST_PX = 512, GAP = 8, N_WIDE = 3 };
static const double pi = 3.14159265358979323846;

/* Of each side: what lies to its right, above and straight ahead; x is right, y up, z front. */
static const struct side {
    const char *name;
    double right[3], up[3], ahead[3];
} sides[] = {
    { "front", { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
    { "right", { 0, 0, -1 }, { 0, 1, 0 }, { 1, 0, 0 } },
    { "back", { -1, 0, 0 }, { 0, 1, 0 }, { 0, 0, -1 } },
    { "left", { 0, 0, 1 }, { 0, 1, 0 }, { -1, 0, 0 } },
    { "up", { 1, 0, 0 }, { 0, 0, -1 }, { 0, 1, 0 } },
    { "down", { 1, 0, 0 }, { 0, 0, 1 }, { 0, -1, 0 } },
};

/* The colour at column x and row y of px, whose middles are whole numbers; the left end goes on at
 * the right. */
static void mix(const struct bf_raster *in, double x, double y, uint8_t *rgb)
{
    const double x0 = floor(x), y0 = floor(y);
    const double part_x = x - x0, part_y = y - y0;
    double sum[3] = { 0 };
    for (int k = 0; k < 4; k++) {
        const int u = (int)x0 + k % 2, v = (int)y0 + k / 2;
        const int column = (u % in->w + in->w) % in->w;
        const int row = v < 0 ? 0 : v >= in->h ? in->h - 1 : v;
        const double share = (k % 2 ? part_x : 1 - part_x) * (k / 2 ? part_y : 1 - part_y);
        for (int c = 0; c < 3; c++)
            sum[c] += share * in->px[row * in->stride + 3 * column + c];
    }
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)(sum[c] + 0.5);
}

static void draw_side(const struct bf_raster *in, const struct side *s, int px, int x0, int y0,
                      struct bf_raster *out)
{
    const double per_turn = in->w / (2 * pi);
    for (int y = 0; y < px; y++)
        for (int x = 0; x < px; x++) {
            const double u = (2 * x + 1.0) / px - 1, v = 1 - (2 * y + 1.0) / px;
            double to[3];
            for (int k = 0; k < 3; k++)
                to[k] = s->ahead[k] + u * s->right[k] + v * s->up[k];
            const double around = atan2(to[0], to[2]), above = atan2(to[1], hypot(to[0], to[2]));
            const double row = in->h / 2.0 - above * per_turn - 0.5;
            uint8_t rgb[3] = { 0, 0, 0 };
            if (row >= -0.5 && row <= in->h - 0.5)
                mix(in, in->w / 2.0 + around * per_turn - 0.5, row, rgb);
            bf_chart_dot(out, x0 + x, y0 + y, rgb);
        }
}

int bf_raster_cube(const struct bf_raster *in, struct bf_raster *out, struct bf_arena *a,
                   struct bf_err *err)
{
    const int px = in->w < 4 ? 1 : in->w / 4 < MOST_PX ? in->w / 4 : MOST_PX;
    const int name_w = bf_chart_width("right");
    const int cell_w = (px > name_w ? px : name_w) + GAP, cell_h = px + BF_CHART_LINE + GAP;
    struct bf_raster r;
    BF_TRY(bf_raster_new(N_WIDE * cell_w + GAP, 2 * cell_h + GAP, &r, a, err));
    bf_raster_fill(&r, bf_white);
    for (int i = 0; i < (int)(sizeof sides / sizeof *sides); i++) {
        const int x = GAP + i % N_WIDE * cell_w, y = GAP + i / N_WIDE * cell_h;
        bf_chart_text(&r, x, y, sides[i].name, bf_black);
        draw_side(in, &sides[i], px, x, y + BF_CHART_LINE, &r);
    }
    *out = r;
    return BF_OK;
}
