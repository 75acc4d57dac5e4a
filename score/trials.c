/* How many tests were made, and what luck would find among them. */
#include "score/trials.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "score/tails.h"

/* Tests alike in all that decides which p values they attain. */
struct bf_trial_kind {
    uint32_t count, n;
    int weight;
    double chance;
};

enum { MAX_KINDS = 1 << 14 };

int bf_trials_init(struct bf_trials *t, const double *weights, int n, struct bf_err *err)
{
    *t = (struct bf_trials){
        .n_weights = n,
        .weights = weights,
        .large = calloc((size_t)n, sizeof *t->large),
        .kinds = calloc(MAX_KINDS, sizeof *t->kinds),
    };
    if (!t->large || !t->kinds) {
        bf_trials_done(t);
        return bf_fail_memory(err, "what was tried");
    }
    return BF_OK;
}

void bf_trials_add(struct bf_trials *t, int weight, uint32_t n, double chance)
{
    chance = round(chance * 1e6) / 1e6;
    t->n++;
    if (n > BF_TAILS_SMALL) {
        t->large[weight] += 1;
        return;
    }
    struct {
        double chance;
        uint32_t n, weight;
    } key = { chance, n, (uint32_t)weight };
    uint32_t i = (uint32_t)bf_hash64(&key, sizeof key, 3) % MAX_KINDS;
    while (t->kinds[i].count && (t->kinds[i].n != n || t->kinds[i].weight != weight ||
                                 fabs(t->kinds[i].chance - chance) > 1e-9))
        i = (i + 1) % MAX_KINDS;
    if (t->kinds[i].count == 0) {
        if (t->used >= MAX_KINDS / 2) {
            t->large[weight] += 1;
            return;
        }
        t->used++;
        t->kinds[i] = (struct bf_trial_kind){ .n = n, .weight = weight, .chance = chance };
    }
    t->kinds[i].count++;
}

void bf_trials_expected(const struct bf_trials *t, const double *v, uint32_t n, double *out)
{
    for (uint32_t i = 0; i < n; i++) {
        out[i] = 0;
        for (int w = 0; w < t->n_weights; w++)
            out[i] += t->large[w] * fmin(1, v[i] * t->weights[w]);
    }
    for (uint32_t k = 0; k < MAX_KINDS; k++) {
        const struct bf_trial_kind *kind = &t->kinds[k];
        double p[BF_TAILS_SMALL + 1];
        if (kind->count == 0)
            continue;
        const int n_p = bf_binomial_attained((int)kind->n, kind->chance, p);
        int at = 0;
        for (uint32_t i = 0; i < n; i++) {
            while (at < n_p && p[at] <= v[i] * t->weights[kind->weight] * (1 + 1e-9))
                at++;
            out[i] += at ? kind->count * p[at - 1] : 0;
        }
    }
}

void bf_trials_done(struct bf_trials *t)
{
    free(t->large);
    free(t->kinds);
    *t = (struct bf_trials){ 0 };
}
