/* Cross-fitting: which models are trained on what, on which threads, and where their answers go. */
#include "probe/builtin/crossfit.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/builtin/columns.h"
#include "probe/builtin/evidence.h"
#include "probe/builtin/folds.h"
#include "probe/builtin/stack.h"

enum { MAX_THREADS = 64, PARTNERS = 2, MAX_BINS = 64 };

/* The pool dealt into folds once. */
struct deal {
    int repeat;
    uint8_t *fold; /* [n_samples] */
};

/* What is to be judged of one look in one fold. */
struct unit {
    uint32_t n;
    uint32_t *samples;   /* [n] */
    uint32_t *questions; /* [n] indices into asking->questions */
    int n_waits;         /* fits that are not there yet */
    bool failed;
    float *p; /* malloc'ed: probabilities, sample after sample */
};

/* A model trained without folds a and b (a <= b), and what it says of their samples. */
struct fit {
    int pass, a, b;
    int n_users;               /* units that are still to be stacked with it */
    struct bf_scored *margins; /* malloc'ed: rows of fold a, then of b */
};

/* One look with one way to deal. */
struct pass {
    int look;
    const struct deal *deal;
    struct unit *units;  /* [folds] */
    struct fit **fits;   /* [folds][folds], a <= b; NULL = not wanted */
    uint32_t *slot;      /* [n_samples] place of its first row among the rows of its fold */
    uint32_t *fold_rows; /* [folds] */
};

struct job {
    const struct bf_asking *asking;
    const struct bf_crossfit *o;
    const uint8_t *alive; /* [n_samples], or NULL = all */
    float *p_out;         /* [n_samples] of a refit; NULL: answers are put */
    struct bf_arena arena;
    uint32_t *set;      /* [n_samples] see bf_folds_sets */
    int *gold;          /* [n_samples] */
    uint32_t *category; /* [n_samples] */
    uint32_t n_categories;
    struct bf_looks looks;
    struct bf_bins *bins; /* [looks.n] of the words of each look */
    uint32_t without;     /* BF_BIT() of enum bf_evidence */
    int n_deals;
    struct deal *deals;
    int n_passes;
    struct pass *passes;
    int n_fits, next_fit;
    struct fit *fits;
    int n_units;                 /* with something to judge */
    int n_stackable, next_stack; /* units whose fits are all there */
    int n_stacked;               /* units whose probabilities are there */
    struct unit_at *stackable;   /* [n_units] */
    struct unit_at *stacked;     /* [n_units] in order of completion */
    bool stop;
    pthread_mutex_t lock; /* guards all counters above and those of units and fits */
    pthread_cond_t work, finished;
};

struct unit_at {
    int pass, fold;
};

bool bf_folds_are_partners(int a, int b, int n)
{
    const int apart = a < b ? b - a : a - b;
    return apart > 0 && (apart <= PARTNERS || n - apart <= PARTNERS);
}

static bool is_there(const struct job *j, uint32_t sample)
{
    return !j->alive || j->alive[sample];
}

static uint32_t n_rows_of(const struct bf_look *l, uint32_t sample)
{
    return l->rows->first_row[sample + 1] - l->rows->first_row[sample];
}

static bool has_linear(const struct job *j)
{
    return j->o->learner == BF_LEARN_LINEAR || j->o->learner == BF_LEARN_BLEND;
}

static bool has_trees(const struct job *j)
{
    return j->o->learner == BF_LEARN_TREES || j->o->learner == BF_LEARN_BLEND;
}

static const struct bf_bins *bins_of(const struct job *j, const struct pass *p)
{
    return &j->bins[p->look];
}

static const struct bf_look *look_of(const struct job *j, const struct pass *p)
{
    return &j->looks.v[p->look];
}

/* The fit that unit a uses for the samples of fold b. */
static struct fit *fit_at(const struct job *j, const struct pass *p, int a, int b)
{
    return p->fits[(a < b ? a : b) * j->o->folds + (a < b ? b : a)];
}

/* What a fit said of a sample in one of its two folds. */
static const struct bf_scored *margins_of(const struct pass *p, const struct fit *f,
                                          uint32_t sample)
{
    const uint32_t skip = p->deal->fold[sample] == f->a ? 0 : p->fold_rows[f->a];
    return f->margins + skip + p->slot[sample];
}

