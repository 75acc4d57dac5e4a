/* Score `repair`: what a probe that is trained again with less evidence would still know. */
#include "core/ops.h"
#include "tests/test.h"
#include "tests/unit/filter_maker.h"

extern const struct bf_metric bf_metric_repair;
extern const struct bf_probe bf_probe_builtin;

enum {
    POSITION = BF_BIT(BF_EVIDENCE_POSITION),
    LENGTH = BF_BIT(BF_EVIDENCE_LENGTH),
    CHOICE = BF_BIT(BF_EVIDENCE_CHOICE)
};

/* A probe that knows an answer while it has all that the sample rests on. */
struct fake {
    const struct maker *m;
    uint32_t rests_on[MAKER_MAX][2]; /* either of these kinds is enough */
    int n_asked;
    uint32_t asked[8];
    float luck[2]; /* what p of repeats is moved by */
    struct bf_refitter refitter;
};

static int refit(void *ctx, int probe, const struct bf_refit *how, float *p_out, struct bf_err *err)
{
    struct fake *f = ctx;
    (void)err;
    CHECK_INT(probe, 0);
    CHECK_INT(how->n_models, 0);
    CHECK_STR(f->m->conditions.v[how->condition].name, "blind");
    f->asked[f->n_asked++] = how->without;
    for (uint32_t i = 0; i < f->m->pool.n_samples; i++) {
        const bool knows =
            (f->rests_on[i][0] & ~how->without) || (f->rests_on[i][1] & ~how->without);
        p_out[i] = (knows ? 0.8f : 0.2f) + f->luck[how->repeat];
    }
    return BF_OK;
}

static struct maker *samples(struct fake *f, uint32_t n)
{
    struct maker *m = maker_new();
    *f = (struct fake){ .m = m };
    maker_init(m, 1, n, 1);
    m->probes[0].base = &bf_probe_builtin;
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_condition(m, "blind", BF_COND_BLIND, 1);
    maker_clear(m);
    f->refitter = (struct bf_refitter){ f, refit };
    m->table.refitter = &f->refitter;
    return m;
}

/* The probe gave p(gold) to a sample under `blind`. */
static void knows(struct maker *m, uint32_t sample, float p)
{
    struct bf_cell *c = maker_cell(m, 0, 1, sample);
    c->p = c->a = p;
    c->n_p = 1;
    c->n[BF_RIGHT] = 1;
}

static const char *repair_of(struct maker *m, uint32_t sample)
{
    const struct bf_column *c = bf_scores_find(&m->scores, "repair");
    return isnan(c->v[sample]) ? "" : c->words[(size_t)c->v[sample]];
}

static void run(struct maker *m)
{
    CHECK_INT(bf_metric_repair.compute(&m->table, &m->scores, NULL), BF_OK);
}

/* docs/metrics.md: six samples above 1/2, one below. */
static void what_helps_is_named_one_thing_first(void)
{
    struct fake f;
    struct maker *m = samples(&f, 7);
    for (uint32_t i = 0; i < 7; i++)
        knows(m, i, i == 6 ? 0.3f : 0.8f);
    f.rests_on[0][0] = POSITION;
    f.rests_on[1][0] = LENGTH;
    f.rests_on[2][0] = CHOICE;
    f.rests_on[3][0] = POSITION;
    f.rests_on[3][1] = LENGTH;
    f.rests_on[4][0] = POSITION | LENGTH; /* known by each of three */
    f.rests_on[4][1] = CHOICE;
    f.rests_on[5][0] = BF_BIT(BF_EVIDENCE_OVERLAP);
    run(m);
    CHECK_STR(repair_of(m, 0), "shuffle");
    CHECK_STR(repair_of(m, 1), "level");
    CHECK_STR(repair_of(m, 2), "new_choices");
    CHECK_STR(repair_of(m, 3), "shuffle+level");
    CHECK_STR(repair_of(m, 4), "shuffle+level+new_choices");
    CHECK_STR(repair_of(m, 5), "rewrite");
    CHECK_STR(repair_of(m, 6), "");
    CHECK_INT(f.n_asked, 7);
    CHECK(bf_scores_find(&m->scores, "repair.shuffle")->v[0] < 0.21);
    CHECK(bf_scores_find(&m->scores, "repair.level")->v[0] > 0.79);
    CHECK(isnan(bf_scores_find(&m->scores, "repair.level")->v[6]));
    CHECK_STR(m->scores.repair_said,
              "of 6 questions above 0.5: 1 would be saved by shuffling letters, 1 by levelling "
              "lengths, 1 by new choices, 2 by several of these; 1 are to be rewritten or removed");
    const struct bf_stat *s = maker_stat(m, "repair.shuffle", "stat", "blind", "", "all");
    CHECK_INT(s->n, 6);
    CHECK(fabs(s->value - 1. / 6) < 1e-12);
    maker_done(m);
}

