/* Filter `aflite`: adversarial filtering, what many models trained on random parts get right. */
#include <math.h>

#include "filters/names.h"
#include "filters/pruned.h"

struct aflite {
    const char *probe, *under;
    double keep, train, slice, above;
    int models;
    bool retrain;
};

static struct bf_prune_source source_of(const struct aflite *f, const struct bf_table *t)
{
    return (struct bf_prune_source){
        .table = t,
        .probe = bf_probe_index(t->spec, f->probe),
        .condition = bf_condition_find(t->conditions, f->under),
        .retrain = f->retrain,
        .repeats = 1,
        .n_models = (uint32_t)f->models,
    };
}

static int conclude(const void *priv, const struct bf_table *t, const uint8_t *standing, void **out,
                    struct bf_arena *a, struct bf_err *err)
{
    const struct aflite *f = priv;
    struct bf_prune_source s = source_of(f, t);
    const uint32_t n = t->pool->n_samples;
    struct bf_pruned *p = bf_arena_alloc(a, 1, sizeof *p);
    uint8_t *alive = bf_arena_alloc(a, (size_t)n + 1, 1);
    uint32_t size = 0;
    s.p = bf_arena_alloc(a, (size_t)n + 1, sizeof *s.p);
    if (!p || !alive || !s.p)
        return bf_fail_memory(err, "pruning");
    if (s.condition < 0) /* the pool has no sample that it could be asked of */
        return BF_OK;
    BF_TRY(bf_pruned_init(p, t, standing, NULL, a, err));
    for (uint32_t i = 0; i < n; i++)
        size += alive[i] = standing[i] && bf_prune_can_rank(&s, i);
    const uint32_t target = bf_prune_count(f->keep, size);
    const uint32_t slice = bf_prune_count(f->slice, size);
    s.n_train = bf_prune_count(f->train, target);
    if (size > target && (s.n_train < 1 || s.n_train >= size))
        return bf_fail(err, BF_EINVAL,
                       "aflite: models would be trained on %u of %u samples; allowed: 1 to %u",
                       s.n_train, size, size - 1);
    const struct bf_prune how = { .rule = BF_PRUNE_AFLITE,
                                  .budget = size - target,
                                  .batch = slice ? slice : 1,
                                  .tau = f->above };
    BF_TRY(bf_prune(&how, &p->pool, &(struct bf_prune_scorer){ &s, bf_prune_scores }, alive,
                    p->fates, &p->n_removed, &p->n_rounds, err));
    *out = p;
    return BF_OK;
}

static int decide(const void *priv, const struct bf_table *t, const struct bf_scores *scores,
                  uint32_t sample, struct bf_ruling *out, struct bf_err *err)
{
    (void)scores, (void)err;
    const struct bf_prune_source s = source_of(priv, t);
    out->kind = BF_KEEP;
    if (s.condition >= 0)
        bf_pruned_decide(bf_prepared(t, priv), &s, "p", sample, out);
    return BF_OK;
}

static int check(const void *priv, const struct bf_spec *spec, struct bf_err *err)
{
    const struct aflite *f = priv;
    BF_TRY(bf_prune_check_names("aflite", spec, f->probe, f->under, err));
    BF_TRY(bf_prune_check_count("aflite", "keep", f->keep, err));
    BF_TRY(bf_prune_check_count("aflite", "train", f->train, err));
    BF_TRY(bf_prune_check_count("aflite", "slice", f->slice, err));
    if (f->keep >= 1 && f->train >= f->keep)
        return bf_fail(err, BF_EINVAL, "aflite: 'train' is %g, but 'keep' is %g; allowed: less",
                       f->train, f->keep);
    return BF_OK;
}

static const struct bf_opt opts[] = {
    { .name = "probe",
      .type = BF_OPT_STR,
      .offset = offsetof(struct aflite, probe),
      .help = "one that learns from the pool; of another the p(gold) recorded stands" },
    { .name = "under",
      .type = BF_OPT_STR,
      .offset = offsetof(struct aflite, under),
      .def = "blind",
      .help = "condition that must not be enough" },
    { .name = "keep",
      .type = BF_OPT_NUM,
      .offset = offsetof(struct aflite, keep),
      .min = 0,
      .max = 1e9,
      .unit = "samples, or below 1 a share of them",
      .help = "n, the size at which filtering ends, at the latest" },
    { .name = "train",
      .type = BF_OPT_NUM,
      .offset = offsetof(struct aflite, train),
      .def = "1/2",
      .min = 0,
      .max = 1e9,
      .unit = "samples, or below 1 a share of 'keep'",
      .help = "t, how many train one model" },
    { .name = "models",
      .type = BF_OPT_INT,
      .offset = offsetof(struct aflite, models),
      .def = "64",
      .min = 1,
      .max = 10000,
      .unit = "models",
      .help = "m, how many are trained in a round" },
    { .name = "slice",
      .type = BF_OPT_NUM,
      .offset = offsetof(struct aflite, slice),
      .def = "1/50",
      .min = 0,
      .max = 1e9,
      .unit = "samples, or below 1 a share of them",
      .help = "k, how many are removed in one round at most" },
    { .name = "above",
      .type = BF_OPT_NUM,
      .offset = offsetof(struct aflite, above),
      .def = "0.75",
      .min = 0,
      .max = 1,
      .unit = "as share of right predictions",
      .help = "tau, from which on a sample can be removed" },
    { .name = "retrain",
      .type = BF_OPT_BOOL,
      .offset = offsetof(struct aflite, retrain),
      .def = "true",
      .help = "false: one ranking by what was recorded before anything was removed" },
    { .name = NULL },
};

const struct bf_filter bf_filter_aflite = {
    .op = {
        .name = "aflite",
        .summary = "remove what most models trained on random parts of the pool predict",
        .source = "Le Bras et al. (arXiv 2002.04108), Algorithm 1; docs/metrics.md#aflite",
        .priv_size = sizeof(struct aflite),
        .opts = opts,
    },
    .check = check,
    .conclude = conclude,
    .decide = decide,
};
