/* Balance: choose samples by quotas, then by preference. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/ops.h"
#include "core/release.h"
#include "filters/families.h"
#include "filters/flow.h"
#include "filters/names.h"

/* Everything one choice works with. Two families always; one that nobody asked for has one
 * value. */
struct work {
    const struct bf_balance_spec *order;
    uint32_t n;
    const uint32_t *candidates;
    struct bf_family family[2];
    uint32_t *quota[2];
    struct bf_flow flow;
    uint32_t *unit; /* [n] candidates in the order of the cells */
};

static int n_families(const struct bf_balance_spec *b)
{
    return b->equal.n + (b->joint.n > 0);
}

int bf_balance_check(const struct bf_spec *spec, struct bf_err *err)
{
    const struct bf_balance_spec *b = &spec->balance;
    struct bf_column_match match;

    if (n_families(b) > 2)
        return bf_fail(err, BF_EINVAL,
                       "balance: %d families of quotas ('equal' fields, and 'joint'); allowed: 2",
                       n_families(b));
    if (!b->prefer)
        return BF_OK;
    if (!bf_column_known(spec, b->prefer, &match))
        return bf_fail(err, BF_EINVAL, "balance: no score of this spec makes a column '%.200s'",
                       b->prefer);
    if (strcmp(match.row->unit, "word") == 0)
        return bf_fail(err, BF_EINVAL, "balance: '%s' holds words, not numbers", b->prefer);
    return match.probe >= 0 ? bf_check_voter("balance", spec, spec->probes[match.probe].name, err)
                            : BF_OK;
}

static int make_families(struct work *w, const struct bf_spec *spec, const struct bf_pool *pool,
                         struct bf_arena *a, struct bf_err *err)
{
    struct bf_names fields[2] = { { 0, NULL }, { 0, NULL } };
    int n = 0;

    for (int i = 0; i < w->order->equal.n; i++)
        fields[n++] = (struct bf_names){ 1, &w->order->equal.v[i] };
    if (w->order->joint.n > 0)
        fields[n++] = w->order->joint;
    for (int i = 0; i < 2; i++) {
        BF_TRY(bf_family_make(spec, pool, &fields[i], w->candidates, w->n, &w->family[i], a, err));
        w->quota[i] = bf_arena_alloc(a, w->family[i].n_values + 1u, sizeof **w->quota);
        if (!w->quota[i])
            return bf_fail_memory(err, "quotas");
    }
    return BF_OK;
}

/* One candidate on its way into a cell. */
struct unit {
    uint32_t left, right, candidate;
    struct bf_flow_cost cost;
};

static int by_cell_and_cost(const void *a, const void *b)
{
    const struct unit *x = a, *y = b;
    if (x->left != y->left)
        return x->left < y->left ? -1 : 1;
    if (x->right != y->right)
        return x->right < y->right ? -1 : 1;
    if (x->cost.prefer != y->cost.prefer)
        return x->cost.prefer < y->cost.prefer ? -1 : 1;
    if (x->cost.tie != y->cost.tie)
        return x->cost.tie < y->cost.tie ? -1 : 1;
    return (x->candidate > y->candidate) - (x->candidate < y->candidate);
}

/* The preference as a cost in steps of 1e-6; beyond a million it counts as a million, so that no
 * sum can overflow. */
static int64_t prefer_cost(const struct bf_column *c, uint32_t sample, double least)
{
    double v = c ? c->v[sample] : 0;
    if (isnan(v))
        v = least - 1;
    return -llround(fmax(-1e6, fmin(1e6, v)) * 1e6);
}

static void fill_units(const struct work *w, const struct bf_spec *spec, const struct bf_pool *pool,
                       const struct bf_scores *scores, struct unit *units)
{
    const struct bf_column *column =
        w->order->prefer ? bf_scores_find(scores, w->order->prefer) : NULL;
    double least = INFINITY;
    for (uint32_t i = 0; column && i < w->n; i++)
        least = fmin(least, column->v[w->candidates[i]]); /* fmin passes over NaN */
    if (!isfinite(least))
        least = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        const struct bf_sample *s = &pool->samples[w->candidates[i]];
        units[i] = (struct unit){
            .left = w->family[0].of[i],
            .right = w->family[1].of[i],
            .candidate = i,
            .cost = { .prefer = prefer_cost(column, w->candidates[i], least),
                      .tie = (int64_t)(bf_hash64(s->id, strlen(s->id), spec->seed) >> 32) },
        };
    }
}

