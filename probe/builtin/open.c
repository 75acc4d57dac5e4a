/* Numbers and words, answered by choosing among what others were answered with. */
#include "probe/builtin/open.h"

#include <stdlib.h>
#include <string.h>

#include "probe/builtin/candidates.h"
#include "probe/builtin/cross.h"
#include "probe/builtin/folds.h"

enum { MIN_IN_CATEGORY = 40, MAX_KINDS = 256 };

/* Samples of one task and category, or of one task. */
struct kind {
    enum bf_task task;
    const char *category; /* NULL = any */
    struct bf_candidates c;
};

/* One fold on its way. */
struct open {
    const struct bf_asking *asking; /* the caller's */
    const struct bf_crossfit *o;
    const struct bf_refit *how;
    float *p_out;
    uint32_t *set;             /* [n_samples] */
    uint8_t *fold;             /* [n_samples] of the repeat at hand */
    struct bf_sample *samples; /* [n_samples] as if they had choices */
    struct bf_question *asked; /* of the fold at hand */
    struct bf_view *views;     /* [asking->n] */
    uint32_t *which;           /* their places in asking->questions */
    uint32_t n_open;           /* samples without choices */
    int n_kinds, n_tasks;      /* the first n_tasks are of any category */
    struct kind *kinds;
    int *kind; /* [n_samples] of its category, -1 = it has choices */
    struct bf_arena arena, lists;
};

static bool is_open(const struct bf_sample *s)
{
    return s->task == BF_NUMBER || (s->task == BF_FREE_TEXT && s->gold_text);
}

static int find_kind(struct open *x, const struct bf_sample *s, bool any)
{
    for (int i = 0; i < x->n_kinds; i++)
        if (x->kinds[i].task == s->task && !x->kinds[i].category == any &&
            (any || strcmp(x->kinds[i].category, s->category) == 0))
            return i;
    x->kinds[x->n_kinds] = (struct kind){ .task = s->task, .category = any ? NULL : s->category };
    return x->n_kinds++;
}

/* Number the kinds: both tasks first, then categories as they come, as far as there is room. */
static int make_kinds(struct open *x)
{
    const struct bf_pool *pool = x->asking->pool;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        x->n_open += is_open(&pool->samples[i]);
    x->kinds = bf_arena_alloc(&x->arena, MAX_KINDS, sizeof *x->kinds);
    x->kind = bf_arena_alloc(&x->arena, (size_t)pool->n_samples + 1, sizeof *x->kind);
    if (!x->kinds || !x->kind)
        return BF_ENOMEM;
    for (uint32_t i = 0; i < pool->n_samples; i++)
        if (is_open(&pool->samples[i]))
            (void)find_kind(x, &pool->samples[i], true);
    x->n_tasks = x->n_kinds;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        x->kind[i] = -1;
        if (is_open(s))
            x->kind[i] = find_kind(x, s, x->n_kinds == MAX_KINDS);
    }
    return BF_OK;
}

static bool teaches(const struct open *x, uint32_t sample, int fold)
{
    return x->kind[sample] >= 0 && x->fold[sample] != fold &&
           (!x->how || !x->how->alive || x->how->alive[sample]);
}

/* Candidates of one kind, from all folds but `fold`; none where a category has too few. */
static int list_kind(struct open *x, int kind, int fold)
{
    const struct bf_pool *pool = x->asking->pool;
    const int max = x->n_open > 20000 ? 12 : x->n_open > 5000 ? 16 : 24;
    struct kind *k = &x->kinds[kind];
    double *numbers = malloc(((size_t)x->n_open + 1) * sizeof *numbers);
    const char **texts = malloc(((size_t)x->n_open + 1) * sizeof(const char *));
    int rc = numbers && texts ? BF_OK : BF_ENOMEM;
    uint32_t n = 0;
    for (uint32_t i = 0; rc == BF_OK && i < pool->n_samples; i++) {
        const struct bf_sample *s = &pool->samples[i];
        if (s->task != k->task || !teaches(x, i, fold) ||
            (k->category && strcmp(k->category, s->category) != 0))
            continue;
        numbers[n] = s->gold_number;
        texts[n++] = s->gold_text;
    }
    k->c = (struct bf_candidates){ 0 };
    if (rc == BF_OK && (!k->category || n >= MIN_IN_CATEGORY))
        rc = k->task == BF_NUMBER ? bf_candidates_of_numbers(numbers, n, max, &k->c, &x->lists)
                                  : bf_candidates_of_texts(texts, n, max, &k->c, &x->lists);
    free(numbers);
    free(texts);
    return rc;
}

