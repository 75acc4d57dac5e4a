/* Operators on the order and the number of a clip's frames. */
#include "tests/operators.h"
#include "tests/test.h"

/* The frames of a clip of test_clip, as 1, 2, 3 ... */
static int frame(const struct bf_media *m, int i)
{
    return m->clip.frames[i].px[0] / 10;
}

static void frames_are_shuffled_and_none_is_lost(void)
{
    static const char *const half[] = { "severity", "0.5", NULL };
    static const char *const none[] = { "severity", "0", NULL };
    struct bf_arena a = { 0 };
    struct bf_media in = test_clip(8, &a);
    struct bf_media out;
    for (int k = 0; k < 2; k++) {
        int seen[9] = { 0 }, moved = 0;
        CHECK_INT(test_apply("frame_shuffle", k ? half : NULL, &in, 3, &out, &a), BF_OK);
        CHECK(out.clip.seconds == 8 && out.clip.at_seconds[7] == 7.5);
        for (int i = 0; i < 8; i++) {
            seen[frame(&out, i)]++;
            moved += frame(&out, i) != i + 1;
        }
        for (int i = 1; i <= 8; i++)
            CHECK_INT(seen[i], 1);
        CHECK_INT(moved, k ? 4 : 8);
    }
    CHECK_INT(test_apply("frame_shuffle", none, &in, 3, &out, &a), BF_OK);
    CHECK(test_same_media(&in, &out));
    bf_arena_reset(&a);
}

static void a_clip_runs_backwards(void)
{
    struct bf_arena a = { 0 };
    struct bf_media in = test_clip(3, &a);
    struct bf_media out, back;
    in.clip.at_seconds[0] = 0.25; /* 0.25, 1.5, 2.5 of 3 s */
    CHECK_INT(test_apply("reverse", NULL, &in, 1, &out, &a), BF_OK);
    CHECK(out.clip.at_seconds[0] == 0.5 && out.clip.at_seconds[2] == 2.75);
    for (int i = 0; i < 3; i++)
        CHECK_INT(frame(&out, i), 3 - i);
    CHECK_INT(test_apply("reverse", NULL, &out, 1, &back, &a), BF_OK);
    CHECK(test_same_media(&in, &back));
    bf_arena_reset(&a);
}

static void one_frame_is_left(void)
{
    static const char *const words[] = { "first", "middle", "last" };
    static const int want[] = { 1, 2, 4 };
    struct bf_arena a = { 0 };
    struct bf_media in = test_clip(4, &a);
    for (int k = 0; k < 3; k++) {
        const char *const pairs[] = { "frame", words[k], NULL };
        struct bf_media out;
        CHECK_INT(test_apply("one_frame", pairs, &in, 1, &out, &a), BF_OK);
        CHECK_INT(out.clip.n_frames, 1);
        CHECK_INT(frame(&out, 0), want[k]);
        CHECK(out.clip.at_seconds[0] == want[k] - 0.5 && out.clip.seconds == 4);
    }
    bf_arena_reset(&a);
}

static void segments_of_a_clip_stand_end_to_end(void)
{
    static const char *const first[] = { "keep", "2", "of", "5", NULL };
    static const char *const middle[] = { "keep", "1", "of", "5", "which", "middle", NULL };
    static const char *const last[] = { "keep", "2", "of", "5", "which", "last", NULL };
    static const char *const drawn[] = { "keep", "2", "of", "5", "which", "random", NULL };
    static const char *const fine[] = { "keep", "1", "of", "64", "which", "last", NULL };
    struct bf_arena a = { 0 };
    struct bf_media in = test_clip(10, &a);
    struct bf_media out;
    CHECK_INT(test_apply("segments", first, &in, 1, &out, &a), BF_OK);
    CHECK_INT(out.clip.n_frames, 4);
    CHECK(out.clip.seconds == 4 && frame(&out, 3) == 4 && out.clip.at_seconds[3] == 3.5);
    CHECK_INT(test_apply("segments", middle, &in, 1, &out, &a), BF_OK);
    CHECK_INT(out.clip.n_frames, 2);
    CHECK(out.clip.seconds == 2 && frame(&out, 0) == 5 && out.clip.at_seconds[0] == 0.5);
    CHECK_INT(test_apply("segments", last, &in, 1, &out, &a), BF_OK);
    CHECK(out.clip.n_frames == 4 && frame(&out, 0) == 7 && frame(&out, 3) == 10);
    CHECK_INT(test_apply("segments", drawn, &in, 1, &out, &a), BF_OK);
    CHECK(out.clip.n_frames == 4 && out.clip.seconds == 4);
    for (int i = 1; i < 4; i++)
        CHECK(frame(&out, i) > frame(&out, i - 1) &&
              out.clip.at_seconds[i] > out.clip.at_seconds[i - 1]);
    CHECK_INT(test_apply("segments", fine, &in, 1, &out, &a), BF_OK); /* holds no frame */
    CHECK(out.clip.n_frames == 1 && frame(&out, 0) == 10);
    bf_arena_reset(&a);
}

