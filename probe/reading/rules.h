#ifndef BF_PROBE_READING_RULES_H
#define BF_PROBE_READING_RULES_H

#include "core/answer.h"

/* How a reply is read (docs/asking.md#how-replies-are-read). Each published rule reads what its
 * source reads, and nothing where the source draws at random: that is `unparsed`, whose expectation
 * (1/k) the accuracy gives. Tasks that a source does not have are read strictly. */
enum bf_rule {
    BF_RULE_STRICT,   /* the default: sure or unparsed; tells refusals apart */
    BF_RULE_MMMU_PRO, /* evaluate.py of MMMU-Pro */
    BF_RULE_MMSTAR,   /* mmstar.py: the first characters */
    BF_RULE_CMM,      /* yes or no in the first five characters */
    BF_RULE_VLIND,    /* first word true or false */
    BF_RULE_MORE,     /* the first character */
    BF_RULE_MRA,      /* number: mean relative accuracy over thresholds 0.5 .. 0.95, "<=" as
                         VSI-Bench has it */
    BF_RULE_MRA_TST,  /* the same with "<", as Test-Set Stress-Test has it */
    BF_RULE_COUNT
};

#define BF_RULE_WORDS "strict|mmmu_pro|mmstar|cmm|vlind|more|mra|mra_tst"

/* Read a->text (and a->finish) of an answer to `s` whose choices were shown in `order`; sets cls,
 * choice, set, number, credit. `failed` answers, and those whose text is NULL, are left as they
 * are. `tolerance` >= 0 is relative, for numbers. */
void bf_rule_read(enum bf_rule rule, double tolerance, const struct bf_sample *s,
                  const uint8_t *order, struct bf_answer *a);

#endif
