/* Modality `audio`: a sound file, or the sound track of a clip. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ops.h"
#include "modalities/draw.h"
#include "modalities/features.h"
#include "modalities/hearing.h"
#include "modalities/prints.h"
#include "modalities/readers/sound_file.h"
#include "modalities/readers/source.h"
#include "modalities/spectrogram.h"
#include "modalities/wave.h"
#include "modalities/writers/png.h"

enum { PRESENT_WAV, PRESENT_SPECTROGRAM, PRESENT_TABLE };

struct audio {
    int present;
    double top_hz;
    int rows;
};

static int audio_decode(const void *priv, int fd, const struct bf_limits *limits,
                        struct bf_media *out, struct bf_media_info *info, struct bf_arena *a,
                        struct bf_err *err)
{
    struct bf_source src;
    struct bf_wave wave = { 0 };
    (void)priv;
    BF_TRY(bf_source_open(fd, limits, &src, err));
    BF_TRY(bf_sound_wave(&src, limits, &wave, info, a, err));
    *out = (struct bf_media){ .carrier = BF_WAVE, .wave = wave };
    return BF_OK;
}

enum { N_PITCHES = 16 };

static double to_db(double power)
{
    return 10 * log10(power + 1e-10);
}

/* The strongest frequency between 60 Hz and 8 kHz of a spectrum, refined between bins; 0 in
 * silence. `share_out`: how much of the power lies within two bins of it. */
static double strongest(const struct bf_hearing *h, const double *power, double *share_out)
{
    size_t best = 0;
    double all = 0;
    for (size_t k = 1; k + 1 < h->n_bins; k++) {
        if ((int)k < h->first_bin || (int)k >= h->end_bin)
            continue;
        all += power[k];
        best = !best || power[k] > power[best] ? k : best;
    }
    *share_out = 0;
    if (!best || all < 1e-9)
        return 0;
    double near = 0;
    for (size_t k = best > 2 ? best - 2 : 0; k <= best + 2 && k < h->n_bins; k++)
        near += (int)k >= h->first_bin && (int)k < h->end_bin ? power[k] : 0;
    *share_out = near / all;
    const double l = log(power[best - 1] + 1e-20);
    const double m = log(power[best] + 1e-20);
    const double r = log(power[best + 1] + 1e-20);
    const double bend = l - 2 * m + r;
    const double shift = bend < 0 ? fmin(fmax((l - r) / (2 * bend), -0.5), 0.5) : 0;
    return ((double)best + shift) * h->rate_hz / (double)h->n_fft;
}

/* Bursts: stretches well above the quiet ones, at least 30 ms apart. */
struct bursts {
    int n;
    double on_share;    /* of the time */
    double first, last; /* where the first begins and the last ends, 0 .. 1 */
};

static int by_value(const void *x, const void *y)
{
    const float a = *(const float *)x;
    const float b = *(const float *)y;
    return (a > b) - (a < b);
}

static int find_bursts(const struct bf_hearing *h, struct bursts *out, struct bf_arena *a,
                       struct bf_err *err)
{
    const float *env = h->env;
    const size_t n_env = h->n_env;
    float *sorted = bf_arena_memdup(a, env, n_env * sizeof *env);
    if (!sorted)
        return bf_fail_memory(err, "features");
    qsort(sorted, n_env, sizeof *sorted, by_value);
    const double loud = (double)sorted[n_env - 1 - n_env / 20];
    const double begin = fmax(0.35 * loud, 1e-3);
    const double end = fmax(0.2 * loud, 5e-4);
    *out = (struct bursts){ 0 };
    bool on = false;
    size_t quiet = 3;
    size_t n_on = 0;
    for (size_t i = 0; i < n_env; i++) {
        quiet = (double)env[i] < end ? quiet + 1 : 0;
        if (on && quiet >= 3)
            on = false;
        if (!on && (double)env[i] > begin) {
            on = true;
            if (out->n++ == 0)
                out->first = (double)i / (double)n_env;
        }
        n_on += on;
        if (on)
            out->last = (double)(i + 1) / (double)n_env;
    }
    out->on_share = (double)n_on / (double)n_env;
    return BF_OK;
}

/* 24 bands: mean and deviation; level, its deviation, peak over level; flux; centroid; flatness;
 * zero crossings. */
