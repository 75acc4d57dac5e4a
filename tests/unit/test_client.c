/* The parts of the client that need no server: windows, rates, waits, health of servers, what
 * waits to be sent again, what was spent, URLs, lists of models. Time is a number here. */
#include <math.h>

#include "core/spec.h"
#include "probe/server/models.h"
#include "probe/server/peers.h"
#include "probe/server/pending.h"
#include "probe/server/spending.h"
#include "probe/server/url.h"
#include "probe/server/wait.h"
#include "probe/server/window.h"
#include "tests/test.h"

/* ---- windows ---- */

/* A server that works on `room` requests at a time, each `latency` long, others waiting in line:
 * drive a window against it for `seconds`, a round trip at a time. */
static double drive(struct bf_window *w, double from, double seconds, double latency, double room)
{
    double t = from;
    while (t < from + seconds) {
        const int size = bf_window_size(w);
        const double took = latency * fmax(1, size / room);
        bf_window_full(w);
        t += took;
        for (int i = 0; i < size; i++)
            bf_window_reply(w, t, took, false);
    }
    return t;
}

static void a_fixed_window_stays(void)
{
    struct bf_window w;
    bf_window_init(&w, 64, 256, 0);
    drive(&w, 0, 5, 0.05, 8);
    CHECK_INT(bf_window_size(&w), 64);
}

static void a_sought_window_doubles_to_its_end_within_a_second(void)
{
    struct bf_window w;
    bf_window_init(&w, 0, 256, 0);
    CHECK_INT(bf_window_size(&w), 8);
    drive(&w, 0, 1, 0.05, 1e9);
    CHECK_INT(bf_window_size(&w), 256);
}

static void a_sought_window_stops_where_throughput_does(void)
{
    struct bf_window w;
    bf_window_init(&w, 0, 256, 0);
    drive(&w, 0, 20, 0.05, 32);
    CHECK(bf_window_size(&w) >= 32);
    CHECK(bf_window_size(&w) <= 64);
}

static void a_window_that_is_not_full_does_not_grow(void)
{
    struct bf_window w;
    bf_window_init(&w, 0, 256, 0);
    for (int i = 1; i < 1000; i++)
        bf_window_reply(&w, i * 0.1, 0.05, false);
    CHECK_INT(bf_window_size(&w), 8);
}

static void a_window_shrinks_to_what_a_server_takes(void)
{
    struct bf_window w;
    bf_window_init(&w, 64, 256, 0);
    double t = 0;
    int n_away = 0, n = 0;
    for (int round = 0; round < 2000; round++) {
        /* Eight are worked on; what is beyond is refused after a millisecond, five times over. */
        for (int k = 0; k < 5; k++)
            for (int i = bf_window_size(&w); i > 8; i--, n_away++, n++)
                bf_window_reply(&w, t + k * 0.001 + 0.001, 0.001, true);
        t += 0.05;
        for (int i = 0; i < 8 && i < bf_window_size(&w); i++, n++)
            bf_window_reply(&w, t, 0.05, false);
    }
    CHECK(bf_window_size(&w) >= 4);
    CHECK(bf_window_size(&w) <= 12);
    CHECK(n > 2000 * 8 * 6 / 10); /* most of the room is used */
    CHECK(n_away * 10 < n);
}

static void a_few_refusals_do_not_shrink_a_window(void)
{
    struct bf_window w;
    bf_window_init(&w, 64, 256, 0);
    double t = 0;
    for (int i = 0; i < 6400; i++) {
        t += 0.001;
        bf_window_reply(&w, t, 0.0001, i % 7 == 0);
    }
    CHECK_INT(bf_window_size(&w), 64);
}

