#include "core/release.h"
#include "filters/prune.h"
#include "tests/test.h"
#include "tests/unit/filter_maker.h"

extern const struct bf_filter bf_filter_ibp, bf_filter_aflite;

static struct bf_arena arena;

/* Scores that stand, whatever is left. */
static int standing_scores(void *ctx, const uint8_t *alive, uint32_t round, double *s_out,
                           struct bf_err *err)
{
    const double *s = ctx;
    (void)alive, (void)round, (void)err;
    for (int i = 0; i < 5; i++)
        s_out[i] = s[i];
    return BF_OK;
}

static const uint32_t in_order[] = { 0, 1, 2, 3, 4 };

/* The example of docs/metrics.md#ibp. */
static void pruning_works_as_in_the_docs(void)
{
    static const uint32_t types[] = { 0, 0, 0, 1 };
    double s[5] = { 0.9, 0.7, 0.9 + 1e-14, 0.6 };
    const struct bf_prune_pool pool = { 4, in_order, types, 2 };
    const struct bf_prune how = { BF_PRUNE_IBP, 3, 2, 0.5, 1 };
    struct bf_prune_fate fates[4];
    uint8_t alive[4] = { 1, 1, 1, 1 };
    uint32_t n_removed = 0, n_rounds = 0;
    CHECK_INT(bf_prune(&how, &pool, &(struct bf_prune_scorer){ s, standing_scores }, alive, fates,
                       &n_removed, &n_rounds, NULL),
              BF_OK);
    CHECK_INT(n_removed, 2);
    CHECK_INT(n_rounds, 1);
    CHECK_INT(fates[0].order, 1); /* equal at 12 decimals, so by id */
    CHECK_INT(fates[2].order, 2);
    CHECK(alive[1] && alive[3] && !alive[0] && !alive[2]);
    CHECK(fates[3].s == 0.6 && fates[3].order == 0);
}

/* The highest alone must be above tau: its batch goes whole. */
static void the_early_stop_looks_at_the_highest(void)
{
    double s[5] = { 0.4, 0.9, 0.3, NAN, 0.2 };
    static const uint32_t types[5];
    const struct bf_prune_pool pool = { 5, in_order, types, 1 };
    const struct bf_prune how = { BF_PRUNE_IBP, 5, 2, 0.35, 0 };
    struct bf_prune_fate fates[5];
    uint8_t alive[5] = { 1, 1, 1, 1, 1 };
    uint32_t n_removed = 0, n_rounds = 0;
    CHECK_INT(bf_prune(&how, &pool, &(struct bf_prune_scorer){ s, standing_scores }, alive, fates,
                       &n_removed, &n_rounds, NULL),
              BF_OK);
    CHECK_INT(n_removed, 2);
    CHECK(!alive[0] && !alive[1] && alive[2] && alive[3] && alive[4]);
    CHECK_INT(fates[1].order, 1);
}

/* The example of docs/metrics.md#aflite. */
static void aflite_works_as_in_the_docs(void)
{
    static const uint32_t types[5];
    double s[5] = { 1, 0.8, 0.8, 0.7, 0 };
    const struct bf_prune_pool pool = { 5, in_order, types, 1 };
    const struct bf_prune how = { BF_PRUNE_AFLITE, 5 - 2, 2, 0.75, 0 };
    struct bf_prune_fate fates[5];
    uint8_t alive[5] = { 1, 1, 1, 1, 1 };
    uint32_t n_removed = 0, n_rounds = 0;
    CHECK_INT(bf_prune(&how, &pool, &(struct bf_prune_scorer){ s, standing_scores }, alive, fates,
                       &n_removed, &n_rounds, NULL),
              BF_OK);
    CHECK_INT(n_removed, 3);
    CHECK_INT(n_rounds, 2);
    CHECK_INT(fates[2].order, 3);
    CHECK_INT(fates[2].round, 2);
    CHECK(alive[3] && alive[4]);
}

/* A full slice goes even where fewer would reach the target. */
static void aflite_may_end_below_its_target(void)
{
    static const uint32_t types[5];
    double s[5] = { 1, 1, 1, 1, 0 };
    const struct bf_prune_pool pool = { 5, in_order, types, 1 };
    const struct bf_prune how = { BF_PRUNE_AFLITE, 5 - 2, 2, 0.75, 0 };
    struct bf_prune_fate fates[5];
    uint8_t alive[5] = { 1, 1, 1, 1, 1 };
    uint32_t n_removed = 0, n_rounds = 0;
    CHECK_INT(bf_prune(&how, &pool, &(struct bf_prune_scorer){ s, standing_scores }, alive, fates,
                       &n_removed, &n_rounds, NULL),
              BF_OK);
    CHECK_INT(n_removed, 4);
}

