/* What is trained on what: looks, folds, units, and the fits that they need. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/builtin/columns.h"
#include "probe/builtin/cross.h"
#include "probe/builtin/evidence.h"
#include "probe/builtin/folds.h"

enum { MAX_BINS = 64 };

bool bf_folds_are_partners(int a, int b, int n, int reach)
{
    const int apart = a < b ? b - a : a - b;
    return apart > 0 && (apart <= reach || n - apart <= reach);
}

static int by_category(const void *x, const void *y)
{
    return strcmp((*(const struct bf_sample *const *)x)->category,
                  (*(const struct bf_sample *const *)y)->category);
}

static int number_categories(struct bf_cross *j)
{
    const struct bf_pool *pool = j->asking->pool;
    const struct bf_sample **sorted =
        bf_arena_alloc(&j->arena, (size_t)pool->n_samples + 1, sizeof(const struct bf_sample *));
    j->category = bf_arena_alloc(&j->arena, (size_t)pool->n_samples + 1, sizeof *j->category);
    if (!sorted || !j->category)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        sorted[i] = &pool->samples[i];
    qsort(sorted, pool->n_samples, sizeof(const struct bf_sample *), by_category);
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        if (i > 0 && by_category(&sorted[i - 1], &sorted[i]) != 0)
            j->n_categories++;
        j->category[sorted[i]->index] = j->n_categories;
    }
    j->n_categories++;
    return BF_OK;
}

/* What is the same for all looks and repeats. */
static int make_shared(struct bf_cross *j, struct bf_err *err)
{
    const struct bf_pool *pool = j->asking->pool;
    uint32_t *set = bf_arena_alloc(&j->arena, (size_t)pool->n_samples + 1, sizeof *set);
    j->gold = bf_arena_alloc(&j->arena, (size_t)pool->n_samples + 1, sizeof *j->gold);
    if (!set || !j->gold || number_categories(j) != BF_OK)
        return bf_fail_memory(err, "the built-in probe");
    for (uint32_t i = 0; i < pool->n_samples; i++)
        j->gold[i] = pool->samples[i].gold;
    if (j->set)
        return BF_OK;
    j->set = set;
    return bf_folds_sets(pool, set, err);
}

uint64_t bf_cross_seed(const struct bf_spec *spec, int repeat)
{
    return spec->seed + (uint64_t)repeat * 0x9e3779b97f4a7c15u;
}

static void note_largest(const struct bf_cross *j, uint32_t largest)
{
    const uint32_t n = j->asking->pool->n_samples;
    char line[256];
    if (largest * 2 <= n || !j->asking->note || j->p_out)
        return;
    snprintf(line, sizeof line,
             "probe '%s': %u of %u samples hang together by shared media or near-duplicate "
             "words; %s",
             j->asking->probe->name, largest, n,
             largest < n ? "they are judged by a model trained on the others only"
                         : "there is nothing to learn from, and every choice is as likely");
    j->asking->note(j->asking->ctx, line);
}

/* Deal the pool for a repeat, unless it was; NULL = no memory. */
static const struct bf_cross_deal *deal_of(struct bf_cross *j, int repeat, struct bf_err *err)
{
    const struct bf_pool *pool = j->asking->pool;
    uint32_t largest = 0;
    for (int i = 0; i < j->n_deals; i++)
        if (j->deals[i].repeat == repeat)
            return &j->deals[i];
    struct bf_cross_deal *d = &j->deals[j->n_deals];
    d->repeat = repeat;
    d->fold = bf_arena_alloc(&j->arena, (size_t)pool->n_samples + 1, 1);
    const uint64_t seed = bf_cross_seed(j->asking->spec, repeat);
    if (!d->fold ||
        bf_folds_deal(pool, j->set, j->alive, j->o->folds, seed, d->fold, &largest, err) != BF_OK)
        return NULL;
    if (j->n_deals++ == 0)
        note_largest(j, largest);
    return d;
}

/* Where each sample's rows stand among those of its fold. */
static int number_rows(struct bf_cross *j, struct bf_cross_pass *p)
{
    const uint32_t n = j->asking->pool->n_samples;
    p->slot = bf_arena_alloc(&j->arena, (size_t)n + 1, sizeof *p->slot);
    p->fold_rows = bf_arena_alloc(&j->arena, (size_t)j->o->folds, sizeof *p->fold_rows);
    if (!p->slot || !p->fold_rows)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        if (!bf_cross_has(j, i))
            continue;
        uint32_t *end = &p->fold_rows[p->deal->fold[i]];
        p->slot[i] = *end;
        *end += bf_cross_rows(bf_cross_look(j, p), i);
    }
    return BF_OK;
}

