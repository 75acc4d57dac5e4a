/* shown write|check DIR: the pictures of docs/modalities.md, of what models without a sense are
 * shown, made from media drawn here. `check` is a test: they still are what is made (TAP). */
#include <math.h>

#include "core/file.h"
#include "modalities/cloud.h"
#include "modalities/raster.h"
#include "modalities/readers/stb.h"
#include "tests/draw.h"
#include "tests/media.h"

enum { RATE_HZ = 16000, SECONDS = 3, STEPS = 300, N_FRAMES = 8, FRAME_W = 160, FRAME_H = 120 };

/* Three notes, then a sweep. */
static struct bf_media make_wave(struct bf_arena *a)
{
    struct bf_wave w = { RATE_HZ, 1, (size_t)RATE_HZ * SECONDS, NULL };
    double phase = 0;
    w.v = bf_arena_alloc(a, w.n, sizeof *w.v);
    for (int note = 0; w.v && note < 3; note++)
        draw_tone(w.v + (size_t)((0.1 + 0.5 * note) * RATE_HZ), (size_t)(0.35 * RATE_HZ), RATE_HZ,
                  440 * (note + 1), 0.5);
    for (size_t i = (size_t)(1.7 * RATE_HZ); w.v && i < (size_t)(2.8 * RATE_HZ); i++) {
        const double at = ((double)i / RATE_HZ - 1.7) / 1.1;
        phase += 2 * 3.14159265358979 * (200 + 6000 * at * at) / RATE_HZ;
        w.v[i] = (float)(0.3 * sin(phase));
    }
    return (struct bf_media){ .carrier = BF_WAVE, .wave = w };
}

/* Three fingers that press, one after the other. */
static struct bf_media make_trace(struct bf_arena *a)
{
    static const char *const names[] = { "thumb", "index", "palm" };
    struct bf_trace t = { .rate_hz = 100, .n_ch = 3, .n = STEPS, .unit = "kPa", .names = names };
    t.v = bf_arena_alloc(a, (size_t)3 * STEPS, sizeof *t.v);
    for (int ch = 0; t.v && ch < 3; ch++)
        for (int i = 0; i < STEPS; i++) {
            const double s = i / 100.0;
            t.v[ch * STEPS + i] =
                (float)(2 + ch + (12 - 3 * ch) * exp(-6 * pow(s - 0.8 - 0.7 * ch, 2)));
        }
    return (struct bf_media){ .carrier = BF_TRACE, .trace = t };
}

/* A ball that rolls to the right, quicker and quicker. */
static struct bf_media make_clip(struct bf_arena *a)
{
    struct bf_clip c = { .n_frames = N_FRAMES, .seconds = 4 };
    c.frames = bf_arena_alloc(a, N_FRAMES, sizeof *c.frames);
    c.at_seconds = bf_arena_alloc(a, N_FRAMES, sizeof *c.at_seconds);
    for (int i = 0; c.frames && c.at_seconds && i < N_FRAMES; i++) {
        struct bf_raster *r = &c.frames[i];
        c.at_seconds[i] = 0.25 + 0.5 * i;
        if (bf_raster_new(FRAME_W, FRAME_H, r, a, NULL) != BF_OK)
            abort();
        draw_fill(r, 0, 0, FRAME_W, FRAME_H, 0xbcd3e6);
        draw_fill(r, 0, 90, FRAME_W, 30, 0x7a6a55);
        draw_disc(r, 18 + i * i * 5 / 2, 74, 16, 0xc03028);
    }
    return (struct bf_media){ .carrier = BF_CLIP, .clip = c };
}

