/* PBM, PGM and PPM pictures. */
#include "modalities/readers/pnm.h"

#include <stdbool.h>
#include <string.h>

#include "modalities/raster.h"

static void skip_blanks(const uint8_t *p, size_t n, size_t *at)
{
    while (*at < n && (p[*at] == '#' || memchr(" \t\r\n\v\f", p[*at], 6)))
        if (p[(*at)++] == '#')
            while (*at < n && p[*at] != '\n' && p[*at] != '\r')
                (*at)++;
}

/* One number of the header, after blanks and comments; 0 when there is none, or one beyond what a
 * picture can have. */
static uint32_t number(const uint8_t *p, size_t n, size_t *at)
{
    enum { MOST = 1 << 30 };
    uint32_t v = 0;
    skip_blanks(p, n, at);
    for (; *at < n && p[*at] >= '0' && p[*at] <= '9'; (*at)++)
        v = v < MOST / 10 ? v * 10 + (uint32_t)(p[*at] - '0') : MOST;
    return v < MOST ? v : 0;
}

/* The bit or the number at `*at` of a plain file; false at its end or at what is none. */
static bool plain_level(const uint8_t *p, size_t n, size_t *at, bool bits, uint32_t *out)
{
    skip_blanks(p, n, at);
    if (*at >= n || p[*at] < '0' || p[*at] > '9')
        return false;
    if (bits)
        *out = p[(*at)++] == '0'; /* 1 is black */
    else
        *out = number(p, n, at);
    return true;
}

/* Levels written as digits, or packed bits, as bytes; whole rows up to where the file ends. */
static int unpack(const uint8_t *p, size_t n, size_t at, bool bits, bool plain, struct bf_pnm *out,
                  struct bf_arena *a, struct bf_err *err)
{
    const size_t row = (size_t)out->w * (size_t)out->n_ch, bytes = out->top > 255 ? 2 : 1;
    const size_t packed = (row + 7) / 8;
    uint8_t *levels = bf_arena_alloc(a, row * bytes, (size_t)out->h);
    if (!levels)
        return bf_fail_memory(err, "a picture");
    bool there = true;
    for (; there && out->n_there < out->h; out->n_there += there) {
        uint8_t *q = levels + (size_t)out->n_there * row * bytes;
        if (!plain && (at > n || n - at < packed))
            there = false;
        for (size_t x = 0; there && x < row; x++) {
            uint32_t v = 0;
            if (plain)
                there = plain_level(p, n, &at, bits, &v);
            else
                v = !(p[at + x / 8] >> (7 - x % 8) & 1);
            if (bytes == 2)
                q[2 * x] = (uint8_t)((v < out->top ? v : out->top) >> 8);
            q[bytes * x + bytes - 1] = (uint8_t)(v < out->top ? v : out->top);
        }
        at += plain ? 0 : packed;
    }
    out->levels = levels;
    return BF_OK;
}

int bf_pnm_open(const uint8_t *bytes, size_t n, const struct bf_limits *limits, struct bf_pnm *out,
                struct bf_arena *a, struct bf_err *err)
{
    static const char *const names[3] = { "PBM", "PGM", "PPM" };
    const int kind = bytes[1] - '1';
    const char *what = names[kind % 3];
    const bool bits = kind % 3 == 0, plain = kind < 3;
    size_t at = 2;
    struct bf_pnm p = { .n_ch = kind % 3 == 2 ? 3 : 1 };
    p.w = number(bytes, n, &at);
    p.h = number(bytes, n, &at);
    p.top = bits ? 1 : number(bytes, n, &at);
    if (p.w == 0 || p.h == 0 || p.top == 0 || p.top > 65535)
        return bf_fail(err, BF_EDATA, "the %s's header is damaged", what);
    BF_TRY(bf_raster_allowed(p.w, p.h, limits, err));
    at += !plain; /* one blank ends the header */
    const size_t left = n > at ? n - at : 0;
    if (bits || plain) {
        BF_TRY(unpack(bytes, n, at, bits, plain, &p, a, err));
    } else {
        const size_t row = (size_t)p.w * (size_t)p.n_ch * (p.top > 255 ? 2 : 1);
        p.n_there = left / row < (size_t)p.h ? (int64_t)(left / row) : p.h;
        p.levels = bytes + at;
    }
    if (p.n_there == 0)
        return bf_fail(err, BF_EDATA, "the %s ends early: %zu bytes of levels for %lld x %lld",
                       what, left, (long long)p.w, (long long)p.h);
    *out = p;
    return BF_OK;
}

int bf_pnm_picture(const struct bf_pnm *p, struct bf_raster *out, struct bf_arena *a,
                   struct bf_err *err)
{
    struct bf_raster r;
    BF_TRY(bf_raster_new((int)p->w, (int)p->h, &r, a, err));
    for (int y = 0; y < r.h; y++)
        for (int x = 0; x < r.w; x++)
            for (int c = 0; c < 3; c++) {
                const size_t i = (size_t)y * (size_t)r.w + (size_t)x;
                const uint32_t level =
                    y < p->n_there ? bf_pnm_level(p, i, p->n_ch == 3 ? c : 0) : p->top;
                r.px[y * r.stride + 3 * x + c] =
                    (uint8_t)(((level < p->top ? level : p->top) * 255 + p->top / 2) / p->top);
            }
    *out = r;
    return BF_OK;
}
