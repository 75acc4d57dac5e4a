/* The transport of model servers: a thin, reusing layer over libcurl's multi interface, which is
 * named nowhere else. Sockets are waited for with poll(2) and handed to libcurl one by one: with
 * many requests in flight and few of them ready that costs two thirds of curl_multi_poll(). */
#include "probe/server/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/text.h"

enum {
    KEPT_REPLY = 256 << 10, /* a buffer grown beyond is not kept */
    LARGE_BLOCK = 4 << 20,
    CHECK_MS = 250 /* between looks at deadlines */
};

struct bf_http_target {
    struct bf_http_target *next;
    CURLU *url;
    struct curl_slist *headers;
    bool post, tls, direct;
};

/* One request, and the curl handle that serves one after the other. */
struct slot {
    struct slot *next; /* in the list of free or of given-up ones */
    struct bf_http *http;
    CURL *easy;
    const struct bf_http_target *to; /* what `easy` is set up for */
    void *tag;
    bool busy;
    int n_sends; /* 0: no connection yet; 2: curl would have sent it again */
    bool late, too_long;
    bool moved;                       /* bytes of the reply came since the last look at deadlines */
    double sent_at, due_at, moved_at; /* moved_at 0 = no byte of the reply yet */
    struct bf_buf reply;
};

struct bf_http {
    CURLM *multi;
    struct bf_http_options o;
    struct bf_http_target *targets;
    int n_slots;
    struct slot *slots, *free, *given_up;
    struct slot *in_hand; /* its result is the caller's until the next call */
    int n_added;          /* with libcurl */
    int n_running;        /* of these, not yet ended, as libcurl last said */
    int n_in_flight;
    double timer_at;    /* when libcurl wants to be called; < 0 = never */
    double check_at;    /* when deadlines are looked at again */
    struct pollfd *fds; /* libcurl's first, then room for the caller's */
    int n_fds, cap_fds;
    struct pollfd *ready; /* [cap_fds] */
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- what libcurl calls ---- */

static size_t on_body(char *bytes, size_t size, size_t n, void *ctx)
{
    struct slot *s = ctx;
    s->moved = true;
    if (size * n > s->http->o.max_reply - s->reply.len) {
        s->too_long = true;
        return 0;
    }
    bf_buf_add(&s->reply, bytes, size * n);
    return s->reply.failed ? 0 : size * n;
}

/* Called when a connection stands and the request is about to go out. A second time would be a
 * silent repeat after a kept connection turned out dead: whether that is wanted is not ours. */
static int on_send(void *ctx, char *ip, char *local_ip, int port, int local_port)
{
    struct slot *s = ctx;
    (void)ip, (void)local_ip, (void)port, (void)local_port;
    return ++s->n_sends > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Workers and servers that are started later must not hold our connections open. */
static int on_socket_made(void *ctx, curl_socket_t fd, curlsocktype kind)
{
    (void)ctx, (void)kind;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* failing, it is inherited as before */
    return CURL_SOCKOPT_OK;
}

static bool reserve_fds(struct bf_http *h, int n)
{
    if (n <= h->cap_fds)
        return true;
    const int cap = 2 * n + 16;
    struct pollfd *fds = realloc(h->fds, (size_t)cap * sizeof *fds);
    if (fds)
        h->fds = fds;
    struct pollfd *ready = realloc(h->ready, (size_t)cap * sizeof *ready);
    if (ready)
        h->ready = ready;
    if (!fds || !ready)
        return false;
    h->cap_fds = cap;
    return true;
}

/* Keep `fds` as libcurl wants it; what it remembers with a socket is its place there, from 1. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *place)
{
    struct bf_http *h = ctx;
    int at = (int)(intptr_t)place - 1;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (at < 0)
            return 0;
        h->fds[at] = h->fds[--h->n_fds];
        if (at < h->n_fds)
            curl_multi_assign(h->multi, h->fds[at].fd, (void *)(intptr_t)(at + 1));
        return 0;
    }
    if (at < 0) {
        if (!reserve_fds(h, h->n_fds + 1))
            return -1;
        at = h->n_fds++;
        h->fds[at].fd = fd;
        curl_multi_assign(h->multi, fd, (void *)(intptr_t)(at + 1));
    }
    h->fds[at].events =
        (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *ctx)
{
    struct bf_http *h = ctx;
    (void)multi;
    h->timer_at = ms < 0 ? -1 : ms == 0 ? 0 : now() + (double)ms * 1e-3;
    return 0;
}

/* ---- opening and closing ---- */

static int slot_open(struct bf_http *h, struct slot *s, struct bf_err *err)
{
    s->http = h;
    s->reply.max = h->o.max_reply;
    s->easy = curl_easy_init();
    if (!s->easy)
        return bf_fail_memory(err, "a connection");
    CURL *e = s->easy;
    const long connect_ms = (long)ceil(h->o.connect_seconds * 1e3);
    bool ok = curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_PRIVATE, s) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_WRITEDATA, s) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_send) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_PREREQDATA, s) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, on_socket_made) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, connect_ms) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_TCP_NODELAY, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_USERAGENT, "blindfold/" BF_VERSION) == CURLE_OK;
    if (h->o.ca_file && h->o.ca_file[0])
        ok = ok && curl_easy_setopt(e, CURLOPT_CAINFO, h->o.ca_file) == CURLE_OK;
    if (!ok)
        return bf_fail_memory(err, "a connection");
    /* Where HTTP/2 cannot be had, libcurl stays with 1.1. */
    (void)curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    s->next = h->free;
    h->free = s;
    return BF_OK;
}

