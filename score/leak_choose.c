/* Which findings are said: each once, at the level that explains most. */
#include "score/leak_choose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "score/intervals.h"
#include "score/tails.h"

enum {
    MAX_LOOK = 2000,        /* findings that are looked at */
    MAX_LISTED = 100000000, /* samples of all of them: beyond a million questions fewer are */
    MAX_TAKEN = 100,
    GRID_DECADE = 24, /* points of E a decade, for p beyond other findings */
    GRID_DECADES = 40,
    GRID = GRID_DECADE * GRID_DECADES
};

static const double sure_q = 0.05, suggestive_q = 0.2, far_apart = 0.15, repeated_apart = 0.1;

/* Samples of a group or unit: indices into the view, ascending. */
struct members {
    uint32_t n;
    uint32_t *v; /* NULL: all of the view, or not wanted */
};

struct work {
    const struct bf_leak_view *v;
    const struct bf_leak_search *s;
    uint32_t n_look;
    double *expected; /* [n_look] E of each finding */
    bool *looked;     /* [n_look] */
    double grid[GRID];
    struct members *groups, *units; /* [n_groups], [n_units] */
    uint32_t *alive;                /* [n] choices that findings taken so far leave alike */
    uint32_t *list;                 /* [n] samples of the finding looked at */
    uint32_t n_list;
    uint64_t n_listed;                      /* in all lists so far */
    double *chance, *chance_left, *scratch; /* [n + 1] */
    struct bf_counter seen;
    uint32_t n_taken;
    struct bf_leak_taken taken[MAX_TAKEN];
    struct bf_arena *a;
};

/* What a finding amounts to. */
struct sums {
    uint32_t n, k;
    double chance; /* sum */
    double p;
    uint32_t n_left, k_left; /* beyond the findings taken */
    double chance_left, p_left;
};

static bool in_group(const struct bf_leak_view *v, uint32_t i, uint32_t group)
{
    for (uint32_t g = v->first_group[i]; g < v->first_group[i + 1]; g++)
        if (v->groups[g] == group)
            return true;
    return group == 0;
}

static uint32_t mask_of(const struct bf_leak_view *v, uint32_t i, const struct bf_leak_find *f)
{
    if (f->is_shape)
        return v->shapes[i][f->cue];
    for (uint32_t u = v->first_unit[i]; u < v->first_unit[i + 1]; u++)
        if (v->units[u].unit == f->cue)
            return v->units[u].mask ? v->units[u].mask : 1;
    return 0;
}

static bool is_value(const struct bf_leak_view *v, const struct bf_leak_find *f)
{
    return !f->is_shape && v->unit[f->cue].kind == BF_UNIT_VALUE;
}

/* The samples that a finding speaks of: all of its group that its cue could pick from. */
static void list_samples(struct work *w, const struct bf_leak_find *f)
{
    const struct bf_leak_view *v = w->v;
    const bool by_unit = !f->is_shape && !is_value(v, f);
    const struct members *m = by_unit ? &w->units[f->cue] : &w->groups[f->group];
    const uint32_t n = m->v ? m->n : v->n;
    w->n_list = 0;
    w->n_listed += n;
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t i = m->v ? m->v[k] : k;
        const struct bf_leak_sample *x = &v->samples[i];
        uint32_t mask;
        double chance;
        if (by_unit && !in_group(v, i, f->group))
            continue;
        if (is_value(v, f) ? x->gold == 0 : bf_leak_picks(x, mask_of(v, i, f), &mask, &chance))
            w->list[w->n_list++] = i;
    }
}

/* Whether the same was said of the same media before: of content, that is one piece of evidence. */
static int said_before(struct work *w, const struct bf_leak_sample *x, bool hit, bool *out)
{
    const uint64_t what[2] = { x->media, hit };
    *out = false;
    if (x->media == 0)
        return BF_OK;
    struct bf_count *at = bf_counter_at(&w->seen, bf_hash64(what, sizeof what, 47));
    if (!at)
        return BF_ENOMEM;
    *out = at->n > 0;
    if (*out)
        return BF_OK;
    *at = (struct bf_count){ .key = bf_hash64(what, sizeof what, 47), .n = 1 };
    return bf_counter_added(&w->seen);
}

