#ifndef BF_MODALITIES_OPERATORS_SHUFFLE_H
#define BF_MODALITIES_OPERATORS_SHUFFLE_H

#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/rng.h"

/* An order in which a share (0 .. 1) of `n` things change places among themselves: place i of the
 * new order holds what stood at `(*from_out)[i]`. They are drawn at random, and so is the order,
 * in which every one of them really moves; one alone cannot. BF_ENOMEM. */
int bf_shuffle_some(struct bf_rng *rng, uint32_t n, double share, uint32_t **from_out,
                    struct bf_arena *a, struct bf_err *err);

/* `n_of` of `n` things, drawn at random without order: `chosen_out` [n] is 1 for each of them. */
void bf_choose_some(struct bf_rng *rng, uint32_t n, uint32_t n_of, uint8_t *chosen_out);

#endif
