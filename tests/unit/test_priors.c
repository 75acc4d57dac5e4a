/* Baselines: lifts worked out by hand, what is never counted, weights that maximise. */
#include <math.h>

#include "core/rng.h"
#include "probe/builtin/priors.h"
#include "test.h"

enum { MOST = 1200 };

struct made {
    struct bf_arena arena;
    struct bf_sample samples[MOST];
    struct bf_pool pool;
    uint32_t first_row[MOST + 1], all[MOST];
    int gold[MOST];
    uint8_t fold[MOST];
    struct bf_columns columns;
    struct bf_priors p;
};

static struct made m;
static const char *yes_no[] = { "yes", "no" };
static const char *three[] = { "no", "perhaps it is so", "yes" };

static void begin(void)
{
    memset(&m, 0, sizeof m);
}

static void add(const char *question, const char **choices, int k, int gold, int fold)
{
    const uint32_t i = m.pool.n_samples++;
    m.samples[i] = (struct bf_sample){
        .index = i, .question = question, .n_choices = k, .choices = choices, .category = "x"
    };
    m.all[i] = i;
    m.gold[i] = gold;
    m.fold[i] = (uint8_t)fold;
    m.first_row[i + 1] = m.first_row[i] + (uint32_t)k;
}

static void count(int n_folds)
{
    const struct bf_shown_words words = { .choices = true };
    m.pool.samples = m.samples;
    CHECK_INT(bf_columns_make(&m.pool, &words, m.first_row, &m.columns, &m.arena, NULL), BF_OK);
    CHECK_INT(bf_priors_make(&m.columns, m.first_row, m.pool.n_samples, m.gold, m.fold, n_folds,
                             &m.p, &m.arena, NULL),
              BF_OK);
}

static void end(void)
{
    bf_arena_reset(&m.arena);
}

static bool near(double got, double want)
{
    if (fabs(got - want) < 1e-6)
        return true;
    printf("# %.9g, want %.9g\n", got, want);
    return false;
}

/* "yes" is right in two of the three samples of two choices and in none of three choices, where it
 * stands among three: gold 2, expected 3 / 2 + 1 / 3 = 11 / 6, lift (2 + 1) / (11 / 6 + 1) = 18 /
 * 17. The letter A of two: gold 2, expected 3 / 2, lift 3 / (5 / 2) = 6 / 5. All within one
 * category, so there (2 + 18 / 17) / (17 / 6) = 312 / 289. */
static void lifts_are_as_by_hand(void)
{
    float x[BF_MAX_CHOICES][BF_PRIOR_COUNT];
    begin();
    add("is it", yes_no, 2, 0, 0);
    add("was it", yes_no, 2, 0, 0);
    add("has it", yes_no, 2, 1, 0);
    add("why", three, 3, 1, 0);
    add("who", yes_no, 2, 0, 1);
    count(2);
    bf_priors_read(&m.p, 4, 2, x);
    CHECK(near((double)x[0][BF_PRIOR_LETTER], log(6.0 / 5)));
    CHECK(near((double)x[0][BF_PRIOR_TEXT], log(18.0 / 17)));
    CHECK(near((double)x[0][BF_PRIOR_CATEGORY], log(312.0 / 289)));
    CHECK(near((double)x[0][BF_PRIOR_HEAD], log(18.0 / 17))); /* nobody else asks who */
    CHECK(x[0][BF_PRIOR_LONGEST] == 1 && x[0][BF_PRIOR_SHORTEST] == 0);
    CHECK(x[1][BF_PRIOR_LONGEST] == 0 && x[1][BF_PRIOR_SHORTEST] == 1);
    /* what is left out is as if it had never been: without both folds nothing is known */
    bf_priors_read(&m.p, 4, 3, x);
    CHECK(x[0][BF_PRIOR_LETTER] == 0 && fabsf(x[0][BF_PRIOR_CATEGORY]) < 1e-6F);
    end();
}

static void picks_share_ties(void)
{
    static const char *same[] = { "one cat", "two men", "a" };
    float share[3];
    begin();
    add("how many men", same, 3, 0, 0);
    add("how many cats", same, 3, 0, 1);
    count(2);
    bf_baseline_pick(&m.p, BF_BASELINE_LONGEST, 0, 1, share);
    CHECK(share[0] == 0.5F && share[1] == 0.5F && share[2] == 0);
    bf_baseline_pick(&m.p, BF_BASELINE_SHORTEST, 0, 1, share);
    CHECK(share[2] == 1);
    bf_baseline_pick(&m.p, BF_BASELINE_OVERLAP, 0, 1, share);
    CHECK(share[1] == 1);
    bf_baseline_pick(&m.p, BF_BASELINE_LETTER, 0, 1, share);
    CHECK(share[0] == 1); /* as in the other fold */
    bf_baseline_pick(&m.p, BF_BASELINE_MAJORITY, 0, 1, share);
    CHECK(share[0] == 1);
    bf_baseline_pick(&m.p, BF_BASELINE_MAJORITY, 0, 3, share);
    CHECK(share[0] == 1 / 3.0F && share[2] == 1 / 3.0F);
    end();
}

