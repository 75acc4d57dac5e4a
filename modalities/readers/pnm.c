/* PGM and PPM pictures. stb_image reads them too, but takes the two bytes of a level in the wrong
 * order, and any top level for 255. */
#include "modalities/readers/pnm.h"

#include <string.h>

#include "modalities/raster.h"

/* One number of the header, after blanks and comments; 0 when there is none, or one beyond what a
 * picture can have. */
static uint32_t number(const uint8_t *p, size_t n, size_t *at)
{
    enum { MOST = 1 << 30 };
    uint32_t v = 0;
    while (*at < n && (p[*at] == '#' || memchr(" \t\r\n\v\f", p[*at], 6)))
        if (p[(*at)++] == '#')
            while (*at < n && p[*at] != '\n' && p[*at] != '\r')
                (*at)++;
    for (; *at < n && p[*at] >= '0' && p[*at] <= '9'; (*at)++)
        v = v < MOST / 10 ? v * 10 + (uint32_t)(p[*at] - '0') : MOST;
    return v < MOST ? v : 0;
}

int bf_pnm_open(const uint8_t *bytes, size_t n, struct bf_pnm *out, struct bf_err *err)
{
    const char *what = bytes[1] == '6' ? "PPM" : "PGM";
    size_t at = 2;
    struct bf_pnm p = { .n_ch = bytes[1] == '6' ? 3 : 1 };
    p.w = number(bytes, n, &at);
    p.h = number(bytes, n, &at);
    p.top = number(bytes, n, &at);
    if (p.w == 0 || p.h == 0 || p.top == 0 || p.top > 65535)
        return bf_fail(err, BF_EDATA, "the %s's header is damaged", what);
    const uint64_t have = n > at ? n - at - 1 : 0; /* one blank ends the header */
    const uint64_t rows = (uint64_t)p.h * (uint64_t)p.n_ch * (p.top > 255 ? 2 : 1);
    if (rows > have / (uint64_t)p.w)
        return bf_fail(err, BF_EDATA, "the %s ends early: %llu bytes of levels for %lld x %lld",
                       what, (unsigned long long)have, (long long)p.w, (long long)p.h);
    p.levels = bytes + at + 1;
    *out = p;
    return BF_OK;
}

int bf_pnm_picture(const struct bf_pnm *p, const struct bf_limits *limits, struct bf_raster *out,
                   struct bf_arena *a, struct bf_err *err)
{
    struct bf_raster r;
    BF_TRY(bf_raster_allowed(p->w, p->h, limits, err));
    BF_TRY(bf_raster_new((int)p->w, (int)p->h, &r, a, err));
    for (int y = 0; y < r.h; y++)
        for (int x = 0; x < r.w; x++)
            for (int c = 0; c < 3; c++) {
                const size_t i = (size_t)y * (size_t)r.w + (size_t)x;
                const uint32_t level = bf_pnm_level(p, i, p->n_ch == 3 ? c : 0);
                r.px[y * r.stride + 3 * x + c] =
                    (uint8_t)(((level < p->top ? level : p->top) * 255 + p->top / 2) / p->top);
            }
    *out = r;
    return BF_OK;
}
