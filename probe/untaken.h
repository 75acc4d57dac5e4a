#ifndef BF_PROBE_UNTAKEN_H
#define BF_PROBE_UNTAKEN_H

#include "core/ops.h"

/* Questions that show what a probe does not take: they are left unmeasured, and told of once. */
struct bf_untaken {
    uint32_t takes; /* modalities, bit per index */
    uint32_t n;     /* questions seen */
    uint32_t first; /* what the first of them shows that is not taken */
};

/* Modalities that question `q` shows, as they are or as an operator makes them. */
uint32_t bf_untaken_shown(const struct bf_asking *asking, uint32_t q);

/* Whether `q` shows what is not taken; counted when it does. */
bool bf_untaken_see(struct bf_untaken *u, const struct bf_asking *asking, uint32_t q);

/* Tell of those that were seen, if any. */
void bf_untaken_note(const struct bf_untaken *u, const struct bf_asking *asking);

#endif
