/* What features promise: the places that docs/modalities.md lists, finite values for whatever there
 * is, and what they do not depend on. */
#include <math.h>

#include "core/file.h"
#include "tests/draw.h"
#include "tests/operators.h"
#include "tests/test.h"

static const enum bf_carrier all_carriers[] = { BF_RASTER, BF_CLIP, BF_WAVE, BF_TRACE, BF_TEXT };
enum { N_CARRIERS = sizeof all_carriers / sizeof *all_carriers };

static struct bf_features features_of(const struct bf_media *m)
{
    struct bf_arena a = { 0 };
    struct bf_features f = { 0 };
    struct bf_err err = { 0 };
    CHECK_INT(bf_modality_of(m->carrier)->features(m, &f, &a, &err), BF_OK);
    bf_arena_reset(&a);
    return f;
}

/* Numbers after the words of a row such as "| 15 | 3 | mean of R, G, B |". */
static bool read_row(const char *line, int *from, int *n)
{
    return sscanf(line, "| %d | %d |", from, n) == 2;
}

/* Every table of the page covers its vector without a gap, and says its version. */
static void every_place_is_on_the_page(void)
{
    struct bf_arena a = { 0 };
    char *page = NULL;
    size_t size = 0;
    CHECK_INT(bf_file_read(TEST_ROOT "/docs/modalities.md", 1 << 20, &page, &size, &a, NULL),
              BF_OK);
    for (int i = 0; page && i < N_CARRIERS; i++) {
        const struct bf_modality *m = bf_modality_of(all_carriers[i]);
        char head[64];
        int n_values = 0, version = 0, at = 0, from, n;
        (void)snprintf(head, sizeof head, "\n### %s: ", m->op.name);
        const char *p = strstr(page, head);
        CHECK(p && sscanf(p + strlen(head), "%d values, version %d\n", &n_values, &version) == 2);
        CHECK_INT(version, m->version);
        p = p ? strchr(p + 1, '\n') : NULL;
        for (; p && strncmp(p, "\n#", 2) != 0; p = strchr(p + 1, '\n'))
            if (read_row(p + 1, &from, &n)) {
                CHECK_INT(from, at);
                at = from + n;
            }
        CHECK_INT(at, n_values);
        const struct bf_media media[] = {
            test_raster(3, 2, NULL, &a),
            test_clip(2, &a),
            { .carrier = BF_WAVE, .wave = { 8, 1, 1, (float[]){ 0 } } },
            { .carrier = BF_TRACE, .trace = { 8, 1, 1, (float[]){ 0 }, "raw", NULL, NULL } },
            { .carrier = BF_TEXT, .text = "one" }
        };
        CHECK_INT(features_of(&media[i]).n, n_values);
    }
    bf_arena_reset(&a);
}

/* Finite, within the bounds, as many as always, and the same again. */
static void check_bounds(const struct bf_media *m)
{
    static int usual[BF_CARRIER_COUNT];
    struct bf_arena a = { 0 };
    const struct bf_features f = features_of(m), again = features_of(m);
    usual[m->carrier] = usual[m->carrier] ? usual[m->carrier] : f.n;
    CHECK_INT(f.n, usual[m->carrier]);
    CHECK(f.n > 0 && memcmp(&f, &again, sizeof f) == 0);
    for (int i = 0; i < f.n; i++)
        if (!(f.v[i] >= -4 && f.v[i] <= 4)) {
            printf("# place %d of carrier %d is %g\n", i, (int)m->carrier, (double)f.v[i]);
            test_failed = 1;
        }
    const uint64_t print = bf_modality_of(m->carrier)->fingerprint(m, &a);
    CHECK(print == bf_modality_of(m->carrier)->fingerprint(m, &a));
    bf_arena_reset(&a);
}

static void any_picture_has_features(void)
{
    static const int sizes[][2] = { { 1, 1 },     { 1, 2 },     { 2, 1 },      { 63, 65 },
                                    { 16384, 1 }, { 1, 16384 }, { 3000, 2000 } };
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int level = 0; level < 256; level += 85) {
            struct bf_arena a = { 0 };
            struct bf_media m = test_raster(sizes[s][0], sizes[s][1], NULL, &a);
            for (int y = 0; y < m.raster.h; y++)
                memset(m.raster.px + y * m.raster.stride, level, 3 * (size_t)m.raster.w);
            check_bounds(&m);
            for (int y = 0; y < m.raster.h; y++) /* and as rough as can be */
                for (int x = 0; x < 3 * m.raster.w; x++)
                    m.raster.px[y * m.raster.stride + x] = (uint8_t)((x + y) % 2 ? 255 : level);
            check_bounds(&m);
            bf_arena_reset(&a);
        }
}

