/* Operators on sounds and on traces. */
#include <math.h>

#include "tests/draw.h"
#include "tests/operators.h"
#include "tests/test.h"

static struct bf_media signal_of(enum bf_carrier carrier, double rate_hz, int n_ch, size_t n,
                                 const float *v, struct bf_arena *a)
{
    struct bf_media m = { .carrier = carrier };
    float *copy = bf_arena_alloc(a, n * (size_t)n_ch, sizeof *copy);
    if (!copy)
        abort();
    if (v)
        memcpy(copy, v, n * (size_t)n_ch * sizeof *v);
    if (carrier == BF_WAVE)
        m.wave = (struct bf_wave){ rate_hz, n_ch, n, copy };
    else
        m.trace = (struct bf_trace){ rate_hz, n_ch, n, copy, "N", NULL, NULL };
    return m;
}

static double rms(const float *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)v[i] * (double)v[i];
    return sqrt(sum / (double)n);
}

static void noise_is_added_at_its_ratio(void)
{
    static const char *const ten[] = { "snr", "10 dB", NULL };
    static const char *const weak[] = { "snr", "10 dB", "severity", "0.1", NULL };
    static const double want[] = { 10, 30 };
    enum { N = 40000 };
    static float v[2 * N];
    struct bf_arena a = { 0 };
    draw_tone(v, N, 16000, 440, 0.5);
    draw_tone(v + N, N, 16000, 200, 0.02);
    struct bf_media in = signal_of(BF_WAVE, 16000, 2, N, v, &a);
    for (int k = 0; k < 2; k++) {
        struct bf_media out;
        CHECK_INT(test_apply("add_noise", k ? weak : ten, &in, 1, &out, &a), BF_OK);
        for (int ch = 0; ch < 2; ch++) {
            static float noise[N];
            for (int i = 0; i < N; i++)
                noise[i] = out.wave.v[ch * N + i] - v[ch * N + i];
            CHECK(fabs(20 * log10(rms(v + ch * N, N) / rms(noise, N)) - want[k]) < 0.1);
        }
    }
    bf_arena_reset(&a);
}

static void trace_noise_below_full_strength_has_the_channel_s_scale(void)
{
    static const char *const half[] = { "severity", "0.5", "kind", "gaussian", NULL };
    enum { N = 20000 };
    static float v[N];
    struct bf_arena a = { 0 };
    struct bf_media out;
    for (int i = 0; i < N; i++)
        v[i] = i % 2 ? 900.0f : 1100.0f; /* mean 1000, deviation 100 */
    struct bf_media in = signal_of(BF_TRACE, 100, 1, N, v, &a);
    CHECK_INT(test_apply("noise", half, &in, 1, &out, &a), BF_OK);
    double sum = 0, squares = 0;
    for (int i = 0; i < N; i++) {
        sum += (double)out.trace.v[i] / N;
        squares += pow((double)out.trace.v[i] - 1000, 2) / N;
    }
    CHECK(fabs(sum - 1000) < 2);
    CHECK(fabs(sqrt(squares) - 100 / sqrt(2)) < 1.5); /* sqrt(50^2 + 50^2) */
    bf_arena_reset(&a);
}

