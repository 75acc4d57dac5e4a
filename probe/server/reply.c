/* What servers send back: a chat.completions reply or an error in one of its many shapes, taken
 * apart without believing any of it. */
#include "probe/server/reply.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/json.h"
#include "core/text.h"
#include "probe/server/mend.h"
#include "probe/server/wait.h"

enum {
    MAX_SAID = 180,      /* bytes of a server's own words in a message */
    MAX_LOOKED_AT = 2000 /* of them, in search of what they mean */
};

/* ---- errors ---- */

/* What an error says of itself; all may be NULL. */
struct complaint {
    int status; /* of HTTP, or the one the body gives with 200 */
    const char *code, *type, *message;
};

static const char *text_of(const struct bf_json *v, const char *key)
{
    return bf_json_string(bf_json_get(v, key));
}

/* {"error": {...}}, {"error": "..."}, {"message": "..."}, {"detail": "..."}. */
static void read_complaint(const struct bf_json *root, struct complaint *c)
{
    const struct bf_json *e = bf_json_get(root, "error");
    double code;
    if (bf_json_kind(e) == BF_JSON_STRING) {
        c->message = bf_json_string(e);
        return;
    }
    const struct bf_json *from = bf_json_kind(e) == BF_JSON_OBJECT ? e : root;
    c->code = text_of(from, "code");
    c->type = text_of(from, "type");
    c->message = text_of(from, "message");
    if (!c->message)
        c->message = text_of(from, "detail");
    if (bf_json_number(bf_json_get(from, "code"), &code) && code >= 400 && code < 600 &&
        c->status < 300)
        c->status = (int)code;
}

static bool has(const char *text, const char *word)
{
    const size_t n = strlen(word);
    for (int i = 0; text && text[i] && i < MAX_LOOKED_AT; i++)
        if (strncasecmp(text + i, word, n) == 0)
            return true;
    return false;
}

static bool says(const struct complaint *c, const char *word)
{
    return has(c->code, word) || has(c->type, word) || has(c->message, word);
}

/* The modality that a server says it does not take, in the words of llama.cpp, vLLM, Ollama,
 * OpenAI and routers in front of others; NULL when it says nothing of the kind. */
static const char *refused_modality(const struct complaint *c)
{
    static const char *const words[] = { "image", "audio", "video", NULL };
    static const char *const forms[] = { "%s input is not supported", "not support %s",
                                         "support %s input",          "at most 0 %s",
                                         "%s_url is only supported",  "input_%s is only supported",
                                         "data required for %s",      NULL };
    char form[64];
    for (int w = 0; c->message && words[w]; w++)
        for (int f = 0; forms[f]; f++) {
            const char *place = strstr(forms[f], "%s");
            snprintf(form, sizeof form, "%.*s%s%s", (int)(place - forms[f]), forms[f], words[w],
                     place + 2);
            if (has(c->message, form))
                return words[w];
        }
    return NULL;
}

static bool concerns_one_question(const struct complaint *c)
{
    return says(c, "context_length") || says(c, "exceed_context") || says(c, "context length") ||
           says(c, "context size") || says(c, "too many tokens") || says(c, "maximum context");
}

/* Of a 400: the same fault in every question, since all have the same model and parameters. */
static bool concerns_all(const struct complaint *c)
{
    return says(c, "model_not_found") || says(c, "unsupported_parameter") ||
           says(c, "unsupported_value") || says(c, "unknown_parameter") ||
           (has(c->message, "model") && has(c->message, "does not exist"));
}

static enum bf_reply_kind kind_of(const struct complaint *c)
{
    switch (c->status) {
    case 400:
        if (concerns_one_question(c))
            return BF_REPLY_PERMANENT;
        return concerns_all(c) ? BF_REPLY_FATAL : BF_REPLY_PERMANENT;
    case 401:
    case 402:
    case 403:
    case 404:
    case 405:
    case 407:
    case 410:
    case 501:
    case 505:
        return BF_REPLY_FATAL;
    case 408:
    case 409:
    case 425:
        return BF_REPLY_RETRY;
    case 429: /* no money left is no matter of waiting */
        return says(c, "insufficient_quota") ? BF_REPLY_FATAL : BF_REPLY_RETRY;
    default:
        break;
    }
    if (c->status >= 500)
        return concerns_one_question(c) ? BF_REPLY_PERMANENT : BF_REPLY_RETRY;
    if (c->status >= 400)
        return BF_REPLY_PERMANENT;
    /* 200 with an error inside, by what it says; 1xx and 3xx are no chat servers. */
    if (c->status < 200 || c->status >= 300)
        return BF_REPLY_FATAL;
    if (concerns_one_question(c) || says(c, "invalid_request"))
        return BF_REPLY_PERMANENT;
    return BF_REPLY_RETRY;
}

