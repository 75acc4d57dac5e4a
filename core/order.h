#ifndef BF_CORE_ORDER_H
#define BF_CORE_ORDER_H

#include "core/sample.h"

/* In which order a sample's choices are shown. All but `fixed` depend on (seed, sample id) alone,
 * so that every probe and every condition sees the same order in the same trial. */
enum bf_orders {
    BF_ORDER_FIXED,    /* as the pool has them */
    BF_ORDER_CIRCULAR, /* a seeded order, turned by one place each trial */
    BF_ORDER_SHUFFLED, /* another seeded order each trial */
    BF_ORDER_ALL       /* one after the other of all orders, from a seeded one on */
};

/* The words a spec uses, with | between them. */
#define BF_ORDER_WORDS "fixed|circular|shuffled|all"

/* Choices that must keep their place, bit per choice: "all of the above", "none of these". All of
 * them when one refers to another by its letter ("both A and C") or when letters are the choices.
 */
uint32_t bf_order_anchored(const struct bf_sample *s);

/* order_out [n_choices]: the choice, by identity, at each place shown in that trial. Anchored
 * choices stay where they are; yes and no of a yesno question are never moved. */
void bf_order_of(enum bf_orders orders, uint64_t seed, const struct bf_sample *s, int trial,
                 uint8_t order_out[BF_MAX_CHOICES]);

#endif
