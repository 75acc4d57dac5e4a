/* Clips: which frames stand for one, at what times, and what is seen to move. */
#include "modalities/raster.h"
#include "tests/draw.h"
#include "tests/media.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_video;

static struct bf_err err;
static struct bf_media_info info;

static int read_clip(const char *const *pairs, const void *bytes, size_t n, struct bf_clip *clip,
                     struct bf_arena *a)
{
    struct bf_media m = { 0 };
    int rc = test_decode(&bf_modality_video, pairs, bytes, n, &m, &info, a, &err);
    if (rc == BF_OK)
        *clip = m.clip;
    return rc;
}

/* Ten frames of 16 x 12, frame k all of colour k % 4, each a tenth of a second but the last: 1.1 s,
 * so that the clip lasts 2 s. */
static size_t ten_frames(uint8_t *gif)
{
    uint8_t px[10][16 * 12];
    int delay[10];
    for (int k = 0; k < 10; k++) {
        memset(px[k], k % 4, sizeof px[k]);
        delay[k] = k < 9 ? 10 : 110;
    }
    return draw_gif(gif, 16, 12, 10, px[0], delay);
}

static void frames_are_picked_by_presentation_time(void)
{
    struct bf_arena a = { 0 };
    struct bf_clip c = { 0 };
    uint8_t gif[8192];
    const size_t n = ten_frames(gif);
    static const char *const four[] = { "frames", "4", NULL };
    CHECK_INT(read_clip(four, gif, n, &c, &a), BF_OK);
    CHECK_STR(info.format, "gif");
    CHECK_INT(info.n_frames, 10);
    CHECK_INT(info.w, 16);
    /* Middles at 0.25, 0.75, 1.25, 1.75 of 2 s: frames 2 (a tie goes to the earlier), 7, and the
     * last at 0.9, which is nearest to both others and taken once. */
    printf("# %d frames of %.2f s at", c.n_frames, c.seconds);
    for (int i = 0; i < c.n_frames; i++)
        printf(" %.2f", c.at_seconds[i]);
    printf("\n");
    CHECK_INT(c.n_frames, 3);
    CHECK(fabs(c.at_seconds[0] - 0.2) < 1e-9);
    CHECK(fabs(c.at_seconds[1] - 0.7) < 1e-9);
    CHECK(fabs(c.at_seconds[2] - 0.9) < 1e-9);
    /* Colours 2, 3 and 1: green, blue, red. */
    const uint8_t want[3][3] = { { 0, 160, 0 }, { 0, 0, 255 }, { 255, 0, 0 } };
    for (int i = 0; i < 3; i++)
        CHECK(memcmp(c.frames[i].px + 5 * c.frames[i].stride + 9, want[i], 3) == 0);
    bf_arena_reset(&a);
}

static void the_longest_side_is_kept_small(void)
{
    struct bf_arena a = { 0 };
    struct bf_clip c = { 0 };
    static uint8_t px[64 * 48];
    static uint8_t gif[8192];
    static const int delay[1] = { 50 };
    static const char *const pairs[] = { "side", "32", NULL };
    const size_t n = draw_gif(gif, 64, 48, 1, px, delay);
    CHECK_INT(read_clip(pairs, gif, n, &c, &a), BF_OK);
    CHECK_INT(c.n_frames, 1);
    CHECK_INT(c.frames[0].w, 32);
    CHECK_INT(c.frames[0].h, 24);
    CHECK_INT(info.w, 64); /* of the file */
    CHECK(info.mean[0] > 254.5);
    bf_arena_reset(&a);
}

static void what_is_no_clip_is_refused(void)
{
    struct bf_arena a = { 0 };
    struct bf_clip c;
    CHECK_INT(read_clip(NULL, "", 0, &c, &a), BF_EDATA);
    CHECK_STR(err.msg, "the file is empty");
    CHECK_INT(read_clip(NULL, "neither is this", 15, &c, &a), BF_EDATA);
    /* Playlists could name other files. */
    static const char list[] = "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n";
    CHECK_INT(read_clip(NULL, list, strlen(list), &c, &a), BF_EDATA);
    static const char concat[] = "ffconcat version 1.0\nfile /etc/passwd\n";
    CHECK_INT(read_clip(NULL, concat, strlen(concat), &c, &a), BF_EDATA);
    bf_arena_reset(&a);
}

static void frames_are_shown_as_pictures(void)
{
    struct bf_arena a = { 0 };
    struct bf_media m = { .carrier = BF_CLIP };
    struct bf_shown shown;
    uint8_t gif[8192];
    CHECK_INT(read_clip(NULL, gif, ten_frames(gif), &m.clip, &a), BF_OK);
    CHECK_INT(bf_modality_video.present(test_options(&bf_modality_video.op, NULL, &a), &m, &shown,
                                        &a, NULL),
              BF_OK);
    CHECK_INT(shown.n_blobs, m.clip.n_frames);
    for (int i = 0; i < shown.n_blobs; i++)
        CHECK_STR(shown.blobs[i].ext, "png");
    bf_arena_reset(&a);
}

