/* Score `position_bias`: whether a probe prefers a place, whatever choice stands there. */
#include <math.h>
#include <string.h>

#include "core/ops.h"
#include "core/order.h"
#include "score/intervals.h"
#include "score/sets.h"

/* First picks of one probe under one condition, by number of choices k and place. */
struct picks {
    uint32_t n; /* answers of one choice whose choices were shown */
    uint32_t n_of[BF_MAX_CHOICES + 1];
    uint32_t at[BF_MAX_CHOICES + 1][BF_MAX_CHOICES];
    uint32_t gold[BF_MAX_CHOICES]; /* place of the gold choice, whatever k */
};

static int place_of(const uint8_t *order, int n, int choice)
{
    for (int i = 0; i < n; i++)
        if (order[i] == choice)
            return i;
    return -1;
}

static void count(const struct bf_table *t, int p, int c, struct picks *out)
{
    *out = (struct picks){ 0 };
    for (uint32_t i = 0; i < t->pool->n_samples; i++) {
        const struct bf_cell *cell = bf_cell_at(t, p, c, i);
        const struct bf_sample *s = &t->pool->samples[i];
        uint8_t order[BF_MAX_CHOICES];
        struct bf_view v;
        if (s->task != BF_CHOICE || cell->first < 0 || cell->first >= s->n_choices ||
            (cell->first_class != BF_RIGHT && cell->first_class != BF_WRONG))
            continue;
        bf_view_of(&t->conditions->v[c], s, &v);
        if (!v.choices)
            continue;
        bf_order_of(t->spec->probes[p].orders, t->seed, s, 0, order);
        const int k = s->n_choices;
        out->n++;
        out->n_of[k]++;
        out->at[k][place_of(order, k, cell->first)]++;
        out->gold[place_of(order, k, s->gold)]++;
    }
}

/* Picks expected at a place when no place is preferred: 1/k of the samples with k choices. */
static double expected_at(const struct picks *x, int place)
{
    double sum = 0;
    for (int k = place + 1; k <= BF_MAX_CHOICES; k++)
        sum += (double)x->n_of[k] / k;
    return sum;
}

static uint32_t picked_at(const struct picks *x, int place)
{
    uint32_t sum = 0;
    for (int k = place + 1; k <= BF_MAX_CHOICES; k++)
        sum += x->at[k][place];
    return sum;
}

/* p of Pearson's chi-square: for each k with 5 expected picks a place, and over them. NaN when
 * there is none. */
static double chi_square_p(const struct picks *x)
{
    double sum = 0;
    int df = 0;
    for (int k = 2; k <= BF_MAX_CHOICES; k++) {
        const double expected = (double)x->n_of[k] / k;
        if (expected < 5)
            continue;
        for (int place = 0; place < k; place++)
            sum += pow(x->at[k][place] - expected, 2) / expected;
        df += k - 1;
    }
    return df ? bf_chi_square_p(sum, df) : NAN;
}

static int place_stats(const struct picks *x, struct bf_stat stat, struct bf_scores *out,
                       struct bf_err *err)
{
    for (int place = 0; place < BF_MAX_CHOICES; place++) {
        const char group[] = { 'p', 'l', 'a', 'c', 'e', '=', (char)('A' + place), '\0' };
        const double expected = expected_at(x, place) / x->n;
        const struct bf_interval picked = bf_wilson(picked_at(x, place), x->n);
        if (expected <= 0)
            break;
        stat.group = group;
        stat.score = "picked_share";
        stat.value = (double)picked_at(x, place) / x->n;
        stat.lo = picked.lo;
        stat.hi = picked.hi;
        BF_TRY(bf_scores_stat(out, &stat, err));
        stat.lo = stat.hi = NAN;
        stat.score = "expected_share";
        stat.value = expected;
        BF_TRY(bf_scores_stat(out, &stat, err));
        stat.score = "gold_share";
        stat.value = (double)x->gold[place] / x->n;
        BF_TRY(bf_scores_stat(out, &stat, err));
    }
    return BF_OK;
}

static int probe_condition(const struct bf_table *t, int p, int c, struct bf_scores *out,
                           struct bf_err *err)
{
    struct picks x;
    double apart = 0, gold_apart = 0;
    count(t, p, c, &x);
    if (x.n == 0)
        return BF_OK;
    for (int place = 0; place < BF_MAX_CHOICES; place++) {
        const double expected = expected_at(&x, place);
        apart += fabs(picked_at(&x, place) - expected) / x.n / 2;
        gold_apart += fabs(x.gold[place] - expected) / x.n / 2;
    }
    struct bf_stat stat = { .score = "position_bias",
                            .probe = t->spec->probes[p].name,
                            .condition = t->conditions->v[c].name,
                            .group = "all",
                            .value = apart,
                            .lo = NAN,
                            .hi = NAN,
                            .n = x.n,
                            .null_reason = "",
                            .selected_on = bf_probe_selects(t->spec, p) };
    BF_TRY(bf_scores_stat(out, &stat, err));
    stat.score = "position_bias_p";
    stat.value = chi_square_p(&x);
    stat.null_reason = isnan(stat.value) ? "fewer than 5 picks expected at each place" : "";
    BF_TRY(bf_scores_stat(out, &stat, err));
    stat.score = "gold_position_bias";
    stat.value = gold_apart;
    stat.null_reason = "";
    BF_TRY(bf_scores_stat(out, &stat, err));
    return place_stats(&x, stat, out, err);
}

static int compute(const struct bf_table *t, struct bf_scores *out, struct bf_err *err)
{
    for (int p = 0; p < t->spec->n_probes; p++)
        for (int c = 0; c < t->conditions->n; c++)
            if (bf_probe_is_asked(&t->spec->probes[p], t->conditions->v[c].name))
                BF_TRY(probe_condition(t, p, c, out, err));
    return BF_OK;
}

const struct bf_metric bf_metric_position_bias = {
    .op = {
        .name = "position_bias",
        .summary = "how often each place was picked, and how far that is from no preference",
        .source = "total variation distance; Pearson (1900) for p; docs/metrics.md#position_bias",
    },
    .wanted_by_default = true,
    .compute = compute,
};
