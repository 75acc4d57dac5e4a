#include "tests/test.h"
#include "tests/unit/filter_maker.h"

static struct bf_arena arena;

/* Ten trials, blind and full; image + audio. */
static struct maker *ten_trials(int n_probes)
{
    struct maker *m = maker_new();
    maker_init(m, n_probes, 4, 3);
    for (int p = 0; p < n_probes; p++)
        m->probes[p].trials = 10;
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    maker_condition(m, "without_image", BF_COND_WITHOUT_EACH, 1);
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_clear(m);
    return m;
}

static void done(struct maker *m)
{
    maker_done(m);
    bf_arena_reset(&arena);
}

static enum bf_verdict_kind decide(const struct bf_filter_spec *f, struct maker *m, uint32_t sample,
                                   const char *want_reason)
{
    uint32_t targets;
    const char *reason;
    const enum bf_verdict_kind kind = filter_decide(f, m, sample, &targets, &reason, &arena);
    CHECK_INT(targets, m->samples[sample].target);
    CHECK_STR(reason, want_reason);
    return kind;
}

/* MMMU-Pro: more than 5 of 10 trials, at least 3 of 4 models. */
static void mmmu_pro_votes_as_published(void)
{
    struct maker *m = ten_trials(4);
    struct bf_filter_spec f = filter_new(&bf_filter_answerable, &arena);
    const int right[3][4] = { { 6, 10, 6, 0 }, { 6, 10, 5, 5 }, { 10, 10, 10, 10 } };
    for (uint32_t s = 0; s < 3; s++)
        for (int p = 0; p < 4; p++)
            maker_trials(m, p, 0, s, right[s][p], 10);
    CHECK_INT(decide(&f, m, 0,
                     "right under blind: stat 6/10, chat 10/10, more 6/10, held 0/10; "
                     "3 of 4 voters, limit >= 3/4"),
              BF_REJECT);
    CHECK_INT(decide(&f, m, 1,
                     "right under blind: stat 6/10, chat 10/10, more 5/10, held 5/10; "
                     "2 of 4 voters, limit >= 3/4"),
              BF_KEEP);
    CHECK_INT(decide(&f, m, 2,
                     "right under blind: stat 10/10, chat 10/10, more 10/10, held 10/10; "
                     "4 of 4 voters, limit >= 3/4"),
              BF_REJECT);
    done(m);
}

static void what_is_missing_decides_only_when_it_cannot_matter(void)
{
    struct maker *m = ten_trials(2);
    struct bf_filter_spec f = filter_new(&bf_filter_answerable, &arena);
    /* s0: 6 right already is > 1/2 whatever the other 4 say */
    maker_trials(m, 0, 0, 0, 6, 6);
    maker_trials(m, 1, 0, 0, 9, 10);
    CHECK_INT(decide(&f, m, 0,
                     "right under blind: stat 6/10 and 4 open, chat 9/10; 2 of 2 voters, "
                     "limit >= 3/4"),
              BF_REJECT);
    /* s1: 5 of 9: the last could make it 6; the other voter does not help: 1 of 2 is under 3/4 */
    maker_trials(m, 0, 0, 1, 5, 9);
    maker_trials(m, 1, 0, 1, 0, 10);
    CHECK_INT(decide(&f, m, 1,
                     "right under blind: stat 5/10 and 1 open, chat 0/10; 0 of 2 voters "
                     "and 1 open, limit >= 3/4"),
              BF_KEEP);
    /* s2: the same with a voter who is sure */
    maker_trials(m, 0, 0, 2, 5, 9);
    maker_trials(m, 1, 0, 2, 10, 10);
    CHECK_INT(decide(&f, m, 2,
                     "right under blind: stat 5/10 and 1 open, chat 10/10; 1 of 2 voters "
                     "and 1 open, limit >= 3/4"),
              BF_UNDECIDED);
    /* s3: failed trials are not wrong ones */
    maker_trials(m, 1, 0, 3, 10, 10);
    maker_cell(m, 0, 0, 3)->n[BF_FAILED] = 10;
    CHECK_INT(decide(&f, m, 3,
                     "right under blind: stat 0/10 and 10 open, chat 10/10; 1 of 2 "
                     "voters and 1 open, limit >= 3/4"),
              BF_UNDECIDED);
    /* ... but three right of ten with a rule that three meet */
    filter_set(&f, "by", ">= 1/2", &arena);
    CHECK_INT(decide(&f, m, 3,
                     "right under blind: stat 0/10 and 10 open, chat 10/10; 1 of 2 "
                     "voters and 1 open, limit >= 1/2"),
              BF_REJECT);
    done(m);
}

