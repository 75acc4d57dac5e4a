#ifndef BF_PROBE_SERVER_ACCESS_H
#define BF_PROBE_SERVER_ACCESS_H

#include "probe/server/client.h"
#include "probe/server/url.h"

/* The URLs of a model and the headers that go with them, for one asking. Begin with a zeroed
 * one. */
struct bf_access {
    struct bf_arena arena;
    int n;
    struct bf_url *urls;              /* [n] */
    struct bf_client_server *servers; /* [n] */
    const char *key;                  /* NULL = none */
    const char *headers[2];
    int n_headers;
};

/* Take apart the URLs, of which there must be one at least; requests go where answers are, or where
 * `vectors` are. BF_EINVAL: one is none. */
int bf_access_urls(struct bf_access *x, const struct bf_names *urls, bool vectors,
                   struct bf_err *err);

/* Then fetch the key from the environment variable of that name; "" or NULL: none is sent.
 * BF_EINVAL: it is not set, or holds what no key has. */
int bf_access_key(struct bf_access *x, const char *key_env, const struct bf_asking *asking,
                  struct bf_err *err);

void bf_access_done(struct bf_access *x);

#endif
