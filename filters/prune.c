/* The loop of Iterative Bias Pruning and AFLite: score what is left, remove the highest, again. */
#include "filters/prune.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A sample on its way to be removed: a heap whose top is the next. */
struct candidate {
    int64_t s; /* in units of 1e-12 */
    uint32_t by_id, sample;
};

static bool goes_before(const struct candidate *x, const struct candidate *y)
{
    return x->s != y->s ? x->s > y->s : x->by_id < y->by_id;
}

static void sift_down(struct candidate *heap, uint32_t n, uint32_t i)
{
    for (;;) {
        uint32_t first = i;
        for (uint32_t child = 2 * i + 1; child <= 2 * i + 2; child++)
            if (child < n && goes_before(&heap[child], &heap[first]))
                first = child;
        if (first == i)
            return;
        const struct candidate t = heap[i];
        heap[i] = heap[first];
        heap[first] = t;
        i = first;
    }
}

static struct candidate take_top(struct candidate *heap, uint32_t *n)
{
    const struct candidate top = heap[0];
    heap[0] = heap[--*n];
    sift_down(heap, *n, 0);
    return top;
}

/* One pruning on its way. */
struct work {
    const struct bf_prune *how;
    const struct bf_prune_pool *pool;
    uint8_t *alive;
    struct bf_prune_fate *fates;
    double *s;              /* [pool->n] */
    struct candidate *heap; /* [pool->n] */
    uint32_t *left_of_type; /* [pool->n_types] */
    uint32_t removed;       /* by this pruning */
};

static int64_t rounded(double s)
{
    return (int64_t)rint(s * 1e12);
}

/* What can be removed, highest first; `max_out` is the highest score. */
static uint32_t make_heap(struct work *w, double *max_out)
{
    uint32_t n = 0;
    *max_out = NAN;
    for (uint32_t i = 0; i < w->pool->n; i++) {
        if (!w->alive[i])
            continue;
        w->fates[i].s = w->s[i];
        if (isnan(w->s[i]))
            continue;
        *max_out = fmax(*max_out, w->s[i]); /* fmax passes over NaN */
        w->heap[n++] = (struct candidate){ rounded(w->s[i]), w->pool->by_id[i], i };
    }
    for (uint32_t i = n / 2; i-- > 0;)
        sift_down(w->heap, n, i);
    return n;
}

/* Remove up to `k` of the heap's candidates; returns how many. */
static uint32_t remove_highest(struct work *w, uint32_t n, uint32_t k, uint32_t *n_removed,
                               uint32_t round)
{
    uint32_t taken = 0;
    while (n > 0 && taken < k) {
        const struct candidate c = take_top(w->heap, &n);
        uint32_t *left = &w->left_of_type[w->pool->type[c.sample]];
        if (w->how->rule == BF_PRUNE_AFLITE && !(w->s[c.sample] >= w->how->tau))
            break;
        if (*left <= w->how->floor)
            continue;
        --*left;
        taken++;
        w->alive[c.sample] = 0;
        w->fates[c.sample].order = ++*n_removed;
        w->fates[c.sample].round = round;
    }
    w->removed += taken;
    return taken;
}

static int run(struct work *w, const struct bf_prune_scorer *scorer, uint32_t *n_removed,
               uint32_t *n_rounds, struct bf_err *err)
{
    const struct bf_prune *how = w->how;
    for (uint32_t round = 0; w->removed < how->budget; round++) {
        const uint32_t left = how->budget - w->removed;
        const bool whole = how->rule == BF_PRUNE_AFLITE || how->batch < left;
        const uint32_t k = whole ? how->batch : left;
        double max;
        BF_TRY(scorer->score(scorer->ctx, w->alive, round, w->s, err));
        const uint32_t n = make_heap(w, &max);
        if (how->rule == BF_PRUNE_IBP && !(max > how->tau))
            break;
        const uint32_t taken = remove_highest(w, n, k, n_removed, *n_rounds + 1);
        *n_rounds += taken > 0;
        if (taken == 0 || (how->rule == BF_PRUNE_AFLITE && taken < k))
            break;
    }
    return BF_OK;
}

