/* What came back, and what that means: an answer, another attempt, the end of a question or of all
 * of them. */
#include "probe/server/traffic.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "probe/server/reply.h"
#include "probe/server/wait.h"

enum {
    MAX_UNREACHED = 3, /* connections in a row that fail before a server is down */
    MIN_STREAK = 5,    /* other failures in a row; more with more in flight */
    MAX_SPARED = 60    /* of one question; they are at least a second or so apart */
};

static const double streak_seconds = 1; /* and for so long at least */

/* It has no answer, and this run asks no more. */
static int leave(struct bf_traffic *r, const struct bf_pending *p)
{
    r->asking->came_back(r->asking->ctx, p->q);
    return BF_OK;
}

static int again_after(struct bf_traffic *r, const struct bf_pending *p, double seconds,
                       struct bf_err *err)
{
    struct bf_pending next = *p;
    next.due = r->now + seconds;
    r->n_retried++;
    r->asking->came_back(r->asking->ctx, p->q);
    return bf_pendings_push(&r->again, &next, err);
}

static int streak(const struct bf_traffic *r)
{
    const int quarter = bf_window_size(&r->window) / 4;
    return quarter > MIN_STREAK ? quarter : MIN_STREAK;
}

static void server_failed(struct bf_traffic *r, const struct bf_job *j, int at_most,
                          double for_seconds, double asked, const char *why)
{
    struct bf_peer *s = &r->servers[j->p.server];
    snprintf(s->why, sizeof s->why, "%s", why);
    bf_traffic_hide_key(r, s->why);
    bf_peer_failed(s, r->now, at_most, for_seconds, asked, j->tried || j->look, &r->rng);
}

static void server_well(struct bf_traffic *r, int server)
{
    struct bf_peer *s = &r->servers[server];
    char line[512];
    /* What servers that were about to go down took says nothing of what they take now. */
    if (!bf_peers_up(r->servers, r->c->n_servers))
        bf_window_init(&r->window, r->c->options->concurrency, BF_CLIENT_MOST, r->now);
    if (s->health != BF_HEALTH_UP && s->noted) {
        snprintf(line, sizeof line, "server '%s' answers again after %.0f s",
                 bf_traffic_shown(r, server), r->now - s->down_since);
        r->asking->note(r->asking->ctx, line);
    }
    bf_peer_well(s);
}

/* Try again, or give up. `outage`: it was the server that failed, not the question; what tries a
 * server that is still down is no attempt then, and no question is given up while none is up. */
static int try_again(struct bf_traffic *r, const struct bf_job *j, double asked, bool at_once,
                     bool outage, const char *why, struct bf_err *err)
{
    const struct bf_client_options *o = r->c->options;
    struct bf_pending p = j->p;
    const bool spared = outage && j->tried && p.spared < MAX_SPARED;
    p.spared += spared;
    p.attempts += !spared;
    bf_traffic_remember(r, why);
    if (r->ending)
        return leave(r, &p);
    const double wait = at_once ? 0 : bf_wait_after(p.attempts, asked, &r->rng);
    const bool over =
        p.attempts >= o->attempts || bf_traffic_time(r) + wait - p.first > o->retry_for * 60;
    if (!over || spared || (outage && asked >= 0 && !bf_peers_up(r->servers, r->c->n_servers)))
        return again_after(r, &p, wait, err);
    BF_TRY(bf_traffic_put_failed(r, p.q, why, err));
    if (r->answered_at < 0 && r->n_failed >= BF_TRAFFIC_HOPELESS)
        bf_traffic_end(r, BF_EIO, "no question was answered, the first %d all failed: %s",
                       BF_TRAFFIC_HOPELESS, r->last_error);
    return BF_OK;
}

static void refuse_all(struct bf_traffic *r, int server, const struct bf_reply *x,
                       const char *location)
{
    const char *url = bf_traffic_shown(r, server), *key = r->c->key_env;
    const int code = r->answered_at < 0 ? BF_EINVAL : BF_EIO;
    if (x->status >= 300 && x->status < 400)
        bf_traffic_end(r, code, "server '%s' redirects to '%.*s' (%d); name that as 'url'", url,
                       location ? (int)strcspn(location, "?") : 7, location ? location : "nowhere",
                       x->status);
    else if ((x->status == 401 || x->status == 403) && key)
        bf_traffic_end(r, code, "server '%s' refuses the key in '%s' (%s)", url, key, x->message);
    else if (x->status == 401 || x->status == 403)
        bf_traffic_end(r, code,
                       "server '%s' wants a key: name its environment variable with 'key_env' (%s)",
                       url, x->message);
    else if (x->status == 404)
        bf_traffic_end(r, code, "server '%s' does not have model '%s' or this path (%s)", url,
                       r->c->manner->model, x->message);
    else
        bf_traffic_end(r, code, "server '%s' refuses every question (%s)", url, x->message);
}

