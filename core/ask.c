/* Stage ask: every (sample, condition, probe, trial) gets its answer, from the ledger when it was
 * ever received, else from the probe. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/asking.h"

/* Whether a probe is asked anything under a condition. */
static bool is_under(const struct bf_probe_spec *p, const char *condition)
{
    bool under = p->under.n == 0;
    for (int i = 0; i < p->under.n && !under; i++)
        under = strcmp(p->under.v[i], condition) == 0;
    return under;
}

/* Whether a probe is asked what `condition` shows a sample: here, or as the first that shows the
 * same. A probe asked under `blind` alone is asked it where an earlier condition is the same. */
static bool is_asked(const struct bf_ask *k, int condition, uint32_t sample)
{
    const struct bf_state *st = k->st;
    const int16_t *same = k->views->same;
    bool asked = false;
    if (same[bf_ask_at(k, condition, sample)] != condition)
        return false;
    for (int c = condition; c < st->conditions.n && !asked; c++)
        asked = same[bf_ask_at(k, c, sample)] == condition &&
                is_under(k->asking.probe, st->conditions.v[c].name);
    return asked;
}

/* All trials, or of probes that are asked only until verdicts stand the first. */
int bf_ask_first(struct bf_ask *k, int probe, struct bf_err *err)
{
    struct bf_state *st = k->st;
    const int trials = bf_probe_curtailed(st->spec, probe) ? 1 : st->spec->probes[probe].trials;
    int rc = bf_ask_begin(k, probe, err);
    for (int c = 0; rc >= 0 && c < st->conditions.n; c++)
        for (uint32_t i = 0; rc >= 0 && i < st->pool.n_samples; i++)
            for (int t = 0; rc >= 0 && is_asked(k, c, i) && t < trials; t++) {
                bool known;
                rc = bf_ask_one(k, i, c, t, &known, err);
            }
    if (rc >= 0)
        rc = bf_ask_run(k, err);
    return bf_ask_end(k, rc < 0 ? rc : BF_OK, err);
}

uint64_t bf_ask_saved(const struct bf_ask *k, uint32_t sample)
{
    const struct bf_state *st = k->st;
    const int probe = (int)(k->asking.probe - st->spec->probes);
    uint64_t n = 0;
    for (int c = 0; c < st->conditions.n; c++) {
        const struct bf_votes v = bf_votes_at(&st->table, probe, c, sample);
        int n_asked = 0;
        for (int cls = 0; cls < BF_CLASS_COUNT; cls++)
            n_asked += v.n[cls];
        if (n_asked && is_asked(k, c, sample))
            n += (uint64_t)(k->asking.probe->trials - n_asked);
    }
    return n;
}

/* Questions that need not be asked, since verdicts stand without them. */
static uint64_t count_saved(struct bf_ask *k)
{
    const struct bf_state *st = k->st;
    uint64_t n = 0;
    for (int p = 0; p < st->spec->n_probes; p++) {
        k->asking.probe = &st->spec->probes[p];
        for (uint32_t i = 0; bf_probe_curtailed(st->spec, p) && i < st->pool.n_samples; i++)
            n += bf_ask_saved(k, i);
    }
    return n;
}

/* A condition that shows a sample what an earlier one did has that one's answers. */
static void copy_same(const struct bf_ask *k)
{
    struct bf_state *st = k->st;
    const size_t n = (size_t)st->conditions.n * st->pool.n_samples;
    for (int p = 0; p < st->spec->n_probes; p++)
        for (int c = 0; c < st->conditions.n; c++)
            for (uint32_t i = 0; i < st->pool.n_samples; i++) {
                const size_t at = p * n + bf_ask_at(k, c, i);
                const int same = k->views->same[bf_ask_at(k, c, i)];
                if (same < 0 || same == c)
                    continue;
                st->cells[at] = st->cells[p * n + bf_ask_at(k, same, i)];
                if (st->votes)
                    st->votes[at] = st->votes[p * n + bf_ask_at(k, same, i)];
            }
}

/* Votes of probes that are not curtailed are their cells. */
static void copy_votes(struct bf_state *st)
{
    const size_t n = (size_t)st->conditions.n * st->pool.n_samples;
    for (int p = 0; st->votes && p < st->spec->n_probes; p++)
        for (size_t i = 0; !bf_probe_curtailed(st->spec, p) && i < n; i++) {
            const struct bf_cell *c = &st->cells[p * n + i];
            struct bf_votes *v = &st->votes[p * n + i];
            *v = (struct bf_votes){ .p = c->p, .n_p = c->n_p };
            memcpy(v->n, c->n, sizeof v->n);
        }
}

static int ask_firsts(struct bf_ask *k, struct bf_err *err)
{
    struct bf_state *st = k->st;
    for (int p = 0; p < st->spec->n_probes; p++)
        if (!st->spec->probes[p].judge)
            BF_TRY(bf_ask_first(k, p, err));
    copy_votes(st);
    copy_same(k);
    return BF_OK;
}

static bool any_by_content(const struct bf_spec *spec)
{
    bool any = false;
    for (int p = 0; p < spec->n_probes; p++)
        any |= spec->probes[p].base->by_content;
    return any;
}

/* Answers that come by another way are not there yet: what rests on them has to wait. */
static int stop_if_waiting(const struct bf_ask *k, struct bf_err *err)
{
    return *k->waiting ? bf_fail(err, BF_EIO, "%s", k->waiting) : BF_OK;
}

int bf_ask_all(struct bf_state *st, int (*score)(struct bf_state *, struct bf_err *),
               struct bf_err *err)
{
    struct bf_ask k;
    struct bf_views views = { 0 };
    BF_TRY(bf_judge_check(st->spec, err));
    int rc = bf_ask_open(&k, st, &views, err);
    if (rc == BF_OK && any_by_content(st->spec)) /* workers are forked before there are threads */
        rc = bf_ask_open_encoder(&k, err);
    if (rc == BF_OK)
        rc = bf_ledger_writer_start(st->ledger, err);
    if (rc == BF_OK)
        rc = bf_ledger_lost(st->ledger, &st->summary->n_lost, err);
    if (rc == BF_OK)
        rc = ask_firsts(&k, err);
    if (rc == BF_OK)
        rc = stop_if_waiting(&k, err);
    if (rc == BF_OK)
        rc = bf_judge_calibrate(&k, &st->judge, err);
    if (rc == BF_OK)
        rc = score(st, err);
    if (rc == BF_OK && st->votes) {
        rc = bf_ask_until_settled(&k, err);
        copy_same(&k);
        st->summary->n_saved = count_saved(&k);
    }
    if (rc == BF_OK)
        rc = stop_if_waiting(&k, err);
    st->summary->n_requests = (uint64_t)k.spent.requests;
    st->summary->n_in += (uint64_t)k.spent.vectors;
    st->summary->money = st->spec->n_prices ? k.spent.money : NAN;
    bf_ask_close(&k);
    bf_views_done(&views);
    return rc;
}