/* For every body that is sent libcurl takes 64 KB and frees it. glibc then gives the end of its
 * heap back to the kernel and takes it anew, a page fault for every page, until it has seen a block
 * larger than that freed (mallopt(3): thresholds adjust themselves). Elsewhere it does no harm. */
static void warm_heap(void)
{
    volatile char *large = malloc(LARGE_BLOCK);
    if (large)
        large[0] = 0; /* or the compiler would leave both calls out */
    free((void *)(uintptr_t)large);
}

int bf_http_open(const struct bf_http_options *o, struct bf_http **out, struct bf_err *err)
{
    if (o->ca_file && o->ca_file[0] && access(o->ca_file, R_OK) != 0)
        return bf_fail(err, BF_EINVAL, "cannot read '%s': %s", o->ca_file, strerror(errno));
    struct bf_http *h = calloc(1, sizeof *h);
    if (!h || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(h);
        return bf_fail_memory(err, "connections");
    }
    warm_heap();
    h->o = *o;
    h->timer_at = -1;
    h->n_slots = o->max_in_flight + 1;
    h->multi = curl_multi_init();
    h->slots = calloc((size_t)h->n_slots, sizeof *h->slots);
    if (!h->multi || !h->slots || !reserve_fds(h, h->n_slots)) {
        bf_http_close(h);
        return bf_fail_memory(err, "connections");
    }
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
    curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, (long)h->n_slots);
    curl_multi_setopt(h->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)h->n_slots);
    for (int i = h->n_slots - 1; i >= 0; i--)
        if (slot_open(h, &h->slots[i], err) != BF_OK) {
            bf_http_close(h);
            return BF_ENOMEM;
        }
    *out = h;
    return BF_OK;
}

void bf_http_close(struct bf_http *h)
{
    if (!h)
        return;
    for (int i = 0; h->slots && i < h->n_slots; i++) {
        if (h->slots[i].easy) {
            curl_multi_remove_handle(h->multi, h->slots[i].easy);
            curl_easy_cleanup(h->slots[i].easy);
        }
        bf_buf_done(&h->slots[i].reply);
    }
    curl_multi_cleanup(h->multi);
    for (struct bf_http_target *t = h->targets, *next; t; t = next) {
        next = t->next;
        curl_slist_free_all(t->headers);
        curl_url_cleanup(t->url);
        free(t);
    }
    free(h->slots);
    free(h->fds);
    free(h->ready);
    free(h);
    curl_global_cleanup();
}

/* ---- targets ---- */

