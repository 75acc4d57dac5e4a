#ifndef BF_PROBE_SERVER_PEERS_H
#define BF_PROBE_SERVER_PEERS_H

#include <stdbool.h>

#include "core/rng.h"

/* Whether a server is well, by what became of the requests sent to it. One that fails again and
 * again is left out; after a while it is looked at (a request that costs nothing), then a question
 * tries it, two when that did not work, up to eight; the first to come back answered brings it in
 * again. */
enum bf_health {
    BF_HEALTH_UP,
    BF_HEALTH_DOWN,   /* left out until `back_at` */
    BF_HEALTH_LOOKED, /* a look is under way */
    BF_HEALTH_TRIED   /* a few questions at a time */
};

struct bf_peer {
    enum bf_health health;
    int in_flight;     /* questions */
    int streak;        /* failures in a row */
    double since;      /* the first of them */
    int trying;        /* questions under way that try it */
    int n_tries;       /* how often they failed since it went down */
    double wait;       /* before the next look, without what the server itself asks for */
    double asked_till; /* Retry-After */
    double back_at;
    double down_since;
    bool noted;
    unsigned refuses; /* kinds of media it does not take: bit per bf_media_kind */
    char why[256];    /* the last failure */
};

/* Kinds of files that a server may refuse. */
enum bf_media_kind { BF_MEDIA_IMAGE, BF_MEDIA_AUDIO, BF_MEDIA_VIDEO, BF_MEDIA_KINDS };

/* "image", "audio", "video": as in MIME types, and in what servers say. */
extern const char *const bf_media_kind_names[BF_MEDIA_KINDS];

/* Index of the server for the next question: of those that may have one and take the kinds
 * `shown`, the one with the fewest in flight, `avoid` (-1 = none) only when there is no other.
 * -1: none at present. */
int bf_peers_pick(const struct bf_peer *v, int n, unsigned shown, int avoid);

/* Whether any takes the kinds `shown`, be it up or not. */
bool bf_peers_take(const struct bf_peer *v, int n, unsigned shown);

bool bf_peers_up(const struct bf_peer *v, int n);

/* The server answered something. */
void bf_peer_well(struct bf_peer *s);

/* Look at a server that is down; let questions try it. */
void bf_peer_looked(struct bf_peer *s);
void bf_peer_tried(struct bf_peer *s);

/* The server failed, and asks to be left alone for `asked` seconds (negative = it does not say).
 * After `at_most` times in a row, over `for_seconds` at least, it is down; `tried`: it was a look,
 * or a question that tried it. */
void bf_peer_failed(struct bf_peer *s, double now, int at_most, double for_seconds, double asked,
                    bool tried, struct bf_rng *rng);

#endif
