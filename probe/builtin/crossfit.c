#include "probe/builtin/crossfit.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/builtin/calibrate.h"
#include "probe/builtin/folds.h"

enum { MAX_THREADS = 64 };

/* The questions of one look and one fold. */
struct unit {
    uint32_t n;
    uint32_t *questions; /* [n] indices into asking->questions */
};

/* One look on its way: scores by the models that left out fold a (a == b), or a and b. */
struct progress {
    struct unit *units;        /* [folds] */
    struct bf_scored **scores; /* [folds][folds] -> [n_rows], upper triangle; NULL until made */
    int n_left;                /* tasks still to run */
    bool failed;
};

/* One model to train. */
struct task {
    int look, a, b;
};

struct job {
    const struct bf_asking *asking;
    const struct bf_crossfit *o;
    struct bf_arena arena;
    uint8_t *fold;      /* [n_samples] */
    int *gold;          /* [n_samples] */
    uint32_t *category; /* [n_samples] group for calibration */
    uint32_t n_categories;
    struct bf_looks looks;
    struct progress *progress; /* [n_looks] */
    int n_tasks;
    struct task *tasks;
    atomic_int next;
    atomic_bool stop;
    pthread_mutex_t lock; /* guards n_left, failed, ready */
    pthread_cond_t finished;
    int n_ready;
    int *ready; /* [n_looks] in order of completion */
};

static struct bf_scored **scores_at(const struct job *j, int look, int a, int b)
{
    const int lo = a < b ? a : b, hi = a < b ? b : a;
    return &j->progress[look].scores[lo * j->o->folds + hi];
}

static uint32_t n_rows(const struct bf_look *l)
{
    return l->rows->first_row[l->rows->n_samples];
}

static int by_text(const void *x, const void *y)
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
    qsort(sorted, pool->n_samples, sizeof(const struct bf_sample *), by_text);
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        if (i > 0 && by_text(&sorted[i - 1], &sorted[i]) != 0)
            j->n_categories++;
        j->category[sorted[i]->index] = j->n_categories;
    }
    j->n_categories++;
    return BF_OK;
}

static int make_folds(struct job *j, struct bf_err *err)
{
    const struct bf_pool *pool = j->asking->pool;
    uint32_t largest = 0;
    j->fold = bf_arena_alloc(&j->arena, pool->n_samples, 1);
    j->gold = bf_arena_alloc(&j->arena, pool->n_samples, sizeof *j->gold);
    if (!j->fold || !j->gold || number_categories(j) != BF_OK)
        return bf_fail_memory(err, "the built-in probe");
    for (uint32_t i = 0; i < pool->n_samples; i++)
        j->gold[i] = pool->samples[i].gold;
    BF_TRY(bf_folds(pool, j->o->folds, j->asking->spec->seed, j->fold, &largest, err));
    if (largest * 2 > pool->n_samples && j->asking->note) {
        char line[256];
        snprintf(line, sizeof line,
                 "probe '%s': %u of %u samples hang together by shared media or near-duplicate "
                 "words; %s",
                 j->asking->probe->name, largest, pool->n_samples,
                 largest < pool->n_samples
                     ? "they are judged by a model trained on the others only"
                     : "there is nothing to learn from, and every choice is as likely");
        j->asking->note(j->asking->ctx, line);
    }
    return BF_OK;
}

static int make_units(struct job *j, const int *look_of)
{
    const struct bf_asking *a = j->asking;
    const int folds = j->o->folds;
    j->progress = bf_arena_alloc(&j->arena, (size_t)j->looks.n + 1, sizeof *j->progress);
    j->ready = bf_arena_alloc(&j->arena, (size_t)j->looks.n + 1, sizeof *j->ready);
    if (!j->progress || !j->ready)
        return BF_ENOMEM;
    for (int l = 0; l < j->looks.n; l++) {
        struct progress *p = &j->progress[l];
        p->units = bf_arena_alloc(&j->arena, (size_t)folds, sizeof *p->units);
        p->scores =
            bf_arena_alloc(&j->arena, (size_t)folds * (size_t)folds, sizeof(struct bf_scored *));
        if (!p->units || !p->scores)
            return BF_ENOMEM;
    }
    for (uint32_t i = 0; i < a->n; i++)
        if (look_of[i] >= 0)
            j->progress[look_of[i]].units[j->fold[a->questions[i].sample]].n++;
    for (int l = 0; l < j->looks.n; l++)
        for (int f = 0; f < folds; f++) {
            struct unit *u = &j->progress[l].units[f];
            u->questions = bf_arena_alloc(&j->arena, (size_t)u->n + 1, sizeof *u->questions);
            if (!u->questions)
                return BF_ENOMEM;
            u->n = 0;
        }
    for (uint32_t i = 0; i < a->n; i++)
        if (look_of[i] >= 0) {
            struct unit *u = &j->progress[look_of[i]].units[j->fold[a->questions[i].sample]];
            u->questions[u->n++] = i;
        }
    return BF_OK;
}

