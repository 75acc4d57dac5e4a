#ifndef BF_SCORE_IMBALANCE_H
#define BF_SCORE_IMBALANCE_H

/* How uneven contributions are: max C / min C over `c` [n], >= 1.
 *
 * NaN when n < 2 or min C <= 0, since a ratio to nothing, or to harm, says nothing. Indices of
 * the largest and the smallest go to `max_out` and `min_out` (the first of equals).
 * Source: Eq. 2 of "MLLMs are Deeply Affected by Modality Bias",
 * Delta_modality = C(M_dominant) / C(M_underutilized). */
double bf_imbalance(const double *c, int n, int *max_out, int *min_out);

#endif