/* "429: rate limit reached": one line, printable, whole characters. */
static void say(struct bf_reply *out, const char *what)
{
    char said[MAX_SAID + 1];
    size_t n = 0;
    for (const char *s = what + strspn(what, " \t\r\n"); *s && n < MAX_SAID; s++)
        said[n++] = (unsigned char)*s < 0x20 || *s == 0x7f ? ' ' : *s;
    while (n > 0 && (said[n - 1] == ' ' || said[n - 1] == '.'))
        n--;
    said[n] = '\0';
    bf_mend_end(said);
    snprintf(out->message, sizeof out->message, "%d: %s", out->status, said);
}

static void read_error(const struct bf_json *root, const char *body, const char *absent,
                       struct bf_reply *out)
{
    struct complaint c = { .status = out->status };
    read_complaint(root, &c);
    const char *refused = c.status >= 400 || c.status == 200 ? refused_modality(&c) : NULL;
    out->kind = refused ? BF_REPLY_FATAL : kind_of(&c);
    out->refused_modality = refused;
    if (c.message && c.message[0])
        say(out, c.message);
    else if (c.code || c.type)
        say(out, c.code ? c.code : c.type);
    else if (root)
        say(out, out->status < 300 ? absent : "no reason given");
    else if (body[strspn(body, " \t\r\n")] == '<')
        say(out, "a page of HTML, not a reply");
    else if (out->status >= 300)
        say(out, body[0] && bf_text_is_utf8(body, strlen(body)) ? body : "no reason given");
    else
        say(out, body[0] ? "the reply is not whole JSON" : "the reply is empty");
}

/* ---- answers ---- */

/* The words of a message: a string, or a list of parts of which only text counts. */
static void add_content(const struct bf_json *content, struct bf_buf *out, bool *refused)
{
    const char *text = bf_json_string(content);
    if (text) {
        bf_buf_str(out, text);
        return;
    }
    if (bf_json_kind(content) != BF_JSON_ARRAY)
        return;
    struct bf_json_iter it = { 0 };
    const struct bf_json *part;
    while (bf_json_each(content, &it, NULL, &part)) {
        const char *type = text_of(part, "type"), *words = text_of(part, "text");
        const char *refusal = text_of(part, "refusal");
        if (type && strcmp(type, "refusal") == 0 && refusal) {
            bf_buf_str(out, refusal);
            *refused = true;
        } else if (words &&
                   (!type || strcmp(type, "text") == 0 || strcmp(type, "output_text") == 0)) {
            bf_buf_str(out, words);
        }
    }
}

static const char *words_of(const struct bf_json *choice, bool *refused, struct bf_arena *arena)
{
    const struct bf_json *message = bf_json_get(choice, "message");
    const struct bf_json *content = bf_json_get(message, "content");
    const char *refusal = text_of(message, "refusal");
    *refused = refusal && refusal[0];
    if (bf_json_kind(content) == BF_JSON_STRING && !*refused)
        return bf_arena_strdup(arena, bf_json_string(content));

    struct bf_buf text = { 0 };
    add_content(content ? content : bf_json_get(choice, "text"), &text, refused);
    if (text.len == 0 && refusal)
        bf_buf_str(&text, refusal);
    const char *copy = text.failed ? NULL : bf_arena_strdup(arena, text.len ? text.data : "");
    bf_buf_done(&text);
    return copy;
}

static uint32_t count_of(const struct bf_json *usage, const char *key)
{
    double n;
    return bf_json_number(bf_json_get(usage, key), &n) && n > 0 && n < 4e9 ? (uint32_t)n : 0;
}

/* ---- probabilities ---- */

/* Place shown (0 = A) of the choice that a token names, or -1. Tokens come with the blank or
 * bracket before a letter, some servers' raw ones with the sign that stands for a blank. */
static int place_of(const char *token, const struct bf_sample *s)
{
    static const char *const signs[] = { " ", "\t", "\n",           "(",        "[", "\"",
                                         "'", "*",  "\xe2\x96\x81", "\xc4\xa0", NULL };
    for (bool cut = true; cut;) {
        cut = false;
        for (int i = 0; signs[i]; i++)
            if (strncmp(token, signs[i], strlen(signs[i])) == 0) {
                token += strlen(signs[i]);
                cut = true;
            }
    }
    size_t n = strlen(token);
    while (n > 1 && strchr(" \t\n.):]\"'*,", token[n - 1]))
        n--;
    if (s->task == BF_YESNO)
        return n == 3 && strncasecmp(token, "yes", 3) == 0  ? 0
               : n == 2 && strncasecmp(token, "no", 2) == 0 ? 1
                                                            : -1;
    const int place = n == 1 ? token[0] - 'A' : -1;
    return place >= 0 && place < s->n_choices ? place : -1;
}

static void add_p(const struct bf_json *entry, const struct bf_sample *s, const uint8_t *order,
                  double *p)
{
    double logprob;
    const char *token = text_of(entry, "token");
    if (!token || !bf_json_number(bf_json_get(entry, "logprob"), &logprob) || isnan(logprob))
        return;
    const int place = place_of(token, s);
    if (place >= 0)
        p[order[place]] += exp(logprob < 0 ? logprob : 0);
}

