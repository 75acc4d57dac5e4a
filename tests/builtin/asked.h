/* The built-in probe asked about a pool that is in memory, through its table entry, as a run asks
 * it under `blind`: question and choices are shown, no media. */
#ifndef BF_TESTS_BUILTIN_ASKED_H
#define BF_TESTS_BUILTIN_ASKED_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/answer.h"
#include "core/ops.h"
#include "core/spec.h"
#include "core/view.h"

extern const struct bf_probe bf_probe_builtin;

/* What is asked, and what it said. */
struct asked {
    struct bf_spec spec;
    struct bf_probe_spec probe;
    struct bf_condition_spec condition_spec;
    struct bf_condition condition;
    struct bf_conditions conditions;
    struct bf_view *views;         /* [n_samples] */
    struct bf_question *questions; /* [n_samples] */
    struct bf_asking asking;
    uint32_t *first; /* [n_samples + 1]: where the choices of a sample begin in `p` */
    float *p;        /* [first[n_samples]]: probability of each choice; NaN = not answered */
    uint32_t n_answered;
    struct bf_arena arena;
};

static inline void *asked_room(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);
    if (!p) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return p;
}

static inline int asked_put(void *ctx, const uint32_t *which, const struct bf_answer *answers,
                            uint32_t n, struct bf_err *err)
{
    struct asked *a = ctx;
    (void)err;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t sample = a->questions[which[i]].sample;
        const uint32_t k = a->first[sample + 1] - a->first[sample];
        if (answers[i].n_p != (int)k)
            continue;
        memcpy(a->p + a->first[sample], answers[i].p, k * sizeof *a->p);
        a->n_answered++;
    }
    return BF_OK;
}

static inline bool asked_stopped(void *ctx)
{
    (void)ctx;
    return false;
}

static inline void asked_note(void *ctx, const char *line)
{
    (void)ctx;
    fprintf(stderr, "note: %s\n", line);
}

/* Set up for `pool`; `options` are pairs of name and value, ending with NULL: BF_EINVAL names the
 * one that the probe does not have or allow. */
static inline int asked_init(struct asked *a, const struct bf_pool *pool,
                             const char *const *options, uint64_t seed, int n_threads,
                             struct bf_err *err)
{
    const struct bf_op *op = &bf_probe_builtin.op;
    *a = (struct asked){
        .spec = { .seed = seed, .name = "asked" },
        .probe = { .name = "stat", .family = "stat", .trials = 1, .base = &bf_probe_builtin }
    };
    BF_TRY(bf_op_init(op, &a->probe.priv, &a->arena, err));
    for (int i = 0; options[i]; i += 2) {
        const struct bf_opt *row = bf_opt_find(op->opts, options[i]);
        if (!row)
            return bf_fail(err, BF_EINVAL, "the built-in probe has no option '%s'", options[i]);
        BF_TRY(bf_opt_set(row, a->probe.priv, &options[i + 1], 1, &a->arena, err));
    }
    a->spec.n_probes = 1;
    a->spec.probes = &a->probe;
    a->condition_spec = (struct bf_condition_spec){ .name = "blind", .kind = BF_COND_BLIND };
    a->condition =
        (struct bf_condition){ .name = "blind", .kind = BF_COND_BLIND, .spec = &a->condition_spec };
    a->conditions = (struct bf_conditions){ 1, &a->condition };
    a->views = asked_room(pool->n_samples, sizeof *a->views);
    a->questions = asked_room(pool->n_samples, sizeof *a->questions);
    a->first = asked_room(pool->n_samples + (size_t)1, sizeof *a->first);
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        bf_view_of(&a->condition, &pool->samples[i], &a->views[i]);
        a->questions[i] = (struct bf_question){ .sample = i, .view = &a->views[i] };
        a->first[i + 1] = a->first[i] + (uint32_t)pool->samples[i].n_choices;
    }
    a->p = asked_room(a->first[pool->n_samples], sizeof *a->p);
    for (uint32_t r = 0; r < a->first[pool->n_samples]; r++)
        a->p[r] = NAN;
    a->asking = (struct bf_asking){ .spec = &a->spec,
                                    .probe = &a->probe,
                                    .pool = pool,
                                    .conditions = &a->conditions,
                                    .n = pool->n_samples,
                                    .questions = a->questions,
                                    .n_threads = n_threads,
                                    .ctx = a,
                                    .put = asked_put,
                                    .stopped = asked_stopped,
                                    .note = asked_note };
    return BF_OK;
}

static inline int asked_ask(struct asked *a, struct bf_err *err)
{
    return bf_probe_builtin.ask(&a->asking, err);
}

static inline void asked_done(struct asked *a)
{
    free(a->views);
    free(a->questions);
    free(a->first);
    free(a->p);
    bf_arena_reset(&a->arena);
}

#endif
