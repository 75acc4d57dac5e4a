/* Sound: files in and out, what is refused, what is heard. */
#include <float.h>

#include "modalities/spectrum.h"
#include "modalities/wave.h"
#include "tests/draw.h"
#include "tests/media.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_audio;

static struct bf_err err;
static struct bf_media_info info;

static uint8_t *put(uint8_t *p, uint32_t v, int n)
{
    for (int i = 0; i < n; i++)
        *p++ = (uint8_t)(v >> 8 * i);
    return p;
}

/* A WAV of 32-bit floats, one channel. `claimed` is what its header says of the data's bytes. */
static size_t make_wav(uint8_t *out, const float *v, size_t n, uint32_t claimed)
{
    uint8_t *p = out;
    memcpy(p, "RIFF", 4);
    p = put(p + 4, 36 + claimed, 4);
    memcpy(p, "WAVEfmt ", 8);
    p = put(p + 8, 16, 4);
    p = put(p, 3, 2); /* IEEE float */
    p = put(p, 1, 2);
    p = put(p, 8000, 4);
    p = put(p, 32000, 4);
    p = put(p, 4, 2);
    p = put(p, 32, 2);
    memcpy(p, "data", 4);
    p = put(p + 4, claimed, 4);
    memcpy(p, v, 4 * n);
    return 44 + 4 * n;
}

static int read_wave(const void *bytes, size_t n, struct bf_wave *w, struct bf_arena *a)
{
    struct bf_media m = { 0 };
    int rc = test_decode(&bf_modality_audio, NULL, bytes, n, &m, &info, a, &err);
    if (rc == BF_OK)
        *w = m.wave;
    return rc;
}

static void what_is_shown_reads_back(void)
{
    struct bf_arena a = { 0 };
    float v[6] = { 0, 0.5f, -0.5f, 1, 2, -9 }; /* two channels; beyond full scale it is clipped */
    const struct bf_media m = { .carrier = BF_WAVE, .wave = { 22050, 2, 3, v } };
    struct bf_shown shown;
    struct bf_wave w;
    CHECK_INT(bf_modality_audio.present(test_options(&bf_modality_audio.op, NULL, &a), &m, &shown,
                                        &a, &err),
              BF_OK);
    CHECK_STR(shown.blobs[0].ext, "wav");
    CHECK_INT((long long)shown.blobs[0].n, 44 + 12);
    CHECK_INT(read_wave(shown.blobs[0].bytes, shown.blobs[0].n, &w, &a), BF_OK);
    CHECK_INT(w.n_ch, 2);
    CHECK_INT((long long)w.n, 3);
    CHECK(w.rate_hz == 22050);
    const float want[6] = { 0, 0.5f, -0.5f, 1, 1, -1 };
    for (int i = 0; i < 6; i++)
        CHECK(fabsf(w.v[i] - want[i]) < 1e-4f);
    CHECK_STR(info.decoder, "libsndfile");
    CHECK_STR(info.format, "wav");
    bf_arena_reset(&a);
}

static void sound_of_16_bits_comes_out_as_it_went_in(void)
{
    static float v[65536], six[6 * 2];
    static const struct bf_media all = { .carrier = BF_WAVE, .wave = { 8000, 1, 65536, v } };
    static const struct bf_media many = { .carrier = BF_WAVE, .wave = { 8000, 6, 2, six } };
    struct bf_arena a = { 0 };
    struct bf_shown shown;
    const void *priv = test_options(&bf_modality_audio.op, NULL, &a);
    for (int i = 0; i < 65536; i++)
        v[i] = (float)(i - 32768) / 32768;
    CHECK_INT(bf_modality_audio.present(priv, &all, &shown, &a, NULL), BF_OK);
    for (int i = 0; i < 65536 && !test_failed; i++) {
        const uint8_t *p = shown.blobs[0].bytes + 44 + 2 * i;
        CHECK_INT((int16_t)(p[0] | p[1] << 8), i - 32768);
    }
    six[0] = 0.75f; /* one channel of six, the others silent */
    CHECK_INT(bf_modality_audio.present(priv, &many, &shown, &a, NULL), BF_OK);
    CHECK_INT((long long)shown.blobs[0].n, 44 + 2 * 2);
    CHECK_INT(shown.blobs[0].bytes[44] | shown.blobs[0].bytes[45] << 8, 4096);
    bf_arena_reset(&a);
}

static void numbers_that_are_none_become_silence(void)
{
    struct bf_arena a = { 0 };
    const float v[4] = { 0.25f, NAN, INFINITY, 3 };
    uint8_t wav[64];
    struct bf_wave w;
    CHECK_INT(read_wave(wav, make_wav(wav, v, 4, 16), &w, &a), BF_OK);
    CHECK(w.v[0] == 0.25f && w.v[1] == 0 && w.v[2] == 0 && w.v[3] == 3); /* above 1 is kept */
    CHECK_STR(info.warning, "2 samples were not numbers, now 0");
    CHECK_INT(info.damaged, 0);
    bf_arena_reset(&a);
}