/* A model without fold a for each unit; where media are shown, also one without a and b for
 * every other fold b, which serves b's unit too. */
static int make_tasks(struct job *j)
{
    const int folds = j->o->folds;
    const size_t most = (size_t)j->looks.n * (size_t)(folds * (folds + 1) / 2);
    j->tasks = bf_arena_alloc(&j->arena, most + 1, sizeof *j->tasks);
    if (!j->tasks)
        return BF_ENOMEM;
    for (int l = 0; l < j->looks.n; l++) {
        struct progress *p = &j->progress[l];
        for (int a = 0; a < folds; a++)
            for (int b = a; b < folds; b++) {
                const bool wanted =
                    a == b ? p->units[a].n > 0
                           : j->looks.v[l].n_blocks > 0 && (p->units[a].n > 0 || p->units[b].n > 0);
                if (!wanted)
                    continue;
                j->tasks[j->n_tasks++] = (struct task){ l, a, b };
                p->n_left++;
            }
    }
    return BF_OK;
}

/* Train without folds a and b, score their samples. Runs on any thread. */
static int run_task(struct job *j, const struct task *t)
{
    const struct bf_pool *pool = j->asking->pool;
    const struct bf_look *l = &j->looks.v[t->look];
    uint32_t *train = malloc(((size_t)pool->n_samples + 1) * sizeof *train);
    uint32_t *test = malloc(((size_t)pool->n_samples + 1) * sizeof *test);
    struct bf_scored *scores = malloc(((size_t)n_rows(l) + 1) * sizeof *scores);
    int rc = train && test && scores ? BF_OK : BF_ENOMEM;
    uint32_t n_train = 0, n_test = 0;
    for (uint32_t i = 0; rc == BF_OK && i < pool->n_samples; i++) {
        if (l->rows->first_row[i + 1] == l->rows->first_row[i])
            continue;
        if (j->fold[i] == t->a || j->fold[i] == t->b)
            test[n_test++] = i;
        else
            train[n_train++] = i;
    }
    if (rc == BF_OK) {
        const struct bf_learn learn = { l->rows,      j->gold,    l->n_blocks, l->blocks,
                                        j->o->epochs, j->o->rate, j->o->l2 };
        const struct bf_rng rng = bf_rng_for(j->asking->spec->seed, j->asking->probe->name, "train",
                                             (uint64_t)(t->a * j->o->folds + t->b));
        rc = bf_learn(&learn, train, n_train, test, n_test, rng, scores, NULL);
    }
    if (rc == BF_OK)
        *scores_at(j, t->look, t->a, t->b) = scores;
    else
        free(scores);
    free(train);
    free(test);
    return rc;
}

static void *work(void *arg)
{
    struct job *j = arg;
    for (;;) {
        const int i = atomic_fetch_add(&j->next, 1);
        if (i >= j->n_tasks || atomic_load(&j->stop))
            return NULL;
        const int rc = run_task(j, &j->tasks[i]);
        struct progress *p = &j->progress[j->tasks[i].look];
        pthread_mutex_lock(&j->lock);
        p->failed = p->failed || rc != BF_OK;
        if (--p->n_left == 0) {
            j->ready[j->n_ready++] = j->tasks[i].look;
            pthread_cond_signal(&j->finished);
        }
        pthread_mutex_unlock(&j->lock);
    }
}

/* Scores of one sample's choices, taken apart into `parts` [2 * k]. */
static struct bf_calibration_case case_of(const struct job *j, const struct bf_look *l,
                                          const struct bf_scored *scores, uint32_t sample,
                                          float *parts)
{
    const uint32_t first = l->rows->first_row[sample];
    const int k = (int)(l->rows->first_row[sample + 1] - first);
    for (int c = 0; c < k; c++) {
        parts[c] = scores[first + (uint32_t)c].text;
        parts[k + c] = scores[first + (uint32_t)c].media;
    }
    return (struct bf_calibration_case){ parts, parts + k, k, j->gold[sample],
                                         j->category[sample] };
}

/* Fit to the other folds' samples that show a medium under this look. */
static int calibrate(const struct job *j, int look, int fold, struct bf_calibration *c)
{
    const struct bf_look *l = &j->looks.v[look];
    const uint32_t n_samples = j->asking->pool->n_samples;
    struct bf_calibration_case *cases = malloc(((size_t)n_samples + 1) * sizeof *cases);
    float *parts = malloc((2 * (size_t)n_rows(l) + 1) * sizeof *parts);
    const int rc = cases && parts ? BF_OK : BF_ENOMEM;
    uint32_t n = 0;
    for (uint32_t i = 0; rc == BF_OK && i < n_samples; i++) {
        const uint32_t first = l->rows->first_row[i];
        if (j->fold[i] == fold || l->rows->first_row[i + 1] == first || !bf_look_shows(l, i))
            continue;
        cases[n++] = case_of(j, l, *scores_at(j, look, fold, j->fold[i]), i, parts + 2 * first);
    }
    if (rc == BF_OK)
        bf_calibrate(c, cases, n);
    free(parts);
    free(cases);
    return rc;
}

