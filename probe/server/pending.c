/* Questions that wait to be sent again. */
#include "probe/server/pending.h"

#include <stdlib.h>

static bool before(const struct bf_pending *a, const struct bf_pending *b)
{
    return a->due < b->due || (a->due <= b->due && a->q < b->q);
}

int bf_pendings_push(struct bf_pendings *p, const struct bf_pending *x, struct bf_err *err)
{
    if (p->n == p->cap) {
        const uint32_t cap = p->cap ? 2 * p->cap : 64;
        struct bf_pending *v = realloc(p->v, cap * sizeof *v);
        if (!v)
            return bf_fail_memory(err, "questions to ask again");
        p->v = v;
        p->cap = cap;
    }
    uint32_t i = p->n++;
    for (; i > 0 && before(x, &p->v[(i - 1) / 2]); i = (i - 1) / 2)
        p->v[i] = p->v[(i - 1) / 2];
    p->v[i] = *x;
    return BF_OK;
}

struct bf_pending bf_pendings_pop(struct bf_pendings *p)
{
    const struct bf_pending top = p->v[0], last = p->v[--p->n];
    uint32_t i = 0;
    for (uint32_t child = 1; child < p->n; child = 2 * i + 1) {
        if (child + 1 < p->n && before(&p->v[child + 1], &p->v[child]))
            child++;
        if (!before(&p->v[child], &last))
            break;
        p->v[i] = p->v[child];
        i = child;
    }
    p->v[i] = last;
    return top;
}

void bf_pendings_done(struct bf_pendings *p)
{
    free(p->v);
    *p = (struct bf_pendings){ 0 };
}
