/* Every cue in every group: how often it is right, and how surprising that is. */
#include "score/leak_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "score/tails.h"

const double bf_leak_weights[BF_WEIGHTS] = { 4, 2, 1, 0.5, 0.5, 0.125, 0.125, 0.125 };

enum {
    MAX_CELLS = 1 << 22,
    MAX_FINDS = 1 << 19,
    MIN_VALUES = 10, /* answers of a group, before one value can be too frequent */
};

/* Found by luck in one test of twenty: no need to remember more. */
static const double remembered_p = 0.02;

/* Samples where a cue picks some of the choices. */
struct cell {
    uint32_t n, k;
    double chance; /* sum */
};

struct work {
    const struct bf_leak_view *v;
    struct bf_leak_search *out;
    struct cell *shapes; /* [n_groups][BF_SHAPE_COUNT] */
    struct cell *units;  /* [n_units], in all samples */
    struct bf_counter
        both;             /* unit in group: `last` the unit, `first` the group, `id` the hits, `sum`
                               the chance in 2^-32 */
    uint32_t *n_values;   /* [n_groups] samples with a value */
    uint32_t *n_rare;     /* [n_groups] of them with one that has no number */
    uint32_t *n_distinct; /* [n_groups] values with a number */
};

double bf_leak_least_effect(double chance)
{
    return fmin(0.05, 0.4 * chance);
}

bool bf_leak_picks(const struct bf_leak_sample *x, uint32_t mask, uint32_t *mask_out,
                   double *chance_out)
{
    const int picked = __builtin_popcount(mask), gold = __builtin_popcount(x->gold);
    if (picked == 0 || picked == x->k || gold == 0 || gold == x->k || (gold > 1 && picked > 1))
        return false;
    *mask_out = mask;
    *chance_out = (double)(gold > 1 ? gold : picked) / x->k;
    return true;
}

static void add(struct cell *c, bool hit, double chance)
{
    c->n++;
    c->k += hit;
    c->chance += chance;
}

static void add_shapes(struct work *w, uint32_t i)
{
    const struct bf_leak_view *v = w->v;
    const struct bf_leak_sample *x = &v->samples[i];
    for (int s = 0; s < BF_SHAPE_COUNT; s++) {
        uint32_t mask;
        double chance;
        if ((x->again && bf_shape_rows[s].of_choices) ||
            !bf_leak_picks(x, v->shapes[i][s], &mask, &chance))
            continue;
        const bool hit = mask & x->gold;
        add(&w->shapes[s], hit, chance);
        for (uint32_t g = v->first_group[i]; g < v->first_group[i + 1]; g++)
            add(&w->shapes[(size_t)v->groups[g] * BF_SHAPE_COUNT + (size_t)s], hit, chance);
    }
}

static int add_both(struct work *w, uint32_t unit, uint32_t group, bool hit, double chance)
{
    const uint32_t pair[2] = { unit, group };
    const uint64_t key = bf_hash64(pair, sizeof pair, 43);
    struct bf_count *at = bf_counter_at(&w->both, key);
    if (!at)
        return BF_ENOMEM;
    const bool added = at->n == 0;
    if (added)
        *at = (struct bf_count){ .key = key, .last = unit, .first = group };
    at->n++;
    at->id += hit;
    at->sum += (uint64_t)(chance * 4294967296.);
    return added ? bf_counter_added(&w->both) : BF_OK;
}

/* Whether content of this kind is looked at within groups of that one. */
static bool together(enum bf_leak_unit_kind unit, enum bf_leak_group_kind group)
{
    return unit != BF_UNIT_WORD || group == BF_GROUP_CATEGORY || group == BF_GROUP_FIELD ||
           group == BF_GROUP_HEAD;
}

static int add_units(struct work *w, uint32_t i)
{
    const struct bf_leak_view *v = w->v;
    const struct bf_leak_sample *x = &v->samples[i];
    for (uint32_t u = v->first_unit[i]; u < v->first_unit[i + 1]; u++) {
        const struct bf_leak_has *has = &v->units[u];
        const bool value = v->unit[has->unit].kind == BF_UNIT_VALUE;
        uint32_t mask = 0;
        double chance = 0;
        if (!value && !bf_leak_picks(x, has->mask, &mask, &chance))
            continue;
        const bool hit = value || (mask & x->gold);
        add(&w->units[has->unit], hit, chance);
        for (uint32_t g = v->first_group[i]; g < v->first_group[i + 1]; g++)
            if (together(v->unit[has->unit].kind, v->group[v->groups[g]].kind) &&
                add_both(w, has->unit, v->groups[g], hit, chance) != BF_OK)
                return BF_ENOMEM;
    }
    return BF_OK;
}

