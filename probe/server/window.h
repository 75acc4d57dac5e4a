#ifndef BF_PROBE_SERVER_WINDOW_H
#define BF_PROBE_SERVER_WINDOW_H

#include <stdbool.h>

/* How many requests are in flight: at most a fixed number, or as many as raise the throughput.
 *
 * Looked at once a round: when half a window of requests that were sent since the last change have
 * come back. With mean latency L the throughput is size / L (Little's law), which unlike counting
 * does not mind that replies come in bursts. While it is sought, the window doubles as long as the
 * throughput rises by 15 %; then it stays, tries half as many more once a second, goes back when
 * that brought less than 5 %, and to three quarters when latency doubles at once. Whatever the
 * window: when servers turn away (429, 503) more than a quarter of 20 requests or more, it halves,
 * and grows again by an eighth a round, after longer each time that this ends the same way. */
struct bf_window {
    int most;    /* never exceeded */
    bool sought; /* else `most` is the aim */
    double size; /* now */

    bool doubling;
    double before; /* size that a trial began from; 0 = none under way */
    double rate;   /* replies a second, of the round before; 0 = not known */
    double tried_at;
    /* this round: */
    double from;    /* seconds */
    bool wanted;    /* the window was what held requests back */
    int n;          /* replies to what was sent since `from` */
    double seconds; /* their latencies added up */

    double halved_at;
    int n_seen, n_away; /* replies to what was sent since */
    int patience,
        waited; /* rounds to wait, and waited, before it grows again; patience 0 = it never
                             halved */
};

/* `fixed` 0 = to be sought, from 8 on, at most `most`. */
void bf_window_init(struct bf_window *w, int fixed, int most, double now);

/* Requests that may be in flight now, >= 1. */
int bf_window_size(const struct bf_window *w);

/* The window keeps a request back that could go out otherwise. */
void bf_window_full(struct bf_window *w);

/* A reply came at `now` (seconds of any clock), `seconds` after its request was sent; `away`: the
 * server had no room for it. */
void bf_window_reply(struct bf_window *w, double now, double seconds, bool away);

/* So many units in any minute: a bucket that saves up 0.05 s, so that a late call loses nothing and
 * asking that begins again and again sends no bursts. Taking may go below zero, so that one large
 * request passes, and is paid back by waiting. */
struct bf_pace {
    double per_second; /* 0 = no limit */
    double level, at;
};

void bf_pace_init(struct bf_pace *p, double per_minute, double now);

/* Seconds until something may be taken, 0 = now. */
double bf_pace_wait(struct bf_pace *p, double now);

void bf_pace_take(struct bf_pace *p, double amount); /* negative = give back */

#endif
