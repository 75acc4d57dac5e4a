/* The picture of a scene: figures of one colour and outline on a pale backdrop, a black mark, a
 * painted floor. Written as PNG with stored (uncompressed) blocks. */
#include "demo/scene.h"

#include <stdlib.h>

enum { SIDE = 96, FLOOR_TOP = 78, CELL = 26, ROW_BYTES = 1 + 3 * SIDE };

struct rgb {
    uint8_t c[3];
};

static const struct rgb hues[8] = {
    { { 214, 30, 36 } },  { { 240, 130, 20 } }, { { 235, 220, 40 } }, { { 40, 165, 60 } },
    { { 50, 205, 200 } }, { { 40, 70, 215 } },  { { 110, 40, 180 } }, { { 245, 130, 185 } },
};

static const struct rgb floors[8] = {
    { { 120, 75, 40 } },  { { 125, 125, 35 } },  { { 105, 15, 35 } }, { { 20, 25, 95 } },
    { { 15, 115, 115 } }, { { 220, 200, 160 } }, { { 55, 55, 60 } },  { { 252, 252, 252 } },
};

struct canvas {
    uint8_t px[SIDE][SIDE][3];
};

/* Pale grey with a faint pattern: dark (1) or light (0) at a place. */
static int ground_at(int pattern, int x, int y, int step)
{
    const int dx = x - SIDE / 2, dy = y - FLOOR_TOP / 2;
    switch (pattern) {
    case 0:
        return y % step == 0 || (x + y / step % 2 * step) % (2 * step) == 0; /* bricks */
    case 1:
        return x / (step / 2) % 2; /* stripes */
    case 2:
        return (x / step + y / step) % 2; /* checks */
    case 3:
        return (x % step - step / 2) * (x % step - step / 2) +
                   (y % step - step / 2) * (y % step - step / 2) <
               step * step / 9; /* dots */
    case 4:
        return (y + abs(x % (2 * step) - step)) / (step / 2) % 2; /* waves */
    case 5:
        return (x + y) % step < 2; /* hatching */
    case 6:
        return (dx * dx + dy * dy) / (step * step * 3) % 2; /* rings */
    default:
        return ((unsigned)x * 2654435761u ^ (unsigned)y * 2246822519u) >> 11 & 1; /* specks */
    }
}

/* Whether a point, relative to the middle of a figure of about `r` pixels, is painted. The
 * outlines cover about the same area, so that the area tells nothing of the outline. */
static int shape_at(int shape, int dx, int dy, int r)
{
    const int ax = abs(dx), ay = abs(dy), d2 = dx * dx + dy * dy;
    switch (shape) {
    case 0:
        return d2 <= r * r; /* disc */
    case 1:
        return ax * 8 <= r * 7 && ay * 8 <= r * 7; /* square */
    case 2:
        return dy <= r && 4 * ax <= 3 * (dy + r) - r / 2; /* triangle */
    case 3:
        return ax + ay <= r * 5 / 4; /* diamond */
    case 4:
        return (ax * 2 <= r && ay * 4 <= r * 5) || (ay * 2 <= r && ax * 4 <= r * 5); /* cross */
    case 5:
        return d2 * 4 <= r * r * 6 && d2 * 2 >= r * r; /* hoop */
    case 6:
        return ax * ay * 6 <= r * r && ax + ay <= r * 2; /* star */
    default:
        return ax * 2 <= r * 3 && ay * 2 <= r; /* bar */
    }
}

static void paint(struct canvas *c, const struct scene *s)
{
    struct bf_rng r = bf_rng_for(s->seed, "", "picture", 0);
    const int light = draw_between(&r, 210, 220), depth = draw_between(&r, 14, 20);
    const int step = draw_between(&r, 8, 11);

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            for (int k = 0; k < 3; k++)
                c->px[y][x][k] =
                    y >= FLOOR_TOP ? floors[s->v[FLOOR]].c[k]
                                   : (uint8_t)(light - depth * ground_at(s->v[GROUND], x, y, step));

    /* Figures keep out of the mark's cell, so that both stay visible. */
    const int mark_x = 9 + s->v[PLACE] % 3 * 30, mark_y = 3 + s->v[PLACE] / 3 * CELL;
    const int n_figures = draw_between(&r, 5, 7);
    for (int i = 0; i < n_figures; i++) {
        const int cell = (s->v[PLACE] + 1 + i) % 9, size = draw_between(&r, 7, 9);
        const int mx = 18 + cell % 3 * 30 + draw_between(&r, -4, 4);
        const int my = 13 + cell / 3 * CELL + draw_between(&r, -2, 2);
        for (int y = 0; y < FLOOR_TOP; y++)
            for (int x = 0; x < SIDE; x++)
                if (shape_at(s->v[SHAPE], x - mx, y - my, size))
                    for (int k = 0; k < 3; k++)
                        c->px[y][x][k] = hues[s->v[HUE]].c[k];
    }
    for (int y = mark_y; y < mark_y + 20; y++)
        for (int x = mark_x; x < mark_x + 20; x++)
            c->px[y][x][0] = c->px[y][x][1] = c->px[y][x][2] = 8;
}

static void put_be32(struct bf_buf *b, uint32_t v)
{
    const uint8_t bytes[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
                               (uint8_t)v };
    bf_buf_add(b, bytes, sizeof bytes);
}

/* CRC-32 of PNG (ISO 3309), bit by bit. */
static uint32_t crc32_of(const void *p, size_t n)
{
    const uint8_t *bytes = p;
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int k = 0; k < 8; k++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
    }
    return ~crc;
}

static uint32_t adler32_of(const uint8_t *p, size_t n)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < n; i++) {
        a = (a + p[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

static void put_chunk(struct bf_buf *out, const char *type, const void *p, size_t n)
{
    put_be32(out, (uint32_t)n);
    const size_t from = out->len;
    bf_buf_add(out, type, 4);
    bf_buf_add(out, p, n);
    put_be32(out, out->failed ? 0 : crc32_of(out->data + from, out->len - from));
}

void picture_make(const struct scene *s, struct bf_buf *out)
{
    struct canvas c;
    paint(&c, s);

    uint8_t rows[SIDE * ROW_BYTES];
    for (int y = 0, n = 0; y < SIDE; y++) {
        rows[n++] = 0; /* no filter */
        for (int x = 0; x < SIDE; x++)
            for (int k = 0; k < 3; k++)
                rows[n++] = c.px[y][x][k];
    }

    static const uint8_t head[13] = { 0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 2, 0, 0, 0 };
    struct bf_buf z = { 0 };
    bf_buf_add(&z, "\x78\x01\x01", 3); /* zlib header; one stored block, the last */
    put_u16(&z, sizeof rows);
    put_u16(&z, 0xffff ^ sizeof rows);
    bf_buf_add(&z, rows, sizeof rows);
    put_be32(&z, adler32_of(rows, sizeof rows));

    bf_buf_add(out, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(out, "IHDR", head, sizeof head);
    put_chunk(out, "IDAT", z.data, z.len);
    put_chunk(out, "IEND", "", 0);
    out->failed |= z.failed;
    bf_buf_done(&z);
}
