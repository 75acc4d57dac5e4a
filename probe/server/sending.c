/* What goes out next: questions to be sent again, those whose media have come, new ones. */
#include "probe/server/traffic.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "probe/untaken.h"

static const double look_seconds = 10; /* a server that is to be back answers within */

static int send_look(struct bf_traffic *r, int server, struct bf_err *err)
{
    struct bf_peer *s = &r->servers[server];
    if (!r->models[server]) {
        bf_peer_tried(s);
        return BF_OK;
    }
    struct bf_job *j = r->idle[--r->n_idle];
    j->look = true;
    j->p.server = server;
    bf_peer_looked(s);
    return bf_http_send(r->http, r->models[server], NULL, 0, look_seconds, j, err);
}

static unsigned kinds_of(const struct bf_encoded_part *parts, int n)
{
    unsigned kinds = 0;
    for (int i = 0; i < n; i++)
        for (int f = 0; f < parts[i].n_files; f++)
            for (int k = 0; k < BF_MEDIA_KINDS; k++) {
                const size_t len = strlen(bf_media_kind_names[k]);
                const char *mime = parts[i].files[f].mime;
                if (strncmp(mime, bf_media_kind_names[k], len) == 0 && mime[len] == '/')
                    kinds |= 1u << k;
            }
    return kinds;
}

static const char *refused_by_all(const struct bf_traffic *r, unsigned kinds)
{
    for (int k = 0; k < BF_MEDIA_KINDS; k++)
        if ((kinds >> k & 1) && !bf_peers_take(r->servers, r->c->n_servers, 1u << k))
            return bf_media_kind_names[k];
    return NULL;
}

/* Whether all servers that take these kinds have been down for longer than anybody waits, while
 * others are up. */
static bool is_given_up(const struct bf_traffic *r, unsigned kinds)
{
    for (int i = 0; i < r->c->n_servers; i++) {
        const struct bf_peer *s = &r->servers[i];
        const bool gone =
            s->health != BF_HEALTH_UP && r->now - s->down_since > r->c->options->patience * 60;
        if (!(s->refuses & kinds) && !gone)
            return false;
    }
    return bf_peers_up(r->servers, r->c->n_servers);
}

static void estimate(struct bf_traffic *r, struct bf_job *j)
{
    const struct bf_question *q = &r->asking->questions[j->p.q];
    j->n_in = j->n_out = 0;
    if (!(r->tokens.per_second > 0 || bf_spending_estimates(&r->tally)))
        return;
    if (r->c->form)
        r->c->form->estimate(r->c->form->ctx, j->p.q, &j->n_in, &j->n_out);
    else
        bf_manner_estimate(r->c->manner, r->asking->spec, &r->asking->pool->samples[q->sample],
                           q->view, &j->n_in, &j->n_out);
}

static int dispatch(struct bf_traffic *r, struct bf_job *j, int server, struct bf_err *err)
{
    struct bf_peer *s = &r->servers[server];
    struct bf_pending *p = &j->p;
    p->server = server;
    r->asking->sent(r->asking->ctx, p->q);
    if (p->first <= 0)
        p->first = bf_traffic_time(r);
    estimate(r, j);
    bf_pace_take(&r->requests, 1);
    bf_pace_take(&r->tokens, j->n_in + j->n_out);
    bf_spending_sent(&r->tally, j->n_in, j->n_out);
    j->tried = s->health == BF_HEALTH_TRIED;
    s->trying += j->tried;
    s->in_flight++;
    r->n_in_flight++;
    r->n_bytes += j->body.len;
    return bf_http_send(r->http, r->chat[server], j->body.data, j->body.len, r->c->options->timeout,
                        j, err);
}

/* What is sent for a question. */
static int write_body(const struct bf_traffic *r, struct bf_job *j,
                      const struct bf_encoded_part *parts, int n_parts, struct bf_err *err)
{
    const struct bf_client_form *form = r->c->form;
    if (!form)
        return bf_manner_body(r->c->manner, r->asking, j->p.q, parts, n_parts, &j->body, err);
    j->body.len = 0;
    return form->body(form->ctx, j->p.q, &j->body, err);
}

static int park(struct bf_traffic *r, const struct bf_pending *p, struct bf_err *err)
{
    struct bf_pending last = *p;
    last.due = r->n_parked++;
    return bf_pendings_push(&r->parked, &last, err);
}

enum tried { WENT, PARKED, FAILED, NO_SERVER };

/* Try to send one question: *out says what became of it. */
static int try_one(struct bf_traffic *r, const struct bf_pending *p, enum tried *out,
                   struct bf_err *err)
{
    const struct bf_asking *a = r->asking;
    const struct bf_encoded_part *parts = NULL;
    struct bf_err why;
    int n_parts = 0;
    int rc = a->media(a->ctx, p->q, &parts, &n_parts, &why);
    if (rc == BF_END) {
        *out = PARKED;
        return park(r, p, err);
    }
    if (rc == BF_EDATA) {
        *out = FAILED;
        return bf_traffic_put_failed(r, p->q, why.msg, err);
    }
    if (rc < 0)
        return bf_fail(err, rc, "%s", why.msg);

