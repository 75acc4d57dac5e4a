/* All filters together: one verdict a sample. */
#include <stdlib.h>
#include <string.h>

#include "core/ops.h"
#include "core/release.h"

/* Place of the one target that a sample without targets is given. */
enum { WHOLE = BF_MAX_MODALITIES };

/* One sample on its way through the filters. */
struct trial {
    uint32_t targets;
    enum bf_verdict_kind by_target[BF_MAX_MODALITIES + 1];
    int first[BF_UNDECIDED + 1]; /* first filter that gave a target this verdict, -1 = none */
    struct bf_buf reason;
};

/* What a target is, once two filters spoke of it: the worse of both. */
static enum bf_verdict_kind worse(enum bf_verdict_kind x, enum bf_verdict_kind y)
{
    static const int rank[] = {
        [BF_KEEP] = 0,
        [BF_REVIEW] = 1,
        [BF_UNDECIDED] = 2,
        [BF_REJECT] = 3,
    };
    return rank[x] >= rank[y] ? x : y;
}

/* The verdict on the sample from those on its targets. Any: the best target decides. Each: the
 * worst does. */
static enum bf_verdict_kind combine(const struct bf_spec *spec, const struct trial *t)
{
    static const enum bf_verdict_kind best_first[] = { BF_KEEP, BF_REVIEW, BF_UNDECIDED,
                                                       BF_REJECT };
    bool seen[BF_UNDECIDED + 1] = { false };

    for (int m = 0; m <= WHOLE; m++) {
        if (!(t->targets & BF_BIT(m)))
            continue;
        const bool stands = t->by_target[m] == BF_UNDECIDED && spec->undecided_keep;
        seen[stands ? BF_KEEP : t->by_target[m]] = true;
    }
    for (int i = 0; i < 4; i++) {
        const enum bf_verdict_kind k = best_first[spec->needs == BF_NEEDS_ANY ? i : 3 - i];
        if (seen[k])
            return k;
    }
    return BF_KEEP;
}

static void add_reason(const struct bf_spec *spec, struct trial *t, uint32_t targets,
                       const struct bf_ruling *r)
{
    if (t->reason.len)
        bf_buf_str(&t->reason, "; ");
    if (targets != t->targets) {
        bool first = true;
        for (int m = 0; m < spec->n_modalities; m++) {
            if (!(targets & BF_BIT(m)))
                continue;
            bf_buf_printf(&t->reason, "%s%s", first ? "" : "+", spec->modalities[m].name);
            first = false;
        }
        bf_buf_str(&t->reason, ": ");
    }
    bf_buf_add(&t->reason, r->reason.data, r->reason.len);
}

static void apply(const struct bf_spec *spec, struct trial *t, int filter,
                  const struct bf_ruling *r)
{
    const uint32_t whole = t->targets & BF_BIT(WHOLE);
    const uint32_t targets = whole ? whole : r->targets & t->targets;

    if (r->kind == BF_KEEP || !targets)
        return;
    if (t->first[r->kind] < 0)
        t->first[r->kind] = filter;
    for (int m = 0; m <= WHOLE; m++)
        if (targets & BF_BIT(m))
            t->by_target[m] = worse(r->kind, t->by_target[m]);
    add_reason(spec, t, targets, r);
}

/* Whether filters may speak of a sample at all: whether free words say what the gold says, nobody
 * knows without a judge. */
static bool is_judged(const struct bf_spec *spec, const struct bf_sample *s)
{
    return s->task != BF_FREE_TEXT || spec->judge.probe >= 0;
}

/* Run one sample through the first `n` filters; `ruling` is scratch. `open_out`: whether some
 * filter that was asked could not decide yet. */
