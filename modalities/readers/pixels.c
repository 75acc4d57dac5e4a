/* What all readers of pictures share. */
#include "modalities/readers/pixels.h"

#include <stdarg.h>
#include <stdio.h>

int bf_pixels_new(int w, int h, int n_ch, struct bf_pixels *out, struct bf_arena *a,
                  struct bf_err *err)
{
    const size_t row = (size_t)w * (size_t)n_ch;
    uint8_t *px = bf_arena_alloc(a, row, (size_t)h);
    if (!px)
        return bf_fail(err, BF_ENOMEM, "no memory for a picture of %d x %d pixels", w, h);
    out->w = w;
    out->h = h;
    out->n_ch = n_ch;
    out->px = px;
    if (out->full_w == 0) {
        out->full_w = w;
        out->full_h = h;
    }
    return BF_OK;
}

void bf_pixels_warn(struct bf_pixels *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (!p->warning[0])
        vsnprintf(p->warning, sizeof p->warning, fmt, args);
    va_end(args);
}
