/* What people see while a run works: written to a file, by a clock of our own. */
#include <math.h>
#include <stdio.h>

#include "cli/live.h"
#include "tests/test.h"

static double seconds;
static struct live live;
static char *text; /* all that was written */
static size_t n_text, n_seen;

static double clock_now(void)
{
    return seconds;
}

static void open_live(bool terminal)
{
    seconds = 1000;
    n_seen = 0;
    live = (struct live){ .to = open_memstream(&text, &n_text),
                          .terminal = terminal,
                          .now = clock_now };
    CHECK(live.to != NULL);
}

static void close_live(void)
{
    fclose(live.to);
    free(text);
}

/* What was written since the last call. */
static const char *written(void)
{
    CHECK_INT(fflush(live.to), 0);
    const char *s = text + n_seen;
    n_seen = n_text;
    return s;
}

static void at(double t, const char *probe, uint64_t done, uint64_t total)
{
    const struct bf_live state = { .n_done = done, .n_total = total, .money = NAN };
    seconds = 1000 + t;
    live_probe(&live, probe, &state);
}

static void a_line_says_how_asking_goes(void)
{
    struct bf_live state = { .n_done = 2345,
                             .n_total = 50000,
                             .n_saved = 210,
                             .n_in_flight = 64,
                             .n_failed = 3,
                             .money = 0.1 };
    open_live(false);
    live_probe(&live, "qwen7b", &state);
    CHECK_STR(written(), ""); /* nothing is known yet */
    for (int t = 1; t <= 30; t++) {
        seconds += 1;
        state.n_done += 500;
        state.money += 0.01;
        live_probe(&live, "qwen7b", &state);
    }
    CHECK_STR(written(), "qwen7b  17,345/50,000  500/s  64 in flight  3 failed  210 saved  01:05 "
                         "left  cost 0.40\n");
    live_done(&live);
    CHECK_STR(written(), "qwen7b  17,345/50,000  500/s  3 failed  210 saved  00:30 in all  cost "
                         "0.40\n");
    close_live();
}

static void a_log_has_a_line_every_half_minute_and_at_the_end_of_a_probe(void)
{
    open_live(false);
    for (int t = 0; t <= 70; t++)
        at(t, "a", (uint64_t)t, 100);
    CHECK_STR(written(), "a  30/100  1.0/s  01:10 left\n"
                         "a  60/100  1.0/s  00:40 left\n");
    at(70, "b", 0, 5);
    CHECK_STR(written(), "a  70/100  1.0/s  01:10 in all\n");
    live_progress(&live, "media", 1, 2); /* not for logs */
    live_done(&live);
    CHECK_STR(written(), "b  0/5  00:00 in all\n");
    live_done(&live);
    CHECK_STR(written(), "");
    close_live();
}

static void a_terminal_has_one_line_for_each_probe(void)
{
    open_live(true);
    at(0, "a", 0, 100);
    at(0.05, "a", 1, 100); /* too soon to be drawn */
    at(2, "a", 20, 100);
    CHECK_STR(written(), "\033[?7la  0/100\033[?7h"
                         "\r\033[K\033[?7la  20/100  10/s  00:08 left\033[?7h");
    live_note(&live, "look");
    CHECK_STR(written(), "\r\033[Klook\n");
    live_progress(&live, "a", 21, 100); /* the line of the probe says it already */
    at(4, "b", 0, 1);
    CHECK_STR(written(), "a  20/100  5.0/s  00:04 in all\n\033[?7lb  0/1\033[?7h");
    seconds += 1;
    live_progress(&live, "media", 1, 3);
    CHECK_STR(written(), "\r\033[Kmedia 1/3");
    live_done(&live);
    CHECK_STR(written(), "\r\033[Kb  0/1  00:01 in all\n");
    close_live();
}

static void each_kind_of_failure_is_shown_once(void)
{
    static const char *const errors[] = { "429: slow down", "500: oops", "429: slow down" };
    struct bf_live state = { .n_total = 9, .money = NAN };
    open_live(false);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        state.last_error = errors[i];
        live_probe(&live, "q", &state);
    }
    CHECK_STR(written(), "q: 429: slow down\nq: 500: oops\n");
    for (int i = 0; i < 100; i++) {
        char word[32];
        snprintf(word, sizeof word, "id %d", i);
        state.last_error = word;
        live_probe(&live, "q", &state);
    }
    const char *s = written();
    CHECK(strstr(s, "q: id 29\nq: other failures are counted, not shown\n") != NULL);
    CHECK(strstr(s, "id 30") == NULL);
    close_live();
}

static void a_rate_is_that_of_the_last_seconds(void)
{
    open_live(false);
    for (int t = 0; t <= 29; t++)
        at(t, "q", 10, 4000); /* a server that was dead */
    for (int t = 30; t <= 59; t++)
        at(t, "q", (uint64_t)(10 + 100 * (t - 30)), 4000);
    (void)written();
    at(60, "q", 3010, 4000);
    CHECK_STR(written(), "q  3,010/4,000  100/s  00:10 left\n");
    close_live();
}

TEST_MAIN(TEST(a_line_says_how_asking_goes),
          TEST(a_log_has_a_line_every_half_minute_and_at_the_end_of_a_probe),
          TEST(a_terminal_has_one_line_for_each_probe), TEST(each_kind_of_failure_is_shown_once),
          TEST(a_rate_is_that_of_the_last_seconds))
