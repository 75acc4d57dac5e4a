/* The lattice of a sample's modalities and the mean accuracy on each subset. */
#include "score/lattice.h"

#include <math.h>
#include <stdlib.h>

const char bf_no_lattice[] = "lattice incomplete: some subset of modalities was not asked";
const char bf_no_modality[] = "no modality";
const char bf_no_answers[] = "no probe answered every subset";

static void fill(struct bf_lattice *l, const struct bf_table *t, uint32_t sample)
{
    int n = 0;
    for (int m = 0; m < BF_MAX_MODALITIES; m++) {
        if (!(l->has & BF_BIT(m)))
            continue;
        if (n == BF_MAX_LATTICE) {
            l->n = 0;
            return;
        }
        l->modality[n++] = m;
    }
    l->n = n;
    for (uint32_t s = 0; s < 1u << n; s++) {
        uint32_t kept = 0;
        for (int i = 0; i < n; i++)
            if (s & BF_BIT(i))
                kept |= BF_BIT(l->modality[i]);
        l->condition[s] = bf_table_subset(t, sample, kept);
    }
}

const struct bf_lattice *bf_lattice_of(struct bf_lattices *all, const struct bf_table *t,
                                       uint32_t sample)
{
    const struct bf_sample *s = &t->pool->samples[sample];

    for (int i = 0; i < all->n; i++)
        if (all->v[i]->has == s->has && all->v[i]->target == s->target)
            return all->v[i];

    if (all->n == all->cap) {
        int cap = all->cap ? 2 * all->cap : 16;
        struct bf_lattice **more = realloc(all->v, (size_t)cap * sizeof *more);
        if (!more)
            return NULL;
        all->v = more;
        all->cap = cap;
    }
    struct bf_lattice *l = bf_arena_alloc(&all->arena, 1, sizeof *l);
    if (!l)
        return NULL;
    l->has = s->has;
    l->target = s->target;
    fill(l, t, sample);
    all->v[all->n++] = l;
    return l;
}

void bf_lattices_done(struct bf_lattices *all)
{
    free(all->v);
    bf_arena_reset(&all->arena);
    *all = (struct bf_lattices){ 0 };
}

bool bf_is_pooled(const struct bf_spec *spec, int p)
{
    bool any_voter = false;
    for (int i = 0; i < spec->n_probes; i++)
        any_voter |= bf_probe_votes(&spec->probes[i]);
    return any_voter ? bf_probe_votes(&spec->probes[p]) : !spec->probes[p].judge;
}

bool bf_pool_selects(const struct bf_spec *spec)
{
    bool selects = false;
    for (int p = 0; p < spec->n_probes; p++)
        selects |= bf_is_pooled(spec, p) && bf_probe_selects(spec, p);
    return selects;
}

/* a_S in double where it is a share of trials: 0.7f is not 7/10, and the mean of 3/10 and 7/10
 * must not come out above 1/2. */
static double a_of(const struct bf_cell *c)
{
    const int answered = c->n[BF_RIGHT] + c->n[BF_WRONG] + c->n[BF_REFUSED] + c->n[BF_UNPARSED];
    if (isnan(c->p) && !isnan(c->a) && answered > 0)
        return (double)c->n[BF_RIGHT] / answered;
    return (double)c->a;
}

const char *bf_lattice_values(const struct bf_table *t, const struct bf_lattice *l, uint32_t sample,
                              uint64_t wanted, double *v)
{
    if (l->n == 0)
        return bf_no_modality;
    for (uint32_t s = 0; s < 1u << l->n; s++) {
        if (wanted >> s & 1 && l->condition[s] < 0)
            return bf_no_lattice;
        v[s] = 0;
    }

    int n_probes = 0;
    for (int p = 0; p < t->spec->n_probes; p++) {
        if (!bf_is_pooled(t->spec, p))
            continue;
        double a[BF_LATTICE_SIZE];
        bool whole = true;
        for (uint32_t s = 0; s < 1u << l->n && whole; s++) {
            if (!(wanted >> s & 1))
                continue;
            a[s] = a_of(bf_cell_at(t, p, l->condition[s], sample));
            whole = !isnan(a[s]);
        }
        if (!whole)
            continue;
        n_probes++;
        for (uint32_t s = 0; s < 1u << l->n; s++)
            if (wanted >> s & 1)
                v[s] += a[s];
    }
    if (n_probes == 0)
        return bf_no_answers;
    for (uint32_t s = 0; s < 1u << l->n; s++)
        v[s] /= n_probes;
    return NULL;
}
