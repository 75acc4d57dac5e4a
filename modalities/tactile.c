/* Modality `tactile`: a sensor's channels over time. Nothing here is about touch alone: inertial
 * units and other sensors are declared on the same carrier. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/npy.h"
#include "core/ops.h"
#include "modalities/draw.h"
#include "modalities/features.h"
#include "modalities/prints.h"
#include "modalities/readers/sound_file.h"
#include "modalities/readers/source.h"
#include "modalities/readers/stores.h"
#include "modalities/readers/zip.h"
#include "modalities/spectrum.h"
#include "modalities/writers/png.h"
#include "modalities/trace.h"
#include "modalities/wave.h"

enum { PRESENT_PLOT, PRESENT_TABLE, PRESENT_SOUND };

struct tactile {
    int present;
    double rate_hz;
    const char *time;
    int time_unit;
    const char *channels;
    const char *unit;
    int rows;
    int separator;
    int decimal;
    const char *array;
    int axis;
};

/* A sound file as what a sensor recorded, its channels at the file's rate. */
static int read_sound(struct bf_source *src, const struct bf_trace_how *how,
                      const struct bf_limits *limits, struct bf_trace *out,
                      struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    struct bf_wave w;
    struct bf_media_info got = { 0 };
    BF_TRY(bf_sound_wave(src, limits, &w, &got, a, err));
    if (w.n > limits->trace_values / (size_t)w.n_ch)
        return bf_fail(err, BF_EDATA, "the sound has %zu x %d values, limit %zu", w.n, w.n_ch,
                       limits->trace_values);
    int n_kept = 0;
    for (int c = 0; c < w.n_ch; c++) {
        char name[32];
        snprintf(name, sizeof name, "ch%d", c + 1);
        if (!bf_star_match(how->channels, name))
            continue;
        memmove(w.v + (size_t)n_kept * w.n, w.v + (size_t)c * w.n, w.n * sizeof *w.v);
        n_kept++;
    }
    if (n_kept == 0)
        return bf_fail(err, BF_EDATA, "none of its %d channels, 'ch1' onwards, is called '%s'",
                       w.n_ch, how->channels);
    *out = (struct bf_trace){
        .rate_hz = w.rate_hz, .n_ch = n_kept, .n = w.n, .v = w.v, .unit = how->unit
    };
    got.carrier = BF_TRACE;
    got.n_ch = n_kept;
    *info = got;
    return BF_OK;
}

static int tactile_decode(const void *priv, int fd, const struct bf_limits *limits,
                          struct bf_media *out, struct bf_media_info *info, struct bf_arena *a,
                          struct bf_err *err)
{
    const struct tactile *o = priv;
    const struct bf_trace_how how = {
        .rate_hz = o->rate_hz,
        .time = o->time,
        .time_unit = o->time_unit,
        .channels = o->channels,
        .unit = o->unit,
        .separator = o->separator,
        .decimal_comma = o->decimal,
        .array = o->array,
        .last_axis = o->axis,
    };
    struct bf_source src;
    uint8_t *bytes = NULL;
    size_t n = 0;
    struct bf_trace trace = { 0 };
    BF_TRY(bf_source_open(fd, limits, &src, err));
    if (bf_is_sound(&src)) {
        BF_TRY(read_sound(&src, &how, limits, &trace, info, a, err));
        *out = (struct bf_media){ .carrier = BF_TRACE, .trace = trace };
        return BF_OK;
    }
    BF_TRY(bf_source_all(&src, &bytes, &n, a, err));
    if (bf_is_npy(bytes, n))
        BF_TRY(bf_npy_trace(bytes, n, &how, limits, &trace, info, a, err));
    else if (bf_is_zip(bytes, n))
        BF_TRY(bf_npz_trace(bytes, n, &how, limits, &trace, info, a, err));
    else if (bf_is_hdf5(bytes, n))
        BF_TRY(bf_hdf5_trace(bytes, n, &how, limits, &trace, info, a, err));
    else if (bf_is_mat(bytes, n))
        BF_TRY(bf_mat_trace(bytes, n, &how, limits, &trace, info, a, err));
    else if (bf_is_json((char *)bytes, n))
        BF_TRY(bf_json_trace((char *)bytes, n, &how, limits, &trace, info, a, err));
    else
        BF_TRY(bf_csv_trace((char *)bytes, n, &how, limits, &trace, info, a, err));
    *out = (struct bf_media){ .carrier = BF_TRACE, .trace = trace };
    return BF_OK;
}

