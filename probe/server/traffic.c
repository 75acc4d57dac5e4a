/* What sending and taking share: answers handed over, errors remembered, the end. */
#include "probe/server/traffic.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    SHORTEST_KEY = 4,     /* a shorter one is none, and part of many words */
    MAX_ARENA = 256 << 10 /* bytes of answers that were put */
};

double bf_traffic_time(const struct bf_traffic *r)
{
    return r->now - r->dark - (r->dark_since >= 0 ? r->now - r->dark_since : 0);
}

const char *bf_traffic_shown(const struct bf_traffic *r, int server)
{
    return r->c->servers[server].shown;
}

void bf_traffic_hide_key(const struct bf_traffic *r, char *text)
{
    const char *key = r->c->key;
    const size_t n = key ? strlen(key) : 0;
    for (char *s = n >= SHORTEST_KEY ? strstr(text, key) : NULL; s; s = strstr(s + n, key))
        memset(s, '*', n);
}

void bf_traffic_remember(struct bf_traffic *r, const char *text)
{
    snprintf(r->last_error, sizeof r->last_error, "%s", text);
    bf_traffic_hide_key(r, r->last_error);
}

void bf_traffic_end(struct bf_traffic *r, int code, const char *fmt, ...)
{
    char text[sizeof r->why.msg];
    va_list ap;
    if (r->ending)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    bf_traffic_hide_key(r, text);
    r->ending = bf_fail(&r->why, code, "%s", text);
}

int bf_traffic_flush(struct bf_traffic *r, struct bf_err *err)
{
    if (r->n_put == 0)
        return BF_OK;
    const uint32_t n = r->n_put;
    r->n_put = 0;
    r->n_done += n;
    BF_TRY(r->asking->put(r->asking->ctx, r->which, r->answers, n, err));
    /* Not every time: giving memory back and taking it again costs more than all that is in it. */
    if (r->arena.used > MAX_ARENA)
        bf_arena_reset(&r->arena);
    return BF_OK;
}

int bf_traffic_put(struct bf_traffic *r, uint32_t q, const struct bf_answer *a, struct bf_err *err)
{
    r->which[r->n_put] = q;
    r->answers[r->n_put++] = *a;
    return r->n_put == (uint32_t)r->n_jobs ? bf_traffic_flush(r, err) : BF_OK;
}

int bf_traffic_put_failed(struct bf_traffic *r, uint32_t q, const char *why, struct bf_err *err)
{
    bf_traffic_remember(r, why);
    struct bf_answer a = { .cls = BF_FAILED, .choice = -1, .number = NAN };
    a.text = bf_arena_strdup(&r->arena, r->last_error);
    if (!a.text)
        return bf_fail_memory(err, "an answer");
    r->n_failed++;
    return bf_traffic_put(r, q, &a, err);
}