static int by_category(const void *x, const void *y)
{
    return strcmp((*(const struct bf_sample *const *)x)->category,
                  (*(const struct bf_sample *const *)y)->category);
}

static int number_categories(struct job *j)
{
    const struct bf_pool *pool = j->asking->pool;
    const struct bf_sample **sorted =
        bf_arena_alloc(&j->arena, (size_t)pool->n_samples + 1, sizeof(const struct bf_sample *));
    j->category = bf_arena_alloc(&j->arena, (size_t)pool->n_samples + 1, sizeof *j->category);
    if (!sorted || !j->category)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        sorted[i] = &pool->samples[i];
    qsort(sorted, pool->n_samples, sizeof(const struct bf_sample *), by_category);
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        if (i > 0 && by_category(&sorted[i - 1], &sorted[i]) != 0)
            j->n_categories++;
        j->category[sorted[i]->index] = j->n_categories;
    }
    j->n_categories++;
    return BF_OK;
}

/* What is the same for all looks and repeats. */
static int make_shared(struct job *j, struct bf_err *err)
{
    const struct bf_pool *pool = j->asking->pool;
    j->set = bf_arena_alloc(&j->arena, (size_t)pool->n_samples + 1, sizeof *j->set);
    j->gold = bf_arena_alloc(&j->arena, (size_t)pool->n_samples + 1, sizeof *j->gold);
    if (!j->set || !j->gold || number_categories(j) != BF_OK)
        return bf_fail_memory(err, "the built-in probe");
    for (uint32_t i = 0; i < pool->n_samples; i++)
        j->gold[i] = pool->samples[i].gold;
    return bf_folds_sets(pool, j->set, err);
}

static void note_largest(const struct job *j, uint32_t largest)
{
    const uint32_t n = j->asking->pool->n_samples;
    char line[256];
    if (largest * 2 <= n || !j->asking->note || j->p_out)
        return;
    snprintf(line, sizeof line,
             "probe '%s': %u of %u samples hang together by shared media or near-duplicate "
             "words; %s",
             j->asking->probe->name, largest, n,
             largest < n ? "they are judged by a model trained on the others only"
                         : "there is nothing to learn from, and every choice is as likely");
    j->asking->note(j->asking->ctx, line);
}

/* Deal the pool for a repeat, unless it was; NULL = no memory. */
static const struct deal *deal_of(struct job *j, int repeat, struct bf_err *err)
{
    const struct bf_pool *pool = j->asking->pool;
    uint32_t largest = 0;
    for (int i = 0; i < j->n_deals; i++)
        if (j->deals[i].repeat == repeat)
            return &j->deals[i];
    struct deal *d = &j->deals[j->n_deals];
    d->repeat = repeat;
    d->fold = bf_arena_alloc(&j->arena, (size_t)pool->n_samples + 1, 1);
    /* Repeat 0 is dealt by the spec's seed itself. */
    const uint64_t seed = j->asking->spec->seed + (uint64_t)repeat * 0x9e3779b97f4a7c15u;
    if (!d->fold ||
        bf_folds_deal(pool, j->set, j->alive, j->o->folds, seed, d->fold, &largest, err) != BF_OK)
        return NULL;
    if (j->n_deals++ == 0)
        note_largest(j, largest);
    return d;
}

/* Where each sample's rows stand among those of its fold. */
static int number_rows(struct job *j, struct pass *p)
{
    const uint32_t n = j->asking->pool->n_samples;
    p->slot = bf_arena_alloc(&j->arena, (size_t)n + 1, sizeof *p->slot);
    p->fold_rows = bf_arena_alloc(&j->arena, (size_t)j->o->folds, sizeof *p->fold_rows);
    if (!p->slot || !p->fold_rows)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_there(j, i))
            continue;
        uint32_t *end = &p->fold_rows[p->deal->fold[i]];
        p->slot[i] = *end;
        *end += n_rows_of(look_of(j, p), i);
    }
    return BF_OK;
}

