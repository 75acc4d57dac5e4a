#ifndef BF_PROBE_BUILTIN_CANDIDATES_H
#define BF_PROBE_BUILTIN_CANDIDATES_H

#include "core/answer.h"
#include "core/arena.h"

/* What a sample without choices can be answered with: what others were answered with. */
struct bf_candidates {
    int n;
    const char *text[BF_MAX_CHOICES];
    double number[BF_MAX_CHOICES]; /* of numbers: ascending */
    double upper[BF_MAX_CHOICES];  /* of bins: candidate c stands for (upper[c - 1], upper[c]] */
    bool bins;                     /* each stands for a range, all together for every number */
    double covered;                /* how likely an answer to come is one of them, 0 .. 1 */
};

/* Candidates from the gold numbers of other samples, sorted here: each, when there are at most
 * `max` different ones; else the medians of `max` ranges that hold as many each, less where a
 * number is so frequent that it fills several. Where each number stands for itself, what is
 * covered is 1 - n_1 / n, n_1 of n numbers having been seen once (Good, "The population
 * frequencies of species", 1953). `n` may be 0: no candidates. BF_ENOMEM, no message. */
int bf_candidates_of_numbers(double *v, uint32_t n, int max, struct bf_candidates *out,
                             struct bf_arena *a);

/* Candidates from the gold words of other samples, those that were given at least twice, the most
 * frequent first, at most `max`. Words are the same as in bf_answer_same_words(). What is covered
 * is the share of all answers that they are, no more than 1 - n_1 / n. BF_ENOMEM, no message. */
int bf_candidates_of_texts(const char **v, uint32_t n, int max, struct bf_candidates *out,
                           struct bf_arena *a);

/* Which candidate stands for the gold answer of `s`, or -1. */
int bf_candidates_gold(const struct bf_candidates *c, const struct bf_sample *s);

/* The answer that probabilities `p` [c->n] of the candidates amount to: of words the most likely
 * one; of numbers the candidate y that maximises the mean relative accuracy to be expected,
 *
 *     sum over candidates c of p(c) MRA(y, c)
 *
 * with its own MRA as credit. n_p is 1 and p[0] is p(gold): that of the candidate that stands for
 * the gold answer, times how likely an answer is a candidate at all. */
void bf_candidates_answer(const struct bf_candidates *c, const float *p, const struct bf_sample *s,
                          struct bf_answer *out);

#endif
