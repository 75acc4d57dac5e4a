/* Many models on random parts of the same samples: the partitions, the threads, the counts. */
#include "probe/builtin/partitions.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/rng.h"

enum { MAX_THREADS = 64, MAX_MODELS = 10000 };

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

/* Scratch of one thread. */
struct split {
    uint32_t *groups;       /* [n_groups] order of drawing */
    uint8_t *side;          /* [n] 0: judged; 1: trained on; 2: neither */
    uint32_t *train, *test; /* [n] ascending */
    uint32_t n_train, n_test;
    uint8_t *choice; /* [n] predicted of `test` */
};

/* Groups in random order until t samples are drawn; what is left of the last is on neither side. */
static void draw(const struct job *j, uint64_t model, struct split *s)
{
    const struct bf_partitions *p = j->p;
    struct bf_rng rng = bf_rng_for(p->seed, "", "partition", model);
    uint32_t n_drawn = 0;
    for (uint32_t g = 0; g < j->n_groups; g++)
        s->groups[g] = g;
    for (uint32_t i = 0; i < p->n; i++)
        s->side[i] = 0;
    for (uint32_t g = 0; g < j->n_groups && n_drawn < p->n_train; g++) {
        const uint32_t other = g + (uint32_t)bf_rng_below(&rng, j->n_groups - g);
        const uint32_t drawn = s->groups[other];
        s->groups[other] = s->groups[g];
        for (uint32_t k = j->first[drawn]; k < j->first[drawn + 1]; k++)
            s->side[j->members[k]] = n_drawn++ < p->n_train ? 1 : 2;
    }
    s->n_train = s->n_test = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        if (s->side[i] == 1)
            s->train[s->n_train++] = i;
        if (s->side[i] == 0)
            s->test[s->n_test++] = i;
    }
}

static int run_model(struct job *j, uint64_t model, struct split *s, struct bf_err *err)
{
    draw(j, model, s);
    BF_TRY(j->f->fit(j->f->ctx, model, s->train, s->n_train, s->test, s->n_test, s->choice, err));
    pthread_mutex_lock(&j->lock);
    for (uint32_t i = 0; i < s->n_test; i++) {
        j->out->n_judged[s->test[i]]++;
        if (s->choice[i] == j->p->gold[s->test[i]])
            j->out->n_right[s->test[i]]++;
    }
    pthread_mutex_unlock(&j->lock);
    return BF_OK;
}

static void split_done(struct split *s)
{
    free(s->groups);
    free(s->side);
    free(s->train);
    free(s->test);
    free(s->choice);
}

static bool split_init(struct split *s, const struct job *j)
{
    const size_t n = (size_t)j->p->n + 1;
    *s = (struct split){ .groups = malloc(n * sizeof *s->groups),
                         .side = malloc(n),
                         .train = malloc(n * sizeof *s->train),
                         .test = malloc(n * sizeof *s->test),
                         .choice = malloc(n) };
    return s->groups && s->side && s->train && s->test && s->choice;
}

static void *work(void *arg)
{
    struct job *j = arg;
    struct split s;
    struct bf_err err = { 0 };
    int rc = split_init(&s, j) ? BF_OK : bf_fail_memory(&err, "partitions");
    while (rc == BF_OK && !atomic_load(&j->stop)) {
        const uint32_t i = atomic_fetch_add(&j->next, 1);
        if (i >= j->p->n_models)
            break;
        rc = run_model(j, j->p->round * j->p->n_models + i, &s, &err);
    }
    if (rc != BF_OK) {
        pthread_mutex_lock(&j->lock);
        j->rc = rc;
        j->err = err;
        pthread_mutex_unlock(&j->lock);
        atomic_store(&j->stop, true);
    }
    split_done(&s);
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

static int fit_linear(void *ctx, uint64_t model, const uint32_t *train, uint32_t n_train,
                      const uint32_t *test, uint32_t n_test, uint8_t *choice_out,
                      struct bf_err *err)
{
    const struct linear *l = ctx;
    float s[BF_MAX_CHOICES];
    float *w = malloc(bf_softmax_size(&l->m) * sizeof *w);
    (void)model; /* nothing is drawn */
    if (!w)
        return bf_fail_memory(err, "a linear model");
    const int rc = bf_softmax_fit(&l->m, train, n_train, l->l2, BF_PARTITION_TOLERANCE, w, err);
    for (uint32_t i = 0; rc == BF_OK && i < n_test; i++) {
        choice_out[i] = 0;
        bf_softmax_scores(&l->m, w, test[i], s);
        for (uint8_t c = 1; c < l->m.n_choices[test[i]]; c++)
            if (s[c] > s[choice_out[i]])
                choice_out[i] = c;
    }
    free(w);
    return rc;
}

int bf_partitions_linear(const struct bf_partitions *p, const struct bf_partition_vectors *x,
                         const struct bf_partition_counts *out, struct bf_err *err)
{
    const struct bf_softmax_data data = { p->n, p->n_choices, p->gold, x->dim, x->v, x->by_choice };
    struct bf_arena a = { 0 };
    struct linear l = { .l2 = x->l2 };
    const struct bf_fitter f = { &l, fit_linear };
    int rc = bf_softmax_init(&l.m, &data, x->l2, p->n_train ? p->n_train : 1, &a, err);
    if (rc == BF_OK)
        rc = bf_partitions_fit(p, &f, out, err);
    bf_arena_reset(&a);
    return rc;
}
