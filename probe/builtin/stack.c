/* The second stage: margins of models that had not seen a sample become its probabilities. */
#include "probe/builtin/stack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probe/builtin/calibrate.h"
#include "probe/builtin/rules.h"

/* Forests a unit at most; and how many rows are grown on in all before one is enough. */
enum { MAX_FORESTS = 4, MANY_ROWS = 40000, FEW_SAMPLES = 100, N_OWN = 3 };

static const double worth_of_rules = 4; /* in nats, of the part that is held */

/* By row of the look. */
struct work {
    const struct bf_stack *s;
    const uint32_t *first_row;
    float *z;           /* what margins say, believed as far as they should be */
    float *t;           /* what rules and trees add to it, of samples that they had not seen */
    float *start;       /* where trees start: z and what rules say */
    float *score;       /* of one forest */
    float *own[N_OWN];  /* columns made of z */
    uint32_t *grown_on; /* [train->n] */
    uint32_t *held;     /* [train->n] of the part that is left out */
    uint32_t *both;     /* [train->n] samples whose t is known */
};

static int n_choices(const struct work *w, uint32_t sample)
{
    return (int)(w->first_row[sample + 1] - w->first_row[sample]);
}

/* One sample's margins, taken apart into `parts` [2 * k]. */
static struct bf_calibration_case case_of(const struct work *w, uint32_t sample,
                                          const struct bf_scored *margins, float *parts)
{
    const int k = n_choices(w, sample);
    for (int c = 0; c < k; c++) {
        parts[c] = margins[c].text;
        parts[k + c] = margins[c].media;
    }
    return (struct bf_calibration_case){ parts, parts + k, k, w->s->gold[sample],
                                         w->s->category[sample] };
}

static int calibrate(const struct work *w, const struct bf_stacked *train, struct bf_calibration *c)
{
    size_t n_rows = 0;
    for (uint32_t i = 0; i < train->n; i++)
        n_rows += (size_t)n_choices(w, train->samples[i]);
    struct bf_calibration_case *cases = malloc(((size_t)train->n + 1) * sizeof *cases);
    float *parts = malloc((2 * n_rows + 1) * sizeof *parts);
    const int rc = cases && parts ? BF_OK : BF_ENOMEM;
    float *at = parts;
    for (uint32_t i = 0; rc == BF_OK && i < train->n; i++) {
        cases[i] = case_of(w, train->samples[i], train->margins[i], at);
        at += 2 * cases[i].k;
    }
    if (rc == BF_OK)
        bf_calibrate(c, cases, train->n);
    free(parts);
    free(cases);
    return rc;
}

/* z of every sample, and the columns made of it: above the mean, above the best other, and how far
 * the best of the sample is above its mean. */
static void believe(struct work *w, const struct bf_calibration *c, const struct bf_stacked *x)
{
    for (uint32_t i = 0; i < x->n; i++) {
        const uint32_t first = w->first_row[x->samples[i]];
        const int k = n_choices(w, x->samples[i]);
        const double media = c->a + c->d[w->s->category[x->samples[i]]];
        float mean = 0, best = -INFINITY, second = -INFINITY;
        for (int j = 0; j < k; j++) {
            const struct bf_scored *m = &x->margins[i][j];
            const float z = (float)(c->b * (double)m->text + media * (double)m->media);
            w->z[first + (uint32_t)j] = z;
            mean += z / (float)k;
            second = fmaxf(second, fminf(best, z));
            best = fmaxf(best, z);
        }
        for (int j = 0; j < k; j++) {
            const uint32_t r = first + (uint32_t)j;
            w->own[0][r] = w->z[r] - mean;
            w->own[1][r] = w->z[r] - (w->z[r] == best ? second : best);
            w->own[2][r] = best - mean;
        }
    }
}

/* Sum of -log p(gold) over the samples that are held. */
static double loss_of(const struct work *w, const float *s, uint32_t n_held)
{
    double loss = 0;
    for (uint32_t i = 0; i < n_held; i++) {
        const uint32_t first = w->first_row[w->held[i]];
        const int k = n_choices(w, w->held[i]);
        double sum = 0;
        for (int j = 0; j < k; j++)
            sum +=
                exp((double)(s[first + (uint32_t)j] - s[first + (uint32_t)w->s->gold[w->held[i]]]));
        loss += log(sum);
    }
    return loss;
}

