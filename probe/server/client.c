/* The loop: send, wait, take, until no question is left. */
#include "probe/server/client.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe/server/traffic.h"

enum { MAX_REPLY = 16 << 20 };

static const double connect_seconds = 10, stall_seconds = 60;
static const double tick_seconds = 0.2, note_after_seconds = 2;

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Notes about servers left out, and the end of all patience. */
static void watch_servers(struct bf_traffic *r)
{
    const int n = r->c->n_servers;
    char line[512];
    for (int i = 0; i < n; i++) {
        struct bf_peer *s = &r->servers[i];
        if (s->health == BF_HEALTH_UP || s->noted || r->now - s->down_since < note_after_seconds)
            continue;
        s->noted = true;
        snprintf(line, sizeof line, "server '%s' does not answer (%s): %s", bf_traffic_shown(r, i),
                 s->why, bf_peers_up(r->servers, n) ? "left out until it does" : "waiting for it");
        r->asking->note(r->asking->ctx, line);
    }
    if (bf_peers_up(r->servers, n)) {
        if (r->dark_since >= 0)
            r->dark += r->now - r->dark_since;
        r->dark_since = -1;
        return;
    }
    if (r->dark_since < 0)
        r->dark_since = r->now;
    const double patience = r->c->options->patience * 60;
    int first = 0;
    for (int i = 1; i < n; i++)
        if (r->servers[i].back_at < r->servers[first].back_at)
            first = i;
    const struct bf_peer *s = &r->servers[first];
    if (s->asked_till - r->dark_since > patience && s->health == BF_HEALTH_DOWN)
        bf_traffic_end(r, BF_EIO,
                       "server '%s' asks to wait %.0f s (%s); allowed by 'patience': %g min",
                       bf_traffic_shown(r, first), s->asked_till - r->now, s->why,
                       r->c->options->patience);
    else if (r->now - r->dark_since >= patience)
        bf_traffic_end(r, BF_EIO, "server '%s' has not answered for %g min: %s",
                       bf_traffic_shown(r, first), r->c->options->patience, s->why);
}

static void show_live(struct bf_traffic *r)
{
    const struct bf_live live = {
        .n_done = r->n_done,
        .n_total = r->asking->n,
        .n_in_flight = (uint32_t)r->n_in_flight,
        .n_failed = (uint32_t)r->n_failed,
        .n_retried = (uint32_t)r->n_retried,
        .money = r->tally.money,
        .last_error = r->last_error[0] ? r->last_error : NULL,
    };
    r->asking->live(r->asking->ctx, &live);
}

static bool nothing_left(const struct bf_traffic *r)
{
    return r->next >= r->asking->n && !r->again.n && !r->parked.n;
}

static int tick(struct bf_traffic *r, struct bf_err *err)
{
    char what[64];
    if (r->asking->stopped(r->asking->ctx))
        bf_traffic_end(r, BF_EIO, "stopped");
    watch_servers(r);
    if (r->n_in_flight == 0 && !nothing_left(r) &&
        bf_spending_reached(&r->tally, what, sizeof what))
        bf_traffic_end(r, BF_EIO, "spend limit of %s reached; raise 'spend' and run again to go on",
                       what);
    if (r->now - r->ticked < tick_seconds)
        return BF_OK;
    r->ticked = r->now;
    r->media_came = true; /* should a wake-up have been missed */
    show_live(r);
    return r->c->tick && !r->ending ? r->c->tick(r->c->tick_ctx, err) : BF_OK;
}

/* Seconds until something has to be done that no descriptor tells. */
static double until_next(const struct bf_traffic *r)
{
    double at = r->ticked + tick_seconds;
    if (!r->ending && r->again.n && r->again.v[0].due > r->now)
        at = fmin(at, r->again.v[0].due);
    if (!r->ending && r->paced > r->now)
        at = fmin(at, r->paced);
    for (int i = 0; i < r->c->n_servers && !r->ending; i++)
        if (r->servers[i].health == BF_HEALTH_DOWN)
            at = fmin(at, r->servers[i].back_at);
    return fmax(at - r->now, 0);
}

