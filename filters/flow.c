/* Flows between two families of quotas: least cost, and largest. */
#include "filters/flow.h"

#include <string.h>

static const uint32_t no_cell = UINT32_MAX;

/* One search through the residual graph. */
struct search {
    struct bf_arena arena;
    struct bf_flow_cost *left_dist, *right_dist;
    uint32_t *left_by, *right_by; /* cell it was reached through; no_cell = start, or not yet */
    bool *left_seen, *right_seen;
    uint32_t *left_got, *right_got; /* units of each value so far */
};

static int search_init(struct search *s, const struct bf_flow *f, struct bf_err *err)
{
    *s = (struct search){ 0 };
    s->left_dist = bf_arena_alloc(&s->arena, f->n_left, sizeof *s->left_dist);
    s->right_dist = bf_arena_alloc(&s->arena, f->n_right, sizeof *s->right_dist);
    s->left_by = bf_arena_alloc(&s->arena, f->n_left, sizeof *s->left_by);
    s->right_by = bf_arena_alloc(&s->arena, f->n_right, sizeof *s->right_by);
    s->left_seen = bf_arena_alloc(&s->arena, f->n_left, sizeof *s->left_seen);
    s->right_seen = bf_arena_alloc(&s->arena, f->n_right, sizeof *s->right_seen);
    s->left_got = bf_arena_alloc(&s->arena, f->n_left, sizeof *s->left_got);
    s->right_got = bf_arena_alloc(&s->arena, f->n_right, sizeof *s->right_got);
    if (s->left_dist && s->right_dist && s->left_by && s->right_by && s->left_seen &&
        s->right_seen && s->left_got && s->right_got)
        return BF_OK;
    bf_arena_reset(&s->arena);
    return bf_fail_memory(err, "a flow");
}

static struct bf_flow_cost plus(struct bf_flow_cost a, struct bf_flow_cost b)
{
    return (struct bf_flow_cost){ a.quota + b.quota, a.prefer + b.prefer, a.tie + b.tie };
}

static struct bf_flow_cost minus(struct bf_flow_cost a, struct bf_flow_cost b)
{
    return (struct bf_flow_cost){ a.quota - b.quota, a.prefer - b.prefer, a.tie - b.tie };
}

static bool less(struct bf_flow_cost a, struct bf_flow_cost b)
{
    if (a.quota != b.quota)
        return a.quota < b.quota;
    if (a.prefer != b.prefer)
        return a.prefer < b.prefer;
    return a.tie < b.tie;
}

/* (x + 1 - q)^2 - (x - q)^2: one more unit for a value that has x. */
static struct bf_flow_cost marginal(uint32_t x, uint32_t quota)
{
    return (struct bf_flow_cost){ .quota = 2 * ((int64_t)x - quota) + 1 };
}

/* Shortest distances from the source to every value. There is no negative cycle, since the flow
 * so far is of least cost; so no path is longer than the number of values. */
static void distances(struct search *s, const struct bf_flow *f)
{
    memset(s->right_seen, 0, f->n_right * sizeof *s->right_seen);
    for (uint32_t i = 0; i < f->n_left; i++) {
        s->left_dist[i] = marginal(s->left_got[i], f->left_quota[i]);
        s->left_by[i] = no_cell;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t k = 0; k < f->n_cells; k++) {
            const struct bf_flow_cell *c = &f->cells[k];
            if (c->used == c->n)
                continue;
            const struct bf_flow_cost d = plus(s->left_dist[c->left], c->cost[c->used]);
            if (s->right_seen[c->right] && !less(d, s->right_dist[c->right]))
                continue;
            s->right_seen[c->right] = true;
            s->right_dist[c->right] = d;
            s->right_by[c->right] = k;
            changed = true;
        }
        for (uint32_t k = 0; changed && k < f->n_cells; k++) {
            const struct bf_flow_cell *c = &f->cells[k];
            if (c->used == 0 || !s->right_seen[c->right])
                continue;
            const struct bf_flow_cost d = minus(s->right_dist[c->right], c->cost[c->used - 1]);
            if (less(d, s->left_dist[c->left])) {
                s->left_dist[c->left] = d;
                s->left_by[c->left] = k;
            }
        }
    }
}

