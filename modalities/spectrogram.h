#ifndef BF_MODALITIES_SPECTROGRAM_H
#define BF_MODALITIES_SPECTROGRAM_H

#include <stddef.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* Sound for models that do not hear. Channels are mixed and the mean is taken off; levels are in
 * decibels, 0 being a sine of full scale. */

/* A picture: time to the right, frequency upwards by the mel scale (m = 2595 log10(1 + f / 700),
 * O'Shaughnessy 1987) from 0 to `top_hz` or half the rate, whichever is less, in 128 rows of 2 px;
 * colour from -80 dB (dark) to 0 dB (bright). Windows of the power of two that is 40 ms or just
 * more, half overlapping (Hann), at most 32 to a column of pixels, evenly taken, whose mean power
 * counts; a row's level is that of the strongest bin in it. Axes with numbers, and a bar with the
 * colours. BF_ENOMEM. */
int bf_wave_spectrogram(const struct bf_wave *w, double top_hz, struct bf_raster *out,
                        struct bf_arena *a, struct bf_err *err);

/* Numbers: a line that says what they are, then for each of at most `rows` equal spans of time,
 * none shorter than 20 ms: its middle in s, the level of all, the frequency of the strongest bin in
 * Hz ("" when that is below -80 dB) and the levels of the octaves around 62.5, 125, ... 8000 Hz
 * that lie below half the rate; in whole dB, -99 at least. The level of all is that of the samples
 * of the span, the others are of windows as above. BF_ENOMEM. */
int bf_wave_table(const struct bf_wave *w, size_t rows, struct bf_blob *out, struct bf_arena *a,
                  struct bf_err *err);

#endif
