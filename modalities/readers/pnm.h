#ifndef BF_MODALITIES_READERS_PNM_H
#define BF_MODALITIES_READERS_PNM_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* A PGM or PPM file (P5, P6). */
struct bf_pnm {
    int64_t w, h;
    int n_ch;              /* 1 or 3 */
    uint32_t top;          /* the level that is white, 1 .. 65535 */
    const uint8_t *levels; /* [h][w][n_ch] of one byte, of two (high first) when top > 255 */
};

/* Read the header. BF_EDATA: it is damaged, or the file ends before its last level. */
int bf_pnm_open(const uint8_t *bytes, size_t n, struct bf_pnm *out, struct bf_err *err);

/* The picture, levels spread over 0 .. 255. BF_EDATA: too large; BF_ENOMEM. */
int bf_pnm_picture(const struct bf_pnm *p, const struct bf_limits *limits, struct bf_raster *out,
                   struct bf_arena *a, struct bf_err *err);

/* Level of channel `c` of pixel `i`, as it is stored. */
static inline uint32_t bf_pnm_level(const struct bf_pnm *p, size_t i, int c)
{
    const size_t at = i * (size_t)p->n_ch + (size_t)c;
    return p->top > 255 ? (uint32_t)p->levels[2 * at] << 8 | p->levels[2 * at + 1] : p->levels[at];
}

#endif
