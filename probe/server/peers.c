/* Several servers of one model: which is well, which gets the next question. */
#include "probe/server/peers.h"

#include <math.h>
#include <stddef.h>

enum { MOST_TRIES = 8 };

static const double first_wait = 0.25, longest_wait = 2; /* seconds between looks */

const char *const bf_media_kind_names[BF_MEDIA_KINDS] = { "image", "audio", "video" };

static bool may_have_one(const struct bf_peer *s)
{
    const int most = s->n_tries < 3 ? 1 << s->n_tries : MOST_TRIES;
    return s->health == BF_HEALTH_UP || (s->health == BF_HEALTH_TRIED && s->trying < most);
}

int bf_peers_pick(const struct bf_peer *v, int n, unsigned shown, int avoid)
{
    int best = -1;
    for (int i = 0; i < n; i++) {
        if (!may_have_one(&v[i]) || (v[i].refuses & shown))
            continue;
        if (best < 0 || best == avoid || (i != avoid && v[i].in_flight < v[best].in_flight))
            best = i;
    }
    return best;
}

bool bf_peers_take(const struct bf_peer *v, int n, unsigned shown)
{
    for (int i = 0; i < n; i++)
        if (!(v[i].refuses & shown))
            return true;
    return false;
}

bool bf_peers_up(const struct bf_peer *v, int n)
{
    for (int i = 0; i < n; i++)
        if (v[i].health == BF_HEALTH_UP)
            return true;
    return false;
}

void bf_peer_well(struct bf_peer *s)
{
    s->health = BF_HEALTH_UP;
    s->streak = s->n_tries = 0;
    s->wait = s->asked_till = 0;
}

void bf_peer_looked(struct bf_peer *s)
{
    s->health = BF_HEALTH_LOOKED;
}

void bf_peer_tried(struct bf_peer *s)
{
    s->health = BF_HEALTH_TRIED;
}

void bf_peer_failed(struct bf_peer *s, double now, int at_most, double for_seconds, double asked,
                    bool tried, struct bf_rng *rng)
{
    if (s->streak++ == 0)
        s->since = now;
    if (asked > 0)
        s->asked_till = fmax(s->asked_till, now + asked);
    const bool falls =
        s->health == BF_HEALTH_UP && s->streak >= at_most && now - s->since >= for_seconds;
    if (falls) {
        s->down_since = now;
        s->noted = false;
    }
    /* What comes back from before it fell says nothing new, but for what it asks. */
    if (s->health == BF_HEALTH_DOWN)
        s->back_at = fmax(s->back_at, s->asked_till);
    if (!falls && !(tried && (s->health == BF_HEALTH_LOOKED || s->health == BF_HEALTH_TRIED)))
        return;
    s->n_tries += s->health == BF_HEALTH_TRIED;
    s->wait = s->wait > 0 ? fmin(longest_wait, 2 * s->wait) : first_wait;
    const double drawn = s->wait * (0.75 + 0.25 * bf_rng_unit(rng));
    s->back_at = asked >= 0 ? s->asked_till : fmax(now + drawn, s->asked_till);
    s->health = BF_HEALTH_DOWN;
}
