#ifndef BF_PROBE_SERVER_CLIENT_H
#define BF_PROBE_SERVER_CLIENT_H

#include "core/json.h"
#include "core/ops.h"
#include "probe/prompts/manner.h"

/* What is sent when: how many requests are in flight, how fast, which of several servers gets one,
 * what is tried again and for how long. The same for every kind of probe that asks servers. */
struct bf_client_options {
    int concurrency; /* requests sent and not yet recorded; 0 = found, at most BF_CLIENT_MOST */
    double requests_per_minute, tokens_per_minute; /* 0 = no limit */
    double timeout;                                /* seconds, one request */
    int attempts;                                  /* of one question */
    double retry_for;                              /* minutes, all attempts of one question */
    double patience;                               /* minutes without any server */
};

enum { BF_CLIENT_MOST = 256 };

/* Their option rows, for a private struct `type` that holds a struct bf_client_options as `member`.
 * Laid out by hand, as BF_MANNER_OPTS. */
/* clang-format off */
#define BF_CLIENT_OPTS(type, member)                                                               \
    { "concurrency", BF_OPT_INT, offsetof(type, member.concurrency), "0", 0, 4096,                 \
      "requests", "in flight at most; 0: found while asking, "                                     \
      "256 at most", NULL },                                                                       \
    { "requests_per_minute", BF_OPT_NUM, offsetof(type, member.requests_per_minute), "0", 0, 1e9,  \
      "requests", "requests sent in a minute at most; 0: no limit", NULL },                        \
    { "tokens_per_minute", BF_OPT_NUM, offsetof(type, member.tokens_per_minute), "0", 0, 1e12,     \
      "tokens", "tokens asked and replied in a minute at most; 0: no limit", NULL },               \
    { "timeout", BF_OPT_NUM, offsetof(type, member.timeout), "300 s", 0.1, 86400,                  \
      "s", "how long one request may take before it is given up and tried again", NULL },          \
    { "attempts", BF_OPT_INT, offsetof(type, member.attempts), "6", 1, 100,                        \
      "times", "how often one question is sent at most before it counts as failed", NULL },        \
    { "retry_for", BF_OPT_NUM, offsetof(type, member.retry_for), "10 min", 0, 1e5,                 \
      "min", "how long one question is tried at most, while some server answers", NULL },          \
    { "patience", BF_OPT_NUM, offsetof(type, member.patience), "10 min", 0, 1e5,                   \
      "min", "how long to wait while no server answers before the run stops", NULL }
/* clang-format on */

/* One server of a model. */
struct bf_client_server {
    const char *shown;      /* for messages: no query, no key */
    const char *chat_url;   /* POST: where questions go, whatever their form */
    const char *models_url; /* GET, to see whether it is back; NULL = it has none */
};

/* Requests that are none of chat.completions, about questions whose samples are not looked at. */
struct bf_client_form {
    void *ctx;
    int (*body)(void *ctx, uint32_t q, struct bf_buf *out, struct bf_err *err);
    void (*estimate)(void *ctx, uint32_t q, double *n_in_out, double *n_out_out); /* tokens */
    /* As bf_reply_form.read; `a`, which comes in as failed, gets cls, and n_in, n_out when
     * known. */
    int (*read)(void *ctx, uint32_t q, const struct bf_json *root, struct bf_answer *a,
                struct bf_err *err);
    const char *absent;
};

/* What to ask with. */
struct bf_client {
    const struct bf_client_options *options;
    const struct bf_manner *manner;
    const struct bf_client_form
        *form; /* NULL: as `manner` says, of which else only `model` counts */
    int n_servers;
    const struct bf_client_server *servers;
    int n_headers;
    const char *const *headers; /* whole lines, the key among them */
    const char *key;            /* to take it out of what servers say; NULL = none */
    const char *key_env;        /* its name, for messages; NULL = none */
    const char *ca_file;
    uint32_t takes; /* modalities the servers take, bit per index; questions that show others are
                       left unmeasured */
    /* optional: called about five times a second, for whoever keeps the server alive. A negative
     * code stops the run with its message. */
    int (*tick)(void *ctx, struct bf_err *err);
    void *tick_ctx;
};

/* Ask every question of `asking`, and put every answer, until none is left.
 *
 * Questions that cannot be answered (context too long, media refused, all attempts used up) are
 * put as `failed`, once. BF_EINVAL, BF_EIO: no question can be answered (wrong key, unknown model),
 * no server answered for `patience`, the spend limit is reached, the user stopped; what was in
 * flight has been put then, and nothing is sent again. Or what put(), media() and tick() return. */
int bf_client_ask(const struct bf_client *c, const struct bf_asking *asking, struct bf_err *err);

#endif