/* The pass of a look and a repeat, added when it is new; NULL = no memory. */
static struct pass *pass_of(struct job *j, int look, int repeat, struct bf_err *err)
{
    const size_t folds = (size_t)j->o->folds;
    for (int i = 0; i < j->n_passes; i++)
        if (j->passes[i].look == look && j->passes[i].deal->repeat == repeat)
            return &j->passes[i];
    struct pass *p = &j->passes[j->n_passes];
    p->look = look;
    p->deal = deal_of(j, repeat, err);
    p->units = bf_arena_alloc(&j->arena, folds, sizeof *p->units);
    p->fits = bf_arena_alloc(&j->arena, folds * folds, sizeof(struct fit *));
    if (!p->deal || !p->units || !p->fits || number_rows(j, p) != BF_OK)
        return NULL;
    j->n_passes++;
    return p;
}

static int make_unit_arrays(struct job *j)
{
    for (int i = 0; i < j->n_passes; i++)
        for (int f = 0; f < j->o->folds; f++) {
            struct unit *u = &j->passes[i].units[f];
            const size_t n = (size_t)u->n + 1;
            u->samples = bf_arena_alloc(&j->arena, n, sizeof *u->samples);
            u->questions = bf_arena_alloc(&j->arena, n, sizeof *u->questions);
            if (!u->samples || !u->questions)
                return BF_ENOMEM;
            u->n = 0;
        }
    return BF_OK;
}

/* Sort the questions asked into passes and units. */
static int make_asked(struct job *j, const int *look, struct bf_err *err)
{
    const struct bf_asking *a = j->asking;
    struct pass **of = calloc((size_t)a->n + 1, sizeof(struct pass *));
    int rc = of ? BF_OK : BF_ENOMEM;
    for (int filling = 0; filling < 2 && rc == BF_OK; filling++) {
        for (uint32_t i = 0; i < a->n && rc == BF_OK; i++) {
            const struct bf_question *q = &a->questions[i];
            if (look[i] < 0)
                continue;
            if (!filling)
                of[i] = pass_of(j, look[i], q->trial, err);
            if (!of[i]) {
                rc = BF_ENOMEM;
                continue;
            }
            struct unit *u = &of[i]->units[of[i]->deal->fold[q->sample]];
            if (filling) {
                u->questions[u->n] = i;
                u->samples[u->n] = q->sample;
            }
            u->n++;
        }
        if (!filling && rc == BF_OK)
            rc = make_unit_arrays(j);
    }
    free(of);
    return rc;
}

/* The final model of each unit, and those of its partners. */
static int make_fits(struct job *j)
{
    const int folds = j->o->folds;
    const size_t most = (size_t)j->n_passes * (size_t)(folds + folds * PARTNERS);
    j->fits = bf_arena_alloc(&j->arena, most + 1, sizeof *j->fits);
    j->stackable =
        bf_arena_alloc(&j->arena, (size_t)j->n_passes * (size_t)folds + 1, sizeof *j->stackable);
    j->stacked =
        bf_arena_alloc(&j->arena, (size_t)j->n_passes * (size_t)folds + 1, sizeof *j->stacked);
    if (!j->fits || !j->stackable || !j->stacked)
        return BF_ENOMEM;
    for (int i = 0; i < j->n_passes; i++) {
        struct pass *p = &j->passes[i];
        for (int a = 0; a < folds; a++) {
            j->n_units += p->units[a].n > 0;
            if (p->units[a].n > 0 && !has_linear(j))
                j->stackable[j->n_stackable++] = (struct unit_at){ i, a };
            for (int b = a; b < folds && has_linear(j); b++) {
                const int n =
                    a == b ? p->units[a].n > 0 : (p->units[a].n > 0) + (p->units[b].n > 0);
                if (n == 0 || (a != b && !bf_folds_are_partners(a, b, folds)))
                    continue;
                struct fit *f = &j->fits[j->n_fits++];
                *f = (struct fit){ i, a, b, n, NULL };
                p->fits[a * folds + b] = f;
                p->units[a].n_waits += p->units[a].n > 0;
                p->units[b].n_waits += a != b && p->units[b].n > 0;
            }
        }
    }
    return BF_OK;
}

/* Samples that a fit is trained on, and those it judges. */
static void split(const struct job *j, const struct pass *p, const struct fit *f, uint32_t *train,
                  uint32_t *n_train, uint32_t *test, uint32_t *n_test)
{
    for (uint32_t i = 0; i < j->asking->pool->n_samples; i++) {
        const int fold = p->deal->fold[i];
        if (!is_there(j, i) || n_rows_of(look_of(j, p), i) == 0)
            continue;
        if (fold == f->a || fold == f->b)
            test[(*n_test)++] = i;
        else
            train[(*n_train)++] = i;
    }
}