static void no_samples_and_too_many_are_refused(void)
{
    struct bf_arena a = { 0 };
    static const float v[4] = { 0, 1, 0, 1 };
    uint8_t wav[64];
    struct bf_wave w;
    CHECK_INT(read_wave(wav, make_wav(wav, v, 0, 0), &w, &a), BF_EDATA);
    CHECK(strstr(err.msg, "no samples") != NULL);
    CHECK_INT(read_wave("not a sound at all", 18, &w, &a), BF_EDATA);
    struct bf_limits limits = bf_default_limits;
    struct bf_media m;
    limits.wave_seconds = 3.0 / 8000;
    int fd = test_fd(wav, make_wav(wav, v, 4, 16));
    CHECK_INT(bf_modality_audio.decode(NULL, fd, &limits, &m, &info, &a, &err), BF_EDATA);
    CHECK(strstr(err.msg, "longer than") != NULL);
    close(fd);
    bf_arena_reset(&a);
}

static void a_file_cut_short_says_so(void)
{
    struct bf_arena a = { 0 };
    static const float v[4] = { 0, 1, 0, 1 };
    uint8_t wav[64];
    struct bf_wave w;
    CHECK_INT(read_wave(wav, make_wav(wav, v, 4, 32), &w, &a), BF_OK);
    CHECK_INT((long long)w.n, 4);
    CHECK_STR(info.warning, "ends early: 16 of 32 bytes of sound");
    CHECK_INT(info.damaged, 1);
    bf_arena_reset(&a);
}

static void a_clip_without_sound_is_no_sound(void)
{
    static const uint8_t px[2 * 64];
    static const int delay[2] = { 10, 10 };
    uint8_t gif[1024];
    struct bf_arena a = { 0 };
    struct bf_wave w;
    CHECK_INT(read_wave(gif, draw_gif(gif, 8, 8, 2, px, delay), &w, &a), BF_EDATA);
    CHECK_STR(err.msg, "no sound track");
    bf_arena_reset(&a);
}

static void features_of(float *v, size_t n, int n_ch, double rate_hz, struct bf_features *f)
{
    struct bf_arena a = { 0 };
    const struct bf_media m = { .carrier = BF_WAVE,
                                .wave = { rate_hz, n_ch, n / (size_t)n_ch, v } };
    CHECK_INT(bf_modality_audio.features(&m, f, &a, NULL), BF_OK);
    CHECK_INT(f->n, 102);
    for (int i = 0; i < f->n; i++)
        CHECK(isfinite(f->v[i]) && fabsf(f->v[i]) <= 4);
    bf_arena_reset(&a);
}

/* Places in the vector: see the table above audio_features(). */
enum { F_PITCH = 63, F_PITCH_BIN = 64, F_TURN = 82, F_BURSTS = 85, F_SILENT = 101 };

static float sound[2 * 44100];

static void features_hear_pitch_at_any_rate(void)
{
    static const double rates[] = { 8000, 16000, 44100 };
    struct bf_features f;
    for (int i = 0; i < 3; i++) {
        /* 880 Hz: an octave above 440, log2(8.8) 16 / 6 = bin 8. */
        draw_tone(sound, 8000, rates[i], 880, 0.5);
        features_of(sound, 8000, 1, rates[i], &f);
        CHECK(fabsf(f.v[F_PITCH] - 0.5f) < 0.02f);
        CHECK(f.v[F_PITCH_BIN + 8] == 1);
        CHECK(f.v[F_TURN + 1] == 1);
        CHECK(f.v[F_BURSTS + 1] == 1);
    }
    draw_tone(sound, 8000, 16000, 500, 0.5);
    draw_tone(sound + 8000, 8000, 16000, 900, 0.5);
    features_of(sound, 16000, 1, 16000, &f);
    CHECK(f.v[F_TURN + 2] == 1); /* rises */
    draw_tone(sound, 8000, 16000, 1500, 0.5);
    features_of(sound, 16000, 1, 16000, &f);
    CHECK(f.v[F_TURN] == 1); /* falls */
}

static void features_count_bursts(void)
{
    struct bf_features f;
    for (size_t n = 0; n <= 6; n++) {
        memset(sound, 0, sizeof sound);
        for (size_t k = 0; k < n; k++)
            draw_tone(sound + 1600 + k * 4000, 2000, 16000, 700, 0.4);
        features_of(sound, 32000, 1, 16000, &f);
        CHECK(f.v[F_BURSTS + n] == 1);
        CHECK(f.v[F_SILENT] == (n == 0));
    }
}

static void features_bear_anything(void)
{
    struct bf_features f;
    float one[2] = { 1, FLT_MAX };
    features_of(one, 1, 1, 44100, &f);
    features_of(one, 2, 2, 1, &f);
    one[0] = FLT_MAX;
    features_of(one, 2, 1, 10e6, &f);
}

