#ifndef BF_SCORE_LEAK_CHOOSE_H
#define BF_SCORE_LEAK_CHOOSE_H

#include "score/leak_search.h"

/* One finding that others do not explain. */
struct bf_leak_taken {
    struct bf_leak_find find; /* n, k and chance counted anew: of content, one of each answer given
                                 with the same media */
    double p;                 /* of all these samples, whatever other findings explain */
    double expected;          /* E, of this or of what it tells beyond the others, the larger */
    double q;
    bool sure;         /* q <= 0.05 */
    bool one_question; /* they all ask the same */
    uint32_t n_given;  /* samples whose answer it gives away (or where it rules choices out) */
    uint32_t n_other;  /* the other samples of the group that it speaks of */
    uint32_t *samples; /* [n_given + n_other] indices into the pool, each part ascending */
};

struct bf_leak_chosen {
    uint32_t n;
    struct bf_leak_taken *v; /* in the arena handed in, the surest first */
};

/* Of all that was surprising, what is not explained by what is more surprising.
 *
 * Once a finding is taken, what it says of each of its samples is taken as known: whether the
 * gold choice is among those that its cue picks. The next one is judged by what it tells beyond:
 * let A be the choices of a sample that all findings taken so far leave alike, the gold one among
 * them. A cue that picks the set P is right by chance with |P and A| / |A|, and tells something
 * new only where that is neither 0 nor 1. So "longest" in a category adds nothing to "longest" in
 * all, unless it is far more often right there: then its hits are compared with the rate outside.
 *
 * A finding has E(v) (score/trials.h) of the larger of its own p and of that beyond the others.
 * With those taken in order of E, q of the i-th is the least of E_j / j over all j >= i (Benjamini
 * and Hochberg 1995); q of the first bounds the probability that a pool with gold at random yields
 * anything. Up to q = 0.2 is taken. A group where a cue is not 10 points further from chance than
 * in all samples, where it was taken too, is left out in the end. BF_ENOMEM. */
int bf_leak_choose(const struct bf_leak_view *view, const struct bf_leak_search *search,
                   struct bf_leak_chosen *out, struct bf_arena *a, struct bf_err *err);

#endif