static int refuse_kind(struct bf_traffic *r, struct bf_job *j, const char *kind, const char *why,
                       struct bf_err *err)
{
    struct bf_peer *s = &r->servers[j->p.server];
    char line[512];
    for (int k = 0; k < BF_MEDIA_KINDS; k++) {
        if (strcmp(bf_media_kind_names[k], kind) != 0)
            continue;
        s->refuses |= 1u << k;
        if (!r->said_refused[k]) {
            snprintf(line, sizeof line, "server '%s' takes no %s: questions that show it fail",
                     bf_traffic_shown(r, j->p.server), kind);
            r->asking->note(r->asking->ctx, line);
        }
        r->said_refused[k] = true;
        if (bf_peers_take(r->servers, r->c->n_servers, 1u << k) && !r->ending)
            return again_after(r, &j->p, 0, err);
    }
    return bf_traffic_put_failed(r, j->p.q, why, err);
}

static bool another_up(const struct bf_traffic *r, int server)
{
    for (int i = 0; i < r->c->n_servers; i++)
        if (i != server && r->servers[i].health == BF_HEALTH_UP)
            return true;
    return false;
}

static bool is_outage(int status)
{
    return status == 429 || status == 502 || status == 503 || status == 504 || status == 529;
}

static int take_retry(struct bf_traffic *r, struct bf_job *j, const struct bf_reply *x,
                      double seconds, struct bf_err *err)
{
    const bool outage = is_outage(x->status), away = x->status == 429 || x->status == 503;
    if (away && !j->tried)
        bf_window_reply(&r->window, r->now, seconds, true);
    const bool too_long = x->wait_seconds > r->c->options->retry_for * 60;
    /* Of several servers one that only fails is left out; the last one is alive as long as it
     * says something, and the fault may be in the questions. */
    if (outage || another_up(r, j->p.server))
        server_failed(r, j, too_long ? 1 : streak(r), too_long ? 0 : streak_seconds,
                      x->wait_seconds, x->message);
    else
        server_well(r, j->p.server);
    return try_again(r, j, x->wait_seconds, false, outage, x->message, err);
}

static int take_answer(struct bf_traffic *r, struct bf_job *j, const struct bf_answer *a,
                       double seconds, struct bf_err *err)
{
    server_well(r, j->p.server);
    bf_window_reply(&r->window, r->now, seconds, false);
    r->answered_at = bf_traffic_time(r);
    return bf_traffic_put(r, j->p.q, a, err);
}

static int read_chat(struct bf_traffic *r, uint32_t question, const struct bf_http_result *res,
                     struct bf_reply *out, struct bf_answer *a, struct bf_err *err)
{
    const struct bf_asking *asking = r->asking;
    const struct bf_question *q = &asking->questions[question];
    const struct bf_sample *s = &asking->pool->samples[q->sample];
    uint8_t order[BF_MAX_CHOICES];
    if (r->c->manner->logprobs)
        bf_order_of(asking->probe->orders, asking->spec->seed, s, q->trial, order);
    else
        for (int i = 0; i < s->n_choices; i++)
            order[i] = (uint8_t)i;
    return bf_reply_read(res->status, res->body, res->n, res->retry_after, (double)time(NULL), s,
                         order, out, a, &r->arena, err);
}

/* A reply of another form, and to which question. */
struct other {
    const struct bf_client_form *form;
    uint32_t q;
    struct bf_answer *a;
};

static int read_other(void *ctx, const struct bf_json *root, struct bf_err *err)
{
    const struct other *o = ctx;
    return o->form->read(o->form->ctx, o->q, root, o->a, err);
}