static void answer(const struct bf_sample *s, const struct bf_calibration *c,
                   const struct bf_calibration_case *x, struct bf_answer *out)
{
    *out = (struct bf_answer){ .number = NAN, .n_p = x->k };
    bf_calibrated(c, x, out->p);
    for (int k = 1; k < x->k; k++)
        if (out->p[k] > out->p[out->choice])
            out->choice = k;
    out->cls = bf_answer_judge(s, out);
}

static int store_unit(struct job *j, int look, int fold, struct bf_err *err)
{
    const struct unit *u = &j->progress[look].units[fold];
    const struct bf_look *l = &j->looks.v[look];
    struct bf_calibration c = { .b = 1, .n_groups = j->n_categories };
    struct bf_answer *answers = calloc((size_t)u->n + 1, sizeof *answers);
    c.d = calloc((size_t)c.n_groups * 3, sizeof *c.d);
    int rc = answers && c.d ? BF_OK : BF_ENOMEM;
    if (rc == BF_OK && l->n_blocks)
        rc = calibrate(j, look, fold, &c);
    if (rc != BF_OK)
        bf_fail_memory(err, "the built-in probe");
    for (uint32_t i = 0; rc == BF_OK && i < u->n; i++) {
        float parts[2 * BF_MAX_CHOICES];
        const uint32_t sample = j->asking->questions[u->questions[i]].sample;
        const struct bf_calibration_case x =
            case_of(j, l, *scores_at(j, look, fold, fold), sample, parts);
        answer(&j->asking->pool->samples[sample], &c, &x, &answers[i]);
    }
    if (rc == BF_OK)
        rc = j->asking->put(j->asking->ctx, u->questions, answers, u->n, err);
    free(c.d);
    free(answers);
    return rc;
}

static void free_scores(struct job *j, int look)
{
    const int n = j->o->folds * j->o->folds;
    for (int i = 0; i < n; i++) {
        free(j->progress[look].scores[i]);
        j->progress[look].scores[i] = NULL;
    }
}

static int store_look(struct job *j, int look, struct bf_err *err)
{
    int rc = j->progress[look].failed ? bf_fail_memory(err, "the built-in probe") : BF_OK;
    for (int f = 0; rc == BF_OK && f < j->o->folds; f++)
        if (j->progress[look].units[f].n)
            rc = store_unit(j, look, f, err);
    free_scores(j, look);
    return rc;
}

/* Take looks as they finish; the calling thread alone talks to the ledger. */
static int collect(struct job *j, struct bf_err *err)
{
    for (int taken = 0; taken < j->looks.n; taken++) {
        pthread_mutex_lock(&j->lock);
        while (j->n_ready <= taken)
            pthread_cond_wait(&j->finished, &j->lock);
        const int look = j->ready[taken];
        pthread_mutex_unlock(&j->lock);
        BF_TRY(store_look(j, look, err));
        if (j->asking->stopped && j->asking->stopped(j->asking->ctx))
            return bf_fail(err, BF_EIO, "stopped while asking '%s'", j->asking->probe->name);
    }
    return BF_OK;
}

static int run_tasks(struct job *j, struct bf_err *err)
{
    pthread_t threads[MAX_THREADS];
    int n = 0, rc = BF_OK;
    const int want = j->asking->n_threads < MAX_THREADS ? j->asking->n_threads : MAX_THREADS;
    while (n < want && n < j->n_tasks && pthread_create(&threads[n], NULL, work, j) == 0)
        n++;
    if (n == 0 && j->n_tasks > 0)
        rc = bf_fail(err, BF_EIO, "cannot start a thread");
    if (rc == BF_OK)
        rc = collect(j, err);
    atomic_store(&j->stop, true);
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    for (int l = 0; l < j->looks.n; l++)
        free_scores(j, l);
    return rc;
}

static int prepare(struct job *j, struct bf_err *err)
{
    int *look_of = bf_arena_alloc(&j->arena, (size_t)j->asking->n + 1, sizeof *look_of);
    if (!look_of)
        return bf_fail_memory(err, "the built-in probe");
    BF_TRY(make_folds(j, err));
    BF_TRY(bf_looks_make(j->asking, &j->looks, look_of, &j->arena, err));
    if (make_units(j, look_of) != BF_OK || make_tasks(j) != BF_OK)
        return bf_fail_memory(err, "the built-in probe");
    return BF_OK;
}

int bf_crossfit(const struct bf_asking *asking, const struct bf_crossfit *o, struct bf_err *err)
{
    struct job j = { .asking = asking, .o = o };
    pthread_mutex_init(&j.lock, NULL);
    pthread_cond_init(&j.finished, NULL);
    int rc = prepare(&j, err);
    if (rc == BF_OK)
        rc = run_tasks(&j, err);
    pthread_cond_destroy(&j.finished);
    pthread_mutex_destroy(&j.lock);
    bf_arena_reset(&j.arena);
    return rc;
}
