#ifndef BF_PROBE_SERVER_EMBED_H
#define BF_PROBE_SERVER_EMBED_H

#include "core/ops.h"

/* A model behind OpenAI-compatible URLs that turns words into vectors (POST <url>/embeddings). */
struct bf_embed_server {
    struct bf_names urls; /* bases such as http://host:8000/v1; none = there is no such server */
    const char *model;
    int dimensions;      /* asked of the model, 0 = its own */
    int batch;           /* texts in one request, at most */
    const char *key_env; /* name of the environment variable that holds the key; "" = none */
    const char *ca_file; /* certificates trusted instead of the system's; "" = the system's */
};

/* Before any work: URLs that are none, a model without a name. BF_EINVAL. */
int bf_embed_check(const struct bf_embed_server *s, struct bf_err *err);

/* What a vector depends on beside its text: part of its key, and of what uses it. BF_EINVAL. */
int bf_embed_identify(const struct bf_embed_server *s, struct bf_buf *out, struct bf_err *err);

/* The vector of each of `texts` [n], `*dim_out` values each; NULL for an empty text, and for one
 * that the server cannot turn into a vector, which a note counts. What the ledger has (kind
 * "embedding", by SHA-256 of bf_embed_identify() and the text) is not asked again; what is asked
 * goes there with every reply, so that a kill costs at most what is in flight. Sent, tried again,
 * limited and paid as questions are (probe/server/client.h). Memory from `a`.
 *
 * BF_EINVAL, BF_EIO as bf_client_ask(); also when the model gives vectors of different length. */
int bf_embed_texts(const struct bf_embed_server *s, const struct bf_asking *asking,
                   const char *const *texts, uint32_t n, const float **out, int *dim_out,
                   struct bf_arena *a, struct bf_err *err);

#endif
