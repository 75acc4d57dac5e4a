#ifndef BF_PROBE_READING_STRICT_H
#define BF_PROBE_READING_STRICT_H

#include "core/answer.h"
#include "probe/reading/span.h"

/* The rule of our own: what is sure is read, all else is unparsed or refused
 * (docs/asking.md#strict). Sets cls, choice, set, number from a->text; bf_rule_read calls it. */
void bf_strict_read(double tolerance, const struct bf_sample *s, const uint8_t *order,
                    struct bf_answer *a);

/* What a piece of a reply says. */
struct bf_claim {
    enum { BF_CLAIM_NONE, BF_CLAIM_MADE, BF_CLAIM_CONFLICT } state;
    uint32_t set;  /* choice, choices, yesno: bit per choice, by identity */
    double number; /* number */
};

/* One saying where two pieces were read: none gives way, two that differ are a conflict. */
struct bf_claim bf_claim_merge(struct bf_claim a, struct bf_claim b);

/* Pieces of `reply` that a writer marks as the answer: "the answer is ...", "Answer: ...",
 * "\boxed{...}", and (`verdict_out`) what is called so: "... is correct". The answer begins where
 * `target_out` does. Call with *at = 0 first; false at the end. */
bool bf_claim_next(struct bf_span reply, size_t *at, struct bf_span *target_out, bool *verdict_out);

/* The one number of `t`; a conflict when there are several. What follows a letter or "^" ("m2",
 * "m^2") is no number; after "=" comes the result. */
struct bf_claim bf_claim_number(struct bf_span t);

/* The first clause of `t`, where "3.5" and "1,234" end none. */
struct bf_span bf_claim_clause(struct bf_span t);

/* Whether it says that the writer cannot or will not answer (docs/asking.md#refusals). */
bool bf_refuses(struct bf_span reply);

#endif
