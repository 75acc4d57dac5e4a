/* Drawing some of many things, and changing their places. */
#include "modalities/operators/shuffle.h"

#include <math.h>

int bf_shuffle_some(struct bf_rng *rng, uint32_t n, double share, uint32_t **from_out,
                    struct bf_arena *a, struct bf_err *err)
{
    uint32_t *from = bf_arena_alloc(a, (size_t)n + 1, 2 * sizeof *from);
    if (!from)
        return bf_fail_memory(err, "an order");
    uint32_t *moved = from + n;
    uint32_t k = (uint32_t)lrint(share * n);
    for (uint32_t i = 0; i < n; i++)
        from[i] = moved[i] = i;
    bf_rng_shuffle(rng, moved, n);
    /* One cycle through the first k of them, in their random order, leaves none in its place. */
    for (uint32_t i = 0; k > 1 && i < k; i++)
        from[moved[i]] = moved[(i + 1) % k];
    *from_out = from;
    return BF_OK;
}

void bf_choose_some(struct bf_rng *rng, uint32_t n, uint32_t n_of, uint8_t *chosen_out)
{
    /* Selection sampling: Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S. */
    for (uint32_t i = 0; i < n; i++) {
        chosen_out[i] = bf_rng_below(rng, n - i) < n_of;
        n_of -= chosen_out[i];
    }
}
