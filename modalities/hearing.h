#ifndef BF_MODALITIES_HEARING_H
#define BF_MODALITIES_HEARING_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/media.h"

enum {
    BF_HEARD_BANDS = 24,       /* mel bands from 60 Hz to 8 kHz, for features */
    BF_HEARD_PRINT_BANDS = 17, /* mel bands from 100 Hz to 3.6 kHz, for fingerprints */
    BF_HEARD_PARTS = 4,        /* spans of equal length whose sound is compared */
    BF_HEARD_MAX_BINS = 4096 / 2 + 1,
};

/* What is measured of a sound, its channels mixed, on the way to features and fingerprint: the
 * wave itself in spans of 10 ms, and a spectrogram at 16 to 32 kHz. */
struct bf_hearing {
    double rate_hz; /* of the spectrogram's samples */
    size_t n_fft, n_bins;
    size_t n_frames;
    int first_bin, end_bin;          /* of those from 60 Hz to 8 kHz */
    double band_sum[BF_HEARD_BANDS]; /* of dB over frames */
    double band_squares[BF_HEARD_BANDS];
    double power[BF_HEARD_PARTS][BF_HEARD_MAX_BINS]; /* mean spectrum of each part */
    size_t n_in_part[BF_HEARD_PARTS];
    double db_sum, db_squares;            /* of the frames' level */
    double flux;                          /* mean change of the bands over 20 ms or more, dB */
    float (*print)[BF_HEARD_PRINT_BANDS]; /* [n_frames], energies */

    size_t n_env;
    float *env; /* [n_env], root mean square of each 10 ms */
    double peak, squares;
    size_t n_crossings;
};

/* BF_OK, or BF_ENOMEM without a message. */
int bf_hear(const struct bf_wave *w, struct bf_hearing *out, struct bf_arena *a);

/* All channels as one, held within +-1e6, so that squares are finite; NULL: out of memory. */
float *bf_wave_mix(const struct bf_wave *w, struct bf_arena *a);

/* The features and the fingerprint that come of it. */
uint64_t bf_hearing_print(const struct bf_hearing *h);

#endif
