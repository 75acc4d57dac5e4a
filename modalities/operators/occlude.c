/* Operator `occlude`: part of the picture is covered. */
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "modalities/frames.h"
#include "modalities/raster.h"
#include "modalities/operators/severity.h"
#include "modalities/operators/shuffle.h"

enum { OCCLUDE_CENTER, OCCLUDE_BOX, OCCLUDE_PATCHES };

struct occlude {
    int kind, grid, level;
    double share, severity;
};

/* What is covered, the same in all frames of a clip. */
struct cover {
    const struct occlude *o;
    double side;      /* of a box, as a share of the picture's */
    double left, top; /* of a box, as a share of the room it has */
    uint8_t *cells;   /* [grid][grid]: 1 = covered */
};

static void cover(struct bf_raster *r, int x0, int y0, int x1, int y1, int level)
{
    for (int y = y0; y < y1; y++)
        memset(r->px + y * r->stride + 3 * x0, level, 3 * (size_t)(x1 - x0));
}

static int make_covered(void *ctx, const struct bf_raster *in, struct bf_raster *out,
                        struct bf_arena *a, struct bf_err *err)
{
    const struct cover *c = ctx;
    const int n = c->o->grid;
    BF_TRY(bf_raster_new(in->w, in->h, out, a, err));
    for (int y = 0; y < in->h; y++)
        memcpy(out->px + y * out->stride, in->px + y * in->stride, (size_t)in->w * 3);
    for (int i = 0; c->cells && i < n * n; i++)
        if (c->cells[i])
            cover(out, i % n * in->w / n, i / n * in->h / n, (i % n + 1) * in->w / n,
                  (i / n + 1) * in->h / n, c->o->level);
    if (!c->cells) {
        const int w = (int)lrint(c->side * in->w);
        const int h = (int)lrint(c->side * in->h);
        const int x = (int)lrint(c->left * (in->w - w));
        const int y = (int)lrint(c->top * (in->h - h));
        cover(out, x, y, x + w, y + h, c->o->level);
    }
    return BF_OK;
}

static int occlude_apply(const void *priv, const struct bf_media *in, struct bf_apply *with,
                         struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    const struct occlude *o = priv;
    const double share = o->share * o->severity;
    struct cover c = { .o = o, .side = sqrt(share), .left = 0.5, .top = 0.5 };
    if (o->kind == OCCLUDE_BOX) {
        c.left = bf_rng_unit(&with->rng);
        c.top = bf_rng_unit(&with->rng);
    }
    if (o->kind == OCCLUDE_PATCHES) {
        const uint32_t n = (uint32_t)(o->grid * o->grid);
        c.cells = bf_arena_alloc(a, n, 1);
        if (!c.cells)
            return bf_fail_memory(err, "a picture");
        bf_choose_some(&with->rng, n, (uint32_t)lrint(share * n), c.cells);
    }
    return bf_frames_make(in, make_covered, &c, out, a, err);
}

static const struct bf_opt occlude_opts[] = {
    { "kind", BF_OPT_ENUM, offsetof(struct occlude, kind), "center", 0, 0, NULL,
      "center: a box of the picture's shape in its middle; box: one anywhere; patches: cells of a "
      "grid, drawn at random",
      "center|box|patches" },
    { "share", BF_OPT_NUM, offsetof(struct occlude, share), "0.5", 0, 1, "of the area",
      "how much is covered", NULL },
    { "grid", BF_OPT_INT, offsetof(struct occlude, grid), "8", 1, 256, "cells a side",
      "patches: columns and rows of the grid", NULL },
    { "level", BF_OPT_INT, offsetof(struct occlude, level), "128", 0, 255, "levels",
      "gray level of what covers", NULL },
    BF_SEVERITY_OPT(offsetof(struct occlude, severity), "the share covered times this"),
    { .name = NULL },
};

const struct bf_operator bf_operator_occlude = {
    .op = {
        .name = "occlude",
        .summary = "cover part of the picture",
        .source = "docs/operators.md#occlude",
        .priv_size = sizeof(struct occlude),
        .opts = occlude_opts,
    },
    .carriers = BF_BIT(BF_RASTER) | BF_BIT(BF_CLIP),
    .random = true,
    .apply = occlude_apply,
};
