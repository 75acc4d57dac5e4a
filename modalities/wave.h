#ifndef BF_MODALITIES_WAVE_H
#define BF_MODALITIES_WAVE_H

#include <stddef.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* Sound that grows while it is decoded, since no header is to be trusted about its length. */
struct bf_wave_builder {
    struct bf_arena *a;
    double rate_hz;
    int n_ch;
    size_t n, max;  /* samples per channel so far, and the limit */
    size_t n_fixed; /* values that were NaN or infinite, now 0 */
    size_t room;    /* samples per channel that `v` holds */
    float *v;       /* [n_ch][room] */
};

/* BF_EDATA: a rate or number of channels that no sound has. */
int bf_wave_begin(struct bf_wave_builder *b, double rate_hz, int n_ch,
                  const struct bf_limits *limits, struct bf_arena *a, struct bf_err *err);

/* Make room for `n` more samples of every channel: they belong at bf_wave_place(b, ch), must be
 * finite, and count once b->n says so. BF_EDATA: longer than limits->wave_seconds; BF_ENOMEM. */
int bf_wave_reserve(struct bf_wave_builder *b, size_t n, struct bf_err *err);

static inline float *bf_wave_place(const struct bf_wave_builder *b, int ch)
{
    return b->v + (size_t)ch * b->room + b->n;
}

/* Append `n` samples of every channel, interleaved [n][n_ch]. BF_EDATA: longer than
 * limits->wave_seconds; BF_ENOMEM. */
int bf_wave_add(struct bf_wave_builder *b, const float *v, size_t n, struct bf_err *err);

/* Lay the sound out by channel and fill in what `info` says of it. BF_EDATA: no samples. */
int bf_wave_end(struct bf_wave_builder *b, struct bf_wave *out, struct bf_media_info *info,
                struct bf_err *err);

/* A 16-bit PCM WAV file of `w`, exact for what was 16 bits before; values beyond full scale are
 * clipped. BF_EDATA: over 4 GiB. */
int bf_wav_encode(const struct bf_wave *w, struct bf_blob *out, struct bf_arena *a,
                  struct bf_err *err);

#endif
