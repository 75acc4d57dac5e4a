/* The built-in probe trained again: without some samples or evidence, or on random partitions. */
#include <math.h>
#include <stdlib.h>

#include "probe/builtin/cross.h"
#include "probe/builtin/open.h"
#include "probe/builtin/partitions.h"

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

/* The samples that take part, numbered, for models on random partitions. */
struct parted {
    const struct bf_cross *j;
    uint64_t round;
    uint32_t *sample;   /* [n] its place in the pool */
    int *look;          /* [n] */
    uint32_t *group;    /* [n] */
    uint8_t *n_choices; /* [n] */
    uint8_t *gold;      /* [n] */
    uint16_t *n_right, *n_judged;
    uint32_t n;
};

/* Those of `which` [n] that are seen with a look, by their place in the pool. */
static uint32_t of_look(const struct parted *x, int look, const uint32_t *which, uint32_t n,
                        uint32_t *out)
{
    uint32_t n_out = 0;
    for (uint32_t i = 0; i < n; i++)
        if (x->look[which[i]] == look)
            out[n_out++] = x->sample[which[i]];
    return n_out;
}

static void predict(const struct parted *x, int look, const struct bf_scored *scores,
                    const uint32_t *test, uint32_t n_test, uint8_t *choice_out)
{
    const uint32_t *first = x->j->looks.v[look].rows->first_row;
    for (uint32_t i = 0; i < n_test; i++) {
        const struct bf_scored *s = &scores[first[x->sample[test[i]]]];
        if (x->look[test[i]] != look)
            continue;
        choice_out[i] = 0;
        for (uint8_t c = 1; c < x->n_choices[test[i]]; c++)
            if (s[c].text + s[c].media > s[choice_out[i]].text + s[choice_out[i]].media)
                choice_out[i] = c;
    }
}

/* One linear model for each look; every look's is trained on all samples, as ever. */
static int fit_partition(const struct parted *x, const struct bf_split *s, struct bf_err *err)
{
    const struct bf_crossfit *o = x->j->o;
    const struct bf_rows *rows = x->j->looks.v[0].rows;
    uint32_t *learn = malloc(((size_t)s->n_train + 1) * sizeof *learn);
    uint32_t *judge = malloc(((size_t)s->n_test + 1) * sizeof *judge);
    struct bf_scored *scores =
        malloc(((size_t)rows->first_row[rows->n_samples] + 1) * sizeof *scores);
    int rc = learn && judge && scores ? BF_OK : bf_fail_memory(err, "the built-in probe");
    for (uint32_t i = 0; rc == BF_OK && i < s->n_train; i++)
        learn[i] = x->sample[s->train[i]];
    for (int l = 0; rc == BF_OK && l < x->j->looks.n; l++) {
        const struct bf_look *look = &x->j->looks.v[l];
        const struct bf_learn how = { look->rows, x->j->gold, look->n_blocks, look->blocks,
                                      o->epochs,  o->rate,    o->l2,          o->l1 };
        const uint32_t n = of_look(x, l, s->test, s->n_test, judge);
        const struct bf_rng rng =
            bf_rng_for(x->j->asking->spec->seed, x->j->asking->probe->name, "partition", s->model);
        if (n == 0)
            continue;
        rc = bf_learn(&how, learn, s->n_train, judge, n, rng, scores, err);
        if (rc == BF_OK)
            predict(x, l, scores, s->test, s->n_test, s->choice);
    }
    free(scores);
    free(judge);
    free(learn);
    return rc;
}

static int fit_partitions(void *ctx, const struct bf_split *splits, uint32_t n, struct bf_err *err)
{
    for (uint32_t i = 0; i < n; i++)
        BF_TRY(fit_partition(ctx, &splits[i], err));
    return BF_OK;
}

static int number_samples(struct parted *x, struct bf_arena *a)
{
    const struct bf_cross *j = x->j;
    const size_t n = (size_t)j->asking->n + 1;
    uint32_t *number = bf_arena_alloc(a, (size_t)j->asking->pool->n_samples + 1, sizeof *number);
    x->sample = bf_arena_alloc(a, n, sizeof *x->sample);
    x->look = bf_arena_alloc(a, n, sizeof *x->look);
    x->group = bf_arena_alloc(a, n, sizeof *x->group);
    x->n_choices = bf_arena_alloc(a, n, 1);
    x->gold = bf_arena_alloc(a, n, 1);
    x->n_right = bf_arena_alloc(a, n, sizeof *x->n_right);
    x->n_judged = bf_arena_alloc(a, n, sizeof *x->n_judged);
    if (!number || !x->sample || !x->look || !x->group || !x->n_choices || !x->gold ||
        !x->n_right || !x->n_judged)
        return BF_ENOMEM;
    for (uint32_t q = 0; q < j->asking->n; q++) {
        const uint32_t sample = j->asking->questions[q].sample, set = j->set[sample];
        if (j->look_of[q] < 0)
            continue;
        /* A set is numbered by the first of its samples that takes part. */
        if (number[set] == 0)
            number[set] = x->n + 1;
        x->sample[x->n] = sample;
        x->look[x->n] = j->look_of[q];
        x->group[x->n] = number[set] - 1;
        x->n_choices[x->n] = (uint8_t)j->asking->pool->samples[sample].n_choices;
        x->gold[x->n++] = (uint8_t)j->gold[sample];
    }
    return BF_OK;
}

/* How often each sample is predicted by models trained on random parts of the others. */
static int refit_parts(struct bf_cross *j, const struct bf_refit *how, float *p_out,
                       struct bf_err *err)
{
    struct parted x = { .j = j };
    BF_TRY(bf_cross_open(j, err));
    if (number_samples(&x, &j->arena) != BF_OK)
        return bf_fail_memory(err, "the built-in probe");
    const struct bf_partitions parts = { .n = x.n,
                                         .group = x.group,
                                         .n_choices = x.n_choices,
                                         .gold = x.gold,
                                         .n_models = (uint32_t)how->n_models,
                                         .n_train = how->n_train,
                                         .seed = j->asking->spec->seed,
                                         .round = (uint64_t)how->repeat,
                                         .n_threads = j->asking->n_threads };
    const struct bf_fitter fitter = { &x, 1, fit_partitions };
    const struct bf_partition_counts counts = { x.n_right, x.n_judged };
    BF_TRY(bf_partitions_fit(&parts, &fitter, &counts, err));
    for (uint32_t i = 0; i < x.n; i++)
        p_out[x.sample[i]] = (float)bf_partition_share(&counts, i);
    return BF_OK;
}

int bf_crossfit_again(const struct bf_asking *asking, const struct bf_crossfit *o,
                      const struct bf_refit *how, float *p_out, struct bf_err *err)
{
    struct bf_asking all = *asking;
    struct bf_question *questions = NULL;
    struct bf_view *views = NULL;
    struct bf_cross j = {
        .asking = &all, .o = o, .alive = how->alive, .p_out = p_out, .without = how->without
    };
    for (uint32_t i = 0; i < asking->pool->n_samples; i++)
        p_out[i] = NAN;
    int rc = questions_of(asking, how, &questions, &views, &all.n, err);
    all.questions = questions;
    if (rc == BF_OK && how->n_models) {
        rc = refit_parts(&j, how, p_out, err);
        bf_arena_reset(&j.arena);
    } else if (rc == BF_OK) {
        rc = bf_cross_run(&j, err);
        if (rc == BF_OK)
            rc = bf_open_crossfit(&all, o, how, p_out, err);
    }
    free(questions);
    free(views);
    return rc;
}
