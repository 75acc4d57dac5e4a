/* Baselines: letters, lengths, overlap and frequent answers. */
#include "probe/builtin/priors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "probe/builtin/counts.h"

enum { TEXT, N_LEVELS = 4, MOST_TRAINED = 20000, NEWTON_STEPS = 20 };

/* Of one letter or text in one fold. */
struct bf_prior_tally {
    double gold, expected;
};

/* What a text is counted within. */
static const enum bf_key within[N_LEVELS] = { BF_KEY_TEXT, BF_KEY_CATEGORY, BF_KEY_HEAD,
                                              BF_KEY_SKELETON };

static const enum bf_evidence evidence[BF_PRIOR_COUNT] = {
    [BF_PRIOR_LETTER] = BF_EVIDENCE_POSITION, [BF_PRIOR_LONGEST] = BF_EVIDENCE_LENGTH,
    [BF_PRIOR_SHORTEST] = BF_EVIDENCE_LENGTH, [BF_PRIOR_OVERLAP] = BF_EVIDENCE_OVERLAP,
    [BF_PRIOR_TEXT] = BF_EVIDENCE_CHOICE,     [BF_PRIOR_CATEGORY] = BF_EVIDENCE_CATEGORY,
    [BF_PRIOR_HEAD] = BF_EVIDENCE_QUESTION,   [BF_PRIOR_TEMPLATE] = BF_EVIDENCE_TEMPLATE,
};

static int count_of(const struct bf_priors *p, uint32_t sample)
{
    return (int)(p->first_row[sample + 1] - p->first_row[sample]);
}

static struct bf_prior_tally *letter_tally(const struct bf_priors *p, int k, int letter)
{
    return p->letters + (size_t)(k * BF_MAX_CHOICES + letter) * (size_t)(p->n_folds + 1);
}

static struct bf_prior_tally *text_tally(const struct bf_priors *p, uint32_t counter)
{
    return p->tally + (size_t)counter * (size_t)(p->n_folds + 1);
}

/* Number what stands in more than one sample: keys of one row at each level. */
static int number_texts(const struct bf_columns *c, const uint32_t *first_row, uint32_t n_samples,
                        uint32_t (*counter)[N_LEVELS], uint32_t *n_out)
{
    struct bf_counts counts = { 0 };
    int rc = BF_OK;
    for (uint32_t i = 0; i < n_samples && rc == BF_OK; i++)
        for (uint32_t row = first_row[i]; row < first_row[i + 1] && rc == BF_OK; row++)
            for (uint32_t l = 0; l < N_LEVELS && rc == BF_OK; l++) {
                const uint32_t key[3] = { c->keys[row][BF_KEY_TEXT], c->keys[row][within[l]], l };
                counter[row][l] = BF_KEY_NONE;
                if (key[0] != BF_KEY_NONE && key[1] != BF_KEY_NONE)
                    rc = bf_counts_add(&counts, bf_hash64(key, sizeof key, 5), i, &counter[row][l]);
            }
    uint32_t n = 0;
    for (uint32_t i = 0; i < counts.n; i++)
        counts.v[i].rank = counts.v[i].n > 1 ? n++ : BF_KEY_NONE;
    for (uint32_t row = 0; row < first_row[n_samples] && rc == BF_OK; row++)
        for (int l = 0; l < N_LEVELS; l++)
            if (counter[row][l] != BF_KEY_NONE)
                counter[row][l] = counts.v[counter[row][l]].rank;
    bf_counts_done(&counts);
    *n_out = n;
    return rc;
}

static void tally(struct bf_prior_tally *t, const struct bf_priors *p, uint32_t sample, bool gold)
{
    const double expected = 1.0 / count_of(p, sample);
    struct bf_prior_tally *const both[] = { &t[p->fold[sample]], &t[p->n_folds] };
    for (int i = 0; i < 2; i++) {
        both[i]->gold += gold;
        both[i]->expected += expected;
    }
}

static void tally_all(const struct bf_priors *p, uint32_t n_samples)
{
    for (uint32_t i = 0; i < n_samples; i++) {
        const int k = count_of(p, i);
        for (int j = 0; j < k && p->gold[i] >= 0; j++) {
            const uint32_t row = p->first_row[i] + (uint32_t)j;
            tally(letter_tally(p, k, j), p, i, p->gold[i] == j);
            for (int l = 0; l < N_LEVELS; l++)
                if (p->counter[row][l] != BF_KEY_NONE)
                    tally(text_tally(p, p->counter[row][l]), p, i, p->gold[i] == j);
        }
    }
}

