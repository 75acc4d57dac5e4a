/* Probes that learn from the pool, trained again for scores and filters. */
#include "core/refit.h"

#include <stdlib.h>

#include "core/asking.h"

struct bf_refitting {
    struct bf_refitter refitter;
    struct bf_state *st;
    struct bf_views views;
    struct bf_ask ask;
    bool has_features; /* what operators put in place of media is read, and in memory */
};

/* The same features as when it was asked: where the ledger had all answers, nothing is read yet. */
static int load_features(struct bf_refitting *r, struct bf_err *err)
{
    if (r->has_features)
        return BF_OK;
    if (!r->views.v)
        BF_TRY(bf_views_make(r->st, &r->views, err));
    BF_TRY(bf_ask_want_replaced(&r->ask, err));
    r->has_features = true;
    return BF_OK;
}

static int refit(void *ctx, int probe, const struct bf_refit *how, float *p_out, struct bf_err *err)
{
    struct bf_refitting *r = ctx;
    const struct bf_probe_spec *p = &r->st->spec->probes[probe];
    if (!p->base->refit)
        return bf_fail(err, BF_EINVAL, "probe '%s' is '%s', which does not learn from the pool",
                       p->name, p->base->op.name);
    if (p->base->sees_features)
        BF_TRY(load_features(r, err));
    r->ask.asking.probe = p;
    return p->base->refit(&r->ask.asking, how, p_out, err);
}

int bf_refitting_open(struct bf_state *st, struct bf_refitting **out, struct bf_err *err)
{
    struct bf_refitting *r = calloc(1, sizeof *r);
    if (!r)
        return bf_fail_memory(err, "probes trained again");
    r->st = st;
    r->refitter = (struct bf_refitter){ r, refit };
    bf_ask_bind(&r->ask, st, &r->views);
    *out = r;
    return BF_OK;
}

void bf_refitting_close(struct bf_refitting *r)
{
    if (!r)
        return;
    bf_views_done(&r->views);
    free(r);
}

const struct bf_refitter *bf_refitting_refitter(const struct bf_refitting *r)
{
    return &r->refitter;
}