/* A snail's shell in colours. */
static struct bf_media make_points(struct bf_arena *a)
{
    enum { N = 6000 };
    struct bf_media m = { .carrier = BF_RASTER };
    struct bf_points p = { .n = N, .cap = N };
    p.xyz = bf_arena_alloc(a, N, 3 * sizeof *p.xyz);
    p.rgb = bf_arena_alloc(a, N, 3);
    for (int i = 0; p.xyz && p.rgb && i < N; i++) {
        const double turn = 12.0 * i / N, round = i * 2.399963, wide = 0.05 + 0.03 * turn;
        const double far = 0.1 * turn + wide * cos(round);
        p.xyz[3 * i] = far * cos(turn);
        p.xyz[3 * i + 1] = far * sin(turn);
        p.xyz[3 * i + 2] = wide * sin(round) - 0.06 * turn;
        p.rgb[3 * i] = 230;
        p.rgb[3 * i + 1] = (uint8_t)(60 + 190 * i / N);
        p.rgb[3 * i + 2] = (uint8_t)(200 - 150 * i / N);
    }
    if (!p.xyz || !p.rgb || bf_cloud_picture(&p, BF_UP_Z, &m.raster, a, NULL) != BF_OK)
        abort();
    return m;
}

static const struct golden {
    const char *name;
    struct bf_media (*make)(struct bf_arena *a);
    const char *present;
} goldens[] = {
    { "shown-spectrogram", make_wave, "spectrogram" },
    { "shown-plot", make_trace, "plot" },
    { "shown-sheet", make_clip, "sheet" },
    { "shown-points", make_points, "image" },
};

static int make(const struct golden *g, struct bf_blob *out, struct bf_arena *a)
{
    const struct bf_media m = g->make(a);
    const struct bf_modality *base = bf_modality_of(m.carrier);
    struct bf_shown shown = { 0 };
    BF_TRY(
        base->present(test_options(&base->op, (const char *[]){ "present", g->present, NULL }, a),
                      &m, &shown, a, NULL));
    *out = shown.blobs[0];
    return BF_OK;
}

/* Functions of the C library may differ in their last bit between machines: a few levels here and
 * there are no change. */
static bool is_like(const struct bf_raster *x, const struct bf_raster *y)
{
    long n_off = 0;
    if (x->w != y->w || x->h != y->h)
        return false;
    for (int v = 0; v < x->h; v++)
        for (int i = 0; i < 3 * x->w; i++)
            n_off += abs(x->px[v * x->stride + i] - y->px[v * y->stride + i]) > 2;
    return n_off * 1000 <= (long)x->w * x->h * 3;
}

static bool check(const char *path, const struct bf_blob *now, struct bf_arena *a)
{
    struct bf_raster made, then;
    char *bytes = NULL;
    size_t n = 0;
    return bf_file_read(path, 1 << 22, &bytes, &n, a, NULL) == BF_OK &&
           bf_stb_decode((uint8_t *)bytes, n, &bf_default_limits, &then, a, NULL) == BF_OK &&
           bf_stb_decode(now->bytes, now->n, &bf_default_limits, &made, a, NULL) == BF_OK &&
           is_like(&made, &then);
}

int main(int argc, char **argv)
{
    enum { N = sizeof goldens / sizeof *goldens };
    int bad = 0;
    if (argc != 3 || (strcmp(argv[1], "write") != 0 && strcmp(argv[1], "check") != 0)) {
        fputs("usage: shown write|check DIR\n", stderr);
        return 2;
    }
    printf("1..%d\n", N);
    for (int i = 0; i < N; i++) {
        struct bf_arena a = { 0 };
        struct bf_blob now = { 0 };
        const char *path = bf_arena_printf(&a, "%s/%s.png", argv[2], goldens[i].name);
        bool good = make(&goldens[i], &now, &a) == BF_OK;
        if (good && *argv[1] == 'w')
            good = bf_file_write(path, now.bytes, now.n, NULL) == BF_OK;
        else if (good)
            good = check(path, &now, &a);
        printf("%sok %d - %s is as it was\n", good ? "" : "not ", i + 1, goldens[i].name);
        bad |= !good;
        bf_arena_reset(&a);
    }
    return bad;
}
