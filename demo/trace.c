/* The tactile trace of a scene: eight pressure sensors of a hand that slides over a fabric, with
 * a course of pressure, one place that presses hardest, and a tool's tap at the end. Written as
 * CSV with a time column in milliseconds. */
#include "demo/scene.h"

#include <stdlib.h>

enum { RATE = 200, N = 400, END = 360, N_CH = 8 };

static const int ridges_hz[8] = { 3, 5, 8, 13, 21, 34, 55, 88 };

/* Pressure in 0 .. 256 at step `t` of N. */
static int pressure(int course, int t)
{
    const int at = t * 256 / N; /* 0 .. 255 */
    switch (course) {
    case 0:
        return 40 + at * 27 / 32;
    case 1:
        return 256 - at * 27 / 32;
    case 2:
        return 256 - abs(at - 128) * 27 / 16;
    case 3:
        return 40 + abs(at - 128) * 27 / 16;
    case 4:
        return 190;
    case 5:
        return 256 - abs(abs(at - 128) - 64) * 27 / 8;
    case 6:
        return at < 176 ? 110 : 256;
    default:
        return at < 80 ? 256 : 110;
    }
}

void trace_make(const struct scene *s, struct bf_buf *out)
{
    struct bf_rng r = bf_rng_for(s->seed, "", "trace", 0);
    const uint32_t hz = (uint32_t)(ridges_hz[s->v[TEXTURE]] * draw_between(&r, 96, 104));
    const uint32_t turn = (uint32_t)(((uint64_t)hz << 32) / (100 * RATE));
    const int tap_every = 4 + s->v[TOOL] % 4 * 4, tap_high = s->v[TOOL] < 4 ? 160 : 320;
    int base[N_CH];
    uint32_t phase[N_CH];
    for (int c = 0; c < N_CH; c++) {
        base[c] = c == s->v[HAND] ? draw_between(&r, 1600, 1700) : draw_between(&r, 800, 950);
        phase[c] = (uint32_t)bf_rng_next(&r);
    }

    bf_buf_str(out, "time_ms");
    for (int c = 0; c < N_CH; c++)
        bf_buf_printf(out, ",ch%d", c + 1);
    bf_buf_char(out, '\n');
    for (int t = 0; t < N; t++) {
        bf_buf_printf(out, "%d", t * 1000 / RATE);
        for (int c = 0; c < N_CH; c++) {
            int v = base[c] * (160 + pressure(s->v[TREND], t)) / 416;
            v += wave_sine(phase[c] + turn * (uint32_t)t) / 128 * base[c] / 800;
            v += draw_between(&r, -15, 15);
            if (t >= END && (t - END) % tap_every == 0)
                v += tap_high;
            bf_buf_printf(out, ",%d", v < 0 ? 0 : v);
        }
        bf_buf_char(out, '\n');
    }
}