int bf_priors_make(const struct bf_columns *columns, const uint32_t *first_row, uint32_t n_samples,
                   const int *gold, const uint8_t *fold, int n_folds, struct bf_priors *out,
                   struct bf_arena *a, struct bf_err *err)
{
    const size_t n_tallies = (size_t)n_folds + 1;
    const size_t n_letters = (size_t)(BF_MAX_CHOICES + 1) * BF_MAX_CHOICES;
    uint32_t n;
    uint32_t(*counter)[N_LEVELS] =
        bf_arena_alloc(a, first_row[n_samples] + (size_t)1, sizeof *counter);
    if (!counter || number_texts(columns, first_row, n_samples, counter, &n) != BF_OK)
        return bf_fail_memory(err, "baselines");
    struct bf_priors p = {
        .columns = columns,
        .first_row = first_row,
        .gold = gold,
        .fold = fold,
        .n_folds = n_folds,
        .counter = (const uint32_t(*)[N_LEVELS])counter,
        .tally = bf_arena_alloc(a, n_tallies * n + 1, sizeof *p.tally),
        .letters = bf_arena_alloc(a, n_tallies * n_letters, sizeof *p.letters),
    };
    if (!p.tally || !p.letters)
        return bf_fail_memory(err, "baselines");
    tally_all(&p, n_samples);
    *out = p;
    return BF_OK;
}

/* lift = (gold + m * parent) / (expected + m), m = 1 */
static double lift_of(const struct bf_priors *p, const struct bf_prior_tally *t, uint64_t without,
                      double parent)
{
    double gold = t[p->n_folds].gold, expected = t[p->n_folds].expected;
    for (int f = 0; without >> f; f++)
        if (without >> f & 1) {
            gold -= t[f].gold;
            expected -= t[f].expected;
        }
    return (gold + parent) / (expected + 1);
}

void bf_priors_read(const struct bf_priors *p, uint32_t sample, uint64_t without,
                    float x_out[][BF_PRIOR_COUNT])
{
    const float *const *v = p->columns->v;
    const int k = count_of(p, sample);
    for (int j = 0; j < k; j++) {
        const uint32_t row = p->first_row[sample] + (uint32_t)j;
        float *x = x_out[j];
        double lift = 1;
        x[BF_PRIOR_LETTER] = (float)log(lift_of(p, letter_tally(p, k, j), without, 1));
        x[BF_PRIOR_LONGEST] = v[BF_FACT_LONGEST][row];
        x[BF_PRIOR_SHORTEST] = v[BF_FACT_SHORTEST][row];
        x[BF_PRIOR_OVERLAP] = v[BF_FACT_MOST_OVERLAP][row];
        for (int l = 0; l < N_LEVELS; l++) {
            const uint32_t c = p->counter[row][l];
            const double here =
                c == BF_KEY_NONE ? lift : lift_of(p, text_tally(p, c), without, lift);
            lift = l == TEXT ? here : lift;
            x[BF_PRIOR_TEXT + l] = (float)log(here);
        }
    }
}

/* Sums over training samples for one Newton step: the gradient of the log posterior and its
 * negative Hessian,  g = sum (x_gold - mean x) - w,  H = sum (mean x x' - mean x mean x') + 1. */
struct newton {
    double g[BF_PRIOR_COUNT], h[BF_PRIOR_COUNT][BF_PRIOR_COUNT];
};

static void add_sample(struct newton *s, const double *w, float x[][BF_PRIOR_COUNT], int k,
                       int gold)
{
    double e[BF_MAX_CHOICES], mean[BF_PRIOR_COUNT] = { 0 }, top = -INFINITY, sum = 0;
    for (int j = 0; j < k; j++) {
        e[j] = 0;
        for (int i = 0; i < BF_PRIOR_COUNT; i++)
            e[j] += w[i] * (double)x[j][i];
        top = e[j] > top ? e[j] : top;
    }
    for (int j = 0; j < k; j++)
        sum += e[j] = exp(e[j] - top);
    for (int j = 0; j < k; j++) {
        for (int i = 0; i < BF_PRIOR_COUNT; i++) {
            const double px = e[j] / sum * (double)x[j][i];
            mean[i] += px;
            for (int l = 0; l <= i; l++)
                s->h[i][l] += px * (double)x[j][l];
        }
    }
    for (int i = 0; i < BF_PRIOR_COUNT; i++) {
        s->g[i] += (double)x[gold][i] - mean[i];
        for (int l = 0; l <= i; l++)
            s->h[i][l] -= mean[i] * mean[l];
    }
}

/* Solve H d = g by Cholesky's decomposition of the lower half of H, which is positive definite: the
 * prior adds 1 to its diagonal. */
static void solve(struct newton *s, double *d)
{
    for (int i = 0; i < BF_PRIOR_COUNT; i++)
        for (int j = 0; j <= i; j++) {
            double sum = s->h[i][j];
            for (int k = 0; k < j; k++)
                sum -= s->h[i][k] * s->h[j][k];
            s->h[i][j] = i == j ? sqrt(sum) : sum / s->h[j][j];
        }
    for (int i = 0; i < BF_PRIOR_COUNT; i++) {
        d[i] = s->g[i];
        for (int k = 0; k < i; k++)
            d[i] -= s->h[i][k] * d[k];
        d[i] /= s->h[i][i];
    }
    for (int i = BF_PRIOR_COUNT - 1; i >= 0; i--) {
        for (int k = i + 1; k < BF_PRIOR_COUNT; k++)
            d[i] -= s->h[k][i] * d[k];
        d[i] /= s->h[i][i];
    }
}

