/* Filter `where`: a comparison on one score. */
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "filters/names.h"

struct where {
    const char *score, *target;
    struct bf_compare keep;
};

/* The modality whose rejection is at stake: what `target` names, else what the score is about.
 * -1 = all targets. */
static int subject(const struct where *f, const struct bf_spec *spec)
{
    struct bf_column_match match;

    if (strcmp(f->target, "all") == 0)
        return -1;
    if (strcmp(f->target, "auto") != 0)
        return bf_spec_modality(spec, f->target);
    return bf_column_known(spec, f->score, &match) ? match.modality : -1;
}

static int decide(const void *priv, const struct bf_table *t, const struct bf_scores *scores,
                  uint32_t sample, struct bf_ruling *out, struct bf_err *err)
{
    const struct where *f = priv;
    const struct bf_column *column = bf_scores_find(scores, f->score);
    const int m = subject(f, t->spec);

    out->kind = BF_KEEP;
    if (!column) /* known to the scores, but the pool gave it nothing to be about */
        return BF_OK;
    if (column->words)
        return bf_fail(err, BF_EINVAL, "where: '%s' holds words, not numbers", f->score);
    if (m >= 0) {
        if (!(out->targets & BF_BIT(m)))
            return BF_OK;
        out->targets = BF_BIT(m);
    }
    const double v = column->v[sample];
    out->kind = isnan(v) ? BF_UNDECIDED : bf_compare(&f->keep, v) ? BF_KEEP : BF_REJECT;
    if (isnan(v))
        bf_buf_printf(&out->reason, "%s could not be measured, keep %s", f->score, f->keep.text);
    else
        bf_buf_printf(&out->reason, "%s is %.3g, keep %s", f->score, v, f->keep.text);
    return BF_OK;
}

static int check(const void *priv, const struct bf_spec *spec, struct bf_err *err)
{
    const struct where *f = priv;
    struct bf_column_match match;

    if (!bf_column_known(spec, f->score, &match))
        return bf_fail(err, BF_EINVAL, "where: no score of this spec makes a column '%.200s'",
                       f->score);
    if (strcmp(match.row->unit, "word") == 0)
        return bf_fail(err, BF_EINVAL, "where: '%s' holds words, not numbers", f->score);
    bool any_voter = false;
    for (int p = 0; p < spec->n_probes; p++)
        any_voter |= bf_probe_votes(&spec->probes[p]);
    if (!any_voter)
        return bf_fail(err, BF_EINVAL, "where: '%s' would come from %s", f->score,
                       spec->n_probes ? "held-out probes alone" : "no probe: the spec has none");
    if (match.probe >= 0)
        BF_TRY(bf_check_voter("where", spec, spec->probes[match.probe].name, err));
    if (strcmp(f->target, "auto") != 0 && strcmp(f->target, "all") != 0 &&
        bf_spec_modality(spec, f->target) < 0)
        return bf_fail(err, BF_EINVAL,
                       "where: 'target' is '%.200s'; allowed: auto, all, or a modality", f->target);
    return BF_OK;
}

static const struct bf_opt opts[] = {
    { .name = "score",
      .type = BF_OPT_STR,
      .offset = offsetof(struct where, score),
      .help = "a column of the scores: contribution.image, p_gold.stat.blind" },
    { .name = "keep",
      .type = BF_OPT_COMPARE,
      .offset = offsetof(struct where, keep),
      .help = "what the score must satisfy" },
    { .name = "target",
      .type = BF_OPT_STR,
      .offset = offsetof(struct where, target),
      .def = "auto",
      .help = "modality that is rejected: a name, all, or auto = the one the score "
              "is about, all when it is about none" },
    { .name = NULL },
};

const struct bf_filter bf_filter_where = {
    .op = {
        .name = "where",
        .summary = "keep what satisfies a comparison on one score",
        .source = "docs/metrics.md#where",
        .priv_size = sizeof(struct where),
        .opts = opts,
    },
    .check = check,
    .decide = decide,
};
