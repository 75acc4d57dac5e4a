#ifndef BF_SCORE_V_INFORMATION_H
#define BF_SCORE_V_INFORMATION_H

#include <stdint.h>

/* Pointwise V-information, in bits: log2 g(gold | what was shown) - log2 g(gold | less shown).
 *
 * Both are probabilities of the gold answer by the same probe, out of fold; those below 1e-6
 * count as 1e-6, so that the result is within -19.94 .. 19.94. NaN when one is NaN.
 * Source: Ethayarajh et al. (2022), "Understanding Dataset Difficulty with V-Usable Information",
 * with "less shown" in place of the empty input. */
double bf_pvi(double p_with, double p_without);

/* g(gold | nothing) of a sample of k choices, the empty input of that paper: how often its gold
 * letter is right among the other samples of k choices, one added to each letter (Laplace).
 *
 *     (n_letter - 1 + 1) / (n - 1 + k)
 *
 * `n_letter` of `n` samples have this letter, the sample itself counted in both; 0 < result < 1. */
double bf_letter_prior(uint32_t n_letter, uint32_t n, int k);

#endif
