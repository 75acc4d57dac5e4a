/* Blind accuracy before and after filtering: the first thing a user wants to see. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/release.h"
#include "core/rng.h"
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

/* What removing at random is drawn from: samples by category, and how many of each are kept. */
struct strata {
    uint32_t n;       /* samples */
    uint32_t *order;  /* [n] samples by category; shuffled within each */
    uint32_t *first;  /* [n_strata + 1] */
    uint32_t *n_kept; /* [n_strata] */
    uint32_t n_strata;
};

static int by_category(const void *a, const void *b)
{
    const struct bf_sample *x = *(const struct bf_sample *const *)a;
    const struct bf_sample *y = *(const struct bf_sample *const *)b;
    const int order = strcmp(x->category, y->category);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static int make_strata(struct strata *s, const struct bf_pool *pool, const uint32_t *kept,
                       uint32_t n_kept, struct bf_arena *a)
{
    const size_t n = pool->n_samples;
    const struct bf_sample **sorted = bf_arena_alloc(a, n + 1, sizeof(const struct bf_sample *));
    uint8_t *in = bf_arena_alloc(a, n + 1, 1);
    *s = (struct strata){ .n = pool->n_samples,
                          .order = bf_arena_alloc(a, n + 1, sizeof *s->order),
                          .first = bf_arena_alloc(a, n + 1, sizeof *s->first),
                          .n_kept = bf_arena_alloc(a, n + 1, sizeof *s->n_kept) };
    if (!sorted || !in || !s->order || !s->first || !s->n_kept)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < n_kept; i++)
        in[kept[i]] = 1;
    for (uint32_t i = 0; i < s->n; i++)
        sorted[i] = &pool->samples[i];
    qsort(sorted, n, sizeof(const struct bf_sample *), by_category);
    for (uint32_t i = 0; i < s->n; i++) {
        s->order[i] = sorted[i]->index;
        if (i == 0 || strcmp(sorted[i - 1]->category, sorted[i]->category) != 0)
            s->first[s->n_strata++] = i;
        s->n_kept[s->n_strata - 1] += in[sorted[i]->index];
    }
    s->first[s->n_strata] = s->n;
    return BF_OK;
}

/* Bring as many of each category as are kept to its front, each set of them as likely. */
static void draw(struct strata *s, struct bf_rng *rng)
{
    for (uint32_t k = 0; k < s->n_strata; k++) {
        const uint32_t end = s->first[k + 1];
        for (uint32_t i = s->first[k]; i < s->first[k] + s->n_kept[k]; i++) {
            const uint32_t other = i + (uint32_t)bf_rng_below(rng, end - i);
            const uint32_t t = s->order[i];
            s->order[i] = s->order[other];
            s->order[other] = t;
        }
    }
}

