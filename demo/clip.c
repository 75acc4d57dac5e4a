/* The clip of a scene: a ball leaves the middle in one of eight directions and may change its
 * colour half-way; the background lights up in one colour for a while; one of eight bulbs goes on.
 * Its first frame shows none of this but the ball's first colour. Written as AVI with raw I420
 * frames. */
#include "demo/scene.h"

enum { SIDE = 64, N_FRAMES = 16, FPS = 8, RADIUS = 10, LIT_FRAMES = 4 };
enum { N_LUMA = SIDE * SIDE, N_CHROMA = N_LUMA / 4, FRAME_BYTES = N_LUMA + 2 * N_CHROMA };

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

/* BT.601, studio range. */
static void to_yuv(const int rgb[3], uint8_t yuv[3])
{
    const int r = rgb[0], g = rgb[1], b = rgb[2];
    yuv[0] = (uint8_t)(16 + (66 * r + 129 * g + 25 * b + 128) / 256);
    yuv[1] = (uint8_t)((32768 + 128 - 38 * r - 74 * g + 112 * b) / 256);
    yuv[2] = (uint8_t)((32768 + 128 + 112 * r - 94 * g - 18 * b) / 256);
}

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

static void put_frame(struct bf_buf *out, const struct frame *f)
{
    uint8_t bytes[FRAME_BYTES], yuv[3];
    for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
            to_yuv(pixel(f, x, y), yuv);
            bytes[y * SIDE + x] = yuv[0];
            /* Colour of the upper left of each four: sharp, and the same everywhere. */
            const int at = N_LUMA + y / 2 * (SIDE / 2) + x / 2;
            if (x % 2 == 0 && y % 2 == 0) {
                bytes[at] = yuv[1];
                bytes[at + N_CHROMA] = yuv[2];
            }
        }
    }
    bf_buf_add(out, bytes, sizeof bytes);
}

static void put_headers(struct bf_buf *out)
{
    const uint32_t n_movi = 4 + N_FRAMES * (8 + FRAME_BYTES);
    bf_buf_add(out, "RIFF", 4);
    put_u32(out, 4 + 200 + 8 + n_movi + 8 + 16 * N_FRAMES);
    bf_buf_add(out, "AVI LIST", 8);
    put_u32(out, 192);
    bf_buf_add(out, "hdrlavih", 8);
    const uint32_t avih[15] = { 56,
                                1000000 / FPS,
                                FRAME_BYTES * FPS,
                                0,
                                0x10 /* has an index */,
                                N_FRAMES,
                                0,
                                1,
                                FRAME_BYTES,
                                SIDE,
                                SIDE };
    for (int i = 0; i < 15; i++)
        put_u32(out, avih[i]);
    bf_buf_add(out, "LIST", 4);
    put_u32(out, 116);
    bf_buf_add(out, "strlstrh", 8);
    put_u32(out, 56);
    bf_buf_add(out, "vidsI420", 8);
    const uint32_t strh[10] = { 0, 0, 0, 1, FPS, 0, N_FRAMES, FRAME_BYTES, 0xffffffffu, 0 };
    for (int i = 0; i < 10; i++)
        put_u32(out, strh[i]);
    put_u32(out, 0);
    put_u16(out, SIDE);
    put_u16(out, SIDE);
    bf_buf_add(out, "strf", 4);
    const uint32_t strf[11] = { 40, 40, SIDE, SIDE, 1 | 12u << 16, 0, FRAME_BYTES };
    for (int i = 0; i < 11; i++) {
        if (i == 5)
            bf_buf_add(out, "I420", 4);
        else
            put_u32(out, strf[i]);
    }
    bf_buf_add(out, "LIST", 4);
    put_u32(out, n_movi);
    bf_buf_add(out, "movi", 4);
}

void clip_make(const struct scene *s, struct bf_buf *out)
{
    struct bf_rng r = bf_rng_for(s->seed, "", "clip", 0);
    const int level = draw_between(&r, 42, 50), bulb_from = draw_between(&r, 2, 3);
    const int light_from = draw_between(&r, 3, N_FRAMES - LIT_FRAMES - 2);
    const int x0 = SIDE / 2 + draw_between(&r, -1, 1), y0 = SIDE / 2 + draw_between(&r, -1, 1);
    const int grey[3] = { level, level, level }, *way = directions[s->v[MOTION]];

    put_headers(out);
    for (int i = 0; i < N_FRAMES; i++) {
        const struct frame f = {
            .ball_x = x0 + way[0] * i / (N_FRAMES - 1),
            .ball_y = y0 + way[1] * i / (N_FRAMES - 1),
            .ball = balls[i < N_FRAMES / 2 ? s->start : s->v[FINISH]],
            .ground = i >= light_from && i < light_from + LIT_FRAMES ? lights[s->v[FLASH]] : grey,
            .lit = i < bulb_from ? -1 : s->v[LAMP],
        };
        bf_buf_add(out, "00dc", 4);
        put_u32(out, FRAME_BYTES);
        put_frame(out, &f);
    }
    bf_buf_add(out, "idx1", 4);
    put_u32(out, 16 * N_FRAMES);
    for (int i = 0; i < N_FRAMES; i++) {
        bf_buf_add(out, "00dc", 4);
        put_u32(out, 0x10); /* every frame stands alone */
        put_u32(out, (uint32_t)(4 + i * (8 + FRAME_BYTES)));
        put_u32(out, FRAME_BYTES);
    }
}
