#ifndef BF_PROBE_BUILTIN_IDS_H
#define BF_PROBE_BUILTIN_IDS_H

#include <stdbool.h>
#include <stdint.h>

/* Keys counted by the samples that have them; the frequent ones get small numbers, most frequent
 * first, so that the weights used most lie together.
 *
 * Most keys of a pool stand in one sample. A sketch of one byte a place keeps them out: a key comes
 * into the table once `least - 1` counts fell on its place, so that of those in fewer samples only
 * few come in, by sharing a place with others. */
struct bf_ids {
    struct bf_id *v;
    uint32_t mask, used;
    uint32_t least, skipped; /* samples that a key must have; of them, those only the sketch saw */
    uint32_t floor;          /* keys counted less often were dropped when the table was full */
    uint8_t *sketch;
    uint32_t sketch_mask;
};

enum { BF_IDS_MAX = 1 << 22 };
#define BF_NO_ID UINT32_MAX

/* For keys that at least `least` (1 or more) of `n_samples` samples have. BF_ENOMEM; in any case
 * bf_ids_done() frees it. */
int bf_ids_init(struct bf_ids *m, uint32_t least, uint32_t n_samples);

/* Count `key` (not 0) for `sample`; twice for one sample may count twice, until the key is in the
 * table and nothing else counts in between. The table holds at most BF_IDS_MAX keys: when full, the
 * rarest are dropped and begin again (lossy counting: Manku, Motwani 2002). BF_ENOMEM. */
int bf_ids_count(struct bf_ids *m, uint64_t key, uint32_t sample);

/* Number, from 0, the keys that enough samples have, and at most `most`; at most `max` keys:
 * `*n_out` of them. Counts are gone. BF_ENOMEM. */
int bf_ids_number(struct bf_ids *m, uint32_t most, uint32_t max, uint32_t *n_out);

/* Number of a key, or BF_NO_ID. */
uint32_t bf_ids_find(const struct bf_ids *m, uint64_t key);

/* Accepts a zeroed one. */
void bf_ids_done(struct bf_ids *m);

#endif
