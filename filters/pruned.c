/* What the filters that prune share: scores from probes, and what is said of a sample. */
#include "filters/pruned.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "filters/families.h"
#include "filters/names.h"

double bf_prune_recorded(const struct bf_table *t, int probe, int condition, uint32_t sample)
{
    return (double)bf_cell_at(t, probe, condition, sample)->a;
}

/* What is taken from a score before ranks are made of it. */
static double taken_off(const struct bf_prune_source *s, uint32_t sample)
{
    const struct bf_sample *x = &s->table->pool->samples[sample];
    if (s->rank == BF_PRUNE_DELTA)
        return bf_prune_recorded(s->table, s->base, s->condition, sample);
    const bool one_of_k = x->task == BF_CHOICE || x->task == BF_YESNO;
    return s->rank == BF_PRUNE_ADJUSTED && one_of_k && x->n_choices > 0 ? 1.0 / x->n_choices : 0;
}

bool bf_prune_can_rank(const struct bf_prune_source *s, uint32_t sample)
{
    return !isnan(bf_prune_recorded(s->table, s->probe, s->condition, sample) -
                  taken_off(s, sample));
}

/* Mean over the repeats that gave a p; NaN where none did. */
static int trained_again(const struct bf_prune_source *s, const uint8_t *alive, uint32_t round,
                         double *s_out, struct bf_err *err)
{
    const struct bf_refitter *r = s->table->refitter;
    const uint32_t n = s->table->pool->n_samples;
    uint16_t *given = calloc((size_t)n + 1, sizeof *given);
    int rc = given ? BF_OK : bf_fail_memory(err, "pruning");
    for (uint32_t i = 0; rc == BF_OK && i < n; i++)
        s_out[i] = 0;
    for (int k = 0; rc == BF_OK && k < s->repeats; k++) {
        const struct bf_refit how = { .condition = s->condition,
                                      .alive = alive,
                                      .repeat = s->n_models ? (int)round : k,
                                      .n_models = (int)s->n_models,
                                      .n_train = s->n_train };
        rc = r->refit(r->ctx, s->probe, &how, s->p, err);
        for (uint32_t i = 0; rc == BF_OK && i < n; i++)
            if (alive[i] && !isnan(s->p[i])) {
                s_out[i] += (double)s->p[i];
                given[i]++;
            }
    }
    for (uint32_t i = 0; rc == BF_OK && i < n; i++)
        s_out[i] = given[i] ? s_out[i] / given[i] : NAN;
    free(given);
    return rc;
}

int bf_prune_scores(void *ctx, const uint8_t *alive, uint32_t round, double *s_out,
                    struct bf_err *err)
{
    const struct bf_prune_source *s = ctx;
    const struct bf_probe_spec *probe = &s->table->spec->probes[s->probe];
    const uint32_t n = s->table->pool->n_samples;
    if (s->retrain && probe->base->refit) {
        if (!s->table->refitter)
            return bf_fail(err, BF_EINVAL, "probe '%s' cannot be trained again here", probe->name);
        BF_TRY(trained_again(s, alive, round, s_out, err));
    } else {
        for (uint32_t i = 0; i < n; i++)
            s_out[i] = bf_prune_recorded(s->table, s->probe, s->condition, i);
    }
    for (uint32_t i = 0; i < n; i++)
        s_out[i] -= taken_off(s, i);
    return BF_OK;
}

uint32_t bf_prune_count(double v, uint32_t all)
{
    const double n = v < 1 ? nearbyint(v * all) : v;
    return n < all ? (uint32_t)n : all;
}

int bf_prune_check_count(const char *filter, const char *option, double v, struct bf_err *err)
{
    if (v < 1 || v == floor(v))
        return BF_OK;
    return bf_fail(err, BF_EINVAL,
                   "%s: '%s' is %g; allowed: a share below 1, or a whole number of samples", filter,
                   option, v);
}

