#include "core/release.h"
#include "tests/test.h"
#include "tests/unit/filter_maker.h"

static struct bf_arena arena;

/* A filter that says of sample s what `says` [s] holds. */
struct fixed {
    struct {
        enum bf_verdict_kind kind;
        uint32_t targets;
    } says[8];
};

static int decide_fixed(const void *priv, const struct bf_table *t, const struct bf_scores *scores,
                        uint32_t sample, struct bf_ruling *out, struct bf_err *err)
{
    (void)t, (void)scores, (void)err;
    const struct fixed *f = priv;
    out->kind = f->says[sample].kind;
    out->targets &= f->says[sample].targets;
    bf_buf_printf(&out->reason, "r%d", (int)sample);
    return BF_OK;
}

static const struct bf_filter fixed_filter = {
    .op = { .name = "fixed" },
    .decide = decide_fixed,
};

/* The verdicts of two such filters on eight samples of image + audio. */
static const struct bf_verdict *judge(struct maker *m, struct fixed *one, struct fixed *two,
                                      const struct bf_drop **drops)
{
    static struct bf_filter_spec filters[2]; /* outlives the maker's table */
    struct bf_verdict *v = NULL;
    struct bf_drop *d = NULL;
    filters[0] = (struct bf_filter_spec){ .base = &fixed_filter, .priv = one };
    filters[1] = (struct bf_filter_spec){ .base = &fixed_filter, .priv = two };
    m->spec.filters = filters;
    m->spec.n_filters = 2;
    CHECK_INT(bf_verdicts(&m->table, &m->scores, &v, &d, &arena, NULL), BF_OK);
    *drops = d;
    return v;
}

/* s0 nothing; s1 image rejected; s2 image by one, audio by two; s3 both at once;
 * s4 image undecided; s5 image rejected, audio undecided; s6 review; s7 undecided, then rejected */
static struct fixed one = { { { BF_KEEP, 3 },
                              { BF_REJECT, 1 },
                              { BF_REJECT, 1 },
                              { BF_REJECT, 3 },
                              { BF_UNDECIDED, 1 },
                              { BF_REJECT, 1 },
                              { BF_REVIEW, 3 },
                              { BF_UNDECIDED, 3 } } };
static struct fixed two = { { { BF_KEEP, 3 },
                              { BF_KEEP, 3 },
                              { BF_REJECT, 2 },
                              { BF_REJECT, 3 },
                              { BF_KEEP, 3 },
                              { BF_UNDECIDED, 2 },
                              { BF_KEEP, 3 },
                              { BF_REJECT, 3 } } };

static void check_kinds(const struct bf_verdict *v, const enum bf_verdict_kind *want)
{
    for (int s = 0; s < 8; s++)
        if (v[s].kind != want[s]) {
            printf("# sample %d\n", s);
            CHECK_STR(bf_verdict_name(v[s].kind), bf_verdict_name(want[s]));
        }
}

static void any_target_that_stands_keeps_the_sample(void)
{
    struct maker *m = maker_new();
    const struct bf_drop *d;
    maker_init(m, 1, 8, 3);
    m->spec.needs = BF_NEEDS_ANY;
    const struct bf_verdict *v = judge(m, &one, &two, &d);
    check_kinds(v, (enum bf_verdict_kind[]){ BF_KEEP, BF_KEEP, BF_REJECT, BF_REJECT, BF_KEEP,
                                             BF_UNDECIDED, BF_REVIEW, BF_REJECT });
    CHECK_INT(v[0].filter, -1);
    CHECK_STR(v[0].reason, "");
    CHECK_INT(v[1].by_target[0], BF_REJECT);
    CHECK_INT(v[1].by_target[1], BF_KEEP);
    CHECK_STR(v[1].reason, "image: r1");
    CHECK_INT(v[2].filter, 1); /* the second filter took the last target */
    CHECK_STR(v[2].reason, "image: r2; audio: r2");
    CHECK_INT(v[3].filter, 0);
    CHECK_STR(v[3].reason, "r3");
    CHECK_INT(v[5].filter, 1);
    CHECK_INT(v[6].filter, 0);
    CHECK_INT(v[7].filter, 1);
    CHECK_INT(d[0].n_rejected, 1);
    CHECK_INT(d[1].n_rejected, 2);
    CHECK_INT(d[1].n_undecided, 1);
    CHECK_INT(d[0].n_review, 1);
    CHECK_STR(d[0].filter, "fixed");
    bf_arena_reset(&arena);
    maker_done(m);
}