/* Three of four gold choices are the longest of two, nothing else tells: the longest is worth w
 * with the derivative n (3 / 4 - 1 / (1 + e^-w)) - w = 0. */
static void weights_maximise_the_posterior(void)
{
    static const char *pair[] = { "bb", "a" }, *reversed[] = { "a", "bb" };
    double w[BF_PRIOR_COUNT];
    float s[2 * MOST];
    begin();
    for (int i = 0; i < 400; i++) {
        const int longest = i % 2, shortest = !longest;
        add("", longest ? reversed : pair, 2, i / 2 % 4 == 0 ? shortest : longest, i % 4 / 2);
    }
    count(2);
    const uint32_t only_length = ~(uint32_t)BF_BIT(BF_EVIDENCE_LENGTH);
    CHECK_INT(bf_priors_fit(&m.p, m.all, 400, 0, only_length, w, NULL), BF_OK);
    for (int l = 0; l < BF_PRIOR_COUNT; l++)
        if (l != BF_PRIOR_LONGEST && l != BF_PRIOR_SHORTEST)
            CHECK(w[l] == 0);
    /* with two choices the longest and the shortest say the same and share the weight */
    CHECK(near(w[BF_PRIOR_LONGEST], -w[BF_PRIOR_SHORTEST]));
    const double margin = w[BF_PRIOR_LONGEST] - w[BF_PRIOR_SHORTEST];
    CHECK(near(400 * (0.75 - 1 / (1 + exp(-margin))), w[BF_PRIOR_LONGEST]));
    bf_priors_score(&m.p, w, m.all, 400, 0, s);
    CHECK(near((double)s[0] - (double)s[1], margin));
    end();
}

/* Gold is drawn at random: what is counted without a sample's own fold says nothing of it. */
static void noise_is_not_believed(void)
{
    static const char *words[] = { "red", "blue", "green", "black" };
    double w[BF_PRIOR_COUNT], loss = 0;
    float s[4 * MOST];
    struct bf_rng r = bf_rng_for(5, "", "priors", 0);
    begin();
    for (int i = 0; i < MOST; i++)
        add("what colour", words, 4, (int)bf_rng_below(&r, 4), i % 6);
    count(6);
    for (int f = 0; f < 6; f++) {
        uint32_t train[MOST], test[MOST], n = 0, n_test = 0;
        for (uint32_t i = 0; i < MOST; i++)
            if (m.fold[i] == f)
                test[n_test++] = i;
            else
                train[n++] = i;
        CHECK_INT(bf_priors_fit(&m.p, train, n, BF_BIT(f), 0, w, NULL), BF_OK);
        bf_priors_score(&m.p, w, test, n_test, BF_BIT(f), s);
        for (uint32_t i = 0; i < n_test; i++) {
            const float *x = s + m.first_row[test[i]];
            loss +=
                log(exp((double)x[0]) + exp((double)x[1]) + exp((double)x[2]) + exp((double)x[3])) -
                (double)x[m.gold[test[i]]];
        }
    }
    CHECK(loss / MOST < log(4) + 0.01);
    end();
}

/* Samples with gold -1 count nothing, those without rows are passed over. */
static void what_is_left_out_counts_nothing(void)
{
    float x[BF_MAX_CHOICES][BF_PRIOR_COUNT];
    double w[BF_PRIOR_COUNT] = { 1 };
    begin();
    add("is it", yes_no, 2, 0, 0);
    add("was it", yes_no, 2, -1, 0);
    add("", yes_no, 0, -1, 0);
    add("who", yes_no, 2, 0, 1);
    count(2);
    bf_priors_read(&m.p, 3, 2, x);
    CHECK(near((double)x[0][BF_PRIOR_LETTER], log((1 + 1) / 1.5)));
    CHECK_INT(bf_priors_fit(&m.p, m.all, 0, 2, 0, w, NULL), BF_OK); /* nothing to learn from */
    CHECK(w[0] == 0);
    end();
}

TEST_MAIN(TEST(lifts_are_as_by_hand), TEST(picks_share_ties), TEST(weights_maximise_the_posterior),
          TEST(noise_is_not_believed), TEST(what_is_left_out_counts_nothing))