int bf_prune(const struct bf_prune *how, const struct bf_prune_pool *pool,
             const struct bf_prune_scorer *scorer, uint8_t *alive, struct bf_prune_fate *fates,
             uint32_t *n_removed, uint32_t *n_rounds, struct bf_err *err)
{
    struct work w = { .how = how, .pool = pool, .alive = alive, .fates = fates };
    w.s = malloc(((size_t)pool->n + 1) * sizeof *w.s);
    w.heap = malloc(((size_t)pool->n + 1) * sizeof *w.heap);
    w.left_of_type = calloc((size_t)pool->n_types + 1, sizeof *w.left_of_type);
    int rc = w.s && w.heap && w.left_of_type ? BF_OK : bf_fail_memory(err, "pruning");
    for (uint32_t i = 0; rc == BF_OK && i < pool->n; i++)
        if (alive[i]) {
            w.left_of_type[pool->type[i]]++;
            fates[i] = (struct bf_prune_fate){ .s = NAN };
        }
    if (rc == BF_OK)
        rc = run(&w, scorer, n_removed, n_rounds, err);
    free(w.s);
    free(w.heap);
    free(w.left_of_type);
    return rc;
}

/* An id and, when it is a whole number, its digits without zeros in front. */
struct id {
    const char *text;
    const char *digits; /* NULL = it is none */
    size_t n_digits;
    uint32_t sample;
};

static struct id read_id(const char *text, uint32_t sample)
{
    struct id id = { .text = text, .sample = sample };
    const size_t n = strspn(text, "0123456789");
    if (n == 0 || text[n] != '\0')
        return id;
    id.digits = text;
    while (id.digits[0] == '0' && id.digits[1] != '\0')
        id.digits++;
    id.n_digits = n - (size_t)(id.digits - text);
    return id;
}

static int by_id(const void *a, const void *b)
{
    const struct id *x = a, *y = b;
    if (!x->digits != !y->digits)
        return x->digits ? -1 : 1;
    if (x->n_digits != y->n_digits)
        return x->n_digits < y->n_digits ? -1 : 1;
    const int order = x->digits ? strcmp(x->digits, y->digits) : 0;
    return order ? order : strcmp(x->text, y->text);
}

int bf_prune_sort_ids(const char *const *ids, uint32_t n, uint32_t *by_id_out, struct bf_err *err)
{
    struct id *sorted = malloc(((size_t)n + 1) * sizeof *sorted);
    if (!sorted)
        return bf_fail_memory(err, "pruning");
    for (uint32_t i = 0; i < n; i++)
        sorted[i] = read_id(ids[i], i);
    qsort(sorted, n, sizeof *sorted, by_id);
    for (uint32_t i = 0; i < n; i++)
        by_id_out[sorted[i].sample] = i;
    free(sorted);
    return BF_OK;
}

void bf_prune_share(const uint32_t *counts, uint32_t n, uint32_t budget, uint32_t *out)
{
    uint64_t total = 0, given = 0;
    for (uint32_t i = 0; i < n; i++)
        total += counts[i];
    for (uint32_t i = 0; i < n; i++) {
        out[i] = total ? (uint32_t)((uint64_t)budget * counts[i] / total) : 0;
        given += out[i];
    }
    /* Fewer than n remain, and a value gets one at most: out[i] still equal to the share rounded
     * down says that it got none yet. */
    for (; total && given < budget; given++) {
        uint32_t best = n;
        uint64_t most = 0;
        for (uint32_t i = 0; i < n; i++) {
            const uint64_t exact = (uint64_t)budget * counts[i];
            if (out[i] == exact / total && (best == n || exact % total > most)) {
                best = i;
                most = exact % total;
            }
        }
        out[best]++;
    }
}