/* Keep the rows of the two folds that were left out. */
static int keep_margins(const struct pass *p, const struct bf_look *l, struct fit *f,
                        const struct bf_scored *scores, const uint32_t *test, uint32_t n_test)
{
    const size_t n = (size_t)p->fold_rows[f->a] + (f->a != f->b ? p->fold_rows[f->b] : 0);
    f->margins = malloc((n + 1) * sizeof *f->margins);
    for (uint32_t i = 0; f->margins && i < n_test; i++)
        memcpy(f->margins + (margins_of(p, f, test[i]) - f->margins),
               &scores[l->rows->first_row[test[i]]], n_rows_of(l, test[i]) * sizeof *scores);
    return f->margins ? BF_OK : BF_ENOMEM;
}

/* Train without folds a and b, tell of their samples. Runs on any thread. */
static int run_fit(const struct job *j, struct fit *f)
{
    const struct pass *p = &j->passes[f->pass];
    const struct bf_look *l = look_of(j, p);
    const size_t n = (size_t)j->asking->pool->n_samples + 1;
    uint32_t *train = malloc(n * sizeof *train), *test = malloc(n * sizeof *test);
    struct bf_scored *scores = malloc(((size_t)l->rows->first_row[n - 1] + 1) * sizeof *scores);
    int rc = train && test && scores ? BF_OK : BF_ENOMEM;
    uint32_t n_train = 0, n_test = 0;
    if (rc == BF_OK) {
        const int folds = j->o->folds;
        const struct bf_learn learn = { l->rows,      j->gold,    l->n_blocks, l->blocks,
                                        j->o->epochs, j->o->rate, j->o->l2,    j->o->l1 };
        const struct bf_rng rng =
            bf_rng_for(j->asking->spec->seed, j->asking->probe->name, "train",
                       (uint64_t)((p->deal->repeat * folds + f->a) * folds + f->b));
        split(j, p, f, train, &n_train, test, &n_test);
        rc = bf_learn(&learn, train, n_train, test, n_test, rng, scores, NULL);
    }
    if (rc == BF_OK)
        rc = keep_margins(p, l, f, scores, test, n_test);
    free(scores);
    free(train);
    free(test);
    return rc;
}

/* Samples of a's partner folds, each with what the fit without a and without it said. */
static void collect_partners(const struct job *j, const struct pass *p, int a, uint32_t *samples,
                             uint8_t *part, const struct bf_scored **margins, uint32_t *n_out)
{
    for (uint32_t i = 0; i < j->asking->pool->n_samples; i++) {
        const int b = p->deal->fold[i];
        if (!is_there(j, i) || n_rows_of(look_of(j, p), i) == 0 || a == b ||
            (has_linear(j) && !bf_folds_are_partners(a, b, j->o->folds)))
            continue;
        samples[*n_out] = i;
        part[*n_out] = (uint8_t)b;
        margins[(*n_out)++] = has_linear(j) ? margins_of(p, fit_at(j, p, a, b), i) : NULL;
    }
}

/* From margins to probabilities of one unit's samples. Runs on any thread. */
static int run_stack(const struct job *j, const struct unit_at *at)
{
    const struct pass *p = &j->passes[at->pass];
    struct unit *u = &p->units[at->fold];
    const int folds = j->o->folds;
    const struct bf_stack s = {
        .look = look_of(j, p),
        .gold = j->gold,
        .category = j->category,
        .n_categories = j->n_categories,
        .bins = has_trees(j) ? bins_of(j, p) : NULL,
        .rounds = j->o->rounds,
        .without = j->without,
        .rng = bf_rng_for(j->asking->spec->seed, j->asking->probe->name, "trees",
                          (uint64_t)(p->deal->repeat * folds + at->fold)),
    };
    const size_t n = (size_t)j->asking->pool->n_samples + 1;
    uint32_t *samples = malloc(n * sizeof *samples), n_train = 0;
    uint8_t *part = malloc(n);
    const struct bf_scored **margins = malloc(n * sizeof(const struct bf_scored *));
    const struct bf_scored **own = malloc(((size_t)u->n + 1) * sizeof(const struct bf_scored *));
    size_t n_rows = 0;
    for (uint32_t i = 0; i < u->n; i++)
        n_rows += n_rows_of(s.look, u->samples[i]);
    u->p = malloc((n_rows + 1) * sizeof *u->p);
    int rc = samples && part && margins && own && u->p ? BF_OK : BF_ENOMEM;
    if (rc == BF_OK) {
        collect_partners(j, p, at->fold, samples, part, margins, &n_train);
        for (uint32_t i = 0; has_linear(j) && i < u->n; i++)
            own[i] = margins_of(p, fit_at(j, p, at->fold, at->fold), u->samples[i]);
        const struct bf_stacked train = { n_train, samples, part, has_linear(j) ? margins : NULL };
        const struct bf_stacked test = { u->n, u->samples, NULL, has_linear(j) ? own : NULL };
        rc = bf_stack(&s, &train, &test, u->p, NULL);
    }
    free(samples);
    free(part);
    free(margins);
    free(own);
    return rc;
}

