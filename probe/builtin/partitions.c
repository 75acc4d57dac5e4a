/* Many models on random parts of the same samples: the partitions, the threads, the counts. */
#include "probe/builtin/partitions.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/rng.h"

enum {
    MAX_THREADS = 64,
    MAX_MODELS = 10000,
    TOGETHER = 8, /* linear models that are trained at once */
};

struct job {
    const struct bf_partitions *p;
    const struct bf_fitter *f;
    const struct bf_partition_counts *out;
    uint32_t *first; /* [n_groups + 1] where a group begins in `members` */
    uint32_t *members;
    uint32_t n_groups;
    atomic_uint next;
    atomic_bool stop;
    pthread_mutex_t lock; /* guards out, rc, err */
    int rc;
    struct bf_err err;
};

double bf_partition_share(const struct bf_partition_counts *c, uint32_t i)
{
    return c->n_judged[i] ? (double)c->n_right[i] / c->n_judged[i] : NAN;
}

/* Members of every group that has any, ascending. */
static int make_groups(struct job *j)
{
    const struct bf_partitions *p = j->p;
    uint32_t *at = calloc((size_t)p->n + 2, sizeof *at);
    j->first = calloc((size_t)p->n + 2, sizeof *j->first);
    j->members = malloc(((size_t)p->n + 1) * sizeof *j->members);
    if (!at || !j->first || !j->members) {
        free(at);
        return BF_ENOMEM;
    }
    for (uint32_t i = 0; i < p->n; i++)
        at[(p->group ? p->group[i] : i) + 1]++;
    for (uint32_t g = 0; g < p->n; g++) {
        const uint32_t size = at[g + 1];
        at[g + 1] += at[g];
        if (size)
            j->first[++j->n_groups] = at[g + 1];
    }
    for (uint32_t i = 0; i < p->n; i++)
        j->members[at[p->group ? p->group[i] : i]++] = i;
    free(at);
    return BF_OK;
}

/* One model's split with room to draw it. */
struct room {
    uint32_t *groups; /* [n_groups] order of drawing */
    uint8_t *side;    /* [n] 0: judged; 1: trained on; 2: neither */
    uint32_t *train, *test;
    uint8_t *choice;
};

/* Groups in random order until t samples are drawn; what is left of the last is on neither side. */
static void draw(const struct job *j, const struct room *r, uint64_t model, struct bf_split *out)
{
    const struct bf_partitions *p = j->p;
    struct bf_rng rng = bf_rng_for(p->seed, "", "partition", model);
    uint32_t n_drawn = 0;
    for (uint32_t g = 0; g < j->n_groups; g++)
        r->groups[g] = g;
    for (uint32_t i = 0; i < p->n; i++)
        r->side[i] = 0;
    for (uint32_t g = 0; g < j->n_groups && n_drawn < p->n_train; g++) {
        const uint32_t other = g + (uint32_t)bf_rng_below(&rng, j->n_groups - g);
        const uint32_t drawn = r->groups[other];
        r->groups[other] = r->groups[g];
        for (uint32_t k = j->first[drawn]; k < j->first[drawn + 1]; k++)
            r->side[j->members[k]] = n_drawn++ < p->n_train ? 1 : 2;
    }
    *out = (struct bf_split){
        .model = model, .train = r->train, .test = r->test, .choice = r->choice
    };
    for (uint32_t i = 0; i < p->n; i++) {
        if (r->side[i] == 1)
            r->train[out->n_train++] = i;
        if (r->side[i] == 0)
            r->test[out->n_test++] = i;
    }
}

static int run_models(struct job *j, const struct room *rooms, uint32_t first, uint32_t n,
                      struct bf_split *splits, struct bf_err *err)
{
    for (uint32_t k = 0; k < n; k++)
        draw(j, &rooms[k], j->p->round * j->p->n_models + first + k, &splits[k]);
    BF_TRY(j->f->fit(j->f->ctx, splits, n, err));
    pthread_mutex_lock(&j->lock);
    for (const struct bf_split *s = splits; s < splits + n; s++)
        for (uint32_t i = 0; i < s->n_test; i++) {
            j->out->n_judged[s->test[i]]++;
            if (s->choice[i] == j->p->gold[s->test[i]])
                j->out->n_right[s->test[i]]++;
        }
    pthread_mutex_unlock(&j->lock);
    return BF_OK;
}

static int make_rooms(const struct job *j, struct room **rooms_out, struct bf_arena *a)
{
    const size_t n = (size_t)j->p->n + 1;
    struct room *r = bf_arena_alloc(a, (size_t)j->f->batch + 1, sizeof *r);
    for (uint32_t k = 0; r && k < j->f->batch; k++) {
        r[k] = (struct room){ .groups = bf_arena_alloc(a, n, sizeof(uint32_t)),
                              .side = bf_arena_alloc(a, n, 1),
                              .train = bf_arena_alloc(a, n, sizeof(uint32_t)),
                              .test = bf_arena_alloc(a, n, sizeof(uint32_t)),
                              .choice = bf_arena_alloc(a, n, 1) };
        if (!r[k].groups || !r[k].side || !r[k].train || !r[k].test || !r[k].choice)
            return BF_ENOMEM;
    }
    *rooms_out = r;
    return r ? BF_OK : BF_ENOMEM;
}

