/* Requests of a batch by their names. */
#include "probe/batch_ids.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

static const uint32_t max_entries = 1u << 28;

void bf_batch_name(const struct bf_batch_id *id, char out[BF_BATCH_NAME])
{
    memcpy(out, "bf-", 3);
    bf_hex(id->v, BF_BATCH_ID, out + 3);
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool bf_batch_name_read(const char *s, size_t n, struct bf_batch_id *out)
{
    if (n != BF_BATCH_NAME - 1 || memcmp(s, "bf-", 3) != 0)
        return false;
    for (int i = 0; i < BF_BATCH_ID; i++) {
        const int high = digit_of(s[3 + 2 * i]), low = digit_of(s[4 + 2 * i]);
        if (high < 0 || low < 0)
            return false;
        out->v[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static uint32_t slot_of(const struct bf_batch_ids *t, const struct bf_batch_id *id)
{
    uint32_t h; /* of a SHA-256: even as it is */
    memcpy(&h, id->v, sizeof h);
    h &= t->mask;
    while (t->slots[h] && memcmp(t->v[t->slots[h] - 1].id.v, id->v, BF_BATCH_ID) != 0)
        h = (h + 1) & t->mask;
    return h;
}

static bool grow(struct bf_batch_ids *t)
{
    if (t->n < t->cap)
        return true;
    const uint32_t cap = t->cap ? t->cap * 2 : 64;
    struct bf_batch_entry *v = realloc(t->v, cap * sizeof *v);
    if (!v)
        return false;
    t->v = v;
    t->cap = cap;
    return true;
}

static bool grow_slots(struct bf_batch_ids *t)
{
    if (t->slots && (uint64_t)t->n * 2 < t->mask)
        return true;
    const uint32_t n = t->slots ? (t->mask + 1) * 2 : 1024;
    uint32_t *fresh = calloc(n, sizeof *fresh);
    if (!fresh)
        return false;
    free(t->slots);
    t->slots = fresh;
    t->mask = n - 1;
    for (uint32_t i = 0; i < t->n; i++)
        t->slots[slot_of(t, &t->v[i].id)] = i + 1;
    return true;
}

struct bf_batch_entry *bf_batch_ids_find(struct bf_batch_ids *t, const struct bf_batch_id *id)
{
    const uint32_t at = t->slots ? t->slots[slot_of(t, id)] : 0;
    return at ? &t->v[at - 1] : NULL;
}

struct bf_batch_entry *bf_batch_ids_add(struct bf_batch_ids *t, const struct bf_batch_id *id)
{
    struct bf_batch_entry *e = bf_batch_ids_find(t, id);
    if (e)
        return e;
    if (t->n >= max_entries || !grow(t) || !grow_slots(t))
        return NULL;
    e = &t->v[t->n];
    *e = (struct bf_batch_entry){ .id = *id };
    t->slots[slot_of(t, id)] = ++t->n;
    return e;
}

void bf_batch_ids_done(struct bf_batch_ids *t)
{
    free(t->v);
    free(t->slots);
}