static void any_clip_has_features(void)
{
    static const double lengths[] = { 0, 1e-9, 4, 1e9 };
    for (int n = 1; n <= 200; n = 3 * n - 1 + (n == 1))
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
            struct bf_arena a = { 0 };
            struct bf_media m = test_clip(n, &a);
            m.clip.seconds = lengths[k];
            for (int i = 0; i < n; i++)
                m.clip.at_seconds[i] = lengths[k] * i / n;
            check_bounds(&m);
            for (int i = 0; i < n; i++)
                m.clip.frames[i] = m.clip.frames[0];
            check_bounds(&m);
            bf_arena_reset(&a);
        }
}

static void any_sound_has_features(void)
{
    enum { N = 70000 };
    static const double rates[] = { 1, 100, 8000, 192000, 1e6 };
    static const float levels[] = { 0, 1e-30f, 1, -3e38f, 3e38f };
    static float v[2 * N];
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
        for (size_t l = 0; l < sizeof levels / sizeof *levels; l++)
            for (size_t n = 1; n <= N; n = n * 200 + 1) {
                for (size_t i = 0; i < 2 * n; i++)
                    v[i] = levels[l];
                struct bf_media m = { .carrier = BF_WAVE, .wave = { rates[r], 2, n, v } };
                check_bounds(&m);
                for (size_t i = 0; i < 2 * n; i += 2)
                    v[i] = -v[i];
                check_bounds(&m);
            }
}

static void any_trace_has_features(void)
{
    enum { N = 20000, N_CH = 40 };
    static const double rates[] = { 1e-3, 100, 1e9 };
    static const float levels[] = { 0, 1e-38f, 1, -3e38f, 3e38f, 65535 };
    static float v[N_CH * N];
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
        for (size_t l = 0; l < sizeof levels / sizeof *levels; l++)
            for (size_t n = 1; n <= N; n = n * 100 + 1)
                for (int n_ch = 1; n_ch <= N_CH; n_ch += 13) {
                    const size_t all = n * (size_t)n_ch;
                    struct bf_media m = { .carrier = BF_TRACE,
                                          .trace = { rates[r], n_ch, n, v, "raw", NULL, NULL } };
                    for (size_t i = 0; i < all; i++)
                        v[i] = levels[l];
                    check_bounds(&m);
                    for (size_t i = 0; i < all; i++)
                        v[i] = i % 7 == 3 ? NAN : i % 3 ? levels[l] : -levels[l];
                    check_bounds(&m);
                    for (size_t i = 1; i < all; i++)
                        v[i] = NAN; /* one value is left */
                    v[0] = levels[l];
                    check_bounds(&m);
                }
}

static void any_words_have_features(void)
{
    enum { MANY = 1 << 20 };
    static char text[MANY + 1];
    const char *const texts[] = { "", " ", "\n\n\n", "...", "A", "7", "\xff\xfe\x80", text };
    for (int kind = 0; kind < 3; kind++) {
        for (int i = 0; i < MANY; i++)
            text[i] = kind == 0   ? 'x'
                      : kind == 1 ? "9 "[i % 2]
                                  : (char)('a' + (int64_t)i * i / 7 % 26);
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            const struct bf_media m = { .carrier = BF_TEXT, .text = texts[i] };
            check_bounds(&m);
        }
    }
}

/* The largest difference of two vectors, places of `but` [n_but] left out. */
static double differ(const struct bf_features *x, const struct bf_features *y, const int *but,
                     int n_but)
{
    double most = 0;
    for (int i = 0; i < x->n; i++) {
        bool left_out = false;
        for (int k = 0; k < n_but; k++)
            left_out |= but[k] == i;
        if (!left_out)
            most = fmax(most, fabs((double)x->v[i] - (double)y->v[i]));
    }
    return most;
}

