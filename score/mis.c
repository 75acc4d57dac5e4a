/* Score `mis`: the modality importance score of Park et al. and its categories. */
#include "score/mis.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "score/lattice.h"
#include "score/sets.h"

void bf_mis(const double *right, int n, double *out)
{
    const int n_side = (1 << (n - 1)) - 1; /* subsets on either side */

    for (int j = 0; j < n; j++) {
        double with = 0, without = 0;
        for (uint32_t s = 1; s < 1u << n; s++) {
            if (!(s & BF_BIT(j)))
                without += right[s];
            else if (s != BF_BIT(j))
                with += right[s];
        }
        out[j] = (with - without) / n_side;
    }
}

enum bf_mis_kind bf_mis_category(uint64_t right, int n, int *biased_out)
{
    double r[BF_LATTICE_SIZE] = { 0 }, mis[BF_MAX_LATTICE];
    int n_right = 0, n_positive = 0, n_zero = 0;
    const int n_subsets = (1 << n) - 1;

    assert(n >= 2 && n <= BF_MAX_LATTICE);
    for (int s = 1; s <= n_subsets; s++) {
        const int is_right = right >> s & 1 ? 1 : 0;
        r[s] = is_right;
        n_right += is_right;
    }
    bf_mis(r, n, mis); /* both sides are whole numbers over one number: comparisons are exact */
    for (int j = 0; j < n; j++) {
        n_positive += mis[j] > 0;
        n_zero += mis[j] == 0;
    }
    for (int j = 0; j < n; j++) {
        bool biased = mis[j] >= 0;
        for (int k = 0; k < n; k++)
            biased &= k == j || (mis[k] <= 0 && mis[k] < mis[j]);
        if (biased) {
            *biased_out = j;
            return BF_MIS_BIASED;
        }
    }
    if (n_positive == n)
        return BF_MIS_COMPLEMENTARY;
    if (n_zero == n && n_right == n_subsets)
        return BF_MIS_AGNOSTIC_CORRECT;
    if (n_zero == n && n_right == 0)
        return BF_MIS_AGNOSTIC_INCORRECT;
    return BF_MIS_NONE;
}

/* What every step of this score works with. Word m is "<modality m>_biased"; the other categories
 * follow in the order of bf_mis_kind. */
struct work {
    const struct bf_table *t;
    int n_words;
    const char **words;
    double *mis[BF_MAX_MODALITIES]; /* NULL where no sample has the modality */
    double *category;
    const char *why; /* why some sample was null */
    struct bf_scores *out;
};

static int make_columns(struct work *w, struct bf_err *err)
{
    static const char *const others[] = { "complementary", "agnostic_correct", "agnostic_incorrect",
                                          "none" };
    const struct bf_spec *spec = w->t->spec;
    const uint32_t n_samples = w->t->pool->n_samples;
    struct bf_arena *a = &w->out->arena;
    uint32_t any = 0;

    w->words = bf_arena_alloc(a, (size_t)spec->n_modalities + 5, sizeof *w->words);
    if (!w->words)
        return bf_fail_memory(err, "scores");
    for (uint32_t i = 0; i < n_samples; i++)
        any |= w->t->pool->samples[i].has;
    for (int m = 0; m < spec->n_modalities; m++) {
        w->words[m] = bf_arena_printf(a, "%s_biased", spec->modalities[m].name);
        if (!w->words[m])
            return bf_fail_memory(err, "scores");
        if (!(any & BF_BIT(m)))
            continue;
        const char *name = bf_arena_printf(a, "mis.%s", spec->modalities[m].name);
        w->mis[m] = name ? bf_scores_column(w->out, name, NULL, n_samples) : NULL;
        if (!w->mis[m])
            return bf_fail_memory(err, "scores");
    }
    memcpy(w->words + spec->n_modalities, others, sizeof others);
    w->n_words = spec->n_modalities + 4;
    w->category = bf_scores_column(w->out, "mis_category", w->words, n_samples);
    return w->category ? BF_OK : bf_fail_memory(err, "scores");
}

/* Shares right on every nonempty subset, and bits for the first trial, which is the one that
 * every subset has whatever was asked after it. False when some subset has no answer. */
