#ifndef BF_CORE_DONOR_H
#define BF_CORE_DONOR_H

#include "core/view.h"

/* Who lends what when a condition swaps a modality, or the question, for another sample's.
 *
 * Lenders of part k of a modality are the samples that have a part k of it; those of a choice's
 * part have it with a choice too. The choice depends on
 * the spec's seed, the round, the modality and the samples' ids and contents, not on the order of
 * the pool. Everybody is lent something that is not among their own, and lends about once: exactly
 * once as long as no content belongs to more than half of them. */

enum bf_swap_of { BF_SWAP_ANY, BF_SWAP_SAME_ANSWER, BF_SWAP_OTHER_ANSWER, BF_SWAP_SAME_CHOICES };

/* The options of an operator that swaps. */
struct bf_swap {
    int of;    /* enum bf_swap_of: of which samples one may be lent */
    int round; /* another round, other donors */
};

/* Fill lent->parts for what `by`, one of the replacements of `cs`, stands in the place of; rows
 * that it has already are added to. A sample that nobody can lend every part it needs loses its
 * row. Memory comes from `a`. BF_ENOMEM. */
int bf_donor_parts(const struct bf_spec *spec, const struct bf_pool *pool,
                   const struct bf_condition_spec *cs, const struct bf_replace *by,
                   struct bf_lent *lent, struct bf_arena *a, struct bf_err *err);

/* Fill lent->questions: NULL where nobody can lend one. BF_ENOMEM. */
int bf_donor_questions(const struct bf_spec *spec, const struct bf_pool *pool,
                       const struct bf_replace *by, struct bf_lent *lent, struct bf_arena *a,
                       struct bf_err *err);

#endif