/* Probabilities of the choices from those of the first token, over what was shown of them. */
static void read_p(const struct bf_json *logprobs, const struct bf_sample *s, const uint8_t *order,
                   struct bf_answer *a)
{
    if ((s->task != BF_CHOICE && s->task != BF_YESNO) || s->n_choices < 2)
        return;
    const struct bf_json *first = bf_json_at(bf_json_get(logprobs, "content"), 0);
    const struct bf_json *top = bf_json_get(first, "top_logprobs"), *entry;
    const char *token = text_of(first, "token");
    double p[BF_MAX_CHOICES] = { 0 }, sum = 0;
    bool among = false; /* a token drawn at random may not be among the likeliest */
    struct bf_json_iter it = { 0 };
    while (bf_json_each(top, &it, NULL, &entry)) {
        const char *other = text_of(entry, "token");
        among |= token && other && strcmp(token, other) == 0;
        add_p(entry, s, order, p);
    }
    if (!among && first)
        add_p(first, s, order, p);
    for (int i = 0; i < s->n_choices; i++)
        sum += p[i];
    if (!(sum > 0))
        return;
    a->n_p = s->n_choices;
    for (int i = 0; i < s->n_choices; i++)
        a->p[i] = (float)(p[i] / sum);
}

static bool is_answer(const struct bf_json *root)
{
    const struct bf_json *choices = bf_json_get(root, "choices");
    const struct bf_json *choice = bf_json_at(choices, 0);
    return bf_json_kind(choices) == BF_JSON_ARRAY &&
           (bf_json_kind(bf_json_get(choice, "message")) == BF_JSON_OBJECT ||
            bf_json_string(bf_json_get(choice, "text")));
}

/* What an answer of chat.completions is about, and where it goes. */
struct chat {
    const struct bf_sample *s;
    const uint8_t *order;
    struct bf_answer *a;
    struct bf_arena *arena;
};

static int read_answer(void *ctx, const struct bf_json *root, struct bf_err *err)
{
    const struct chat *x = ctx;
    struct bf_answer *a = x->a;
    const struct bf_json *choice = bf_json_at(bf_json_get(root, "choices"), 0);
    const char *finish = text_of(choice, "finish_reason");
    bool refused;
    if (!is_answer(root))
        return BF_END;
    a->text = words_of(choice, &refused, x->arena);
    if (!a->text)
        return bf_fail_memory(err, "a reply");
    a->cls = BF_UNPARSED;
    if (refused || (finish && strcmp(finish, "content_filter") == 0))
        a->finish = BF_FINISH_REFUSED;
    else if (finish && strcmp(finish, "length") == 0)
        a->finish = BF_FINISH_LENGTH;
    const struct bf_json *usage = bf_json_get(root, "usage");
    a->n_in = count_of(usage, "prompt_tokens");
    a->n_out = count_of(usage, "completion_tokens");
    read_p(bf_json_get(choice, "logprobs"), x->s, x->order, a);
    return BF_OK;
}

static bool tells_error(const struct bf_json *root)
{
    const struct bf_json *error = bf_json_get(root, "error");
    return error && bf_json_kind(error) != BF_JSON_NULL;
}

int bf_reply_read_form(int status, const char *body, size_t n, const char *retry_after, double now,
                       const struct bf_reply_form *form, struct bf_reply *out, struct bf_err *err)
{
    struct bf_json_doc *doc = NULL;
    *out = (struct bf_reply){
        .status = status,
        .wait_seconds = bf_wait_of(retry_after, now),
    };
    int rc = bf_mend_parse(body, n, &doc, NULL);
    if (rc == BF_ENOMEM)
        return bf_fail_memory(err, "a reply");
    const struct bf_json *root = doc ? bf_json_root(doc) : NULL;
    rc = status == 200 && root && !tells_error(root) ? form->read(form->ctx, root, err) : BF_END;
    if (rc == BF_OK)
        out->kind = BF_REPLY_ANSWER;
    else if (rc == BF_END)
        read_error(root, body, form->absent, out);
    bf_json_free(&doc);
    return rc == BF_END ? BF_OK : rc;
}

int bf_reply_read(int status, const char *body, size_t n, const char *retry_after, double now,
                  const struct bf_sample *s, const uint8_t *order, struct bf_reply *out,
                  struct bf_answer *a, struct bf_arena *arena, struct bf_err *err)
{
    struct chat x = { s, order, a, arena };
    const struct bf_reply_form form = { read_answer, &x, "no choices in the reply" };
    *a = (struct bf_answer){ .cls = BF_FAILED, .choice = -1, .number = NAN };
    return bf_reply_read_form(status, body, n, retry_after, now, &form, out, err);
}

const char *bf_reply_spoken(const char *text)
{
    static const char opening[] = "<think>", closing[] = "</think>";
    const char *start = text + strspn(text, " \t\r\n");
    const char *end = strstr(text, closing);
    if (end)
        return end + sizeof closing - 1;
    return strncmp(start, opening, sizeof opening - 1) == 0 ? text + strlen(text) : text;
}