static bool is_http(CURLU *url, bool *tls_out)
{
    char *scheme = NULL;
    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
        return false;
    *tls_out = strcmp(scheme, "https") == 0;
    const bool ok = *tls_out || strcmp(scheme, "http") == 0;
    curl_free(scheme);
    return ok;
}

/* Whether a host is this machine, which no proxy stands in front of: one that the environment names
 * would look for the server on its own machine. */
static bool is_loopback(CURLU *url)
{
    char *host = NULL;
    if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return false;
    const bool is = strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
                    (strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.")] == '\0');
    curl_free(host);
    return is;
}

static bool add_header(struct curl_slist **list, const char *line)
{
    struct curl_slist *more = curl_slist_append(*list, line);
    if (more)
        *list = more;
    return more != NULL;
}

int bf_http_target(struct bf_http *h, const char *url, bool post, const char *const *headers,
                   int n_headers, struct bf_http_target **out, struct bf_err *err)
{
    struct bf_http_target *t = calloc(1, sizeof *t);
    CURLU *u = t ? curl_url() : NULL;
    if (!u) {
        free(t);
        return bf_fail_memory(err, "a URL");
    }
    *t = (struct bf_http_target){ .next = h->targets, .url = u, .post = post };
    h->targets = t;
    if (curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK || !is_http(u, &t->tls))
        return bf_fail(err, BF_EINVAL, "not an http or https URL");
    t->direct = is_loopback(u);
    /* No "Expect: 100-continue" before a large body: it would cost a round trip. */
    bool ok = !post || (add_header(&t->headers, "Content-Type: application/json") &&
                        add_header(&t->headers, "Expect:"));
    ok = ok && add_header(&t->headers, "Accept: application/json");
    for (int i = 0; i < n_headers; i++)
        ok = ok && add_header(&t->headers, headers[i]);
    if (!ok)
        return bf_fail_memory(err, "headers");
    *out = t;
    return BF_OK;
}

/* ---- sending ---- */

static bool aim(struct slot *s, const struct bf_http_target *to)
{
    if (s->to == to)
        return true;
    CURL *e = s->easy;
    s->to = NULL;
    bool ok = curl_easy_setopt(e, CURLOPT_CURLU, to->url) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_HTTPHEADER, to->headers) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, to->post ? CURLOPT_POST : CURLOPT_HTTPGET, 1L) == CURLE_OK;
    /* The first connection tells whether the server speaks HTTP/2, which needs no second one. */
    ok = ok && curl_easy_setopt(e, CURLOPT_PIPEWAIT, to->tls ? 1L : 0L) == CURLE_OK;
    ok = ok && curl_easy_setopt(e, CURLOPT_PROXY, to->direct ? "" : NULL) == CURLE_OK;
    if (ok)
        s->to = to;
    return ok;
}

static void release(struct bf_http *h, struct slot *s)
{
    if (s->reply.cap > KEPT_REPLY || s->reply.failed)
        bf_buf_done(&s->reply);
    s->reply.len = 0;
    s->busy = false;
    s->next = h->free;
    h->free = s;
}