/* Where the trees of one forest start: rules are found on what it is grown on, and kept if the
 * part that is held is told better with them. */
static int start_from_rules(struct work *w, uint32_t n_grown, uint32_t n_held,
                            const struct bf_stacked *test)
{
    const struct bf_rules_data d = { w->first_row, w->s->gold, w->s->bins, w->z, w->s->without };
    struct bf_rules rules;
    BF_TRY(bf_rules_fit(&d, w->grown_on, n_grown, &rules));
    bf_rules_score(&rules, &d, w->grown_on, n_grown, w->start);
    bf_rules_score(&rules, &d, w->held, n_held, w->start);
    if (loss_of(w, w->start, n_held) > loss_of(w, w->z, n_held) - worth_of_rules) {
        rules = (struct bf_rules){ .scale = 1 };
        bf_rules_score(&rules, &d, w->grown_on, n_grown, w->start);
        bf_rules_score(&rules, &d, w->held, n_held, w->start);
    }
    bf_rules_score(&rules, &d, test->samples, test->n, w->start);
    return BF_OK;
}

/* One forest that has not seen `part`: t of that part, and its share of the mean of `test`. */
static int grow(struct work *w, const struct bf_trees_data *d, const struct bf_stacked *train,
                int part, float share, const struct bf_stacked *test, struct bf_err *err)
{
    const struct bf_trees_options o = { .max_trees = w->s->rounds,
                                        .max_leaves = 15,
                                        .patience = 8,
                                        .rate = 0.1,
                                        .l2 = 5,
                                        .min_hessian = 4,
                                        .samples = 1,
                                        .columns = 0.5,
                                        .without = w->s->without };
    struct bf_forest forest = { 0 };
    uint32_t n_grown = 0, n_held = 0;
    for (uint32_t i = 0; i < train->n; i++) {
        if (train->part[i] == part)
            w->held[n_held++] = train->samples[i];
        else
            w->grown_on[n_grown++] = train->samples[i];
    }
    struct bf_rng rng = w->s->rng;
    rng.s += (uint64_t)part * 0x9e3779b97f4a7c15u;
    BF_TRY(start_from_rules(w, n_grown, n_held, test));
    BF_TRY(bf_trees_fit(&o, d, w->grown_on, n_grown, w->held, n_held, rng, &forest, err));
    bf_trees_score(&forest, d, w->held, n_held, w->score);
    for (uint32_t i = 0; i < n_held; i++)
        for (uint32_t r = w->first_row[w->held[i]]; r < w->first_row[w->held[i] + 1]; r++)
            w->t[r] = w->score[r] - w->z[r];
    bf_trees_score(&forest, d, test->samples, test->n, w->score);
    for (uint32_t i = 0; i < test->n; i++)
        for (uint32_t r = w->first_row[test->samples[i]]; r < w->first_row[test->samples[i] + 1];
             r++)
            w->t[r] += share * (w->score[r] - w->z[r]);
    bf_trees_done(&forest);
    return BF_OK;
}

/* As many forests as are worth their while. `known_out`: parts whose t is known, one bit each. */
static int grow_all(struct work *w, const struct bf_stacked *train, const struct bf_stacked *test,
                    uint64_t *known_out, struct bf_err *err)
{
    const struct bf_trees_data d = { w->first_row,
                                     w->s->gold,
                                     w->s->bins,
                                     train->margins ? N_OWN : 0,
                                     (const float *const *)w->own,
                                     NULL,
                                     w->start };
    uint64_t there = 0;
    size_t n_rows = 0;
    int n_parts = 0;
    for (uint32_t i = 0; i < train->n; i++) {
        n_parts += !(there >> train->part[i] & 1);
        there |= (uint64_t)1 << train->part[i];
        n_rows += (size_t)n_choices(w, train->samples[i]);
    }
    *known_out = 0;
    if (!w->s->bins || w->s->rounds == 0 || train->n < FEW_SAMPLES || n_parts < 2)
        return BF_OK;
    int n = n_rows > MANY_ROWS ? 1 : n_parts < MAX_FORESTS ? n_parts : MAX_FORESTS;
    const float share = 1 / (float)n;
    for (int part = 0; n > 0; part++)
        if (there >> part & 1) {
            *known_out |= (uint64_t)1 << part;
            BF_TRY(grow(w, &d, train, part, share, test, err));
            n--;
        }
    return BF_OK;
}

