/* The probe `chat` against servers that fail in all ways: every question ends answered or failed,
 * once, nothing is asked again after its answer, and what stops a run stops it at once. */
#include "tests/asking/servers.h"

enum { N = 60 };

#define NEED_MOCK(m, port, ...)                                                                    \
    if (!mock_program())                                                                           \
        TEST_SKIP("no mock server beside the project");                                            \
    if (!mock_start(m, port, (const char *const[]){ __VA_ARGS__, NULL })) {                        \
        CHECK(false && "the mock starts");                                                         \
        return;                                                                                    \
    }

static void every_question_is_answered_once(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--latency-ms", "5");
    struct fake *f = questions(1000, 0, m.url, "32");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_answered, 1000);
    each_was_put_once(f);
    CHECK_INT(mock_stat(&m, "requests"), 1000);
    CHECK_INT(mock_stat(&m, "max_inflight"), 32);
    CHECK(f->asked[7].text[0] >= 'A' && f->asked[7].text[0] <= 'D');
    CHECK_INT(f->asked[7].answer.n_out, 1);
    CHECK_INT(f->live.n_done, 1000);
    CHECK_INT(f->n_notes, 0);
    fake_free(f);
    mock_stop(&m);
}

/* One fault, in the first two attempts of every question. */
static void fault(const char *name, bool again)
{
    struct mock m;
    struct bf_err err = { 0 };
    char p[32];
    snprintf(p, sizeof p, "%s=1", name);
    NEED_MOCK(&m, 0, "--fault", p, "--fault-attempts", "2", "--retry-after", "0.05");
    struct fake *f = questions(N, 0, m.url, "16");
    fake_set(f, "timeout", strcmp(name, "hang") == 0 ? "0.3 s" : "20 s");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_answered, N);
    each_was_put_once(f);
    const struct mock_log log = mock_read_log(&m);
    CHECK_INT(log.after_answer, 0);
    CHECK_INT(log.n, again ? 3 * N : N);
    if (test_failed)
        printf("# fault %s: %u answered, %ld requests, %s\n", name, f->n_answered, log.n, err.msg);
    fake_free(f);
    mock_stop(&m);
}

static void faults_that_pass_are_tried_again(void)
{
    static const char *const names[] = { "429",   "500",   "502html",   "503",    "truncate",
                                         "reset", "close", "malformed", "err200", "hang" };
    for (size_t i = 0; i < sizeof names / sizeof *names && !test_failed && !test_skipped; i++)
        fault(names[i], true);
}

static void odd_answers_are_answers(void)
{
    static const char *const names[] = { "trickle", "empty", "null", "refuse" };
    for (size_t i = 0; i < sizeof names / sizeof *names && !test_failed && !test_skipped; i++)
        fault(names[i], false);
}

static void a_fault_of_the_question_fails_it_once(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--fault", "400=1");
    struct fake *f = questions(N, 0, m.url, "16");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_failed, N);
    each_was_put_once(f);
    CHECK_INT(mock_stat(&m, "requests"), N);
    CHECK_STR(f->asked[3].text, "400: injected");
    CHECK_STR(f->last_error, "400: injected");
    fake_free(f);
    mock_stop(&m);
}

static void a_refused_key_stops_at_once(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--fault", "401=1");
    struct fake *f = questions(N, 0, m.url, "0");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EINVAL);
    CHECK(strstr(err.msg, "wants a key: name its environment variable with 'key_env' (401: "
                          "injected)"));
    CHECK_INT(f->n_answered + f->n_failed, 0);
    CHECK_INT(f->n_in_flight, 0); /* none of them is lost */
    CHECK(mock_stat(&m, "requests") <= 8);
    fake_free(f);
    mock_stop(&m);
}

static void a_fifth_of_faults_loses_nothing(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--latency-ms", "5", "--fault", "429=.03", "--fault", "500=.03", "--fault",
              "503=.03", "--fault", "reset=.03", "--fault", "truncate=.03", "--fault",
              "malformed=.03");
    struct fake *f = questions(2000, 0, m.url, "64");
    fake_set(f, "attempts", "12");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_answered, 2000);
    each_was_put_once(f);
    CHECK_INT(mock_read_log(&m).after_answer, 0);
    CHECK(f->live.n_retried > 200);
    fake_free(f);
    mock_stop(&m);
}

static void attempts_have_an_end(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--fault", "malformed=1");
    struct fake *f = questions(4, 0, m.url, "4");
    fake_set(f, "attempts", "3");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_failed, 4);
    each_was_put_once(f);
    CHECK_INT(mock_stat(&m, "requests"), 12);
    CHECK_STR(f->asked[0].text, "200: the reply is not whole JSON");
    fake_free(f);
    mock_stop(&m);
}

