/* Cross-fitting: models trained on many threads, and where their answers go. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probe/builtin/cross.h"
#include "probe/builtin/open.h"
#include "probe/builtin/stack.h"

enum { MAX_THREADS = 64 };

/* Samples that a fit is trained on, and those it judges. */
static void split(const struct bf_cross *j, const struct bf_cross_pass *p,
                  const struct bf_cross_fit *f, uint32_t *train, uint32_t *n_train, uint32_t *test,
                  uint32_t *n_test)
{
    for (uint32_t i = 0; i < j->asking->pool->n_samples; i++) {
        const int fold = p->deal->fold[i];
        if (!bf_cross_has(j, i) || bf_cross_rows(bf_cross_look(j, p), i) == 0)
            continue;
        if (fold == f->a || fold == f->b)
            test[(*n_test)++] = i;
        else
            train[(*n_train)++] = i;
    }
}

/* Keep the rows of the two folds that were left out. */
static int keep_margins(const struct bf_cross_pass *p, const struct bf_look *l,
                        struct bf_cross_fit *f, const struct bf_scored *scores,
                        const uint32_t *test, uint32_t n_test)
{
    const size_t n = (size_t)p->fold_rows[f->a] + (f->a != f->b ? p->fold_rows[f->b] : 0);
    f->margins = malloc((n + 1) * sizeof *f->margins);
    for (uint32_t i = 0; f->margins && i < n_test; i++)
        memcpy(f->margins + (bf_cross_margins(p, f, test[i]) - f->margins),
               &scores[l->rows->first_row[test[i]]], bf_cross_rows(l, test[i]) * sizeof *scores);
    return f->margins ? BF_OK : BF_ENOMEM;
}

/* Train without folds a and b, tell of their samples. What is told to learn how far it is to be
 * believed, of partner folds, is told of the look that was learned from. Runs on any thread. */
static int run_fit(const struct bf_cross *j, struct bf_cross_fit *f)
{
    const struct bf_cross_pass *p = &j->passes[f->pass];
    const struct bf_look *l = bf_cross_look(j, p), *from = bf_cross_taught(j, p);
    const size_t n = (size_t)j->asking->pool->n_samples + 1;
    uint32_t *train = malloc(n * sizeof *train), *test = malloc(n * sizeof *test);
    struct bf_scored *scores = malloc(((size_t)l->rows->first_row[n - 1] + 1) * sizeof *scores);
    int rc = train && test && scores ? BF_OK : BF_ENOMEM;
    uint32_t n_train = 0, n_test = 0;
    if (rc == BF_OK) {
        const int folds = j->o->folds;
        const struct bf_learn learn = { from->rows,   j->gold,    from->n_blocks, from->blocks,
                                        j->o->epochs, j->o->rate, j->o->l2,       j->o->l1 };
        const struct bf_rng rng =
            bf_rng_for(j->asking->spec->seed, j->asking->probe->name, "train",
                       (uint64_t)((p->deal->repeat * folds + f->a) * folds + f->b));
        split(j, p, f, train, &n_train, test, &n_test);
        struct bf_model *m = NULL;
        rc = bf_model_fit(&learn, train, n_train, rng, &m, NULL);
        if (rc == BF_OK)
            bf_model_score(m, f->a == f->b ? l->blocks : NULL, test, n_test, scores);
        bf_model_free(m);
    }
    if (rc == BF_OK)
        rc = keep_margins(p, l, f, scores, test, n_test);
    free(scores);
    free(train);
    free(test);
    return rc;
}

/* Samples of a's partner folds, each with what the fit without a and without it said. */
static void collect_partners(const struct bf_cross *j, const struct bf_cross_pass *p, int a,
                             uint32_t *samples, uint8_t *part, const struct bf_scored **margins,
                             uint32_t *n_out)
{
    for (uint32_t i = 0; i < j->asking->pool->n_samples; i++) {
        const int b = p->deal->fold[i];
        if (!bf_cross_has(j, i) || bf_cross_rows(bf_cross_look(j, p), i) == 0 || a == b ||
            (bf_cross_linear(j) && !bf_folds_are_partners(a, b, j->o->folds, bf_cross_reach(j, p))))
            continue;
        samples[*n_out] = i;
        part[*n_out] = (uint8_t)b;
        margins[(*n_out)++] =
            bf_cross_linear(j) ? bf_cross_margins(p, bf_cross_fit_at(j, p, a, b), i) : NULL;
    }
}