static void ids_that_are_numbers_sort_by_value(void)
{
    static const char *const ids[] = { "q10", "10", "9", "q9", "010", "" };
    uint32_t place[6];
    CHECK_INT(bf_prune_sort_ids(ids, 6, place, NULL), BF_OK);
    CHECK_INT(place[2], 0); /* 9 */
    CHECK_INT(place[4], 1); /* 010, 10 */
    CHECK_INT(place[1], 2);
    CHECK_INT(place[5], 3);
    CHECK_INT(place[0], 4); /* q10 before q9, byte by byte */
    CHECK_INT(place[3], 5);
}

static void budgets_are_shared_by_largest_remainder(void)
{
    static const uint32_t counts[] = { 2, 1, 4 }, equal[] = { 1, 1, 1 }, none[] = { 0, 0 };
    uint32_t out[3];
    bf_prune_share(counts, 3, 100, out); /* 28.57, 14.29, 57.14 */
    CHECK(out[0] == 29 && out[1] == 14 && out[2] == 57);
    bf_prune_share(equal, 3, 5, out); /* of equal remainders the first */
    CHECK(out[0] == 2 && out[1] == 2 && out[2] == 1);
    bf_prune_share(none, 2, 5, out);
    CHECK(out[0] == 0 && out[1] == 0);
    bf_prune_share(counts, 3, 7, out);
    CHECK(out[0] == 2 && out[1] == 1 && out[2] == 4);
}

/* A probe that learns from the pool: p(gold) falls when the samples it learned from are gone. */
struct learner {
    int n_asked, n_models;
    uint32_t n_train;
    uint32_t n_left[8];
    int repeat[8];
};

static int fake_refit(void *ctx, int probe, const struct bf_refit *how, float *p_out,
                      struct bf_err *err)
{
    struct learner *l = ctx;
    uint32_t n = 0;
    (void)probe, (void)err;
    for (uint32_t i = 0; i < 6; i++)
        n += how->alive[i];
    if (l->n_asked < 8) {
        l->n_left[l->n_asked] = n;
        l->repeat[l->n_asked] = how->repeat;
    }
    l->n_asked++;
    l->n_models = how->n_models;
    l->n_train = how->n_train;
    /* round 1: sample i has i / 10; once one is gone it is the other way round */
    for (uint32_t i = 0; i < 6; i++)
        p_out[i] = how->alive[i] ? (float)(n == 6 ? i : 6 - i) / 10 : NAN;
    return BF_OK;
}

static int never(const struct bf_asking *asking, const struct bf_refit *how, float *p_out,
                 struct bf_err *err)
{
    (void)asking, (void)how, (void)p_out;
    return bf_fail(err, BF_EIO, "the refitter is asked, not the probe");
}

static const struct bf_probe learns = { .op = { .name = "fake" }, .refit = never };

/* Six samples that a learning probe gives 0.1 .. 0.6 blind. */
static struct maker *six(const struct bf_refitter *r)
{
    struct maker *m = maker_new();
    maker_init(m, 2, 6, 1);
    m->probes[0].base = &learns;
    m->probes[1].base = &learns;
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    maker_clear(m);
    for (uint32_t i = 0; i < 6; i++)
        maker_p(m, 0, 0, i, 0.1 * (i + 1));
    m->table.refitter = r;
    return m;
}

static int conclude(struct maker *m, struct bf_filter_spec *filters, int n, struct bf_err *err)
{
    m->spec.filters = filters;
    m->spec.n_filters = n;
    return bf_filters_conclude(&m->table, &m->scores, &arena, err);
}

static void done(struct maker *m)
{
    maker_done(m);
    bf_arena_reset(&arena);
}