/* A unit needs one fit less; with the lock held. */
static void fit_is_there(struct job *j, int pass, int fold)
{
    struct unit *u = &j->passes[pass].units[fold];
    if (u->n > 0 && --u->n_waits == 0) {
        j->stackable[j->n_stackable++] = (struct unit_at){ pass, fold };
        pthread_cond_broadcast(&j->work);
    }
}

static void fit_is_used(struct fit *f)
{
    if (f && --f->n_users == 0) {
        free(f->margins);
        f->margins = NULL;
    }
}

/* A unit's probabilities are there; with the lock held. */
static void unit_is_stacked(struct job *j, const struct unit_at *at)
{
    const struct pass *p = &j->passes[at->pass];
    for (int b = 0; b < j->o->folds; b++)
        fit_is_used(fit_at(j, p, at->fold, b));
    j->stacked[j->n_stacked++] = *at;
    pthread_cond_signal(&j->finished);
}

/* Called and left with the lock held; false when there is nothing more to do. Units come first, so
 * that margins are soon free again. */
static bool do_one(struct job *j)
{
    while (j->next_stack == j->n_stackable && j->next_fit == j->n_fits && !j->stop &&
           j->next_stack < j->n_units)
        pthread_cond_wait(&j->work, &j->lock);
    if (j->stop || j->next_stack == j->n_units)
        return false;
    if (j->next_stack < j->n_stackable) {
        const struct unit_at at = j->stackable[j->next_stack++];
        struct unit *u = &j->passes[at.pass].units[at.fold];
        pthread_mutex_unlock(&j->lock);
        const int rc = u->failed ? BF_ENOMEM : run_stack(j, &at);
        pthread_mutex_lock(&j->lock);
        u->failed |= rc != BF_OK;
        unit_is_stacked(j, &at);
    } else {
        struct fit *f = &j->fits[j->next_fit++];
        pthread_mutex_unlock(&j->lock);
        const int rc = run_fit(j, f);
        pthread_mutex_lock(&j->lock);
        struct pass *p = &j->passes[f->pass];
        p->units[f->a].failed |= rc != BF_OK;
        p->units[f->b].failed |= rc != BF_OK;
        fit_is_there(j, f->pass, f->a);
        if (f->a != f->b)
            fit_is_there(j, f->pass, f->b);
    }
    return true;
}

static void *work(void *arg)
{
    struct job *j = arg;
    pthread_mutex_lock(&j->lock);
    while (do_one(j))
        ;
    pthread_cond_broadcast(&j->work); /* whoever waits has nothing to wait for either */
    pthread_mutex_unlock(&j->lock);
    return NULL;
}

static void answer(const struct bf_sample *s, const float *p, int k, struct bf_answer *out)
{
    *out = (struct bf_answer){ .number = NAN, .n_p = k };
    memcpy(out->p, p, (size_t)k * sizeof *p);
    for (int c = 1; c < k; c++)
        if (out->p[c] > out->p[out->choice])
            out->choice = c;
    out->cls = bf_answer_judge(s, out);
}