static void a_band_is_kept(void)
{
    static const char *const pairs[] = { "low", "300 Hz", "high", "3.4 kHz", NULL };
    static const char *const open[] = { "low", "300", "high", "3400", "severity", "0", NULL };
    static const char *const half[] = { "high", "500 Hz", "severity", "0.5", NULL };
    static const struct {
        double hz, least, most; /* what is left of the level */
    } tones[] = { { 100, 0, 1e-3 },
                  { 300, 0.49, 0.51 },
                  { 1000, 0.999, 1.001 },
                  { 3400, 0.49, 0.51 },
                  { 6800, 0, 1e-3 } };
    enum { N = 32000, MIDDLE = 16000 };
    static float v[N];
    struct bf_arena a = { 0 };
    struct bf_media out;
    for (int k = 0; k < 5; k++) {
        draw_tone(v, N, 16000, tones[k].hz, 1);
        struct bf_media in = signal_of(BF_WAVE, 16000, 1, N, v, &a);
        CHECK_INT(test_apply("band_limit", pairs, &in, 1, &out, &a), BF_OK);
        const double left = rms(out.wave.v + MIDDLE / 2, MIDDLE) / rms(v + MIDDLE / 2, MIDDLE);
        CHECK(left >= tones[k].least && left <= tones[k].most);
        CHECK_INT(test_apply("band_limit", open, &in, 1, &out, &a), BF_OK);
        CHECK(test_same_media(&in, &out));
        /* Halfway in octaves from 8,000 down to 500 Hz is 2,000 Hz. */
        CHECK_INT(test_apply("band_limit", half, &in, 1, &out, &a), BF_OK);
        CHECK((rms(out.wave.v + MIDDLE / 2, MIDDLE) > 0.6) == (tones[k].hz < 2000));
    }
    bf_arena_reset(&a);
}

static void a_band_beyond_the_rate_is_silence_and_an_empty_one_refused(void)
{
    static const char *const high[] = { "low", "5000", "high", "6000", NULL };
    static const char *const turned[] = { "low", "600", "high", "600", NULL };
    static const float v[] = { 1, 1, -1, 0.5f };
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    struct bf_media in = signal_of(BF_WAVE, 8000, 1, 4, v, &a);
    struct bf_media out;
    CHECK_INT(test_apply("band_limit", high, &in, 1, &out, &a), BF_OK);
    CHECK(rms(out.wave.v, 4) == 0);
    const struct bf_operator *op = test_operator("band_limit");
    CHECK_INT(op->check(test_options(&op->op, turned, &a), &err), BF_EINVAL);
    CHECK_STR(err.msg, "band_limit: 'low' 600 Hz is not below 'high' 600 Hz");
    bf_arena_reset(&a);
}

static void pieces_of_time_change_places(void)
{
    static const char *const pairs[] = { "pieces", "4", NULL };
    static const char *const half[] = { "pieces", "4", "severity", "0.5", NULL };
    static const float v[] = { 1, 1, 2, 2, 3, 3, 4, 4, 9, 10, 10, 20, 20, 30, 30, 40, 40, 90 };
    struct bf_arena a = { 0 };
    struct bf_media in = signal_of(BF_TRACE, 100, 2, 9, v, &a);
    for (int k = 0; k < 2; k++) {
        struct bf_media out;
        int seen[5] = { 0 }, moved = 0;
        CHECK_INT(test_apply("time_shuffle", k ? half : pairs, &in, 5, &out, &a), BF_OK);
        for (int i = 0; i < 8; i++) {
            seen[(int)out.trace.v[i]]++;
            CHECK(out.trace.v[9 + i] == 10 * out.trace.v[i]); /* channels stay together */
            CHECK(out.trace.v[i] == out.trace.v[i / 2 * 2]);
            moved += out.trace.v[i] != v[i];
        }
        CHECK(out.trace.v[8] == 9 && out.trace.v[17] == 90); /* left over */
        for (int i = 1; i <= 4; i++)
            CHECK_INT(seen[i], 2);
        CHECK_INT(moved, k ? 4 : 8);
    }
    bf_arena_reset(&a);
}

