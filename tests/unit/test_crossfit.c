/* Cross-fitting: who learns from whom, repeats, training again. */
#include <math.h>

#include "core/spec.h"
#include "core/view.h"
#include "probe/builtin/cross.h"
#include "probe/builtin/folds.h"
#include "tests/test.h"

/* A pool of `N` choice samples with one medium each. Half of the gold answers are the longest
 * choice, a quarter of the media tell. */
enum { N = 120, K = 3, VIEWS = 2 };
static struct bf_sample samples[N];
static char ids[N][8], questions[N][48], words[N][K][24];
static const char *choices[N][K];
static float features[N];
static struct bf_file files[N];
static struct bf_part parts[N];
static struct bf_view views[VIEWS * N];
static struct bf_question asked[VIEWS * N];
static struct bf_answer answers[VIEWS * N];
static struct bf_condition conditions[VIEWS] = { { .name = "full", .kind = BF_COND_FULL },
                                                 { .name = "blind", .kind = BF_COND_BLIND } };
static const struct bf_conditions all_conditions = { VIEWS, conditions };
static struct bf_spec spec = { .seed = 5, .n_modalities = 1 };
static const struct bf_probe_spec probe = { .name = "stat", .trials = 1 };
static const struct bf_crossfit fit = {
    .folds = 7, .epochs = 5, .rate = 0.05, .l2 = 10, .rounds = 20
};
static struct bf_pool pool;

static const float *features_of(void *ctx, const struct bf_sample *s, const struct bf_part *p,
                                const struct bf_view *view, int *n_out)
{
    (void)ctx, (void)p;
    *n_out = 1;
    return view->kept ? &features[s->index] : NULL;
}

static int put(void *ctx, const uint32_t *which, const struct bf_answer *a, uint32_t n,
               struct bf_err *err)
{
    (void)ctx, (void)err;
    for (uint32_t i = 0; i < n; i++)
        answers[which[i]] = a[i];
    return BF_OK;
}

static void make_pool(void)
{
    static const char *const colours[] = { "red", "green", "blue", "white", "brown", "grey" };
    struct bf_rng rng = { 3 };
    pool = (struct bf_pool){ .n_samples = N, .samples = samples, .n_groups = N };
    for (uint32_t i = 0; i < N; i++) {
        const int gold = (int)bf_rng_below(&rng, K);
        const bool longest = bf_rng_below(&rng, 2);
        snprintf(ids[i], sizeof ids[i], "s%u", (unsigned)i);
        snprintf(questions[i], sizeof questions[i], "colour of thing%u in row%u", (unsigned)i,
                 (unsigned)(i * 7));
        for (int c = 0; c < K; c++) {
            const char *w = colours[(bf_rng_below(&rng, 2) * K + (unsigned)c)];
            snprintf(words[i][c], sizeof words[i][c], longest && c == gold ? "very dark %s" : "%s",
                     w);
            choices[i][c] = words[i][c];
        }
        files[i].index = i;
        parts[i] = (struct bf_part){ .number = 1, .file = &files[i] };
        features[i] = (float)(gold == 0) + (float)bf_rng_unit(&rng);
        samples[i] = (struct bf_sample){ .id = ids[i],
                                         .index = i,
                                         .task = BF_CHOICE,
                                         .question = questions[i],
                                         .category = i % 2 ? "odd" : "even",
                                         .choices = choices[i],
                                         .n_choices = K,
                                         .gold = gold,
                                         .group = i,
                                         .parts = &parts[i],
                                         .n_parts = 1,
                                         .has = 1,
                                         .target = 1 };
        for (uint32_t v = 0; v < VIEWS; v++) {
            bf_view_of(&conditions[v], &samples[i], &views[VIEWS * i + v]);
            asked[VIEWS * i + v] = (struct bf_question){ i, (int)v, 0, &views[VIEWS * i + v] };
        }
    }
}

