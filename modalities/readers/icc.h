#ifndef BF_MODALITIES_READERS_ICC_H
#define BF_MODALITIES_READERS_ICC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "modalities/readers/pixels.h"

/* The colour profile in a picture file of this format ("jpeg": APP2, all its segments; "png": iCCP;
 * "webp": ICCP; "tiff": tag 34675), unpacked. `*n_out` is 0 when there is none that is whole.
 * BF_ENOMEM. */
int bf_icc_find(const uint8_t *bytes, size_t n, const char *format, const uint8_t **profile_out,
                size_t *n_out, struct bf_arena *a, struct bf_err *err);

/* Whether a profile says of an RGB picture, or of a gray one, no more than that it is sRGB: its
 * primaries and curves are those of IEC 61966-2-1 to what a level of 8 bits can show. */
bool bf_icc_is_srgb(const uint8_t *profile, size_t n);

/* Colours as the profile means them to sRGB, perceptual intent: inks become R, G, B, alpha is kept.
 * A profile that is broken, or not of this kind of picture, is left alone with a warning. BF_END:
 * this build is without Little CMS; BF_ENOMEM. */
int bf_lcms_to_srgb(const uint8_t *profile, size_t n, struct bf_pixels *p, struct bf_arena *a,
                    struct bf_err *err);

#endif