enum {
    N_SHOWN = 16,  /* channels with features of their own */
    N_RANKED = 24, /* channels that can be the strongest */
    N_BANDS = 12,
    N_TONES = 24,
    N_PARTS = 4,
    MAX_FFT = 8192,
    MAX_HEARD = 64, /* channels whose spectrum counts */
};
static const double low_hz = 0.25;
static const double octaves = 11; /* from 0.25 to 512 Hz */

/* One channel by itself. */
struct channel {
    size_t n; /* values that are there */
    double mean, std, min, max;
    bool live; /* of a trace's channel: it is a usual one (bf_trace_usual); else it changes */
};

static struct channel measure(const float *v, size_t n)
{
    struct channel c = { .min = INFINITY, .max = -INFINITY };
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(v[i]))
            continue;
        sum += (double)v[i];
        c.min = (double)v[i] < c.min ? (double)v[i] : c.min;
        c.max = (double)v[i] > c.max ? (double)v[i] : c.max;
        c.n++;
    }
    if (c.n == 0)
        return (struct channel){ 0 };
    c.mean = sum / (double)c.n;
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(v[i]))
            squares += ((double)v[i] - c.mean) * ((double)v[i] - c.mean);
    c.std = sqrt(squares / (double)c.n);
    c.live = c.max > c.min;
    return c;
}

/* A trace measured. */
struct feel {
    const struct bf_trace *t;
    struct channel *ch; /* [n_ch] */
    int n_live;
    float *pooled;      /* [n], mean over usual channels; a missing value counts as its channel's
                           mean */
    struct channel all; /* of the pooled signal */
};

static int feel_trace(const struct bf_trace *t, struct feel *f, struct bf_arena *a)
{
    f->t = t;
    f->ch = bf_arena_alloc(a, (size_t)t->n_ch, sizeof *f->ch);
    f->pooled = bf_arena_alloc(a, t->n, sizeof *f->pooled);
    double *sum = bf_arena_alloc(a, t->n, sizeof *sum);
    bool *usual = bf_arena_alloc(a, (size_t)t->n_ch, sizeof *usual);
    if (!f->ch || !f->pooled || !sum || !usual)
        return BF_ENOMEM;
    f->n_live = bf_trace_usual(t, usual, a);
    if (f->n_live < 0)
        return BF_ENOMEM;
    for (int c = 0; c < t->n_ch; c++) {
        f->ch[c] = measure(t->v + (size_t)c * t->n, t->n);
        f->ch[c].live = usual[c];
    }
    for (int c = 0; c < t->n_ch; c++) {
        const float *v = t->v + (size_t)c * t->n;
        for (size_t i = 0; i < t->n && f->ch[c].live; i++)
            sum[i] += isnan(v[i]) ? f->ch[c].mean : (double)v[i];
    }
    for (size_t i = 0; i < t->n && f->n_live; i++)
        f->pooled[i] = (float)(sum[i] / f->n_live);
    f->all = measure(f->pooled, t->n);
    return BF_OK;
}

static double mean_of(const float *v, size_t from, size_t to)
{
    double sum = 0;
    for (size_t i = from; i < to; i++)
        sum += (double)v[i];
    return to > from ? sum / (double)(to - from) : 0;
}

/* Crests of the pooled signal that rise above its mean by half its deviation. */
static int count_peaks(const struct feel *f)
{
    const double up = f->all.mean + 0.5 * f->all.std;
    const double down = f->all.mean;
    bool above = false;
    int n = 0;
    for (size_t i = 0; i < f->t->n && f->all.live; i++) {
        if (!above && (double)f->pooled[i] > up)
            n++;
        above = (double)f->pooled[i] > (above ? down : up);
    }
    return n;
}