/* A picture with twice the pixels a side shows the same; how rows are padded does not matter. */
static void the_size_of_a_picture_does_not_matter(void)
{
    enum { W = 128, H = 64 };
    struct bf_arena a = { 0 };
    struct bf_media small = test_raster(W, H, NULL, &a),
                    large = test_raster(2 * W, 2 * H, NULL, &a);
    draw_fill(&small.raster, 0, 0, W, H, 0x305080);
    draw_fill(&large.raster, 0, 0, 2 * W, 2 * H, 0x305080);
    draw_fill(&small.raster, 30, 10, 40, 30, 0xd02010);
    draw_fill(&large.raster, 60, 20, 80, 60, 0xd02010);
    struct bf_features x = features_of(&small), y = features_of(&large);
    CHECK(differ(&x, &y, NULL, 0) < 1e-6);
    struct bf_media tight = small;
    tight.raster.stride = 3 * W;
    tight.raster.px = bf_arena_alloc(&a, 3 * W, H);
    for (int i = 0; i < H && tight.raster.px; i++)
        memcpy(tight.raster.px + 3 * W * i, small.raster.px + i * small.raster.stride, 3 * W);
    y = features_of(&tight);
    CHECK(memcmp(&x, &y, sizeof x) == 0);
    bf_arena_reset(&a);
}

/* Frequencies are in hertz: a tone has the same pitch at any rate that can hold it. Two channels
 * that are the same are one, but for the place that counts them. */
static void the_rate_of_a_sound_does_not_matter(void)
{
    enum { SECONDS = 2, TONE = 1000, MOST = 48000 * SECONDS };
    static const int rates[] = { 8000, 16000, 22050, 44100, 48000 };
    static const int pitch[] = { 63 }, channels[] = { 100 };
    static float v[2 * MOST];
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        const size_t n = (size_t)rates[r] * SECONDS;
        draw_tone(v, n, rates[r], TONE, 0.3);
        struct bf_media m = { .carrier = BF_WAVE, .wave = { rates[r], 1, n, v } };
        const struct bf_features one = features_of(&m);
        CHECK(fabs((double)one.v[pitch[0]] - log2(TONE / 440.0) / 2) < 2e-3);
        memmove(v + n, v, n * sizeof *v);
        m.wave.n_ch = 2;
        const struct bf_features two = features_of(&m);
        CHECK(differ(&one, &two, channels, 1) < 1e-5);
        CHECK(two.v[100] > 0.5f && one.v[100] < 0.5f);
    }
}

/* A missing value counts as its channel's mean; the unit's zero does not move what is counted in
 * deviations; a channel that reads far off beside all others is not pooled. */
static void a_trace_is_pooled_over_what_is_usual(void)
{
    enum { N = 400, N_CH = 4 };
    float v[(N_CH + 1) * N];
    struct bf_media m = { .carrier = BF_TRACE, .trace = { 100, N_CH, N, v, "raw", NULL, NULL } };
    for (int c = 0; c < N_CH; c++)
        for (int i = 0; i < N; i++)
            v[c * N + i] = (float)(5 + c + 2 * sin(0.1 * i + c));
    const struct bf_features plain = features_of(&m);
    for (int i = 0; i < N_CH * N; i++)
        v[i] += 100;
    const struct bf_features moved = features_of(&m);
    for (int i = 19; i < 66; i++) /* quarters, bands and tones */
        CHECK(fabsf(plain.v[i] - moved.v[i]) < 1e-3f);
    for (int i = 0; i < N; i++)
        v[N_CH * N + i] = (float)(65535 - i % 2);
    m.trace.n_ch = N_CH + 1;
    const struct bf_features beside = features_of(&m);
    for (int i = 0; i < 27; i++)
        CHECK(fabsf(beside.v[i] - moved.v[i]) < 1e-6f);
    CHECK(fabsf(beside.v[153] - 0.8f) < 1e-6f); /* four of five are usual */
}

TEST_MAIN(TEST(every_place_is_on_the_page), TEST(any_picture_has_features),
          TEST(any_clip_has_features), TEST(any_sound_has_features), TEST(any_trace_has_features),
          TEST(any_words_have_features), TEST(the_size_of_a_picture_does_not_matter),
          TEST(the_rate_of_a_sound_does_not_matter), TEST(a_trace_is_pooled_over_what_is_usual))
