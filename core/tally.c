/* Answers counted into cells. */
#include "core/tally.h"

#include <math.h>
#include <stdlib.h>

/* Sums over trials in units of 2^-52: a thousand of them stay below 2^63. */
struct bf_tally_sums {
    uint64_t p, p_squared, vote_p, credit;
    bool has_credit; /* some answer was read by a rule that gives shares */
};

static const double unit = 0x1p52;

int bf_tally_open(struct bf_tally *t, struct bf_cell *cells, struct bf_votes *votes, size_t n,
                  struct bf_err *err)
{
    *t = (struct bf_tally){ cells, votes, calloc(n + 1, sizeof *t->sums) };
    return t->sums ? BF_OK : bf_fail_memory(err, "the table of answers");
}

void bf_tally_clear(struct bf_cell *cells, struct bf_votes *votes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        cells[i] = (struct bf_cell){
            .a = NAN, .p = NAN, .p_sd = NAN, .first = -1, .first_class = BF_CLASS_COUNT
        };
        if (votes)
            votes[i] = (struct bf_votes){ .p = NAN };
    }
}

void bf_tally_resume(struct bf_tally *t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (t->votes[i].n_p)
            t->sums[i].vote_p = (uint64_t)((double)t->votes[i].p * unit);
}

void bf_tally_close(struct bf_tally *t)
{
    free(t->sums);
    *t = (struct bf_tally){ 0 };
}

static float mean(uint64_t sum, unsigned n)
{
    return n ? (float)((double)sum / unit / n) : NAN;
}

/* Of n values, from their sums: sqrt((sum of p^2 - (sum of p)^2 / n) / (n - 1)). */
static float deviation(uint64_t sum, uint64_t squares, unsigned n)
{
    if (n < 2)
        return NAN;
    const double s = (double)sum / unit;
    return (float)sqrt(fmax(0, (double)squares / unit - s * s / n) / (n - 1));
}

/* What the class says, or the share of a right answer that a rule gives. */
static uint64_t credit(const struct bf_answer *a)
{
    if (a->cls != BF_RIGHT && a->cls != BF_WRONG)
        return 0;
    return a->has_credit        ? (uint64_t)((double)a->credit * unit)
           : a->cls == BF_RIGHT ? (uint64_t)unit
                                : 0;
}

static void add_to_cell(struct bf_tally *t, size_t at, int trial, const struct bf_answer *a,
                        bool has_p, uint64_t p)
{
    struct bf_cell *c = &t->cells[at];
    struct bf_tally_sums *sums = &t->sums[at];
    if (trial == 0) {
        c->first = (int16_t)a->choice;
        c->first_class = (uint8_t)a->cls;
    }
    c->n[a->cls]++;
    sums->credit += credit(a);
    sums->has_credit |= a->has_credit;
    if (has_p) {
        const double x = (double)p / unit;
        sums->p += p;
        sums->p_squared += (uint64_t)(x * x * unit);
        c->p = mean(sums->p, ++c->n_p);
        c->p_sd = deviation(sums->p, sums->p_squared, c->n_p);
    }
    const unsigned n =
        (unsigned)c->n[BF_RIGHT] + c->n[BF_WRONG] + c->n[BF_REFUSED] + c->n[BF_UNPARSED];
    c->a = c->n_p && !sums->has_credit ? c->p : mean(sums->credit, n);
}

void bf_tally_add(struct bf_tally *t, size_t at, const struct bf_sample *s, int trial,
                  const struct bf_answer *a)
{
    const float p_gold = bf_answer_p_gold(s, a);
    const bool has_p = !isnan(p_gold);
    const uint64_t p = has_p ? (uint64_t)((double)p_gold * unit) : 0;
    if (!t->votes || trial == 0)
        add_to_cell(t, at, trial, a, has_p, p);
    if (!t->votes)
        return;
    struct bf_votes *v = &t->votes[at];
    v->n[a->cls]++;
    if (has_p) {
        t->sums[at].vote_p += p;
        v->p = mean(t->sums[at].vote_p, ++v->n_p);
    }
}
