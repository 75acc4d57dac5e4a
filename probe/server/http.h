#ifndef BF_PROBE_SERVER_HTTP_H
#define BF_PROBE_SERVER_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

/* Requests over HTTP and HTTPS, many at a time on one thread. Connections are kept and used again,
 * as many as there are requests in flight; HTTP/2 where a TLS server offers it, else HTTP/1.1
 * without pipelining. A request is sent once: what was lost on its way is reported, never silently
 * sent again. Redirects are not followed (a key must not follow them either). Proxies are those
 * that the usual environment variables name, for servers on this machine none. */
struct bf_http;

/* Where requests go: a URL with its headers, made once and sent often. */
struct bf_http_target;

struct bf_http_options {
    int max_in_flight;      /* >= 1 */
    double connect_seconds; /* to reach a server */
    double stall_seconds;   /* a reply that has begun and brings nothing for so long is given up */
    size_t max_reply;       /* bytes of a body; a longer one is BF_HTTP_TOO_LONG */
    const char *ca_file;    /* certificates trusted instead of the system's; NULL or "" = those */
};

enum bf_http_end {
    BF_HTTP_REPLY,   /* a reply, whatever its status */
    BF_HTTP_UNSENT,  /* the server was not reached: refused, host not found, TLS */
    BF_HTTP_BROKEN,  /* sent, and the connection was lost or the reply ends early */
    BF_HTTP_LATE,    /* over its deadline, or stalled */
    BF_HTTP_TOO_LONG /* the reply is over `max_reply` */
};

/* How one request ended. Pointers are valid until the next call of bf_http_next(). */
struct bf_http_result {
    void *tag;
    enum bf_http_end end;
    int status;       /* of REPLY */
    const char *body; /* [n], NUL added; never NULL */
    size_t n;
    const char *retry_after; /* header Retry-After, or retry-after-ms as seconds; NULL = neither */
    const char *location;    /* of a redirect, or NULL */
    bool stale;              /* BROKEN because a kept connection had been closed by the server */
    bool hopeless;           /* UNSENT, and waiting will not help: the name is not known, or the
                                certificate not trusted */
    double seconds;          /* from sending to the end */
    char message[128];       /* why there is no REPLY: "connection refused" */
};

/* BF_ENOMEM, or BF_EINVAL when `ca_file` cannot be read. */
int bf_http_open(const struct bf_http_options *o, struct bf_http **out, struct bf_err *err);
void bf_http_close(struct bf_http *h);

/* A target for POST (`post`) or GET; lives as long as `h`. `headers` are whole lines ("name:
 * value") and are copied. BF_EINVAL: no http or https URL; the message does not repeat it. */
int bf_http_target(struct bf_http *h, const char *url, bool post, const char *const *headers,
                   int n_headers, struct bf_http_target **out, struct bf_err *err);

/* Begin one request; `body` [n] stays the caller's and must not change until the request has come
 * back from bf_http_next(). At most `max_in_flight` at a time, result in hand included. */
int bf_http_send(struct bf_http *h, const struct bf_http_target *to, const char *body, size_t n,
                 double deadline_seconds, void *tag, struct bf_err *err);

/* Move what can be moved, then wait until something happens: at most `seconds`, or until one of
 * `fds` [n_fds] is readable (`*readable_out`). */
int bf_http_wait(struct bf_http *h, const int *fds, int n_fds, double seconds, bool *readable_out,
                 struct bf_err *err);

/* One request that has ended, in no particular order; false when there is none. */
bool bf_http_next(struct bf_http *h, struct bf_http_result *out);

/* Requests begun and not yet given back. */
int bf_http_in_flight(const struct bf_http *h);

#endif