static void *work(void *arg)
{
    struct job *j = arg;
    struct bf_arena a = { 0 };
    struct room *rooms = NULL;
    struct bf_err err = { 0 };
    struct bf_split *splits = bf_arena_alloc(&a, (size_t)j->f->batch + 1, sizeof *splits);
    int rc =
        splits && make_rooms(j, &rooms, &a) == BF_OK ? BF_OK : bf_fail_memory(&err, "partitions");
    while (rc == BF_OK && !atomic_load(&j->stop)) {
        const uint32_t first = atomic_fetch_add(&j->next, j->f->batch);
        if (first >= j->p->n_models)
            break;
        const uint32_t left = j->p->n_models - first;
        rc = run_models(j, rooms, first, left < j->f->batch ? left : j->f->batch, splits, &err);
    }
    if (rc != BF_OK) {
        pthread_mutex_lock(&j->lock);
        j->rc = rc;
        j->err = err;
        pthread_mutex_unlock(&j->lock);
        atomic_store(&j->stop, true);
    }
    bf_arena_reset(&a);
    return NULL;
}

static int run_threads(struct job *j)
{
    pthread_t threads[MAX_THREADS];
    const int want = j->p->n_threads < MAX_THREADS ? j->p->n_threads : MAX_THREADS;
    int n = 0;
    pthread_mutex_init(&j->lock, NULL);
    while (n + 1 < want && pthread_create(&threads[n], NULL, work, j) == 0)
        n++;
    work(j);
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&j->lock);
    return j->rc;
}

int bf_partitions_fit(const struct bf_partitions *p, const struct bf_fitter *f,
                      const struct bf_partition_counts *out, struct bf_err *err)
{
    struct job j = { .p = p, .f = f, .out = out };
    if (p->n_models < 1 || p->n_models > MAX_MODELS)
        return bf_fail(err, BF_EINVAL, "%u models; allowed: 1 to %d", p->n_models, MAX_MODELS);
    if (p->n_train < 1 || p->n_train >= p->n)
        return bf_fail(err, BF_EINVAL, "models trained on %u of %u samples; allowed: 1 to %u",
                       p->n_train, p->n, p->n ? p->n - 1 : 0);
    for (uint32_t i = 0; i < p->n; i++)
        out->n_judged[i] = out->n_right[i] = 0;
    int rc = make_groups(&j);
    if (rc != BF_OK)
        rc = bf_fail_memory(err, "partitions");
    else if (run_threads(&j) != BF_OK)
        rc = bf_fail(err, j.rc, "%s", j.err.msg);
    free(j.first);
    free(j.members);
    return rc;
}

struct linear {
    struct bf_softmax m;
    double l2;
};

static void predict(const struct bf_softmax *m, const float *w, const struct bf_split *s)
{
    float scores[BF_MAX_CHOICES];
    for (uint32_t i = 0; i < s->n_test; i++) {
        s->choice[i] = 0;
        bf_softmax_scores(m, w, s->test[i], scores);
        for (uint8_t c = 1; c < m->n_choices[s->test[i]]; c++)
            if (scores[c] > scores[s->choice[i]])
                s->choice[i] = c;
    }
}

static int fit_linear(void *ctx, const struct bf_split *splits, uint32_t n, struct bf_err *err)
{
    const struct linear *l = ctx;
    struct bf_softmax_subset subsets[TOGETHER];
    const size_t size = bf_softmax_size(&l->m);
    float *w = malloc(size * n * sizeof *w);
    if (!w)
        return bf_fail_memory(err, "linear models");
    for (uint32_t k = 0; k < n; k++)
        subsets[k] = (struct bf_softmax_subset){ splits[k].train, splits[k].n_train, w + size * k };
    const int rc = bf_softmax_fit(&l->m, subsets, n, l->l2, BF_PARTITION_TOLERANCE, err);
    for (uint32_t k = 0; rc == BF_OK && k < n; k++)
        predict(&l->m, subsets[k].w, &splits[k]);
    free(w);
    return rc;
}

int bf_partitions_linear(const struct bf_partitions *p, const struct bf_partition_vectors *x,
                         const struct bf_partition_counts *out, struct bf_err *err)
{
    const struct bf_softmax_data data = { p->n, p->n_choices, p->gold, x->dim, x->v, x->by_choice };
    struct bf_arena a = { 0 };
    struct linear l = { .l2 = x->l2 };
    const struct bf_fitter f = { &l, TOGETHER, fit_linear };
    int rc = bf_softmax_init(&l.m, &data, x->l2, p->n_train ? p->n_train : 1, &a, err);
    if (rc == BF_OK)
        rc = bf_partitions_fit(p, &f, out, err);
    bf_arena_reset(&a);
    return rc;
}
