/* Which frames of a clip are chosen: by time, or by what they are. */
#include "modalities/readers/choice.h"

#include <math.h>

#include "tests/test.h"

enum { N = 20 };

/* 20 frames, one every 0.1 s; each fifth one by itself; a new scene at 7 and at 13. */
static void make(struct bf_moment *m)
{
    for (int i = 0; i < N; i++)
        m[i] = (struct bf_moment){ .at = i / 10.0,
                                   .key = i % 5 == 0,
                                   .change = i == 7    ? 0.8f
                                             : i == 13 ? 0.4f
                                                       : 0.05f };
}

static void check(struct bf_choice how, const size_t *want, int n)
{
    struct bf_moment m[N];
    size_t chosen[64];
    make(m);
    const int got = bf_choose(&how, m, N, 2.0, chosen);
    CHECK_INT(got, n);
    for (int i = 0; i < got && i < n; i++)
        CHECK_INT(chosen[i], want[i]);
}

static void by_count_they_are_at_the_middles_of_spans(void)
{
    /* Middles of 4 spans of 2 s: 0.25 (a tie of 2 and 3: the earlier), 0.75, 1.25, 1.75. */
    check((struct bf_choice){ .select = BF_SELECT_COUNT, .most = 4 },
          (const size_t[]){ 2, 7, 12, 17 }, 4);
    check((struct bf_choice){ .select = BF_SELECT_COUNT, .most = 1 }, (const size_t[]){ 10 }, 1);
    /* More than there are: each once. */
    size_t all[N];
    for (size_t i = 0; i < N; i++)
        all[i] = i;
    check((struct bf_choice){ .select = BF_SELECT_COUNT, .most = 64 }, all, N);
}

static void by_rate_and_interval_they_begin_at_the_start(void)
{
    /* 0, 1/3, 2/3, ... 5/3: 2 s would be the end, where nothing is. */
    check((struct bf_choice){ .select = BF_SELECT_RATE, .most = 64, .rate_hz = 3 },
          (const size_t[]){ 0, 3, 7, 10, 13, 17 }, 6);
    check((struct bf_choice){ .select = BF_SELECT_INTERVAL, .most = 64, .interval_s = 0.6 },
          (const size_t[]){ 0, 6, 12, 18 }, 4);
    check((struct bf_choice){ .select = BF_SELECT_INTERVAL, .most = 64, .interval_s = 60 },
          (const size_t[]){ 0 }, 1);
    /* Of the times 0, 0.1, ... 1.9 four: numbers 2, 7, 12, 17 of 20. */
    check((struct bf_choice){ .select = BF_SELECT_RATE, .most = 4, .rate_hz = 10 },
          (const size_t[]){ 2, 7, 12, 17 }, 4);
}

static void by_what_they_are(void)
{
    check((struct bf_choice){ .select = BF_SELECT_KEYFRAMES, .most = 64 },
          (const size_t[]){ 0, 5, 10, 15 }, 4);
    /* Two of four: numbers floor(1/2 x 4 / 2) = 1 and floor(3/2 x 4 / 2) = 3. */
    check((struct bf_choice){ .select = BF_SELECT_KEYFRAMES, .most = 2 }, (const size_t[]){ 5, 15 },
          2);
    check((struct bf_choice){ .select = BF_SELECT_SCENES, .most = 64, .threshold = 0.3 },
          (const size_t[]){ 0, 7, 13 }, 3);
    check((struct bf_choice){ .select = BF_SELECT_SCENES, .most = 64, .threshold = 0.5 },
          (const size_t[]){ 0, 7 }, 2);
    check((struct bf_choice){ .select = BF_SELECT_ALL, .most = 3 }, (const size_t[]){ 3, 10, 16 },
          3);
}

static void there_is_always_one(void)
{
    const struct bf_moment one = { 0 };
    for (int select = BF_SELECT_COUNT; select <= BF_SELECT_ALL; select++) {
        size_t chosen[8];
        const struct bf_choice how = {
            .select = select, .most = 8, .rate_hz = 2, .interval_s = 1, .threshold = 0.3
        };
        CHECK_INT(bf_choose(&how, &one, 1, 0, chosen), 1);
        CHECK_INT(chosen[0], 0);
    }
}

static void steady_motion_is_no_change_of_scene(void)
{
    CHECK(fabsf(bf_scene_change(50, 0) - 0.5f) < 1e-6f);
    CHECK(fabsf(bf_scene_change(50, 48) - 0.02f) < 1e-6f);
    CHECK(fabsf(bf_scene_change(2, 50) - 0.02f) < 1e-6f);
    CHECK(bf_scene_change(250, 0) == 1);
}

TEST_MAIN(TEST(by_count_they_are_at_the_middles_of_spans),
          TEST(by_rate_and_interval_they_begin_at_the_start), TEST(by_what_they_are),
          TEST(there_is_always_one), TEST(steady_motion_is_no_change_of_scene))
