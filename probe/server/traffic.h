#ifndef BF_PROBE_SERVER_TRAFFIC_H
#define BF_PROBE_SERVER_TRAFFIC_H

#include "probe/server/client.h"
#include "probe/server/http.h"
#include "probe/server/pending.h"
#include "probe/server/peers.h"
#include "probe/server/spending.h"
#include "probe/server/window.h"

/* The inside of probe/server/client.h: everything one bf_client_ask() keeps while questions are
 * under way. client.c turns the loop, sending.c sends, taking.c takes what comes back. */

enum {
    BF_TRAFFIC_BODIES = 256 << 20,  /* bytes of all bodies in flight; one is always allowed */
    BF_TRAFFIC_KEPT_BODY = 1 << 20, /* a buffer grown beyond is not kept */
    BF_TRAFFIC_HOPELESS = 64 /* questions that fail before the first one is answered, or wait for
                               another attempt beside those in flight */
};

/* One request in flight, or room for one. */
struct bf_job {
    struct bf_pending p;
    bool look;  /* no question: is server p.server back? */
    bool tried; /* the one question that a server coming back is given */
    struct bf_buf body;
    double n_in, n_out; /* tokens, estimated */
};

struct bf_traffic {
    const struct bf_client *c;
    const struct bf_asking *asking;
    struct bf_http *http;
    struct bf_http_target **chat, **models; /* [n_servers]; of `models` some NULL */
    struct bf_peer *servers;
    struct bf_window window;
    struct bf_pace requests, tokens;
    struct bf_spending tally;
    struct bf_rng rng; /* of waits: decides when, never what */
    int limit;         /* sent and not yet put */

    int n_jobs;
    struct bf_job *jobs, **idle; /* idle [n_idle] of them */
    int n_idle, n_in_flight;     /* looks are not counted as in flight */
    size_t n_bytes;              /* of bodies in flight */

    uint32_t next, ahead; /* the first not begun, the first whose media are not wanted */
    struct bf_pendings again, parked; /* to be sent again; waiting for media: their `due` is a place
                                         in the row */
    double n_parked;
    bool media_came;

    struct bf_arena arena; /* of the answers below */
    uint32_t n_put;
    uint32_t *which;           /* [n_jobs] */
    struct bf_answer *answers; /* [n_jobs] */

    double now, ticked, paced; /* seconds; nothing is sent before `paced` */
    double dark_since, dark;   /* no server is up since then (< 0 = one is); seconds before that */
    double answered_at;        /* bf_traffic_time() of the last answer; < 0 = none yet */
    uint64_t n_done, n_failed, n_retried;
    char last_error[320];
    bool said_refused[BF_MEDIA_KINDS];
    int ending; /* code to return once nothing is in flight; BF_OK = go on */
    struct bf_err why;
};

/* Seconds that pass only while a server is up: no question is late because none was. */
double bf_traffic_time(const struct bf_traffic *r);

/* A server's URL for messages. */
const char *bf_traffic_shown(const struct bf_traffic *r, int server);

/* Take the key out of what a server said: it may repeat what it was sent. */
void bf_traffic_hide_key(const struct bf_traffic *r, char *text);

/* Keep `text`, without the key, as the last error. */
void bf_traffic_remember(struct bf_traffic *r, const char *text);

/* Send no more, and return `code` when what is in flight has come back. The first reason stands. */
void bf_traffic_end(struct bf_traffic *r, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Hand over answers: kept until many are together, or flushed. */
int bf_traffic_put(struct bf_traffic *r, uint32_t q, const struct bf_answer *a, struct bf_err *err);
int bf_traffic_put_failed(struct bf_traffic *r, uint32_t q, const char *why, struct bf_err *err);
int bf_traffic_flush(struct bf_traffic *r, struct bf_err *err);

/* Send what may be sent now. */
int bf_traffic_send(struct bf_traffic *r, struct bf_err *err);

/* Take one request that has come back. */
int bf_traffic_take(struct bf_traffic *r, const struct bf_http_result *res, struct bf_err *err);

#endif
