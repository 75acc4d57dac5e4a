/* Asking less: trials after the first, only while they could change a verdict. */
#include <stdlib.h>

#include "core/asking.h"
#include "core/release.h"

/* Whether some filter counts the trials of a probe under what `condition` shows a sample: under it,
 * or under another that shows the same. `open`: and the sample's could still change its vote. */
static bool is_counted(const struct bf_ask *k, int probe, int condition, uint32_t sample, bool open)
{
    const struct bf_state *st = k->st;
    for (int i = 0; i < st->spec->n_filters; i++) {
        const struct bf_filter_spec *f = &st->spec->filters[i];
        for (int c = condition; f->base->counts && c < st->conditions.n; c++)
            if (k->views->same[bf_ask_at(k, c, sample)] == condition &&
                (open ? f->base->open(f->priv, &st->table, probe, c, sample)
                      : f->base->counts(f->priv, &st->table, probe, c)))
                return true;
    }
    return false;
}

/* Conditions that show a sample the same have the same votes. */
static void spread_votes(struct bf_ask *k, uint32_t sample, int condition)
{
    const struct bf_votes v = k->tally.votes[bf_ask_at(k, condition, sample)];
    for (int c = condition + 1; c < k->st->conditions.n; c++)
        if (k->views->same[bf_ask_at(k, c, sample)] == condition)
            k->tally.votes[bf_ask_at(k, c, sample)] = v;
}

/* The counted condition whose next trial is the lowest, or -1 when no vote is open. */
static int next_condition(const struct bf_ask *k, int probe, uint32_t sample)
{
    int best = -1;
    for (int c = 0; c < k->st->conditions.n; c++) {
        const size_t at = bf_ask_at(k, c, sample);
        if (k->views->same[at] != c || k->next_trial[at] >= k->st->spec->probes[probe].trials ||
            !is_counted(k, probe, c, sample, true))
            continue;
        if (best < 0 || k->next_trial[at] < k->next_trial[bf_ask_at(k, best, sample)])
            best = c;
    }
    return best;
}

/* Ask the next trial of a sample, unless its verdict stands; go on while the ledger answers. Free
 * replies are judged later, so that nothing stands before all are there. */
static int ask_next(struct bf_ask *k, uint32_t sample, struct bf_err *err)
{
    const struct bf_state *st = k->st;
    const int probe = (int)(k->asking.probe - st->spec->probes);
    const bool judged = st->pool.samples[sample].task == BF_FREE_TEXT;
    bool known = true;
    while (known) {
        bool settled = false;
        const int c = next_condition(k, probe, sample);
        if (c >= 0 && !judged)
            BF_TRY(bf_verdict_settled(&st->table, &st->scores, sample, &settled, err));
        if (c < 0 || settled) {
            k->so_far[probe].n_saved += bf_ask_saved(k, sample);
            return BF_OK;
        }
        const int trial = k->next_trial[bf_ask_at(k, c, sample)]++;
        BF_TRY(bf_ask_one(k, sample, c, trial, &known, err));
        if (known)
            spread_votes(k, sample, c);
    }
    return BF_OK;
}

static int answered(struct bf_ask *k, uint32_t sample, int condition, struct bf_err *err)
{
    spread_votes(k, sample, condition);
    return ask_next(k, sample, err);
}

/* Whether the first trial of a probe on a sample was like that of most: right where more than half
 * of them were, wrong elsewhere. Such probes are likely to vote as the verdict will be; of those
 * whose first trial failed nothing is known. */
static bool is_like_most(const struct bf_ask *k, int probe, uint32_t sample)
{
    const struct bf_state *st = k->st;
    int n = 0, n_right = 0;
    bool answered = false, right = false;
    for (int p = 0; p < st->spec->n_probes; p++)
        for (int c = 0; bf_probe_curtailed(st->spec, p) && c < st->conditions.n; c++) {
            const struct bf_cell *cell = bf_cell_at(&st->table, p, c, sample);
            if (k->views->same[bf_ask_at(k, c, sample)] != c ||
                !is_counted(k, p, c, sample, false) || cell->first_class >= BF_FAILED)
                continue;
            n++;
            n_right += cell->first_class == BF_RIGHT;
            answered |= p == probe;
            right |= p == probe && cell->first_class == BF_RIGHT;
        }
    return answered && right == (2 * n_right > n);
}

static int ask_probe(struct bf_ask *k, int probe, bool like_most, struct bf_err *err)
{
    struct bf_state *st = k->st;
    const size_t n = (size_t)st->conditions.n * st->pool.n_samples;
    int rc = bf_ask_begin(k, probe, err);
    for (size_t i = 0; i < n; i++)
        k->next_trial[i] = 1;
    if (rc >= 0)
        bf_tally_resume(&k->tally, n);
    for (uint32_t i = 0; rc >= 0 && i < st->pool.n_samples; i++)
        if (is_like_most(k, probe, i) == like_most)
            rc = ask_next(k, i, err);
    if (rc >= 0)
        rc = bf_ask_run(k, err);
    return bf_ask_end(k, rc < 0 ? rc : BF_OK, err);
}

/* Share of first trials that were right, of those that filters count. */
static double strength(const struct bf_ask *k, int probe)
{
    const struct bf_state *st = k->st;
    double right = 0, n = 0;
    for (int c = 0; c < st->conditions.n; c++)
        for (uint32_t i = 0; i < st->pool.n_samples; i++) {
            const struct bf_cell *cell = bf_cell_at(&st->table, probe, c, i);
            if (k->views->same[bf_ask_at(k, c, i)] != c || !is_counted(k, probe, c, i, false))
                continue;
            right += cell->first_class == BF_RIGHT;
            n += cell->first_class < BF_FAILED;
        }
    return n > 0 ? right / n : 0;
}

/* What a sample will come to is reached soonest by the probes that vote for it. So all probes are
 * asked first about the samples whose first trial of theirs was like that of most, then about the
 * others; the weakest first where most first trials are wrong, the strongest where most are right.
 */
static int order_probes(const struct bf_ask *k, int *order)
{
    const struct bf_spec *spec = k->st->spec;
    double *s = calloc((size_t)spec->n_probes + 1, sizeof *s), mean = 0;
    int n = 0;
    if (!s)
        return -1;
    for (int p = 0; p < spec->n_probes; p++) {
        if (!bf_probe_curtailed(spec, p) || spec->probes[p].judge)
            continue;
        s[p] = strength(k, p);
        mean += s[p];
        order[n++] = p;
    }
    const double sign = n && mean / n < 0.5 ? 1 : -1;
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && sign * s[order[j]] < sign * s[order[j - 1]]; j--) {
            const int p = order[j];
            order[j] = order[j - 1];
            order[j - 1] = p;
        }
    free(s);
    return n;
}

int bf_ask_until_settled(struct bf_ask *k, struct bf_err *err)
{
    const struct bf_state *st = k->st;
    const size_t n = (size_t)st->conditions.n * st->pool.n_samples;
    int *order = calloc((size_t)st->spec->n_probes + 1, sizeof *order);
    k->next_trial = calloc(n + 1, sizeof *k->next_trial);
    const int n_probes = order && k->next_trial ? order_probes(k, order) : -1;
    int rc = n_probes < 0 ? bf_fail_memory(err, "questions") : BF_OK;
    k->answered = answered;
    for (int i = 0; rc == BF_OK && !*k->waiting && i < 2 * n_probes; i++)
        rc = ask_probe(k, order[i % n_probes], i < n_probes, err);
    k->answered = NULL;
    free(k->next_trial);
    k->next_trial = NULL;
    free(order);
    return rc;
}
