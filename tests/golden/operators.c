/* operators write|check DIR: the pictures of docs/operators.md, made from media drawn here. `check`
 * is a test: they still are what the operators make (TAP). */
#include <math.h>

#include "core/file.h"
#include "modalities/draw.h"
#include "modalities/raster.h"
#include "modalities/readers/stb.h"
#include "modalities/writers/png.h"
#include "tests/draw.h"
#include "tests/operators.h"

enum { W = 80, H = 60, SMALL_W = 42, SMALL_H = 32, SOUND_W = 240, SOUND_H = 120 };
enum { PLOT_W = 240, PLOT_H = 120, N_FRAMES = 8, RATE_HZ = 16000, SECONDS = 3, STEPS = 300 };

/* One picture: an operator with its options, or none, on a carrier. */
static const struct golden {
    enum bf_carrier carrier;
    const char *name, *op; /* the file is <carrier>-<name>.png */
    const char *options[9];
} goldens[] = {
    { BF_RASTER, "original", NULL, { NULL } },
    { BF_RASTER, "white", "white", { NULL } },
    { BF_RASTER, "noise", "noise", { "size", "original", NULL } },
    { BF_RASTER, "noise_gaussian", "noise", { "kind", "gaussian", "size", "original", NULL } },
    { BF_RASTER, "noise_half", "noise", { "kind", "gaussian", "severity", "0.5", NULL } },
    { BF_RASTER, "noise_salt_pepper", "noise", { "kind", "salt_pepper", "severity", "0.2", NULL } },
    { BF_RASTER, "diffuse", "diffuse", { NULL } },
    { BF_RASTER, "grayscale", "grayscale", { NULL } },
    { BF_RASTER, "blur", "blur", { "radius", "3", NULL } },
    { BF_RASTER, "pixelate", "pixelate", { "block", "6", NULL } },
    { BF_RASTER, "patch_shuffle", "patch_shuffle", { NULL } },
    { BF_RASTER, "edges", "edges", { NULL } },
    { BF_RASTER, "jpeg", "jpeg", { "quality", "5", NULL } },
    { BF_RASTER, "occlude", "occlude", { "share", "0.3", NULL } },
    { BF_RASTER, "occlude_patches", "occlude", { "kind", "patches", NULL } },
    { BF_CLIP, "original", NULL, { NULL } },
    { BF_CLIP, "freeze", "freeze", { NULL } },
    { BF_CLIP, "one_frame", "one_frame", { NULL } },
    { BF_CLIP, "frame_shuffle", "frame_shuffle", { NULL } },
    { BF_CLIP, "reverse", "reverse", { NULL } },
    { BF_CLIP, "segments", "segments", { "keep", "2", "of", "4", "which", "last", NULL } },
    { BF_CLIP, "shift", "shift", { "by", "2 s", NULL } },
    { BF_WAVE, "original", NULL, { NULL } },
    { BF_WAVE, "noise", "noise", { NULL } },
    { BF_WAVE, "silence", "silence", { NULL } },
    { BF_WAVE, "add_noise", "add_noise", { "snr", "20 dB", NULL } },
    { BF_WAVE, "band_limit", "band_limit", { "low", "500 Hz", "high", "2 kHz", NULL } },
    { BF_WAVE, "time_shuffle", "time_shuffle", { NULL } },
    { BF_WAVE, "reverse", "reverse", { NULL } },
    { BF_WAVE, "segments", "segments", { "keep", "2", NULL } },
    { BF_WAVE, "shift", "shift", { NULL } },
    { BF_WAVE, "shift_wrap", "shift", { "gap", "wrap", NULL } },
    { BF_WAVE, "babble", "babble", { "snr", "10 dB", NULL } },
    { BF_WAVE, "pitch", "pitch", { "by", "7", NULL } },
    { BF_WAVE, "bursts", "bursts", { "share", "0.3", NULL } },
    { BF_WAVE, "saturate", "saturate", { "range", "0.2", NULL } },
    { BF_TRACE, "original", NULL, { NULL } },
    { BF_TRACE, "noise", "noise", { NULL } },
    { BF_TRACE, "zero", "zero", { NULL } },
    { BF_TRACE, "add_noise", "add_noise", { "snr", "10 dB", NULL } },
    { BF_TRACE, "time_shuffle", "time_shuffle", { NULL } },
    { BF_TRACE, "channel_drop", "channel_drop", { "fill", "missing", NULL } },
    { BF_TRACE, "bursts", "bursts", { "fill", "missing", NULL } },
    { BF_TRACE, "saturate", "saturate", { NULL } },
    { BF_TRACE, "drift", "drift", { NULL } },
};