static void add_level(struct bf_features *out, const struct feel *f)
{
    const struct channel *c = &f->all;
    const float *v = f->pooled;
    const size_t n = f->t->n;
    bf_features_add(out, bf_slog(c->mean));
    bf_features_add(out, bf_slog(c->std));
    bf_features_add(out, bf_slog(c->min));
    bf_features_add(out, bf_slog(c->max));
    bf_features_add(out, bf_slog(c->max - c->min));
    const double rise = mean_of(v, n - n / 3, n) - mean_of(v, 0, n / 3);
    bf_features_add(out, c->live && n >= 3 ? rise / c->std : 0);
    bf_features_add(out, bf_slog(n >= 3 ? rise : 0));
    double steps = 0;
    for (size_t i = 1; i < n; i++)
        steps += ((double)v[i] - (double)v[i - 1]) * ((double)v[i] - (double)v[i - 1]);
    steps = n > 1 ? sqrt(steps / (double)(n - 1)) : 0;
    bf_features_add(out, bf_slog(steps));
    bf_features_add(out, c->live ? log2(steps / c->std + 0.01) / 3 : 0);
    const int peaks = count_peaks(f);
    bf_features_add_one_hot(out, peaks, 9);
    bf_features_add(out, log2(peaks * f->t->rate_hz / (double)n + 0.1) / 3);
    for (size_t p = 0; p < N_PARTS; p++) {
        const size_t from = n * p / N_PARTS;
        const struct channel part = measure(v + from, n * (p + 1) / N_PARTS - from);
        bf_features_add(out, c->live && part.n ? (part.mean - c->mean) / c->std : 0);
        bf_features_add(out, c->live ? part.std / c->std : 0);
    }
}

/* The mean over channels of each one's spectrum, each with sum 1: strong channels do not drown
 * weak ones. `power` [n_fft / 2 + 1]. */
static int mean_spectrum(const struct feel *f, size_t n_fft, double *power, struct bf_arena *a)
{
    struct bf_spectrum sp;
    const size_t n = f->t->n;
    float *one = bf_arena_alloc(a, n_fft, 3 * sizeof *one);
    if (!one || bf_spectrum_init(&sp, n_fft, a) != BF_OK)
        return BF_ENOMEM;
    float *sum = one + n_fft, *v = sum + n_fft;
    int n_heard = 0;
    for (int c = 0; c < f->t->n_ch && n_heard < MAX_HEARD; c++) {
        const float *from = f->t->v + (size_t)c * n;
        double all = 0;
        if (!f->ch[c].live)
            continue;
        memset(sum, 0, n_fft * sizeof *sum);
        for (size_t start = 0; start == 0 || start + n_fft <= n; start += n_fft / 2) {
            const size_t k = n - start < n_fft ? n - start : n_fft;
            const double mean = f->ch[c].mean, scale = 1 / f->ch[c].std;
            for (size_t i = 0; i < k; i++) {
                const float x = (float)(((double)from[start + i] - mean) * scale);
                v[i] = isnan(x) ? 0 : x;
            }
            bf_spectrum_power(&sp, v, k, one);
            for (size_t i = 1; i <= n_fft / 2; i++)
                sum[i] += one[i];
        }
        for (size_t i = 1; i <= n_fft / 2; i++)
            all += (double)sum[i];
        for (size_t i = 1; i <= n_fft / 2 && all > 0; i++)
            power[i] += (double)sum[i] / all;
        n_heard++;
    }
    for (size_t i = 0; i <= n_fft / 2 && n_heard; i++)
        power[i] /= n_heard;
    return BF_OK;
}

/* Energy in 12 bands and the strongest of 24 tones, both by the logarithm of the frequency from
 * 0.25 to 512 Hz: a texture's period by the speed over it. */
static int add_spectrum(struct bf_features *out, const struct feel *f, struct bf_arena *a)
{
    const size_t n_fft = bf_power_of_two((double)f->t->n, 16, MAX_FFT);
    double *power = bf_arena_alloc(a, n_fft, sizeof *power);
    if (!power || mean_spectrum(f, n_fft, power, a) != BF_OK)
        return BF_ENOMEM;
    double band[N_BANDS] = { 0 };
    double best = 0;
    double best_hz = 0;
    double weighted = 0;
    for (size_t i = 1; i <= n_fft / 2; i++) {
        const double hz = (double)i * f->t->rate_hz / (double)n_fft;
        const double where = log2(hz / low_hz) / octaves;
        const int b = (int)(fmin(fmax(where, 0), 0.9999) * N_BANDS);
        band[b] += power[i];
        weighted += power[i] * where;
        if (power[i] > best) {
            best = power[i];
            best_hz = hz;
        }
    }
    for (int b = 0; b < N_BANDS; b++)
        bf_features_add(out, log10(band[b] + 1e-3) / 1.5 + 1);
    const double where = best > 0 ? log2(best_hz / low_hz) / octaves : -1;
    bf_features_add_one_hot(out, best > 0 ? (int)(fmax(where, 0) * N_TONES) : -1, N_TONES);
    bf_features_add(out, best > 0 ? 4 * where - 2 : 0);
    bf_features_add(out, 4 * weighted - 2 * (best > 0));
    bf_features_add(out, best);
    return BF_OK;
}

