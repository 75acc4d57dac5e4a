#ifndef BF_PROBE_CHAT_H
#define BF_PROBE_CHAT_H

#include "probe/server/client.h"

/* A model behind OpenAI-compatible URLs: what the kinds `chat` and `serve` share. */
struct bf_chat_server {
    struct bf_names urls; /* bases such as http://host:8000/v1, at least one */
    const char *key_env;  /* name of the environment variable that holds the key; "" = none */
    const char *ca_file;  /* certificates trusted instead of the system's; "" = the system's */
    const struct bf_client_options *client;
    const struct bf_manner *manner;
    int (*tick)(void *ctx, struct bf_err *err); /* optional, as in struct bf_client */
    void *tick_ctx;
};

/* Before any work: URLs that are none, a manner that cannot work. BF_EINVAL. */
int bf_chat_check(const struct bf_chat_server *s, const struct bf_spec *spec, struct bf_err *err);

/* Ask all of `asking`. First, before anything is spent, the server's list of models is fetched:
 * a wrong key, an unknown model and a server that cannot be reached are told at once (BF_EINVAL,
 * BF_EIO), and questions that show what the model does not take are left unmeasured with a note.
 * Else as bf_client_ask(). */
int bf_chat_ask(const struct bf_chat_server *s, const struct bf_asking *asking, struct bf_err *err);

/* The request as it would be sent, key left out: "POST url", an empty line, the body. */
int bf_chat_preview(const struct bf_chat_server *s, const struct bf_asking *asking, uint32_t q,
                    struct bf_buf *out, struct bf_err *err);

/* Read a reply by the manner's rule; what a model thought aloud (<think>...</think> before the
 * answer) is not part of what is read. */
void bf_chat_read(const struct bf_manner *m, const struct bf_sample *s, const uint8_t *order,
                  struct bf_answer *a);

#endif