static int read_reply(struct bf_traffic *r, uint32_t q, const struct bf_http_result *res,
                      struct bf_reply *out, struct bf_answer *a, struct bf_err *err)
{
    const struct bf_client_form *f = r->c->form;
    if (!f)
        return read_chat(r, q, res, out, a, err);
    struct other o = { f, q, a };
    const struct bf_reply_form form = { read_other, &o, f->absent };
    *a = (struct bf_answer){ .cls = BF_FAILED, .choice = -1, .number = NAN };
    return bf_reply_read_form(res->status, res->body, res->n, res->retry_after, (double)time(NULL),
                              &form, out, err);
}

static int take_reply(struct bf_traffic *r, struct bf_job *j, const struct bf_http_result *res,
                      struct bf_err *err)
{
    struct bf_answer a;
    struct bf_reply x;
    BF_TRY(read_reply(r, j->p.q, res, &x, &a, err));
    const bool counted = a.n_in || a.n_out;
    const bool answered = x.kind == BF_REPLY_ANSWER;
    const double in = counted    ? a.n_in
                      : answered ? j->n_in
                                 : 0,
                 out = counted    ? a.n_out
                       : answered ? j->n_out
                                  : 0;
    bf_spending_ended(&r->tally, j->n_in, j->n_out, in, out);
    bf_pace_take(&r->tokens, in + out - j->n_in - j->n_out);
    bf_traffic_hide_key(r, x.message);
    switch (x.kind) {
    case BF_REPLY_ANSWER:
        return take_answer(r, j, &a, res->seconds, err);
    case BF_REPLY_RETRY:
        return take_retry(r, j, &x, res->seconds, err);
    case BF_REPLY_PERMANENT:
        server_well(r, j->p.server);
        return bf_traffic_put_failed(r, j->p.q, x.message, err);
    case BF_REPLY_FATAL:
        server_well(r, j->p.server);
        if (x.refused_modality)
            return refuse_kind(r, j, x.refused_modality, x.message, err);
        refuse_all(r, j->p.server, &x, res->location);
        return leave(r, &j->p);
    }
    return BF_OK;
}

static int take_broken(struct bf_traffic *r, struct bf_job *j, const struct bf_http_result *res,
                       struct bf_err *err)
{
    /* It may have been computed, and billed. */
    const bool reached = res->end != BF_HTTP_UNSENT;
    bf_spending_ended(&r->tally, j->n_in, j->n_out, reached ? j->n_in : 0, reached ? j->n_out : 0);
    if (res->end == BF_HTTP_TOO_LONG) {
        server_well(r, j->p.server);
        return bf_traffic_put_failed(r, j->p.q, res->message, err);
    }
    if (!reached) {
        bf_pace_take(&r->tokens, -j->n_in - j->n_out);
        r->tally.spent->requests--;
        server_failed(r, j, MAX_UNREACHED, 0, -1, res->message);
        bf_traffic_remember(r, res->message);
        return r->ending ? leave(r, &j->p) : again_after(r, &j->p, 0, err);
    }
    if (!res->stale)
        server_failed(r, j, streak(r), streak_seconds, -1, res->message);
    return try_again(r, j, -1, res->stale && j->p.attempts == 0, false, res->message, err);
}

static void take_look(struct bf_traffic *r, const struct bf_job *j,
                      const struct bf_http_result *res)
{
    struct bf_peer *s = &r->servers[j->p.server];
    char text[32];
    if (s->health != BF_HEALTH_LOOKED)
        return; /* an answer came meanwhile */
    if (res->end == BF_HTTP_REPLY && res->status < 500 && res->status != 429) {
        bf_peer_tried(s);
        return;
    }
    snprintf(text, sizeof text, "%d", res->status);
    server_failed(r, j, 1, 0, -1, res->end == BF_HTTP_REPLY ? text : res->message);
}

int bf_traffic_take(struct bf_traffic *r, const struct bf_http_result *res, struct bf_err *err)
{
    struct bf_job *j = res->tag;
    struct bf_peer *s = &r->servers[j->p.server];
    int rc = BF_OK;
    if (j->look) {
        take_look(r, j, res);
    } else {
        s->in_flight--;
        r->n_in_flight--;
        r->n_bytes -= j->body.len;
        s->trying -= j->tried;
        rc = res->end == BF_HTTP_REPLY ? take_reply(r, j, res, err) : take_broken(r, j, res, err);
        if (j->body.cap > BF_TRAFFIC_KEPT_BODY)
            bf_buf_done(&j->body);
    }
    r->idle[r->n_idle++] = j;
    return rc;
}