/* The pass of a look and a repeat, added when it is new; NULL = no memory. */
static struct bf_cross_pass *pass_of(struct bf_cross *j, int look, int repeat, struct bf_err *err)
{
    const size_t folds = (size_t)j->o->folds;
    for (int i = 0; i < j->n_passes; i++)
        if (j->passes[i].look == look && j->passes[i].deal->repeat == repeat)
            return &j->passes[i];
    struct bf_cross_pass *p = &j->passes[j->n_passes];
    p->look = look;
    p->deal = deal_of(j, repeat, err);
    p->units = bf_arena_alloc(&j->arena, folds, sizeof *p->units);
    p->fits = bf_arena_alloc(&j->arena, folds * folds, sizeof(struct bf_cross_fit *));
    if (!p->deal || !p->units || !p->fits || number_rows(j, p) != BF_OK)
        return NULL;
    j->n_passes++;
    return p;
}

static int make_unit_arrays(struct bf_cross *j)
{
    for (int i = 0; i < j->n_passes; i++)
        for (int f = 0; f < j->o->folds; f++) {
            struct bf_cross_unit *u = &j->passes[i].units[f];
            const size_t n = (size_t)u->n + 1;
            u->samples = bf_arena_alloc(&j->arena, n, sizeof *u->samples);
            u->questions = bf_arena_alloc(&j->arena, n, sizeof *u->questions);
            if (!u->samples || !u->questions)
                return BF_ENOMEM;
            u->n = 0;
        }
    return BF_OK;
}

/* Sort the questions asked into passes and units. */
static int make_asked(struct bf_cross *j, struct bf_err *err)
{
    const struct bf_asking *a = j->asking;
    struct bf_cross_pass **of = calloc((size_t)a->n + 1, sizeof(struct bf_cross_pass *));
    int rc = of ? BF_OK : BF_ENOMEM;
    for (int filling = 0; filling < 2 && rc == BF_OK; filling++) {
        for (uint32_t i = 0; i < a->n && rc == BF_OK; i++) {
            const struct bf_question *q = &a->questions[i];
            if (j->look_of[i] < 0)
                continue;
            if (!filling)
                of[i] = pass_of(j, j->look_of[i], q->trial, err);
            if (!of[i]) {
                rc = BF_ENOMEM;
                continue;
            }
            struct bf_cross_unit *u = &of[i]->units[of[i]->deal->fold[q->sample]];
            if (filling) {
                u->questions[u->n] = i;
                u->samples[u->n] = q->sample;
            }
            u->n++;
        }
        if (!filling && rc == BF_OK)
            rc = make_unit_arrays(j);
    }
    free(of);
    return rc;
}

/* The final model of each unit, and those of its partners. */
static int make_fits(struct bf_cross *j)
{
    const int folds = j->o->folds;
    const size_t most = (size_t)j->n_passes * (size_t)(folds + folds * 2);
    j->fits = bf_arena_alloc(&j->arena, most + 1, sizeof *j->fits);
    j->stackable =
        bf_arena_alloc(&j->arena, (size_t)j->n_passes * (size_t)folds + 1, sizeof *j->stackable);
    j->stacked =
        bf_arena_alloc(&j->arena, (size_t)j->n_passes * (size_t)folds + 1, sizeof *j->stacked);
    if (!j->fits || !j->stackable || !j->stacked)
        return BF_ENOMEM;
    for (int i = 0; i < j->n_passes; i++) {
        struct bf_cross_pass *p = &j->passes[i];
        for (int a = 0; a < folds; a++) {
            j->n_units += p->units[a].n > 0;
            if (p->units[a].n > 0 && !bf_cross_linear(j))
                j->stackable[j->n_stackable++] = (struct bf_cross_at){ i, a };
            for (int b = a; b < folds && bf_cross_linear(j); b++) {
                const int n =
                    a == b ? p->units[a].n > 0 : (p->units[a].n > 0) + (p->units[b].n > 0);
                if (n == 0 || (a != b && !bf_folds_are_partners(a, b, folds, bf_cross_reach(j, p))))
                    continue;
                struct bf_cross_fit *f = &j->fits[j->n_fits++];
                *f = (struct bf_cross_fit){ i, a, b, n, NULL };
                p->fits[a * folds + b] = f;
                p->units[a].n_waits += p->units[a].n > 0;
                p->units[b].n_waits += a != b && p->units[b].n > 0;
            }
        }
    }
    return BF_OK;
}

/* How many passes there can be: each look with each repeat. */
static int make_room(struct bf_cross *j)
{
    int n_repeats = 1;
    for (uint32_t i = 0; i < j->asking->n; i++)
        if (j->asking->questions[i].trial >= n_repeats)
            n_repeats = j->asking->questions[i].trial + 1;
    j->deals = bf_arena_alloc(&j->arena, (size_t)n_repeats, sizeof *j->deals);
    j->passes =
        bf_arena_alloc(&j->arena, (size_t)j->looks.n * (size_t)n_repeats + 1, sizeof *j->passes);
    return j->deals && j->passes ? BF_OK : BF_ENOMEM;
}