static struct bf_asking asking_of(int n_threads)
{
    return (struct bf_asking){ .spec = &spec,
                               .probe = &probe,
                               .pool = &pool,
                               .conditions = &all_conditions,
                               .n = VIEWS * N,
                               .questions = asked,
                               .n_threads = n_threads,
                               .features = features_of,
                               .put = put };
}

static void partners_are_the_nearest_two_on_each_side(void)
{
    int n = 0;
    for (int b = 0; b < 10; b++)
        n += bf_folds_are_partners(0, b, 10, 2);
    CHECK_INT(n, 4);
    CHECK(bf_folds_are_partners(0, 8, 10, 2) && bf_folds_are_partners(9, 1, 10, 2));
    CHECK(!bf_folds_are_partners(0, 7, 10, 2) && !bf_folds_are_partners(3, 3, 10, 2));
    for (int b = 1; b < 5; b++)
        CHECK(bf_folds_are_partners(0, b, 5, 2));
    CHECK(!bf_folds_are_partners(0, 2, 10, 1) && bf_folds_are_partners(0, 9, 10, 1));
    CHECK(bf_folds_are_partners(0, 1, 2, 2) && bf_folds_are_partners(1, 0, 2, 2));
}

static void threads_change_no_byte(void)
{
    static struct bf_answer one[VIEWS * N];
    make_pool();
    const struct bf_asking a = asking_of(1), b = asking_of(4);
    CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
    memcpy(one, answers, sizeof one);
    CHECK_INT(bf_crossfit(&b, &fit, NULL), BF_OK);
    CHECK(memcmp(one, answers, sizeof one) == 0);
}

static bool same_p(const struct bf_answer *x, const struct bf_answer *y)
{
    return memcmp(x->p, y->p, K * sizeof(float)) == 0 && x->choice == y->choice;
}

/* Whatever its gold is, a sample is given the same probabilities, to the bit; others are not. */
static void a_sample_s_own_gold_changes_nothing_of_its_answer(void)
{
    static const int learners[] = { BF_LEARN_BLEND, BF_LEARN_LINEAR, BF_LEARN_TREES,
                                    BF_LEARN_PRIORS };
    static struct bf_answer before[VIEWS * N];
    for (size_t l = 0; l < sizeof learners / sizeof *learners; l++) {
        struct bf_crossfit o = fit;
        o.learner = learners[l];
        make_pool();
        const struct bf_asking a = asking_of(2);
        CHECK_INT(bf_crossfit(&a, &o, NULL), BF_OK);
        memcpy(before, answers, sizeof before);
        for (uint32_t i = 0; i < N; i += 17) {
            uint32_t n_others = 0;
            samples[i].gold = (samples[i].gold + 1) % K;
            CHECK_INT(bf_crossfit(&a, &o, NULL), BF_OK);
            samples[i].gold = (samples[i].gold + K - 1) % K;
            for (uint32_t k = 0; k < VIEWS * N; k++) {
                if (k / VIEWS == i)
                    CHECK(same_p(&before[k], &answers[k]));
                n_others += !same_p(&before[k], &answers[k]);
            }
            CHECK(n_others > N / 3); /* they learn from it */
        }
    }
}

/* Nothing that leads to the answers of a fold has seen any gold answer of that fold. */
static void the_gold_of_a_fold_changes_no_answer_of_it(void)
{
    static struct bf_answer before[VIEWS * N];
    uint8_t fold[N];
    uint32_t largest;
    make_pool();
    const struct bf_asking a = asking_of(2);
    CHECK_INT(bf_folds(&pool, fit.folds, spec.seed, fold, &largest, NULL), BF_OK);
    CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
    memcpy(before, answers, sizeof before);
    for (int f = 0; f < fit.folds; f++) {
        uint32_t n_others = 0;
        make_pool();
        for (uint32_t i = 0; i < N; i++)
            if (fold[i] == f)
                samples[i].gold = (samples[i].gold + 1 + (int)(i % 2)) % K;
        CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
        for (uint32_t k = 0; k < VIEWS * N; k++) {
            if (fold[k / VIEWS] == f)
                CHECK(same_p(&before[k], &answers[k]));
            n_others += !same_p(&before[k], &answers[k]);
        }
        CHECK(n_others > N);
    }
}