static const struct bf_candidates *candidates_of(const struct open *x, uint32_t sample)
{
    const struct kind *k = &x->kinds[x->kind[sample]];
    for (int i = 0; i < x->n_tasks && k->c.n < 2; i++)
        if (x->kinds[i].task == k->task)
            return &x->kinds[i].c;
    return &k->c;
}

/* The pool as if open samples had choices and the others were not there. Nobody looks at the gold
 * of the fold that is judged; others teach only what is a candidate. */
static void pretend(struct open *x, int fold)
{
    const struct bf_pool *pool = x->asking->pool;
    for (uint32_t i = 0; i < pool->n_samples; i++) {
        struct bf_sample *s = &x->samples[i];
        *s = pool->samples[i];
        s->task = BF_NUMBER;
        s->n_choices = 0;
        if (x->kind[i] < 0)
            continue;
        const struct bf_candidates *c = candidates_of(x, i);
        const int gold = x->fold[i] == fold ? 0 : bf_candidates_gold(c, &pool->samples[i]);
        if (c->n < 2 || gold < 0)
            continue;
        s->task = BF_CHOICE;
        s->choices = (const char **)(uintptr_t)c->text;
        s->n_choices = c->n;
        s->gold = gold;
        s->gold_set = BF_BIT(gold);
    }
}

/* What came of choosing, told as numbers and words. */
static int put_open(void *ctx, const uint32_t *which, const struct bf_answer *answers, uint32_t n,
                    struct bf_err *err)
{
    struct open *x = ctx;
    struct bf_answer *told = calloc((size_t)n + 1, sizeof *told);
    uint32_t *place = calloc((size_t)n + 1, sizeof *place);
    int rc = told && place ? BF_OK : bf_fail_memory(err, "the built-in probe");
    for (uint32_t i = 0; rc == BF_OK && i < n; i++) {
        const uint32_t sample = x->asked[which[i]].sample;
        const struct bf_sample *s = &x->asking->pool->samples[sample];
        bf_candidates_answer(candidates_of(x, sample), answers[i].p, s, &told[i]);
        place[i] = x->which[which[i]];
        if (x->how)
            x->p_out[sample] = s->task == BF_NUMBER ? told[i].credit : told[i].p[0];
    }
    if (rc == BF_OK && !x->how)
        rc = x->asking->put(x->asking->ctx, place, told, n, err);
    free(told);
    free(place);
    return rc;
}

/* Callbacks of the caller's that are called with what is not his. */
static const float *features(void *ctx, const struct bf_sample *s, const struct bf_part *part,
                             const struct bf_view *view, int *n_out)
{
    const struct open *x = ctx;
    return x->asking->features(x->asking->ctx, s, part, view, n_out);
}

static bool stopped(void *ctx)
{
    const struct open *x = ctx;
    return x->asking->stopped && x->asking->stopped(x->asking->ctx);
}

/* The questions of one fold and repeat. Candidates are known whatever is shown of choices. */
static uint32_t list_questions(struct open *x, int repeat, int fold)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->asking->n; i++) {
        const struct bf_question *q = &x->asking->questions[i];
        if (q->trial != repeat || x->kind[q->sample] < 0 || x->fold[q->sample] != fold ||
            candidates_of(x, q->sample)->n < 2)
            continue;
        x->views[n] = *q->view;
        x->views[n].choices = true;
        x->asked[n] = *q;
        x->asked[n].view = &x->views[n];
        x->which[n++] = i;
    }
    return n;
}

