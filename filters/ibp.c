/* Filter `ibp`: iterative bias pruning, a budget spent on what is answered best without media. */
#include <math.h>
#include <string.h>

#include "filters/families.h"
#include "filters/names.h"
#include "filters/pruned.h"

enum allocate { GLOBAL, PER_FORMAT, PER_CHOICES, PER_TYPE };

struct ibp {
    const char *probe, *under, *base, *type;
    double budget, above;
    int batch, floor, repeats, allocate, rank;
    bool retrain;
};

static struct bf_prune_source source_of(const struct ibp *f, const struct bf_table *t)
{
    return (struct bf_prune_source){
        .table = t,
        .probe = bf_probe_index(t->spec, f->probe),
        .condition = bf_condition_find(t->conditions, f->under),
        .retrain = f->retrain,
        .repeats = f->repeats,
        .rank = (enum bf_prune_rank)f->rank,
        .base = bf_probe_index(t->spec, f->base),
    };
}

/* A set of samples that is pruned on its own. */
struct group {
    uint32_t key;    /* in the order of which budgets are shared */
    uint32_t n;      /* samples */
    uint32_t budget; /* of them to remove */
};

/* Which group a sample belongs to: all in one; by format, in the order of the names mc, num, set,
 * text; by format and number of choices; by type. */
static uint32_t key_of(const struct ibp *f, const struct bf_pruned *p, const struct bf_sample *s)
{
    static const uint32_t format[BF_TASK_COUNT] = {
        [BF_CHOICE] = 0, [BF_YESNO] = 0, [BF_NUMBER] = 1, [BF_CHOICES] = 2, [BF_FREE_TEXT] = 3,
    };
    switch (f->allocate) {
    case PER_FORMAT:
        return format[s->task];
    case PER_CHOICES:
        return format[s->task] * (BF_MAX_CHOICES + 1) + (uint32_t)s->n_choices;
    case PER_TYPE:
        return p->pool.type[s->index];
    default:
        return 0;
    }
}

/* Groups by key. But for one group of all, only what can be ranked counts and is trained on: as
 * published. */
static int find_groups(const struct ibp *f, const struct bf_table *t,
                       const struct bf_prune_source *s, struct bf_pruned *p, uint32_t *group_of,
                       struct group **out, uint32_t *n_out, struct bf_arena *a, struct bf_err *err)
{
    const uint32_t n_keys = f->allocate == PER_TYPE ? p->pool.n_types : 4 * (BF_MAX_CHOICES + 1);
    struct group *by_key = bf_arena_alloc(a, (size_t)n_keys + 1, sizeof *by_key);
    struct group *groups = bf_arena_alloc(a, (size_t)n_keys + 1, sizeof *groups);
    if (!by_key || !groups)
        return bf_fail_memory(err, "pruning");
    for (uint32_t i = 0; i < p->pool.n; i++) {
        const bool in = p->standing[i] && (f->allocate == GLOBAL || bf_prune_can_rank(s, i));
        group_of[i] = in ? key_of(f, p, &t->pool->samples[i]) : UINT32_MAX;
        if (in)
            by_key[group_of[i]].n++;
    }
    *n_out = 0;
    for (uint32_t k = 0; k < n_keys; k++)
        if (by_key[k].n)
            groups[(*n_out)++] = (struct group){ .key = k, .n = by_key[k].n };
    *out = groups;
    return BF_OK;
}

/* Budgets of groups: a share of each type by itself; else all shared in proportion. A type is never
 * asked to give more than its floor leaves. */
static int set_budgets(const struct ibp *f, struct group *groups, uint32_t n, struct bf_arena *a,
                       struct bf_err *err)
{
    uint32_t *counts = bf_arena_alloc(a, (size_t)n + 1, sizeof *counts);
    uint32_t *budgets = bf_arena_alloc(a, (size_t)n + 1, sizeof *budgets);
    uint32_t all = 0;
    if (!counts || !budgets)
        return bf_fail_memory(err, "pruning");
    for (uint32_t g = 0; g < n; g++)
        all += counts[g] = groups[g].n;
    bf_prune_share(counts, n, bf_prune_count(f->budget, all), budgets);
    for (uint32_t g = 0; g < n; g++) {
        const uint32_t floor = (uint32_t)f->floor;
        const uint32_t most = counts[g] > floor ? counts[g] - floor : 0;
        if (f->allocate == PER_TYPE && f->budget < 1)
            budgets[g] = bf_prune_count(f->budget, counts[g]);
        if (f->allocate == PER_TYPE && budgets[g] > most)
            budgets[g] = most;
        groups[g].budget = budgets[g];
    }
    return BF_OK;
}

