/* Keys of hashed features, counted and numbered by frequency. */
#include "probe/builtin/ids.h"

#include <stdlib.h>

#include "core/err.h"

enum { FIRST_SIZE = 1 << 12, MIN_SKETCH = 1 << 14, MAX_SKETCH = 1 << 27, A_SAMPLE = 128 };

struct bf_id {
    uint64_t key;  /* 0 = free */
    uint32_t n;    /* samples; once numbered: the number */
    uint32_t last; /* the last sample counted */
};

static struct bf_id *find(const struct bf_ids *m, uint64_t key)
{
    uint32_t i = (uint32_t)(key >> 32) & m->mask;
    while (m->v[i].key && m->v[i].key != key)
        i = (i + 1) & m->mask;
    return &m->v[i];
}

/* Move what was counted at least `floor` times to a table of `size` places. */
static int move(struct bf_ids *m, uint32_t size, uint32_t floor)
{
    struct bf_id *from = m->v;
    const uint32_t n = from ? m->mask + 1 : 0;
    struct bf_id *to = calloc(size, sizeof *to);
    if (!to)
        return BF_ENOMEM;
    m->v = to;
    m->mask = size - 1;
    m->used = 0;
    for (uint32_t i = 0; i < n; i++)
        if (from[i].key && from[i].n >= floor) {
            *find(m, from[i].key) = from[i];
            m->used++;
        }
    free(from);
    return BF_OK;
}

static int make_room(struct bf_ids *m)
{
    if (m->mask + 1 < 2u * BF_IDS_MAX)
        return move(m, 2 * (m->mask + 1), 0);
    do
        BF_TRY(move(m, m->mask + 1, ++m->floor));
    while (m->used > BF_IDS_MAX / 2);
    return BF_OK;
}

int bf_ids_init(struct bf_ids *m, uint32_t least, uint32_t n_samples)
{
    *m = (struct bf_ids){ .least = least, .skipped = least - 1 < 200 ? least - 1 : 200 };
    BF_TRY(move(m, FIRST_SIZE, 0));
    if (m->skipped == 0)
        return BF_OK;
    uint32_t size = MIN_SKETCH;
    while (size < MAX_SKETCH && size / A_SAMPLE < n_samples)
        size *= 2;
    m->sketch = calloc(size, 1);
    m->sketch_mask = size - 1;
    return m->sketch ? BF_OK : BF_ENOMEM;
}

int bf_ids_count(struct bf_ids *m, uint64_t key, uint32_t sample)
{
    if (m->sketch) {
        uint8_t *seen = &m->sketch[key & m->sketch_mask];
        if (*seen < m->skipped) {
            ++*seen;
            return BF_OK;
        }
    }
    struct bf_id *id = find(m, key);
    if (id->key) {
        id->n += id->last != sample;
        id->last = sample;
        return BF_OK;
    }
    *id = (struct bf_id){ .key = key, .n = 1, .last = sample };
    return ++m->used * 2 > m->mask ? make_room(m) : BF_OK;
}

static int by_frequency(const void *x, const void *y)
{
    const struct bf_id *a = x, *b = y;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return a->key < b->key ? -1 : a->key > b->key;
}

int bf_ids_number(struct bf_ids *m, uint32_t most, uint32_t max, uint32_t *n_out)
{
    /* Once in the table may be by others that share its place of the sketch; twice is not. */
    const uint32_t least = m->skipped > 1 ? m->least + 1 : m->least;
    uint32_t n = 0, size = FIRST_SIZE;
    for (uint32_t i = 0; i <= m->mask; i++)
        if (m->v[i].key && m->v[i].n + m->skipped >= least && m->v[i].n + m->skipped <= most)
            m->v[n++] = m->v[i];
    if (n > 1)
        qsort(m->v, n, sizeof *m->v, by_frequency);
    n = n < max ? n : max;
    while (size < 2 * n)
        size *= 2;
    struct bf_id *from = m->v;
    m->v = calloc(size, sizeof *m->v);
    m->mask = size - 1;
    for (uint32_t i = 0; m->v && i < n; i++)
        *find(m, from[i].key) = (struct bf_id){ .key = from[i].key, .n = i };
    free(from);
    free(m->sketch);
    m->sketch = NULL;
    *n_out = n;
    return m->v ? BF_OK : BF_ENOMEM;
}

uint32_t bf_ids_find(const struct bf_ids *m, uint64_t key)
{
    const struct bf_id *id = find(m, key);
    return id->key ? id->n : BF_NO_ID;
}

void bf_ids_done(struct bf_ids *m)
{
    free(m->v);
    free(m->sketch);
    *m = (struct bf_ids){ 0 };
}