static int run_fold(struct open *x, int repeat, int fold, struct bf_err *err)
{
    struct bf_pool pool = *x->asking->pool;
    struct bf_asking asking = *x->asking;
    for (int k = 0; k < x->n_kinds; k++)
        if (list_kind(x, k, fold) != BF_OK)
            return bf_fail_memory(err, "the built-in probe");
    pretend(x, fold);
    pool.samples = x->samples;
    asking.pool = &pool;
    asking.n = list_questions(x, repeat, fold);
    asking.questions = x->asked;
    asking.ctx = x;
    asking.put = put_open;
    asking.features = x->asking->features ? features : NULL;
    asking.stopped = stopped;
    asking.note = NULL;
    struct bf_crossfit o = *x->o;
    o.embed.pool = x->asking->pool;
    struct bf_cross j = { .asking = &asking,
                          .o = &o,
                          .alive = x->how ? x->how->alive : NULL,
                          .without = x->how ? x->how->without : 0,
                          .set = x->set };
    return asking.n ? bf_cross_run(&j, err) : BF_OK;
}

static int run_repeat(struct open *x, int repeat, struct bf_err *err)
{
    uint32_t largest;
    BF_TRY(bf_folds_deal(x->asking->pool, x->set, x->how ? x->how->alive : NULL, x->o->folds,
                         bf_cross_seed(x->asking->spec, repeat), x->fold, &largest, err));
    for (int fold = 0; fold < x->o->folds; fold++) {
        const int rc = run_fold(x, repeat, fold, err);
        bf_arena_reset(&x->lists);
        BF_TRY(rc);
    }
    return BF_OK;
}

static int open_all(struct open *x, struct bf_err *err)
{
    const struct bf_asking *a = x->asking;
    const size_t n = (size_t)a->pool->n_samples + 1, n_asked = (size_t)a->n + 1;
    int last = 0;
    if (make_kinds(x) != BF_OK)
        return bf_fail_memory(err, "the built-in probe");
    if (x->n_open == 0)
        return BF_OK;
    x->set = bf_arena_alloc(&x->arena, n, sizeof *x->set);
    x->fold = bf_arena_alloc(&x->arena, n, 1);
    x->samples = bf_arena_alloc(&x->arena, n, sizeof *x->samples);
    x->asked = bf_arena_alloc(&x->arena, n_asked, sizeof *x->asked);
    x->views = bf_arena_alloc(&x->arena, n_asked, sizeof *x->views);
    x->which = bf_arena_alloc(&x->arena, n_asked, sizeof *x->which);
    if (!x->set || !x->fold || !x->samples || !x->asked || !x->views || !x->which)
        return bf_fail_memory(err, "the built-in probe");
    BF_TRY(bf_folds_sets(a->pool, x->set, err));
    for (uint32_t i = 0; i < a->n; i++)
        if (a->questions[i].trial > last)
            last = a->questions[i].trial;
    for (int repeat = x->how ? x->how->repeat : 0; repeat <= last; repeat++)
        BF_TRY(run_repeat(x, repeat, err));
    return BF_OK;
}

int bf_open_crossfit(const struct bf_asking *asking, const struct bf_crossfit *o,
                     const struct bf_refit *how, float *p_out, struct bf_err *err)
{
    struct open x = { .asking = asking, .o = o, .how = how, .p_out = p_out };
    bool any = false;
    for (uint32_t i = 0; i < asking->n && !any; i++)
        any = is_open(&asking->pool->samples[asking->questions[i].sample]);
    const int rc = any ? open_all(&x, err) : BF_OK;
    bf_arena_reset(&x.lists);
    bf_arena_reset(&x.arena);
    return rc;
}