/* Channels one by one, the strongest by mean and by deviation, and where along the channels the
 * strength lies and moves to: what slides over a row of sensors. */
static void add_channels(struct bf_features *out, const struct feel *f)
{
    const struct bf_trace *t = f->t;
    int by_mean = -1;
    int by_std = -1;
    double weight[2] = { 0 };
    double place[2] = { 0 };
    for (int c = 0; c < t->n_ch; c++) {
        const float *v = t->v + (size_t)c * t->n;
        if (!f->ch[c].live)
            continue;
        by_mean = by_mean < 0 || f->ch[c].mean > f->ch[by_mean].mean ? c : by_mean;
        by_std = by_std < 0 || f->ch[c].std > f->ch[by_std].std ? c : by_std;
        for (int half = 0; half < 2; half++) {
            const struct channel part = measure(v + (half ? t->n - t->n / 2 : 0), t->n / 2);
            const double strength = part.n ? fabs(part.mean - f->ch[c].min) : 0;
            weight[half] += strength;
            place[half] += strength * (c + 0.5) / t->n_ch;
        }
    }
    for (int c = 0; c < N_SHOWN; c++)
        bf_features_add(out, c < t->n_ch && f->ch[c].live ? bf_slog(f->ch[c].mean) : 0);
    for (int c = 0; c < N_SHOWN; c++)
        bf_features_add(out, c < t->n_ch && f->ch[c].live ? bf_slog(f->ch[c].std) : 0);
    bf_features_add_one_hot(out, by_mean, N_RANKED);
    bf_features_add_one_hot(out, by_std, N_RANKED);
    const double first = weight[0] > 0 ? place[0] / weight[0] : 0.5;
    const double last = weight[1] > 0 ? place[1] / weight[1] : 0.5;
    const double drift = last - first;
    bf_features_add(out, first);
    bf_features_add(out, last);
    bf_features_add(out, 4 * drift);
    bf_features_add_one_hot(out, drift < -0.03 ? 0 : drift > 0.03 ? 2 : 1, 3);
}

/* The features of a trace, in this order (docs/modalities.md). slog(v) = sign(v) ln(1 + |v|) / 4;
 * "pooled" is the mean over the usual channels.
 *   0   5  pooled: slog of mean, deviation, least, greatest, range
 *   5   2  rise from the first third to the last: in deviations, slog
 *   7   2  root mean square step: slog, log2 in deviations / 3
 *   9  10  crests 0 .. 8 one hot, log2 of their rate
 *  19   8  each quarter: mean and deviation in deviations of the whole
 *  27  12  energy in 12 bands from 0.25 to 512 Hz, logarithm of the share
 *  39  27  strongest tone one hot (24), its place, mean place, its share
 *  66  32  slog of mean and deviation of the first 16 channels
 *  98  48  strongest channel by mean, by deviation, one hot of 24
 * 146   6  place of the strength along the channels: first half, second, change, which way (3)
 * 152   6  log2 of channels / 4, share that is usual, log2 of seconds / 4, log10 of rate / 2,
 *          share missing, largest single deviation (slog) */
static int tactile_features(const struct bf_media *in, struct bf_features *out, struct bf_arena *a,
                            struct bf_err *err)
{
    const struct bf_trace *t = &in->trace;
    struct feel f = { 0 };
    struct bf_features v = { 0 };
    if (feel_trace(t, &f, a) != BF_OK)
        return bf_fail_memory(err, "features");
    add_level(&v, &f);
    if (add_spectrum(&v, &f, a) != BF_OK)
        return bf_fail_memory(err, "features");
    add_channels(&v, &f);

    double there = 0;
    double widest = 0;
    for (int c = 0; c < t->n_ch; c++) {
        there += (double)f.ch[c].n / (double)t->n / t->n_ch;
        widest = fmax(widest, f.ch[c].live ? f.ch[c].std : 0);
    }
    bf_features_add(&v, log2(t->n_ch) / 4);
    bf_features_add(&v, (double)f.n_live / t->n_ch);
    bf_features_add(&v, log2((double)t->n / t->rate_hz + 0.1) / 4);
    bf_features_add(&v, log10(t->rate_hz) / 2);
    bf_features_add(&v, 1 - there);
    bf_features_add(&v, bf_slog(widest));
    *out = v;
    return BF_OK;
}

static uint64_t tactile_fingerprint(const struct bf_media *in, struct bf_arena *a)
{
    return bf_trace_print(&in->trace, a);
}