static int judge(const struct bf_table *table, const struct bf_scores *scores, int n,
                 uint32_t sample, struct bf_ruling *ruling, struct trial *t, struct bf_verdict *out,
                 bool *open_out, struct bf_err *err)
{
    const struct bf_spec *spec = table->spec;
    const struct bf_sample *s = &table->pool->samples[sample];
    const int n_filters = is_judged(spec, s) ? n : 0;

    *t = (struct trial){ .targets = s->target ? s->target : BF_BIT(WHOLE),
                         .reason = t->reason,
                         .first = { -1, -1, -1, -1 } };
    t->reason.len = 0;
    *open_out = false;
    *out = (struct bf_verdict){ .kind = BF_KEEP, .filter = -1 };
    for (int f = 0; f < n_filters && out->kind != BF_REJECT; f++) {
        ruling->kind = BF_KEEP;
        ruling->targets = s->target;
        ruling->reason.len = 0;
        BF_TRY(spec->filters[f].base->decide(spec->filters[f].priv, table, scores, sample, ruling,
                                             err));
        if (ruling->reason.failed)
            return bf_fail_memory(err, "a reason");
        *open_out |= ruling->kind == BF_UNDECIDED;
        apply(spec, t, f, ruling);
        out->kind = combine(spec, t);
        if (out->kind == BF_REJECT)
            out->filter = f; /* this one made it so, though an earlier one may have begun it */
    }
    if (n_filters < n)
        bf_buf_str(&t->reason, "free text without a judge: no filter speaks of it");
    if (out->kind == BF_UNDECIDED || out->kind == BF_REVIEW)
        out->filter = t->first[out->kind];
    memcpy(out->by_target, t->by_target, sizeof out->by_target);
    return t->reason.failed ? bf_fail_memory(err, "a reason") : BF_OK;
}

int bf_filters_prepare(struct bf_table *table, struct bf_arena *a, struct bf_err *err)
{
    const struct bf_spec *spec = table->spec;
    void **made = bf_arena_alloc(a, (size_t)spec->n_filters + 1, sizeof *made);
    if (!made)
        return bf_fail_memory(err, "filters");
    for (int f = 0; f < spec->n_filters; f++) {
        const struct bf_filter_spec *filter = &spec->filters[f];
        if (filter->base->prepare)
            BF_TRY(filter->base->prepare(filter->priv, table, &made[f], a, err));
    }
    table->prepared = made;
    return BF_OK;
}

/* Which samples the first `n` filters leave. */
static int find_standing(const struct bf_table *table, const struct bf_scores *scores, int n,
                         uint8_t *standing, struct bf_err *err)
{
    struct bf_ruling ruling = { .reason = { .max = 1 << 16 } };
    struct trial t = { .reason = { .max = 1 << 20 } };
    struct bf_verdict verdict;
    bool open;
    int rc = BF_OK;
    for (uint32_t s = 0; rc == BF_OK && s < table->pool->n_samples; s++) {
        rc = judge(table, scores, n, s, &ruling, &t, &verdict, &open, err);
        standing[s] = verdict.kind != BF_REJECT && is_judged(table->spec, &table->pool->samples[s]);
    }
    bf_buf_done(&ruling.reason);
    bf_buf_done(&t.reason);
    return rc;
}

int bf_filters_conclude(struct bf_table *table, const struct bf_scores *scores, struct bf_arena *a,
                        struct bf_err *err)
{
    const struct bf_spec *spec = table->spec;
    void **made = bf_arena_alloc(a, (size_t)spec->n_filters + 1, sizeof *made);
    uint8_t *standing = bf_arena_alloc(a, (size_t)table->pool->n_samples + 1, 1);
    if (!made || !standing)
        return bf_fail_memory(err, "filters");
    for (int f = 0; table->prepared && f < spec->n_filters; f++)
        made[f] = table->prepared[f];
    table->prepared = made;
    for (int f = 0; f < spec->n_filters; f++) {
        const struct bf_filter_spec *filter = &spec->filters[f];
        if (!filter->base->conclude)
            continue;
        BF_TRY(find_standing(table, scores, f, standing, err));
        BF_TRY(filter->base->conclude(filter->priv, table, standing, &made[f], a, err));
    }
    return BF_OK;
}