static void a_server_that_fails_everything_is_not_asked_everything(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--fault", "500=1");
    struct fake *f = questions(5000, 0, m.url, "0");
    fake_set(f, "attempts", "2");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EIO);
    CHECK_STR(err.msg, "no question was answered, the first 64 all failed: 500: injected");
    CHECK(mock_stat(&m, "requests") < 400);
    fake_free(f);
    mock_stop(&m);
}

static void a_window_is_found_within_a_second(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--latency-ms", "50");
    struct fake *f = questions(3500, 0, m.url, "0"); /* 5,120 a second at most */
    const double start = seconds_now();
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    const double took = seconds_now() - start;
    CHECK_INT(f->n_answered, 3500);
    CHECK_INT(mock_stat(&m, "max_inflight"), 256);
    if (took > 2)
        printf("# it took %.2f s\n", took);
    fake_free(f);
    mock_stop(&m);
}

static void what_a_kill_can_take_stays_within_the_limit(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--latency-ms", "2", "--jitter-ms", "6");
    struct fake *f = questions(600, 0, m.url, "16");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_answered, 600);
    CHECK(f->most_in_flight <= 16);
    fake_free(f);
    mock_stop(&m);
}

static void a_stop_drains_what_is_in_flight(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--latency-ms", "20", "--jitter-ms", "20");
    struct fake *f = questions(1000, 0, m.url, "32");
    f->stop_after = 100;
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EIO);
    CHECK_STR(err.msg, "stopped");
    CHECK(f->n_answered >= 100 && f->n_answered < 200);
    CHECK_INT(mock_stat(&m, "requests"), f->n_answered); /* what was sent was answered and put */
    CHECK_INT(f->n_in_flight, 0);
    fake_free(f);
    mock_stop(&m);
}

static void a_limit_of_requests_is_kept(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--fault", "500=.2");
    struct fake *f = questions(1000, 0, m.url, "16");
    struct bf_spent spent = { 0 };
    f->spec.spend.requests = 100;
    f->asking.spent = &spent;
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EIO);
    CHECK_STR(err.msg, "spend limit of 100 requests reached; raise 'spend' and run again to go on");
    CHECK_INT(mock_stat(&m, "requests"), 100);
    CHECK_INT((int)spent.requests, 100);
    fake_free(f);
    mock_stop(&m);
}

static void a_limit_of_tokens_is_kept(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    struct bf_price price = { "mock-mcq", 1, 1 };
    NEED_MOCK(&m, 0, "--latency-ms", "1");
    struct fake *f = questions(1000, 0, m.url, "16");
    struct bf_spent spent = { 0 };
    f->spec.spend.tokens = 5000;
    f->spec.prices = &price;
    f->spec.n_prices = 1;
    f->asking.spent = &spent;
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EIO);
    CHECK(strstr(err.msg, "spend limit of 5000 tokens reached"));
    /* One takes about 60; those in flight are estimated as fewer. */
    CHECK(spent.tokens >= 5000 && spent.tokens < 5000 + 16 * 60);
    CHECK(f->live.money * 1e6 > 4999 && f->live.money * 1e6 < 5000 + 16 * 60);
    fake_free(f);
    mock_stop(&m);
}

static void a_rate_is_kept(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--latency-ms", "1");
    struct fake *f = questions(30, 0, m.url, "16");
    fake_set(f, "requests_per_minute", "600"); /* ten at once, then ten a second */
    const double start = seconds_now();
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    const double took = seconds_now() - start;
    CHECK_INT(f->n_answered, 30);
    CHECK(took > 1.8);
    CHECK(took < 6);
    fake_free(f);
    mock_stop(&m);
}

static void a_crowded_server_is_asked_less_at_once(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--latency-ms", "10", "--max-inflight", "8", "--retry-after", "0.1");
    struct fake *f = questions(1000, 0, m.url, "64");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_answered, 1000);
    each_was_put_once(f);
    CHECK(mock_stat(&m, "overload") < 500);
    fake_free(f);
    mock_stop(&m);
}

/* A server that dies after some requests and is started again a while later. */
struct mortal {
    struct mock m;
    double dead_for;
    pthread_t thread;
};

static void *resurrect(void *ctx)
{
    struct mortal *x = ctx;
    waitpid(x->m.pid, NULL, 0);
    sleep_for(x->dead_for);
    if (!mock_start(&x->m, x->m.port, (const char *const[]){ "--latency-ms", "10", NULL }))
        abort();
    return NULL;
}

static void a_dead_while_costs_that_while(void)
{
    struct mortal x = { .dead_for = 3 };
    struct bf_err err = { 0 };
    NEED_MOCK(&x.m, 0, "--latency-ms", "10", "--exit-after", "200");
    if (pthread_create(&x.thread, NULL, resurrect, &x) != 0)
        abort();
    struct fake *f = questions(400, 0, x.m.url, "16");
    const double start = seconds_now();
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    const double took = seconds_now() - start;
    pthread_join(x.thread, NULL);
    CHECK_INT(f->n_answered, 400);
    each_was_put_once(f);
    CHECK(took > 3);
    CHECK(took < 8); /* at most two seconds until the next look */
    CHECK_INT(f->n_notes, 2);
    CHECK(strstr(f->note, "answers again after"));
    CHECK(mock_stat(&x.m, "requests") <= 200 + 17);
    fake_free(f);
    mock_stop(&x.m);
}

