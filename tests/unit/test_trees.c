/* Boosted trees over choices: one split worked out by hand, what is learned, odd shapes. */
#include <math.h>

#include "probe/builtin/grow.h"
#include "test.h"

enum { MAX_ROWS = 4096, MAX_COLUMNS = 4 };

/* Samples with their choices, filled in by a test. */
struct made {
    struct bf_arena arena;
    uint32_t first_row[MAX_ROWS + 1], all[MAX_ROWS];
    int gold[MAX_ROWS];
    uint32_t n_samples;
    float v[MAX_COLUMNS][MAX_ROWS];
    const float *column[MAX_COLUMNS];
    enum bf_evidence family[MAX_COLUMNS];
    struct bf_bins bins;
    struct bf_trees_data d;
    struct bf_forest forest;
    float s[MAX_ROWS];
};

static struct made m;

static const struct bf_trees_options plain = { .max_trees = 50,
                                               .max_leaves = 8,
                                               .patience = 5,
                                               .rate = 0.2,
                                               .l2 = 1,
                                               .min_hessian = 1,
                                               .samples = 1,
                                               .columns = 1 };

static void begin(void)
{
    memset(&m, 0, sizeof m);
}

/* A sample of k choices; their columns are set in m.v from row m.first_row[i] on. */
static uint32_t add(int k, int gold)
{
    const uint32_t i = m.n_samples++;
    m.all[i] = i;
    m.gold[i] = gold;
    m.first_row[i + 1] = m.first_row[i] + (uint32_t)k;
    return m.first_row[i];
}

static void bin(int n_columns)
{
    for (int c = 0; c < n_columns; c++)
        m.column[c] = m.v[c];
    const struct bf_columns columns = {
        .n_rows = m.first_row[m.n_samples], .n = n_columns, .family = m.family, .v = m.column
    };
    CHECK_INT(bf_bins_make(&columns, BF_MAX_BINS, &m.bins, &m.arena, NULL), BF_OK);
    m.d = (struct bf_trees_data){ .first_row = m.first_row, .gold = m.gold, .bins = &m.bins };
}

/* Fit to all samples but the last `n_validate`, and score all. */
static void fit(const struct bf_trees_options *o, uint32_t n_validate)
{
    const uint32_t n = m.n_samples - n_validate;
    CHECK_INT(bf_trees_fit(o, &m.d, m.all, n, m.all + n, n_validate, bf_rng_for(1, "", "trees", 0),
                           &m.forest, NULL),
              BF_OK);
    bf_trees_score(&m.forest, &m.d, m.all, m.n_samples, m.s);
}

static void end(void)
{
    bf_trees_done(&m.forest);
    bf_arena_reset(&m.arena);
}

/* Four samples of two choices; x = 1 for the first choice of each, which is gold in three of them.
 * All p = 1/2, so g = -1/2 for gold and 1/2 else, h = 1/4. With x = 0: G = 1, H = 1; with x = 1:
 * G = -1, H = 1; in all G = 0. With l2 = 1 the gain is 1 / 2 + 1 / 2 - 0 = 1. */
