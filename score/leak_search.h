#ifndef BF_SCORE_LEAK_SEARCH_H
#define BF_SCORE_LEAK_SEARCH_H

#include "score/leak_view.h"
#include "score/trials.h"

/* One thing tried that was surprising: a cue in a group of samples. */
struct bf_leak_find {
    bool is_shape;
    uint32_t cue;    /* enum bf_shape, or index of a unit */
    uint32_t group;  /* index of a group of the view */
    int weight;      /* index into bf_leak_weights */
    uint32_t n, k;   /* samples where the cue picks some choices; of them with the gold picked */
    double chance;   /* mean share of the choices picked */
    uint32_t values; /* of a value: how many there are in the group, at least */
    double p, v;     /* p and p / weight */
};

/* How much tests weigh: a finding that speaks of the whole pool is likelier than one of a phrase of
 * which there are thousands, and must not drown among them. */
enum bf_leak_weight {
    BF_WEIGHT_SHAPE_ALL,    /* looks and places, whole pool: 4 */
    BF_WEIGHT_TEXT_ALL,     /* a choice's text or an answer's value, whole pool: 2 */
    BF_WEIGHT_WORD_ALL,     /* a word of choices, whole pool: 1 */
    BF_WEIGHT_SHAPE_GROUP,  /* within category, field, head, template, question: 1/2 */
    BF_WEIGHT_TEXT_GROUP,   /* 1/2 */
    BF_WEIGHT_WORD_GROUP,   /* 1/8 */
    BF_WEIGHT_SHAPE_PHRASE, /* questions with a phrase: 1/8 */
    BF_WEIGHT_TEXT_PHRASE,  /* 1/8 */
    BF_WEIGHTS
};
extern const double bf_leak_weights[BF_WEIGHTS];

struct bf_leak_search {
    struct bf_trials trials;
    uint32_t n, cap;
    struct bf_leak_find *v; /* the most surprising first */
};

/* Differences to chance below this are not looked for, however sure: 5 points, or 2/5 of a chance
 * below 1/8. */
double bf_leak_least_effect(double chance);

/* Try every cue in every group. BF_ENOMEM. */
int bf_leak_search(const struct bf_leak_view *view, struct bf_leak_search *out, struct bf_err *err);

void bf_leak_search_done(struct bf_leak_search *s);

/* Whether a cue counts in a sample, with the choices that it picks and the chance that the gold
 * choice is among them: their share, or that of the gold choices where there may be several. */
bool bf_leak_picks(const struct bf_leak_sample *x, uint32_t mask, uint32_t *mask_out,
                   double *chance_out);

#endif
