#include "core/media.h"
#include "core/order.h"
#include "tests/test.h"

enum { ALL = -1 };

/* Choices up to the first NULL. */
static struct bf_sample sample_of(const char *id, const char **choices)
{
    struct bf_sample s = { .id = id, .task = BF_CHOICE, .choices = choices };
    while (choices[s.n_choices])
        s.n_choices++;
    return s;
}

static const char *animals[] = { "cat", "dog", "cow", "pig", "ant", NULL };
static const char *with_none[] = { "cat", "dog", "None of the above", "pig", "ant", NULL };

static bool is_permutation(const uint8_t *order, int n)
{
    uint32_t seen = 0;
    for (int i = 0; i < n; i++)
        seen |= order[i] < n ? BF_BIT(order[i]) : 0;
    return seen == BF_BIT(n) - 1;
}

static void references_to_other_choices_are_found(void)
{
    static const struct {
        const char *choices[9];
        int anchored;
    } table[] = {
        { { "cat", "dog", "cow", "All of the above" }, 8 },
        { { "cat", "dog", "NONE OF  THE\tABOVE.", "pig" }, 4 },
        { { "cat", "none of above", "dog", "All the above" }, 10 },
        { { "cat", "dog", "None of these", "Both of them" }, 12 },
        { { "None of the other answers", "7", "8", "all are correct" }, 9 },
        { { "rises", "falls", "Neither", "Both" }, 12 },
        { { "rises", "falls", "Either of the above", "non of the above" }, 12 },
        { { "3 N", "4 N", "None of the above, the force on each is the same." }, 4 },
        { { "cat", "dog", "cow", "Neither is correct." }, 8 },
        { { "cat", "dog", "cow", "Both A and C" }, ALL },
        { { "cat", "dog", "cow", "both a and c" }, ALL },
        { { "cat", "dog", "cow", "A and B only" }, ALL },
        { { "cat", "dog", "cow", "(A) and (B)" }, ALL },
        { { "cat", "dog", "cow", "A, B & C" }, ALL },
        { { "cat", "dog", "cow", "Neither A nor B" }, ALL },
        { { "cat", "dog", "cow", "Options A and B are correct" }, ALL },
        { { "cat", "dog", "cow", "only B" }, ALL },
        { { "cat", "dog", "cow", "option B" }, ALL },
        { { "True", "False", "None of the above", "A and B" }, ALL },
        { { "B", "A", "D", "C" }, ALL },
        { { "(a)", "(b)", "same of the two" }, ALL },
        { { "I", "III", "IV", "II" }, ALL },
        { { "A. cat", "B. dog", "C. cow" }, ALL },
        { { "(A) cat", "(B) dog" }, ALL },
        /* ordinary choices */
        { { "Vitamin A", "Vitamin B", "Vitamin C", "Vitamin D" }, 0 },
        { { "A cat and B. B. King", "all of them eat", "a", "dog" }, 0 },
        { { "All buildings should last", "Both cats", "Neither country", "dog" }, 0 },
        { { "none of the hosts", "all hosts", "only H2", "only H1" }, 0 },
        { { "both right and wrong ways", "any colour", "All-or-none response", "x" }, 0 },
        { { "A/C", "heater", "fan", "lamp" }, 0 },
        { { "A+", "B", "O+", "AB" }, 0 },
        { { "A > B > C", "B > A > C", "C > A > B", "C > B > A" }, 0 },
        { { "a choice", "a right", "an answer", "a dog" }, 0 },
        /* letters in a picture: there is no choice that they could mean */
        { { "B and E", "A and B", "C and D", "A and E", "B and D" }, 0 },
        { { "P and U", "P and S", "S and U", "Q and U" }, 0 },
        { { "B, A, D, C", "D, B, A, C", "A, B, C, D", "C, D, A, B" }, 0 },
        /* statements in the question, not choices */
        { { "I only", "II only", "I and II only", "II and III only" }, 0 },
        { { "1 and 2", "1 and 3", "2 and 3", "1, 2, and 3" }, 0 },
        /* one letter is a note, a gene, a word; two of them are the places' names */
        { { "G", "F#m", "Em", "C" }, 0 },
        { { "twenty-one", "Berman's", "said", "a" }, 0 },
        { { "h", "b", "g", "p", "f" }, 0 },
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const char *choices[9];
        memcpy(choices, table[i].choices, sizeof choices);
        const struct bf_sample s = sample_of("q", choices);
        const uint32_t all = BF_BIT(s.n_choices) - 1;
        if (bf_order_anchored(&s) != (table[i].anchored == ALL ? all : (uint32_t)table[i].anchored))
            printf("# row %zu: '%s' ... '%s': %x\n", i, choices[0], choices[s.n_choices - 1],
                   (unsigned)bf_order_anchored(&s));
        CHECK_INT(bf_order_anchored(&s),
                  table[i].anchored == ALL ? all : (uint32_t)table[i].anchored);
    }
}

static void as_many_choices_as_there_are_letters(void)
{
    const char *choices[27] = { NULL };
    uint8_t order[BF_MAX_CHOICES];
    for (int i = 0; i < 26; i++)
        choices[i] = "word";
    struct bf_sample s = sample_of("q", choices);
    CHECK_INT(bf_order_anchored(&s), 0);
    for (int t = 0; t < 100; t++) {
        bf_order_of(BF_ORDER_ALL, 1, &s, t, order);
        CHECK(is_permutation(order, 26));
    }
    choices[24] = "both A and Z";
    CHECK_INT(bf_order_anchored(&s), (1 << 26) - 1);
    s.n_choices = 0;
    CHECK_INT(bf_order_anchored(&s), 0);
    bf_order_of(BF_ORDER_CIRCULAR, 1, &s, 0, order);
}

