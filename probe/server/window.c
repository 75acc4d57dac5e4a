/* How many requests at once, and how many a minute. */
#include "probe/server/window.h"

#include <math.h>

enum { FIRST = 8, LONGEST_WAIT = 64, LOOK_AT = 20 };

static const double trial_seconds = 1; /* between trials of a larger window */
static const double saved_seconds = 0.05;

static void begin_round(struct bf_window *w, double now)
{
    w->from = now;
    w->wanted = false;
    w->n = 0;
    w->seconds = 0;
}

void bf_window_init(struct bf_window *w, int fixed, int most, double now)
{
    *w = (struct bf_window){
        .most = fixed ? fixed : most,
        .sought = fixed == 0,
        .size = fixed ? fixed : fmin(FIRST, most),
        .doubling = fixed == 0,
        .halved_at = now,
    };
    begin_round(w, now);
}

int bf_window_size(const struct bf_window *w)
{
    const int size = (int)w->size;
    return size < 1 ? 1 : size > w->most ? w->most : size;
}

void bf_window_full(struct bf_window *w)
{
    w->wanted = true;
}

static void halve(struct bf_window *w, double now)
{
    w->size = fmax(1, floor(w->size / 2));
    w->doubling = false;
    w->before = w->rate = 0;
    w->halved_at = now;
    w->waited = 0;
    w->patience = w->patience == 0             ? 1
                  : w->patience < LONGEST_WAIT ? 2 * w->patience
                                               : LONGEST_WAIT;
}

/* Whether what is sent now is turned away: a few are no sign of it. */
static bool is_turned_away(struct bf_window *w, bool away)
{
    w->n_seen++;
    w->n_away += away;
    if (w->n_seen < LOOK_AT)
        return false;
    const bool much = 4 * w->n_away > w->n_seen;
    if (much || w->n_seen >= bf_window_size(w))
        w->n_seen = w->n_away = 0;
    return much;
}

/* Towards what is allowed, after the server took whole rounds again. */
static void regrow(struct bf_window *w)
{
    w->size = fmin(w->most, w->size + fmax(1, w->size / 8));
}

static void seek(struct bf_window *w, double rate, double now)
{
    if (w->before > 0 && rate < w->rate * (w->doubling ? 1.15 : 1.05)) {
        w->size = w->before; /* more at once brought nothing but latency */
        w->before = 0;
        w->doubling = false;
        w->tried_at = now;
        return;
    }
    const bool slower = w->before <= 0 && w->rate > 0 && rate < w->rate / 2;
    if (w->before > 0 && !w->doubling)
        w->tried_at = now;
    w->before = 0;
    w->rate = rate;
    if (slower) {
        w->size = fmax(1, w->size * 0.75);
        w->rate = 0;
        w->tried_at = now;
    } else if (w->size < w->most && (w->doubling || now - w->tried_at >= trial_seconds)) {
        w->before = w->size;
        w->size = fmin(w->most, w->doubling ? w->size * 2 : ceil(w->size * 1.5));
    }
}

void bf_window_reply(struct bf_window *w, double now, double seconds, bool away)
{
    const double sent = now - seconds;
    if (sent >= w->halved_at && is_turned_away(w, away)) {
        halve(w, now);
        begin_round(w, now);
        return;
    }
    if (away || sent < w->from)
        return;
    w->n++;
    w->seconds += seconds;
    if (2 * w->n < bf_window_size(w) || w->n < 2)
        return;
    if (w->patience && ++w->waited <= w->patience)
        w->rate = 0; /* what it was before says nothing of what it will be */
    else if (!w->sought)
        regrow(w);
    else if (w->wanted)
        seek(w, w->size * w->n / fmax(w->seconds, 1e-6), now);
    begin_round(w, now);
}

void bf_pace_init(struct bf_pace *p, double per_minute, double now)
{
    *p = (struct bf_pace){ .per_second = per_minute / (60 + saved_seconds), .at = now };
    p->level = p->per_second * saved_seconds;
}

double bf_pace_wait(struct bf_pace *p, double now)
{
    if (p->per_second <= 0)
        return 0;
    const double full = p->per_second * saved_seconds;
    p->level = fmin(full, p->level + (now - p->at) * p->per_second);
    p->at = now;
    /* Something is taken when there is anything: one unit of requests, or a request's worth of
     * tokens, which may be more than the bucket holds. */
    return p->level > 0 ? 0 : (1e-9 - p->level) / p->per_second;
}

void bf_pace_take(struct bf_pace *p, double amount)
{
    if (p->per_second > 0)
        p->level -= amount;
}