static void signals_run_backwards_and_late(void)
{
    static const char *const late[] = { "by", "20 ms", NULL };
    static const char *const early[] = { "by", "-10 ms", NULL };
    static const char *const never[] = { "by", "1 h", NULL };
    static const float v[] = { 1, 2, 3, 4, 10, 20, 30, 40 };
    struct bf_arena a = { 0 };
    struct bf_media wave = signal_of(BF_WAVE, 100, 2, 4, v, &a);
    struct bf_media trace = signal_of(BF_TRACE, 100, 2, 4, v, &a);
    struct bf_media out;
    static const float back[] = { 4, 3, 2, 1, 40, 30, 20, 10 };
    static const float held[] = { 1, 1, 1, 2, 10, 10, 10, 20 };
    static const float quiet[] = { 0, 0, 1, 2, 0, 0, 10, 20 };
    static const float ahead[] = { 2, 3, 4, 0, 20, 30, 40, 0 };
    CHECK_INT(test_apply("reverse", NULL, &wave, 1, &out, &a), BF_OK);
    CHECK(memcmp(out.wave.v, back, sizeof back) == 0);
    CHECK_INT(test_apply("shift", late, &trace, 1, &out, &a), BF_OK);
    CHECK(memcmp(out.trace.v, held, sizeof held) == 0);
    CHECK_INT(test_apply("shift", late, &wave, 1, &out, &a), BF_OK);
    CHECK(memcmp(out.wave.v, quiet, sizeof quiet) == 0);
    CHECK_INT(test_apply("shift", early, &wave, 1, &out, &a), BF_OK);
    CHECK(memcmp(out.wave.v, ahead, sizeof ahead) == 0);
    CHECK_INT(test_apply("shift", never, &wave, 1, &out, &a), BF_OK);
    CHECK(rms(out.wave.v, 8) == 0);
    bf_arena_reset(&a);
}

static void signals_go_round(void)
{
    static const char *const late[] = { "by", "10 ms", "gap", "wrap", NULL };
    static const char *const early[] = { "by", "-50 ms", "gap", "wrap", NULL };
    static const float v[] = { 1, 2, 3, 4, 10, 20, 30, 40 };
    static const float behind[] = { 4, 1, 2, 3, 40, 10, 20, 30 };
    static const float ahead[] = { 2, 3, 4, 1, 20, 30, 40, 10 };
    struct bf_arena a = { 0 };
    struct bf_media wave = signal_of(BF_WAVE, 100, 2, 4, v, &a);
    struct bf_media trace = signal_of(BF_TRACE, 100, 2, 4, v, &a);
    struct bf_media out;
    CHECK_INT(test_apply("shift", late, &wave, 1, &out, &a), BF_OK);
    CHECK(memcmp(out.wave.v, behind, sizeof behind) == 0);
    CHECK_INT(test_apply("shift", early, &trace, 1, &out, &a), BF_OK);
    CHECK(memcmp(out.trace.v, ahead, sizeof ahead) == 0);
    bf_arena_reset(&a);
}

/* How late the one impulse comes, in steps. */
static int lateness(const char *const *pairs, uint64_t seed, struct bf_arena *a)
{
    enum { N = 400, AT = 200 };
    float v[N] = { 0 };
    v[AT] = 1;
    struct bf_media in = signal_of(BF_WAVE, 100, 1, N, v, a);
    struct bf_media out;
    CHECK_INT(test_apply("shift", pairs, &in, seed, &out, a), BF_OK);
    for (int i = 0; i < N; i++)
        if (out.wave.v[i] > 0)
            return i - AT;
    return N;
}

static void a_shift_can_be_drawn(void)
{
    static const char *const sign[] = { "by", "0.3 s", "draw", "sign", NULL };
    static const char *const uniform[] = {
        "by", "1 s", "draw", "uniform", "severity", "0.5", NULL
    };
    struct bf_arena a = { 0 };
    int n_late = 0, least = 100, most = -100;
    double sum = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        const int by = lateness(sign, seed, &a);
        CHECK(by == 30 || by == -30);
        n_late += by > 0;
        const int any = lateness(uniform, seed, &a);
        CHECK(any >= -50 && any <= 50);
        least = any < least ? any : least;
        most = any > most ? any : most;
        sum += any / 200.0;
    }
    CHECK(abs(n_late - 100) < 36); /* 5 sigma */
    CHECK(least < -45 && most > 45);
    CHECK(fabs(sum) < 11);
    bf_arena_reset(&a);
}

/* Sample k of a tone, by its number of upward crossings of zero between two places. */
static double crossings(const float *v, size_t from, size_t to)
{
    double n = 0;
    for (size_t i = from; i < to; i++)
        n += v[i] < 0 && v[i + 1] >= 0;
    return n;
}