int bf_http_send(struct bf_http *h, const struct bf_http_target *to, const char *body, size_t n,
                 double deadline_seconds, void *tag, struct bf_err *err)
{
    struct slot *s = h->free;
    if (!s)
        return bf_fail(err, BF_EINVAL, "more than %d requests in flight", h->o.max_in_flight);
    if (!aim(s, to))
        return bf_fail_memory(err, "a request");
    if (to->post) {
        curl_easy_setopt(s->easy, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(s->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
    }
    h->free = s->next;
    s->busy = true;
    s->tag = tag;
    s->n_sends = 0;
    s->late = s->too_long = s->moved = false;
    s->moved_at = 0;
    s->sent_at = now();
    s->due_at = s->sent_at + deadline_seconds;
    if (curl_multi_add_handle(h->multi, s->easy) != CURLM_OK) {
        release(h, s);
        return bf_fail_memory(err, "a request");
    }
    h->n_added++;
    h->n_running++;
    h->n_in_flight++;
    return BF_OK;
}

int bf_http_in_flight(const struct bf_http *h)
{
    return h->n_in_flight;
}

/* ---- waiting ---- */

static int act(struct bf_http *h, curl_socket_t fd, int events, struct bf_err *err)
{
    if (curl_multi_socket_action(h->multi, fd, events, &h->n_running) == CURLM_OUT_OF_MEMORY)
        return bf_fail_memory(err, "a reply");
    return BF_OK;
}

static int act_on_timer(struct bf_http *h, struct bf_err *err)
{
    if (h->timer_at < 0 || (h->timer_at > 0 && now() < h->timer_at))
        return BF_OK;
    h->timer_at = -1;
    return act(h, CURL_SOCKET_TIMEOUT, 0, err);
}

/* Give up what is over its deadline, or whose reply has stalled. Looked at a few times a second
 * here, because a timer for each request inside libcurl costs more than all other book-keeping. */
static void give_up_late(struct bf_http *h)
{
    const double t = now();
    if (t < h->check_at)
        return;
    h->check_at = t + CHECK_MS * 1e-3;
    for (int i = 0; i < h->n_slots; i++) {
        struct slot *s = &h->slots[i];
        if (!s->busy || s->late || s == h->in_hand)
            continue;
        if (s->moved)
            s->moved_at = t;
        s->moved = false;
        const bool stalled = s->moved_at > 0 && t - s->moved_at > h->o.stall_seconds;
        if (t < s->due_at && !stalled)
            continue;
        curl_multi_remove_handle(h->multi, s->easy);
        h->n_added--;
        h->n_running -= h->n_running > 0;
        s->late = true;
        s->next = h->given_up;
        h->given_up = s;
    }
}

static int wait_ms(const struct bf_http *h, double seconds)
{
    if (h->given_up || h->n_running < h->n_added || h->timer_at == 0)
        return 0;
    double left = h->timer_at > 0 ? h->timer_at - now() : seconds;
    left = left < seconds ? left : seconds;
    double ms = ceil(left * 1e3);
    if (h->n_added && ms > CHECK_MS)
        ms = CHECK_MS;
    return ms < 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

int bf_http_wait(struct bf_http *h, const int *fds, int n_fds, double seconds, bool *readable_out,
                 struct bf_err *err)
{
    *readable_out = false;
    BF_TRY(act_on_timer(h, err));
    give_up_late(h);
    if (!reserve_fds(h, h->n_fds + n_fds))
        return bf_fail_memory(err, "connections");
    const int n_curl = h->n_fds;
    for (int i = 0; i < n_fds; i++)
        h->fds[n_curl + i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
    int left = poll(h->fds, (nfds_t)(n_curl + n_fds), wait_ms(h, seconds));
    if (left < 0 && errno != EINTR && errno != EAGAIN)
        return bf_fail(err, BF_EIO, "cannot wait for connections: %s", strerror(errno));
    for (int i = 0; i < n_fds && left > 0; i++)
        *readable_out |= h->fds[n_curl + i].revents != 0;

    /* Acting on one socket may move the others in the list. */
    int n_ready = 0;
    for (int i = 0; i < n_curl && n_ready < left; i++)
        if (h->fds[i].revents)
            h->ready[n_ready++] = h->fds[i];
    for (int i = 0; i < n_ready; i++) {
        const int got = h->ready[i].revents;
        const int events = (got & POLLIN ? CURL_CSELECT_IN : 0) |
                           (got & POLLOUT ? CURL_CSELECT_OUT : 0) |
                           (got & (POLLERR | POLLHUP | POLLNVAL) ? CURL_CSELECT_ERR : 0);
        BF_TRY(act(h, h->ready[i].fd, events, err));
    }
    return act_on_timer(h, err);
}

/* ---- results ---- */

static void say_errno(const struct slot *s, const char *else_say, char *out, size_t size)
{
    long no = 0;
    (void)curl_easy_getinfo(s->easy, CURLINFO_OS_ERRNO, &no); /* 0 stays when it is not known */
    if (no == ECONNREFUSED)
        snprintf(out, size, "connection refused");
    else if (no == ECONNRESET || no == EPIPE)
        snprintf(out, size, "connection lost");
    else if (no > 0 && no < 4096)
        snprintf(out, size, "%s: %s", else_say, strerror((int)no));
    else
        snprintf(out, size, "%s", else_say);
}

static void say_why(const struct slot *s, CURLcode code, struct bf_http_result *out)
{
    char *msg = out->message;
    const size_t size = sizeof out->message;
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        snprintf(msg, size, "no such host");
        break;
    case CURLE_COULDNT_RESOLVE_PROXY:
        snprintf(msg, size, "no such host: the proxy");
        break;
    case CURLE_COULDNT_CONNECT:
        say_errno(s, "no connection", msg, size);
        break;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
        say_errno(s, "connection lost", msg, size);
        break;
    case CURLE_OPERATION_TIMEDOUT:
        snprintf(msg, size, "no connection within %g s", s->http->o.connect_seconds);
        break;
    case CURLE_ABORTED_BY_CALLBACK: /* on_send(): nothing else returns it */
    case CURLE_GOT_NOTHING:
        snprintf(msg, size, "connection closed without a reply");
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
        snprintf(msg, size, "its certificate is not trusted; 'ca_file' names others to trust");
        break;
    case CURLE_PARTIAL_FILE:
        snprintf(msg, size, "the reply ends early");
        break;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        snprintf(msg, size, "what came back is not HTTP");
        break;
    default:
        snprintf(msg, size, "%s", curl_easy_strerror(code));
        break;
    }
}

static const char *header(const struct slot *s, const char *name)
{
    struct curl_header *h = NULL;
    return curl_easy_header(s->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value : NULL;
}

static void take_reply(struct slot *s, int status, struct bf_http_result *out)
{
    out->end = BF_HTTP_REPLY;
    out->status = status;
    if (status < 300)
        return;
    out->location = header(s, "Location");
    out->retry_after = header(s, "Retry-After");
    /* The finer one counts where both stand; seconds are made of it in the room of `message`. */
    const char *ms = header(s, "retry-after-ms");
    double value;
    if (ms && bf_text_number(ms, &value) && value >= 0 && value < 1e12) {
        snprintf(out->message, sizeof out->message, "%.3f", value * 1e-3);
        out->retry_after = out->message;
    }
}

static void take(struct slot *s, CURLcode code, struct bf_http_result *out)
{
    long status = 0;
    (void)curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status); /* 0 = none came */
    *out = (struct bf_http_result){
        .tag = s->tag,
        .body = s->reply.len ? s->reply.data : "",
        .n = s->reply.len,
        .seconds = now() - s->sent_at,
    };
    if (s->too_long) {
        out->end = BF_HTTP_TOO_LONG;
        snprintf(out->message, sizeof out->message, "the reply is over %zu bytes",
                 s->http->o.max_reply);
    } else if (s->late) {
        out->end = s->n_sends ? BF_HTTP_LATE : BF_HTTP_UNSENT;
        snprintf(out->message, sizeof out->message, "no %s after %.0f s",
                 s->n_sends ? "whole reply" : "connection", out->seconds);
    } else if (code == CURLE_OK || status >= 400) {
        /* A server that refuses a large body may close before it has read it all: its status
         * stands all the same. */
        take_reply(s, (int)status, out);
    } else {
        out->end = s->n_sends ? BF_HTTP_BROKEN : BF_HTTP_UNSENT;
        out->stale = s->n_sends > 1;
        out->hopeless =
            code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_PEER_FAILED_VERIFICATION;
        say_why(s, code, out);
    }
}

bool bf_http_next(struct bf_http *h, struct bf_http_result *out)
{
    if (h->in_hand) {
        release(h, h->in_hand);
        h->n_in_flight--;
        h->in_hand = NULL;
    }
    struct slot *s = h->given_up;
    CURLcode code = CURLE_OK;
    if (s) {
        h->given_up = s->next;
    } else {
        int left;
        const CURLMsg *m = curl_multi_info_read(h->multi, &left);
        if (!m)
            return false;
        code = m->data.result;
        CURL *easy = m->easy_handle;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&s);
        curl_multi_remove_handle(h->multi, easy);
        h->n_added--;
    }
    take(s, code, out);
    h->in_hand = s;
    return true;
}