static void a_probability_votes_instead_of_an_argmax(void)
{
    struct maker *m = ten_trials(1);
    struct bf_filter_spec f = filter_new(&bf_filter_answerable, &arena);
    maker_p(m, 0, 0, 0, 0.4);
    maker_cell(m, 0, 0, 0)->n_p = 10;
    maker_cell(m, 0, 0, 0)->n[BF_RIGHT] = 1; /* the largest of four, all the same */
    CHECK_INT(decide(&f, m, 0, "right under blind: stat p(gold) 0.4; 0 of 1 voters, limit >= 3/4"),
              BF_KEEP);
    maker_p(m, 0, 0, 1, 0.75);
    maker_cell(m, 0, 0, 1)->n_p = 10;
    CHECK_INT(decide(&f, m, 1, "right under blind: stat p(gold) 0.75; 1 of 1 voters, limit >= 3/4"),
              BF_REJECT);
    done(m);
}

static void held_out_probes_do_not_vote(void)
{
    struct maker *m = ten_trials(2);
    struct bf_filter_spec f = filter_new(&bf_filter_answerable, &arena);
    m->probes[1].held_out = true;
    maker_trials(m, 0, 0, 0, 10, 10);
    maker_trials(m, 1, 0, 0, 0, 10);
    CHECK_INT(decide(&f, m, 0, "right under blind: stat 10/10; 1 of 1 voters, limit >= 3/4"),
              BF_REJECT);
    done(m);
}

static void check_error(const struct bf_filter_spec *f, const struct maker *m, const char *want)
{
    struct bf_err err = { .msg = "" };
    CHECK_INT(f->base->check(f->priv, &m->spec, &err), want[0] ? BF_EINVAL : BF_OK);
    CHECK_STR(err.msg, want);
}

static void a_judge_takes_no_part(void)
{
    struct maker *m = ten_trials(2);
    struct bf_filter_spec f = filter_new(&bf_filter_answerable, &arena);
    m->probes[1].judge = true;
    maker_trials(m, 0, 0, 0, 10, 10);
    CHECK_INT(decide(&f, m, 0, "right under blind: stat 10/10; 1 of 1 voters, limit >= 3/4"),
              BF_REJECT);
    filter_set(&f, "voters", "chat", &arena);
    check_error(&f, m, "answerable: probe 'chat' is a judge, so it takes no part in filters");
    done(m);
}

static void a_voter_must_be_asked_under_the_condition(void)
{
    static const char *names[] = { "full" };
    struct maker *m = ten_trials(2);
    struct bf_filter_spec f = filter_new(&bf_filter_answerable, &arena);
    m->probes[1].under = (struct bf_names){ 1, names };
    check_error(&f, m,
                "answerable: probe 'chat' is not asked under 'blind', which its 'under' lacks");
    filter_set(&f, "voters", "stat", &arena);
    check_error(&f, m, "");
    done(m);
}

