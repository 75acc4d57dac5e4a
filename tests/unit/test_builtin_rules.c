/* Rules of one fact within one context: found where they are, weighed as by hand, else none. */
#include <math.h>

#include "probe/builtin/rules.h"
#include "test.h"

enum { N = 480, K = 4, N_CATEGORIES = 8, N_COLUMNS = 1 + BF_KEY_COUNT };

static const int category = 1 + BF_KEY_CATEGORY;

static uint32_t first_row[N + 1], everyone[N];
static int gold[N];
static uint8_t bin[N * K * N_COLUMNS];
static enum bf_evidence family[N_COLUMNS];
static float z[N * K], s[N * K];
static const struct bf_bins bins = { N * K, N_COLUMNS, family, bin };
static const struct bf_rules_data data = { first_row, gold, &bins, z, 0 };
static struct bf_rules rules;

/* Column 0 is the letter. In the first `n_leaky` of eight categories of 60 questions five of eight
 * are answered by B and one by each other letter; in the others each letter is as frequent. */
static void make(int n_leaky)
{
    static const int leaky[8] = { 1, 0, 1, 2, 1, 3, 1, 1 };
    family[0] = BF_EVIDENCE_POSITION;
    for (int c = 1; c < N_COLUMNS; c++)
        family[c] = BF_EVIDENCE_CATEGORY;
    for (uint32_t i = 0; i < N; i++) {
        const int of = (int)(i % N_CATEGORIES), turn = (int)(i / N_CATEGORIES);
        everyone[i] = i;
        first_row[i + 1] = (i + 1) * K;
        gold[i] = of < n_leaky ? leaky[turn % 8] : turn % K;
        for (uint32_t j = 0; j < K; j++) {
            uint8_t *b = bin + (size_t)(i * K + j) * N_COLUMNS;
            memset(b, 0, N_COLUMNS);
            b[0] = (uint8_t)(1 + j);
            b[category] = (uint8_t)(1 + of);
        }
    }
}

/* ln((38 / 60) / (22 / 60)) - ln((1 / 4) / (3 / 4)) = 1.645; the prior takes a little. */
static void a_letter_within_categories_is_found_and_weighed(void)
{
    make(2);
    CHECK_INT(bf_rules_fit(&data, everyone, N, &rules), BF_OK);
    CHECK_INT(rules.n, 2);
    for (int i = 0; i < rules.n; i++) {
        CHECK_INT(rules.v[i].context, category);
        CHECK_INT(rules.v[i].column, 0);
        CHECK_INT(rules.v[i].within, 1 + i);
        CHECK_INT(rules.v[i].bin, 2);
        CHECK(rules.v[i].w > 1.3 && rules.v[i].w < 1.645);
    }
    bf_rules_score(&rules, &data, everyone, N, s);
    for (int i = 0; i < K; i++)
        CHECK_INT(s[i] > 0, i == 1);
    for (int i = 2 * K; i < 8 * K; i++)
        CHECK(s[i] == 0);
}

static void what_says_nothing_gives_no_rules(void)
{
    make(0);
    z[5] = 1.5f;
    CHECK_INT(bf_rules_fit(&data, everyone, N, &rules), BF_OK);
    CHECK_INT(rules.n, 0);
    bf_rules_score(&rules, &data, everyone, N, s);
    CHECK(s[5] == 1.5f && s[4] == 0);
    z[5] = 0;
}

static void what_is_left_out_is_no_context(void)
{
    make(2);
    struct bf_rules_data d = data;
    d.without = UINT32_C(1) << BF_EVIDENCE_CATEGORY;
    CHECK_INT(bf_rules_fit(&d, everyone, N, &rules), BF_OK);
    CHECK_INT(rules.n, 0);
    d.without = UINT32_C(1) << BF_EVIDENCE_POSITION;
    CHECK_INT(bf_rules_fit(&d, everyone, N, &rules), BF_OK);
    CHECK_INT(rules.n, 0);
}

/* Margins that know of the leak already leave rules nothing to say. */
static void rules_that_add_nothing_to_margins_are_dropped(void)
{
    make(2);
    for (uint32_t i = 0; i < N; i++)
        z[i * K + 1] = i % N_CATEGORIES < 2 ? 1.645f : 0;
    CHECK_INT(bf_rules_fit(&data, everyone, N, &rules), BF_OK);
    for (int i = 0; i < rules.n; i++)
        CHECK(fabs(rules.v[i].w) < 1);
    bf_rules_score(&rules, &data, everyone, N, s);
    CHECK(fabs((double)s[1] - 1.6) < 0.3);
    memset(z, 0, sizeof z);
}

TEST_MAIN(TEST(a_letter_within_categories_is_found_and_weighed),
          TEST(what_says_nothing_gives_no_rules), TEST(what_is_left_out_is_no_context),
          TEST(rules_that_add_nothing_to_margins_are_dropped))