static int put_unit(const struct job *j, const struct unit *u, const struct bf_look *l,
                    struct bf_err *err)
{
    const struct bf_asking *a = j->asking;
    struct bf_answer *answers = calloc((size_t)u->n + 1, sizeof *answers);
    const float *p = u->p;
    if (!answers)
        return bf_fail_memory(err, "the built-in probe");
    for (uint32_t i = 0; i < u->n; i++) {
        const int k = (int)n_rows_of(l, u->samples[i]);
        answer(&a->pool->samples[u->samples[i]], p, k, &answers[i]);
        p += k;
    }
    const int rc = a->put(a->ctx, u->questions, answers, u->n, err);
    free(answers);
    return rc;
}

static void keep_gold(const struct job *j, const struct unit *u, const struct bf_look *l)
{
    const float *p = u->p;
    for (uint32_t i = 0; i < u->n; i++) {
        j->p_out[u->samples[i]] = p[j->gold[u->samples[i]]];
        p += n_rows_of(l, u->samples[i]);
    }
}

/* Take units as they finish; the calling thread alone talks to the ledger. */
static int collect(struct job *j, struct bf_err *err)
{
    for (int taken = 0; taken < j->n_units; taken++) {
        pthread_mutex_lock(&j->lock);
        while (j->n_stacked <= taken)
            pthread_cond_wait(&j->finished, &j->lock);
        const struct unit_at at = j->stacked[taken];
        pthread_mutex_unlock(&j->lock);
        const struct pass *p = &j->passes[at.pass];
        struct unit *u = &p->units[at.fold];
        int rc = u->failed ? bf_fail_memory(err, "the built-in probe") : BF_OK;
        if (rc == BF_OK && j->p_out)
            keep_gold(j, u, look_of(j, p));
        else if (rc == BF_OK)
            rc = put_unit(j, u, look_of(j, p), err);
        free(u->p);
        u->p = NULL;
        BF_TRY(rc);
        if (j->asking->stopped && j->asking->stopped(j->asking->ctx))
            return bf_fail(err, BF_EIO, "stopped while asking '%s'", j->asking->probe->name);
    }
    return BF_OK;
}

static int run(struct job *j, struct bf_err *err)
{
    pthread_t threads[MAX_THREADS];
    int n = 0, rc = BF_OK;
    const int want = j->asking->n_threads < MAX_THREADS ? j->asking->n_threads : MAX_THREADS;
    while (n < want && n < j->n_fits + j->n_units &&
           pthread_create(&threads[n], NULL, work, j) == 0)
        n++;
    if (n == 0 && j->n_units > 0)
        rc = bf_fail(err, BF_EIO, "cannot start a thread");
    if (rc == BF_OK)
        rc = collect(j, err);
    pthread_mutex_lock(&j->lock);
    j->stop = true;
    pthread_cond_broadcast(&j->work);
    pthread_mutex_unlock(&j->lock);
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < j->n_fits; i++)
        free(j->fits[i].margins);
    for (int i = 0; i < j->n_passes; i++)
        for (int f = 0; f < j->o->folds; f++)
            free(j->passes[i].units[f].p);
    return rc;
}

/* How many passes there can be: each look with each repeat. */
static int make_room(struct job *j)
{
    int n_repeats = 1;
    for (uint32_t i = 0; i < j->asking->n; i++)
        if (j->asking->questions[i].trial >= n_repeats)
            n_repeats = j->asking->questions[i].trial + 1;
    j->deals = bf_arena_alloc(&j->arena, (size_t)n_repeats, sizeof *j->deals);
    j->passes =
        bf_arena_alloc(&j->arena, (size_t)j->looks.n * (size_t)n_repeats + 1, sizeof *j->passes);
    return j->deals && j->passes ? BF_OK : BF_ENOMEM;
}

/* The columns themselves are not needed once they are binned. */
static int make_words_bins(struct job *j, const struct bf_look *l, struct bf_bins *out,
                           struct bf_err *err)
{
    const struct bf_shown_words words = { .question = l->question,
                                          .questions = l->lent ? l->lent->questions : NULL,
                                          .choices = l->choices };
    struct bf_arena a = { 0 };
    struct bf_columns columns;
    int rc = bf_columns_make(j->asking->pool, &words, l->rows->first_row, &columns, &a, err);
    if (rc == BF_OK)
        rc = bf_bins_make(&columns, MAX_BINS, out, &j->arena, err);
    if (rc == BF_OK) {
        out->family =
            bf_arena_memdup(&j->arena, columns.family, (size_t)columns.n * sizeof *columns.family);
        rc = out->family ? BF_OK : bf_fail_memory(err, "the built-in probe");
    }
    bf_arena_reset(&a);
    return rc;
}