static void a_probe_that_learns_is_trained_again_each_round(void)
{
    struct learner l = { 0 };
    const struct bf_refitter r = { &l, fake_refit };
    struct maker *m = six(&r);
    struct bf_filter_spec f = filter_new(&bf_filter_ibp, &arena);
    uint32_t targets;
    const char *reason;
    filter_set(&f, "probe", "stat", &arena);
    filter_set(&f, "budget", "1/2", &arena);
    filter_set(&f, "batch", "1", &arena);
    filter_set(&f, "floor", "0", &arena);
    filter_set(&f, "repeats", "2", &arena);
    m->spec.filters = &f;
    m->spec.n_filters = 1;
    CHECK_INT(filter_decide(&f, m, 5, &targets, &reason, &arena), BF_KEEP); /* not yet */
    CHECK_INT(conclude(m, &f, 1, NULL), BF_OK);
    CHECK_INT(l.n_asked, 6); /* three rounds, two repeats */
    CHECK(l.n_left[0] == 6 && l.n_left[1] == 6 && l.n_left[2] == 5 && l.n_left[4] == 4);
    CHECK(l.repeat[0] == 0 && l.repeat[1] == 1 && l.repeat[2] == 0 && l.n_models == 0);
    CHECK_INT(filter_decide(&f, m, 5, &targets, &reason, &arena), BF_REJECT);
    CHECK_STR(reason, "stat s 0.5 under blind: number 1 of 3 removed, round 1 of 3");
    CHECK_INT(filter_decide(&f, m, 0, &targets, &reason, &arena), BF_REJECT);
    CHECK_STR(reason, "stat s 0.6 under blind: number 2 of 3 removed, round 2 of 3");
    CHECK_INT(filter_decide(&f, m, 1, &targets, &reason, &arena), BF_REJECT);
    CHECK_INT(filter_decide(&f, m, 2, &targets, &reason, &arena), BF_KEEP);
    CHECK_STR(reason, "stat s 0.4 under blind: not removed");
    done(m);
}

static void aflite_draws_anew_each_round(void)
{
    struct learner l = { 0 };
    const struct bf_refitter r = { &l, fake_refit };
    struct maker *m = six(&r);
    struct bf_filter_spec f = filter_new(&bf_filter_aflite, &arena);
    filter_set(&f, "probe", "stat", &arena);
    filter_set(&f, "keep", "4", &arena);
    filter_set(&f, "slice", "1", &arena);
    filter_set(&f, "above", "0.3", &arena);
    filter_set(&f, "models", "9", &arena);
    CHECK_INT(conclude(m, &f, 1, NULL), BF_OK);
    CHECK_INT(l.n_asked, 2);
    CHECK(l.repeat[0] == 0 && l.repeat[1] == 1);
    CHECK(l.n_models == 9 && l.n_train == 2); /* half of 4 */
    done(m);
}

static void retrain_false_asks_nobody(void)
{
    struct learner l = { 0 };
    const struct bf_refitter r = { &l, fake_refit };
    struct maker *m = six(&r);
    struct bf_filter_spec f = filter_new(&bf_filter_ibp, &arena);
    uint32_t targets;
    const char *reason;
    filter_set(&f, "probe", "stat", &arena);
    filter_set(&f, "budget", "2", &arena);
    filter_set(&f, "floor", "0", &arena);
    filter_set(&f, "retrain", "no", &arena);
    CHECK_INT(conclude(m, &f, 1, NULL), BF_OK);
    CHECK_INT(l.n_asked, 0);
    CHECK_INT(filter_decide(&f, m, 4, &targets, &reason, &arena), BF_REJECT);
    CHECK_STR(reason, "stat s 0.5 under blind: number 2 of 2 removed, round 1 of 1");
    done(m);
}

static void without_a_refitter_it_says_so(void)
{
    struct maker *m = six(NULL);
    struct bf_filter_spec f = filter_new(&bf_filter_ibp, &arena);
    struct bf_err err;
    filter_set(&f, "probe", "stat", &arena);
    filter_set(&f, "budget", "2", &arena);
    CHECK_INT(conclude(m, &f, 1, &err), BF_EINVAL);
    CHECK_STR(err.msg, "probe 'stat' cannot be trained again here");
    done(m);
}

