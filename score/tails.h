#ifndef BF_SCORE_TAILS_H
#define BF_SCORE_TAILS_H

#include <stdint.h>

/* How surprising a count of hits is, when each has its own chance. */

/* P(X >= k) and P(X <= k) of a binomial variable, n trials of chance p, by the incomplete beta
 * function: P(X >= k) = I_p(k, n - k + 1), its continued fraction evaluated by Lentz's method.
 * Relative error below 1e-10. Source: NIST DLMF 8.17.5 and 8.17.22. */
double bf_binomial_upper(double n, double k, double p);
double bf_binomial_lower(double n, double k, double p);

/* Two-sided p of `k` hits in `n`: with g the lesser of P(X >= k) and P(X <= k), the probability of
 * all counts whose lesser tail is at most g, that is
 *
 *     p = g + the largest attained probability of the other tail that is at most g
 *
 * (Blaker 2000, Canadian J. Statistics 28, 783). Never below the one-sided p, at most twice. */
double bf_binomial_p(double n, double k, double p);

/* The same when trial i has chance[i]: exactly, by adding one trial after the other to the
 * distribution, for n <= BF_TAILS_EXACT; for more the binomial of the mean chance, whose tails
 * beyond the mean +- 1 are never smaller (Hoeffding 1956, Ann. Math. Stat. 27, 713), so that p is
 * an upper bound then. `work` [n + 1] is the caller's. With equal chances bf_binomial_p(). */
enum { BF_TAILS_EXACT = 1000 };
double bf_hits_p(const double *chance, uint32_t n, uint32_t k, double *work);

/* The p values that n <= BF_TAILS_SMALL trials of chance p can attain, ascending: `out` [n + 1],
 * returns how many. */
enum { BF_TAILS_SMALL = 64 };
int bf_binomial_attained(int n, double p, double *out);

#endif