/* Add one sample to the sums, all of it and what is left of it. */
static void add(struct work *w, uint32_t i, uint32_t mask, double chance, struct sums *out)
{
    const struct bf_leak_sample *x = &w->v->samples[i];
    const bool hit = mask & x->gold;
    const bool one_gold = (x->gold & (x->gold - 1)) == 0, whole = w->alive[i] == BF_BIT(x->k) - 1;
    const uint32_t both = mask & w->alive[i];
    w->chance[out->n++] = chance;
    out->chance += chance;
    out->k += hit;
    if (one_gold ? both == 0 || both == w->alive[i] : !whole)
        return;
    if (one_gold)
        chance = (double)__builtin_popcount(both) / __builtin_popcount(w->alive[i]);
    w->chance_left[out->n_left++] = chance;
    out->chance_left += chance;
    out->k_left += hit;
}

static int sum_up(struct work *w, const struct bf_leak_find *f, struct sums *out)
{
    const struct bf_leak_view *v = w->v;
    int rc = BF_OK;
    *out = (struct sums){ 0 };
    for (uint32_t k = 0; k < w->n_list && rc == BF_OK; k++) {
        const uint32_t i = w->list[k];
        const struct bf_leak_sample *x = &v->samples[i];
        uint32_t mask = mask_of(v, i, f);
        double chance;
        bool before = false;
        if (x->copy || (f->is_shape && x->again && bf_shape_rows[f->cue].of_choices))
            continue;
        if (is_value(v, f)) {
            out->n++;
            out->k += mask != 0;
            out->n_left += w->alive[i] != 0;
            out->k_left += w->alive[i] != 0 && mask != 0;
            continue;
        }
        if (!bf_leak_picks(x, mask, &mask, &chance))
            continue;
        if (!f->is_shape)
            rc = said_before(w, x, mask & x->gold, &before);
        if (!before)
            add(w, i, mask, chance, out);
    }
    if (w->seen.v)
        bf_counter_done(&w->seen);
    return rc;
}

static double p_of_value(const struct bf_leak_find *f, uint32_t n, uint32_t k)
{
    return fmin(1, f->values * bf_binomial_upper(n, k, f->chance));
}

/* The p values of a finding; whether it leans the same way beyond the others. */
static bool judge(struct work *w, const struct bf_leak_find *f, struct sums *s)
{
    if (s->n == 0 || s->n_left == 0)
        return false;
    if (is_value(w->v, f)) {
        s->chance = s->n * f->chance;
        s->p = p_of_value(f, s->n, s->k);
        s->p_left = p_of_value(f, s->n_left, s->k_left);
        return true;
    }
    s->p = bf_hits_p(w->chance, s->n, s->k, w->scratch);
    s->p_left = bf_hits_p(w->chance_left, s->n_left, s->k_left, w->scratch);
    return (s->k > s->chance) == (s->k_left > s->chance_left);
}

/* E at the point of the grid above v. */
static double expected_of(const struct work *w, double v)
{
    const double at = ceil((log10(v > 1e-300 ? v : 1e-300) + GRID_DECADES - 1) * GRID_DECADE);
    return w->grid[at < 0 ? 0 : at >= GRID ? GRID - 1 : (int)at];
}

/* What is known of each sample once a finding is taken. */
static void learn(struct work *w, const struct bf_leak_find *f)
{
    for (uint32_t k = 0; k < w->n_list; k++) {
        const uint32_t i = w->list[k], mask = mask_of(w->v, i, f);
        const struct bf_leak_sample *x = &w->v->samples[i];
        if (is_value(w->v, f))
            w->alive[i] = mask ? 0 : w->alive[i];
        else if (x->gold & (x->gold - 1))
            w->alive[i] = 0;
        else
            w->alive[i] &= mask & x->gold ? mask : ~mask;
    }
}

/* Whether all samples of the list ask the same. */
static bool ask_the_same(const struct work *w)
{
    struct bf_word words[BF_MAX_WORDS];
    uint64_t first = 0;
    for (uint32_t k = 0; k < w->n_list; k++) {
        const char *text = w->v->pool->samples[w->v->samples[w->list[k]].index].question;
        const int n = bf_words_of(text, words);
        const uint64_t h = n ? bf_words_hash(words, n) : 0;
        if (h == 0 || (k > 0 && h != first))
            return false;
        first = h;
    }
    return w->n_list > 0;
}