static void a_pace_keeps_to_its_rate(void)
{
    struct bf_pace p;
    bf_pace_init(&p, 600, 0); /* ten a second */
    int n = 0;
    for (double t = 0; t < 60; t += 0.01)
        for (; bf_pace_wait(&p, t) <= 0; n++)
            bf_pace_take(&p, 1);
    CHECK(n >= 599);
    CHECK(n <= 600); /* also of the minute that begins after a pause */
    for (double t = 100; t < 160; t += 0.01)
        for (; bf_pace_wait(&p, t) <= 0; n++)
            bf_pace_take(&p, 1);
    CHECK(n >= 1198);
    CHECK(n <= 1200);
    bf_pace_init(&p, 60, 0);
    bf_pace_take(&p, 30);
    CHECK(fabs(bf_pace_wait(&p, 0) - 30) < 0.1);
    bf_pace_take(&p, -20); /* it was fewer */
    CHECK(fabs(bf_pace_wait(&p, 0) - 10) < 0.1);
    bf_pace_init(&p, 0, 0);
    bf_pace_take(&p, 1e9);
    CHECK(bf_pace_wait(&p, 0) <= 0);
}

/* ---- waits ---- */

static void a_header_says_how_long_to_wait(void)
{
    CHECK(bf_wait_of(NULL, 0) < 0);
    CHECK(bf_wait_of("", 0) < 0);
    CHECK(bf_wait_of("soon", 0) < 0);
    CHECK(bf_wait_of("-1", 0) < 0);
    CHECK(fabs(bf_wait_of("120", 0) - 120) < 1e-9);
    CHECK(fabs(bf_wait_of(" 0.25 ", 0) - 0.25) < 1e-9);
    /* RFC 9110, 5.6.7; the seconds are date -d's. */
    CHECK(fabs(bf_wait_of("Sun, 06 Nov 1994 08:49:37 GMT", 784111770) - 7) < 1e-9);
    CHECK(fabs(bf_wait_of("Sun, 06 Nov 1994 08:49:37 GMT", 784111999)) < 1e-9);
    /* date -u -d '2028-02-29 12:00:00' +%s is 1835438400. */
    CHECK(fabs(bf_wait_of("Tue, 29 Feb 2028 12:00:00 GMT", 1835438000) - 400) < 1e-9);
    CHECK(bf_wait_of("Sun, 06 Foo 1994 08:49:37 GMT", 0) < 0);
    CHECK(bf_wait_of("Sunday, 06-Nov-94 08:49:37 GMT", 0) < 0);
}

static void waits_grow_and_never_undercut_what_was_asked(void)
{
    struct bf_rng rng = { 7 };
    double most[8] = { 0 };
    for (int i = 0; i < 2000; i++)
        for (int n = 1; n < 8; n++)
            most[n] = fmax(most[n], bf_wait_after(n, -1, &rng));
    for (int n = 1; n < 8; n++) {
        CHECK(most[n] <= 0.5 * pow(2, n - 1));
        CHECK(most[n] > 0.4 * pow(2, n - 1)); /* the whole range is drawn from */
    }
    CHECK(bf_wait_after(40, -1, &rng) <= 60);
    for (int i = 0; i < 1000; i++) {
        CHECK(bf_wait_after(1, 3, &rng) >= 3);
        CHECK(bf_wait_after(1, 3, &rng) <= 4);
        CHECK(bf_wait_after(1, 0, &rng) <= 0.5);
    }
}

/* ---- servers ---- */

static void the_least_loaded_server_is_picked(void)
{
    struct bf_peer v[3] = { { .in_flight = 4 }, { .in_flight = 2 }, { .in_flight = 3 } };
    CHECK_INT(bf_peers_pick(v, 3, 0, -1), 1);
    CHECK_INT(bf_peers_pick(v, 3, 0, 1), 2); /* it failed there a moment ago */
    v[1].refuses = 1u << BF_MEDIA_IMAGE;
    CHECK_INT(bf_peers_pick(v, 3, 1u << BF_MEDIA_IMAGE, -1), 2);
    CHECK_INT(bf_peers_pick(v, 3, 1u << BF_MEDIA_AUDIO, -1), 1);
    v[2].health = BF_HEALTH_DOWN;
    CHECK_INT(bf_peers_pick(v, 3, 1u << BF_MEDIA_IMAGE, -1), 0);
    CHECK_INT(bf_peers_pick(v, 1, 0, 0), 0); /* there is no other */
}

