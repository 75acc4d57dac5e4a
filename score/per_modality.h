#ifndef BF_SCORE_PER_MODALITY_H
#define BF_SCORE_PER_MODALITY_H

#include "core/table.h"
#include "score/lattice.h"

/* A number for each modality of one sample: fills out[i] for l->modality[i], or returns why there
 * is none. */
typedef const char *bf_per_modality_fn(const struct bf_table *t, const struct bf_lattice *l,
                                       uint32_t sample, double *out);

/* Shapley values of one sample, as score `contribution` gives them. */
bf_per_modality_fn bf_contribution_of;

/* Columns <name>.<modality> and <name>.target (sum over the sample's targets), and stats a set:
 * for each modality, and "target", the mean over all samples that could be measured, a modality
 * that a sample lacks counting 0; and, in group "having", over those that have it. */
int bf_per_modality(const struct bf_table *t, const char *name, bf_per_modality_fn *of,
                    struct bf_scores *out, struct bf_err *err);

#endif
