#ifndef BF_CORE_KEYMAP_H
#define BF_CORE_KEYMAP_H

#include <stdint.h>

#include "core/hash.h"

/* Distinct SHA-256 keys, numbered in the order they were added. A zeroed one is ready to use. */
struct bf_keymap {
    uint32_t n, cap;
    uint8_t (*keys)[BF_SHA_BYTES]; /* [n], malloc'ed */
    uint32_t *table;               /* number + 1 by key; 0 = empty */
    uint32_t mask;
};

#define BF_NO_KEY UINT32_MAX

/* The number of a key, or BF_NO_KEY. Takes no memory. */
uint32_t bf_keymap_find(const struct bf_keymap *m, const uint8_t key[BF_SHA_BYTES]);

/* Add a key that is not there; its number is m->n - 1 then. BF_ENOMEM, without a message. */
int bf_keymap_add(struct bf_keymap *m, const uint8_t key[BF_SHA_BYTES]);

void bf_keymap_done(struct bf_keymap *m);

#endif