/* Types in order of size, the largest first; other groups in the order they are in. Only the order
 * of removal depends on it. */
static void sort_groups(const struct ibp *f, struct group *groups, uint32_t n)
{
    for (uint32_t i = 1; f->allocate == PER_TYPE && i < n; i++)
        for (uint32_t k = i; k > 0 && groups[k].n > groups[k - 1].n; k--) {
            const struct group g = groups[k];
            groups[k] = groups[k - 1];
            groups[k - 1] = g;
        }
}

static int conclude(const void *priv, const struct bf_table *t, const uint8_t *standing, void **out,
                    struct bf_arena *a, struct bf_err *err)
{
    const struct ibp *f = priv;
    struct bf_prune_source s = source_of(f, t);
    const uint32_t n = t->pool->n_samples;
    struct bf_pruned *p = bf_arena_alloc(a, 1, sizeof *p);
    uint32_t *group_of = bf_arena_alloc(a, (size_t)n + 1, sizeof *group_of), n_groups = 0;
    uint8_t *alive = bf_arena_alloc(a, (size_t)n + 1, 1);
    struct group *groups = NULL;
    s.p = bf_arena_alloc(a, (size_t)n + 1, sizeof *s.p);
    if (!p || !group_of || !alive || !s.p)
        return bf_fail_memory(err, "pruning");
    if (s.condition < 0) /* the pool has no sample that it could be asked of */
        return BF_OK;
    if (bf_pruned_init(p, t, standing, f->type, a, err) < 0)
        return bf_fail_in(err, err ? err->code : BF_EINVAL, "ibp");
    BF_TRY(find_groups(f, t, &s, p, group_of, &groups, &n_groups, a, err));
    BF_TRY(set_budgets(f, groups, n_groups, a, err));
    sort_groups(f, groups, n_groups);
    for (uint32_t g = 0; g < n_groups; g++) {
        const struct bf_prune how = { .rule = BF_PRUNE_IBP,
                                      .budget = groups[g].budget,
                                      .batch = (uint32_t)f->batch,
                                      .tau = f->above > -1 ? f->above : -INFINITY,
                                      .floor = (uint32_t)f->floor };
        for (uint32_t i = 0; i < n; i++)
            alive[i] = group_of[i] == groups[g].key;
        BF_TRY(bf_prune(&how, &p->pool, &(struct bf_prune_scorer){ &s, bf_prune_scores }, alive,
                        p->fates, &p->n_removed, &p->n_rounds, err));
    }
    *out = p;
    return BF_OK;
}

static int decide(const void *priv, const struct bf_table *t, const struct bf_scores *scores,
                  uint32_t sample, struct bf_ruling *out, struct bf_err *err)
{
    static const char *const what[] = {
        [BF_PRUNE_SCORE] = "s", [BF_PRUNE_ADJUSTED] = "s - 1/k", [BF_PRUNE_DELTA] = "s - s0"
    };
    (void)scores, (void)err;
    const struct ibp *f = priv;
    const struct bf_prune_source s = source_of(f, t);
    out->kind = BF_KEEP;
    if (s.condition >= 0)
        bf_pruned_decide(bf_prepared(t, priv), &s, what[f->rank], sample, out);
    return BF_OK;
}

static int check(const void *priv, const struct bf_spec *spec, struct bf_err *err)
{
    const struct ibp *f = priv;
    BF_TRY(bf_prune_check_names("ibp", spec, f->probe, f->under, err));
    BF_TRY(bf_prune_check_count("ibp", "budget", f->budget, err));
    if (f->rank == BF_PRUNE_DELTA && f->base[0] == '\0')
        return bf_fail(err, BF_EINVAL, "ibp: 'rank' is delta, but 'base' names no probe");
    if (f->base[0] == '\0')
        return BF_OK;
    if (f->rank != BF_PRUNE_DELTA)
        return bf_fail(err, BF_EINVAL, "ibp: 'base' is '%.200s', but 'rank' is not delta", f->base);
    if (strcmp(f->base, f->probe) == 0)
        return bf_fail(err, BF_EINVAL, "ibp: 'base' is '%.200s'; allowed: another than 'probe'",
                       f->base);
    return bf_prune_check_names("ibp", spec, f->base, f->under, err);
}

