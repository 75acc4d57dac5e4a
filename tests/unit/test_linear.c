/* The linear model of the built-in probe: numbers of keys, cues, rows, learning. */
#include "probe/builtin/ids.h"
#include "probe/builtin/linear.h"
#include "tests/test.h"

static void keys_are_numbered_by_frequency(void)
{
    struct bf_ids m;
    uint32_t n = 0;
    CHECK_INT(bf_ids_init(&m, 3, 100), BF_OK);
    for (uint32_t i = 0; i < 100; i++) {
        CHECK_INT(bf_ids_count(&m, 0x100000001, i), BF_OK); /* in all: left out below */
        if (i < 20)
            CHECK_INT(bf_ids_count(&m, 0x200000003, i), BF_OK);
        if (i < 40)
            CHECK_INT(bf_ids_count(&m, 0x300000005, i), BF_OK);
        if (i < 2)
            CHECK_INT(bf_ids_count(&m, 0x400000007, i), BF_OK);
    }
    CHECK_INT(bf_ids_number(&m, 99, 10, &n), BF_OK);
    CHECK_INT(n, 2);
    CHECK_INT(bf_ids_find(&m, 0x300000005), 0);
    CHECK_INT(bf_ids_find(&m, 0x200000003), 1);
    CHECK(bf_ids_find(&m, 0x100000001) == BF_NO_ID);
    CHECK(bf_ids_find(&m, 0x400000007) == BF_NO_ID);
    bf_ids_done(&m);
}

static void a_cue_s_value_is_a_scale_over_a_root(void)
{
    CHECK(bf_cue_value(1) == 2);
    CHECK(bf_cue_value(4) == 1);
    CHECK(bf_cue_value(64 | 4) == 0.5f);
    CHECK(bf_cue_value(192 | 16) == 0.0625f); /* 1/4 of 1/4 */
    CHECK(bf_cues_bins() < 255);
}

enum { MAX = 2000, K = 4 };
static struct bf_sample samples[MAX];
static const char *choices[MAX][K];
static char words[MAX][K][24], questions[MAX][64];
static int gold[MAX];
static const struct bf_shown_words shown = { .choices = true };

/* Choices of random words, gold at random; with `leak` it is the longest in 60 % of samples, and
 * letter B whenever the question holds "zebra crossing". */
static struct bf_pool pool_of(uint32_t n, bool leak, struct bf_rng *rng)
{
    for (uint32_t i = 0; i < n; i++) {
        const bool crossing = bf_rng_below(rng, 4) == 0;
        snprintf(questions[i], sizeof questions[i], "what is w%u %s w%u",
                 (unsigned)bf_rng_below(rng, 50), crossing ? "zebra crossing" : "or zebra or",
                 (unsigned)bf_rng_below(rng, 50));
        gold[i] = leak && crossing ? 1 : (int)bf_rng_below(rng, K);
        const bool longest = leak && bf_rng_below(rng, 10) < 6;
        for (int j = 0; j < K; j++) {
            snprintf(words[i][j], sizeof words[i][j], "w%u%s",
                     (unsigned)bf_rng_below(rng, 200) + 10,
                     longest && j == gold[i] ? " and some more" : "");
            choices[i][j] = words[i][j];
        }
        samples[i] = (struct bf_sample){ .id = "s",
                                         .index = i,
                                         .task = BF_CHOICE,
                                         .question = questions[i],
                                         .category = "",
                                         .n_choices = K,
                                         .choices = choices[i],
                                         .gold = gold[i],
                                         .group = i };
    }
    return (struct bf_pool){ .n_samples = n, .samples = samples, .n_groups = n };
}

struct judged {
    double right, log_loss;
};

/* Trained on the first half, judged on the second. */
static struct judged learned(const struct bf_rows *r, const struct bf_learn *l,
                             struct bf_scored *scores)
{
    const uint32_t n = r->n_samples;
    static uint32_t index[MAX];
    struct judged out = { 0, 0 };
    for (uint32_t i = 0; i < n; i++)
        index[i] = i;
    CHECK_INT(bf_learn(l, index, n / 2, index + n / 2, n - n / 2, (struct bf_rng){ 1 }, scores,
                       NULL),
              BF_OK);
    for (uint32_t i = n / 2; i < n; i++) {
        double sum = 0;
        int best = 0;
        for (int j = 0; j < K; j++) {
            sum += exp(scores[i * K + (uint32_t)j].text);
            if (scores[i * K + (uint32_t)j].text > scores[i * K + (uint32_t)best].text)
                best = j;
        }
        out.right += best == gold[i];
        out.log_loss += log(sum) - scores[i * K + (uint32_t)gold[i]].text;
    }
    out.right /= n - n / 2;
    out.log_loss /= n - n / 2;
    return out;
}

/* A quarter of samples is certain by its letter; of the others 60 % by length, the rest by chance:
 * the Bayes rule is right in 1/4 + 3/4 (0.6 + 0.4 / 4) = 77.5 %. */
