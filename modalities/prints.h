#ifndef BF_MODALITIES_PRINTS_H
#define BF_MODALITIES_PRINTS_H

#include <stdint.h>

#include "core/arena.h"
#include "core/media.h"

/* Fingerprints: 64 bits, of which media of one content differ in few, whatever they were made of.
 * Each bit is the sign of one low-frequency coefficient of what is looked at, so that none depends
 * on a single pixel, frame or sample. 0 when out of memory. docs/modalities.md has what was
 * measured. */

/* The 64 lowest DCT coefficients of the luminance at 32 x 32 pixels against their median: the "DCT
 * hash" of phash.org. */
uint64_t bf_raster_print(const struct bf_raster *r, struct bf_arena *a);

/* A clip's mean picture, and how its pictures change over time. */
uint64_t bf_clip_print(const struct bf_clip *clip, struct bf_arena *a);

/* How the spectrum of a sound changes over time; its loudness and what is above 3.6 kHz do not
 * count. */
uint64_t bf_wave_print(const struct bf_wave *w, struct bf_arena *a);

/* Which words stand beside which. */
uint64_t bf_text_print(const char *text, struct bf_arena *a);

/* The shape of a trace over time and along its channels. Unit, gain, offsets of channels and rate
 * do not count. */
uint64_t bf_trace_print(const struct bf_trace *t, struct bf_arena *a);

#endif