static void segments_refuse_more_than_there_are(void)
{
    static const char *const pairs[] = { "keep", "6", NULL };
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    const struct bf_operator *op = test_operator("segments");
    CHECK_INT(op->check(test_options(&op->op, pairs, &a), &err), BF_EINVAL);
    CHECK_STR(err.msg, "segments: 'keep' 6 is above 'of' 5");
    CHECK_INT(op->check(test_options(&op->op, NULL, &a), &err), BF_OK);
    bf_arena_reset(&a);
}

static void a_clip_runs_late(void)
{
    static const char *const late[] = { "by", "2 s", NULL };
    static const char *const early[] = { "by", "-2 s", "severity", "0.5", NULL };
    static const char *const never[] = { "by", "100 s", NULL };
    struct bf_arena a = { 0 };
    struct bf_media in = test_clip(5, &a);
    struct bf_media out;
    static const int want_late[] = { 1, 1, 1, 2, 3 }, want_early[] = { 2, 3, 4, 5, 5 };
    CHECK_INT(test_apply("shift", late, &in, 1, &out, &a), BF_OK);
    for (int i = 0; i < 5; i++)
        CHECK_INT(frame(&out, i), want_late[i]);
    CHECK_INT(test_apply("shift", early, &in, 1, &out, &a), BF_OK);
    for (int i = 0; i < 5; i++)
        CHECK_INT(frame(&out, i), want_early[i]);
    CHECK_INT(test_apply("shift", never, &in, 1, &out, &a), BF_OK);
    for (int i = 0; i < 5; i++)
        CHECK_INT(frame(&out, i), 1);
    bf_arena_reset(&a);
}

static void a_clip_goes_round(void)
{
    static const char *const late[] = { "by", "2 s", "gap", "wrap", NULL };
    static const char *const early[] = { "by", "-11 s", "gap", "wrap", NULL };
    struct bf_arena a = { 0 };
    struct bf_media in = test_clip(5, &a);
    struct bf_media out;
    static const int want_late[] = { 4, 5, 1, 2, 3 }, want_early[] = { 2, 3, 4, 5, 1 };
    CHECK_INT(test_apply("shift", late, &in, 1, &out, &a), BF_OK);
    for (int i = 0; i < 5; i++)
        CHECK_INT(frame(&out, i), want_late[i]);
    CHECK_INT(test_apply("shift", early, &in, 1, &out, &a), BF_OK);
    for (int i = 0; i < 5; i++)
        CHECK_INT(frame(&out, i), want_early[i]);
    CHECK(out.clip.seconds == 5 && out.clip.at_seconds[4] == 4.5);
    bf_arena_reset(&a);
}

static void a_mute_clip_looks_the_same(void)
{
    struct bf_arena a = { 0 };
    struct bf_media in = test_clip(3, &a);
    struct bf_media out;
    CHECK_INT(test_apply("mute", NULL, &in, 1, &out, &a), BF_OK);
    CHECK(test_same_media(&in, &out));
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(frames_are_shuffled_and_none_is_lost), TEST(a_clip_runs_backwards),
          TEST(one_frame_is_left), TEST(segments_of_a_clip_stand_end_to_end),
          TEST(segments_refuse_more_than_there_are), TEST(a_clip_runs_late),
          TEST(a_clip_goes_round), TEST(a_mute_clip_looks_the_same))
