/* Blind accuracy before and after filtering: the first thing a user wants to see. */
#include <math.h>

#include "core/release.h"
#include "score/intervals.h"

struct share {
    uint32_t n, n_chance;
    double right, chance;
};

static void add(struct share *s, const struct bf_cell *c, const struct bf_sample *x)
{
    const int answered = c->n[BF_RIGHT] + c->n[BF_WRONG] + c->n[BF_REFUSED] + c->n[BF_UNPARSED];
    if (answered == 0)
        return;
    s->n++;
    s->right += (double)c->n[BF_RIGHT] / answered;
    /* Where nobody can guess one of k, there is no chance to add. */
    if ((x->task == BF_CHOICE || x->task == BF_YESNO) && x->n_choices > 0) {
        s->n_chance++;
        s->chance += 1.0 / x->n_choices;
    }
}

static void close_share(const struct share *s, uint32_t *n, double *value, double *lo, double *hi,
                        double *chance)
{
    const struct bf_interval i = bf_wilson(s->right, s->n);
    *n = s->n;
    *value = s->n ? s->right / s->n : NAN;
    *chance = s->n_chance ? s->chance / s->n_chance : NAN;
    *lo = i.lo;
    *hi = i.hi;
}

int bf_blind_accuracy(const struct bf_table *t, const uint32_t *kept, uint32_t n_kept,
                      struct bf_before_after **out, int *n_out, struct bf_arena *a,
                      struct bf_err *err)
{
    const int blind = bf_condition_find(t->conditions, "blind");
    struct bf_before_after *v = bf_arena_alloc(a, (size_t)t->spec->n_probes + 1, sizeof *v);
    if (!v)
        return bf_fail_memory(err, "blind accuracy");
    for (int p = 0; p < t->spec->n_probes && blind >= 0; p++) {
        struct share before = { 0 }, after = { 0 };
        for (uint32_t i = 0; i < t->pool->n_samples; i++)
            add(&before, bf_cell_at(t, p, blind, i), &t->pool->samples[i]);
        for (uint32_t i = 0; i < n_kept; i++)
            add(&after, bf_cell_at(t, p, blind, kept[i]), &t->pool->samples[kept[i]]);
        v[p] = (struct bf_before_after){ .probe = t->spec->probes[p].name,
                                         .condition = "blind",
                                         .selected_on = bf_probe_selects(t->spec, p) };
        close_share(&before, &v[p].n_before, &v[p].before, &v[p].before_lo, &v[p].before_hi,
                    &v[p].chance_before);
        close_share(&after, &v[p].n_after, &v[p].after, &v[p].after_lo, &v[p].after_hi,
                    &v[p].chance_after);
    }
    *out = v;
    *n_out = blind >= 0 ? t->spec->n_probes : 0;
    return BF_OK;
}