static void patience_has_an_end(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    char want[200];
    NEED_MOCK(&m, 0, "--latency-ms", "10", "--exit-after", "50");
    struct fake *f = questions(400, 0, m.url, "16");
    fake_set(f, "patience", "0.02 min");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EIO);
    snprintf(want, sizeof want, "server '%s' has not answered for 0.02 min: connection refused",
             m.url);
    CHECK_STR(err.msg, want);
    CHECK(f->n_answered >= 34 && f->n_answered <= 50);
    CHECK_INT(f->n_failed, 0);
    fake_free(f);
    mock_stop(&m);
}

static void of_two_servers_one_may_die(void)
{
    struct mock a, b;
    struct bf_err err = { 0 };
    NEED_MOCK(&a, 0, "--latency-ms", "10", "--exit-after", "100");
    NEED_MOCK(&b, 0, "--latency-ms", "10");
    struct fake *f = questions(600, 0, a.url, "32");
    const char *urls[] = { a.url, b.url };
    bf_opt_set(bf_opt_find(bf_probe_chat.op.opts, "url"), f->probe.priv, urls, 2, &f->arena, NULL);
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_answered, 600);
    each_was_put_once(f);
    CHECK(mock_stat(&b, "requests") >= 500);
    CHECK(mock_stat(&b, "requests") < 560); /* the other had its share before */
    fake_free(f);
    mock_stop(&a);
    mock_stop(&b);
}

static void what_a_model_does_not_take_is_not_asked(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    NEED_MOCK(&m, 0, "--modalities", "-");
    struct fake *f = questions(N, 1, m.url, "8");
    for (uint32_t i = 0; i < N; i += 3) { /* of these the picture is dropped */
        struct bf_view *v = (struct bf_view *)(uintptr_t)f->questions[i].view;
        v->kept = 0;
        v->dropped = 1;
    }
    f->file.data = NULL; /* the fake has one answer for all */
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_OK);
    CHECK_INT(f->n_answered, N / 3);
    CHECK_INT(f->n_failed, 0);
    CHECK_INT(f->n_notes, 1);
    CHECK_STR(
        f->note,
        "probe 'm': 40 questions show what it does not take, the first image: left unmeasured");
    fake_free(f);
    mock_stop(&m);
}

static void an_unknown_model_is_told_with_those_there(void)
{
    struct mock m;
    struct bf_err err = { 0 };
    char want[200];
    NEED_MOCK(&m, 0, "--model", "other");
    struct fake *f = questions(N, 0, m.url, "8");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EINVAL);
    snprintf(want, sizeof want, "server '%s' does not have model 'mock-mcq'; it has: other", m.url);
    CHECK_STR(err.msg, want);
    CHECK_INT(mock_stat(&m, "requests"), 0);
    fake_free(f);
    mock_stop(&m);
}

static void nobody_there_is_told_at_once(void)
{
    struct bf_err err = { 0 };
    char url[64], want[200];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", free_port());
    struct fake *f = questions(N, 0, url, "8");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EIO);
    snprintf(want, sizeof want, "cannot reach server '%s': connection refused", url);
    CHECK_STR(err.msg, want);
    fake_set(f, "url", "http://no-such-host.invalid/v1");
    CHECK_INT(bf_probe_chat.ask(&f->asking, &err), BF_EINVAL);
    CHECK_STR(err.msg, "cannot reach server 'http://no-such-host.invalid/v1': no such host");
    fake_free(f);
}

TEST_MAIN(TEST(every_question_is_answered_once), TEST(faults_that_pass_are_tried_again),
          TEST(odd_answers_are_answers), TEST(a_fault_of_the_question_fails_it_once),
          TEST(a_refused_key_stops_at_once), TEST(a_fifth_of_faults_loses_nothing),
          TEST(attempts_have_an_end), TEST(a_server_that_fails_everything_is_not_asked_everything),
          TEST(a_window_is_found_within_a_second),
          TEST(what_a_kill_can_take_stays_within_the_limit), TEST(a_stop_drains_what_is_in_flight),
          TEST(a_limit_of_requests_is_kept), TEST(a_limit_of_tokens_is_kept), TEST(a_rate_is_kept),
          TEST(a_crowded_server_is_asked_less_at_once), TEST(a_dead_while_costs_that_while),
          TEST(patience_has_an_end), TEST(of_two_servers_one_may_die),
          TEST(what_a_model_does_not_take_is_not_asked),
          TEST(an_unknown_model_is_told_with_those_there), TEST(nobody_there_is_told_at_once))
