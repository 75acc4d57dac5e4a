/* Filter `shortcut`: a probe gives the gold answer more probability than it should. */
#include <math.h>

#include "core/ops.h"
#include "filters/names.h"

struct shortcut {
    const char *probe, *under;
    double above;
};

static int decide(const void *priv, const struct bf_table *t, const struct bf_scores *scores,
                  uint32_t sample, struct bf_ruling *out, struct bf_err *err)
{
    (void)scores, (void)err;
    const struct shortcut *f = priv;
    const int p = bf_probe_index(t->spec, f->probe);
    const int c = bf_condition_find(t->conditions, f->under);
    struct bf_view view;

    out->kind = BF_KEEP;
    if (p < 0 || c < 0) /* the pool has no sample that it could be asked of */
        return BF_OK;
    bf_view_of(&t->conditions->v[c], &t->pool->samples[sample], &view);
    if (!view.asked)
        return BF_OK;
    out->targets = bf_targets_removed(&t->pool->samples[sample], &view, out->targets);

    const struct bf_cell *cell = bf_cell_at(t, p, c, sample);
    if (!isnan(cell->p)) {
        out->kind = (double)cell->p > f->above ? BF_REJECT : BF_KEEP;
        bf_buf_printf(&out->reason, "%s gives p(gold) %.3g under %s, limit %g", f->probe,
                      (double)cell->p, f->under, f->above);
        return BF_OK;
    }
    out->kind = BF_UNDECIDED;
    const bool answered =
        cell->n[BF_RIGHT] || cell->n[BF_WRONG] || cell->n[BF_REFUSED] || cell->n[BF_UNPARSED];
    bf_buf_printf(&out->reason,
                  answered ? "probe '%s' gives no probabilities under %s"
                           : "probe '%s' has no answer under %s",
                  f->probe, f->under);
    return BF_OK;
}

static int check(const void *priv, const struct bf_spec *spec, struct bf_err *err)
{
    const struct shortcut *f = priv;
    BF_TRY(bf_check_voter("shortcut", spec, f->probe, err));
    BF_TRY(bf_check_condition("shortcut", spec, f->under, err));
    return bf_check_asked("shortcut", spec, bf_probe_index(spec, f->probe), f->under, err);
}

static const struct bf_opt opts[] = {
    { .name = "probe",
      .type = BF_OPT_STR,
      .offset = offsetof(struct shortcut, probe),
      .help = "a probe that gives probabilities" },
    { .name = "under",
      .type = BF_OPT_STR,
      .offset = offsetof(struct shortcut, under),
      .def = "blind",
      .help = "condition that must not be enough" },
    { .name = "above",
      .type = BF_OPT_NUM,
      .offset = offsetof(struct shortcut, above),
      .def = "0.5",
      .min = 0,
      .max = 1,
      .unit = "as p(gold)",
      .help = "largest p(gold) that is let through" },
    { .name = NULL },
};

const struct bf_filter bf_filter_shortcut = {
    .op = {
        .name = "shortcut",
        .summary = "reject what a built-in probe predicts without the media",
        .source = "Brown et al. (arXiv 2511.04655), bias score s(x) = P(gold) out of fold; "
                  "docs/metrics.md#shortcut",
        .priv_size = sizeof(struct shortcut),
        .opts = opts,
    },
    .check = check,
    .decide = decide,
};
