/* Tiny media that tests make themselves. */
#ifndef BF_TESTS_DRAW_H
#define BF_TESTS_DRAW_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/media.h"

static inline void draw_fill(struct bf_raster *r, int x0, int y0, int w, int h, uint32_t rgb)
{
    for (int y = y0 < 0 ? 0 : y0; y < y0 + h && y < r->h; y++)
        for (int x = x0 < 0 ? 0 : x0; x < x0 + w && x < r->w; x++)
            for (int c = 0; c < 3; c++)
                r->px[y * r->stride + 3 * x + c] = (uint8_t)(rgb >> (16 - 8 * c));
}

static inline void draw_disc(struct bf_raster *r, int cx, int cy, int radius, uint32_t rgb)
{
    for (int y = cy - radius; y <= cy + radius; y++)
        for (int x = cx - radius; x <= cx + radius; x++)
            if ((x - cx) * (x - cx) + (y - cy) * (y - cy) <= radius * radius && x >= 0 && y >= 0)
                draw_fill(r, x, y, 1, 1, rgb);
}

/* An animated GIF of `n` frames [n][h][w] of colour indices below 4, each shown `delay[k]`
 * hundredths of a second. Its codes are a byte wide, for the table is cleared before it grows;
 * `out` holds 64 + n (32 + 2 w h) bytes. Returns its size. */
static inline size_t draw_gif(uint8_t *out, int w, int h, int n, const uint8_t *px,
                              const int *delay)
{
    static const uint8_t colors[12] = { 255, 255, 255, 255, 0, 0, 0, 160, 0, 0, 0, 255 };
    enum { CLEAR = 0x80, END = 0x81, RUN = 100 };
    uint8_t *p = out;
    memcpy(p, "GIF89a", 6);
    p += 6;
    const uint8_t screen[7] = {
        (uint8_t)w, (uint8_t)(w >> 8), (uint8_t)h, (uint8_t)(h >> 8), 0xf6, 0, 0
    };
    memcpy(p, screen, 7); /* a table of 128 colours */
    p += 7;
    memset(p, 0, 384);
    memcpy(p, colors, sizeof colors);
    p += 384;
    for (int k = 0; k < n; k++) {
        const uint8_t control[8] = { 0x21, 0xf9, 4, 4, (uint8_t)delay[k], (uint8_t)(delay[k] >> 8),
                                     0,    0 };
        const uint8_t frame[11] = { 0x2c,      0,         0,         0, 0, screen[0],
                                    screen[1], screen[2], screen[3], 0, 7 };
        memcpy(p, control, 8);
        memcpy(p + 8, frame, 11);
        p += 19;
        for (int i = 0; i < w * h; i += RUN) {
            const int run = w * h - i < RUN ? w * h - i : RUN;
            const int last = i + run == w * h;
            *p++ = (uint8_t)(run + 1 + last);
            *p++ = CLEAR;
            memcpy(p, px + (size_t)k * (size_t)(w * h) + i, (size_t)run);
            p += run;
            if (last)
                *p++ = END;
        }
        *p++ = 0;
    }
    *p++ = 0x3b;
    return (size_t)(p - out);
}

/* `n` samples of a sine. */
static inline void draw_tone(float *v, size_t n, double rate_hz, double hz, double level)
{
    for (size_t i = 0; i < n; i++)
        v[i] = (float)(level * sin(2 * 3.14159265358979323846 * hz * (double)i / rate_hz));
}

#endif
