/* Keys to numbers: open addressing, the key's own bytes as its hash. */
#include "core/keymap.h"

#include <stdlib.h>
#include <string.h>

/* Place of a key in the table: of its number, or the empty one it would take. */
static uint32_t *place_of(const struct bf_keymap *m, const uint8_t key[BF_SHA_BYTES])
{
    uint32_t i;
    memcpy(&i, key, sizeof i);
    for (i &= m->mask; m->table[i]; i = (i + 1) & m->mask)
        if (memcmp(m->keys[m->table[i] - 1], key, BF_SHA_BYTES) == 0)
            break;
    return &m->table[i];
}

uint32_t bf_keymap_find(const struct bf_keymap *m, const uint8_t key[BF_SHA_BYTES])
{
    return m->n ? *place_of(m, key) - 1 : BF_NO_KEY;
}

static int grow(struct bf_keymap *m)
{
    if (m->n == m->cap) {
        const uint32_t cap = m->cap ? m->cap * 2 : 256;
        uint8_t(*more)[BF_SHA_BYTES] = realloc(m->keys, (size_t)cap * BF_SHA_BYTES);
        if (!more)
            return BF_ENOMEM;
        m->keys = more;
        m->cap = cap;
    }
    if (m->table && (m->n + 1) * 2 <= m->mask)
        return BF_OK;
    const uint32_t size = m->table ? (m->mask + 1) * 2 : 1024;
    uint32_t *table = calloc(size, sizeof *table);
    if (!table)
        return BF_ENOMEM;
    free(m->table);
    m->table = table;
    m->mask = size - 1;
    for (uint32_t i = 0; i < m->n; i++)
        *place_of(m, m->keys[i]) = i + 1;
    return BF_OK;
}

int bf_keymap_add(struct bf_keymap *m, const uint8_t key[BF_SHA_BYTES])
{
    if (grow(m) != BF_OK)
        return BF_ENOMEM;
    *place_of(m, key) = m->n + 1;
    memcpy(m->keys[m->n++], key, BF_SHA_BYTES);
    return BF_OK;
}

void bf_keymap_done(struct bf_keymap *m)
{
    free(m->keys);
    free(m->table);
    *m = (struct bf_keymap){ 0 };
}