static void gain_of_a_split_is_as_by_hand(void)
{
    const uint8_t wide[8] = { 2, 1, 2, 1, 2, 1, 2, 1 };
    const uint16_t n_bins[1] = { 3 };
    const int g2[8] = { -1, 1, -1, 1, -1, 1, 1, -1 }; /* in halves */
    uint64_t pair[8], histogram[BF_BIN_STRIDE] = { 9, 9, 9 };
    uint32_t rows[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    uint16_t used[1] = { 0 };
    for (int i = 0; i < 8; i++)
        pair[i] = ((uint64_t)(int64_t)g2[i] << 32) + 1;
    const struct bf_grow g = { .o = &plain,
                               .n_rows = 8,
                               .n_columns = 1,
                               .wide = wide,
                               .n_bins = n_bins,
                               .pair = pair,
                               .n_used = 1,
                               .used = used,
                               .n = 8,
                               .rows = rows,
                               .unit_g = 0.5,
                               .unit_h = 0.25 };
    struct bf_leaf leaf = { .end = 8, .histogram = histogram, .sum = 8 };
    bf_leaf_search(&g, &leaf);
    CHECK_INT(histogram[0], 0);
    CHECK_INT((int32_t)(histogram[1] >> 32), 2);
    CHECK_INT((int32_t)(histogram[2] >> 32), -2);
    CHECK_INT(histogram[2] & 0xffffffff, 4);
    CHECK_INT(leaf.best.column, 0);
    CHECK_INT(leaf.best.at + leaf.best.missing, 1);
    CHECK(leaf.best.gain * 0.5 * 0.5 / 0.25 == 1);
}

/* The same samples: w = -G / (H + l2) = -1/2 and 1/2, times the rate 0.2. */
static void leaves_are_as_by_hand(void)
{
    struct bf_trees_options o = plain;
    o.max_trees = 1;
    begin();
    for (int i = 0; i < 4; i++)
        m.v[0][add(2, i == 3)] = 1;
    bin(1);
    fit(&o, 0);
    CHECK_INT(m.forest.n_trees, 1);
    CHECK_INT(m.forest.n_nodes, 3);
    for (int i = 0; i < 4; i++) {
        CHECK(fabsf(m.s[2 * i] - 0.1F) < 1e-7F);
        CHECK(fabsf(m.s[2 * i + 1] + 0.1F) < 1e-7F);
    }
    end();
}

/* An offset of ln 3 for the first choice is what three of four say: nothing is left to learn. */
static void an_offset_that_says_all_leaves_nothing(void)
{
    float offset[8];
    begin();
    for (int i = 0; i < 4; i++)
        m.v[0][add(2, i == 3)] = 1;
    bin(1);
    for (int i = 0; i < 8; i++)
        offset[i] = i % 2 ? 0 : logf(3);
    m.d.offset = offset;
    fit(&plain, 0);
    CHECK(fabsf(m.s[0] - m.s[1] - logf(3)) < 1e-3F);
    end();
}

/* Gold is the choice with x = 1 in samples of category 1, that with x = 0 in others, and the
 * category is the same for all choices of a sample: neither column tells anything alone. */
static void make_crossed(int n, uint64_t seed)
{
    struct bf_rng r = bf_rng_for(seed, "", "crossed", 0);
    begin();
    for (int i = 0; i < n; i++) {
        const int k = 2 + (int)bf_rng_below(&r, 3), special = (int)bf_rng_below(&r, (uint64_t)k);
        const int category = (int)bf_rng_below(&r, 2);
        const uint32_t row = add(k, category ? special : (special + 1) % k);
        for (int j = 0; j < k; j++) {
            m.v[0][row + (uint32_t)j] = j == special;
            m.v[1][row + (uint32_t)j] = (float)category;
            m.v[2][row + (uint32_t)j] = (float)bf_rng_unit(&r);
        }
    }
    bin(3);
}

static double p_gold(uint32_t i)
{
    double sum = 0;
    for (uint32_t r = m.first_row[i]; r < m.first_row[i + 1]; r++)
        sum += exp((double)(m.s[r] - m.s[m.first_row[i] + (uint32_t)m.gold[i]]));
    return 1 / sum;
}

static void interactions_are_learned(void)
{
    make_crossed(800, 1);
    fit(&plain, 200);
    double loss = 0;
    for (uint32_t i = 600; i < 800; i++) {
        loss -= log(p_gold(i)) / 200;
        const int k = (int)(m.first_row[i + 1] - m.first_row[i]);
        /* with the category the special choice is found, or is the one to leave out */
        CHECK(p_gold(i) > (m.v[1][m.first_row[i]] == 1 ? 0.8 : 0.6 / (k - 1)));
    }
    CHECK(fabs(loss - m.forest.loss_out) < 1e-5); /* what it was validated by is what it scores */
    CHECK(m.forest.n_trees > 3 && m.forest.n_trees <= plain.max_trees);
    end();
}

static void the_same_input_gives_the_same_forest(void)
{
    struct bf_trees_options o = plain;
    static float first[MAX_ROWS];
    o.samples = 0.6;
    o.columns = 0.7;
    make_crossed(500, 2);
    fit(&o, 100);
    memcpy(first, m.s, sizeof first);
    bf_trees_done(&m.forest);
    fit(&o, 100);
    CHECK(memcmp(first, m.s, m.first_row[m.n_samples] * sizeof *first) == 0);
    CHECK(p_gold(450) > 0.3);
    end();
}

static void noise_grows_no_trees(void)
{
    struct bf_rng r = bf_rng_for(4, "", "noise", 0);
    begin();
    for (int i = 0; i < 600; i++) {
        const uint32_t row = add(4, (int)bf_rng_below(&r, 4));
        for (uint32_t j = 0; j < 4; j++)
            m.v[0][row + j] = (float)bf_rng_unit(&r);
    }
    bin(1);
    fit(&plain, 300);
    CHECK(m.forest.loss_out <= log(4) + 1e-6);
    CHECK(m.forest.n_trees < 10);
    end();
}

/* 1 where the answer is, but for gold choices where it is missing: missing goes its own way. */
static void missing_values_have_a_side(void)
{
    begin();
    for (int i = 0; i < 200; i++) {
        const uint32_t row = add(3, i % 3);
        for (uint32_t j = 0; j < 3; j++)
            m.v[0][row + j] = (int)j == i % 3 ? NAN : (float)(i % 7);
    }
    bin(1);
    fit(&plain, 0);
    for (uint32_t i = 0; i < 200; i++)
        CHECK(p_gold(i) > 0.9);
    end();
}

static void what_is_left_out_is_not_looked_at(void)
{
    struct bf_trees_options o = plain;
    static float own[MAX_ROWS];
    const float *const columns[1] = { own };
    const enum bf_evidence family[1] = { BF_EVIDENCE_MEDIA };
    make_crossed(300, 3);
    m.family[0] = BF_EVIDENCE_LENGTH;
    for (uint32_t i = 0; i < m.n_samples; i++)
        own[m.first_row[i] + (uint32_t)m.gold[i]] = 1;
    o.without = BF_BIT(BF_EVIDENCE_LENGTH) | BF_BIT(BF_EVIDENCE_POSITION);
    fit(&o, 0); /* all three columns are of these two */
    CHECK_INT(m.forest.n_trees, 0);
    CHECK(m.s[0] == 0);
    bf_trees_done(&m.forest);
    m.d.n_own = 1; /* a column of this fit alone, that tells all */
    m.d.own = columns;
    fit(&o, 0);
    CHECK(p_gold(17) > 0.9);
    bf_trees_done(&m.forest);
    m.d.own_family = family;
    o.without |= BF_BIT(BF_EVIDENCE_MEDIA);
    fit(&o, 0);
    CHECK_INT(m.forest.n_trees, 0);
    memset(own, 0, sizeof own);
    end();
}

/* Constant columns, missing ones, one sample, none at all, 26 choices beside 2. */
static void odd_inputs_are_no_trouble(void)
{
    begin();
    add(2, 1);
    for (int r = 0; r < 2; r++) {
        m.v[0][r] = NAN;
        m.v[1][r] = 3;
    }
    bin(2);
    fit(&plain, 0);
    CHECK_INT(m.forest.n_trees, 0);
    CHECK(m.s[0] == 0 && m.s[1] == 0);
    bf_trees_done(&m.forest);
    fit(&plain, 1); /* nothing to train on */
    CHECK_INT(m.forest.n_trees, 0);
    CHECK(fabs(m.forest.loss_out - log(2)) < 1e-6);
    end();

    begin();
    for (int i = 0; i < 120; i++) {
        const int k = i % 2 ? 26 : 2, gold = i * 7 % k;
        const uint32_t row = add(k, gold);
        for (int j = 0; j < k; j++)
            m.v[0][row + (uint32_t)j] = j == gold ? INFINITY : (float)-j;
    }
    bin(1);
    fit(&plain, 40);
    for (uint32_t i = 0; i < 120; i++)
        CHECK(p_gold(i) > 0.8);
    end();

    const struct bf_bins many = { .n = BF_MAX_COLUMNS };
    const struct bf_trees_data d = { .bins = &many, .n_own = 1 };
    struct bf_err err;
    CHECK_INT(bf_trees_fit(&plain, &d, NULL, 0, NULL, 0, bf_rng_for(1, "", "", 0), &m.forest, &err),
              BF_EINVAL);
    bf_trees_done(&m.forest);
}

TEST_MAIN(TEST(gain_of_a_split_is_as_by_hand), TEST(leaves_are_as_by_hand),
          TEST(an_offset_that_says_all_leaves_nothing), TEST(interactions_are_learned),
          TEST(the_same_input_gives_the_same_forest), TEST(noise_grows_no_trees),
          TEST(missing_values_have_a_side), TEST(what_is_left_out_is_not_looked_at),
          TEST(odd_inputs_are_no_trouble))