static void count_values(struct work *w, uint32_t i)
{
    const struct bf_leak_view *v = w->v;
    const bool rare = v->first_unit[i] == v->first_unit[i + 1];
    w->n_values[0]++;
    w->n_rare[0] += rare;
    for (uint32_t g = v->first_group[i]; g < v->first_group[i + 1]; g++) {
        w->n_values[v->groups[g]]++;
        w->n_rare[v->groups[g]] += rare;
    }
}

static int remember(struct work *w, const struct bf_leak_find *f)
{
    struct bf_leak_search *o = w->out;
    if (f->p > remembered_p || o->n == MAX_FINDS)
        return BF_OK;
    if (o->n == o->cap) {
        const uint32_t cap = o->cap ? 2 * o->cap : 1024;
        struct bf_leak_find *more = realloc(o->v, cap * sizeof *more);
        if (!more)
            return BF_ENOMEM;
        o->v = more;
        o->cap = cap;
    }
    o->v[o->n] = *f;
    o->v[o->n++].v = f->p / bf_leak_weights[f->weight];
    return BF_OK;
}

static int try(struct work *w, struct bf_leak_find f, const struct cell *c)
{
    if (c->n < w->v->least)
        return BF_OK;
    f.n = c->n;
    f.k = c->k;
    f.chance = c->chance / c->n;
    bf_trials_add(&w->out->trials, f.weight, f.n, f.chance);
    const double apart = (double)f.k / f.n - f.chance;
    /* Far from what luck could do rarely enough; spares the exact p of most. */
    if (fabs(apart) < bf_leak_least_effect(f.chance) ||
        apart * apart * f.n < 2.25 * f.chance * (1 - f.chance))
        return BF_OK;
    f.p = bf_binomial_p(f.n, f.k, f.chance);
    return remember(w, &f);
}

static int weight_of(bool is_shape, enum bf_leak_unit_kind unit, enum bf_leak_group_kind group)
{
    if (group == BF_GROUP_ALL)
        return is_shape               ? BF_WEIGHT_SHAPE_ALL
               : unit == BF_UNIT_WORD ? BF_WEIGHT_WORD_ALL
                                      : BF_WEIGHT_TEXT_ALL;
    if (!is_shape && unit == BF_UNIT_WORD)
        return BF_WEIGHT_WORD_GROUP;
    if (group == BF_GROUP_PHRASE)
        return is_shape ? BF_WEIGHT_SHAPE_PHRASE : BF_WEIGHT_TEXT_PHRASE;
    return is_shape ? BF_WEIGHT_SHAPE_GROUP : BF_WEIGHT_TEXT_GROUP;
}

static int try_shapes(struct work *w)
{
    for (uint32_t g = 0; g < w->v->n_groups; g++)
        for (uint32_t s = 0; s < BF_SHAPE_COUNT; s++) {
            const struct bf_leak_find f = { .is_shape = true,
                                            .cue = s,
                                            .group = g,
                                            .weight = weight_of(true, BF_UNIT_TEXT,
                                                                w->v->group[g].kind) };
            const struct cell *c = &w->shapes[(size_t)g * BF_SHAPE_COUNT + s];
            /* where all of a group is what a cue speaks of, the last place is a letter */
            if (s == BF_SHAPE_LAST && g == 0 && w->v->n > 0) {
                bool same = false;
                for (int l = 0; l < BF_SHAPE_LAST; l++)
                    same |=
                        w->shapes[l].n == c->n && w->shapes[l].k == c->k && w->shapes[l + 1].n == 0;
                if (same)
                    continue;
            }
            BF_TRY(try(w, f, c));
        }
    return BF_OK;
}

/* One value of `values` that is right so often, as if it were the most frequent one of all. */
static int try_value(struct work *w, uint32_t unit, uint32_t group, uint32_t k)
{
    const uint32_t n = w->n_values[group];
    uint32_t values = w->n_distinct[group] + (w->n_rare[group] + 3) / 4;
    values = values < 2 ? 2 : values;
    struct bf_leak_find f = { .cue = unit,
                              .group = group,
                              .n = n,
                              .k = k,
                              .chance = 1. / values,
                              .values = values,
                              .weight = weight_of(false, BF_UNIT_VALUE, w->v->group[group].kind) };
    if (n < MIN_VALUES)
        return BF_OK;
    bf_trials_add(&w->out->trials, f.weight, UINT32_MAX, f.chance);
    if ((double)k / n - f.chance < bf_leak_least_effect(f.chance) || (double)k / n < 0.1)
        return BF_OK;
    f.p = fmin(1, values * bf_binomial_upper(n, k, f.chance));
    return remember(w, &f);
}

