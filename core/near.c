/* What the searches for near-duplicates share. */
#include "core/near.h"

#include <stdlib.h>
#include <string.h>

#include "core/finder.h"

uint32_t bf_near_root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

void bf_near_join(uint32_t *parent, uint32_t i, uint32_t k)
{
    i = bf_near_root(parent, i);
    k = bf_near_root(parent, k);
    if (i < k)
        parent[k] = i;
    else
        parent[i] = k;
}

void bf_keyed_sort(struct bf_keyed *v, struct bf_keyed *scratch, uint32_t n)
{
    uint32_t start[8][256] = { { 0 } };
    struct bf_keyed *from = v, *to = scratch;

    for (uint32_t i = 0; i < n; i++)
        for (int byte = 0; byte < 8; byte++)
            start[byte][v[i].key >> 8 * byte & 255]++;
    for (int byte = 0; byte < 8; byte++) {
        if (n == 0 || start[byte][v[0].key >> 8 * byte & 255] == n)
            continue; /* all are equal in it */
        uint32_t sum = 0;
        for (int b = 0; b < 256; b++) {
            const uint32_t count = start[byte][b];
            start[byte][b] = sum;
            sum += count;
        }
        for (uint32_t i = 0; i < n; i++)
            to[start[byte][from[i].key >> 8 * byte & 255]++] = from[i];
        struct bf_keyed *const swap = from;
        from = to;
        to = swap;
    }
    if (from != v)
        memcpy(v, from, n * sizeof *v);
}

int bf_finder_open(struct bf_finder *f, uint32_t n, const struct bf_near_options *options,
                   struct bf_arena *a)
{
    *f = (struct bf_finder){ .options = options, .n = n };
    f->out.first = bf_arena_alloc(a, n + 1u, sizeof *f->out.first);
    f->out.group = bf_arena_alloc(a, n + 1u, sizeof *f->out.group);
    if (!f->out.first || !f->out.group)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        f->out.first[i] = f->out.group[i] = i;
    return BF_OK;
}

void bf_finder_equal(struct bf_finder *f, uint32_t first, uint32_t later)
{
    f->out.first[later] = first;
    bf_near_join(f->out.group, first, later);
}

bool bf_finder_has(struct bf_finder *f, uint32_t i, uint32_t k)
{
    return f->rc != BF_OK || (f->options->max_pairs == 0 &&
                              bf_near_root(f->out.group, i) == bf_near_root(f->out.group, k));
}

static void list_pair(struct bf_finder *f, uint32_t a, uint32_t b, float score)
{
    if (f->out.n_pairs == f->options->max_pairs) {
        f->rc = BF_EDATA;
        return;
    }
    if (f->out.n_pairs == f->cap_pairs) {
        const uint32_t cap = f->cap_pairs < UINT32_MAX / 2 ? f->cap_pairs * 2 + 256 : UINT32_MAX;
        struct bf_near_pair *more = realloc(f->out.pairs, cap * sizeof *more);
        if (!more) {
            f->rc = BF_ENOMEM;
            return;
        }
        f->out.pairs = more;
        f->cap_pairs = cap;
    }
    f->out.pairs[f->out.n_pairs++] = (struct bf_near_pair){ a, b, score };
}

void bf_finder_add(struct bf_finder *f, uint32_t i, uint32_t k, float score)
{
    const uint32_t a = i < k ? i : k, b = i < k ? k : i;

    if (bf_finder_has(f, a, b) || (f->options->also && !f->options->also(f->options->ctx, a, b)))
        return;
    bf_near_join(f->out.group, a, b);
    if (f->options->max_pairs)
        list_pair(f, a, b, score);
}

static int by_items(const void *x, const void *y)
{
    const struct bf_near_pair *p = x, *q = y;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    return p->b < q->b ? -1 : p->b > q->b;
}

int bf_finder_close(struct bf_finder *f, struct bf_near *out, struct bf_arena *a,
                    struct bf_err *err)
{
    struct bf_near_pair *const listed = f->out.pairs;
    int rc = f->rc;

    f->out.pairs = NULL;
    if (rc == BF_OK && f->out.n_pairs) {
        qsort(listed, f->out.n_pairs, sizeof *listed, by_items);
        f->out.pairs = bf_arena_memdup(a, listed, f->out.n_pairs * sizeof *listed);
        rc = f->out.pairs ? BF_OK : BF_ENOMEM;
    }
    free(listed);
    if (rc == BF_EDATA)
        return bf_fail(err, BF_EDATA, "more than %u pairs of near-duplicates",
                       (unsigned)f->options->max_pairs);
    if (rc != BF_OK)
        return bf_fail_memory(err, "near-duplicates");
    for (uint32_t i = 0; i < f->n; i++)
        f->out.group[i] = bf_near_root(f->out.group, i);
    *out = f->out;
    return BF_OK;
}
