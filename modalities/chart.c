/* Lines, letters and axes on a picture. */
#include "modalities/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/sheet.h"

enum { SCALE = 2, ADVANCE = SCALE * (BF_LETTER_W + 1), TICK = 6 };

const uint8_t bf_white[3] = { 255, 255, 255 };
const uint8_t bf_gray[3] = { 150, 150, 150 };
const uint8_t bf_black[3] = { 0, 0, 0 };

void bf_chart_dot(struct bf_raster *r, int x, int y, const uint8_t rgb[3])
{
    if (x < 0 || y < 0 || x >= r->w || y >= r->h)
        return;
    for (int c = 0; c < 3; c++)
        r->px[y * r->stride + 3 * x + c] = rgb[c];
}

/* Bresenham (1965). */
void bf_chart_line(struct bf_raster *r, int x0, int y0, int x1, int y1, const uint8_t rgb[3])
{
    const int dx = abs(x1 - x0);
    const int dy = -abs(y1 - y0);
    const int sx = x0 < x1 ? 1 : -1;
    const int sy = y0 < y1 ? 1 : -1;
    int e = dx + dy;
    for (;;) {
        bf_chart_dot(r, x0, y0, rgb);
        if (x0 == x1 && y0 == y1)
            return;
        const int e2 = 2 * e;
        if (e2 >= dy) {
            e += dy;
            x0 += sx;
        }
        if (e2 <= dx) {
            e += dx;
            y0 += sy;
        }
    }
}

/* The next letter in Latin-1 of UTF-8 text; what is none there is 0x7f. */
static char next_letter(const char **text)
{
    const unsigned char *s = (const unsigned char *)*text;
    unsigned char c = *s++;
    if (c >= 0x80) {
        const bool latin = (c == 0xc2 || c == 0xc3) && (*s & 0xc0) == 0x80;
        c = latin ? (unsigned char)((c & 3) << 6 | (*s & 0x3f)) : 0x7f;
        while ((*s & 0xc0) == 0x80)
            s++;
    }
    *text = (const char *)s;
    return (char)c;
}

void bf_chart_letter(struct bf_raster *r, int x, int y, char letter, int scale,
                     const uint8_t rgb[3])
{
    static const uint8_t box[BF_LETTER_H] = { 0x1f, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1f, 0 };
    const uint8_t *rows = bf_letter(letter);
    if (letter == ' ')
        return;
    rows = rows ? rows : box;
    for (int v = 0; v < scale * BF_LETTER_H; v++)
        for (int u = 0; u < scale * BF_LETTER_W; u++)
            if (rows[v / scale] >> (BF_LETTER_W - 1 - u / scale) & 1)
                bf_chart_dot(r, x + u, y + v, rgb);
}

int bf_chart_text(struct bf_raster *r, int x, int y, const char *text, const uint8_t rgb[3])
{
    for (; *text; x += ADVANCE)
        bf_chart_letter(r, x, y, next_letter(&text), SCALE, rgb);
    return x;
}

int bf_chart_width(const char *text)
{
    int n = 0;
    while (*text) {
        (void)next_letter(&text); /* only moves on */
        n++;
    }
    return n ? n * ADVANCE - SCALE : 0;
}

double bf_chart_step(double span, int most)
{
    if (!(span > 0) || isinf(span))
        return 1;
    double step = pow(10, floor(log10(span / most)));
    static const double times[] = { 1, 2, 5, 10 };
    for (int i = 0; i < 4; i++)
        if (span / (step * times[i]) <= most)
            return step * times[i];
    return step * 20; /* rounding put the span just above a power of ten */
}

void bf_chart_number(double v, double step, char *out, size_t n)
{
    const int decimals = (int)fmax(-floor(log10(step) + 1e-9), 0);
    v = fabs(v) < step / 2 ? 0 : v; /* never -0 */
    if (decimals > 6 || fabs(v) >= 1e6)
        (void)snprintf(out, n, "%.3g", v);
    else
        (void)snprintf(out, n, "%.*f", decimals, v);
}

void bf_chart_time(struct bf_raster *r, int x0, int x1, int y, double seconds)
{
    enum { MOST = 8 };
    const char *const title = "time in s";
    const double step = bf_chart_step(seconds, MOST);
    char number[32];
    bf_chart_line(r, x0, y, x1, y, bf_gray);
    for (int i = 0; i <= MOST && i * step <= seconds * (1 + 1e-9); i++) {
        const int x = x0 + (seconds > 0 ? (int)lrint(i * step / seconds * (x1 - x0)) : 0);
        bf_chart_number(i * step, step, number, sizeof number);
        bf_chart_line(r, x, y, x, y + TICK, bf_gray);
        bf_chart_text(r, x - bf_chart_width(number) / 2, y + TICK + 3, number, bf_black);
    }
    bf_chart_text(r, (x0 + x1 - bf_chart_width(title)) / 2, y + TICK + 3 + BF_CHART_LINE, title,
                  bf_black);
}