static void pitch_changes_nothing_else(void)
{
    static const struct {
        const char *by;
        double hz;
    } known[] = { { "12", 880 }, { "-12", 220 }, { "7", 659.26 }, { "1", 466.16 } };
    enum { RATE = 8000, N = 2 * RATE };
    struct bf_arena a = { 0 };
    float *v = bf_arena_alloc(&a, 2 * N, sizeof *v);
    for (int i = 0; v && i < 2 * N; i++)
        v[i] = (float)((i < N ? 0.5 : 0.25) * sin(2 * 3.14159265358979 * 440 * (i % N) / RATE));
    const struct bf_media in = signal_of(BF_WAVE, RATE, 2, N, v, &a);
    for (int k = 0; k < 4; k++) {
        const char *const pairs[] = { "by", known[k].by, NULL };
        struct bf_media out;
        CHECK_INT(test_apply("pitch", pairs, &in, 1, &out, &a), BF_OK);
        CHECK_INT((long long)out.wave.n, N);
        CHECK(fabs(crossings(out.wave.v, RATE / 2, RATE * 3 / 2) - known[k].hz) < 2);
        CHECK(fabs(rms(out.wave.v + 400, N - 800) - 0.5 / sqrt(2)) < 0.01);
        for (int i = 0; i < N; i += 7) /* channels stay together */
            CHECK(fabs((double)out.wave.v[N + i] - (double)out.wave.v[i] / 2) < 1e-3);
    }
    static const char *const none[] = { "by", "12", "severity", "0", NULL };
    struct bf_media out;
    CHECK_INT(test_apply("pitch", none, &in, 1, &out, &a), BF_OK);
    CHECK(test_same_media(&in, &out));
    const struct bf_media tiny = signal_of(BF_WAVE, RATE, 1, 3, v, &a); /* less than a window */
    CHECK_INT(test_apply("pitch", NULL, &tiny, 1, &out, &a), BF_OK);
    CHECK(test_same_media(&tiny, &out));
    bf_arena_reset(&a);
}

/* Level of `v` in a band of a third of an octave, dB, by single frequencies. */
static double third_octave(const float *v, size_t n, double hz, double rate)
{
    double power = 0;
    const double from = hz / pow(2, 1 / 6.0), to = hz * pow(2, 1 / 6.0);
    enum { LINES = 40 };
    for (int k = 0; k < LINES; k++) {
        const double w = 2 * 3.14159265358979 * (from + (to - from) * k / LINES) / rate;
        double re = 0, im = 0;
        for (size_t i = 0; i < n; i++) {
            re += (double)v[i] * cos(w * (double)i);
            im += (double)v[i] * sin(w * (double)i);
        }
        power += re * re + im * im;
    }
    return 10 * log10(power * (to - from) / LINES);
}

/* Byrne et al. (1994), table II, both sexes: dB of bands of a third of an octave. */
static void babble_has_its_ratio_and_the_spectrum_of_speech(void)
{
    static const double bands[][2] = { { 125, 57.7 },  { 250, 60.3 },  { 500, 62.1 },
                                       { 1000, 53.7 }, { 2000, 48.7 }, { 4000, 45.6 } };
    static const char *const pairs[] = { "snr", "6 dB", "talkers", "64", NULL };
    enum { RATE = 16000, N = 2 * RATE };
    struct bf_arena a = { 0 };
    float *v = bf_arena_alloc(&a, N, sizeof *v);
    for (int i = 0; v && i < N; i++)
        v[i] = (float)(0.2 * sin(i * 0.3));
    const struct bf_media in = signal_of(BF_WAVE, RATE, 1, N, v, &a);
    struct bf_media out;
    double off[6], mean = 0;
    CHECK_INT(test_apply("babble", pairs, &in, 1, &out, &a), BF_OK);
    for (int i = 0; i < N; i++)
        v[i] = out.wave.v[i] - in.wave.v[i];
    CHECK(fabs(20 * log10(0.2 / sqrt(2) / rms(v, N)) - 6) < 0.02);
    for (int b = 0; b < 6; b++) {
        off[b] = third_octave(v, N, bands[b][0], RATE) - bands[b][1];
        mean += off[b] / 6;
    }
    for (int b = 0; b < 6; b++)
        CHECK(fabs(off[b] - mean) < 4); /* 2.3 of the filter, the rest of chance */
    bf_arena_reset(&a);
}