static int take(struct work *w, const struct bf_leak_find *f, const struct sums *s, double e)
{
    struct bf_leak_taken *t = &w->taken[w->n_taken];
    *t = (struct bf_leak_taken){
        .find = *f, .p = s->p, .expected = e, .one_question = ask_the_same(w)
    };
    t->find.n = s->n;
    t->find.k = s->k;
    t->find.chance = s->chance / s->n;
    t->samples = bf_arena_alloc(w->a, (size_t)w->n_list + 1, sizeof *t->samples);
    if (!t->samples)
        return BF_ENOMEM;
    const bool above = s->k > s->chance;
    for (int given = 1; given >= 0; given--)
        for (uint32_t k = 0; k < w->n_list; k++) {
            const struct bf_leak_sample *x = &w->v->samples[w->list[k]];
            const uint32_t mask = mask_of(w->v, w->list[k], f);
            const bool hit = is_value(w->v, f) ? mask != 0 : (mask & x->gold) != 0;
            if ((hit == above) != (given == 1))
                continue;
            t->samples[t->n_given + t->n_other] = x->index;
            if (given)
                t->n_given++;
            else
                t->n_other++;
        }
    w->n_taken++;
    learn(w, f);
    return BF_OK;
}

/* How often the cue of a finding is right in a sample by what was taken of the same cue: the rate
 * of the smallest group that the sample is in, or of all samples outside this finding, at the end
 * of its interval that is nearer to the finding. Below 0: nothing was taken. */
static double known_rate(const struct work *w, const struct bf_leak_find *f, const struct sums *s,
                         uint32_t i)
{
    struct bf_interval rate = { -1, -1 };
    uint32_t least = UINT32_MAX;
    for (uint32_t t = 0; t < w->n_taken; t++) {
        const struct bf_leak_find *by = &w->taken[t].find;
        if (by->is_shape != f->is_shape || by->cue != f->cue || by->n >= least ||
            !in_group(w->v, i, by->group))
            continue;
        least = by->n;
        rate = bf_wilson(by->k, by->n);
        if (by->group == 0 && by->n > s->n && by->k >= s->k)
            rate = bf_wilson(by->k - s->k, by->n - s->n);
    }
    return s->k > s->chance ? rate.hi : rate.lo;
}

/* Whether the cue is far more often right here than what was taken of it makes one expect: E of
 * that, or infinity. */
static double far_stronger(struct work *w, const struct bf_leak_find *f, const struct sums *s)
{
    uint32_t n = 0, k = 0;
    double sum = 0;
    if (is_value(w->v, f) || f->group == 0)
        return INFINITY;
    for (uint32_t at = 0; at < w->n_list; at++) {
        const uint32_t i = w->list[at];
        const struct bf_leak_sample *x = &w->v->samples[i];
        if (x->copy || (f->is_shape && x->again && bf_shape_rows[f->cue].of_choices))
            continue;
        const double rate = known_rate(w, f, s, i);
        if (rate < 0)
            return INFINITY;
        w->chance[n++] = rate;
        sum += rate;
        k += (mask_of(w->v, i, f) & x->gold) != 0;
    }
    const double beyond = n ? k / (double)n - sum / n : 0, lean = s->k - s->chance;
    if (fabs(beyond) < far_apart || (beyond > 0) != (lean > 0))
        return INFINITY;
    return expected_of(w, bf_hits_p(w->chance, n, k, w->scratch) / bf_leak_weights[f->weight]);
}

static int look(struct work *w, uint32_t which)
{
    const struct bf_leak_find *f = &w->s->v[which];
    struct sums s;
    list_samples(w, f);
    BF_TRY(sum_up(w, f, &s));
    const bool same_way = judge(w, f, &s);
    if (s.n < w->v->least)
        return BF_OK;
    const double rank = w->n_taken + 1;
    double e = INFINITY;
    if (same_way) {
        const double weight = bf_leak_weights[f->weight];
        /* untouched by other findings it has the E that was worked out for it */
        e = s.n_left == s.n && s.p_left <= s.p && s.p <= f->p * 1.000001
                ? w->expected[which]
                : expected_of(w, fmax(s.p, s.p_left) / weight);
        e = fmax(e, w->expected[which]);
    }
    if (e / rank > suggestive_q) {
        if (!is_value(w->v, f))
            s.p = bf_hits_p(w->chance, s.n, s.k, w->scratch);
        e = far_stronger(w, f, &s);
        if (e / rank > sure_q)
            return BF_OK;
    }
    return take(w, f, &s, e);
}