static void a_condition_speaks_of_what_it_takes_away(void)
{
    struct maker *m = ten_trials(1);
    struct bf_filter_spec f = filter_new(&bf_filter_answerable, &arena);
    uint32_t targets;
    const char *reason;
    filter_set(&f, "under", "without_image", &arena);
    maker_trials(m, 0, 1, 0, 10, 10);
    CHECK_INT(filter_decide(&f, m, 0, &targets, &reason, &arena), BF_REJECT);
    CHECK_INT(targets, 1);
    filter_set(&f, "under", "full", &arena); /* too easy: takes nothing away, so all */
    maker_trials(m, 0, 2, 0, 10, 10);
    CHECK_INT(filter_decide(&f, m, 0, &targets, &reason, &arena), BF_REJECT);
    CHECK_INT(targets, 3);
    /* A sample without image is never asked without it. */
    m->samples[1].has = m->samples[1].target = 2;
    filter_set(&f, "under", "without_image", &arena);
    CHECK_INT(filter_decide(&f, m, 1, &targets, &reason, &arena), BF_KEEP);
    CHECK_STR(reason, "");
    done(m);
}

static void answerable_is_checked_before_work(void)
{
    struct maker *m = ten_trials(2);
    struct bf_filter_spec f = filter_new(&bf_filter_answerable, &arena);
    check_error(&f, m, "");
    filter_set(&f, "by", "> 1", &arena);
    check_error(&f, m, "answerable: 'by' > 1 cannot be met by 2 voters");
    filter_set(&f, "by", "== 1/2", &arena);
    check_error(&f, m, "");
    filter_set(&f, "by", "== 1/3", &arena);
    check_error(&f, m, "answerable: 'by' == 1/3 cannot be met by 2 voters");
    filter_set(&f, "by", ">= 3/4", &arena);
    filter_set(&f, "right", "> 1", &arena);
    check_error(&f, m, "answerable: 'right' > 1 cannot be met by the 10 trials of 'stat'");
    filter_set(&f, "right", "> 1/2", &arena);
    filter_set(&f, "voters", "caht", &arena);
    check_error(&f, m, "answerable: no probe is called 'caht'; did you mean 'chat'");
    filter_set(&f, "voters", "gpt", &arena);
    check_error(&f, m, "answerable: no probe is called 'gpt'; allowed: stat, chat");
    filter_set(&f, "voters", "chat", &arena);
    filter_set(&f, "under", "blnd", &arena);
    check_error(&f, m, "answerable: no condition is called 'blnd'; did you mean 'blind'");
    filter_set(&f, "under", "blind", &arena);
    m->probes[1].held_out = true;
    check_error(&f, m, "answerable: probe 'chat' is held out, so it takes no part in filters");
    struct bf_filter_spec all = filter_new(&bf_filter_answerable, &arena);
    m->probes[0].held_out = true;
    check_error(&all, m, "answerable: nobody votes, since every probe is held out or a judge");
    done(m);
}

static void shortcut_rejects_above_its_limit(void)
{
    struct maker *m = ten_trials(1);
    struct bf_filter_spec f = filter_new(&bf_filter_shortcut, &arena);
    filter_set(&f, "probe", "stat", &arena);
    check_error(&f, m, "");
    maker_p(m, 0, 0, 0, 0.5);
    maker_p(m, 0, 0, 1, 0.75);
    maker_trials(m, 0, 0, 2, 10, 10);
    CHECK_INT(decide(&f, m, 0, "stat gives p(gold) 0.5 under blind, limit 0.5"), BF_KEEP);
    CHECK_INT(decide(&f, m, 1, "stat gives p(gold) 0.75 under blind, limit 0.5"), BF_REJECT);
    CHECK_INT(decide(&f, m, 2, "probe 'stat' gives no probabilities under blind"), BF_UNDECIDED);
    CHECK_INT(decide(&f, m, 3, "probe 'stat' has no answer under blind"), BF_UNDECIDED);
    m->probes[0].held_out = true;
    check_error(&f, m, "shortcut: probe 'stat' is held out, so it takes no part in filters");
    done(m);
}

static const struct bf_column_row rows[] = {
    { "contribution.<modality>", "", "" },
    { "contribution.target", "", "" },
    { "p_gold.<probe>.<condition>", "", "" },
    { "mis_category", "word", "" },
    { .name = NULL },
};
static const struct bf_metric metric = { .columns = rows };
static const struct bf_metric *const metrics[] = { &metric };