/* The loop sees what filters before it left, and nothing that filters behind it say. */
static void pruning_sees_what_was_left(void)
{
    struct maker *m = six(NULL);
    struct bf_filter_spec f[3] = { filter_new(&bf_filter_shortcut, &arena),
                                   filter_new(&bf_filter_ibp, &arena),
                                   filter_new(&bf_filter_ibp, &arena) };
    struct bf_verdict *v;
    struct bf_drop *d;
    filter_set(&f[0], "probe", "stat", &arena);
    filter_set(&f[0], "above", "0.55", &arena); /* takes s5 */
    for (int i = 1; i < 3; i++) {
        filter_set(&f[i], "probe", "stat", &arena);
        filter_set(&f[i], "retrain", "no", &arena);
        filter_set(&f[i], "floor", "0", &arena);
        filter_set(&f[i], "budget", i == 1 ? "0.4" : "1", &arena); /* 2 of 5, then 1 of 3 */
    }
    CHECK_INT(conclude(m, f, 3, NULL), BF_OK);
    CHECK_INT(bf_verdicts(&m->table, &m->scores, &v, &d, &arena, NULL), BF_OK);
    CHECK(d[0].n_rejected == 1 && d[1].n_rejected == 2 && d[2].n_rejected == 1);
    CHECK(v[5].filter == 0 && v[4].filter == 1 && v[3].filter == 1 && v[2].filter == 2);
    CHECK(v[1].kind == BF_KEEP && v[0].kind == BF_KEEP);
    done(m);
}

static void what_has_no_score_is_undecided_and_stays(void)
{
    struct maker *m = six(NULL);
    struct bf_filter_spec f = filter_new(&bf_filter_ibp, &arena);
    uint32_t targets;
    const char *reason;
    maker_cell(m, 0, 0, 5)->a = NAN;
    filter_set(&f, "probe", "stat", &arena);
    filter_set(&f, "retrain", "no", &arena);
    filter_set(&f, "budget", "6", &arena);
    filter_set(&f, "floor", "0", &arena);
    CHECK_INT(conclude(m, &f, 1, NULL), BF_OK);
    CHECK_INT(filter_decide(&f, m, 5, &targets, &reason, &arena), BF_UNDECIDED);
    CHECK_STR(reason, "probe 'stat' has no answer under blind");
    CHECK_INT(filter_decide(&f, m, 0, &targets, &reason, &arena), BF_REJECT);
    done(m);
}

static void what_a_spec_may_not_ask_is_refused(void)
{
    struct maker *m = six(NULL);
    struct bf_filter_spec f = filter_new(&bf_filter_ibp, &arena);
    struct bf_filter_spec g = filter_new(&bf_filter_aflite, &arena);
    struct bf_err err;
    filter_set(&f, "probe", "stat", &arena);
    filter_set(&f, "budget", "2.5", &arena);
    CHECK_INT(f.base->check(f.priv, &m->spec, &err), BF_EINVAL);
    CHECK_STR(err.msg,
              "ibp: 'budget' is 2.5; allowed: a share below 1, or a whole number of samples");
    filter_set(&f, "budget", "2", &arena);
    CHECK_INT(f.base->check(f.priv, &m->spec, &err), BF_OK);
    filter_set(&f, "rank", "delta", &arena);
    CHECK_INT(f.base->check(f.priv, &m->spec, &err), BF_EINVAL);
    CHECK_STR(err.msg, "ibp: 'rank' is delta, but 'base' names no probe");
    filter_set(&f, "base", "chat", &arena);
    CHECK_INT(f.base->check(f.priv, &m->spec, &err), BF_OK);
    filter_set(&f, "rank", "adjusted", &arena);
    CHECK_INT(f.base->check(f.priv, &m->spec, &err), BF_EINVAL);
    CHECK_STR(err.msg, "ibp: 'base' is 'chat', but 'rank' is not delta");
    filter_set(&g, "probe", "stat", &arena);
    filter_set(&g, "keep", "10", &arena);
    filter_set(&g, "train", "10", &arena);
    CHECK_INT(g.base->check(g.priv, &m->spec, &err), BF_EINVAL);
    CHECK_STR(err.msg, "aflite: 'train' is 10, but 'keep' is 10; allowed: less");
    m->probes[0].held_out = true;
    CHECK_INT(g.base->check(g.priv, &m->spec, &err), BF_EINVAL);
    done(m);
}

TEST_MAIN(TEST(pruning_works_as_in_the_docs), TEST(the_early_stop_looks_at_the_highest),
          TEST(aflite_works_as_in_the_docs), TEST(aflite_may_end_below_its_target),
          TEST(ids_that_are_numbers_sort_by_value), TEST(budgets_are_shared_by_largest_remainder),
          TEST(a_probe_that_learns_is_trained_again_each_round), TEST(aflite_draws_anew_each_round),
          TEST(retrain_false_asks_nobody), TEST(without_a_refitter_it_says_so),
          TEST(pruning_sees_what_was_left), TEST(what_has_no_score_is_undecided_and_stays),
          TEST(what_a_spec_may_not_ask_is_refused))