static int try_units(struct work *w)
{
    const struct bf_leak_view *v = w->v;
    for (uint32_t u = 0; u < v->n_units; u++) {
        if (v->unit[u].kind == BF_UNIT_VALUE) {
            if (w->units[u].k)
                BF_TRY(try_value(w, u, 0, w->units[u].k));
            continue;
        }
        const struct bf_leak_find f = { .cue = u,
                                        .weight = weight_of(false, v->unit[u].kind, BF_GROUP_ALL) };
        BF_TRY(try(w, f, &w->units[u]));
    }
    for (uint32_t i = 0; w->both.v && i <= w->both.mask; i++) {
        const struct bf_count *at = &w->both.v[i];
        if (at->n < v->least)
            continue;
        if (v->unit[at->last].kind == BF_UNIT_VALUE) {
            BF_TRY(try_value(w, at->last, at->first, at->id));
            continue;
        }
        /* Content that only this group has was tried already. */
        if (at->n == w->units[at->last].n)
            continue;
        const struct bf_leak_find f = { .cue = at->last,
                                        .group = at->first,
                                        .weight = weight_of(false, v->unit[at->last].kind,
                                                            v->group[at->first].kind) };
        const struct cell c = { at->n, at->id, (double)at->sum / 4294967296. };
        BF_TRY(try(w, f, &c));
    }
    return BF_OK;
}

static int by_surprise(const void *x, const void *y)
{
    const struct bf_leak_find *a = x, *b = y;
    if (a->v != b->v)
        return a->v < b->v ? -1 : 1;
    if (a->weight != b->weight)
        return a->weight < b->weight ? -1 : 1;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    const bool above = a->k > a->n * a->chance, other_above = b->k > b->n * b->chance;
    if (above != other_above)
        return above ? -1 : 1;
    if (a->is_shape != b->is_shape)
        return a->is_shape ? 1 : -1;
    if (a->cue != b->cue)
        return a->cue < b->cue ? -1 : 1;
    return a->group < b->group ? -1 : a->group > b->group;
}

static int search(struct work *w)
{
    const struct bf_leak_view *v = w->v;
    const size_t n_groups = v->n_groups;
    for (uint32_t i = 0; i < v->n; i++) {
        if (v->samples[i].copy)
            continue;
        add_shapes(w, i);
        BF_TRY(add_units(w, i));
        if (v->samples[i].gold == 0)
            count_values(w, i);
    }
    for (uint32_t u = 0; u < v->n_units; u++)
        w->n_distinct[0] += v->unit[u].kind == BF_UNIT_VALUE && w->units[u].k > 0;
    for (uint32_t i = 0; w->both.v && i <= w->both.mask; i++)
        if (w->both.v[i].n && v->unit[w->both.v[i].last].kind == BF_UNIT_VALUE &&
            w->both.v[i].first < n_groups)
            w->n_distinct[w->both.v[i].first]++;
    BF_TRY(try_shapes(w));
    BF_TRY(try_units(w));
    if (w->out->n)
        qsort(w->out->v, w->out->n, sizeof *w->out->v, by_surprise);
    return BF_OK;
}

int bf_leak_search(const struct bf_leak_view *view, struct bf_leak_search *out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    const size_t n_groups = view->n_groups;
    *out = (struct bf_leak_search){ 0 };
    BF_TRY(bf_trials_init(&out->trials, bf_leak_weights, BF_WEIGHTS, err));
    struct work w = {
        .v = view,
        .out = out,
        .shapes = bf_arena_alloc(&a, n_groups * BF_SHAPE_COUNT + 1, sizeof *w.shapes),
        .units = bf_arena_alloc(&a, (size_t)view->n_units + 1, sizeof *w.units),
        .both = { .max = MAX_CELLS },
        .n_values = bf_arena_alloc(&a, n_groups, sizeof *w.n_values),
        .n_rare = bf_arena_alloc(&a, n_groups, sizeof *w.n_rare),
        .n_distinct = bf_arena_alloc(&a, n_groups, sizeof *w.n_distinct),
    };
    int rc = BF_ENOMEM;
    if (w.shapes && w.units && w.n_values && w.n_rare && w.n_distinct)
        rc = search(&w);
    bf_counter_done(&w.both);
    bf_arena_reset(&a);
    if (rc == BF_OK)
        return BF_OK;
    bf_leak_search_done(out);
    return bf_fail_memory(err, "the search for leaks");
}

void bf_leak_search_done(struct bf_leak_search *s)
{
    bf_trials_done(&s->trials);
    free(s->v);
    *s = (struct bf_leak_search){ 0 };
}