static void where_compares_one_score(void)
{
    struct maker *m = ten_trials(1);
    struct bf_filter_spec f = filter_new(&bf_filter_where, &arena);
    m->spec.n_scores = 1;
    m->spec.scores = (const struct bf_metric **)(void *)metrics;
    double *image = bf_scores_column(&m->scores, "contribution.image", NULL, 4);
    double *target = bf_scores_column(&m->scores, "contribution.target", NULL, 4);
    image[0] = 0.3;
    image[1] = target[1] = 0.05;
    filter_set(&f, "score", "contribution.image", &arena);
    filter_set(&f, "keep", "> 0.1", &arena);

    uint32_t targets;
    const char *reason;
    CHECK_INT(filter_decide(&f, m, 0, &targets, &reason, &arena), BF_KEEP);
    CHECK_INT(filter_decide(&f, m, 1, &targets, &reason, &arena), BF_REJECT);
    CHECK_INT(targets, 1);
    CHECK_STR(reason, "contribution.image is 0.05, keep > 0.1");
    CHECK_INT(filter_decide(&f, m, 2, &targets, &reason, &arena), BF_UNDECIDED);
    CHECK_STR(reason, "contribution.image could not be measured, keep > 0.1");
    m->samples[3].target = 2; /* image is none of its targets */
    CHECK_INT(filter_decide(&f, m, 3, &targets, &reason, &arena), BF_KEEP);

    filter_set(&f, "target", "all", &arena);
    CHECK_INT(filter_decide(&f, m, 1, &targets, &reason, &arena), BF_REJECT);
    CHECK_INT(targets, 3);
    filter_set(&f, "target", "audio", &arena);
    CHECK_INT(filter_decide(&f, m, 1, &targets, &reason, &arena), BF_REJECT);
    CHECK_INT(targets, 2);
    filter_set(&f, "target", "auto", &arena);
    filter_set(&f, "score", "contribution.target", &arena);
    CHECK_INT(filter_decide(&f, m, 1, &targets, &reason, &arena), BF_REJECT);
    CHECK_INT(targets, 3);
    done(m);
}

static void where_is_checked_before_work(void)
{
    struct maker *m = ten_trials(2);
    struct bf_filter_spec f = filter_new(&bf_filter_where, &arena);
    m->spec.n_scores = 1;
    m->spec.scores = (const struct bf_metric **)(void *)metrics;
    filter_set(&f, "keep", "> 0.1", &arena);
    filter_set(&f, "score", "contribution.smell", &arena);
    check_error(&f, m, "where: no score of this spec makes a column 'contribution.smell'");
    filter_set(&f, "score", "mis_category", &arena);
    check_error(&f, m, "where: 'mis_category' holds words, not numbers");
    filter_set(&f, "score", "p_gold.chat.blind", &arena);
    check_error(&f, m, "");
    m->probes[1].held_out = true;
    check_error(&f, m, "where: probe 'chat' is held out, so it takes no part in filters");
    filter_set(&f, "score", "contribution.image", &arena);
    filter_set(&f, "target", "smell", &arena);
    check_error(&f, m, "where: 'target' is 'smell'; allowed: auto, all, or a modality");
    filter_set(&f, "target", "all", &arena);
    m->probes[0].held_out = true;
    check_error(&f, m, "where: 'contribution.image' would come from held-out probes alone");
    done(m);
}

TEST_MAIN(TEST(mmmu_pro_votes_as_published),
          TEST(what_is_missing_decides_only_when_it_cannot_matter),
          TEST(a_probability_votes_instead_of_an_argmax), TEST(held_out_probes_do_not_vote),
          TEST(a_judge_takes_no_part), TEST(a_voter_must_be_asked_under_the_condition),
          TEST(a_condition_speaks_of_what_it_takes_away), TEST(answerable_is_checked_before_work),
          TEST(shortcut_rejects_above_its_limit), TEST(where_compares_one_score),
          TEST(where_is_checked_before_work))
