#ifndef BF_MODALITIES_READERS_PNM_H
#define BF_MODALITIES_READERS_PNM_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* A PBM, PGM or PPM file, plain or raw (P1 .. P6). */
struct bf_pnm {
    int64_t w, h;
    int64_t n_there;       /* rows that are whole, 1 .. h; the file ends after them */
    int n_ch;              /* 1 or 3 */
    uint32_t top;          /* the level that is white, 1 .. 65535 */
    const uint8_t *levels; /* [n_there][w][n_ch] of one byte, of two (high first) when top > 255 */
};

/* Read the header, and of a plain file the levels. BF_EDATA: it is damaged or too large, or ends
 * within the first row. BF_ENOMEM. */
int bf_pnm_open(const uint8_t *bytes, size_t n, const struct bf_limits *limits, struct bf_pnm *out,
                struct bf_arena *a, struct bf_err *err);

/* The picture, levels spread over 0 .. 255; rows that are missing are white. BF_ENOMEM. */
int bf_pnm_picture(const struct bf_pnm *p, struct bf_raster *out, struct bf_arena *a,
                   struct bf_err *err);

/* Level of channel `c` of pixel `i`, as it is stored. */
static inline uint32_t bf_pnm_level(const struct bf_pnm *p, size_t i, int c)
{
    const size_t at = i * (size_t)p->n_ch + (size_t)c;
    return p->top > 255 ? (uint32_t)p->levels[2 * at] << 8 | p->levels[2 * at + 1] : p->levels[at];
}

#endif