static void fixed_and_yesno_stay_as_they_are(void)
{
    static const char *yesno[] = { "yes", "no", NULL };
    const struct bf_sample s = sample_of("q", animals);
    struct bf_sample y = sample_of("y", yesno);
    uint8_t order[BF_MAX_CHOICES];
    y.task = BF_YESNO;
    for (int t = 0; t < 20; t++) {
        bf_order_of(BF_ORDER_FIXED, 7, &s, t, order);
        for (int i = 0; i < 5; i++)
            CHECK_INT(order[i], i);
        bf_order_of(BF_ORDER_SHUFFLED, (uint64_t)t, &y, t, order);
        CHECK_INT(order[0], 0);
        CHECK_INT(order[1], 1);
    }
}

/* Over k trials every movable choice stands at every movable place once; turns of one circle. */
static void circular_brings_each_choice_to_each_place_once(void)
{
    for (int anchored = 0; anchored < 2; anchored++) {
        const struct bf_sample s = sample_of("q", anchored ? with_none : animals);
        const int k = anchored ? 4 : 5;
        uint32_t at[5] = { 0 };
        uint8_t order[BF_MAX_CHOICES], again[BF_MAX_CHOICES];
        for (int t = 0; t < k; t++) {
            bf_order_of(BF_ORDER_CIRCULAR, 3, &s, t, order);
            bf_order_of(BF_ORDER_CIRCULAR, 3, &s, t + k, again);
            CHECK(is_permutation(order, 5));
            CHECK(memcmp(order, again, 5) == 0);
            for (int i = 0; i < 5; i++) {
                CHECK(i == 2 && anchored ? order[i] == 2 : !(at[i] & BF_BIT(order[i])));
                at[i] |= BF_BIT(order[i]);
            }
        }
        for (int i = 0; i < 5; i++)
            CHECK_INT(at[i], !anchored ? 31 : i == 2 ? 4 : 27);
    }
}

/* 4! orders of the movable choices, each once, then the same again. */
static void all_shows_every_order_once(void)
{
    const struct bf_sample s = sample_of("q", with_none);
    uint8_t seen[24][5];
    for (int t = 0; t < 48; t++) {
        uint8_t order[BF_MAX_CHOICES];
        bf_order_of(BF_ORDER_ALL, 9, &s, t, order);
        CHECK(is_permutation(order, 5));
        CHECK_INT(order[2], 2);
        for (int u = 0; u < t && u < 24; u++)
            CHECK((memcmp(seen[u], order, 5) == 0) == (u == t - 24));
        if (t < 24)
            memcpy(seen[t], order, 5);
    }
}

static void the_first_trial_is_one_and_the_same(void)
{
    const struct bf_sample s = sample_of("q", animals);
    uint8_t a[BF_MAX_CHOICES], b[BF_MAX_CHOICES], c[BF_MAX_CHOICES];
    bf_order_of(BF_ORDER_CIRCULAR, 5, &s, 0, a);
    bf_order_of(BF_ORDER_SHUFFLED, 5, &s, 0, b);
    bf_order_of(BF_ORDER_ALL, 5, &s, 0, c);
    CHECK(memcmp(a, b, 5) == 0 && memcmp(a, c, 5) == 0);
    for (int t = 0; t < 5; t++) { /* and the first k of all orders are the circular ones */
        bf_order_of(BF_ORDER_CIRCULAR, 5, &s, t, a);
        bf_order_of(BF_ORDER_ALL, 5, &s, t, c);
        CHECK(memcmp(a, c, 5) == 0);
    }
}

/* Each of 5 choices stands first in a fifth of 2,000 draws: 400, standard deviation 17.9. */
static void seeds_samples_and_trials_draw_apart(void)
{
    int by_seed[5] = { 0 }, by_id[5] = { 0 }, by_trial[5] = { 0 };
    uint8_t order[BF_MAX_CHOICES];
    for (int i = 0; i < 2000; i++) {
        char id[16];
        snprintf(id, sizeof id, "s%d", i);
        struct bf_sample s = sample_of("q", animals);
        bf_order_of(BF_ORDER_CIRCULAR, (uint64_t)i, &s, 0, order);
        by_seed[order[0]]++;
        bf_order_of(BF_ORDER_SHUFFLED, 1, &s, i, order);
        by_trial[order[0]]++;
        s.id = id;
        bf_order_of(BF_ORDER_ALL, 1, &s, 0, order);
        by_id[order[0]]++;
    }
    for (int c = 0; c < 5; c++) {
        CHECK(by_seed[c] > 320 && by_seed[c] < 480);
        CHECK(by_id[c] > 320 && by_id[c] < 480);
        CHECK(by_trial[c] > 320 && by_trial[c] < 480);
    }
}

TEST_MAIN(TEST(references_to_other_choices_are_found), TEST(as_many_choices_as_there_are_letters),
          TEST(fixed_and_yesno_stay_as_they_are),
          TEST(circular_brings_each_choice_to_each_place_once), TEST(all_shows_every_order_once),
          TEST(the_first_trial_is_one_and_the_same), TEST(seeds_samples_and_trials_draw_apart))
