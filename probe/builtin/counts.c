/* How frequent things are in a pool. */
#include "probe/builtin/counts.h"

#include <stdlib.h>

static uint32_t *place_of(const struct bf_counts *c, uint64_t key)
{
    uint32_t i = (uint32_t)((key * 0x9E3779B97F4A7C15U) >> 32) & c->mask;
    while (c->table[i] && c->v[c->table[i] - 1].key != key)
        i = (i + 1) & c->mask;
    return &c->table[i];
}

/* Room for one more, with at least half of the table empty. */
static int grow(struct bf_counts *c)
{
    if (c->n < c->cap)
        return BF_OK;
    const uint32_t cap = c->cap ? c->cap * 2 : 512;
    struct bf_count *v = realloc(c->v, cap * sizeof *v);
    uint32_t *table = calloc((size_t)cap * 2, sizeof *table);
    if (v)
        c->v = v;
    if (!v || !table) {
        free(table);
        return BF_ENOMEM;
    }
    free(c->table);
    c->table = table;
    c->mask = cap * 2 - 1;
    c->cap = cap;
    for (uint32_t i = 0; i < c->n; i++)
        *place_of(c, c->v[i].key) = i + 1;
    return BF_OK;
}

int bf_counts_add(struct bf_counts *c, uint64_t key, uint32_t sample, uint32_t *id_out)
{
    if (grow(c) != BF_OK)
        return BF_ENOMEM;
    uint32_t *place = place_of(c, key);
    if (*place == 0) {
        c->v[c->n] = (struct bf_count){ .key = key, .n = 1, .last = sample };
        *place = ++c->n;
    } else if (c->v[*place - 1].last != sample) {
        c->v[*place - 1].n++;
        c->v[*place - 1].last = sample;
    }
    *id_out = *place - 1;
    return BF_OK;
}

static int by_frequency(const void *x, const void *y)
{
    const struct bf_count *a = *(const struct bf_count *const *)x;
    const struct bf_count *b = *(const struct bf_count *const *)y;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

int bf_counts_rank(struct bf_counts *c)
{
    struct bf_count **list = malloc((c->n + (size_t)1) * sizeof(struct bf_count *));
    if (!list)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < c->n; i++)
        list[i] = &c->v[i];
    qsort(list, c->n, sizeof(struct bf_count *), by_frequency);
    for (uint32_t i = 0; i < c->n; i++)
        list[i]->rank = i;
    free(list);
    return BF_OK;
}

void bf_counts_done(struct bf_counts *c)
{
    free(c->v);
    free(c->table);
    *c = (struct bf_counts){ 0 };
}