/* Cells are runs of candidates with the same two values, cheapest first. */
static int make_cells(struct work *w, struct unit *units, struct bf_arena *a, struct bf_err *err)
{
    struct bf_flow_cost *cost = bf_arena_alloc(a, w->n + 1u, sizeof *cost);
    struct bf_flow_cell *cells = bf_arena_alloc(a, w->n + 1u, sizeof *cells);
    w->unit = bf_arena_alloc(a, w->n + 1u, sizeof *w->unit);
    if (!cost || !cells || !w->unit)
        return bf_fail_memory(err, "quotas");
    qsort(units, w->n, sizeof *units, by_cell_and_cost);

    uint32_t n_cells = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        const struct unit *u = &units[i];
        cost[i] = u->cost;
        w->unit[i] = u->candidate;
        if (i == 0 || u->left != units[i - 1].left || u->right != units[i - 1].right)
            cells[n_cells++] =
                (struct bf_flow_cell){ .left = u->left, .right = u->right, .cost = &cost[i] };
        cells[n_cells - 1].n++;
    }
    w->flow = (struct bf_flow){
        .n_left = w->family[0].n_values,
        .n_right = w->family[1].n_values,
        .n_cells = n_cells,
        .left_quota = w->quota[0],
        .right_quota = w->quota[1],
        .cells = cells,
    };
    return BF_OK;
}

static void set_quotas(struct work *w, uint32_t size)
{
    for (int i = 0; i < 2; i++)
        bf_family_quotas(&w->family[i], size, w->quota[i]);
}

/* The largest size at which every quota can be met. F(size), the most that the quotas of `size`
 * let through, never falls as size grows, and a size can be met when F(size) = size; so every such
 * size at or below `size` is at or below F(size) too, and going from all candidates to F of them
 * again and again stops at the largest. */
static int largest_size(struct work *w, uint32_t *size_out, struct bf_err *err)
{
    uint32_t size = w->n, most;
    for (;;) {
        set_quotas(w, size);
        BF_TRY(bf_flow_most(&w->flow, &most, err));
        if (most == size)
            break;
        size = most;
    }
    *size_out = size;
    return BF_OK;
}

/* What was taken, as sample indices, ascending; and what is short. */
static int read_choice(const struct work *w, struct bf_balance_result *out, struct bf_arena *a,
                       struct bf_err *err)
{
    bool *taken = bf_arena_alloc(a, w->n + 1u, sizeof *taken);
    uint32_t *got[2];
    for (int i = 0; i < 2; i++)
        got[i] = bf_arena_alloc(a, w->family[i].n_values + 1u, sizeof **got);
    const uint32_t n_values = w->family[0].n_values + w->family[1].n_values;
    struct bf_balance_result r = {
        .chosen = bf_arena_alloc(a, w->n + 1u, sizeof *r.chosen),
        .shortfalls = bf_arena_alloc(a, n_values + 1u, sizeof *r.shortfalls),
    };
    if (!taken || !got[0] || !got[1] || !r.chosen || !r.shortfalls)
        return bf_fail_memory(err, "quotas");

    uint32_t at = 0;
    for (uint32_t k = 0; k < w->flow.n_cells; k++) {
        const struct bf_flow_cell *c = &w->flow.cells[k];
        for (uint32_t i = 0; i < c->used; i++)
            taken[w->unit[at + i]] = true;
        got[0][c->left] += c->used;
        got[1][c->right] += c->used;
        at += c->n;
    }
    for (uint32_t i = 0; i < w->n; i++)
        if (taken[i])
            r.chosen[r.n_chosen++] = w->candidates[i];
    for (int i = 0; i < 2; i++) {
        const struct bf_family *f = &w->family[i];
        /* A family that nobody asked for is short only of size; then the first says so. */
        const bool is_asked = f->field[0] || (i == 0 && n_families(w->order) == 0);
        for (uint32_t v = 0; v < f->n_values; v++)
            if (is_asked && got[i][v] < w->quota[i][v])
                r.shortfalls[r.n_shortfalls++] = (struct bf_shortfall){
                    f->field, f->values[v], w->quota[i][v], got[i][v], f->available[v],
                };
    }
    *out = r;
    return BF_OK;
}

int bf_balance(const struct bf_spec *spec, const struct bf_pool *pool,
               const struct bf_scores *scores, const uint32_t *candidates, uint32_t n,
               struct bf_balance_result *out, struct bf_arena *a, struct bf_err *err)
{
    struct work w = { .order = &spec->balance, .n = n, .candidates = candidates };
    uint32_t size = spec->balance.size;

    BF_TRY(bf_balance_check(spec, err));
    if (n == 0) {
        *out = (struct bf_balance_result){ 0 };
        if (size == 0)
            return BF_OK;
        out->shortfalls = bf_arena_alloc(a, 1, sizeof *out->shortfalls);
        if (!out->shortfalls)
            return bf_fail_memory(err, "quotas");
        out->shortfalls[0] = (struct bf_shortfall){ "", "", size, 0, 0 };
        out->n_shortfalls = 1;
        return BF_OK;
    }
    BF_TRY(make_families(&w, spec, pool, a, err));
    struct unit *units = bf_arena_alloc(a, n, sizeof *units);
    if (!units)
        return bf_fail_memory(err, "quotas");
    fill_units(&w, spec, pool, scores, units);
    BF_TRY(make_cells(&w, units, a, err));
    if (size == 0)
        BF_TRY(largest_size(&w, &size, err));
    set_quotas(&w, size);
    BF_TRY(bf_flow_least_cost(&w.flow, size, err));
    return read_choice(&w, out, a, err);
}