/* Priors of every `step`th training sample, each counted without its own fold. */
static void read_training(const struct bf_priors *p, const uint32_t *train, uint32_t n_train,
                          uint32_t step, uint64_t without, uint32_t families,
                          float (*x)[BF_PRIOR_COUNT])
{
    for (uint32_t i = 0; i < n_train; i += step) {
        bf_priors_read(p, train[i], without | UINT64_C(1) << p->fold[train[i]], x);
        for (int j = 0; j < count_of(p, train[i]); j++, x++)
            for (int l = 0; l < BF_PRIOR_COUNT; l++)
                if (families >> evidence[l] & 1)
                    (*x)[l] = 0;
    }
}

/* One Newton step; no weight moves by more than 1. Returns by how much they moved at most. */
static double move(const struct newton *sums, double *w)
{
    struct newton s = *sums;
    double d[BF_PRIOR_COUNT], most = 0;
    for (int i = 0; i < BF_PRIOR_COUNT; i++) {
        s.g[i] -= w[i];
        s.h[i][i] += 1;
    }
    solve(&s, d);
    for (int i = 0; i < BF_PRIOR_COUNT; i++)
        most = fabs(d[i]) > most ? fabs(d[i]) : most;
    for (int i = 0; i < BF_PRIOR_COUNT; i++)
        w[i] += most > 1 ? d[i] / most : d[i];
    return most;
}

int bf_priors_fit(const struct bf_priors *p, const uint32_t *train, uint32_t n_train,
                  uint64_t without, uint32_t families, double w_out[BF_PRIOR_COUNT],
                  struct bf_err *err)
{
    const uint32_t step = n_train / MOST_TRAINED + 1;
    double w[BF_PRIOR_COUNT] = { 0 }, moved = 1;
    size_t n_rows = 0;
    for (uint32_t i = 0; i < n_train; i += step)
        n_rows += (size_t)count_of(p, train[i]);
    float(*all)[BF_PRIOR_COUNT] = malloc((n_rows + 1) * sizeof *all);
    if (!all)
        return bf_fail_memory(err, "baselines");
    read_training(p, train, n_train, step, without, families, all);
    for (int t = 0; t < NEWTON_STEPS && moved > 1e-6; t++) {
        struct newton s = { 0 };
        float(*x)[BF_PRIOR_COUNT] = all;
        for (uint32_t i = 0; i < n_train; i += step) {
            add_sample(&s, w, x, count_of(p, train[i]), p->gold[train[i]]);
            x += count_of(p, train[i]);
        }
        moved = move(&s, w);
    }
    free(all);
    memcpy(w_out, w, sizeof w);
    return BF_OK;
}

void bf_priors_score(const struct bf_priors *p, const double w[BF_PRIOR_COUNT],
                     const uint32_t *which, uint32_t n, uint64_t without, float *out)
{
    float x[BF_MAX_CHOICES][BF_PRIOR_COUNT];
    for (uint32_t i = 0; i < n; i++) {
        bf_priors_read(p, which[i], without, x);
        for (int j = 0; j < count_of(p, which[i]); j++) {
            double s = 0;
            for (int l = 0; l < BF_PRIOR_COUNT; l++)
                s += w[l] * (double)x[j][l];
            out[p->first_row[which[i]] + (uint32_t)j] = (float)s;
        }
    }
}

const char *bf_baseline_name(enum bf_baseline b)
{
    static const char *const names[BF_BASELINE_COUNT] = { "letter", "longest", "shortest",
                                                          "overlap", "majority" };
    return names[b];
}

/* What a baseline goes by: the more the better. */
static float merit_of(const struct bf_priors *p, enum bf_baseline b, uint32_t row, const float *x)
{
    const float *const *v = p->columns->v;
    switch (b) {
    case BF_BASELINE_LETTER:
        return x[BF_PRIOR_LETTER];
    case BF_BASELINE_LONGEST:
        return v[BF_FACT_LENGTH][row];
    case BF_BASELINE_SHORTEST:
        return -v[BF_FACT_LENGTH][row];
    case BF_BASELINE_OVERLAP:
        return v[BF_FACT_OVERLAP][row];
    default:
        return x[BF_PRIOR_CATEGORY] + x[BF_PRIOR_HEAD] + x[BF_PRIOR_TEMPLATE];
    }
}

void bf_baseline_pick(const struct bf_priors *p, enum bf_baseline b, uint32_t sample,
                      uint64_t without, float *share_out)
{
    float x[BF_MAX_CHOICES][BF_PRIOR_COUNT], merit[BF_MAX_CHOICES], most = -INFINITY;
    const int k = count_of(p, sample);
    int n = 0;
    bf_priors_read(p, sample, without, x);
    for (int j = 0; j < k; j++) {
        merit[j] = merit_of(p, b, p->first_row[sample] + (uint32_t)j, x[j]);
        n = merit[j] > most ? 1 : n + (merit[j] == most);
        most = merit[j] > most ? merit[j] : most;
    }
    for (int j = 0; j < k; j++)
        share_out[j] = merit[j] == most ? 1 / (float)n : 0;
}
