#ifndef BF_PROBE_SERVER_REPLY_H
#define BF_PROBE_SERVER_REPLY_H

#include "core/answer.h"
#include "core/arena.h"
#include "core/json.h"

/* What a server sent back, by what has to be done about it. */
enum bf_reply_kind {
    BF_REPLY_ANSWER,    /* an answer (perhaps empty, perhaps a refusal) */
    BF_REPLY_RETRY,     /* may work later: 408, 409, 425, 429, 5xx, a cut or malformed body */
    BF_REPLY_PERMANENT, /* this question can never be answered: 413, 422, context length */
    BF_REPLY_FATAL      /* no question can: 401, 403, unknown model, no such path, and "image input
                           is not supported", which concerns every question with that modality */
};

struct bf_reply {
    enum bf_reply_kind kind;
    int status;                   /* of HTTP */
    double wait_seconds;          /* Retry-After, retry-after-ms; negative = not said */
    const char *refused_modality; /* FATAL for questions that show it only: "image", else NULL */
    char message[256];            /* "429: rate limit reached": printable, one line */
};

/* Take apart one reply of a chat.completions endpoint: `a` gets text (from `arena`), finish, p (by
 * identity, from the first token's probabilities of the letters shown), n_in, n_out. Nothing in it
 * is trusted. `retry_after` is the header's text or NULL; `now` is seconds since the epoch, for
 * dates in it. Returns BF_OK, or BF_ENOMEM. */
int bf_reply_read(int status, const char *body, size_t n, const char *retry_after, double now,
                  const struct bf_sample *s, const uint8_t *order, struct bf_reply *out,
                  struct bf_answer *a, struct bf_arena *arena, struct bf_err *err);

/* The same for an endpoint of another form. `read` is given what came with status 200 and no error:
 * BF_OK: an answer, which `ctx` has; BF_END: none of that form, and `absent` says what is missing;
 * BF_ENOMEM. */
struct bf_reply_form {
    int (*read)(void *ctx, const struct bf_json *root, struct bf_err *err);
    void *ctx;
    const char *absent; /* "no choices in the reply" */
};
int bf_reply_read_form(int status, const char *body, size_t n, const char *retry_after, double now,
                       const struct bf_reply_form *form, struct bf_reply *out, struct bf_err *err);

/* What of a reply was said, not thought: the text after "</think>", or nothing of it when the
 * thinking was cut off. The reply itself is kept as it came; this is what a rule is given to
 * read. */
const char *bf_reply_spoken(const char *text);

#endif
