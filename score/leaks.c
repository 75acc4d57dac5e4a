/* Score `leaks`: what in the words of the pool tells the gold answer, said in sentences. */
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "core/table.h"
#include "score/leak_words.h"

/* One stat a finding: how often the cue is right, in its group. */
static int add_stats(struct bf_scores *out, const struct bf_table *t, struct bf_err *err)
{
    uint32_t n_sure = 0;
    for (uint32_t i = 0; i < out->n_leaks; i++) {
        const struct bf_leak *l = &out->leaks[i];
        n_sure += l->sure;
        if (!l->sure)
            continue;
        const struct bf_stat stat = {
            .score =
                bf_arena_printf(&out->arena, "leak.%s%s%s", l->cue, *l->what ? "." : "", l->what),
            .group = l->group,
            .value = l->rate,
            .lo = l->lo,
            .hi = l->hi,
            .n = l->n,
        };
        if (!stat.score)
            return bf_fail_memory(err, "scores");
        BF_TRY(bf_scores_stat(out, &stat, err));
    }
    const struct bf_stat count = { .score = "leaks",
                                   .group = "all",
                                   .value = n_sure,
                                   .lo = NAN,
                                   .hi = NAN,
                                   .n = t->pool->n_samples };
    return bf_scores_stat(out, &count, err);
}

/* How many leaks give a sample's answer away, and which of them most surely. */
static int add_columns(struct bf_scores *out, uint32_t n, struct bf_err *err)
{
    const char **words = bf_arena_alloc(&out->arena, (size_t)out->n_leaks + 1, sizeof *words);
    double *count = bf_scores_column(out, "leaks", NULL, n);
    double *strongest = words ? bf_scores_column(out, "leaks.strongest", words, n) : NULL;
    if (!count || !strongest)
        return bf_fail_memory(err, "scores");
    for (int c = 1; c <= 2; c++)
        out->columns[out->n_columns - c].tells_gold = true;
    for (uint32_t i = 0; i < n; i++)
        count[i] = 0;
    for (uint32_t i = 0; i < out->n_leaks; i++) {
        const struct bf_leak *l = &out->leaks[i];
        words[i] = bf_arena_printf(&out->arena, "%s%s%s in %s", l->cue, *l->what ? " " : "",
                                   l->what, l->group);
        if (!words[i])
            return bf_fail_memory(err, "scores");
        for (uint32_t k = 0; l->sure && k < l->n_given; k++) {
            count[l->samples[k]] += 1;
            if (isnan(strongest[l->samples[k]]))
                strongest[l->samples[k]] = i;
        }
    }
    return BF_OK;
}

static int find(const struct bf_table *t, struct bf_scores *out, struct bf_leak_view *view,
                struct bf_leak_search *search, struct bf_err *err)
{
    struct bf_leak_chosen chosen;
    BF_TRY(bf_leak_view_make(t->pool, view, err));
    BF_TRY(bf_leak_search(view, search, err));
    BF_TRY(bf_leak_choose(view, search, &chosen, &out->arena, err));
    struct bf_leak *leaks = bf_arena_alloc(&out->arena, (size_t)chosen.n + 1, sizeof *leaks);
    if (!leaks)
        return bf_fail_memory(err, "leaks");
    for (uint32_t i = 0; i < chosen.n; i++)
        if (bf_leak_say(view, &chosen.v[i], &leaks[i], &out->arena) != BF_OK)
            return bf_fail_memory(err, "leaks");
    out->leaks = leaks;
    out->n_leaks = chosen.n;
    out->leaks_sought = true;
    out->n_leak_trials = search->trials.n;
    return BF_OK;
}

static int compute(const struct bf_table *t, struct bf_scores *out, struct bf_err *err)
{
    struct bf_leak_view view = { 0 };
    struct bf_leak_search search = { 0 };
    int rc = find(t, out, &view, &search, err);
    bf_leak_search_done(&search);
    bf_leak_view_done(&view);
    if (rc == BF_OK)
        rc = add_stats(out, t, err);
    return rc == BF_OK ? add_columns(out, t->pool->n_samples, err) : rc;
}

static const struct bf_column_row columns[] = {
    { "leaks", "count", "leaks in the words of the pool that give the gold answer away" },
    { "leaks.strongest", "word", "the surest of them: cue and group" },
    { .name = NULL },
};

const struct bf_metric bf_metric_leaks = {
    .op = {
        .name = "leaks",
        .summary = "what in the words of the pool tells the gold answer, in sentences",
        .source = "Blaker (2000) for p, Tarone (1990) and Heyse (2011) for many; "
                  "docs/metrics.md#leaks",
    },
    .wanted_by_default = true,
    .columns = columns,
    .compute = compute,
};
