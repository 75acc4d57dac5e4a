/* The built-in probe trained again: without some samples or evidence, or on random partitions. */
#include <math.h>
#include <stdlib.h>

#include "probe/builtin/cross.h"

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
    struct bf_cross j = {
        .asking = &all, .o = o, .alive = how->alive, .p_out = p_out, .without = how->without
    };
    for (uint32_t i = 0; i < asking->pool->n_samples; i++)
        p_out[i] = NAN;
    int rc = questions_of(asking, how, &questions, &views, &all.n, err);
    all.questions = questions;
    if (rc == BF_OK)
        rc = bf_cross_run(&j, err);
    free(questions);
    free(views);
    return rc;
}