/* Answers to the questions of some samples are the same when no others are asked. */
static void a_part_of_the_questions_gets_the_same_answers(void)
{
    static struct bf_answer whole[VIEWS * N];
    static struct bf_question some[VIEWS * N];
    make_pool();
    struct bf_asking a = asking_of(2);
    CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
    memcpy(whole, answers, sizeof whole);
    a.n = 0;
    a.questions = some;
    for (uint32_t i = 0; i < VIEWS * N; i += 11)
        some[a.n++] = asked[i];
    CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
    for (uint32_t i = 0; i < a.n; i++)
        CHECK(memcmp(whole[11 * i].p, answers[i].p, K * sizeof(float)) == 0);
}

static void a_repeat_deals_anew(void)
{
    static struct bf_answer first[VIEWS * N];
    uint32_t n_same = 0;
    make_pool();
    const struct bf_asking a = asking_of(2);
    CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
    memcpy(first, answers, sizeof first);
    for (uint32_t i = 0; i < VIEWS * N; i++)
        asked[i].trial = 1;
    CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
    for (uint32_t i = 0; i < VIEWS * N; i++)
        n_same += memcmp(first[i].p, answers[i].p, K * sizeof(float)) == 0;
    CHECK(n_same < VIEWS * N / 10);
}

static void training_again_with_everything_tells_the_same(void)
{
    float p[N];
    uint32_t n_same = 0;
    make_pool();
    const struct bf_asking a = asking_of(2);
    CHECK_INT(bf_crossfit(&a, &fit, NULL), BF_OK);
    for (int v = 0; v < VIEWS; v++) {
        CHECK_INT(bf_crossfit_again(&a, &fit, &(struct bf_refit){ .condition = v }, p, NULL),
                  BF_OK);
        for (uint32_t i = 0; i < N; i++)
            CHECK(p[i] == answers[VIEWS * i + (uint32_t)v].p[samples[i].gold]);
    }
    const struct bf_refit repeat = { .condition = 1, .repeat = 3 };
    CHECK_INT(bf_crossfit_again(&a, &fit, &repeat, p, NULL), BF_OK);
    for (uint32_t i = 0; i < N; i++)
        n_same += p[i] == answers[VIEWS * i + 1].p[samples[i].gold];
    CHECK(n_same < N / 10);
}

/* Those that are gone teach nothing: whatever their gold answers were. */
static void what_is_gone_is_neither_judged_nor_learned_from(void)
{
    static uint8_t alive[N];
    float p[N], q[N];
    make_pool();
    const struct bf_asking a = asking_of(2);
    const struct bf_refit how = { .condition = 1, .alive = alive };
    for (uint32_t i = 0; i < N; i++)
        alive[i] = i % 3 != 0;
    CHECK_INT(bf_crossfit_again(&a, &fit, &how, p, NULL), BF_OK);
    for (uint32_t i = 0; i < N; i += 3)
        samples[i].gold = (samples[i].gold + 1) % K;
    CHECK_INT(bf_crossfit_again(&a, &fit, &how, q, NULL), BF_OK);
    for (uint32_t i = 0; i < N; i++)
        CHECK(alive[i] ? p[i] == q[i] : isnan(p[i]) && isnan(q[i]));
}