/* A house under the sun, with a tree. `at` 0 .. 1: the sun's way across the sky. */
static struct bf_raster scene(int w, int h, double at, struct bf_arena *a)
{
    struct bf_raster r;
    if (bf_raster_new(w, h, &r, a, NULL) != BF_OK)
        abort();
    for (int y = 0; y < h; y++)
        draw_fill(&r, 0, y, w, 1,
                  y < h * 2 / 3
                      ? (uint32_t)((90 + 100 * y / h) << 16 | (150 + 80 * y / h) << 8 | 235)
                      : 0x4c9a3fu);
    draw_disc(&r, (int)(w * (0.1 + 0.8 * at)), (int)(h * (0.35 - 0.25 * sin(3.14 * at))), h / 9,
              0xffd83d);
    draw_fill(&r, w / 3, h * 2 / 5, w / 3, h * 2 / 5, 0xc8553d);
    for (int i = 0; i <= h / 5; i++) /* the roof */
        draw_fill(&r, w / 2 - i * w * 9 / (h * 10), h * 2 / 5 - h / 5 + i, 2 * i * w * 9 / (h * 10),
                  1, 0x6b3a2e);
    draw_fill(&r, w * 9 / 20, h * 3 / 5, w / 10, h / 5, 0x4a2f27);
    draw_fill(&r, w * 7 / 12, h / 2, w / 18, h / 12, 0xf4e9c1);
    draw_fill(&r, w * 5 / 6 - w / 40, h / 2, w / 20, h / 3, 0x6b4a2b);
    draw_disc(&r, w * 5 / 6, h / 2, h / 7, 0x2f7d32);
    return r;
}

static struct bf_media make_clip(struct bf_arena *a)
{
    struct bf_clip c = { .n_frames = N_FRAMES, .seconds = N_FRAMES };
    c.frames = bf_arena_alloc(a, N_FRAMES, sizeof *c.frames);
    c.at_seconds = bf_arena_alloc(a, N_FRAMES, sizeof *c.at_seconds);
    for (int i = 0; c.frames && c.at_seconds && i < N_FRAMES; i++) {
        c.frames[i] = scene(SMALL_W - 2, SMALL_H - 2, i / (N_FRAMES - 1.0), a);
        c.at_seconds[i] = i + 0.5;
    }
    return (struct bf_media){ .carrier = BF_CLIP, .clip = c };
}

/* Three notes, then a sweep. */
static struct bf_media make_wave(struct bf_arena *a)
{
    struct bf_wave w = { RATE_HZ, 1, (size_t)RATE_HZ * SECONDS, NULL };
    w.v = bf_arena_alloc(a, w.n, sizeof *w.v);
    for (int note = 0; w.v && note < 3; note++)
        draw_tone(w.v + (size_t)((0.1 + 0.5 * note) * RATE_HZ), (size_t)(0.35 * RATE_HZ), RATE_HZ,
                  600 * (note + 1), 0.4);
    double phase = 0;
    for (size_t i = (size_t)(1.7 * RATE_HZ); w.v && i < (size_t)(2.8 * RATE_HZ); i++) {
        const double at = ((double)i / RATE_HZ - 1.7) / 1.1;
        phase += 2 * 3.14159265358979 * (400 + 5600 * at) / RATE_HZ;
        w.v[i] = (float)(0.4 * sin(phase));
    }
    return (struct bf_media){ .carrier = BF_WAVE, .wave = w };
}

/* A slow swell, two taps, and a quick tremble that dies away. */
static struct bf_media make_trace(struct bf_arena *a)
{
    struct bf_trace t = { .rate_hz = 100, .n_ch = 3, .n = STEPS, .unit = "N" };
    t.v = bf_arena_alloc(a, (size_t)3 * STEPS, sizeof *t.v);
    for (int i = 0; t.v && i < STEPS; i++) {
        const double s = i / 100.0;
        t.v[i] = (float)(3 * sin(2 * s));
        t.v[STEPS + i] =
            (float)(6 * exp(-40 * pow(s - 0.8, 2)) + 4 * exp(-40 * pow(s - 2.1, 2)) - 4);
        t.v[2 * STEPS + i] = (float)(2 * exp(-s) * sin(25 * s) + 5);
    }
    return (struct bf_media){ .carrier = BF_TRACE, .trace = t };
}

