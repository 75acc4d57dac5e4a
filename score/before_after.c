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
    int n = 0;
    for (int p = 0; p < t->spec->n_probes && blind >= 0; p++) {
        if (!bf_probe_is_asked(&t->spec->probes[p], "blind"))
            continue;
        struct bf_before_after *x = &v[n++];
        struct share before = { 0 }, after = { 0 };
        for (uint32_t i = 0; i < t->pool->n_samples; i++)
            add(&before, bf_cell_at(t, p, blind, i), &t->pool->samples[i]);
        for (uint32_t i = 0; i < n_kept; i++)
            add(&after, bf_cell_at(t, p, blind, kept[i]), &t->pool->samples[kept[i]]);
        *x = (struct bf_before_after){ .probe = t->spec->probes[p].name,
                                       .condition = "blind",
                                       .selected_on = bf_probe_selects(t->spec, p) };
        close_share(&before, &x->n_before, &x->before, &x->before_lo, &x->before_hi,
                    &x->chance_before);
        close_share(&after, &x->n_after, &x->after, &x->after_lo, &x->after_hi, &x->chance_after);
    }
    *out = v;
    *n_out = n;
    return BF_OK;
}
