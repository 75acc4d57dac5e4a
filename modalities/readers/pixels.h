#ifndef BF_MODALITIES_READERS_PIXELS_H
#define BF_MODALITIES_READERS_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* A picture as a decoder gives it: colours as its profile means them, transparency kept, the way
 * up that it was stored. 16 bits a channel were cut to their upper 8. */
struct bf_pixels {
    int w, h;           /* as decoded; smaller than the picture where limits->enough allows it */
    int full_w, full_h; /* of the picture as stored */
    int n_ch;           /* 3: R, G, B; 4: R, G, B, alpha (255 = opaque), or inks */
    bool inks;          /* 4 channels are C, M, Y, K, 255 = all of it */
    uint8_t *px;        /* shape [h][w][n_ch] without padding */
    const char *decoder;
    bool damaged;           /* part of it is missing or wrong, and `warning` says what */
    char warning[96];       /* "" or what a person should know */
    const uint8_t *profile; /* ICC, where the decoder finds it; else NULL */
    size_t n_profile;
};

/* Pixels of a size that was allowed; what they are is up to the caller. BF_ENOMEM. */
int bf_pixels_new(int w, int h, int n_ch, struct bf_pixels *out, struct bf_arena *a,
                  struct bf_err *err);

/* Set the warning unless there is one already. */
void bf_pixels_warn(struct bf_pixels *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* One reader for each library. All check limits on the header, before memory is taken, and may make
 * the picture smaller when limits->enough says how much is enough. BF_END: this build is without
 * the library (nothing is reported); BF_EDATA with a reason; BF_ENOMEM. */
int bf_turbojpeg_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                      struct bf_pixels *out, struct bf_arena *a, struct bf_err *err);
int bf_spng_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_pixels *out, struct bf_arena *a, struct bf_err *err);
/* Of an animation the first picture. */
int bf_webp_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_pixels *out, struct bf_arena *a, struct bf_err *err);
/* Of several pages the first. */
int bf_tiff_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_pixels *out, struct bf_arena *a, struct bf_err *err);
int bf_heif_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_pixels *out, struct bf_arena *a, struct bf_err *err);
/* Ours: needs no library. */
int bf_bmp_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                struct bf_pixels *out, struct bf_arena *a, struct bf_err *err);

#endif