static void segments_of_a_signal_stand_end_to_end(void)
{
    static const char *const two[] = { "keep", "2", "of", "3", "which", "last", NULL };
    static const char *const fine[] = { "keep", "1", "of", "64", NULL };
    static const float v[] = { 1, 2, 3, 4, 5, 6, 7, 10, 20, 30, 40, 50, 60, 70 };
    static const float want[] = { 3, 4, 5, 6, 7, 30, 40, 50, 60, 70 }; /* from 7 / 3 = 2 on */
    struct bf_arena a = { 0 };
    struct bf_media in = signal_of(BF_TRACE, 10, 2, 7, v, &a);
    struct bf_media out;
    CHECK_INT(test_apply("segments", two, &in, 1, &out, &a), BF_OK);
    CHECK_INT((long long)out.trace.n, 5);
    CHECK(memcmp(out.trace.v, want, sizeof want) == 0);
    CHECK_INT(test_apply("segments", fine, &in, 1, &out, &a), BF_OK);
    CHECK_INT((long long)out.trace.n, 1);
    CHECK(out.trace.v[1] == 10);
    bf_arena_reset(&a);
}

static void channels_are_lost(void)
{
    static const char *const third[] = { "share", "1/3", NULL };
    static const char *const missing[] = { "fill", "missing", NULL };
    static const char *const hold[] = { "fill", "hold", "share", "1", NULL };
    static const char *const none[] = { "severity", "0", NULL };
    static const float v[] = { 1, 2, 3, 4, 5, 6 };
    struct bf_arena a = { 0 };
    struct bf_media in = signal_of(BF_TRACE, 100, 3, 2, v, &a);
    struct bf_media out;
    int lost = 0;
    CHECK_INT(test_apply("channel_drop", third, &in, 1, &out, &a), BF_OK);
    for (int ch = 0; ch < 3; ch++) {
        lost += out.trace.v[2 * ch] == 0 && out.trace.v[2 * ch + 1] == 0;
        CHECK(out.trace.v[2 * ch] == 0 || out.trace.v[2 * ch + 1] == v[2 * ch + 1]);
    }
    CHECK_INT(lost, 1);
    CHECK_INT(test_apply("channel_drop", missing, &in, 1, &out, &a), BF_OK);
    lost = 0;
    for (int i = 0; i < 6; i++)
        lost += isnan(out.trace.v[i]) != 0;
    CHECK_INT(lost, 4); /* half of three is two */
    CHECK_INT(test_apply("channel_drop", hold, &in, 1, &out, &a), BF_OK);
    for (int i = 0; i < 6; i++)
        CHECK(out.trace.v[i] == v[i / 2 * 2]);
    CHECK_INT(test_apply("channel_drop", none, &in, 1, &out, &a), BF_OK);
    CHECK(test_same_media(&in, &out));
    bf_arena_reset(&a);
}