static void a_server_falls_is_looked_at_and_comes_back(void)
{
    struct bf_rng rng = { 1 };
    struct bf_peer s = { 0 };
    for (int i = 0; i < 4; i++)
        bf_peer_failed(&s, 100, 5, 0, -1, false, &rng);
    CHECK_INT(s.health, BF_HEALTH_UP);
    bf_peer_failed(&s, 100, 5, 0, -1, false, &rng);
    CHECK_INT(s.health, BF_HEALTH_DOWN);
    const double at = s.back_at;
    CHECK(at > 100 && at <= 100.25);
    bf_peer_failed(&s, 100.1, 5, 0, -1, false, &rng); /* sent before it fell */
    CHECK(s.back_at <= at && s.back_at >= at);
    CHECK_INT(bf_peers_pick(&s, 1, 0, -1), -1);
    for (int i = 0; i < 10; i++) {
        bf_peer_looked(&s);
        bf_peer_failed(&s, 200, 1, 0, -1, true, &rng);
        CHECK(s.back_at <= 202); /* never more than two seconds: a dead minute costs that minute */
    }
    CHECK(s.back_at >= 201.5);
    bf_peer_tried(&s);
    CHECK_INT(bf_peers_pick(&s, 1, 0, -1), 0);
    s.trying = 1;
    CHECK_INT(bf_peers_pick(&s, 1, 0, -1), -1); /* one at a time */
    bf_peer_failed(&s, 300, 5, 0, -1, true, &rng);
    CHECK_INT(s.health, BF_HEALTH_DOWN);
    bf_peer_tried(&s);
    CHECK_INT(bf_peers_pick(&s, 1, 0, -1), 0); /* then two */
    s.trying = 2;
    CHECK_INT(bf_peers_pick(&s, 1, 0, -1), -1);
    bf_peer_well(&s);
    CHECK_INT(s.health, BF_HEALTH_UP);
    CHECK_INT(s.streak, 0);
}

static void a_short_streak_is_no_fall(void)
{
    struct bf_rng rng = { 1 };
    struct bf_peer s = { 0 };
    for (int i = 0; i < 100; i++)
        bf_peer_failed(&s, 100 + i * 0.009, 5, 1, -1, false, &rng);
    CHECK_INT(s.health, BF_HEALTH_UP);
    bf_peer_failed(&s, 101.1, 5, 1, -1, false, &rng);
    CHECK_INT(s.health, BF_HEALTH_DOWN);
}

static void a_server_is_left_alone_as_long_as_it_asks(void)
{
    struct bf_rng rng = { 1 };
    struct bf_peer s = { 0 };
    for (int i = 0; i < 5; i++)
        bf_peer_failed(&s, 100, 5, 0, i == 2 ? 30 : 5, false, &rng);
    CHECK_INT(s.health, BF_HEALTH_DOWN);
    CHECK(s.back_at >= 130);
}

/* ---- what waits ---- */

static void what_is_due_first_comes_first(void)
{
    struct bf_pendings p = { 0 };
    struct bf_rng rng = { 3 };
    for (uint32_t i = 0; i < 500; i++) {
        const struct bf_pending x = { .q = i, .due = (double)bf_rng_below(&rng, 50) };
        CHECK_INT(bf_pendings_push(&p, &x, NULL), BF_OK);
    }
    struct bf_pending last = { .due = -1 };
    while (p.n) {
        const struct bf_pending x = bf_pendings_pop(&p);
        CHECK(x.due > last.due || (x.due >= last.due && x.q > last.q));
        last = x;
    }
    bf_pendings_done(&p);
}

