/* Fingerprints: near for one content, far for others, and never out of bounds. */
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "core/near.h"
#include "core/ops.h"
#include "core/rng.h"
#include "modalities/prints.h"
#include "modalities/raster.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_image, bf_modality_video, bf_modality_audio,
    bf_modality_tactile;

/* Decode a file of the shared pool; false when it is not there. */
static bool load(const struct bf_modality *m, const char *name, struct bf_media *out,
                 struct bf_arena *a)
{
    char path[512], whole[300];
    struct bf_media_info info = { 0 };
    void *priv = NULL;
    snprintf(whole, sizeof whole, "data/pool/%s", name);
    const int fd = open(test_shared(path, sizeof path, whole), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const bool ok = bf_op_init(&m->op, &priv, a, NULL) == BF_OK &&
                    m->decode(priv, fd, &bf_default_limits, out, &info, a, NULL) == BF_OK;
    close(fd);
    CHECK(ok);
    return ok;
}

static void pictures_of_another_size_are_near(void)
{
    static const char *const names[] = { "image/astronaut.png", "image/coffee.png",
                                         "image/cat_720p.jpg", "image/rocket.jpg" };
    struct bf_arena a = { 0 };
    uint64_t print[4];
    for (int i = 0; i < 4; i++) {
        struct bf_media m;
        struct bf_raster small;
        if (!load(&bf_modality_image, names[i], &m, &a))
            TEST_SKIP("the shared pool is not here");
        print[i] = bf_raster_print(&m.raster, &a);
        CHECK_INT(bf_raster_resize(&m.raster, m.raster.w / 3, m.raster.h / 2, &small, &a, NULL),
                  BF_OK);
        CHECK(bf_near_bits(print[i], bf_raster_print(&small, &a)) <= 4);
        for (int k = 0; k < i; k++)
            CHECK(bf_near_bits(print[i], print[k]) >= 18);
    }
    bf_arena_reset(&a);
}

static void sounds_softer_later_and_noisier_are_near(void)
{
    static const char *const names[] = { "audio/esc10_1-17808-A.ogg", "audio/esc10_2-18766-A.ogg",
                                         "audio/198-209-0000.ogg", "audio/fsdd_7_nicolas_29.wav" };
    struct bf_arena a = { 0 };
    struct bf_rng r = { 3 };
    uint64_t print[4];
    for (int i = 0; i < 4; i++) {
        struct bf_media m;
        if (!load(&bf_modality_audio, names[i], &m, &a))
            TEST_SKIP("the shared pool is not here");
        print[i] = bf_wave_print(&m.wave, &a);
        /* 20 ms of silence before it, as codecs put there; a quarter of the level, and hiss 40 dB
         * below it. */
        struct bf_wave w = m.wave;
        const size_t late = (size_t)(w.rate_hz / 50);
        double squares = 0;
        w.n_ch = 1;
        w.n = m.wave.n + late;
        w.v = bf_arena_alloc(&a, w.n, sizeof *w.v);
        for (size_t k = 0; k < m.wave.n; k++)
            squares += (double)m.wave.v[k] * (double)m.wave.v[k];
        const double hiss = 0.01 * sqrt(squares / (double)m.wave.n) * sqrt(12);
        for (size_t k = 0; k < w.n; k++)
            w.v[k] = (float)(0.25 * ((k < late ? 0 : (double)m.wave.v[k - late]) +
                                     hiss * (bf_rng_unit(&r) - 0.5)));
        CHECK(bf_near_bits(print[i], bf_wave_print(&w, &a)) <= 8);
        for (int k = 0; k < i; k++)
            CHECK(bf_near_bits(print[i], print[k]) >= 18);
    }
    bf_arena_reset(&a);
}

/* The same scene from the same camera, at other times: what moves tells them apart. */
static void clips_of_one_scene_are_far(void)
{
    struct bf_arena a = { 0 };
    struct bf_media x, y;
    if (!load(&bf_modality_video, "video/bottle_a.mp4", &x, &a) ||
        !load(&bf_modality_video, "video/bottle_c.mp4", &y, &a))
        TEST_SKIP("the shared pool is not here");
    const uint64_t print = bf_clip_print(&x.clip, &a);
    CHECK(bf_near_bits(print, bf_clip_print(&y.clip, &a)) >= 12);
    for (int k = 0; k < x.clip.n_frames; k++) {
        struct bf_raster *f = &x.clip.frames[k], small;
        CHECK_INT(bf_raster_resize(f, f->w / 2, f->h / 2, &small, &a, NULL), BF_OK);
        *f = small;
    }
    CHECK(bf_near_bits(print, bf_clip_print(&x.clip, &a)) <= 4);
    bf_arena_reset(&a);
}

static void traces_in_other_units_are_the_same(void)
{
    static const char *const names[] = { "tactile/Denim_F120_V-120mmps_0.csv",
                                         "tactile/Linen_F180_V-50mmps_0.csv",
                                         "imu/BasicMotions_TRAIN_5.csv",
                                         "imu/BasicMotions_TRAIN_35.csv" };
    struct bf_arena a = { 0 };
    struct bf_rng r = { 5 };
    uint64_t print[4];
    for (int i = 0; i < 4; i++) {
        struct bf_media m;
        if (!load(&bf_modality_tactile, names[i], &m, &a))
            TEST_SKIP("the shared pool is not here");
        struct bf_trace *t = &m.trace;
        print[i] = bf_trace_print(t, &a);
        for (int c = 0; c < t->n_ch; c++)
            for (size_t k = 0; k < t->n; k++)
                t->v[(size_t)c * t->n + k] = t->v[(size_t)c * t->n + k] * 8 + 100.0f * (float)c;
        CHECK(bf_near_bits(print[i], bf_trace_print(t, &a)) <= 1);
        for (size_t k = 0; k < t->n * (size_t)t->n_ch; k++)
            if (bf_rng_below(&r, 100) == 0)
                t->v[k] = NAN;
        CHECK(bf_near_bits(print[i], bf_trace_print(t, &a)) <= 6);
        for (int k = 0; k < i; k++)
            CHECK(bf_near_bits(print[i], print[k]) >= 15);
    }
    bf_arena_reset(&a);
}

static void nothing_and_too_much_have_fingerprints_too(void)
{
    static float v[3000];
    struct bf_arena a = { 0 };
    static const double rates[] = { 1, 100, 8000, 15999, 16000, 44100, 768000, 1e9 };
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
        for (size_t n = 1; n <= 3000; n = n * 3 + 1) {
            const struct bf_wave w = { rates[r], 1, n, v };
            CHECK(bf_wave_print(&w, &a) == 0); /* silence */
            const struct bf_trace t = { rates[r], 1, n, v, "raw", NULL, NULL };
            CHECK(bf_trace_print(&t, &a) == 0); /* nothing happens */
        }
    for (size_t i = 0; i < 3000; i++)
        v[i] = i % 2 ? 3e38f : -3e38f;
    const struct bf_wave loud = { 44100, 3, 1000, v };
    (void)bf_wave_print(&loud, &a); /* its value says nothing; sanitizers watch */
    for (size_t i = 0; i < 3000; i++)
        v[i] = i % 3 ? NAN : (float)i;
    const struct bf_trace holes = { 100, 300, 10, v, "raw", NULL, NULL };
    (void)bf_trace_print(&holes, &a);
    for (size_t i = 0; i < 3000; i++)
        v[i] = NAN;
    CHECK(bf_trace_print(&holes, &a) == 0);
    bf_arena_reset(&a);
}

static void without_memory_they_are_0(void)
{
    static float v[3000];
    struct bf_arena a = { 0 };
    const struct bf_wave w = { 44100, 1, 3000, v };
    const struct bf_trace t = { 100, 3, 1000, v, "raw", NULL, NULL };
    for (int i = 0; i < 3000; i++)
        v[i] = (float)sin(i * 0.03);
    a.limit = 16;
    CHECK(bf_wave_print(&w, &a) == 0);
    CHECK(bf_trace_print(&t, &a) == 0);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(pictures_of_another_size_are_near), TEST(sounds_softer_later_and_noisier_are_near),
          TEST(clips_of_one_scene_are_far), TEST(traces_in_other_units_are_the_same),
          TEST(nothing_and_too_much_have_fingerprints_too), TEST(without_memory_they_are_0))
