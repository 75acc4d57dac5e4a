#ifndef BF_MODALITIES_DRAW_H
#define BF_MODALITIES_DRAW_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* Media as a person looks at them, at most `w` x `h` pixels. Each: BF_ENOMEM. */

/* The picture, made smaller when it is larger; of one that fits more than once every pixel stands
 * as often as it does. */
int bf_draw_picture(const struct bf_raster *in, int w, int h, struct bf_raster *out,
                    struct bf_arena *a, struct bf_err *err);

/* Frames side by side: `n_wide` by `n_high` of them, evenly taken, each frame of the clip once at
 * most. */
int bf_draw_clip(const struct bf_clip *in, int n_wide, int n_high, int w, int h,
                 struct bf_raster *out, struct bf_arena *a, struct bf_err *err);

/* A spectrogram of all channels mixed: time to the right, frequency upwards to 8 kHz or half the
 * rate, dark = loud, from -90 to -10 dB of full scale. Always w x h. */
int bf_draw_wave(const struct bf_wave *in, int w, int h, struct bf_raster *out, struct bf_arena *a,
                 struct bf_err *err);

/* Its plot. */
int bf_draw_trace(const struct bf_trace *in, int w, int h, struct bf_raster *out,
                  struct bf_arena *a, struct bf_err *err);

/* Its first words, as many as there is room for; bytes beyond ASCII are boxes. Always w x h. */
int bf_draw_words(const char *text, int w, int h, struct bf_raster *out, struct bf_arena *a,
                  struct bf_err *err);

#endif