/* ---- what was spent ---- */

static void spending_stops_at_its_limit(void)
{
    struct bf_price price = { "m", 2, 10 }; /* per million tokens */
    struct bf_spec spec = { .n_prices = 1, .prices = &price, .spend = { .money = 0.5 } };
    struct bf_spending t;
    struct bf_err err = { 0 };
    char what[64];
    CHECK_INT(bf_spending_init(&t, &spec, "m", NULL, &err), BF_OK);
    CHECK(bf_spending_estimates(&t));
    bf_spending_sent(&t, 100000, 10000); /* 0.2 + 0.1 */
    CHECK(!bf_spending_reached(&t, what, sizeof what));
    bf_spending_sent(&t, 100000, 10000);
    CHECK(bf_spending_reached(&t, what, sizeof what)); /* as long as both are thought so dear */
    bf_spending_ended(&t, 100000, 10000, 50000, 1000); /* it was 0.11 */
    CHECK(!bf_spending_reached(&t, what, sizeof what));
    CHECK(fabs(t.money - 0.11) < 1e-12);
    bf_spending_ended(&t, 100000, 10000, 200000, 0);
    CHECK(bf_spending_reached(&t, what, sizeof what));
    CHECK_STR(what, "0.5 of money");

    spec.spend = (struct bf_spend_spec){ .requests = 3 };
    struct bf_spent shared = { .requests = 2 }; /* by a probe before */
    CHECK_INT(bf_spending_init(&t, &spec, "other", &shared, &err), BF_OK);
    CHECK(isnan(t.money));
    CHECK(!bf_spending_reached(&t, what, sizeof what));
    bf_spending_sent(&t, 0, 0);
    CHECK(bf_spending_reached(&t, what, sizeof what));
    CHECK_STR(what, "3 requests");
    CHECK_INT((int)shared.requests, 3);

    spec.spend = (struct bf_spend_spec){ .money = 1 };
    CHECK_INT(bf_spending_init(&t, &spec, "other", NULL, &err), BF_EINVAL);
    CHECK_STR(err.msg, "'spend' limits money, but 'prices' has no line for model 'other'");
}

/* ---- URLs ---- */

static struct bf_arena arena;

static void urls_are_taken_apart(void)
{
    static const struct {
        const char *text, *chat, *models, *shown, *named, *host;
    } cases[] = {
        { "http://h:8000/v1", "http://h:8000/v1/chat/completions", "http://h:8000/v1/models",
          "http://h:8000/v1", "http://h:8000/v1", "h:8000" },
        { "https://h/v1/", "https://h/v1/chat/completions", "https://h/v1/models", "https://h/v1",
          "https://h/v1", "h" },
        { "http://h/v1/chat/completions", "http://h/v1/chat/completions", "http://h/v1/models",
          "http://h/v1", "http://h/v1", "h" },
        { "https://x.openai.azure.com/openai/deployments/D?api-version=2024-06-01&sig=secret",
          "https://x.openai.azure.com/openai/deployments/D/chat/completions"
          "?api-version=2024-06-01&sig=secret",
          "-", "https://x.openai.azure.com/openai/deployments/D",
          "https://x.openai.azure.com/openai/deployments/D?api-version=2024-06-01",
          "x.openai.azure.com" },
        { "http://h?key=secret", "http://h/chat/completions?key=secret",
          "http://h/models?key=secret", "http://h", "http://h", "h" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bf_url u = { 0 };
        struct bf_err err = { 0 };
        CHECK_INT(bf_url_read(cases[i].text, &u, &arena, &err), BF_OK);
        CHECK_STR(u.chat, cases[i].chat);
        CHECK_STR(u.models ? u.models : "-", cases[i].models);
        CHECK_STR(u.shown, cases[i].shown);
        CHECK_STR(u.named, cases[i].named);
        CHECK_STR(u.host, cases[i].host);
    }
    bf_arena_reset(&arena);
}

static void what_is_no_url_is_refused(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "localhost:8000/v1",
          "'url' is 'localhost:8000/v1'; allowed: one that begins with http:// or https://" },
        { "ftp://h/", "'url' is 'ftp://h/'; allowed: one that begins with http:// or https://" },
        { "http:///v1", "'url' is 'http:///v1'; there is no host in it" },
        { "http://h/v 1", "'url' is 'http://h/v 1'; there is a blank in it" },
        { "https://user:secret@h/v1", "'url' holds a user or password; name the environment "
                                      "variable that holds the key with 'key_env'" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bf_url u;
        struct bf_err err = { 0 };
        CHECK_INT(bf_url_read(cases[i].text, &u, &arena, &err), BF_EINVAL);
        CHECK_STR(err.msg, cases[i].message);
    }
    bf_arena_reset(&arena);
}

