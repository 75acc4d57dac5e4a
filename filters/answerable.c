/* Filter `answerable`: enough voters are right without what the sample claims to test. */
#include <math.h>

#include "core/ops.h"
#include "filters/names.h"

struct answerable {
    const char *under;
    struct bf_compare right, by;
    struct bf_names voters;
};

enum vote { VOTE_NO, VOTE_YES, VOTE_OPEN };

/* The probe of voter `i` of those named, or of all that vote; -1 past the last. */
static int voter(const struct answerable *f, const struct bf_spec *spec, int i)
{
    if (f->voters.n > 0)
        return i < f->voters.n ? bf_probe_index(spec, f->voters.v[i]) : -1;
    for (int p = 0; p < spec->n_probes; p++)
        if (bf_probe_votes(&spec->probes[p]) && i-- == 0)
            return p;
    return -1;
}

/* Whether (from + k) / all satisfies `c` for all, none or some of k = 0 .. open: the verdict that
 * every completion of what is not known gives. */
static enum vote every_completion(const struct bf_compare *c, int from, int open, int all)
{
    int n_yes = 0;
    for (int k = 0; k <= open; k++)
        n_yes += bf_compare(c, (double)(from + k) / all);
    return n_yes == 0 ? VOTE_NO : n_yes == open + 1 ? VOTE_YES : VOTE_OPEN;
}

/* The same for a mean of probabilities, where an open trial gives anything from 0 to 1. */
static enum vote every_mean(const struct bf_compare *c, double sum, int open, int all)
{
    const bool least = bf_compare(c, sum / all), most = bf_compare(c, (sum + open) / all);
    const bool between = open && (c->kind == BF_EQ || c->kind == BF_NE);
    return least != most || between ? VOTE_OPEN : least ? VOTE_YES : VOTE_NO;
}

/* One voter's vote, and its numbers: "qwen 9/10", "qwen 4/10 and 3 open", "stat p(gold) 0.81". */
static enum vote vote_of(const struct answerable *f, const struct bf_probe_spec *probe,
                         const struct bf_votes *v, struct bf_buf *numbers)
{
    const int answered = v->n[BF_RIGHT] + v->n[BF_WRONG] + v->n[BF_REFUSED] + v->n[BF_UNPARSED];
    const int trials = answered > probe->trials ? answered : probe->trials;
    const bool by_p = v->n_p > 0; /* an argmax is right by luck one time in k; p(gold) is not */
    const int open = trials - (by_p ? v->n_p : answered);
    if (by_p)
        bf_buf_printf(numbers, "%s p(gold) %.3g", probe->name, (double)v->p);
    else
        bf_buf_printf(numbers, "%s %d/%d", probe->name, v->n[BF_RIGHT], trials);
    if (open)
        bf_buf_printf(numbers, " and %d open", open);
    return by_p ? every_mean(&f->right, (double)v->p * v->n_p, open, trials)
                : every_completion(&f->right, v->n[BF_RIGHT], open, trials);
}

static int decide(const void *priv, const struct bf_table *t, const struct bf_scores *scores,
                  uint32_t sample, struct bf_ruling *out, struct bf_err *err)
{
    (void)scores, (void)err;
    const struct answerable *f = priv;
    const int c = bf_condition_find(t->conditions, f->under);
    int n = 0, n_yes = 0, n_open = 0;
    struct bf_view view;

    out->kind = BF_KEEP;
    if (c < 0) /* the pool has no sample that it could be asked of */
        return BF_OK;
    bf_view_of(&t->conditions->v[c], &t->pool->samples[sample], &view);
    if (!view.asked)
        return BF_OK;
    out->targets = bf_targets_removed(&t->pool->samples[sample], &view, out->targets);

    bf_buf_printf(&out->reason, "right under %s: ", f->under);
    for (int p = voter(f, t->spec, 0); p >= 0; p = voter(f, t->spec, ++n)) {
        bf_buf_str(&out->reason, n ? ", " : "");
        const struct bf_votes votes = bf_votes_at(t, p, c, sample);
        const enum vote v = vote_of(f, &t->spec->probes[p], &votes, &out->reason);
        n_yes += v == VOTE_YES;
        n_open += v == VOTE_OPEN;
    }
    bf_buf_printf(&out->reason, "; %d of %d voters", n_yes, n);
    if (n_open)
        bf_buf_printf(&out->reason, " and %d open", n_open);
    bf_buf_printf(&out->reason, ", limit %s", f->by.text);

    static const enum bf_verdict_kind kinds[] = {
        [VOTE_NO] = BF_KEEP,
        [VOTE_YES] = BF_REJECT,
        [VOTE_OPEN] = BF_UNDECIDED,
    };
    out->kind = kinds[every_completion(&f->by, n_yes, n_open, n)];
    return BF_OK;
}