static void softmax(const float *s, uint32_t n, float *p_out)
{
    float top = s[0];
    double sum = 0;
    for (uint32_t i = 1; i < n; i++)
        top = fmaxf(top, s[i]);
    for (uint32_t i = 0; i < n; i++)
        sum += exp((double)(s[i] - top));
    for (uint32_t i = 0; i < n; i++)
        p_out[i] = (float)(exp((double)(s[i] - top)) / sum);
}

/* Baselines counted and weighed without the unit's fold. Runs on any thread. */
static int run_priors(const struct bf_cross *j, const struct bf_cross_at *at)
{
    const struct bf_cross_pass *p = &j->passes[at->pass];
    struct bf_cross_unit *u = &p->units[at->fold];
    const struct bf_look *l = bf_cross_look(j, p);
    const uint32_t n = j->asking->pool->n_samples, *first = l->rows->first_row;
    const uint64_t without = (uint64_t)1 << at->fold;
    uint32_t *train = malloc(((size_t)n + 1) * sizeof *train), n_train = 0, n_rows = 0;
    float *score = malloc(((size_t)first[n] + 1) * sizeof *score);
    double w[BF_PRIOR_COUNT];
    for (uint32_t i = 0; i < u->n; i++)
        n_rows += bf_cross_rows(l, u->samples[i]);
    u->p = malloc(((size_t)n_rows + 1) * sizeof *u->p);
    int rc = train && score && u->p ? BF_OK : BF_ENOMEM;
    for (uint32_t i = 0; rc == BF_OK && i < n; i++)
        if (bf_cross_has(j, i) && bf_cross_rows(l, i) > 0 && p->deal->fold[i] != at->fold)
            train[n_train++] = i;
    if (rc == BF_OK)
        rc = bf_priors_fit(&p->priors, train, n_train, without, j->without, w, NULL);
    if (rc == BF_OK)
        bf_priors_score(&p->priors, w, u->samples, u->n, without, score);
    float *p_out = u->p;
    for (uint32_t i = 0; rc == BF_OK && i < u->n; i++) {
        softmax(score + first[u->samples[i]], bf_cross_rows(l, u->samples[i]), p_out);
        p_out += bf_cross_rows(l, u->samples[i]);
    }
    free(score);
    free(train);
    return rc;
}

