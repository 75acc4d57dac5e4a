/* Clips without their sound: the same frames, no sound track, no words about them. */
#include <fcntl.h>

#include "core/ops.h"
#include "modalities/readers/container.h"
#include "tests/draw.h"
#include "tests/media.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_video, bf_modality_audio;

static const char *const sixteen[] = { "frames", "16", NULL };

/* Decode everything of one kind, from a file or from bytes. */
static int decode(const struct bf_modality *m, int fd, struct bf_media *out,
                  struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    const char *const *pairs = m == &bf_modality_video ? sixteen : NULL;
    *info = (struct bf_media_info){ 0 };
    return m->decode(test_options(&m->op, pairs, a), fd, &bf_default_limits, out, info, a, err);
}

static bool holds(const struct bf_blob *b, const char *word)
{
    const size_t n = strlen(word);
    for (size_t i = 0; i + n <= b->n; i++)
        if (memcmp(b->bytes + i, word, n) == 0)
            return true;
    return false;
}

static void same_frames(const struct bf_clip *x, const struct bf_clip *y)
{
    CHECK_INT(x->n_frames, y->n_frames);
    for (int k = 0; k < x->n_frames && k < y->n_frames; k++) {
        CHECK_INT(x->frames[k].w, y->frames[k].w);
        CHECK_INT(x->frames[k].h, y->frames[k].h);
        CHECK(fabs(x->at_seconds[k] - y->at_seconds[k]) < 0.002);
        if (!test_failed)
            CHECK(memcmp(x->frames[k].px, y->frames[k].px,
                         (size_t)x->frames[k].w * 3 * (size_t)x->frames[k].h) == 0);
    }
}

static int strip(const char *path, struct bf_blob *out, struct bf_arena *a)
{
    struct bf_source src;
    struct bf_err err = { 0 };
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK_INT(bf_source_open(fd, &bf_default_limits, &src, &err), BF_OK);
    const int rc = bf_container_strip(&src, out, a, &err);
    if (rc < 0)
        printf("# %s: %s\n", path, err.msg);
    close(fd);
    return rc;
}

static void check_file(const char *path, const char *mime)
{
    struct bf_arena a = { 0 };
    struct bf_blob out = { 0 }, again = { 0 };
    struct bf_media before, after, sound;
    struct bf_media_info info;
    struct bf_err err = { 0 };
    test_failed = 0;
    CHECK_INT(strip(path, &out, &a), BF_OK);
    if (test_failed) {
        printf("# %s\n", path);
        return;
    }
    CHECK_STR(out.mime, mime);
    CHECK_INT(strip(path, &again, &a), BF_OK);
    CHECK(out.n == again.n && memcmp(out.bytes, again.bytes, out.n) == 0);
    CHECK(!holds(&out, "Lavf5") && !holds(&out, "Lavf6")); /* the program that made the source */
    CHECK(!holds(&out, "+54.1843"));                       /* where fire2.mp4 was recorded */
    const int from = open(path, O_RDONLY | O_CLOEXEC);
    const int to = test_fd(out.bytes, out.n);
    CHECK_INT(decode(&bf_modality_video, from, &before, &info, &a, &err), BF_OK);
    CHECK_INT(decode(&bf_modality_video, to, &after, &info, &a, &err), BF_OK);
    if (!test_failed)
        same_frames(&before.clip, &after.clip);
    CHECK_INT(decode(&bf_modality_audio, to, &sound, &info, &a, &err), BF_EDATA);
    CHECK_STR(err.msg, "no sound track");
    if (test_failed)
        printf("# %s\n", path);
    close(from);
    close(to);
    bf_arena_reset(&a);
}

static void recorded_clips_lose_their_sound_and_nothing_else(void)
{
    static const struct {
        const char *name, *mime;
    } clips[] = {
        { "data/pool/video/car_a.mp4", "video/mp4" },
        { "data/pool/video/flower.mp4", "video/mp4" },
        { "data/pool/video/friday.mp4", "video/mp4" },
        { "data/pool/video/rabbit320.mp4", "video/mp4" },
        { "data/pool/video/bottle_a.mp4", "video/mp4" },
        { "data/pool/video/crystal.webm", "video/webm" },
        { "data/pool/video/frog.webm", "video/webm" },
        { "data/odd/video/av1_video.mkv", "video/webm" },
        { "data/odd/video/bt709_full_range.mp4", "video/mp4" },
        { "data/odd/video/fire2.mp4", "video/mp4" },
        { "data/odd/video/flower-fragmented.mp4", "video/mp4" },
        { "data/odd/video/h264_10bits.mp4", "video/mp4" },
        { "data/odd/video/h265_video.mp4", "video/mp4" },
        { "data/odd/video/mjpeg.mov", "video/mp4" },
        { "data/odd/video/no_duration.webm", "video/webm" },
        { "data/odd/video/non_square_pixels.mp4", "video/mp4" },
        { "data/odd/video/odd_size_yuv444.mp4", "video/mp4" },
        { "data/odd/video/one_frame.mp4", "video/mp4" },
        { "data/odd/video/rot90.mp4", "video/mp4" },
        { "data/odd/video/transparent.webm", "video/webm" },
        { "data/odd/video/ts.ts", "video/mp4" },
        { "data/odd/video/mpeg4.avi", "video/mp4" },
        { "data/odd/video/video_with_failing_audio.mp4", "video/mp4" },
    };
    char path[512];
    int failed = 0;
    if (!test_shared(path, sizeof path, "data/pool/video/car_a.mp4") || access(path, R_OK) != 0)
        TEST_SKIP("no shared data");
    for (size_t i = 0; i < sizeof clips / sizeof *clips; i++) {
        if (test_shared(path, sizeof path, clips[i].name) && access(path, R_OK) == 0)
            check_file(path, clips[i].mime);
        failed |= test_failed;
    }
    test_failed = failed;
}

static void what_fits_into_no_container_is_left(void)
{
    struct bf_arena a = { 0 };
    struct bf_source src;
    struct bf_blob out;
    struct bf_err err;
    uint8_t gif[4096];
    const uint8_t px[2][16 * 12] = { { 1 }, { 2 } };
    const int delay[2] = { 10, 10 };
    int fd = test_fd(gif, draw_gif(gif, 16, 12, 2, px[0], delay));
    CHECK_INT(bf_source_open(fd, &bf_default_limits, &src, &err), BF_OK);
    CHECK_INT(bf_container_strip(&src, &out, &a, &err), BF_END);
    close(fd);
    fd = test_fd("no clip at all", 14);
    CHECK_INT(bf_source_open(fd, &bf_default_limits, &src, &err), BF_OK);
    CHECK_INT(bf_container_strip(&src, &out, &a, &err), BF_EDATA);
    close(fd);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(recorded_clips_lose_their_sound_and_nothing_else),
          TEST(what_fits_into_no_container_is_left))