static void fingerprints_ignore_loudness(void)
{
    static float loud[32000], other[32000];
    struct bf_arena a = { 0 };
    for (size_t k = 0; k < 8; k++) {
        draw_tone(sound + 4000 * k, 4000, 16000, 200 * (double)(k * k % 7 + 1), 0.1);
        draw_tone(other + 4000 * k, 4000, 16000, 300 * (double)(k * 3 % 5 + 1), 0.1);
    }
    for (size_t i = 0; i < 32000; i++)
        loud[i] = 5 * sound[i];
    struct bf_media m = { .carrier = BF_WAVE, .wave = { 16000, 1, 32000, sound } };
    const uint64_t hash = bf_modality_audio.fingerprint(&m, &a);
    m.wave.v = loud;
    int n = 0;
    for (uint64_t d = hash ^ bf_modality_audio.fingerprint(&m, &a); d; d &= d - 1)
        n++;
    CHECK(n <= 4);
    m.wave.v = other;
    n = 0;
    for (uint64_t d = hash ^ bf_modality_audio.fingerprint(&m, &a); d; d &= d - 1)
        n++;
    CHECK(n >= 10);
    bf_arena_reset(&a);
}

/* Beside the sum of the definition, at frequencies 0 .. 8 of 16 points and of fewer values. */
static void spectra_are_those_of_the_definition(void)
{
    const double pi = 3.14159265358979323846;
    struct bf_arena a = { 0 };
    for (size_t n = 16; n <= 128; n *= 2) {
        struct bf_spectrum s;
        float v[128], power[65];
        CHECK_INT(bf_spectrum_init(&s, n, &a), BF_OK);
        for (size_t i = 0; i < n; i++)
            v[i] = (float)((i * 37 + i * i * 11) % 64) / 64;
        for (size_t n_v = n - 3; n_v <= n; n_v += 3) {
            bf_spectrum_power(&s, v, n_v, power);
            for (size_t k = 0; k <= n / 2; k++) {
                double re = 0, im = 0;
                for (size_t i = 0; i < n_v; i++) {
                    re += (double)(v[i] * s.window[i]) * cos(2 * pi * (double)(k * i) / (double)n);
                    im += (double)(v[i] * s.window[i]) * sin(2 * pi * (double)(k * i) / (double)n);
                }
                const double want = (re * re + im * im) / (double)n * (k && k < n / 2 ? 2 : 1);
                CHECK(fabs((double)power[k] - want) < 1e-6);
            }
        }
    }
    bf_arena_reset(&a);
}

static void readings_at_once_are_the_same(void)
{
    struct bf_arena a = { 0 };
    struct bf_features apart, both;
    uint64_t print;
    draw_tone(sound, 20000, 16000, 700, 0.4);
    draw_tone(sound + 20000, 20000, 16000, 900, 0.4);
    const struct bf_media m = { .carrier = BF_WAVE, .wave = { 44100, 2, 20000, sound } };
    CHECK_INT(bf_modality_audio.features(&m, &apart, &a, NULL), BF_OK);
    CHECK_INT(bf_modality_audio.both(&m, &both, &print, &a, NULL), BF_OK);
    CHECK(apart.n == both.n && memcmp(apart.v, both.v, (size_t)both.n * sizeof both.v[0]) == 0);
    CHECK(print == bf_modality_audio.fingerprint(&m, &a));
    bf_arena_reset(&a);
}

static void out_of_memory_is_reported(void)
{
    uint8_t wav[44 + 4 * 100];
    draw_tone(sound, 100, 8000, 500, 0.5);
    const size_t n = make_wav(wav, sound, 100, 400);
    struct bf_arena kept = { 0 };
    const void *options = test_options(&bf_modality_audio.op, NULL, &kept);
    int rc = BF_ENOMEM;
    for (size_t limit = 16; rc == BF_ENOMEM && limit < (size_t)1 << 26; limit *= 2) {
        struct bf_arena a = { .limit = limit };
        struct bf_media m;
        struct bf_features f;
        struct bf_shown shown;
        int fd = test_fd(wav, n);
        rc = bf_modality_audio.decode(NULL, fd, &bf_default_limits, &m, &info, &a, &err);
        if (rc == BF_OK)
            rc = bf_modality_audio.features(&m, &f, &a, &err);
        if (rc == BF_OK)
            rc = bf_modality_audio.present(options, &m, &shown, &a, &err);
        CHECK(rc == BF_OK || (rc == BF_ENOMEM && strncmp(err.msg, "no memory for", 13) == 0));
        close(fd);
        bf_arena_reset(&a);
    }
    CHECK_INT(rc, BF_OK);
    bf_arena_reset(&kept);
}

TEST_MAIN(TEST(what_is_shown_reads_back), TEST(sound_of_16_bits_comes_out_as_it_went_in),
          TEST(numbers_that_are_none_become_silence), TEST(no_samples_and_too_many_are_refused),
          TEST(a_file_cut_short_says_so), TEST(a_clip_without_sound_is_no_sound),
          TEST(features_hear_pitch_at_any_rate), TEST(features_count_bursts),
          TEST(features_bear_anything), TEST(spectra_are_those_of_the_definition),
          TEST(readings_at_once_are_the_same), TEST(fingerprints_ignore_loudness),
          TEST(out_of_memory_is_reported))
