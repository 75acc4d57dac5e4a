#ifndef BF_PROBE_SERVER_MODELS_H
#define BF_PROBE_SERVER_MODELS_H

#include "core/arena.h"
#include "probe/server/client.h"

/* What can be known before anything is spent: fetch each server's list of models.
 *
 * `takes_out` gets what the model takes ("text", "image", ...) where a server says so
 * (`known_out`); memory from `a`. A server without such a list says nothing, and is none the worse.
 * BF_EINVAL: the key is refused, no server has the model (the message names those there), no such
 * host. BF_EIO: no server can be reached. */
int bf_models_look(const struct bf_client *c, struct bf_names *takes_out, bool *known_out,
                   struct bf_arena *a, struct bf_err *err);

/* Read one list. BF_OK with `*has_out`: whether `model` is in it, or the list is none we read, or
 * one of a server that answers to any name; `takes` is added to, without what it has already;
 * `others_out` gets the names there, comma-separated. BF_ENOMEM. */
int bf_models_read(const char *body, size_t n, const char *model, bool *has_out,
                   struct bf_names *takes, bool *known_out, struct bf_buf *others_out,
                   struct bf_arena *a, struct bf_err *err);

#endif