static double drawn_accuracy(const struct strata *s, const struct bf_table *t, int probe, int blind)
{
    struct share share = { 0 };
    for (uint32_t k = 0; k < s->n_strata; k++)
        for (uint32_t i = s->first[k]; i < s->first[k] + s->n_kept[k]; i++)
            add(&share, bf_cell_at(t, probe, blind, s->order[i]), &t->pool->samples[s->order[i]]);
    return share.n ? share.right / share.n : NAN;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Mean and 2.5 % and 97.5 % points of the draws [BF_REMOVALS], by linear interpolation. */
static void close_draws(double *v, struct bf_before_after *x)
{
    double sum = 0;
    for (int i = 0; i < BF_REMOVALS; i++)
        sum += v[i];
    x->random = sum / BF_REMOVALS;
    if (isnan(sum))
        return;
    qsort(v, BF_REMOVALS, sizeof *v, by_value);
    double *const bounds[] = { &x->random_lo, &x->random_hi };
    for (int i = 0; i < 2; i++) {
        const double at = (i ? 0.975 : 0.025) * (BF_REMOVALS - 1);
        const int k = (int)at;
        *bounds[i] = v[k] + (at - k) * (v[k + 1] - v[k]);
    }
}

/* The control: as many removed of each category, but at random. The same draws for every probe. */
static int remove_at_random(const struct bf_table *t, const uint32_t *kept, uint32_t n_kept,
                            const int *probe_of, struct bf_before_after *v, int n, int blind)
{
    struct bf_arena a = { 0 };
    struct strata s;
    double *drawn = bf_arena_alloc(&a, (size_t)n * BF_REMOVALS + 1, sizeof *drawn);
    int rc = drawn ? make_strata(&s, t->pool, kept, n_kept, &a) : BF_ENOMEM;
    for (int k = 0; rc == BF_OK && k < BF_REMOVALS; k++) {
        struct bf_rng rng = bf_rng_for(t->seed, "", "removed at random", (uint64_t)k);
        draw(&s, &rng);
        for (int i = 0; i < n; i++)
            drawn[i * BF_REMOVALS + k] = drawn_accuracy(&s, t, probe_of[i], blind);
    }
    for (int i = 0; rc == BF_OK && i < n; i++)
        close_draws(drawn + i * BF_REMOVALS, &v[i]);
    bf_arena_reset(&a);
    return rc;
}

int bf_blind_accuracy(const struct bf_table *t, const uint32_t *kept, uint32_t n_kept,
                      struct bf_before_after **out, int *n_out, struct bf_arena *a,
                      struct bf_err *err)
{
    const int blind = bf_condition_find(t->conditions, "blind");
    struct bf_before_after *v = bf_arena_alloc(a, (size_t)t->spec->n_probes + 1, sizeof *v);
    int *probe_of = bf_arena_alloc(a, (size_t)t->spec->n_probes + 1, sizeof *probe_of);
    if (!v || !probe_of)
        return bf_fail_memory(err, "blind accuracy");
    int n = 0;
    for (int p = 0; p < t->spec->n_probes && blind >= 0; p++) {
        if (!bf_probe_is_asked(&t->spec->probes[p], "blind"))
            continue;
        probe_of[n] = p;
        struct bf_before_after *x = &v[n++];
        struct share before = { 0 }, after = { 0 };
        for (uint32_t i = 0; i < t->pool->n_samples; i++)
            add(&before, bf_cell_at(t, p, blind, i), &t->pool->samples[i]);
        for (uint32_t i = 0; i < n_kept; i++)
            add(&after, bf_cell_at(t, p, blind, kept[i]), &t->pool->samples[kept[i]]);
        *x = (struct bf_before_after){ .probe = t->spec->probes[p].name,
                                       .condition = "blind",
                                       .selected_on = bf_probe_selects(t->spec, p),
                                       .random = NAN,
                                       .random_lo = NAN,
                                       .random_hi = NAN };
        close_share(&before, &x->n_before, &x->before, &x->before_lo, &x->before_hi,
                    &x->chance_before);
        close_share(&after, &x->n_after, &x->after, &x->after_lo, &x->after_hi, &x->chance_after);
    }
    if (n > 0 && n_kept > 0 && n_kept < t->pool->n_samples &&
        remove_at_random(t, kept, n_kept, probe_of, v, n, blind) != BF_OK)
        return bf_fail_memory(err, "blind accuracy");
    *out = v;
    *n_out = n;
    return BF_OK;
}

int bf_blind_stats(const struct bf_before_after *v, int n, struct bf_scores *out,
                   struct bf_err *err)
{
    for (int i = 0; i < n; i++) {
        const struct bf_before_after *x = &v[i];
        if (isnan(x->random)) /* nothing was removed, or nothing measured */
            continue;
        struct bf_stat stat = { .score = "accuracy_kept",
                                .probe = x->probe,
                                .condition = x->condition,
                                .modality = "",
                                .group = "all",
                                .null_reason = "",
                                .value = x->after,
                                .lo = x->after_lo,
                                .hi = x->after_hi,
                                .n = x->n_after,
                                .selected_on = x->selected_on };
        BF_TRY(bf_scores_stat(out, &stat, err));
        stat.score = "removed_at_random";
        stat.selected_on = false;
        stat.value = x->random;
        stat.lo = x->random_lo;
        stat.hi = x->random_hi;
        BF_TRY(bf_scores_stat(out, &stat, err));
    }
    return BF_OK;
}
