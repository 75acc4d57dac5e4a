/* Files for tests of blindness: of every kind three that differ in all there is - format, size,
 * length, rate, channels, number of frames, names, what is written about them, what they show. */
#ifndef BF_TESTS_BLIND_H
#define BF_TESTS_BLIND_H

#include "modalities/readers/stb.h"
#include "modalities/wave.h"
#include "modalities/writers/png.h"
#include "tests/draw.h"
#include "tests/media.h"

enum { BLIND_FILES = 3 };

static inline uint32_t blind_crc32(const uint8_t *p, size_t n)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

static inline uint8_t *blind_room(size_t n, struct bf_arena *a)
{
    uint8_t *p = bf_arena_alloc(a, n, 1);
    if (!p)
        abort();
    return p;
}

/* A PNG whose rows go from `level` on. */
static inline struct bf_blob blind_png(int w, int h, uint8_t level, struct bf_arena *a)
{
    struct bf_raster r = { w, h, 3 * w, blind_room((size_t)(3 * w * h), a) };
    struct bf_blob png;
    for (int y = 0; y < h; y++)
        memset(r.px + y * r.stride, level + y, (size_t)w * 3);
    if (bf_png_encode(&r, &png, a, NULL) != BF_OK)
        abort();
    return png;
}

/* The same, which says what it shows and which way up; behind its header, which takes 33 bytes. */
static inline struct bf_blob blind_png_with_exif(int w, int h, uint8_t level, struct bf_arena *a)
{
    enum { HEAD = 33 };
    uint8_t chunk[] = {
        0,  0, 0, 44, 'e', 'X', 'I', 'f', 'M', 'M', 0,   42,  0,   0, 0, 8, 0, 2, 1,
        14, 0, 2, 0,  0,   0,   6,   0,   0,   0,   38,  1,   18,  0, 3, 0, 0, 0, 1,
        0,  6, 0, 0,  0,   0,   0,   0,   'a', ' ', 'c', 'a', 't', 0, 0, 0, 0, 0,
    };
    const struct bf_blob png = blind_png(w, h, level, a);
    const uint32_t crc = blind_crc32(chunk + 4, sizeof chunk - 8);
    for (int i = 0; i < 4; i++)
        chunk[sizeof chunk - 4 + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
    uint8_t *p = blind_room(png.n + sizeof chunk, a);
    memcpy(p, png.bytes, HEAD);
    memcpy(p + HEAD, chunk, sizeof chunk);
    memcpy(p + HEAD + sizeof chunk, png.bytes + HEAD, png.n - HEAD);
    return (struct bf_blob){ .bytes = p, .n = png.n + sizeof chunk };
}

/* Netpbm: `what` is "P6", or "P5" of 16 bits. */
static inline struct bf_blob blind_pnm(const char *what, int w, int h, int level,
                                       struct bf_arena *a)
{
    const bool gray = what[1] == '5';
    char head[32];
    const int n_head = snprintf(head, sizeof head, "%s %d %d %d\n", what, w, h, gray ? 65535 : 255);
    const size_t n = (size_t)(w * h) * (gray ? 2 : 3);
    uint8_t *p = blind_room((size_t)n_head + n, a);
    memcpy(p, head, (size_t)n_head);
    for (size_t i = 0; i < n; i++)
        p[(size_t)n_head + i] = (uint8_t)(gray && i % 2 == 0 ? level >> 8 : level + (int)i);
    return (struct bf_blob){ .bytes = p, .n = (size_t)n_head + n };
}

static inline struct bf_blob blind_gif(int w, int h, int n, uint8_t color, int delay,
                                       struct bf_arena *a)
{
    uint8_t *px = blind_room((size_t)(w * h * n), a);
    uint8_t *out = blind_room(2 * (64 + 400 + (size_t)(n * (32 + 2 * w * h))), a);
    int *delays = bf_arena_alloc(a, (size_t)n, sizeof *delays);
    if (!delays)
        abort();
    for (int i = 0; i < n; i++) {
        delays[i] = delay;
        px[i * w * h + i] = color;
    }
    return (struct bf_blob){ .bytes = out, .n = draw_gif(out, w, h, n, px, delays) };
}

/* A WAV file; with a title of 8 bytes in a LIST chunk at its end unless NULL. */
static inline struct bf_blob blind_wav(double rate_hz, int n_ch, size_t n, const char *title,
                                       struct bf_arena *a)
{
    enum { LIST = 28 };
    float *v = bf_arena_alloc(a, n * (size_t)n_ch, sizeof *v);
    struct bf_wave w = { rate_hz, n_ch, n, v };
    struct bf_blob wav;
    if (!v)
        abort();
    for (int ch = 0; ch < n_ch; ch++)
        draw_tone(v + (size_t)ch * n, n, rate_hz, 300 * (ch + 1), 0.4 / (ch + 1));
    if (bf_wav_encode(&w, &wav, a, NULL) != BF_OK)
        abort();
    if (!title)
        return wav;
    const uint8_t head[20] = { 'L', 'I', 'S', 'T', 20,  0,   0, 0, 'I', 'N',
                               'F', 'O', 'I', 'N', 'A', 'M', 8, 0, 0,   0 };
    uint8_t *p = blind_room(wav.n + LIST, a);
    memcpy(p, wav.bytes, wav.n);
    memcpy(p + wav.n, head, sizeof head);
    memcpy(p + wav.n + sizeof head, title, 8);
    const uint32_t size = (uint32_t)(wav.n + LIST - 8);
    for (int i = 0; i < 4; i++)
        p[4 + i] = (uint8_t)(size >> (8 * i));
    return (struct bf_blob){ .bytes = p, .n = wav.n + LIST };
}

static inline struct bf_blob blind_text(const char *text)
{
    return (struct bf_blob){ .bytes = (const uint8_t *)text, .n = strlen(text) };
}

static inline void blind_images(struct bf_blob out[BLIND_FILES], struct bf_arena *a)
{
    out[0] = blind_png(3, 2, 10, a);
    out[1] = blind_png_with_exif(90, 70, 120, a);
    out[2] = blind_pnm("P6", 40, 40, 60, a);
}

static inline void blind_clips(struct bf_blob out[BLIND_FILES], struct bf_arena *a)
{
    out[0] = blind_gif(16, 12, 2, 1, 10, a);
    out[1] = blind_gif(40, 30, 12, 3, 35, a);
    out[2] = blind_gif(100, 20, 5, 2, 200, a);
}

static inline void blind_waves(struct bf_blob out[BLIND_FILES], struct bf_arena *a)
{
    out[0] = blind_wav(8000, 1, 900, NULL, a);
    out[1] = blind_wav(44100, 2, 44100, "a horn\0", a);
    out[2] = blind_wav(22050, 3, 30000, NULL, a);
}

static inline void blind_traces(struct bf_blob out[BLIND_FILES], struct bf_arena *a)
{
    (void)a;
    out[0] = blind_text("time_ms,f\n0,1\n10,2\n20,9\n");
    out[1] = blind_text("0.5;100;3;-7\n0.6;120;4;-7\n0.7;90;5;-8\n0.8;1e3;6;-9\n");
    out[2] = blind_text("thumb\tpalm\n1\t\n2\t3\n4\t3\n4\t4\n4\t5\n");
}

static inline void blind_texts(struct bf_blob out[BLIND_FILES], struct bf_arena *a)
{
    (void)a;
    out[0] = blind_text("1\n00:00:01,000 --> 00:00:02,500\nWe meet at noon.\n");
    out[1] = blind_text("\xef\xbb\xbfNobody says anything. Nobody at all.\n");
    out[2] = blind_text("WEBVTT\n\n00:01.000 --> 00:09.000 line:0\n<i>Run!</i>\n");
}

static inline void blind_events(struct bf_blob out[BLIND_FILES], struct bf_arena *a)
{
    (void)a;
    out[0] = blind_text("x,y,t,p\n1,2,0,1\n5,6,9000,0\n");
    out[1] = blind_text("4 4 10 1\n30 20 7000 0\n3 2 900000 1\n");
    out[2] = blind_text("t,x,y,p\n0,0,0,1\n1,0,0,1\n2,63,3,1\n");
}

static inline void blind_depths(struct bf_blob out[BLIND_FILES], struct bf_arena *a)
{
    out[0] = blind_pnm("P5", 8, 8, 700, a);
    out[1] = blind_pnm("P5", 40, 10, 2500, a);
    out[2] = blind_pnm("P5", 17, 33, 65000, a);
}

#endif