/* Equal for findings that pick the same choices of the same samples. */
static uint64_t picks_of(struct work *w, const struct bf_leak_find *f)
{
    uint64_t sum = 0;
    list_samples(w, f);
    for (uint32_t k = 0; k < w->n_list; k++) {
        const uint32_t i = w->list[k];
        const struct bf_leak_sample *x = &w->v->samples[i];
        const uint32_t pick[2] = { i, mask_of(w->v, i, f) };
        if (!x->copy && !(f->is_shape && x->again && bf_shape_rows[f->cue].of_choices))
            sum += bf_hash64(pick, sizeof pick, 53);
    }
    return sum;
}

/* How plain a cue is: texts of choices say most, then places and looks in the order of their table,
 * then words. */
static uint32_t plainness(const struct work *w, const struct bf_leak_find *f)
{
    if (f->is_shape)
        return 1 + f->cue;
    return w->v->unit[f->cue].kind == BF_UNIT_WORD ? 1 + BF_SHAPE_COUNT : 0;
}

/* Of the findings that pick what this one picks, the plainest that is sure enough, too. */
static uint32_t plainest(struct work *w, uint32_t which)
{
    const struct bf_leak_find *f = &w->s->v[which];
    const double enough = fmax(sure_q * (w->n_taken + 1), w->expected[which]);
    uint32_t best = which;
    uint64_t picks = 0;
    for (uint32_t i = 0; i < w->n_look && !is_value(w->v, f); i++) {
        const struct bf_leak_find *other = &w->s->v[i];
        if (w->looked[i] || other->n != f->n || other->k != f->k || is_value(w->v, other) ||
            plainness(w, other) >= plainness(w, &w->s->v[best]) || w->expected[i] > enough)
            continue;
        if (picks == 0)
            picks = picks_of(w, f);
        if (picks_of(w, other) == picks)
            best = i;
    }
    return best;
}

/* Lists of the samples of every group and unit that findings speak of. */
static int list_members(struct work *w)
{
    const struct bf_leak_view *v = w->v;
    for (uint32_t f = 0; f < w->n_look; f++) {
        const struct bf_leak_find *x = &w->s->v[f];
        struct members *m =
            x->is_shape || is_value(v, x) ? &w->groups[x->group] : &w->units[x->cue];
        if (m == &w->groups[0] || m->v)
            continue;
        const uint32_t n =
            m >= w->units && m < w->units + v->n_units ? v->unit[x->cue].n : v->group[x->group].n;
        m->v = bf_arena_alloc(w->a, (size_t)n + 1, sizeof *m->v);
        if (!m->v)
            return BF_ENOMEM;
    }
    for (uint32_t i = 0; i < v->n; i++) {
        for (uint32_t g = v->first_group[i]; g < v->first_group[i + 1]; g++) {
            struct members *m = &w->groups[v->groups[g]];
            if (m->v && m->n < v->group[v->groups[g]].n)
                m->v[m->n++] = i;
        }
        for (uint32_t u = v->first_unit[i]; u < v->first_unit[i + 1]; u++) {
            struct members *m = &w->units[v->units[u].unit];
            if (m->v && m->n < v->unit[v->units[u].unit].n)
                m->v[m->n++] = i;
        }
    }
    return BF_OK;
}

static int prepare(struct work *w, struct bf_arena *scratch)
{
    const struct bf_leak_view *v = w->v;
    const size_t n = (size_t)v->n + 1;
    double at[GRID];
    w->n_look = w->s->n < MAX_LOOK ? w->s->n : MAX_LOOK;
    w->expected = bf_arena_alloc(scratch, (size_t)w->n_look + 1, sizeof *w->expected);
    w->looked = bf_arena_alloc(scratch, (size_t)w->n_look + 1, sizeof *w->looked);
    w->groups = bf_arena_alloc(scratch, (size_t)v->n_groups + 1, sizeof *w->groups);
    w->units = bf_arena_alloc(scratch, (size_t)v->n_units + 1, sizeof *w->units);
    w->alive = bf_arena_alloc(scratch, n, sizeof *w->alive);
    w->list = bf_arena_alloc(scratch, n, sizeof *w->list);
    w->chance = bf_arena_alloc(scratch, n, sizeof *w->chance);
    w->chance_left = bf_arena_alloc(scratch, n, sizeof *w->chance_left);
    w->scratch = bf_arena_alloc(scratch, n, sizeof *w->scratch);
    double *by_v = bf_arena_alloc(scratch, (size_t)w->n_look + 1, sizeof *by_v);
    if (!w->expected || !w->looked || !w->groups || !w->units || !w->alive || !w->list ||
        !w->chance || !w->chance_left || !w->scratch || !by_v)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < v->n; i++)
        w->alive[i] = v->samples[i].k ? BF_BIT(v->samples[i].k) - 1 : 1;
    for (uint32_t i = 0; i < w->n_look; i++)
        by_v[i] = w->s->v[i].v;
    bf_trials_expected(&w->s->trials, by_v, w->n_look, w->expected);
    for (int i = 0; i < GRID; i++)
        at[i] = pow(10, (double)i / GRID_DECADE - GRID_DECADES + 1);
    bf_trials_expected(&w->s->trials, at, GRID, w->grid);
    struct bf_arena *a = w->a;
    w->a = scratch;
    const int rc = list_members(w);
    w->a = a;
    return rc;
}