static void add_timbre(struct bf_features *f, const struct bf_hearing *h, const double *power,
                       const struct bf_wave *w)
{
    const double n_frames = (double)h->n_frames;
    for (int b = 0; b < BF_HEARD_BANDS; b++)
        bf_features_add(f, (h->band_sum[b] / n_frames + 50) / 25);
    for (int b = 0; b < BF_HEARD_BANDS; b++) {
        const double mean = h->band_sum[b] / n_frames;
        bf_features_add(f, sqrt(fmax(h->band_squares[b] / n_frames - mean * mean, 0)) / 10);
    }
    double weighted = 0, all = 0, logs = 0;
    size_t n_bins = 0;
    for (size_t k = (size_t)h->first_bin; k < (size_t)h->end_bin; k++) {
        weighted += power[k] * (double)k * h->rate_hz / (double)h->n_fft;
        all += power[k];
        logs += log(power[k] + 1e-14);
        n_bins++;
    }
    const double level = h->db_sum / n_frames;
    bf_features_add(f, (level + 40) / 20);
    bf_features_add(f, sqrt(fmax(h->db_squares / n_frames - level * level, 0)) / 10);
    bf_features_add(f, (to_db(h->peak * h->peak) - to_db(h->squares / (double)w->n)) / 20);
    bf_features_add(f, h->flux / 10);
    bf_features_add(f, all > 0 ? log2((weighted / all + 1) / 1000) / 2 : 0);
    bf_features_add(f, n_bins ? exp(logs / (double)n_bins) / (all / (double)n_bins + 1e-14) : 0);
    bf_features_add(f,
                    log2(((double)h->n_crossings * w->rate_hz / (2 * (double)w->n) + 20) / 1000) /
                        3);
}

/* Each part: level, strongest frequency; then of the whole: strongest frequency, one of 16 bins of
 * three eighths of an octave from 100 Hz to 6.4 kHz, its share, and whether it falls, stays or
 * rises from the first half to the second. */
static void add_pitch(struct bf_features *f, const struct bf_hearing *h, const double *power)
{
    double half[2] = { 0 };
    double share;
    for (int p = 0; p < BF_HEARD_PARTS; p++) {
        double all = 0;
        for (size_t k = 0; k < h->n_bins; k++)
            all += h->power[p][k];
        const double hz = strongest(h, h->power[p], &share);
        bf_features_add(f, (to_db(all) + 40) / 20);
        bf_features_add(f, hz > 0 ? log2(hz / 440) / 2 : 0);
        if (hz > 0 && half[p / 2] <= 0)
            half[p / 2] = hz;
    }
    const double hz = strongest(h, power, &share);
    bf_features_add(f, hz > 0 ? log2(hz / 440) / 2 : 0);
    const double bin = hz > 0 ? log2(hz / 100) * N_PITCHES / 6 : -1;
    bf_features_add_one_hot(f, hz <= 0 ? -1 : bin < 0 ? 0 : (int)bin, N_PITCHES);
    bf_features_add(f, share);
    const double turn = half[0] > 0 && half[1] > 0 ? log2(half[1] / half[0]) : 0;
    bf_features_add(f, turn);
    bf_features_add_one_hot(f, turn < -0.06 ? 0 : turn > 0.06 ? 2 : 1, 3);
}

/* The features of a sound, in this order (docs/modalities.md). Channels are mixed; frequencies
 * are in hertz whatever the rate, bands above half of it read as silence.
 *   0  24  level of 24 mel bands from 60 Hz to 8 kHz: (dB + 50) / 25
 *  24  24  their deviation over time / 10 dB
 *  48   7  level, its deviation, crest, flux, centroid, flatness, zero crossings
 *  55   8  level and strongest frequency of each quarter
 *  63  22  strongest frequency, its bin one hot (16), its share, its change (log2), which way (3)
 *  85  14  bursts 0 .. 8 one hot, log2 of their rate, share of time, mean length, first, last
 *  99   3  log2 of seconds / 4, channels > 1, silent */
static int describe(const struct bf_wave *w, const struct bf_hearing *h, struct bf_features *out,
                    struct bf_arena *a, struct bf_err *err)
{
    const double seconds = (double)w->n / w->rate_hz;
    double *power = bf_arena_alloc(a, BF_HEARD_MAX_BINS, sizeof *power);
    struct bursts bursts = { 0 };
    if (!power)
        return bf_fail_memory(err, "features");
    BF_TRY(find_bursts(h, &bursts, a, err));
    for (int p = 0; p < BF_HEARD_PARTS; p++)
        for (size_t k = 0; k < h->n_bins; k++)
            power[k] += h->power[p][k] * (double)h->n_in_part[p] / (double)h->n_frames;