static bool answers_of(const struct bf_table *t, const struct bf_lattice *l, int p, uint32_t sample,
                       double *right, uint64_t *first, bool *first_known)
{
    *first = 0;
    *first_known = true;
    for (uint32_t s = 1; s < 1u << l->n; s++) {
        const struct bf_cell *c = bf_cell_at(t, p, l->condition[s], sample);
        const int n = c->n[BF_RIGHT] + c->n[BF_WRONG] + c->n[BF_REFUSED] + c->n[BF_UNPARSED];
        if (n == 0)
            return false;
        right[s] = (double)c->n[BF_RIGHT] / n;
        *first_known &= c->first_class < BF_FAILED; /* a reply: neither failed nor not there */
        *first |= (uint64_t)(c->first_class == BF_RIGHT) << s;
    }
    return true;
}

/* One sample: the mean over probes, and the category that most of them have, the first of
 * equals. Returns NULL, or why there is none. */
static const char *sample_mis(struct work *w, const struct bf_lattice *l, uint32_t sample)
{
    double sum[BF_MAX_LATTICE] = { 0 };
    int votes[BF_MAX_MODALITIES + 4] = { 0 };
    int n_probes = 0, best = -1;

    if (l->n < 2)
        return "fewer than two modalities";
    for (uint32_t s = 1; s < 1u << l->n; s++)
        if (l->condition[s] < 0)
            return bf_no_lattice;
    for (int p = 0; p < w->t->spec->n_probes; p++) {
        double right[BF_LATTICE_SIZE] = { 0 }, mis[BF_MAX_LATTICE];
        uint64_t first;
        bool first_known;
        if (!bf_is_pooled(w->t->spec, p) ||
            !answers_of(w->t, l, p, sample, right, &first, &first_known))
            continue;
        bf_mis(right, l->n, mis);
        for (int i = 0; i < l->n; i++)
            sum[i] += mis[i];
        n_probes++;
        if (first_known) {
            int biased = 0;
            const enum bf_mis_kind kind = bf_mis_category(first, l->n, &biased);
            votes[kind == BF_MIS_BIASED ? l->modality[biased]
                                        : w->t->spec->n_modalities + (int)kind - 1]++;
        }
    }
    if (n_probes == 0)
        return bf_no_answers;
    for (int i = 0; i < l->n; i++)
        w->mis[l->modality[i]][sample] = sum[i] / n_probes;
    for (int k = 0; k < w->n_words; k++)
        if (votes[k] > 0 && (best < 0 || votes[k] > votes[best]))
            best = k;
    if (best >= 0)
        w->category[sample] = best;
    return NULL;
}

static int add_stats(const struct work *w, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_sets sets;
    struct bf_stat like = { .null_reason = w->why, .selected_on = bf_pool_selects(w->t->spec) };

    int rc = bf_sets_make(w->t->pool, &sets, &a, err);
    like.score = "mis";
    for (int m = 0; rc == BF_OK && m < w->t->spec->n_modalities; m++) {
        if (!w->mis[m])
            continue;
        like.modality = w->t->spec->modalities[m].name;
        rc = bf_stat_means(w->t, &sets, w->mis[m], &like, w->out, err);
    }
    like.score = "mis_category";
    like.modality = "";
    if (rc == BF_OK)
        rc = bf_stat_shares(w->t, &sets, w->category, w->words, &like, w->out, err);
    bf_arena_reset(&a);
    return rc;
}

static int compute(const struct bf_table *t, struct bf_scores *out, struct bf_err *err)
{
    struct bf_lattices lattices = { 0 };
    struct work w = { .t = t, .why = bf_no_answers, .out = out };

    int rc = make_columns(&w, err);
    for (uint32_t s = 0; rc == BF_OK && s < t->pool->n_samples; s++) {
        const struct bf_lattice *l = bf_lattice_of(&lattices, t, s);
        if (!l) {
            rc = bf_fail_memory(err, "a lattice");
            break;
        }
        const char *why = sample_mis(&w, l, s);
        if (why)
            w.why = why;
    }
    if (rc == BF_OK)
        rc = add_stats(&w, err);
    bf_lattices_done(&lattices);
    return rc;
}

static const struct bf_column_row columns[] = {
    { "mis.<modality>", "-1 .. 1", "modality importance score, mean over probes" },
    { "mis_category", "word",
      "<modality>_biased, complementary, agnostic_correct, agnostic_incorrect, none" },
    { .name = NULL },
};

const struct bf_metric bf_metric_mis = {
    .op = {
        .name = "mis",
        .summary = "modality importance scores and their categories",
        .source = "Park et al., arXiv 2408.12763, definition of MIS; docs/metrics.md#mis",
    },
    .wanted_by_default = true,
    .columns = columns,
    .compute = compute,
};