static int traffic_targets(struct bf_traffic *r, struct bf_err *err)
{
    const struct bf_client *c = r->c;
    for (int i = 0; i < c->n_servers; i++) {
        const struct bf_client_server *s = &c->servers[i];
        int rc =
            bf_http_target(r->http, s->chat_url, true, c->headers, c->n_headers, &r->chat[i], err);
        if (rc == BF_OK && s->models_url)
            rc = bf_http_target(r->http, s->models_url, false, c->headers, c->n_headers,
                                &r->models[i], err);
        if (rc != BF_OK)
            return bf_fail_in(err, rc, "server '%s'", s->shown);
    }
    return BF_OK;
}

static int traffic_open(struct bf_traffic *r, const struct bf_client *c,
                        const struct bf_asking *asking, struct bf_err *err)
{
    const struct bf_client_options *o = c->options;
    const size_t n_servers = (size_t)c->n_servers;
    *r = (struct bf_traffic){ .c = c, .asking = asking, .dark_since = -1, .answered_at = -1 };
    r->now = r->ticked = seconds_now();
    r->limit = o->concurrency ? o->concurrency : BF_CLIENT_MOST;
    r->n_jobs = r->limit + c->n_servers;
    r->rng = bf_rng_for(asking->spec->seed, asking->probe->name, "waits", 0);
    bf_window_init(&r->window, o->concurrency, BF_CLIENT_MOST, r->now);
    bf_pace_init(&r->requests, o->requests_per_minute, r->now);
    bf_pace_init(&r->tokens, o->tokens_per_minute, r->now);
    BF_TRY(bf_spending_init(&r->tally, asking->spec, c->manner->model, asking->spent, err));

    const size_t n = (size_t)r->n_jobs;
    r->jobs = calloc(n, sizeof *r->jobs);
    r->idle = calloc(n, sizeof *r->idle);
    r->which = calloc(n, sizeof *r->which);
    r->answers = calloc(n, sizeof *r->answers);
    r->servers = calloc(n_servers, sizeof *r->servers);
    r->chat = calloc(n_servers, sizeof *r->chat);
    r->models = calloc(n_servers, sizeof *r->models);
    if (!r->jobs || !r->idle || !r->which || !r->answers || !r->servers || !r->chat || !r->models)
        return bf_fail_memory(err, "requests");
    for (int i = 0; i < r->n_jobs; i++)
        r->idle[r->n_idle++] = &r->jobs[i];
    const struct bf_http_options http = { .max_in_flight = r->n_jobs,
                                          .connect_seconds = connect_seconds,
                                          .stall_seconds = stall_seconds,
                                          .max_reply = MAX_REPLY,
                                          .ca_file = c->ca_file };
    BF_TRY(bf_http_open(&http, &r->http, err));
    return traffic_targets(r, err);
}

static void traffic_close(struct bf_traffic *r)
{
    bf_http_close(r->http); /* before the bodies it may be sending */
    for (int i = 0; r->jobs && i < r->n_jobs; i++)
        bf_buf_done(&r->jobs[i].body);
    bf_pendings_done(&r->again);
    bf_pendings_done(&r->parked);
    bf_arena_reset(&r->arena);
    free(r->jobs);
    free(r->idle);
    free(r->which);
    free(r->answers);
    free(r->servers);
    free(r->chat);
    free(r->models);
}

static int traffic_loop(struct bf_traffic *r, struct bf_err *err)
{
    const struct bf_asking *a = r->asking;
    struct bf_http_result res;
    bool readable;
    for (;;) {
        r->now = seconds_now();
        BF_TRY(tick(r, err));
        const uint64_t n_done = r->n_done;
        BF_TRY(bf_traffic_send(r, err));
        if (r->n_done != n_done)
            continue; /* some failed without being sent: their room is free again */
        if (r->n_in_flight == 0 && (r->ending || nothing_left(r)))
            break;
        BF_TRY(bf_http_wait(r->http, a->wake, a->n_wake, until_next(r), &readable, err));
        r->now = seconds_now();
        while (bf_http_next(r->http, &res))
            BF_TRY(bf_traffic_take(r, &res, err));
        BF_TRY(bf_traffic_flush(r, err));
        if (readable) {
            BF_TRY(a->woken(a->ctx, err));
            r->media_came = true;
        }
    }
    show_live(r);
    return r->ending ? bf_fail(err, r->ending, "%s", r->why.msg) : BF_OK;
}

int bf_client_ask(const struct bf_client *c, const struct bf_asking *asking, struct bf_err *err)
{
    struct bf_traffic r;
    int rc = traffic_open(&r, c, asking, err);
    if (rc == BF_OK)
        rc = traffic_loop(&r, err);
    traffic_close(&r);
    return rc;
}