/* From margins to probabilities of one unit's samples. Runs on any thread. */
static int run_stack(const struct bf_cross *j, const struct bf_cross_at *at)
{
    const struct bf_cross_pass *p = &j->passes[at->pass];
    struct bf_cross_unit *u = &p->units[at->fold];
    if (j->o->learner == BF_LEARN_PRIORS)
        return run_priors(j, at);
    const int folds = j->o->folds;
    const struct bf_stack s = {
        .look = bf_cross_taught(j, p),
        .gold = j->gold,
        .category = j->category,
        .n_categories = j->n_categories,
        .bins = bf_cross_trees(j) ? &j->bins[p->look] : NULL,
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
        n_rows += bf_cross_rows(s.look, u->samples[i]);
    u->p = malloc((n_rows + 1) * sizeof *u->p);
    int rc = samples && part && margins && own && u->p ? BF_OK : BF_ENOMEM;
    if (rc == BF_OK) {
        collect_partners(j, p, at->fold, samples, part, margins, &n_train);
        for (uint32_t i = 0; bf_cross_linear(j) && i < u->n; i++)
            own[i] = bf_cross_margins(p, bf_cross_fit_at(j, p, at->fold, at->fold), u->samples[i]);
        const struct bf_stacked train = { n_train, samples, part,
                                          bf_cross_linear(j) ? margins : NULL };
        const struct bf_stacked test = { u->n, u->samples, NULL, bf_cross_linear(j) ? own : NULL };
        rc = bf_stack(&s, &train, &test, u->p, NULL);
    }
    free(samples);
    free(part);
    free(margins);
    free(own);
    return rc;
}

/* A unit needs one fit less; with the lock held. */
static void fit_is_there(struct bf_cross *j, int pass, int fold)
{
    struct bf_cross_unit *u = &j->passes[pass].units[fold];
    if (u->n > 0 && --u->n_waits == 0) {
        j->stackable[j->n_stackable++] = (struct bf_cross_at){ pass, fold };
        pthread_cond_broadcast(&j->work);
    }
}

static void fit_is_used(struct bf_cross_fit *f)
{
    if (f && --f->n_users == 0) {
        free(f->margins);
        f->margins = NULL;
    }
}

/* A unit's probabilities are there; with the lock held. */
static void unit_is_stacked(struct bf_cross *j, const struct bf_cross_at *at)
{
    const struct bf_cross_pass *p = &j->passes[at->pass];
    for (int b = 0; b < j->o->folds; b++)
        fit_is_used(bf_cross_fit_at(j, p, at->fold, b));
    j->stacked[j->n_stacked++] = *at;
    pthread_cond_signal(&j->finished);
}

/* Called and left with the lock held; false when there is nothing more to do. Units come first, so
 * that margins are soon free again. */
static bool do_one(struct bf_cross *j)
{
    while (j->next_stack == j->n_stackable && j->next_fit == j->n_fits && !j->stop &&
           j->next_stack < j->n_units)
        pthread_cond_wait(&j->work, &j->lock);
    if (j->stop || j->next_stack == j->n_units)
        return false;
    if (j->next_stack < j->n_stackable) {
        const struct bf_cross_at at = j->stackable[j->next_stack++];
        struct bf_cross_unit *u = &j->passes[at.pass].units[at.fold];
        pthread_mutex_unlock(&j->lock);
        const int rc = u->failed ? BF_ENOMEM : run_stack(j, &at);
        pthread_mutex_lock(&j->lock);
        u->failed |= rc != BF_OK;
        unit_is_stacked(j, &at);
    } else {
        struct bf_cross_fit *f = &j->fits[j->next_fit++];
        pthread_mutex_unlock(&j->lock);
        const int rc = run_fit(j, f);
        pthread_mutex_lock(&j->lock);
        struct bf_cross_pass *p = &j->passes[f->pass];
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
    struct bf_cross *j = arg;
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

static int put_unit(const struct bf_cross *j, const struct bf_cross_unit *u,
                    const struct bf_look *l, struct bf_err *err)
{
    const struct bf_asking *a = j->asking;
    struct bf_answer *answers = calloc((size_t)u->n + 1, sizeof *answers);
    const float *p = u->p;
    if (!answers)
        return bf_fail_memory(err, "the built-in probe");
    for (uint32_t i = 0; i < u->n; i++) {
        const int k = (int)bf_cross_rows(l, u->samples[i]);
        answer(&a->pool->samples[u->samples[i]], p, k, &answers[i]);
        p += k;
    }
    const int rc = a->put(a->ctx, u->questions, answers, u->n, err);
    free(answers);
    return rc;
}

static void keep_gold(const struct bf_cross *j, const struct bf_cross_unit *u,
                      const struct bf_look *l)
{
    const float *p = u->p;
    for (uint32_t i = 0; i < u->n; i++) {
        j->p_out[u->samples[i]] = p[j->gold[u->samples[i]]];
        p += bf_cross_rows(l, u->samples[i]);
    }
}

/* Take units as they finish; the calling thread alone talks to the ledger. */
static int collect(struct bf_cross *j, struct bf_err *err)
{
    for (int taken = 0; taken < j->n_units; taken++) {
        pthread_mutex_lock(&j->lock);
        while (j->n_stacked <= taken)
            pthread_cond_wait(&j->finished, &j->lock);
        const struct bf_cross_at at = j->stacked[taken];
        pthread_mutex_unlock(&j->lock);
        const struct bf_cross_pass *p = &j->passes[at.pass];
        struct bf_cross_unit *u = &p->units[at.fold];
        int rc = u->failed ? bf_fail_memory(err, "the built-in probe") : BF_OK;
        if (rc == BF_OK && j->p_out)
            keep_gold(j, u, bf_cross_look(j, p));
        else if (rc == BF_OK)
            rc = put_unit(j, u, bf_cross_look(j, p), err);
        free(u->p);
        u->p = NULL;
        BF_TRY(rc);
        if (j->asking->stopped && j->asking->stopped(j->asking->ctx))
            return bf_fail(err, BF_EIO, "stopped while asking '%s'", j->asking->probe->name);
    }
    return BF_OK;
}

static int run(struct bf_cross *j, struct bf_err *err)
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

int bf_cross_run(struct bf_cross *j, struct bf_err *err)
{
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->work, NULL);
    pthread_cond_init(&j->finished, NULL);
    int rc = bf_cross_plan(j, err);
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
    struct bf_cross j = { .asking = asking, .o = o };
    BF_TRY(bf_cross_run(&j, err));
    return bf_open_crossfit(asking, o, NULL, NULL, err);
}