static int tactile_present(const void *priv, const struct bf_media *in, struct bf_shown *out,
                           struct bf_arena *a, struct bf_err *err)
{
    const struct tactile *o = priv;
    struct bf_blob *blob = bf_arena_alloc(a, 1, sizeof *blob);
    if (!blob)
        return bf_fail_memory(err, "a trace");
    if (o->present == PRESENT_TABLE) {
        BF_TRY(bf_trace_table(&in->trace, (size_t)o->rows, blob, a, err));
    } else if (o->present == PRESENT_SOUND) {
        struct bf_wave wave;
        BF_TRY(bf_trace_sound(&in->trace, &wave, a, err));
        BF_TRY(bf_wav_encode(&wave, blob, a, err));
    } else {
        struct bf_raster plot = { 0 };
        BF_TRY(bf_trace_chart(&in->trace, &plot, a, err));
        BF_TRY(bf_png_encode(&plot, blob, a, err));
    }
    *out = (struct bf_shown){ .n_blobs = 1, .blobs = blob };
    return BF_OK;
}

static int tactile_draw(const struct bf_media *in, int w, int h, struct bf_raster *out,
                        struct bf_arena *a, struct bf_err *err)
{
    return bf_draw_trace(&in->trace, w, h, out, a, err);
}

static const struct bf_opt tactile_opts[] = {
    { "present", BF_OPT_ENUM, offsetof(struct tactile, present), "plot", 0, 0, NULL,
      "how a model is shown it: lines in a PNG with axes; a CSV table with a column of seconds; or "
      "a sound at its own rate, scaled to full scale, one or two channels as they are, of more the "
      "mean",
      "plot|table|sound" },
    { "rows", BF_OPT_INT, offsetof(struct tactile, rows), "200", 1, 1000000, "rows",
      "most rows of the table; of more steps as many are taken evenly", NULL },
    { "rate", BF_OPT_NUM, offsetof(struct tactile, rate_hz), "100", 0.001, 1e9, "Hz",
      "steps a second where the file neither has times nor says it", NULL },
    { "time", BF_OPT_STR, offsetof(struct tactile, time), "auto", 0, 0, NULL,
      "column or array of times: its name, none, or auto: the first whose name contains time or is "
      "t",
      NULL },
    { "time_unit", BF_OPT_ENUM, offsetof(struct tactile, time_unit), "auto", 0, 0, NULL,
      "what the times count in; auto: as their name says (time (s), t_us), else ms in tables and s "
      "in arrays",
      "auto|s|ms|us|ns" },
    { "channels", BF_OPT_STR, offsetof(struct tactile, channels), "*", 0, 0, NULL,
      "which columns to keep, by name; * stands for any text; ch1, ch2 ... without a header",
      NULL },
    { "unit", BF_OPT_STR, offsetof(struct tactile, unit), "raw", 0, 0, NULL,
      "what the values count in; raw: as the file says, if it does: force (N), force [N]", NULL },
    { "separator", BF_OPT_ENUM, offsetof(struct tactile, separator), "auto", 0, 0, NULL,
      "what stands between the cells of a table; auto: as its first line shows",
      "auto|comma|semicolon|tab|blank" },
    { "decimal", BF_OPT_ENUM, offsetof(struct tactile, decimal), "point", 0, 0, NULL,
      "what stands before the decimals of a table's numbers", "point|comma" },
    { "array", BF_OPT_STR, offsetof(struct tactile, array), "auto", 0, 0, NULL,
      "which array of an NPZ, HDF5, MAT or JSON file; auto: the one with most values; when that is "
      "one channel, all of its length are channels",
      NULL },
    { "axis", BF_OPT_ENUM, offsetof(struct tactile, axis), "first", 0, 0, NULL,
      "which axis of a two-dimensional array is time", "first|last" },
    { .name = NULL },
};

static const char *const tactile_shown_by[] = { "present", "rows", NULL };

const struct bf_modality bf_modality_tactile = {
    .op = {
        .name = "tactile",
        .summary = "a sensor's channels over time: CSV, NPY, NPZ, HDF5, MAT, JSON, WAV",
        .source = "docs/modalities.md#tactile",
        .priv_size = sizeof(struct tactile),
        .opts = tactile_opts,
    },
    .carrier = BF_TRACE,
    .version = 3,
    .shown_by = tactile_shown_by,
    .decode = tactile_decode,
    .features = tactile_features,
    .fingerprint = tactile_fingerprint,
    .present = tactile_present,
    .draw = tactile_draw,
};