static void each_target_must_stand(void)
{
    struct maker *m = maker_new();
    const struct bf_drop *d;
    maker_init(m, 1, 8, 3);
    m->spec.needs = BF_NEEDS_EACH;
    const struct bf_verdict *v = judge(m, &one, &two, &d);
    check_kinds(v, (enum bf_verdict_kind[]){ BF_KEEP, BF_REJECT, BF_REJECT, BF_REJECT, BF_UNDECIDED,
                                             BF_REJECT, BF_REVIEW, BF_REJECT });
    CHECK_INT(v[2].filter, 0);
    CHECK_INT(v[4].filter, 0);
    bf_arena_reset(&arena);
    maker_done(m);
}

static void undecided_targets_stand_when_the_spec_says_so(void)
{
    struct maker *m = maker_new();
    const struct bf_drop *d;
    maker_init(m, 1, 8, 3);
    m->spec.needs = BF_NEEDS_EACH;
    m->spec.undecided_keep = true;
    const struct bf_verdict *v = judge(m, &one, &two, &d);
    CHECK_INT(v[4].kind, BF_KEEP);
    CHECK_INT(v[4].by_target[0], BF_UNDECIDED); /* but it is not forgotten */
    CHECK_INT(v[7].kind, BF_REJECT);
    m->spec.needs = BF_NEEDS_ANY;
    v = judge(m, &one, &two, &d);
    CHECK_INT(v[5].kind, BF_KEEP);
    bf_arena_reset(&arena);
    maker_done(m);
}

static void a_sample_without_targets_is_judged_whole(void)
{
    struct maker *m = maker_new();
    const struct bf_drop *d;
    maker_init(m, 1, 8, 3);
    for (int s = 0; s < 8; s++)
        m->samples[s].target = 0;
    const struct bf_verdict *v = judge(m, &one, &two, &d);
    CHECK_INT(v[1].kind, BF_REJECT);
    CHECK_STR(v[1].reason, "r1");
    CHECK_INT(v[0].kind, BF_KEEP);
    bf_arena_reset(&arena);
    maker_done(m);
}

static void drops_name_the_options_that_were_changed(void)
{
    struct maker *m = maker_new();
    struct bf_verdict *v;
    struct bf_drop *d;
    maker_init(m, 1, 1, 1);
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    maker_clear(m);
    struct bf_filter_spec f[2] = { filter_new(&bf_filter_shortcut, &arena),
                                   filter_new(&bf_filter_answerable, &arena) };
    filter_set(&f[0], "probe", "stat", &arena);
    filter_set(&f[0], "above", "0.4", &arena);
    m->spec.filters = f;
    m->spec.n_filters = 2;
    CHECK_INT(bf_verdicts(&m->table, &m->scores, &v, &d, &arena, NULL), BF_OK);
    CHECK_STR(d[0].filter, "shortcut (probe: stat, above: 0.4)");
    CHECK_STR(d[1].filter, "answerable");
    CHECK_INT(v[0].kind, BF_UNDECIDED); /* nothing was answered */
    bf_arena_reset(&arena);
    maker_done(m);
}

TEST_MAIN(TEST(any_target_that_stands_keeps_the_sample), TEST(each_target_must_stand),
          TEST(undecided_targets_stand_when_the_spec_says_so),
          TEST(a_sample_without_targets_is_judged_whole),
          TEST(drops_name_the_options_that_were_changed))