static void planted_cues_are_found(void)
{
    static struct bf_scored scores[MAX * K];
    struct bf_arena a = { 0 };
    struct bf_rows r;
    struct bf_rng rng = { 5 };
    const struct bf_pool pool = pool_of(MAX, true, &rng);
    CHECK_INT(bf_encode(&pool, &shown, &r, &a, NULL), BF_OK);
    const struct bf_learn l = { .rows = &r, .gold = gold, .rate = 0.02, .l2 = 20 };
    CHECK(learned(&r, &l, scores).right > 0.73);
    bf_arena_reset(&a);
}

static void clean_questions_give_chance(void)
{
    static struct bf_scored scores[MAX * K];
    struct bf_arena a = { 0 };
    struct bf_rows r;
    struct bf_rng rng = { 6 };
    const struct bf_pool pool = pool_of(MAX, false, &rng);
    CHECK_INT(bf_encode(&pool, &shown, &r, &a, NULL), BF_OK);
    const struct bf_learn l = { .rows = &r, .gold = gold, .rate = 0.02, .l2 = 20 };
    const struct judged x = learned(&r, &l, scores);
    CHECK(x.right > 0.25 - 0.045 && x.right < 0.25 + 0.045); /* three standard errors */
    CHECK(x.log_loss < log(4) + 0.06);                       /* calibration comes later */
    bf_arena_reset(&a);
}

static void without_a_kind_of_evidence_nothing_rests_on_it(void)
{
    static struct bf_scored scores[MAX * K];
    static const struct bf_shown_words none = { .choices = true,
                                                .without = (1u << BF_EVIDENCE_COUNT) - 1 };
    static const struct bf_shown_words letters = {
        .choices = true, .without = ((1u << BF_EVIDENCE_COUNT) - 1) & ~BF_BIT(BF_EVIDENCE_POSITION)
    };
    struct bf_arena a = { 0 };
    struct bf_rows r;
    struct bf_rng rng = { 5 };
    const struct bf_pool pool = pool_of(MAX, true, &rng);
    CHECK_INT(bf_encode(&pool, &none, &r, &a, NULL), BF_OK);
    CHECK_INT(r.first_feature[MAX * K], 0);
    CHECK_INT(r.first_bin[MAX * K], 0);
    CHECK_INT(r.first_gram[MAX], 0);
    CHECK_INT(bf_encode(&pool, &letters, &r, &a, NULL), BF_OK);
    CHECK_INT(r.first_feature[MAX * K], 0);
    for (uint32_t row = 0; row < MAX * K; row++)
        for (uint32_t b = r.first_bin[row]; b < r.first_bin[row + 1]; b++)
            CHECK(r.bins[b] == row % K || (r.bins[b] == BF_LETTER_BINS && row % K == K - 1));
    const struct bf_learn l = { .rows = &r, .gold = gold, .rate = 0.02, .l2 = 20 };
    const double right = learned(&r, &l, scores).right; /* always B: 1/4 + 3/16 */
    CHECK(right > 0.40 && right < 0.48);
    bf_arena_reset(&a);
}

/* The loss with `add` on the weight of a bin, for models with no context but bins. */
static double loss_of(const struct bf_rows *r, const float *add, uint32_t bin,
                      const struct bf_scored *scores)
{
    double loss = 0;
    for (uint32_t i = 0; i < r->n_samples; i++) {
        double sum = 0, of_gold = 0;
        for (uint32_t row = r->first_row[i]; row < r->first_row[i + 1]; row++) {
            double s = scores[row].text;
            for (uint32_t b = r->first_bin[row]; b < r->first_bin[row + 1]; b++)
                s += r->bins[b] == bin ? *add : 0;
            sum += exp(s);
            of_gold = row - r->first_row[i] == (uint32_t)gold[i] ? s : of_gold;
        }
        loss += log(sum) - of_gold;
    }
    return loss;
}

/* With no prior and one bin a choice (its letter), the minimum is known: the score of letter j is
 * the log of its share of gold answers, up to a constant; and there the loss is flat. */
