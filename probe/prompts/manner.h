#ifndef BF_PROBE_PROMPTS_MANNER_H
#define BF_PROBE_PROMPTS_MANNER_H

#include "core/ops.h"
#include "core/spec.h"
#include "probe/prompts/prompts.h"
#include "probe/reading/rules.h"

/* How a probe puts a question to a model, and reads what comes back: options that the kinds chat,
 * serve, batch and command share, rows BF_MANNER_OPTS below. */
struct bf_manner {
    const char *model;
    const char *prompt;        /* name of a prompt, or words of the user's own with places */
    const char *system;        /* system message, "" = none */
    int rule;                  /* enum bf_rule */
    double tolerance;          /* of `number`, relative */
    int max_tokens;            /* 0 = what the prompt needs */
    int limit_name;            /* enum bf_limit_name */
    double temperature, top_p; /* top_p 1 = not sent */
    int seed;                  /* -1 = not sent; else seed + trial is */
    bool logprobs;             /* ask for probabilities of the first token */
    int server;                /* enum bf_server */
    int detail;                /* of image_url: not sent, auto, low, high */
    const char *extra;         /* JSON object merged into the request's body, "" = none */
    struct bf_names takes; /* modalities, carriers or all; none = what the server says, or all */
};

/* What is spoken: names of fields differ, and what is sent beside them. Words: BF_SERVER_WORDS. */
enum bf_server {
    BF_SERVER_OPENAI,
    BF_SERVER_VLLM,
    BF_SERVER_SGLANG,
    BF_SERVER_LLAMA,
    BF_SERVER_OLLAMA
};

#define BF_SERVER_WORDS "openai|vllm|sglang|llama_cpp|ollama"

/* The field that holds max_tokens: OpenAI's reasoning models refuse the older name. */
enum bf_limit_name { BF_LIMIT_MAX_TOKENS, BF_LIMIT_MAX_COMPLETION_TOKENS };

/* The option rows, for a private struct `type` that holds a struct bf_manner as `member`. Laid out
 * by hand: one row of the macro reads like one of a table. */
/* clang-format off */
#define BF_MANNER_OPTS(type, member)                                                               \
    { "model", BF_OPT_STR, offsetof(type, member.model), NULL, 0, 0, NULL,                         \
      "name of the model, as the server knows it", NULL },                                         \
    { "prompt", BF_OPT_STR, offsetof(type, member.prompt), "basic", 0, 0, NULL,                    \
      "name of a prompt, or words of your own with {question}, {choices}, {letters}, {n}", NULL }, \
    { "system", BF_OPT_STR, offsetof(type, member.system), "", 0, 0, NULL,                         \
      "system message in place of the prompt's own; empty: the prompt's, if it has one", NULL },   \
    { "read", BF_OPT_ENUM, offsetof(type, member.rule), "strict", 0, 0, NULL,                      \
      "how replies are read; another way asks nothing again", BF_RULE_WORDS },                     \
    { "tolerance", BF_OPT_NUM, offsetof(type, member.tolerance), "0", 0, 1, "as a share",          \
      "how far a number may lie from the gold one, as a share of it", NULL },                      \
    { "max_tokens", BF_OPT_INT, offsetof(type, member.max_tokens), "0", 0, 1000000, "tokens",      \
      "longest reply; 0: 16 for prompts that want a letter, 256 for free text, 2048 for chains "   \
      "of thought and prompts of your own", NULL },                                                \
    { "limit_name", BF_OPT_ENUM, offsetof(type, member.limit_name), "max_tokens", 0, 0, NULL,      \
      "what a request calls that limit; OpenAI's reasoning models want the longer name",           \
      "max_tokens|max_completion_tokens" },                                                        \
    { "temperature", BF_OPT_NUM, offsetof(type, member.temperature), "0", 0, 2, "as temperature",  \
      "randomness of replies; above 0, trials differ by it", NULL },                               \
    { "top_p", BF_OPT_NUM, offsetof(type, member.top_p), "1", 0, 1, "as a share",                  \
      "share of probability that replies are drawn from; 1: not sent", NULL },                     \
    { "seed", BF_OPT_INT, offsetof(type, member.seed), "-1", -1, 1000000000, "as a seed",          \
      "seed sent with the first trial, one more with each further one; -1: not sent", NULL },      \
    { "logprobs", BF_OPT_BOOL, offsetof(type, member.logprobs), "false", 0, 0, NULL,               \
      "ask for the probabilities of tokens, so that answers carry p of every choice", NULL },      \
    { "server", BF_OPT_ENUM, offsetof(type, member.server), "openai", 0, 0, NULL,                  \
      "what the server speaks: llama_cpp is told not to reuse its cache, whose results differ; "   \
      "sglang takes sound as audio_url", BF_SERVER_WORDS },                                        \
    { "detail", BF_OPT_ENUM, offsetof(type, member.detail), "unset", 0, 0, NULL,                   \
      "detail of pictures that OpenAI's models are asked for; unset: not sent",                    \
      "unset|auto|low|high" },                                                                     \
    { "extra", BF_OPT_STR, offsetof(type, member.extra), "", 0, 0, NULL,                           \
      "JSON object of further fields; one of ours it names is replaced, or left out for null",     \
      NULL },                                                                                      \
    { "takes", BF_OPT_NAMES, offsetof(type, member.takes), "", 0, 0, NULL,                         \
      "modalities or carriers that the model can be shown, or all; none named: what the server "   \
      "says, all when it says nothing", NULL }
/* clang-format on */

/* Before any work: an unknown prompt, `extra` that is no JSON object, `takes` that names nothing
 * known. BF_EINVAL. */
int bf_manner_check(const struct bf_manner *m, const struct bf_spec *spec, struct bf_err *err);

/* All of it that decides an answer, for keys: not the rule, since replies are read again. */
void bf_manner_identify(const struct bf_manner *m, const struct bf_probe_spec *p,
                        struct bf_buf *out);

/* The body of one chat.completions request: `parts` [n] are what bf_asking.media gave. `out` is
 * emptied first. Same question, same bytes. BF_ENOMEM. */
int bf_manner_body(const struct bf_manner *m, const struct bf_asking *asking, uint32_t q,
                   const struct bf_encoded_part *parts, int n_parts, struct bf_buf *out,
                   struct bf_err *err);

/* The limit of a reply to `s`. */
int bf_manner_max_tokens(const struct bf_manner *m, const struct bf_sample *s);

/* Tokens of one request, roughly: words / 0.75, pictures and sound as the common servers count
 * them, the larger where they differ; of the reply, its limit (docs/asking.md#tokens). */
void bf_manner_estimate(const struct bf_manner *m, const struct bf_spec *spec,
                        const struct bf_sample *s, const struct bf_view *view, double *n_in_out,
                        double *n_out_out);

/* Modalities of `spec` that the probe can be shown: bit per index. `server_takes` lists what the
 * server says it takes ("text", "image", "audio", "video"), NULL when it says nothing. */
uint32_t bf_manner_takes(const struct bf_manner *m, const struct bf_spec *spec,
                         const struct bf_names *server_takes);

#endif
