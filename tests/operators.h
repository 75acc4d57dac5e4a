/* What tests of operators share: applying one by name, comparing what came out. */
#ifndef BF_TESTS_OPERATORS_H
#define BF_TESTS_OPERATORS_H

#include "tests/media.h"

static inline const struct bf_operator *test_operator(const char *name)
{
    const struct bf_op *op =
        bf_op_find((const struct bf_op *const *)(const void *)bf_operators, name);
    if (!op) {
        printf("# there is no operator '%s'\n", name);
        abort();
    }
    return (const void *)op;
}

/* Apply an operator with options as name and value by turns up to NULL. They live in `a`, too:
 * words may be theirs. */
static inline int test_apply(const char *name, const char *const *pairs, const struct bf_media *in,
                             uint64_t seed, struct bf_media *out, struct bf_arena *a)
{
    const struct bf_operator *op = test_operator(name);
    struct bf_apply with = { .rng = bf_rng_for(seed, "s", name, 0),
                             .pool_mean = { 10.4, 99.6, 255 } };
    return op->apply(test_options(&op->op, pairs, a), in, &with, out, a, NULL);
}

/* A picture of w x h pixels whose rows are padded, of `px` [h][w][3] or, when it is NULL, zeros. */
static inline struct bf_media test_raster(int w, int h, const uint8_t *px, struct bf_arena *a)
{
    const ptrdiff_t stride = 3 * (ptrdiff_t)w + 5;
    uint8_t *to = bf_arena_alloc(a, (size_t)stride, (size_t)h);
    if (!to)
        abort();
    memset(to, 0xee, (size_t)stride * (size_t)h);
    for (int y = 0; y < h; y++)
        for (int i = 0; i < 3 * w; i++)
            to[y * stride + i] = px ? px[y * 3 * w + i] : 0;
    return (struct bf_media){ .carrier = BF_RASTER,
                              .raster = { .w = w, .h = h, .stride = stride, .px = to } };
}

/* A clip of `n` frames of one pixel, of gray levels 10, 20, ..., a frame a second. */
static inline struct bf_media test_clip(int n, struct bf_arena *a)
{
    struct bf_clip c = { .n_frames = n, .seconds = n };
    c.frames = bf_arena_alloc(a, (size_t)n, sizeof *c.frames);
    c.at_seconds = bf_arena_alloc(a, (size_t)n, sizeof *c.at_seconds);
    if (!c.frames || !c.at_seconds)
        abort();
    for (int i = 0; i < n; i++) {
        const uint8_t v = (uint8_t)(10 * (i + 1));
        c.frames[i] = test_raster(1, 1, (const uint8_t[]){ v, v, v }, a).raster;
        c.at_seconds[i] = i + 0.5;
    }
    return (struct bf_media){ .carrier = BF_CLIP, .clip = c };
}

static inline bool test_same_raster(const struct bf_raster *x, const struct bf_raster *y)
{
    bool same = x->w == y->w && x->h == y->h;
    for (int r = 0; same && r < x->h; r++)
        same = memcmp(x->px + r * x->stride, y->px + r * y->stride, (size_t)x->w * 3) == 0;
    return same;
}

static inline bool test_same_media(const struct bf_media *x, const struct bf_media *y)
{
    if (x->carrier != y->carrier)
        return false;
    if (x->carrier == BF_RASTER)
        return test_same_raster(&x->raster, &y->raster);
    if (x->carrier == BF_CLIP) {
        bool same = x->clip.n_frames == y->clip.n_frames && x->clip.seconds == y->clip.seconds;
        for (int i = 0; same && i < x->clip.n_frames; i++)
            same = x->clip.at_seconds[i] == y->clip.at_seconds[i] &&
                   test_same_raster(&x->clip.frames[i], &y->clip.frames[i]);
        return same;
    }
    if (x->carrier == BF_WAVE)
        return x->wave.n_ch == y->wave.n_ch && x->wave.n == y->wave.n &&
               x->wave.rate_hz == y->wave.rate_hz &&
               memcmp(x->wave.v, y->wave.v, x->wave.n * (size_t)x->wave.n_ch * sizeof *x->wave.v) ==
                   0;
    if (x->carrier == BF_TEXT)
        return strcmp(x->text, y->text) == 0;
    return x->trace.n_ch == y->trace.n_ch && x->trace.n == y->trace.n &&
           x->trace.rate_hz == y->trace.rate_hz && strcmp(x->trace.unit, y->trace.unit) == 0 &&
           x->trace.names == y->trace.names &&
           memcmp(x->trace.v, y->trace.v,
                  x->trace.n * (size_t)x->trace.n_ch * sizeof *x->trace.v) == 0;
}

#endif
