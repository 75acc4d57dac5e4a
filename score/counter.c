/* Counting in bounded memory. */
#include "score/counter.h"

#include <stdlib.h>

static uint32_t place(const struct bf_counter *c, uint64_t key)
{
    uint32_t i = (uint32_t)(key >> 20) & c->mask;
    while (c->v[i].n && c->v[i].key != key)
        i = (i + 1) & c->mask;
    return i;
}

/* Move all that was seen more than `above` times to a table of `n` places. */
static int move(struct bf_counter *c, uint32_t n, uint32_t above)
{
    struct bf_counter to = { .v = calloc(n, sizeof *to.v), .mask = n - 1, .max = c->max };
    if (!to.v)
        return BF_ENOMEM;
    to.forgot = above > c->forgot ? above : c->forgot;
    for (uint32_t i = 0; c->v && i <= c->mask; i++)
        if (c->v[i].n > above) {
            to.v[place(&to, c->v[i].key)] = c->v[i];
            to.used++;
        }
    free(c->v);
    *c = to;
    return BF_OK;
}

struct bf_count *bf_counter_at(struct bf_counter *c, uint64_t key)
{
    if (!c->v && move(c, c->max < 4096 ? c->max : 4096, 0) != BF_OK)
        return NULL;
    return &c->v[place(c, key)];
}

int bf_counter_added(struct bf_counter *c)
{
    if (++c->used <= c->mask / 4 * 3)
        return BF_OK;
    if (c->mask + 1 < c->max)
        return move(c, 2 * (c->mask + 1), 0);
    for (uint32_t above = 1; c->used > c->mask / 2; above++)
        if (move(c, c->mask + 1, above) != BF_OK)
            return BF_ENOMEM;
    return BF_OK;
}

const struct bf_count *bf_counter_find(const struct bf_counter *c, uint64_t key)
{
    if (!c->v)
        return NULL;
    const struct bf_count *at = &c->v[place(c, key)];
    return at->n ? at : NULL;
}

void bf_counter_done(struct bf_counter *c)
{
    free(c->v);
    *c = (struct bf_counter){ .max = c->max };
}