/* Nothing is trained that nobody needs. */
static void what_is_saved_is_not_tried_again(void)
{
    struct fake f;
    struct maker *m = samples(&f, 3);
    knows(m, 1, 0.9f);
    f.rests_on[1][0] = POSITION;
    run(m);
    CHECK_INT(f.n_asked, 1);
    CHECK_INT(f.asked[0], POSITION);
    CHECK_STR(repair_of(m, 1), "shuffle");
    maker_done(m);
    m = samples(&f, 3);
    for (uint32_t i = 0; i < 3; i++)
        knows(m, i, 0.5f); /* at the limit, not above it */
    run(m);
    CHECK_INT(f.n_asked, 0);
    CHECK_STR(repair_of(m, 1), "");
    maker_done(m);
}

/* Questions without choices have no letters to shuffle. */
static void without_choices_there_is_nothing_to_mend(void)
{
    struct fake f;
    struct maker *m = samples(&f, 3);
    const enum bf_task tasks[] = { BF_YESNO, BF_NUMBER, BF_FREE_TEXT };
    for (uint32_t i = 0; i < 3; i++) {
        m->samples[i].task = tasks[i];
        knows(m, i, 0.9f);
        f.rests_on[i][0] = POSITION;
    }
    run(m);
    CHECK_INT(f.n_asked, 0);
    for (uint32_t i = 0; i < 3; i++)
        CHECK_STR(repair_of(m, i), "rewrite");
    maker_done(m);
}

/* The filter has the mean over the repeats, so one lucky repeat saves nothing. */
static void repeats_are_averaged(void)
{
    struct fake f;
    struct maker *m = samples(&f, 1);
    m->probes[0].trials = 2;
    knows(m, 0, 0.8f);
    f.rests_on[0][0] = LENGTH;
    f.luck[0] = -0.4f;
    f.luck[1] = 0.2f;
    run(m);
    CHECK_STR(repair_of(m, 0), "level");
    CHECK_INT(f.n_asked, 4);
    CHECK(fabs(bf_scores_find(&m->scores, "repair.shuffle")->v[0] - 0.7) < 1e-6);
    maker_done(m);
}

static void the_limit_is_that_of_the_filter(void)
{
    struct fake f;
    struct bf_arena a = { 0 };
    struct maker *m = samples(&f, 2);
    struct bf_filter_spec filter = filter_new(&bf_filter_shortcut, &a);
    filter_set(&filter, "probe", "stat", &a);
    filter_set(&filter, "above", "0.85", &a);
    m->spec.filters = &filter;
    m->spec.n_filters = 1;
    knows(m, 0, 0.8f);
    knows(m, 1, 0.9f);
    f.rests_on[1][0] = LENGTH;
    run(m);
    CHECK_STR(repair_of(m, 0), "");
    CHECK_STR(repair_of(m, 1), "shuffle"); /* 0.8 is below 0.85 */
    maker_done(m);
    bf_arena_reset(&a);
}

static void without_a_probe_that_learns_it_is_null(void)
{
    struct fake f;
    struct maker *m = samples(&f, 2);
    m->table.refitter = NULL;
    run(m);
    CHECK_INT(m->scores.n_stats, 1);
    CHECK(isnan(m->scores.stats[0].value));
    CHECK_STR(m->scores.stats[0].null_reason,
              "no probe that learns from the pool was asked under the condition");
    maker_done(m);
}

TEST_MAIN(TEST(what_helps_is_named_one_thing_first), TEST(what_is_saved_is_not_tried_again),
          TEST(without_choices_there_is_nothing_to_mend), TEST(repeats_are_averaged),
          TEST(the_limit_is_that_of_the_filter), TEST(without_a_probe_that_learns_it_is_null))