/* ---- lists of models ---- */

static void lists_of_models_are_read(void)
{
    static const struct {
        const char *body, *model;
        bool has, known;
        const char *others;
        int n_takes;
    } cases[] = {
        { "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}", "b", true, false, "a, b", 0 },
        { "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}", "c", false, false, "a, b", 0 },
        { "{\"data\":[{\"id\":\"a\",\"architecture\":{\"input_modalities\":[\"text\",\"image\"]}}]"
          "}",
          "a", true, true, "a", 2 },
        { "{\"data\":[{\"id\":\"llama3:latest\"}]}", "llama3", true, false, "llama3:latest", 0 },
        { "{\"data\":[{\"id\":\"/m.gguf\",\"owned_by\":\"llamacpp\"}]}", "any", true, false,
          "/m.gguf", 0 },
        { "{\"data\":[{\"id\":\"openai/*\"}]}", "openai/x", true, false, "openai/*", 0 },
        { "{\"data\":[]}", "a", false, false, "", 0 },
        { "not json", "a", true, false, "", 0 },
        { "{\"models\":[]}", "a", true, false, "", 0 },
        { "{\"data\":[1,{\"id\":2},{\"id\":\"a\",\"architecture\":{\"input_modalities\":7}}]}", "a",
          true, false, "a", 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bf_names takes = { 0 };
        struct bf_buf others = { 0 };
        struct bf_err err = { 0 };
        bool has, known = false;
        CHECK_INT(bf_models_read(cases[i].body, strlen(cases[i].body), cases[i].model, &has, &takes,
                                 &known, &others, &arena, &err),
                  BF_OK);
        CHECK_INT(has, cases[i].has);
        CHECK_INT(known, cases[i].known);
        CHECK_INT(takes.n, cases[i].n_takes);
        CHECK_STR(others.data ? others.data : "", cases[i].others);
        bf_buf_done(&others);
    }
    bf_arena_reset(&arena);
}

TEST_MAIN(TEST(a_fixed_window_stays), TEST(a_sought_window_doubles_to_its_end_within_a_second),
          TEST(a_sought_window_stops_where_throughput_does),
          TEST(a_window_that_is_not_full_does_not_grow),
          TEST(a_window_shrinks_to_what_a_server_takes),
          TEST(a_few_refusals_do_not_shrink_a_window), TEST(a_pace_keeps_to_its_rate),
          TEST(a_header_says_how_long_to_wait), TEST(waits_grow_and_never_undercut_what_was_asked),
          TEST(the_least_loaded_server_is_picked), TEST(a_server_falls_is_looked_at_and_comes_back),
          TEST(a_short_streak_is_no_fall), TEST(a_server_is_left_alone_as_long_as_it_asks),
          TEST(what_is_due_first_comes_first), TEST(spending_stops_at_its_limit),
          TEST(urls_are_taken_apart), TEST(what_is_no_url_is_refused),
          TEST(lists_of_models_are_read))