static bool counts(const void *priv, const struct bf_table *t, int probe, int condition)
{
    const struct answerable *f = priv;
    for (int i = 0, p = voter(f, t->spec, 0); p >= 0; p = voter(f, t->spec, ++i))
        if (p == probe)
            return condition == bf_condition_find(t->conditions, f->under);
    return false;
}

/* A voter whose vote stands need not be asked on, whatever the others say. */
static bool is_open(const void *priv, const struct bf_table *t, int probe, int condition,
                    uint32_t sample)
{
    const struct answerable *f = priv;
    struct bf_buf numbers = { .max = 256 };
    const struct bf_votes votes = bf_votes_at(t, probe, condition, sample);
    const enum vote v = vote_of(f, &t->spec->probes[probe], &votes, &numbers);
    bf_buf_done(&numbers);
    return v == VOTE_OPEN && counts(priv, t, probe, condition);
}

/* Whether some count of `all` satisfies `c`. */
static bool can_be_met(const struct bf_compare *c, int all)
{
    return every_completion(c, 0, all, all) != VOTE_NO;
}

static int check(const void *priv, const struct bf_spec *spec, struct bf_err *err)
{
    const struct answerable *f = priv;
    int n = 0;

    BF_TRY(bf_check_condition("answerable", spec, f->under, err));
    for (int i = 0; i < f->voters.n; i++)
        BF_TRY(bf_check_voter("answerable", spec, f->voters.v[i], err));
    for (int p = voter(f, spec, 0); p >= 0; p = voter(f, spec, ++n)) {
        const int trials = spec->probes[p].trials;
        BF_TRY(bf_check_asked("answerable", spec, p, f->under, err));
        if (!can_be_met(&f->right, trials))
            return bf_fail(err, BF_EINVAL,
                           "answerable: 'right' %s cannot be met by the %d trial%s of '%s'",
                           f->right.text, trials, trials == 1 ? "" : "s", spec->probes[p].name);
    }
    if (n == 0)
        return bf_fail(err, BF_EINVAL, "answerable: nobody votes, since %s",
                       spec->n_probes ? "every probe is held out or a judge"
                                      : "the spec has no probes");
    if (!can_be_met(&f->by, n))
        return bf_fail(err, BF_EINVAL, "answerable: 'by' %s cannot be met by %d voter%s",
                       f->by.text, n, n == 1 ? "" : "s");
    return BF_OK;
}

static const struct bf_opt opts[] = {
    { .name = "under",
      .type = BF_OPT_STR,
      .offset = offsetof(struct answerable, under),
      .def = "blind",
      .help = "condition that must not be enough" },
    { .name = "right",
      .type = BF_OPT_COMPARE,
      .offset = offsetof(struct answerable, right),
      .def = "> 1/2",
      .unit = "share of trials",
      .help = "when a voter counts as right; of one that gives probabilities, p(gold)" },
    { .name = "by",
      .type = BF_OPT_COMPARE,
      .offset = offsetof(struct answerable, by),
      .def = ">= 3/4",
      .unit = "share of voters",
      .help = "how many voters must be right" },
    { .name = "voters",
      .type = BF_OPT_NAMES,
      .offset = offsetof(struct answerable, voters),
      .def = "",
      .help = "probes that vote; empty = all that are not held out" },
    { .name = NULL },
};

const struct bf_filter bf_filter_answerable = {
    .op = {
        .name = "answerable",
        .summary = "reject what enough voters answer without the media",
        .source = "MMMU-Pro (arXiv 2409.02813), filtering of questions: more than 5 of 10 trials, "
                  "3 of 4 models; docs/metrics.md#answerable",
        .priv_size = sizeof(struct answerable),
        .opts = opts,
    },
    .check = check,
    .counts = counts,
    .open = is_open,
    .decide = decide,
};