/* Samples need no category: they are then of one type. */
static const char *field(const void *priv)
{
    const struct ibp *f = priv;
    return strcmp(f->type, "category") == 0 ? NULL : f->type;
}

static const struct bf_opt opts[] = {
    { .name = "probe",
      .type = BF_OPT_STR,
      .offset = offsetof(struct ibp, probe),
      .help = "whose p(gold) samples are ranked by; one that learns from the pool is trained again "
              "in every round on what is left" },
    { .name = "under",
      .type = BF_OPT_STR,
      .offset = offsetof(struct ibp, under),
      .def = "blind",
      .help = "condition that must not be enough" },
    { .name = "budget",
      .type = BF_OPT_NUM,
      .offset = offsetof(struct ibp, budget),
      .min = 0,
      .max = 1e9,
      .unit = "samples, or below 1 a share of them",
      .help = "how many are removed at most" },
    { .name = "batch",
      .type = BF_OPT_INT,
      .offset = offsetof(struct ibp, batch),
      .def = "50",
      .min = 1,
      .max = 1e9,
      .unit = "samples",
      .help = "how many are removed in one round" },
    { .name = "above",
      .type = BF_OPT_NUM,
      .offset = offsetof(struct ibp, above),
      .def = "-1",
      .min = -1,
      .max = 1,
      .unit = "as the score",
      .help = "pruning goes on only while some score is above this; -1 = until the budget is "
              "spent" },
    { .name = "allocate",
      .type = BF_OPT_ENUM,
      .offset = offsetof(struct ibp, allocate),
      .def = "per_format",
      .values = "global|per_format|per_choices|per_type",
      .help = "which samples compete: all; those of one format (choices, numbers); of one format "
              "and number of choices; of one type; the budget is shared in proportion" },
    { .name = "type",
      .type = BF_OPT_STR,
      .offset = offsetof(struct ibp, type),
      .def = "category",
      .help = "field of a sample that says its type" },
    { .name = "floor",
      .type = BF_OPT_INT,
      .offset = offsetof(struct ibp, floor),
      .def = "10",
      .min = 0,
      .max = 1e9,
      .unit = "samples",
      .help = "how many of each type stay whatever they score" },
    { .name = "rank",
      .type = BF_OPT_ENUM,
      .offset = offsetof(struct ibp, rank),
      .def = "score",
      .values = "score|adjusted|delta",
      .help = "score: s = p(gold), of numbers the mean relative accuracy; adjusted: s - 1/k for "
              "one of k choices; delta: s less that of probe 'base'" },
    { .name = "base",
      .type = BF_OPT_STR,
      .offset = offsetof(struct ibp, base),
      .def = "",
      .help = "for delta: a probe that has not learned from the pool" },
    { .name = "repeats",
      .type = BF_OPT_INT,
      .offset = offsetof(struct ibp, repeats),
      .def = "1",
      .min = 1,
      .max = 100,
      .unit = "times",
      .help = "how often it is trained in a round, on folds drawn anew; scores are their means" },
    { .name = "retrain",
      .type = BF_OPT_BOOL,
      .offset = offsetof(struct ibp, retrain),
      .def = "true",
      .help = "false: one ranking by what was recorded before anything was removed" },
    { .name = NULL },
};

const struct bf_filter bf_filter_ibp = {
    .op = {
        .name = "ibp",
        .summary = "remove a budget of what is answered best without the media, in rounds",
        .source = "Brown et al. (arXiv 2511.04655), Algorithm 1, Iterative Bias Pruning; "
                  "docs/metrics.md#ibp",
        .priv_size = sizeof(struct ibp),
        .opts = opts,
    },
    .check = check,
    .field = field,
    .conclude = conclude,
    .decide = decide,
};