static void random_partitions_tell_how_often_a_sample_is_right(void)
{
    static uint8_t alive[N];
    float one[N], four[N];
    double sum = 0;
    int n = 0;
    make_pool();
    const struct bf_asking a = asking_of(1), b = asking_of(4);
    struct bf_refit how = { .condition = 1, .alive = alive, .n_models = 8, .n_train = 60 };
    for (uint32_t i = 0; i < N; i++)
        alive[i] = i % 6 != 0;
    CHECK_INT(bf_crossfit_again(&a, &fit, &how, one, NULL), BF_OK);
    CHECK_INT(bf_crossfit_again(&b, &fit, &how, four, NULL), BF_OK);
    CHECK(memcmp(one, four, sizeof one) == 0);
    for (uint32_t i = 0; i < N; i++) {
        CHECK(alive[i] || isnan(one[i]));
        if (!isnan(one[i])) { /* a sample may have been on the training side every time */
            sum += (double)one[i];
            n++;
        }
    }
    CHECK(n > 90);
    CHECK(sum / n > 0.5 && sum / n < 0.9); /* half of the gold answers are the longest */
}

/* The longest choice tells nothing to who may not see lengths. */
static void evidence_can_be_left_out(void)
{
    const uint32_t without = BF_BIT(BF_EVIDENCE_LENGTH) | BF_BIT(BF_EVIDENCE_FORM) |
                             BF_BIT(BF_EVIDENCE_CHOICE) | BF_BIT(BF_EVIDENCE_TEMPLATE) |
                             BF_BIT(BF_EVIDENCE_CATEGORY) | BF_BIT(BF_EVIDENCE_QUESTION);
    float with[N], p[N];
    double gain = 0, left = 0;
    make_pool();
    const struct bf_asking a = asking_of(2);
    const struct bf_refit all = { .condition = 1 }, less = { .condition = 1, .without = without };
    CHECK_INT(bf_crossfit_again(&a, &fit, &all, with, NULL), BF_OK);
    CHECK_INT(bf_crossfit_again(&a, &fit, &less, p, NULL), BF_OK);
    for (uint32_t i = 0; i < N; i++) {
        gain += ((double)with[i] - 1.0 / K) / N;
        left += ((double)p[i] - 1.0 / K) / N;
    }
    CHECK(gain > 0.1);
    CHECK(left < 0.05);
}

/* With ever more memory to plan in: refused as such, until it is enough; nothing is lost then. */
static void too_little_memory_is_said(void)
{
    static const int learners[] = { BF_LEARN_BLEND, BF_LEARN_PRIORS };
    struct bf_err err;
    make_pool();
    const struct bf_asking a = asking_of(2);
    for (size_t l = 0; l < sizeof learners / sizeof *learners; l++) {
        struct bf_crossfit o = fit;
        int rc = BF_ENOMEM, n_refused = 0;
        o.learner = learners[l];
        for (size_t limit = 1024; rc != BF_OK && limit < (size_t)1 << 30; limit += limit / 4) {
            struct bf_cross j = { .asking = &a, .o = &o, .arena = { .limit = limit } };
            err = (struct bf_err){ 0 };
            rc = bf_cross_run(&j, &err);
            if (rc == BF_OK)
                break;
            CHECK_INT(rc, BF_ENOMEM);
            CHECK_INT(err.code, BF_ENOMEM);
            CHECK(j.arena.used == 0);
            n_refused++;
        }
        CHECK_INT(rc, BF_OK);
        CHECK(n_refused > 10);
    }
}

TEST_MAIN(TEST(partners_are_the_nearest_two_on_each_side), TEST(threads_change_no_byte),
          TEST(a_sample_s_own_gold_changes_nothing_of_its_answer),
          TEST(the_gold_of_a_fold_changes_no_answer_of_it),
          TEST(a_part_of_the_questions_gets_the_same_answers), TEST(a_repeat_deals_anew),
          TEST(training_again_with_everything_tells_the_same),
          TEST(what_is_gone_is_neither_judged_nor_learned_from),
          TEST(random_partitions_tell_how_often_a_sample_is_right), TEST(evidence_can_be_left_out),
          TEST(too_little_memory_is_said))
