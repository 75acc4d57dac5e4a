#ifndef BF_SCORE_COUNTER_H
#define BF_SCORE_COUNTER_H

#include <stdint.h>

#include "core/err.h"

/* Something counted over samples: a phrase of questions, a text of choices. */
struct bf_count {
    uint64_t key;
    uint64_t sum;   /* of hashes of where it was seen: equal for things that go together always */
    uint32_t n;     /* samples that have it; 0 = empty place */
    uint32_t last;  /* where it was seen last */
    uint32_t first; /* the first sample that has it */
    uint32_t id;    /* free for the caller */
    uint16_t at;    /* free for the caller */
    uint8_t len, kind;
};

/* Counts by key, in bounded memory: when it is full, what was seen once so far is forgotten (Manku
 * and Motwani 2002, lossy counting), then twice, and so on. What is forgotten depends on how often
 * a thing was seen alone. A zeroed one with `max` set is ready to use. */
struct bf_counter {
    struct bf_count *v;
    uint32_t mask, used;
    uint32_t max;    /* places, a power of two */
    uint32_t forgot; /* things seen at most so often may be missing or counted too low */
};

/* The place of a key, empty (n = 0) when it is new: the caller sets n and then calls
 * bf_counter_added(). NULL: no memory. Places move when something is added. */
struct bf_count *bf_counter_at(struct bf_counter *c, uint64_t key);
int bf_counter_added(struct bf_counter *c);

/* The same without adding: NULL when it is not there. */
const struct bf_count *bf_counter_find(const struct bf_counter *c, uint64_t key);

void bf_counter_done(struct bf_counter *c);

#endif