    const unsigned kinds = kinds_of(parts, n_parts);
    const char *refused = refused_by_all(r, kinds);
    if (refused) {
        char text[64];
        snprintf(text, sizeof text, "%s input is not supported", refused);
        *out = FAILED;
        return bf_traffic_put_failed(r, p->q, text, err);
    }
    const int server = bf_peers_pick(r->servers, r->c->n_servers, kinds, p->server);
    if (server < 0 && is_given_up(r, kinds)) {
        *out = FAILED;
        return bf_traffic_put_failed(r, p->q, "no server that takes what it shows answers", err);
    }
    if (server < 0) {
        *out = NO_SERVER;
        return BF_OK;
    }
    struct bf_job *j = r->idle[--r->n_idle];
    j->p = *p;
    j->look = false;
    BF_TRY(write_body(r, j, parts, n_parts, err));
    *out = WENT;
    return dispatch(r, j, server, err);
}

/* Whether the servers take all that a question shows. */
static bool taken(const struct bf_traffic *r, uint32_t q)
{
    return !(bf_untaken_shown(r->asking, q) & ~r->c->takes);
}

static int want_media(struct bf_traffic *r, struct bf_err *err)
{
    const uint32_t upto = r->next + 2 * (uint32_t)bf_window_size(&r->window) + 16;
    if (r->ahead < r->next)
        r->ahead = r->next;
    for (; r->ahead < upto && r->ahead < r->asking->n; r->ahead++)
        if (taken(r, r->ahead))
            BF_TRY(r->asking->media_ahead(r->asking->ctx, r->ahead, err));
    return BF_OK;
}

/* Whether one more request may go out now, whatever it is. */
static bool may_send(struct bf_traffic *r)
{
    char what[64];
    if (r->ending || r->n_idle <= r->c->n_servers)
        return false;
    if (r->n_in_flight >= bf_window_size(&r->window)) {
        bf_window_full(&r->window);
        return false;
    }
    if ((uint32_t)r->n_in_flight + r->n_put >= (uint32_t)r->limit)
        return false;
    if (r->n_in_flight && r->n_bytes >= BF_TRAFFIC_BODIES)
        return false;
    if (bf_peers_pick(r->servers, r->c->n_servers, 0, -1) < 0)
        return false;
    const double wait = fmax(bf_pace_wait(&r->requests, r->now), bf_pace_wait(&r->tokens, r->now));
    r->paced = r->now + wait;
    return wait <= 0 && !bf_spending_reached(&r->tally, what, sizeof what);
}

/* Those that wait for media, each once after media came. */
static int send_parked(struct bf_traffic *r, struct bf_err *err)
{
    uint32_t n = r->media_came ? r->parked.n : 0;
    enum tried became;
    for (; n > 0 && may_send(r); n--) {
        const struct bf_pending p = bf_pendings_pop(&r->parked);
        BF_TRY(try_one(r, &p, &became, err));
        if (became == NO_SERVER)
            BF_TRY(park(r, &p, err));
    }
    r->media_came = n > 0;
    return BF_OK;
}

/* No server at present takes what a question shows: again when the loop ticks. */
static int put_off(struct bf_traffic *r, struct bf_pending p, struct bf_err *err)
{
    p.due = r->now + 0.2;
    return bf_pendings_push(&r->again, &p, err);
}

static int send_again(struct bf_traffic *r, struct bf_err *err)
{
    enum tried became;
    while (r->again.n && r->again.v[0].due <= r->now && may_send(r)) {
        const struct bf_pending p = bf_pendings_pop(&r->again);
        BF_TRY(try_one(r, &p, &became, err));
        if (became == NO_SERVER)
            BF_TRY(put_off(r, p, err));
    }
    return BF_OK;
}

static int send_new(struct bf_traffic *r, struct bf_err *err)
{
    enum tried became;
    const uint32_t size = (uint32_t)bf_window_size(&r->window);
    /* A server that fails everything must not be shown everything first. */
    while (r->next < r->asking->n && r->again.n < 4 * size + BF_TRAFFIC_HOPELESS &&
           r->parked.n < 2 * size + 16) {
        if (!taken(r, r->next)) {
            r->next++;
            continue;
        }
        if (!may_send(r))
            return BF_OK;
        const struct bf_pending p = { .q = r->next, .server = -1 };
        BF_TRY(try_one(r, &p, &became, err));
        r->next++;
        if (became == NO_SERVER)
            BF_TRY(put_off(r, p, err));
    }
    return BF_OK;
}

int bf_traffic_send(struct bf_traffic *r, struct bf_err *err)
{
    if (r->ending)
        return BF_OK;
    for (int i = 0; i < r->c->n_servers; i++)
        if (r->servers[i].health == BF_HEALTH_DOWN && r->servers[i].back_at <= r->now)
            BF_TRY(send_look(r, i, err));
    BF_TRY(send_again(r, err));
    BF_TRY(send_parked(r, err));
    BF_TRY(want_media(r, err));
    BF_TRY(send_new(r, err));
    return bf_traffic_flush(r, err);
}