static struct bf_shown_words words_of(const struct bf_cross *j, const struct bf_look *l)
{
    return (struct bf_shown_words){ .question = l->question,
                                    .questions = l->lent ? l->lent->questions : NULL,
                                    .choices = l->choices,
                                    .without = j->without };
}

/* The columns themselves are not needed once they are binned. */
static int make_words_bins(struct bf_cross *j, const struct bf_look *l, struct bf_bins *out,
                           struct bf_err *err)
{
    const struct bf_shown_words words = words_of(j, l);
    struct bf_arena a = { 0 };
    struct bf_columns columns;
    int rc = bf_columns_make(j->asking->pool, &words, l->rows->first_row, &columns, &a, err);
    if (rc == BF_OK)
        rc = bf_bins_make(&columns, MAX_BINS, out, &j->arena, err);
    if (rc == BF_OK) {
        out->family =
            bf_arena_memdup(&j->arena, columns.family, (size_t)columns.n * sizeof *columns.family);
        rc = out->family ? BF_OK : bf_fail_memory(err, "the built-in probe");
    }
    bf_arena_reset(&a);
    return rc;
}

/* Looks that share their rows share their columns. */
static int make_bins(struct bf_cross *j, struct bf_err *err)
{
    j->bins = bf_arena_alloc(&j->arena, (size_t)j->looks.n, sizeof *j->bins);
    if (!j->bins)
        return bf_fail_memory(err, "the built-in probe");
    for (int i = 0; i < j->looks.n; i++) {
        for (int k = 0; k < i && !j->bins[i].v; k++)
            if (j->looks.v[k].rows == j->looks.v[i].rows)
                j->bins[i] = j->bins[k];
        if (!j->bins[i].v)
            BF_TRY(make_words_bins(j, &j->looks.v[i], &j->bins[i], err));
    }
    return BF_OK;
}

int bf_cross_open(struct bf_cross *j, struct bf_err *err)
{
    uint32_t without;
    j->look_of = bf_arena_alloc(&j->arena, (size_t)j->asking->n + 1, sizeof *j->look_of);
    if (!j->look_of)
        return bf_fail_memory(err, "the built-in probe");
    BF_TRY(bf_evidence_mask(&j->o->without, &without, err));
    j->without |= without;
    BF_TRY(make_shared(j, err));
    return bf_looks_make(j->asking, j->o->learns == 1, j->without, &j->o->embed, &j->looks,
                         j->look_of, &j->arena, err);
}

/* Baselines count gold answers by fold; those of samples that are gone do not count. */
static int make_priors(struct bf_cross *j, struct bf_err *err)
{
    const uint32_t n = j->asking->pool->n_samples;
    int *gold = bf_arena_alloc(&j->arena, (size_t)n + 1, sizeof *gold);
    j->columns = bf_arena_alloc(&j->arena, (size_t)j->looks.n, sizeof *j->columns);
    if (!gold || !j->columns)
        return bf_fail_memory(err, "the built-in probe");
    for (uint32_t i = 0; i < n; i++)
        gold[i] = bf_cross_has(j, i) ? j->gold[i] : -1;
    for (int i = 0; i < j->looks.n; i++) {
        const struct bf_shown_words words = words_of(j, &j->looks.v[i]);
        BF_TRY(bf_columns_make(j->asking->pool, &words, j->looks.v[i].rows->first_row,
                               &j->columns[i], &j->arena, err));
    }
    for (int i = 0; i < j->n_passes; i++) {
        struct bf_cross_pass *p = &j->passes[i];
        BF_TRY(bf_priors_make(&j->columns[p->look], bf_cross_look(j, p)->rows->first_row, n, gold,
                              p->deal->fold, j->o->folds, &p->priors, &j->arena, err));
    }
    return BF_OK;
}

int bf_cross_plan(struct bf_cross *j, struct bf_err *err)
{
    BF_TRY(bf_cross_open(j, err));
    if (j->looks.n == 0)
        return BF_OK;
    int rc = make_room(j);
    if (rc == BF_OK && bf_cross_trees(j))
        rc = make_bins(j, err);
    if (rc == BF_OK)
        rc = make_asked(j, err);
    if (rc == BF_OK && j->o->learner == BF_LEARN_PRIORS)
        rc = make_priors(j, err);
    if (rc == BF_OK)
        rc = make_fits(j);
    return rc == BF_OK ? BF_OK : bf_fail_memory(err, "the built-in probe");
}