int bf_prune_check_names(const char *filter, const struct bf_spec *spec, const char *probe,
                         const char *under, struct bf_err *err)
{
    BF_TRY(bf_check_voter(filter, spec, probe, err));
    BF_TRY(bf_check_condition(filter, spec, under, err));
    return bf_check_asked(filter, spec, bf_probe_index(spec, probe), under, err);
}

/* Types of all samples by a field; of a field that nobody has there is one type alone. */
static int make_types(struct bf_prune_pool *out, const struct bf_table *t, const char *field,
                      struct bf_arena *a, struct bf_err *err)
{
    const uint32_t n = t->pool->n_samples;
    struct bf_family family;
    uint32_t *all = bf_arena_alloc(a, (size_t)n + 1, sizeof *all);
    out->type = all; /* zeroes */
    out->n_types = 1;
    if (!all)
        return bf_fail_memory(err, "pruning");
    if (!field || n == 0)
        return BF_OK;
    for (uint32_t i = 0; i < n; i++)
        all[i] = i;
    BF_TRY(
        bf_family_make(t->spec, t->pool, &(struct bf_names){ 1, &field }, all, n, &family, a, err));
    const bool none = family.n_values == 1 && strcmp(family.values[0], "(none)") == 0;
    if (none && strcmp(field, "category") != 0)
        return bf_fail(err, BF_EINVAL, "no sample has a field '%.200s'", field);
    out->type = family.of;
    out->n_types = family.n_values;
    return BF_OK;
}

int bf_pruned_init(struct bf_pruned *out, const struct bf_table *t, const uint8_t *standing,
                   const char *type, struct bf_arena *a, struct bf_err *err)
{
    const uint32_t n = t->pool->n_samples;
    const char **ids = bf_arena_alloc(a, (size_t)n + 1, sizeof *ids);
    uint32_t *by_id = bf_arena_alloc(a, (size_t)n + 1, sizeof *by_id);
    *out = (struct bf_pruned){ .fates = bf_arena_alloc(a, (size_t)n + 1, sizeof *out->fates),
                               .standing = bf_arena_memdup(a, standing, n),
                               .pool = { .n = n, .by_id = by_id } };
    if (!ids || !by_id || !out->fates || (n && !out->standing))
        return bf_fail_memory(err, "pruning");
    for (uint32_t i = 0; i < n; i++) {
        ids[i] = t->pool->samples[i].id;
        out->fates[i].s = NAN;
    }
    BF_TRY(bf_prune_sort_ids(ids, n, by_id, err));
    return make_types(&out->pool, t, type, a, err);
}

void bf_pruned_decide(const struct bf_pruned *p, const struct bf_prune_source *s, const char *what,
                      uint32_t sample, struct bf_ruling *out)
{
    const struct bf_sample *x = &s->table->pool->samples[sample];
    const char *probe = s->table->spec->probes[s->probe].name;
    const char *under = s->table->conditions->v[s->condition].name;
    struct bf_view view;
    out->kind = BF_KEEP;
    bf_view_of(&s->table->conditions->v[s->condition], x, &view);
    if (!p || !p->standing[sample] || !view.asked)
        return;
    out->targets = bf_targets_removed(x, &view, out->targets);
    const struct bf_prune_fate *f = &p->fates[sample];
    if (f->order) {
        out->kind = BF_REJECT;
        bf_buf_printf(&out->reason, "%s %s %.3g under %s: number %u of %u removed, round %u of %u",
                      probe, what, f->s, under, f->order, p->n_removed, f->round, p->n_rounds);
    } else if (!bf_prune_can_rank(s, sample)) {
        out->kind = BF_UNDECIDED;
        bf_buf_printf(&out->reason, "probe '%s' has no answer under %s", probe, under);
    } else if (!isnan(f->s)) {
        bf_buf_printf(&out->reason, "%s %s %.3g under %s: not removed", probe, what, f->s, under);
    }
}