/* u and v, fitted to the samples whose t is known. */
static int weigh(struct work *w, const struct bf_stacked *train, uint64_t known,
                 struct bf_calibration *c)
{
    struct bf_calibration_case *cases = malloc(((size_t)train->n + 1) * sizeof *cases);
    uint32_t n = 0;
    if (!cases)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < train->n; i++) {
        const uint32_t sample = train->samples[i], r = w->first_row[sample];
        if (known >> train->part[i] & 1)
            cases[n++] = (struct bf_calibration_case){ w->z + r, w->t + r, n_choices(w, sample),
                                                       w->s->gold[sample], 0 };
    }
    bf_calibrate(c, cases, n);
    free(cases);
    return BF_OK;
}

static int work_init(struct work *w, uint32_t n_train)
{
    const size_t n_rows = w->first_row[w->s->look->rows->n_samples] + (size_t)1;
    w->z = calloc(n_rows, sizeof *w->z);
    w->t = calloc(n_rows, sizeof *w->t);
    w->start = calloc(n_rows, sizeof *w->start);
    w->score = calloc(n_rows, sizeof *w->score);
    w->grown_on = malloc(((size_t)n_train + 1) * sizeof *w->grown_on);
    w->held = malloc(((size_t)n_train + 1) * sizeof *w->held);
    bool there = w->z && w->t && w->start && w->score && w->grown_on && w->held;
    for (int i = 0; i < N_OWN; i++) {
        w->own[i] = calloc(n_rows, sizeof *w->own[i]);
        there = there && w->own[i];
    }
    return there ? BF_OK : BF_ENOMEM;
}

static void work_done(struct work *w)
{
    free(w->z);
    free(w->t);
    free(w->start);
    free(w->score);
    free(w->grown_on);
    free(w->held);
    for (int i = 0; i < N_OWN; i++)
        free(w->own[i]);
}

static int stack(struct work *w, const struct bf_stacked *train, const struct bf_stacked *test,
                 struct bf_calibration *c, float *p_out, struct bf_err *err)
{
    uint64_t known = 0;
    int rc = train->margins ? calibrate(w, train, c) : BF_OK;
    if (rc == BF_OK && train->margins) {
        believe(w, c, train);
        believe(w, c, test);
    }
    if (rc == BF_OK)
        rc = grow_all(w, train, test, &known, err);
    double d[3] = { 0 };
    struct bf_calibration last = { .b = 1, .n_groups = 1, .d = d };
    if (rc == BF_OK && known)
        rc = weigh(w, train, known, &last);
    for (uint32_t i = 0; rc == BF_OK && i < test->n; i++) {
        const uint32_t sample = test->samples[i], r = w->first_row[sample];
        const struct bf_calibration_case x = { w->z + r, w->t + r, n_choices(w, sample), 0, 0 };
        bf_calibrated(&last, &x, p_out);
        p_out += x.k;
    }
    return rc;
}

int bf_stack(const struct bf_stack *s, const struct bf_stacked *train,
             const struct bf_stacked *test, float *p_out, struct bf_err *err)
{
    struct work w = { .s = s, .first_row = s->look->rows->first_row };
    struct bf_calibration c = { .n_groups = s->n_categories };
    c.d = calloc((size_t)c.n_groups * 3 + 1, sizeof *c.d);
    int rc = c.d ? work_init(&w, train->n) : BF_ENOMEM;
    if (rc == BF_OK)
        rc = stack(&w, train, test, &c, p_out, err);
    work_done(&w);
    free(c.d);
    return rc == BF_OK ? BF_OK : bf_fail_memory(err, "the built-in probe");
}