static void the_minimum_is_reached(void)
{
    static struct bf_scored scores[MAX * K];
    static const struct bf_shown_words letters = {
        .choices = true, .without = ((1u << BF_EVIDENCE_COUNT) - 1) & ~BF_BIT(BF_EVIDENCE_POSITION)
    };
    static uint32_t index[MAX];
    struct bf_arena a = { 0 };
    struct bf_rows r;
    struct bf_rng rng = { 5 };
    double share[K] = { 0 };
    const struct bf_pool pool = pool_of(MAX, true, &rng);
    for (uint32_t i = 0; i < MAX; i++) {
        index[i] = i;
        share[gold[i]] += 1.0 / MAX;
    }
    CHECK_INT(bf_encode(&pool, &letters, &r, &a, NULL), BF_OK);
    const struct bf_learn l = { .rows = &r, .gold = gold, .rate = 0.1, .epochs = 200 };
    CHECK_INT(bf_learn(&l, index, MAX, index, MAX, (struct bf_rng){ 1 }, scores, NULL), BF_OK);
    for (int j = 1; j < K; j++)
        CHECK(fabs(scores[j].text - scores[0].text - log(share[j] / share[0])) < 0.05);
    const float up = 1e-2f, down = -1e-2f;
    for (uint32_t bin = 0; bin < K; bin++) {
        const double slope =
            (loss_of(&r, &up, bin, scores) - loss_of(&r, &down, bin, scores)) / 2e-2;
        CHECK(fabs(slope) < 0.01 * MAX);
    }
    bf_arena_reset(&a);
}

/* One step on one sample from weights of 0: every weight goes by rate g / sqrt(1 + g^2), with g the
 * gradient p - 1 or p; so the score of a choice changes by that over all it has. */
static void one_step_goes_down_the_gradient(void)
{
    static struct bf_scored scores[MAX * K];
    static const struct bf_shown_words letters = {
        .choices = true, .without = ((1u << BF_EVIDENCE_COUNT) - 1) & ~BF_BIT(BF_EVIDENCE_POSITION)
    };
    struct bf_arena a = { 0 };
    struct bf_rows r;
    struct bf_rng rng = { 7 };
    const struct bf_pool pool = pool_of(8, false, &rng);
    const uint32_t first = 0;
    gold[0] = 2;
    CHECK_INT(bf_encode(&pool, &letters, &r, &a, NULL), BF_OK);
    const struct bf_learn l = { .rows = &r, .gold = gold, .rate = 0.1, .epochs = 1 };
    CHECK_INT(bf_learn(&l, &first, 1, &first, 1, (struct bf_rng){ 1 }, scores, NULL), BF_OK);
    const double wrong = -0.1 * 0.25 / sqrt(1 + 0.25 * 0.25);
    const double right = 0.1 * 0.75 / sqrt(1 + 0.75 * 0.75);
    CHECK(fabs(scores[0].text - wrong) < 1e-6);
    CHECK(fabs(scores[1].text - wrong) < 1e-6);
    CHECK(fabs(scores[2].text - right) < 1e-6);
    CHECK(fabs(scores[3].text - 2 * wrong) < 1e-6); /* its letter, and that it is the last */
    bf_arena_reset(&a);
}

/* With a strong l1 all weights of noise are 0 and the planted ones are not. */
static void the_elastic_net_zeroes_noise(void)
{
    static struct bf_scored scores[MAX * K];
    struct bf_arena a = { 0 };
    struct bf_rows r;
    struct bf_rng rng = { 6 };
    struct bf_pool pool = pool_of(MAX, false, &rng);
    CHECK_INT(bf_encode(&pool, &shown, &r, &a, NULL), BF_OK);
    const struct bf_learn l = { .rows = &r, .gold = gold, .rate = 0.02, .l2 = 1, .l1 = 60 };
    learned(&r, &l, scores);
    double noise = 0, signal = 0;
    for (uint32_t i = MAX / 2 * K; i < MAX * K; i++)
        noise += fabs(scores[i].text) / (MAX / 2 * K);
    CHECK(noise < 0.02);
    bf_arena_reset(&a);
    pool = pool_of(MAX, true, &rng);
    CHECK_INT(bf_encode(&pool, &shown, &r, &a, NULL), BF_OK);
    CHECK(learned(&r, &l, scores).right > 0.7);
    for (uint32_t i = MAX / 2 * K; i < MAX * K; i++)
        signal += fabs(scores[i].text) / (MAX / 2 * K);
    CHECK(signal > 0.2);
    bf_arena_reset(&a);
}

static void the_same_twice_gives_the_same_bytes(void)
{
    static struct bf_scored x[MAX * K], y[MAX * K];
    struct bf_arena a = { 0 };
    struct bf_rows r;
    struct bf_rng rng = { 5 };
    const struct bf_pool pool = pool_of(400, true, &rng);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(bf_encode(&pool, &shown, &r, &a, NULL), BF_OK);
        const struct bf_learn l = { .rows = &r, .gold = gold, .rate = 0.02, .l2 = 20 };
        learned(&r, &l, i ? y : x);
    }
    CHECK(memcmp(x, y, sizeof x) == 0);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(keys_are_numbered_by_frequency), TEST(a_cue_s_value_is_a_scale_over_a_root),
          TEST(planted_cues_are_found), TEST(clean_questions_give_chance),
          TEST(without_a_kind_of_evidence_nothing_rests_on_it), TEST(the_minimum_is_reached),
          TEST(one_step_goes_down_the_gradient), TEST(the_elastic_net_zeroes_noise),
          TEST(the_same_twice_gives_the_same_bytes))
