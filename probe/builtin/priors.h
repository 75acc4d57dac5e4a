#ifndef BF_PROBE_BUILTIN_PRIORS_H
#define BF_PROBE_BUILTIN_PRIORS_H

#include <stdint.h>

#include "probe/builtin/columns.h"

/* Baselines: what a guesser goes by who has seen no more of other questions than which letters,
 * lengths and answers were right. */
enum bf_prior {
    BF_PRIOR_LETTER,
    BF_PRIOR_LONGEST,  /* 1 for a choice longer than all others, else 0 */
    BF_PRIOR_SHORTEST, /* likewise */
    BF_PRIOR_OVERLAP,  /* 1 for the one with the largest share of its words in the question */
    BF_PRIOR_TEXT,     /* the choice's text */
    BF_PRIOR_CATEGORY, /* the text within the category */
    BF_PRIOR_HEAD,     /* the text after the same first words of a question */
    BF_PRIOR_TEMPLATE, /* the text within the question's skeleton: BF_KEY_SKELETON */
    BF_PRIOR_COUNT
};

/* How often a letter or a text was right where it stood, counted by fold.
 *
 *     lift(t) = (gold(t) + m * parent) / (expected(t) + m),  m = 1
 *
 * with gold(t) the samples whose gold choice is t, expected(t) the sum of 1 / k over the samples of
 * k choices among which t stands, and `parent` 1 for letters and texts, the text's lift for texts
 * within something: "no" has lift 2 when it is right twice as often as chance has it. Letters are
 * counted by number of choices. */
struct bf_priors {
    const struct bf_columns *columns;
    const uint32_t *first_row; /* [n_samples + 1] */
    const int *gold;           /* [n_samples] */
    const uint8_t *fold;       /* [n_samples] */
    int n_folds;
    /* [n_rows][4] the counter of text, text within category, head, template; BF_KEY_NONE where no
     * other sample has it */
    const uint32_t (*counter)[4];
    struct bf_prior_tally *tally;   /* [n_counters][n_folds + 1], the last one of all folds */
    struct bf_prior_tally *letters; /* [k][letter][n_folds + 1] */
};

/* Samples without rows are not looked at, those with gold < 0 count nothing: to leave samples out,
 * hand in a copy of `gold`. All arrays are kept, not copied; the rest lives in `a`. `fold`
 * [n_samples] is below n_folds, 2 .. 63. Learners that train on one part of the pool deal it to
 * folds of its own and the rest to one more. BF_ENOMEM. */
int bf_priors_make(const struct bf_columns *columns, const uint32_t *first_row, uint32_t n_samples,
                   const int *gold, const uint8_t *fold, int n_folds, struct bf_priors *out,
                   struct bf_arena *a, struct bf_err *err);

/* What the samples outside the folds `without` (a bit per fold) say of every choice of `sample`:
 * indicators, and logarithms of lifts. */
void bf_priors_read(const struct bf_priors *p, uint32_t sample, uint64_t without,
                    float x_out[][BF_PRIOR_COUNT]);

/* All of them as one model, s(x, c) = <w, priors(x, c)>, p the softmax over the choices: a
 * conditional logit, w maximising the likelihood of `train` [n_train] with a Gaussian prior of
 * precision 1 on each weight, by Newton's method. The priors of a training sample are counted
 * without the folds `without` and without its own, so that w is fitted to priors as good as those
 * of the samples to come. With more than 20,000 samples every so-manyth is taken: eight weights
 * need no more. `families` BF_BIT() of enum bf_evidence: priors of these have weight 0.
 * BF_ENOMEM. */
int bf_priors_fit(const struct bf_priors *p, const uint32_t *train, uint32_t n_train,
                  uint64_t without, uint32_t families, double w_out[BF_PRIOR_COUNT],
                  struct bf_err *err);

/* s(x, c) of every row of the samples `which` [n]: of row r to `out[r]`. */
void bf_priors_score(const struct bf_priors *p, const double w[BF_PRIOR_COUNT],
                     const uint32_t *which, uint32_t n, uint64_t without, float *out);

/* One baseline alone. */
enum bf_baseline {
    BF_BASELINE_LETTER,  /* the letter that was right most often among so many choices */
    BF_BASELINE_LONGEST, /* in bytes */
    BF_BASELINE_SHORTEST,
    BF_BASELINE_OVERLAP,  /* the largest share of words that stand in the question */
    BF_BASELINE_MAJORITY, /* the text of highest lift, within template, head and category */
    BF_BASELINE_COUNT
};

/* "letter", "longest", "shortest", "overlap", "majority" */
const char *bf_baseline_name(enum bf_baseline b);

/* What a baseline that saw all folds but `without` picks: `share_out` [k] is 1 for its pick, 1 / n
 * for each of n that tie, 0 else; so that the mean share of the gold choice is its accuracy. */
void bf_baseline_pick(const struct bf_priors *p, enum bf_baseline b, uint32_t sample,
                      uint64_t without, float *share_out);

#endif
