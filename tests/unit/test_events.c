/* Clips out of the events of an event camera. */
#include "tests/media.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_video;

static struct bf_err err;

static int read_events(const char *text, const char *const *options, struct bf_clip *out,
                       struct bf_media_info *info, struct bf_arena *a)
{
    struct bf_media m = { 0 };
    const int rc = test_decode(&bf_modality_video, options, text, strlen(text), &m, info, a, &err);
    *out = m.clip;
    return rc;
}

static int level(const struct bf_clip *c, int frame, int x, int y)
{
    const struct bf_raster *r = &c->frames[frame];
    const uint8_t *p = r->px + y * r->stride + 3 * x;
    CHECK(p[0] == p[1] && p[1] == p[2]);
    return p[0];
}

static void events_become_frames(void)
{
    static const char text[] = "x,y,t,polarity\n"
                               "0,0,1000000,1\n"
                               "3,1,1100000,0\n"
                               "0,0,1200000,1\n" /* brighter once more */
                               "1,1,1600000,-1\n"
                               "1,1,1700000,-1\n"
                               "1,1,1800000,-1\n"
                               "2,0,1900000,1\n"
                               "2,0,2000000,0\n"; /* and back: the last, still in the second half */
    static const char *const two[] = { "frames", "2", NULL };
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    struct bf_clip c;
    CHECK_INT(read_events(text, two, &c, &info, &a), BF_OK);
    CHECK_INT(c.n_frames, 2);
    CHECK_INT(c.frames[0].w, 4);
    CHECK_INT(c.frames[0].h, 2);
    CHECK(c.seconds == 1 && c.at_seconds[0] == 0.25 && c.at_seconds[1] == 0.75);
    CHECK_INT(level(&c, 0, 0, 0), 255);
    CHECK_INT(level(&c, 0, 3, 1), 64);
    CHECK_INT(level(&c, 0, 1, 1), 128);
    CHECK_INT(level(&c, 1, 0, 0), 128);
    CHECK_INT(level(&c, 1, 1, 1), 0);
    CHECK_INT(level(&c, 1, 2, 0), 128);
    CHECK_STR(info.format, "events");
    CHECK_STR(info.decoder, "events");
    CHECK_INT(info.w, 4);
    bf_arena_reset(&a);
}

/* As the Event-Camera Dataset writes them: seconds first, blanks, no header. */
static void columns_and_units_can_be_said(void)
{
    static const char text[] = "# made by hand\n"
                               "0.003811000 96 13 0\n"
                               "0.003820001 77 12 1\r\n"
                               "2.5e0 0 0 1";
    static const char *const options[] = { "columns", "t,x,y,p", "time_unit", "s", "sensor",
                                           "240x180", "frames",  "4",         NULL };
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    struct bf_clip c;
    CHECK_INT(read_events(text, options, &c, &info, &a), BF_OK);
    CHECK_INT(c.n_frames, 4);
    CHECK_INT(c.frames[0].w, 240);
    CHECK_INT(level(&c, 0, 96, 13), 64);
    CHECK_INT(level(&c, 0, 77, 12), 192);
    CHECK_INT(level(&c, 3, 0, 0), 192);
    CHECK_INT(level(&c, 1, 96, 13), 128);
    CHECK(c.seconds > 2.496 && c.seconds < 2.497);
    bf_arena_reset(&a);
}

static void large_sensors_are_made_smaller(void)
{
    static const char *const options[] = {
        "sensor", "1280x720", "side", "64", "frames", "1", NULL
    };
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    struct bf_clip c;
    CHECK_INT(read_events("x,y,t,p\n1,1,5,1\n2,2,6,1\n", options, &c, &info, &a), BF_OK);
    CHECK_INT(c.frames[0].w, 64);
    CHECK_INT(c.frames[0].h, 36);
    CHECK_INT(info.w, 1280);
    bf_arena_reset(&a);
}

