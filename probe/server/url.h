#ifndef BF_PROBE_SERVER_URL_H
#define BF_PROBE_SERVER_URL_H

#include "core/arena.h"
#include "core/err.h"

/* A base URL as a spec gives it ("http://host:8000/v1", with or without a slash at its end,
 * "/chat/completions" or "/embeddings"; with a query, as Azure has it), taken apart. */
struct bf_url {
    const char *chat;       /* where questions go: the path goes before the query */
    const char *embeddings; /* where texts go */
    const char *models;     /* list of models; NULL where the URL already names the model (Azure) */
    const char *shown;      /* for messages: no query */
    const char *named;      /* for keys of answers: as shown, but with the query's api-version */
    const char *host;       /* for "no such host 'x'" */
};

/* BF_EINVAL: not http or https, no host, or a user and password in it (they would end up in
 * messages and keys: `key_env` is for those). Memory from `a`. */
int bf_url_read(const char *text, struct bf_url *out, struct bf_arena *a, struct bf_err *err);

#endif
