#ifndef BF_PROBE_MANNER_H
#define BF_PROBE_MANNER_H

#include "core/ops.h"
#include "core/spec.h"
#include "probe/prompts.h"
#include "probe/rules.h"

/* How a probe puts a question to a model, and reads what comes back: options that the kinds chat,
 * serve, batch and command share. Their rows are BF_MANNER_OPTS (probe/manner.c says what each
 * does to a request). */
struct bf_manner {
    const char *model;
    const char *prompt; /* name of a prompt, or words of the user's own with places */
    const char *system; /* system message, "" = none */
    int rule;           /* enum bf_rule */
    double tolerance;   /* of `number`, relative */
    int max_tokens;
    double temperature, top_p; /* top_p 1 = not sent */
    int seed;                  /* -1 = not sent; else seed + trial is */
    bool logprobs;             /* ask for probabilities of the first token */
    int server;                /* enum bf_server */
    int detail;                /* of image_url: not sent, auto, low, high */
    const char *extra;         /* JSON object merged into the request's body, "" = none */
    struct bf_names takes; /* modalities, carriers or all; none = what the server says, or all */
};

/* What is spoken: names of fields differ, and what is sent beside them. */
enum bf_server {
    BF_SERVER_OPENAI,
    BF_SERVER_VLLM,
    BF_SERVER_SGLANG,
    BF_SERVER_LLAMA,
    BF_SERVER_OLLAMA
};

/* Before any work: an unknown prompt, `extra` that is no JSON object. BF_EINVAL. */
int bf_manner_check(const struct bf_manner *m, const struct bf_spec *spec, struct bf_err *err);

/* All of it that decides an answer, for keys: not the rule, since replies are read again. */
void bf_manner_identify(const struct bf_manner *m, const struct bf_probe_spec *p,
                        struct bf_buf *out);

/* The body of one chat.completions request: `parts` [n] are what bf_asking.media gave. `out` is
 * emptied first. Same question, same bytes. BF_ENOMEM. */
int bf_manner_body(const struct bf_manner *m, const struct bf_asking *asking, uint32_t q,
                   const struct bf_encoded_part *parts, int n_parts, struct bf_buf *out,
                   struct bf_err *err);

/* Tokens of one request, roughly: words / 0.75, pictures and sound as the common servers count
 * them (docs/asking.md#tokens). */
void bf_manner_estimate(const struct bf_manner *m, const struct bf_spec *spec,
                        const struct bf_sample *s, const struct bf_view *view, double *n_in_out,
                        double *n_out_out);

/* Modalities of `spec` that the probe can be shown: bit per index. `server_takes` lists what the
 * server says it takes ("text", "image", "audio", "video"), NULL when it says nothing. */
uint32_t bf_manner_takes(const struct bf_manner *m, const struct bf_spec *spec,
                         const struct bf_names *server_takes);

#endif