/* A finding of a group says nothing that the same cue in all samples does not say, unless it is far
 * from that. */
static bool is_repeated(const struct work *w, uint32_t which)
{
    const struct bf_leak_find *f = &w->taken[which].find;
    for (uint32_t t = 0; t < w->n_taken; t++) {
        const struct bf_leak_find *all = &w->taken[t].find;
        if (all->group != 0 || f->group == 0 || all->is_shape != f->is_shape ||
            all->cue != f->cue || is_value(w->v, f))
            continue;
        const double lean = (double)all->k / all->n - all->chance;
        const double here = (double)f->k / f->n - f->chance;
        return (lean > 0) == (here > 0) && fabs(here) < fabs(lean) + repeated_apart;
    }
    return false;
}

static void forget_repeated(struct work *w)
{
    bool repeated[MAX_TAKEN];
    uint32_t n = 0;
    for (uint32_t t = 0; t < w->n_taken; t++)
        repeated[t] = is_repeated(w, t);
    for (uint32_t t = 0; t < w->n_taken; t++)
        if (!repeated[t])
            w->taken[n++] = w->taken[t];
    w->n_taken = n;
}

static int by_expected(const void *x, const void *y)
{
    const struct bf_leak_taken *a = x, *b = y;
    if (a->expected != b->expected)
        return a->expected < b->expected ? -1 : 1;
    return a->p < b->p ? -1 : a->p > b->p;
}

/* q by the step-up of Benjamini and Hochberg over the findings taken. */
static void correct(struct work *w)
{
    double least = 1;
    qsort(w->taken, w->n_taken, sizeof *w->taken, by_expected);
    for (uint32_t t = w->n_taken; t-- > 0;) {
        least = fmin(least, w->taken[t].expected / (t + 1));
        w->taken[t].q = least;
        w->taken[t].sure = least <= sure_q;
    }
}

static int choose(struct work *w, struct bf_leak_chosen *out, struct bf_arena *scratch)
{
    BF_TRY(prepare(w, scratch));
    for (uint32_t i = 0; i < w->n_look && w->n_taken < MAX_TAKEN - 1; i++) {
        if (w->expected[i] / (w->n_taken + 1) > suggestive_q || w->n_listed > MAX_LISTED)
            break;
        const uint32_t best = w->looked[i] ? i : plainest(w, i);
        if (!w->looked[best])
            BF_TRY(look(w, best));
        w->looked[best] = true;
        if (!w->looked[i])
            BF_TRY(look(w, i));
        w->looked[i] = true;
    }
    forget_repeated(w);
    correct(w);
    out->v = bf_arena_alloc(w->a, (size_t)w->n_taken + 1, sizeof *out->v);
    if (!out->v)
        return BF_ENOMEM;
    memcpy(out->v, w->taken, w->n_taken * sizeof *w->taken);
    out->n = w->n_taken;
    return BF_OK;
}

int bf_leak_choose(const struct bf_leak_view *view, const struct bf_leak_search *search,
                   struct bf_leak_chosen *out, struct bf_arena *a, struct bf_err *err)
{
    struct bf_arena scratch = { 0 };
    struct work *w = calloc(1, sizeof *w);
    int rc = BF_ENOMEM;
    *out = (struct bf_leak_chosen){ 0 };
    if (w) {
        w->v = view;
        w->s = search;
        w->a = a;
        w->seen.max = 1 << 22;
        rc = choose(w, out, &scratch);
        bf_counter_done(&w->seen);
    }
    bf_arena_reset(&scratch);
    free(w);
    return rc == BF_OK ? BF_OK : bf_fail_memory(err, "the search for leaks");
}