static void all_at_one_time_is_one_frame(void)
{
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    struct bf_clip c;
    CHECK_INT(read_events("t\tx\ty\tp\n7\t0\t0\t1\n7\t1\t0\t0\n", NULL, &c, &info, &a), BF_OK);
    CHECK_INT(c.n_frames, 1);
    CHECK(c.seconds == 0);
    CHECK_INT(level(&c, 0, 0, 0), 192);
    CHECK_INT(level(&c, 0, 1, 0), 64);
    bf_arena_reset(&a);
}

static void what_is_no_event_is_named(void)
{
    static const struct {
        const char *text, *option, *value, *want;
    } cases[] = {
        { "x,y,t,p\n1,2,3,1\n1,2,3\n", NULL, NULL, "line 3: 3 cells, an event has 4" },
        { "x,y,t,p\n1,2,3,1\n1,2,soon,1\n", NULL, NULL, "line 3: 'soon' is no number" },
        { "x,y,t,p\n1,2,3,1\n-1,2,4,1\n", NULL, NULL, "line 3: an event at x = -1" },
        { "a,b,c,d\n1,2,3,1\n", NULL, NULL,
          "line 1: the events' columns are not called x, y, t and p" },
        { "x,x,t,p\n1,2,3,1\n", NULL, NULL,
          "line 1: the events' columns are not called x, y, t and p" },
        { "1,2,3,1\n9,2,4,1\n", "sensor", "8x8", "an event at 9, 2 of a sensor of 8 x 8" },
        { "1,2,3,1\n60000,2,4,1\n", NULL, NULL, NULL },
        { "1,2,3,1\n9000,7000,4,1\n", NULL, NULL,
          "8 frames of 9001 x 7001 pixels, limit 64000000 pixels" },
    };
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    struct bf_clip c;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const options[] = { cases[i].option, cases[i].value, NULL };
        CHECK_INT(read_events(cases[i].text, options, &c, &info, &a), BF_EDATA);
        if (cases[i].want)
            CHECK_STR(err.msg, cases[i].want);
    }
    bf_arena_reset(&a);
}

/* What is no table of four columns goes to FFmpeg. */
static void other_text_is_no_events(void)
{
    static const char *const texts[] = { "x,y,t\n1,2,3\n", "just words\nand more of them here\n",
                                         "x,y,t,p\n", "a,b,c,d\ne,f,g,h\n" };
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    struct bf_clip c;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CHECK_INT(read_events(texts[i], NULL, &c, &info, &a), BF_EDATA);
        CHECK(strstr(err.msg, "event") == NULL);
    }
    bf_arena_reset(&a);
}

static void options_are_checked_before_work(void)
{
    static const struct {
        const char *option, *value, *want;
    } cases[] = {
        { "columns", "x,y,t", "'columns' is 'x,y,t'; allowed: x, y, t and p in their order" },
        { "columns", "x,y,t,t", "'columns' is 'x,y,t,t'; allowed: x, y, t and p in their order" },
        { "sensor", "8x", "'sensor' is '8x'; allowed: auto, or as 346x260" },
        { "sensor", "0x8", "'sensor' is '0x8'; allowed: auto, or as 346x260" },
    };
    struct bf_arena a = { 0 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const options[] = { cases[i].option, cases[i].value, NULL };
        CHECK_INT(bf_modality_video.check(test_options(&bf_modality_video.op, options, &a), &err),
                  BF_EINVAL);
        CHECK_STR(err.msg, cases[i].want);
    }
    CHECK_INT(bf_modality_video.check(test_options(&bf_modality_video.op, NULL, &a), &err), BF_OK);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(events_become_frames), TEST(columns_and_units_can_be_said),
          TEST(large_sensors_are_made_smaller), TEST(all_at_one_time_is_one_frame),
          TEST(what_is_no_event_is_named), TEST(options_are_checked_before_work),
          TEST(other_text_is_no_events))
