/* AVI with raw I420 frames. */
#include "demo/scene.h"

/* BT.601, studio range. */
static void to_yuv(const int rgb[3], uint8_t yuv[3])
{
    const int r = rgb[0], g = rgb[1], b = rgb[2];
    yuv[0] = (uint8_t)(16 + (66 * r + 129 * g + 25 * b + 128) / 256);
    yuv[1] = (uint8_t)((32768 + 128 - 38 * r - 74 * g + 112 * b) / 256);
    yuv[2] = (uint8_t)((32768 + 128 + 112 * r - 94 * g - 18 * b) / 256);
}

static uint32_t luma_bytes(const struct avi *v)
{
    return (uint32_t)(v->side * v->side);
}

static uint32_t frame_bytes(const struct avi *v)
{
    return luma_bytes(v) + luma_bytes(v) / 2;
}

void avi_begin(const struct avi *v, struct bf_buf *out)
{
    const uint32_t n = frame_bytes(v), n_frames = (uint32_t)v->n_frames, side = (uint32_t)v->side;
    const uint32_t n_movi = 4 + n_frames * (8 + n);
    bf_buf_add(out, "RIFF", 4);
    put_u32(out, 4 + 200 + 8 + n_movi + 8 + 16 * n_frames);
    bf_buf_add(out, "AVI LIST", 8);
    put_u32(out, 192);
    bf_buf_add(out, "hdrlavih", 8);
    const uint32_t avih[15] = { 56,
                                1000000 / (uint32_t)v->fps,
                                n * (uint32_t)v->fps,
                                0,
                                0x10 /* has an index */,
                                n_frames,
                                0,
                                1,
                                n,
                                side,
                                side };
    for (int i = 0; i < 15; i++)
        put_u32(out, avih[i]);
    bf_buf_add(out, "LIST", 4);
    put_u32(out, 116);
    bf_buf_add(out, "strlstrh", 8);
    put_u32(out, 56);
    bf_buf_add(out, "vidsI420", 8);
    const uint32_t strh[10] = { 0, 0, 0, 1, (uint32_t)v->fps, 0, n_frames, n, 0xffffffffu, 0 };
    for (int i = 0; i < 10; i++)
        put_u32(out, strh[i]);
    put_u32(out, 0);
    put_u16(out, side);
    put_u16(out, side);
    bf_buf_add(out, "strf", 4);
    const uint32_t strf[11] = { 40, 40, side, side, 1 | 12u << 16, 0, n };
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

void avi_frame(const struct avi *v, const int (*rgb)[3], struct bf_buf *out)
{
    uint8_t yuv[3];
    bf_buf_add(out, "00dc", 4);
    put_u32(out, frame_bytes(v));
    for (int i = 0; i < v->side * v->side; i++) {
        to_yuv(rgb[i], yuv);
        bf_buf_char(out, (char)yuv[0]);
    }
    /* Colour of the upper left of each four: sharp, and the same everywhere. */
    for (int c = 1; c < 3; c++)
        for (int y = 0; y < v->side; y += 2)
            for (int x = 0; x < v->side; x += 2) {
                to_yuv(rgb[y * v->side + x], yuv);
                bf_buf_char(out, (char)yuv[c]);
            }
}

void avi_end(const struct avi *v, struct bf_buf *out)
{
    const uint32_t n = frame_bytes(v);
    bf_buf_add(out, "idx1", 4);
    put_u32(out, 16 * (uint32_t)v->n_frames);
    for (uint32_t i = 0; i < (uint32_t)v->n_frames; i++) {
        bf_buf_add(out, "00dc", 4);
        put_u32(out, 0x10); /* every frame stands alone */
        put_u32(out, 4 + i * (8 + n));
        put_u32(out, n);
    }
}