int bf_verdict_settled(const struct bf_table *table, const struct bf_scores *scores,
                       uint32_t sample, bool *settled_out, struct bf_err *err)
{
    struct bf_ruling ruling = { .reason = { .max = 1 << 16 } };
    struct trial t = { .reason = { .max = 1 << 20 } };
    struct bf_verdict verdict;
    bool open = false;
    const int rc =
        judge(table, scores, table->spec->n_filters, sample, &ruling, &t, &verdict, &open, err);
    bf_buf_done(&ruling.reason);
    bf_buf_done(&t.reason);
    *settled_out = !open;
    return rc;
}

/* "shortcut (above: 0.4)": the filter and the options that are not at their defaults. */
static const char *label(const struct bf_filter_spec *f, struct bf_arena *a)
{
    struct bf_buf out = { 0 }, now = { 0 }, usual = { 0 };
    struct bf_arena scratch = { 0 };
    void *defaults = NULL;
    bool first = true;

    bf_buf_str(&out, f->base->op.name);
    if (bf_op_init(&f->base->op, &defaults, &scratch, NULL) != BF_OK)
        defaults = NULL;
    for (const struct bf_opt *o = f->base->op.opts; defaults && o && o->name; o++) {
        now.len = usual.len = 0;
        bf_opt_print(o, f->priv, &now);
        if (o->def)
            bf_opt_print(o, defaults, &usual);
        if (now.len == usual.len && (now.len == 0 || memcmp(now.data, usual.data, now.len) == 0))
            continue;
        bf_buf_printf(&out, "%s%s%s%s", first ? " (" : ", ", o->type == BF_OPT_NAMED ? "" : o->name,
                      o->type == BF_OPT_NAMED ? "" : ": ", now.data ? now.data : "");
        first = false;
    }
    if (!first)
        bf_buf_char(&out, ')');
    const bool whole = defaults && !out.failed && !now.failed && !usual.failed;
    const char *text = whole ? bf_arena_strdup(a, out.data) : NULL;
    bf_arena_reset(&scratch);
    bf_buf_done(&out);
    bf_buf_done(&now);
    bf_buf_done(&usual);
    return text;
}

static void count(struct bf_drop *drops, const struct bf_verdict *v)
{
    if (v->filter < 0)
        return;
    struct bf_drop *d = &drops[v->filter];
    d->n_rejected += v->kind == BF_REJECT;
    d->n_undecided += v->kind == BF_UNDECIDED;
    d->n_review += v->kind == BF_REVIEW;
}

int bf_verdicts(const struct bf_table *table, const struct bf_scores *scores,
                struct bf_verdict **verdicts_out, struct bf_drop **drops_out, struct bf_arena *a,
                struct bf_err *err)
{
    const struct bf_spec *spec = table->spec;
    const uint32_t n = table->pool->n_samples;
    struct bf_verdict *verdicts = bf_arena_alloc(a, n + 1u, sizeof *verdicts);
    struct bf_drop *drops = bf_arena_alloc(a, (size_t)spec->n_filters + 1, sizeof *drops);
    struct bf_ruling ruling = { .reason = { .max = 1 << 16 } };
    struct trial t = { .reason = { .max = 1 << 20 } };
    bool open;
    int rc = verdicts && drops ? BF_OK : bf_fail_memory(err, "verdicts");

    for (int f = 0; rc == BF_OK && f < spec->n_filters; f++) {
        drops[f].filter = label(&spec->filters[f], a);
        if (!drops[f].filter)
            rc = bf_fail_memory(err, "verdicts");
    }
    for (uint32_t s = 0; rc == BF_OK && s < n; s++) {
        rc = judge(table, scores, spec->n_filters, s, &ruling, &t, &verdicts[s], &open, err);
        if (rc != BF_OK)
            break;
        verdicts[s].reason = t.reason.len ? bf_arena_strndup(a, t.reason.data, t.reason.len) : "";
        if (!verdicts[s].reason)
            rc = bf_fail_memory(err, "verdicts");
        count(drops, &verdicts[s]);
    }
    bf_buf_done(&ruling.reason);
    bf_buf_done(&t.reason);
    if (rc == BF_OK) {
        *verdicts_out = verdicts;
        *drops_out = drops;
    }
    return rc;
}