/* Add one unit along the path that ends at value `right`. */
static void augment(struct search *s, struct bf_flow *f, uint32_t right)
{
    s->right_got[right]++;
    for (;;) {
        struct bf_flow_cell *in = &f->cells[s->right_by[right]];
        in->used++;
        const uint32_t back = s->left_by[in->left];
        if (back == no_cell) {
            s->left_got[in->left]++;
            return;
        }
        f->cells[back].used--;
        right = f->cells[back].right;
    }
}

int bf_flow_least_cost(struct bf_flow *f, uint32_t size, struct bf_err *err)
{
    struct search s;

    for (uint32_t k = 0; k < f->n_cells; k++)
        f->cells[k].used = 0;
    if (f->n_cells == 0)
        return BF_OK;
    BF_TRY(search_init(&s, f, err));
    for (uint32_t taken = 0; taken < size; taken++) {
        distances(&s, f);
        uint32_t best = UINT32_MAX;
        struct bf_flow_cost best_cost = { 0 };
        for (uint32_t r = 0; r < f->n_right; r++) {
            if (!s.right_seen[r])
                continue;
            const struct bf_flow_cost d =
                plus(s.right_dist[r], marginal(s.right_got[r], f->right_quota[r]));
            if (best == UINT32_MAX || less(d, best_cost)) {
                best = r;
                best_cost = d;
            }
        }
        if (best == UINT32_MAX)
            break; /* every unit is taken */
        augment(&s, f, best);
    }
    bf_arena_reset(&s.arena);
    return BF_OK;
}

/* Breadth first from every value on the left that may get more; the value on the right that may
 * get more and was reached first, or UINT32_MAX. */
static uint32_t reach(struct search *s, const struct bf_flow *f)
{
    memset(s->right_seen, 0, f->n_right * sizeof *s->right_seen);
    for (uint32_t i = 0; i < f->n_left; i++) {
        s->left_seen[i] = s->left_got[i] < f->left_quota[i];
        s->left_by[i] = no_cell;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t k = 0; k < f->n_cells; k++) {
            const struct bf_flow_cell *c = &f->cells[k];
            if (s->left_seen[c->left] && !s->right_seen[c->right] && c->used < c->n) {
                s->right_seen[c->right] = true;
                s->right_by[c->right] = k;
                changed = true;
                if (s->right_got[c->right] < f->right_quota[c->right])
                    return c->right;
            }
        }
        for (uint32_t k = 0; k < f->n_cells; k++) {
            const struct bf_flow_cell *c = &f->cells[k];
            if (s->right_seen[c->right] && !s->left_seen[c->left] && c->used > 0) {
                s->left_seen[c->left] = true;
                s->left_by[c->left] = k;
                changed = true;
            }
        }
    }
    return UINT32_MAX;
}

int bf_flow_most(struct bf_flow *f, uint32_t *units_out, struct bf_err *err)
{
    struct search s;
    uint32_t units = 0;

    *units_out = 0;
    for (uint32_t k = 0; k < f->n_cells; k++)
        f->cells[k].used = 0;
    if (f->n_cells == 0)
        return BF_OK;
    BF_TRY(search_init(&s, f, err));
    /* What fits without a search is taken at once; paths then only repair what is left. */
    for (uint32_t k = 0; k < f->n_cells; k++) {
        struct bf_flow_cell *c = &f->cells[k];
        const uint32_t l = f->left_quota[c->left] - s.left_got[c->left];
        const uint32_t r = f->right_quota[c->right] - s.right_got[c->right];
        const uint32_t room = l < r ? l : r;
        c->used = room < c->n ? room : c->n;
        s.left_got[c->left] += c->used;
        s.right_got[c->right] += c->used;
        units += c->used;
    }
    for (uint32_t r = reach(&s, f); r != UINT32_MAX; r = reach(&s, f)) {
        augment(&s, f, r);
        units++;
    }
    bf_arena_reset(&s.arena);
    *units_out = units;
    return BF_OK;
}