/* Looks that share their rows share their columns. */
static int make_bins(struct job *j, struct bf_err *err)
{
    j->bins = bf_arena_alloc(&j->arena, (size_t)j->looks.n, sizeof *j->bins);
    if (!j->bins)
        return bf_fail_memory(err, "the built-in probe");
    for (int i = 0; i < j->looks.n; i++) {
        for (int k = 0; k < i && !j->bins[i].v; k++)
            if (j->looks.v[k].rows == j->looks.v[i].rows)
                j->bins[i] = j->bins[k];
        if (!j->bins[i].v)
            BF_TRY(make_words_bins(j, &j->looks.v[i], &j->bins[i], err));
    }
    return BF_OK;
}

static int prepare(struct job *j, struct bf_err *err)
{
    int *look = bf_arena_alloc(&j->arena, (size_t)j->asking->n + 1, sizeof *look);
    if (!look)
        return bf_fail_memory(err, "the built-in probe");
    uint32_t without;
    BF_TRY(bf_evidence_mask(&j->o->without, &without, err));
    j->without |= without;
    BF_TRY(make_shared(j, err));
    BF_TRY(bf_looks_make(j->asking, &j->o->embed, &j->looks, look, &j->arena, err));
    if (j->looks.n == 0)
        return BF_OK;
    int rc = make_room(j);
    if (rc == BF_OK && has_trees(j))
        rc = make_bins(j, err);
    if (rc == BF_OK)
        rc = make_asked(j, look, err);
    if (rc == BF_OK)
        rc = make_fits(j);
    return rc == BF_OK ? BF_OK : bf_fail_memory(err, "the built-in probe");
}

static int crossfit(struct job *j, struct bf_err *err)
{
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->work, NULL);
    pthread_cond_init(&j->finished, NULL);
    int rc = prepare(j, err);
    if (rc == BF_OK)
        rc = run(j, err);
    pthread_cond_destroy(&j->finished);
    pthread_cond_destroy(&j->work);
    pthread_mutex_destroy(&j->lock);
    bf_arena_reset(&j->arena);
    return rc;
}

int bf_crossfit(const struct bf_asking *asking, const struct bf_crossfit *o, struct bf_err *err)
{
    struct job j = { .asking = asking, .o = o };
    return crossfit(&j, err);
}

/* One question of every sample that is there, under one condition. */
static int questions_of(const struct bf_asking *asking, const struct bf_refit *how,
                        struct bf_question **questions_out, struct bf_view **views_out,
                        uint32_t *n_out, struct bf_err *err)
{
    const struct bf_pool *pool = asking->pool;
    struct bf_question *q = calloc((size_t)pool->n_samples + 1, sizeof *q);
    struct bf_view *v = calloc((size_t)pool->n_samples + 1, sizeof *v);
    uint32_t n = 0;
    for (uint32_t i = 0; q && v && i < pool->n_samples; i++) {
        bf_view_of(&asking->conditions->v[how->condition], &pool->samples[i], &v[i]);
        if (v[i].asked && (!how->alive || how->alive[i]))
            q[n++] = (struct bf_question){ i, how->condition, how->repeat, &v[i] };
    }
    *questions_out = q;
    *views_out = v;
    *n_out = n;
    return q && v ? BF_OK : bf_fail_memory(err, "the built-in probe");
}

int bf_crossfit_again(const struct bf_asking *asking, const struct bf_crossfit *o,
                      const struct bf_refit *how, float *p_out, struct bf_err *err)
{
    struct bf_asking all = *asking;
    struct bf_question *questions = NULL;
    struct bf_view *views = NULL;
    struct job j = { .asking = &all, .o = o, .alive = how->alive, .p_out = p_out,
                     .without = how->without };
    for (uint32_t i = 0; i < asking->pool->n_samples; i++)
        p_out[i] = NAN;
    int rc = questions_of(asking, how, &questions, &views, &all.n, err);
    all.questions = questions;
    if (rc == BF_OK)
        rc = crossfit(&j, err);
    free(questions);
    free(views);
    return rc;
}