    struct bf_features f = { 0 };
    add_timbre(&f, h, power, w);
    add_pitch(&f, h, power);
    bf_features_add_one_hot(&f, bursts.n, 9);
    bf_features_add(&f, log2(bursts.n / seconds + 0.1) / 3);
    bf_features_add(&f, bursts.on_share);
    bf_features_add(&f, bursts.n ? log2(bursts.on_share * seconds / bursts.n + 0.01) / 3 : 0);
    bf_features_add(&f, bursts.first);
    bf_features_add(&f, bursts.last);
    bf_features_add(&f, log2(seconds + 0.1) / 4);
    bf_features_add(&f, w->n_ch > 1);
    bf_features_add(&f, bursts.n == 0);
    *out = f;
    return BF_OK;
}

static int audio_both(const struct bf_media *in, struct bf_features *features_out,
                      uint64_t *fingerprint_out, struct bf_arena *a, struct bf_err *err)
{
    struct bf_hearing *h = bf_arena_alloc(a, 1, sizeof *h);
    if (!h || bf_hear(&in->wave, h, a) != BF_OK)
        return bf_fail_memory(err, "features");
    BF_TRY(describe(&in->wave, h, features_out, a, err));
    *fingerprint_out = bf_hearing_print(h);
    return BF_OK;
}

static int audio_features(const struct bf_media *in, struct bf_features *out, struct bf_arena *a,
                          struct bf_err *err)
{
    uint64_t print;
    return audio_both(in, out, &print, a, err);
}

static uint64_t audio_fingerprint(const struct bf_media *in, struct bf_arena *a)
{
    return bf_wave_print(&in->wave, a);
}

static int audio_present(const void *priv, const struct bf_media *in, struct bf_shown *out,
                         struct bf_arena *a, struct bf_err *err)
{
    const struct audio *o = priv;
    struct bf_wave shown = in->wave;
    struct bf_raster picture;
    struct bf_blob *blob = bf_arena_alloc(a, 1, sizeof *blob);
    if (shown.n_ch > 2 && o->present == PRESENT_WAV) {
        shown.v = bf_wave_mix(&in->wave, a);
        shown.n_ch = 1;
    }
    if (!blob || !shown.v)
        return bf_fail_memory(err, "a sound");
    if (o->present == PRESENT_SPECTROGRAM) {
        BF_TRY(bf_wave_spectrogram(&shown, o->top_hz, &picture, a, err));
        BF_TRY(bf_png_encode(&picture, blob, a, err));
    } else if (o->present == PRESENT_TABLE) {
        BF_TRY(bf_wave_table(&shown, (size_t)o->rows, blob, a, err));
    } else {
        BF_TRY(bf_wav_encode(&shown, blob, a, err));
    }
    *out = (struct bf_shown){ .n_blobs = 1, .blobs = blob };
    return BF_OK;
}

static int audio_draw(const struct bf_media *in, int w, int h, struct bf_raster *out,
                      struct bf_arena *a, struct bf_err *err)
{
    return bf_draw_wave(&in->wave, w, h, out, a, err);
}

static const struct bf_opt audio_opts[] = {
    { "present", BF_OPT_ENUM, offsetof(struct audio, present), "wav", 0, 0, NULL,
      "how a model is shown it: a 16-bit WAV file at its own rate, more than two channels mixed to "
      "one; for models that do not hear, a spectrogram in a PNG with axes; or a CSV table of "
      "levels by time and octave",
      "wav|spectrogram|table" },
    { "top", BF_OPT_NUM, offsetof(struct audio, top_hz), "8000", 100, 1e6, "Hz",
      "highest frequency of the spectrogram; half the rate where that is less", NULL },
    { "rows", BF_OPT_INT, offsetof(struct audio, rows), "50", 1, 10000, "rows",
      "most rows of the table, as many equal spans of time; none is shorter than 20 ms", NULL },
    { .name = NULL },
};

static const char *const audio_shown_by[] = { "present", "top", "rows", NULL };

const struct bf_modality bf_modality_audio = {
    .op = {
        .name = "audio",
        .summary = "a sound, or the sound track of a clip: WAV, FLAC, OGG, MP3, AIFF, MP4",
        .source = "docs/modalities.md#audio",
        .priv_size = sizeof(struct audio),
        .opts = audio_opts,
    },
    .carrier = BF_WAVE,
    .version = 3,
    .shown_by = audio_shown_by,
    .decode = audio_decode,
    .features = audio_features,
    .fingerprint = audio_fingerprint,
    .both = audio_both,
    .present = audio_present,
    .draw = audio_draw,
};
