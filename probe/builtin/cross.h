#ifndef BF_PROBE_BUILTIN_CROSS_H
#define BF_PROBE_BUILTIN_CROSS_H

#include <pthread.h>

#include "probe/builtin/bins.h"
#include "probe/builtin/crossfit.h"
#include "probe/builtin/looks.h"
#include "probe/builtin/priors.h"

/* Inside of cross-fitting: what is planned (plan.c), and done (crossfit.c). */

/* The pool dealt into folds once. */
struct bf_cross_deal {
    int repeat;
    uint8_t *fold; /* [n_samples] */
};

/* What is to be judged of one look in one fold. */
struct bf_cross_unit {
    uint32_t n;
    uint32_t *samples;   /* [n] */
    uint32_t *questions; /* [n] indices into asking->questions */
    int n_waits;         /* fits that are not there yet */
    bool failed;
    float *p; /* malloc'ed: probabilities, sample after sample */
};

/* A model trained without folds a and b (a <= b), and what it says of their samples. */
struct bf_cross_fit {
    int pass, a, b;
    int n_users;               /* units that are still to be stacked with it */
    struct bf_scored *margins; /* malloc'ed: rows of fold a, then of b */
};

/* One look with one way to deal. */
struct bf_cross_pass {
    int look;
    const struct bf_cross_deal *deal;
    struct bf_cross_unit *units; /* [folds] */
    struct bf_cross_fit **fits;  /* [folds][folds], a <= b; NULL = not wanted */
    uint32_t *slot;              /* [n_samples] place of its first row among the rows of its fold */
    uint32_t *fold_rows;         /* [folds] */
    struct bf_priors priors;     /* of learner priors */
};

/* A unit by its place. */
struct bf_cross_at {
    int pass, fold;
};

/* All of it. The first members are the caller's. */
struct bf_cross {
    const struct bf_asking *asking;
    const struct bf_crossfit *o;
    const uint8_t *alive; /* [n_samples], or NULL = all */
    float *p_out;         /* [n_samples] of a refit; NULL: answers are put */
    uint32_t without;     /* BF_BIT() of enum bf_evidence */
    const uint32_t *set;  /* [n_samples] see bf_folds_sets; NULL: found here */
    struct bf_arena arena;
    int *gold;          /* [n_samples] */
    uint32_t *category; /* [n_samples] */
    uint32_t n_categories;
    struct bf_looks looks;
    int *look_of;               /* [asking->n] look of each question, -1 = cannot be answered */
    struct bf_bins *bins;       /* [looks.n] of the words of each look; of learners with trees */
    struct bf_columns *columns; /* [looks.n] the same; of learner priors */
    int n_deals;
    struct bf_cross_deal *deals;
    int n_passes;
    struct bf_cross_pass *passes;
    int n_fits, next_fit;
    struct bf_cross_fit *fits;
    int n_units;                   /* with something to judge */
    int n_stackable, next_stack;   /* units whose fits are all there */
    int n_stacked;                 /* units whose probabilities are there */
    struct bf_cross_at *stackable; /* [n_units] */
    struct bf_cross_at *stacked;   /* [n_units] in order of completion */
    bool stop;
    pthread_mutex_t lock; /* guards all counters above and those of units and fits */
    pthread_cond_t work, finished;
};

static inline bool bf_cross_has(const struct bf_cross *j, uint32_t sample)
{
    return !j->alive || j->alive[sample];
}

static inline uint32_t bf_cross_rows(const struct bf_look *l, uint32_t sample)
{
    return l->rows->first_row[sample + 1] - l->rows->first_row[sample];
}

static inline bool bf_cross_linear(const struct bf_cross *j)
{
    return j->o->learner == BF_LEARN_LINEAR || j->o->learner == BF_LEARN_BLEND;
}

static inline bool bf_cross_trees(const struct bf_cross *j)
{
    return j->o->learner == BF_LEARN_TREES || j->o->learner == BF_LEARN_BLEND;
}

static inline const struct bf_look *bf_cross_look(const struct bf_cross *j,
                                                  const struct bf_cross_pass *p)
{
    return &j->looks.v[p->look];
}

/* How far from fold a its partners are, on both sides. A few weights are known from few samples;
 * trees want more, and get them where models are quickly trained: without media. */
static inline int bf_cross_reach(const struct bf_cross *j, const struct bf_cross_pass *p)
{
    enum { MANY_SAMPLES = 10000 };
    const bool few = j->asking->pool->n_samples < MANY_SAMPLES;
    return bf_cross_look(j, p)->n_blocks == 0 && (few || bf_cross_trees(j)) ? 2 : 1;
}

/* The look that a pass learns from. */
static inline const struct bf_look *bf_cross_taught(const struct bf_cross *j,
                                                    const struct bf_cross_pass *p)
{
    return &j->looks.v[j->looks.v[p->look].taught_by];
}

/* The fit that unit a uses for the samples of fold b. */
static inline struct bf_cross_fit *bf_cross_fit_at(const struct bf_cross *j,
                                                   const struct bf_cross_pass *p, int a, int b)
{
    return p->fits[(a < b ? a : b) * j->o->folds + (a < b ? b : a)];
}

/* What a fit said of a sample in one of its two folds. */
static inline const struct bf_scored *
bf_cross_margins(const struct bf_cross_pass *p, const struct bf_cross_fit *f, uint32_t sample)
{
    const uint32_t skip = p->deal->fold[sample] == f->a ? 0 : p->fold_rows[f->a];
    return f->margins + skip + p->slot[sample];
}

/* What folds of a repeat are dealt by: of repeat 0 the spec's own seed. */
uint64_t bf_cross_seed(const struct bf_spec *spec, int repeat);

/* What is shown, and who hangs together; `j` has what its first members say. Codes as below. */
int bf_cross_open(struct bf_cross *j, struct bf_err *err);

/* Everything but the training: looks, folds, units and the fits that they need. BF_ENOMEM, or
 * what bf_looks_make() returns. */
int bf_cross_plan(struct bf_cross *j, struct bf_err *err);

/* Plan and do it all; `j->arena` is then empty again. */
int bf_cross_run(struct bf_cross *j, struct bf_err *err);

#endif
