/* The clip of a scene: a ball leaves the middle in one of eight directions and may change its
 * colour half-way; the background lights up in one colour for a while; one of eight bulbs goes on.
 * Its first frame shows none of this but the ball's first colour. Written as AVI with raw I420
 * frames. */
#include <string.h>

#include "demo/scene.h"

enum { SIDE = 64, N_FRAMES = 16, FPS = 8, RADIUS = 10, LIT_FRAMES = 4 };

static const int directions[8][2] = {
    { 0, -14 }, { 14, -14 }, { 20, 0 },  { 14, 14 },
    { 0, 14 },  { -14, 14 }, { -20, 0 }, { -14, -14 },
};

static const int balls[8][3] = {
    { 225, 30, 20 },  { 250, 160, 10 }, { 245, 240, 80 }, { 20, 150, 70 },
    { 60, 225, 235 }, { 25, 60, 200 },  { 125, 60, 215 }, { 230, 40, 170 },
};

static const int lights[8][3] = {
    { 200, 20, 45 },  { 245, 135, 20 }, { 230, 205, 30 }, { 110, 220, 30 },
    { 40, 205, 205 }, { 60, 45, 190 },  { 140, 50, 150 }, { 250, 110, 165 },
};

struct frame {
    int ball_x, ball_y;
    const int *ball, *ground; /* colours */
    int lit;                  /* bulb, -1 = none */
};

/* The bulb at a place, -1 = none: four squares along the upper edge, four along the lower. */
static int bulb_at(int x, int y)
{
    const int across = x % 16, down = y < SIDE / 2 ? y : SIDE - 1 - y;
    if (across < 3 || across > 12 || down < 1 || down > 8)
        return -1;
    return x / 16 + (y < SIDE / 2 ? 0 : 4);
}

static const int *pixel(const struct frame *f, int x, int y)
{
    static const int on[3] = { 255, 255, 255 };
    const int dx = x - f->ball_x, dy = y - f->ball_y;
    if (f->lit >= 0 && bulb_at(x, y) == f->lit)
        return on; /* those that are off are not seen against the wall */
    return dx * dx + dy * dy <= RADIUS * RADIUS ? f->ball : f->ground;
}

void clip_make(const struct scene *s, struct bf_buf *out)
{
    struct bf_rng r = bf_rng_for(s->seed, "", "clip", 0);
    const int level = draw_between(&r, 42, 50), bulb_from = draw_between(&r, 2, 3);
    const int light_from = draw_between(&r, 3, N_FRAMES - LIT_FRAMES - 2);
    const int x0 = SIDE / 2 + draw_between(&r, -1, 1), y0 = SIDE / 2 + draw_between(&r, -1, 1);
    const int grey[3] = { level, level, level }, *way = directions[s->v[MOTION]];

    const struct avi avi = { SIDE, FPS, N_FRAMES };
    int rgb[SIDE * SIDE][3];
    avi_begin(&avi, out);
    for (int i = 0; i < N_FRAMES; i++) {
        const struct frame f = {
            .ball_x = x0 + way[0] * i / (N_FRAMES - 1),
            .ball_y = y0 + way[1] * i / (N_FRAMES - 1),
            .ball = balls[i < N_FRAMES / 2 ? s->start : s->v[FINISH]],
            .ground = i >= light_from && i < light_from + LIT_FRAMES ? lights[s->v[FLASH]] : grey,
            .lit = i < bulb_from ? -1 : s->v[LAMP],
        };
        for (int p = 0; p < SIDE * SIDE; p++)
            memcpy(rgb[p], pixel(&f, p % SIDE, p / SIDE), sizeof rgb[p]);
        avi_frame(&avi, (const int(*)[3])rgb, out);
    }
    avi_end(&avi, out);
}