enum { W = 160, H = 120, N = 8 };

/* A disc on its way from one place to another. */
static struct bf_media moving(struct bf_arena *a, int x0, int y0, int x1, int y1, uint32_t rgb)
{
    struct bf_media m = { .carrier = BF_CLIP,
                          .clip = { .n_frames = N,
                                    .seconds = 4,
                                    .frames = bf_arena_alloc(a, N, sizeof *m.clip.frames),
                                    .at_seconds = bf_arena_alloc(a, N, sizeof(double)) } };
    for (int k = 0; k < N; k++) {
        m.clip.at_seconds[k] = (k + 0.5) / 2;
        if (bf_raster_new(W, H, &m.clip.frames[k], a, NULL) != BF_OK)
            abort();
        draw_fill(&m.clip.frames[k], 0, 0, W, H, 0xe8e8e8);
        draw_disc(&m.clip.frames[k], x0 + (x1 - x0) * k / (N - 1), y0 + (y1 - y0) * k / (N - 1), 14,
                  rgb);
    }
    return m;
}

/* Places in the vector: see the table above video_features(). */
enum { F_FG_COLORS = 137, F_MOVING_WAY = 156, F_OUTSIDE_WAY = 172, F_BLOBS = 193 };

static void features_see_which_way_things_go(void)
{
    static const int paths[5][4] = { { 80, 60, 80, 60 },
                                     { 130, 60, 30, 60 },
                                     { 30, 60, 130, 60 },
                                     { 80, 100, 80, 20 },
                                     { 80, 20, 80, 100 } };
    for (int way = 0; way < 5; way++) { /* still, left, right, up, down */
        struct bf_arena a = { 0 };
        const int *p = paths[way];
        const struct bf_media m = moving(&a, p[0], p[1], p[2], p[3], 0xff0000);
        struct bf_features f;
        CHECK_INT(bf_modality_video.features(&m, &f, &a, NULL), BF_OK);
        CHECK_INT(f.n, 236);
        for (int i = 0; i < f.n; i++)
            CHECK(isfinite(f.v[i]) && fabsf(f.v[i]) <= 4);
        CHECK(f.v[F_OUTSIDE_WAY + way] == 1);
        CHECK(way == 0 || f.v[F_MOVING_WAY + way] == 1);
        CHECK(f.v[F_FG_COLORS] > 0.8f);
        CHECK(f.v[F_BLOBS + 1] == 1);
        bf_arena_reset(&a);
    }
}

static void fingerprints_tell_clips_apart(void)
{
    struct bf_arena a = { 0 };
    /* Off the middle: what is symmetric leaves half of the coefficients at 0, of either sign. */
    struct bf_media x = moving(&a, 30, 45, 130, 40, 0xff0000);
    struct bf_media y = moving(&a, 30, 45, 129, 41, 0xff0000);
    struct bf_media z = moving(&a, 20, 20, 20, 100, 0x0000ff);
    const uint64_t hash = bf_modality_video.fingerprint(&x, &a);
    int near = 0;
    int far = 0;
    for (uint64_t d = hash ^ bf_modality_video.fingerprint(&y, &a); d; d &= d - 1)
        near++;
    for (uint64_t d = hash ^ bf_modality_video.fingerprint(&z, &a); d; d &= d - 1)
        far++;
    CHECK(near <= 8);
    CHECK(far >= 12);
    bf_arena_reset(&a);
}

static void out_of_memory_is_reported(void)
{
    uint8_t gif[8192];
    const size_t n = ten_frames(gif);
    int rc = BF_ENOMEM;
    for (size_t limit = 16; rc == BF_ENOMEM && limit < (size_t)1 << 24; limit *= 2) {
        struct bf_arena options = { 0 };
        struct bf_arena a = { .limit = limit };
        struct bf_media m;
        struct bf_features f;
        struct bf_shown shown;
        const void *priv = test_options(&bf_modality_video.op, NULL, &options);
        int fd = test_fd(gif, n);
        rc = bf_modality_video.decode(priv, fd, &bf_default_limits, &m, &info, &a, &err);
        if (rc == BF_OK)
            rc = bf_modality_video.features(&m, &f, &a, &err);
        if (rc == BF_OK)
            rc = bf_modality_video.present(priv, &m, &shown, &a, &err);
        CHECK(rc == BF_OK || (rc == BF_ENOMEM && strncmp(err.msg, "no memory for", 13) == 0));
        close(fd);
        bf_arena_reset(&a);
        bf_arena_reset(&options);
    }
    CHECK_INT(rc, BF_OK);
}

TEST_MAIN(TEST(frames_are_picked_by_presentation_time), TEST(the_longest_side_is_kept_small),
          TEST(what_is_no_clip_is_refused), TEST(frames_are_shown_as_pictures),
          TEST(features_see_which_way_things_go), TEST(fingerprints_tell_clips_apart),
          TEST(out_of_memory_is_reported))