static void bursts_lose_their_share_of_time(void)
{
    static const char *const pairs[] = { "share", "0.3", "bursts", "3", NULL };
    static const char *const hold[] = { "share", "0.3", "bursts", "3", "fill", "hold", NULL };
    static const char *const all[] = { "share", "1", "bursts", "3", NULL };
    enum { N = 1000 };
    static float v[2 * N];
    struct bf_arena a = { 0 };
    for (int i = 0; i < 2 * N; i++)
        v[i] = (float)(i + 1);
    struct bf_media in = signal_of(BF_TRACE, 100, 2, N, v, &a);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct bf_media out;
        int lost = 0, begun = 0;
        CHECK_INT(test_apply("bursts", pairs, &in, seed, &out, &a), BF_OK);
        for (int i = 0; i < N; i++) {
            lost += out.trace.v[i] == 0;
            begun += out.trace.v[i] == 0 && (i == 0 || out.trace.v[i - 1] != 0);
            CHECK((out.trace.v[i] == 0) == (out.trace.v[N + i] == 0));
            CHECK(out.trace.v[i] == 0 || out.trace.v[i] == v[i]);
        }
        CHECK_INT(lost, 300);
        CHECK(begun >= 1 && begun <= 3); /* two may touch */
        CHECK_INT(test_apply("bursts", hold, &in, seed, &out, &a), BF_OK);
        for (int i = 1; i < N; i++)
            CHECK(out.trace.v[i] == v[i] || out.trace.v[i] == out.trace.v[i - 1]);
    }
    struct bf_media out;
    CHECK_INT(test_apply("bursts", all, &in, 1, &out, &a), BF_OK);
    CHECK(rms(out.trace.v, 2 * N) < 100); /* three times 333 of 1,000 steps; 1,000 is the mean */
    bf_arena_reset(&a);
}

static void a_small_range_saturates(void)
{
    static const char *const half[] = { "range", "0", "severity", "0.5", NULL };
    static const char *const none[] = { "severity", "0", NULL };
    static const float v[] = { 0, 2, 5, 8, 10, NAN, 100, 110, 120, 130, 140, 150 };
    static const float want[] = { 2.5f, 2.5f, 5, 7.5f, 7.5f };
    struct bf_arena a = { 0 };
    struct bf_media in = signal_of(BF_TRACE, 100, 2, 6, v, &a);
    struct bf_media out;
    CHECK_INT(test_apply("saturate", NULL, &in, 1, &out, &a), BF_OK);
    CHECK(memcmp(out.trace.v, want, sizeof want) == 0);
    CHECK(isnan(out.trace.v[5]));
    CHECK(out.trace.v[6] == 112.5f && out.trace.v[8] == 120 && out.trace.v[11] == 137.5f);
    CHECK_INT(test_apply("saturate", half, &in, 1, &out, &a), BF_OK);
    CHECK(memcmp(out.trace.v, want, sizeof want) == 0);
    CHECK_INT(test_apply("saturate", none, &in, 1, &out, &a), BF_OK);
    CHECK(test_same_media(&in, &out));
    bf_arena_reset(&a);
}

static void a_zero_drifts(void)
{
    static const char *const half[] = { "by", "-2", "severity", "0.5", NULL };
    static const float v[] = { 10, 14, 12 };
    static const float up[] = { 10, 16, 16 }; /* its range is 4 */
    static const float down[] = { 10, 12, 8 };
    struct bf_arena a = { 0 };
    struct bf_media in = signal_of(BF_TRACE, 100, 1, 3, v, &a);
    struct bf_media out;
    CHECK_INT(test_apply("drift", NULL, &in, 1, &out, &a), BF_OK);
    CHECK(memcmp(out.trace.v, up, sizeof up) == 0);
    CHECK_INT(test_apply("drift", half, &in, 1, &out, &a), BF_OK);
    CHECK(memcmp(out.trace.v, down, sizeof down) == 0);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(noise_is_added_at_its_ratio),
          TEST(trace_noise_below_full_strength_has_the_channel_s_scale), TEST(a_band_is_kept),
          TEST(a_band_beyond_the_rate_is_silence_and_an_empty_one_refused),
          TEST(pieces_of_time_change_places), TEST(signals_run_backwards_and_late),
          TEST(signals_go_round), TEST(pitch_changes_nothing_else),
          TEST(babble_has_its_ratio_and_the_spectrum_of_speech), TEST(a_shift_can_be_drawn),
          TEST(segments_of_a_signal_stand_end_to_end), TEST(channels_are_lost),
          TEST(bursts_lose_their_share_of_time), TEST(a_small_range_saturates), TEST(a_zero_drifts))
