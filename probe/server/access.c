/* Where a model is, and the key to it. */
#include "probe/server/access.h"

int bf_access_urls(struct bf_access *x, const struct bf_names *urls, bool vectors,
                   struct bf_err *err)
{
    const size_t n = (size_t)urls->n;
    x->n = urls->n;
    x->urls = bf_arena_alloc(&x->arena, n + 1, sizeof *x->urls);
    x->servers = bf_arena_alloc(&x->arena, n + 1, sizeof *x->servers);
    if (!x->urls || !x->servers)
        return bf_fail_memory(err, "URLs");
    if (n == 0)
        return bf_fail(err, BF_EINVAL, "'url' names no server");
    for (size_t i = 0; i < n; i++) {
        struct bf_url *u = &x->urls[i];
        BF_TRY(bf_url_read(urls->v[i], u, &x->arena, err));
        x->servers[i] =
            (struct bf_client_server){ u->shown, vectors ? u->embeddings : u->chat, u->models };
    }
    return BF_OK;
}

/* The key goes out as servers want it: Azure's, which have no list of models, under a name of
 * their own. */
int bf_access_key(struct bf_access *x, const char *key_env, const struct bf_asking *asking,
                  struct bf_err *err)
{
    if (!key_env || !key_env[0])
        return BF_OK;
    x->key = asking->env(asking->ctx, key_env);
    if (!x->key || !x->key[0])
        return bf_fail(err, BF_EINVAL,
                       "the environment variable '%s' named by 'key_env' is not set", key_env);
    for (const char *c = x->key; *c; c++)
        if ((unsigned char)*c <= 0x20 || (unsigned char)*c >= 0x7f)
            return bf_fail(err, BF_EINVAL,
                           "the environment variable '%s' holds what no key has: a blank, a line "
                           "break or a letter beyond ASCII",
                           key_env);
    bool azure = false, others = false;
    for (int i = 0; i < x->n; i++) {
        azure |= x->urls[i].models == NULL;
        others |= x->urls[i].models != NULL;
    }
    if (others)
        x->headers[x->n_headers++] = bf_arena_printf(&x->arena, "Authorization: Bearer %s", x->key);
    if (azure)
        x->headers[x->n_headers++] = bf_arena_printf(&x->arena, "api-key: %s", x->key);
    for (int i = 0; i < x->n_headers; i++)
        if (!x->headers[i])
            return bf_fail_memory(err, "headers");
    return BF_OK;
}

void bf_access_done(struct bf_access *x)
{
    bf_arena_reset(&x->arena);
}