static struct bf_media make_media(enum bf_carrier carrier, struct bf_arena *a)
{
    if (carrier == BF_CLIP)
        return make_clip(a);
    if (carrier == BF_WAVE)
        return make_wave(a);
    if (carrier == BF_TRACE)
        return make_trace(a);
    return (struct bf_media){ .carrier = BF_RASTER, .raster = scene(W, H, 0.75, a) };
}

static int draw(const struct bf_media *m, struct bf_raster *out, struct bf_arena *a)
{
    if (m->carrier == BF_CLIP)
        return bf_draw_clip(&m->clip, N_FRAMES, 1, N_FRAMES * SMALL_W, SMALL_H, out, a, NULL);
    if (m->carrier == BF_WAVE)
        return bf_draw_wave(&m->wave, SOUND_W, SOUND_H, out, a, NULL);
    if (m->carrier == BF_TRACE)
        return bf_draw_trace(&m->trace, PLOT_W, PLOT_H, out, a, NULL);
    return bf_draw_picture(&m->raster, W, H, out, a, NULL);
}

static int make(const struct golden *g, struct bf_raster *out, struct bf_arena *a)
{
    const struct bf_media in = make_media(g->carrier, a);
    struct bf_media made = in;
    if (g->op)
        BF_TRY(test_apply(g->op, g->options, &in, 20261121, &made, a));
    return draw(&made, out, a);
}

static char *path_of(const char *dir, const struct golden *g, struct bf_arena *a)
{
    return bf_arena_printf(a, "%s/%s-%s.png", dir, bf_carrier_name(g->carrier), g->name);
}

/* Functions of the C library may differ in their last bit between machines: one level up or down
 * here and there is no change. */
static bool is_like(const struct bf_raster *x, const struct bf_raster *y)
{
    long n_off = 0;
    int most = 0;
    if (x->w != y->w || x->h != y->h)
        return false;
    for (int v = 0; v < x->h; v++)
        for (int i = 0; i < 3 * x->w; i++) {
            const int off = abs(x->px[v * x->stride + i] - y->px[v * y->stride + i]);
            most = off > most ? off : most;
            n_off += off > 0;
        }
    return most <= 1 && n_off * 200 <= (long)x->w * x->h * 3;
}

static bool check(const char *dir, const struct golden *g, struct bf_arena *a)
{
    struct bf_raster now, then;
    struct bf_err err = { 0 };
    char *bytes = NULL;
    size_t n = 0;
    int rc = make(g, &now, a);
    rc = rc == BF_OK ? bf_file_read(path_of(dir, g, a), 1 << 20, &bytes, &n, a, &err) : rc;
    rc = rc == BF_OK ? bf_stb_decode((uint8_t *)bytes, n, &bf_default_limits, &then, a, &err) : rc;
    if (rc != BF_OK)
        printf("# %s\n", err.msg);
    return rc == BF_OK && is_like(&now, &then);
}

static bool write_one(const char *dir, const struct golden *g, struct bf_arena *a)
{
    struct bf_raster now;
    struct bf_blob png;
    return make(g, &now, a) == BF_OK && bf_png_encode(&now, &png, a, NULL) == BF_OK &&
           bf_file_write(path_of(dir, g, a), png.bytes, png.n, NULL) == BF_OK;
}

int main(int argc, char **argv)
{
    enum { N = sizeof goldens / sizeof *goldens };
    int bad = 0;
    if (argc != 3 || (strcmp(argv[1], "write") != 0 && strcmp(argv[1], "check") != 0)) {
        fputs("usage: operators write|check DIR\n", stderr);
        return 2;
    }
    printf("1..%d\n", N);
    for (int i = 0; i < N; i++) {
        struct bf_arena a = { 0 };
        const struct golden *g = &goldens[i];
        const bool good = *argv[1] == 'w' ? write_one(argv[2], g, &a) : check(argv[2], g, &a);
        printf("%sok %d - %s of a %s is as it was\n", good ? "" : "not ", i + 1, g->name,
               bf_carrier_name(g->carrier));
        bad |= !good;
        bf_arena_reset(&a);
    }
    return bad;
}
