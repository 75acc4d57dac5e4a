/* Score `leaks`: planted cues get the right sentence, gold at random gets none. */
#include <math.h>

#include "core/file.h"
#include "core/json.h"
#include "core/ops.h"
#include "core/rng.h"
#include "core/table.h"
#include "score/tails.h"
#include "score/trials.h"
#include "tests/test.h"

extern const struct bf_metric bf_metric_leaks;

/* A pool that is made, and what was found in it. */
struct made {
    struct bf_pool pool;
    struct bf_scores scores;
    struct bf_table table;
    struct bf_rng rng;
};

static uint32_t below(struct made *m, uint32_t n)
{
    return (uint32_t)bf_rng_below(&m->rng, n);
}

static bool with_probability(struct made *m, double p)
{
    return bf_rng_unit(&m->rng) < p;
}

/* `n` words of no meaning, of a vocabulary of 600. */
static const char *words(struct made *m, uint32_t n)
{
    static const char *const parts[] = { "ba", "ko", "ri", "ten", "mar", "ul", "phi", "dra" };
    struct bf_buf b = { 0 };
    for (uint32_t i = 0; i < n; i++) {
        uint32_t w = below(m, 600) + 64;
        bf_buf_str(&b, i ? " " : "");
        for (; w; w /= 8)
            bf_buf_str(&b, parts[w % 8]);
    }
    const char *out = bf_arena_strdup(&m->pool.arena, b.data ? b.data : "");
    bf_buf_done(&b);
    return out;
}

static struct made *made_new(uint64_t seed)
{
    struct made *m = calloc(1, sizeof *m);
    m->rng = bf_rng_for(seed, "", "leaks", 0);
    m->table.pool = &m->pool;
    return m;
}

static void made_done(struct made *m)
{
    bf_scores_done(&m->scores);
    bf_pool_done(&m->pool);
    free(m);
}

static struct bf_sample *add(struct made *m, const char *question, const char *category, int k,
                             const char *const *choices, int gold)
{
    struct bf_sample s = { .task = BF_CHOICE, .question = question, .category = category };
    s.id = bf_arena_printf(&m->pool.arena, "s%u", m->pool.n_samples);
    s.licence = s.origin = "";
    s.n_choices = k;
    s.choices = bf_arena_memdup(&m->pool.arena, choices, (size_t)k * sizeof *choices);
    s.gold = gold;
    s.gold_set = BF_BIT(gold);
    s.gold_text = choices[gold];
    CHECK_INT(bf_pool_add(&m->pool, &s, NULL), BF_OK);
    return &m->pool.samples[m->pool.n_samples - 1];
}

/* A question as any other: five heads, four choices, gold at random; some ask for numbers. */
static struct bf_sample *add_clean(struct made *m)
{
    static const char *const heads[] = { "where is the", "when does the", "who has the", "how many",
                                         "which of these" };
    static const char *const categories[] = { "sounds", "places", "people" };
    const char *choices[4];
    const uint32_t head = below(m, 5);
    struct bf_arena *a = &m->pool.arena;
    const char *question = bf_arena_printf(a, "%s %s?", heads[head], words(m, 2 + below(m, 6)));
    for (uint32_t j = 0; j < 4; j++)
        choices[j] = head == 3 ? bf_arena_printf(a, "%u", j * 25 + 1 + below(m, 25))
                               : words(m, 1 + below(m, 5));
    /* numbers in any order */
    for (uint32_t j = 3; j > 0; j--) {
        const uint32_t o = below(m, j + 1);
        const char *t = choices[j];
        choices[j] = choices[o];
        choices[o] = t;
    }
    return add(m, question, categories[below(m, 3)], 4, choices, (int)below(m, 4));
}

static void make_clean(struct made *m, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        (void)add_clean(m);
}

static void set_gold(struct bf_sample *s, int gold)
{
    s->gold = gold;
    s->gold_set = BF_BIT(gold);
    s->gold_text = s->choices[gold];
}

static void find(struct made *m)
{
    struct bf_err err = { .msg = "" };
    bf_pool_complete(&m->pool);
    if (bf_metric_leaks.compute(&m->table, &m->scores, &err) != BF_OK)
        printf("# %s\n", err.msg);
}

static uint32_t n_sure(const struct made *m)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->scores.n_leaks; i++)
        n += m->scores.leaks[i].sure;
    return n;
}

/* The surest leak says this, in its first words, of that cue and group. */
static void check_first(struct made *m, const char *cue, const char *group, const char *says)
{
    find(m);
    CHECK(n_sure(m) > 0);
    if (n_sure(m) == 0)
        return;
    const struct bf_leak *l = &m->scores.leaks[0];
    CHECK_STR(l->cue, cue);
    CHECK_STR(l->group, group);
    if (strncmp(l->sentence, says, strlen(says)) != 0)
        CHECK_STR(l->sentence, says);
    for (uint32_t i = 1; i < m->scores.n_leaks; i++)
        printf("# also%s: %s\n", m->scores.leaks[i].sure ? "" : " suggested",
               m->scores.leaks[i].sentence);
    /* what is planted is said once; at most what goes with it is said beside it */
    CHECK(n_sure(m) <= 3);
    CHECK(l->n_given + l->n_other >= l->n);
    CHECK(l->lo < l->rate && l->rate <= l->hi && l->q <= 0.05);
}

static void one_letter_is_right_too_often(void)
{
    struct made *m = made_new(1);
    make_clean(m, 600);
    for (uint32_t i = 0; i < 600; i++)
        if (with_probability(m, 0.25))
            set_gold(&m->pool.samples[i], 1);
    check_first(m, "letter_b", "all", "the gold choice is B in 4");
    CHECK_STR(m->scores.leaks[0].repair, "shuffle");
    made_done(m);
}

static int longest(const struct bf_sample *s, int sign)
{
    int best = 0;
    for (int j = 1; j < s->n_choices; j++)
        if (sign * (int)strlen(s->choices[j]) > sign * (int)strlen(s->choices[best]))
            best = j;
    return best;
}

static void the_longest_is_right_in_where_questions(void)
{
    struct made *m = made_new(2);
    make_clean(m, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        if (strncmp(m->pool.samples[i].question, "where", 5) == 0 && with_probability(m, 0.4))
            set_gold(&m->pool.samples[i], longest(&m->pool.samples[i], 1));
    check_first(m, "longest", "head=where", "the gold choice is the longest in 5");
    CHECK(strstr(m->scores.leaks[0].sentence, " % of `where` questions (chance 25 %, n = ") !=
          NULL);
    CHECK_STR(m->scores.leaks[0].repair, "level");
    made_done(m);
}

static void the_largest_number_is_right(void)
{
    struct made *m = made_new(3);
    make_clean(m, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        struct bf_sample *s = &m->pool.samples[i];
        int best = 0;
        if (strncmp(s->question, "how many", 8) != 0 || !with_probability(m, 0.5))
            continue;
        for (int j = 1; j < 4; j++)
            if (strtol(s->choices[j], NULL, 10) > strtol(s->choices[best], NULL, 10))
                best = j;
        set_gold(s, best);
    }
    check_first(m, "largest", "all", "the gold choice is the largest number in 6");
    made_done(m);
}

static void the_answer_stands_in_the_question(void)
{
    struct made *m = made_new(4);
    make_clean(m, 800);
    for (uint32_t i = 0; i < 800; i++) {
        struct bf_sample *s = &m->pool.samples[i];
        if (with_probability(m, 0.3))
            s->choices[s->gold] = bf_arena_printf(&m->pool.arena, "%s %s", s->choices[s->gold],
                                                  strrchr(s->question, ' ') + 1);
    }
    check_first(m, "most_overlap", "all",
                "the gold choice is the one with most words of the question in ");
    CHECK_STR(m->scores.leaks[0].repair, "rewrite");
    made_done(m);
}

static void all_of_the_above_is_right(void)
{
    static const char *const forms[] = { "all of the above", "none of the above", "all of these",
                                         "None of these", "All of the above." };
    struct made *m = made_new(5);
    make_clean(m, 800);
    for (uint32_t i = 0; i < 800; i++) {
        struct bf_sample *s = &m->pool.samples[i];
        if (!with_probability(m, 0.1))
            continue;
        s->choices[3] = forms[below(m, 5)];
        set_gold(s, with_probability(m, 0.8) ? 3 : (int)below(m, 4));
    }
    check_first(m, "meta", "all", "a choice that is of the kind \"all of the above\" is right in ");
    made_done(m);
}

/* As in the recorded pool: which channel is highest is always channel 5. */
static void one_answer_is_always_right(void)
{
    static const char *const channels[] = { "channel 5", "channel 7", "channel 3", "channel 10",
                                            "channel 4" };
    struct made *m = made_new(6);
    make_clean(m, 240);
    for (int i = 0; i < 7; i++) {
        const int gold = (int)below(m, 4);
        const char *choices[4];
        for (int j = 0; j < 4; j++)
            choices[j] = channels[1 + (i + j) % 4];
        choices[gold] = channels[0];
        add(m, "Which channel is highest?", "signal", 4, choices, gold)->parts = NULL;
        /* each shows a file of its own, else they were copies */
        struct bf_sample *s = &m->pool.samples[m->pool.n_samples - 1];
        struct bf_file *f = bf_arena_alloc(&m->pool.arena, 1, sizeof *f);
        s->parts = bf_arena_alloc(&m->pool.arena, 1, sizeof *s->parts);
        s->n_parts = 1;
        s->parts->file = f;
        f->sha[0] = (uint8_t)(i + 1);
    }
    check_first(m, "text", "all",
                "the answer to \"Which channel is highest?\" is always \"channel "
                "5\" (7 of 7, chance 25 %)");
    CHECK_INT(m->scores.leaks[0].n_given, 7);
    CHECK_STR(m->pool.samples[m->scores.leaks[0].samples[0]].id, "s240");
    CHECK_STR(m->scores.leaks[0].repair, "balance");
    made_done(m);
}

static void a_word_of_choices_is_right(void)
{
    struct made *m = made_new(7);
    make_clean(m, 800);
    for (uint32_t i = 0; i < 800; i++) {
        struct bf_sample *s = &m->pool.samples[i];
        if (!with_probability(m, 0.06))
            continue;
        const int j = with_probability(m, 0.9) ? s->gold : (s->gold + 1) % 4;
        s->choices[j] = bf_arena_printf(&m->pool.arena, "blue %s", words(m, 2));
    }
    check_first(m, "word", "all", "choices with the word \"blue\" are right in ");
    made_done(m);
}

static void a_phrase_of_the_question_decides_the_answer(void)
{
    static const char *const colours[] = { "red", "green", "blue", "black", "white", "grey" };
    struct made *m = made_new(8);
    make_clean(m, 600);
    for (int i = 0; i < 160; i++) {
        const char *choices[4];
        const uint32_t from = below(m, 6);
        const bool light = i % 4 == 0;
        for (uint32_t j = 0; j < 4; j++)
            choices[j] = colours[(from + j) % 6];
        struct bf_arena *a = &m->pool.arena;
        const char *q = bf_arena_printf(a,
                                        light ? "Say what colour the traffic light at %s has"
                                              : "Say what colour the %s has",
                                        words(m, 2));
        int gold = (int)below(m, 4);
        for (int j = 0; light && j < 4; j++)
            gold = strcmp(choices[j], "red") == 0 ? j : gold;
        add(m, q, "colour", 4, choices, gold);
    }
    find(m);
    CHECK(n_sure(m) > 0);
    const struct bf_leak *l = &m->scores.leaks[0];
    CHECK_STR(l->cue, "text");
    CHECK_STR(l->what, "red");
    CHECK(strstr(l->group, "traffic") != NULL || strstr(l->group, "light") != NULL);
    CHECK(strncmp(l->sentence, "the answer is always \"red\" in questions with \"", 46) == 0);
    printf("# %s\n", l->sentence);
    made_done(m);
}

static void a_phrase_of_the_question_decides_the_letter(void)
{
    struct made *m = made_new(9);
    make_clean(m, 900);
    for (uint32_t i = 0; i < 900; i++) {
        struct bf_sample *s = &m->pool.samples[i];
        if (!with_probability(m, 0.08))
            continue;
        s->question = bf_arena_printf(&m->pool.arena, "%s of the mean reading", s->question);
        if (with_probability(m, 0.7))
            set_gold(s, 2);
    }
    find(m);
    CHECK(n_sure(m) > 0);
    const struct bf_leak *l = &m->scores.leaks[0];
    CHECK_STR(l->cue, "letter_c");
    CHECK(strstr(l->group, "mean") != NULL);
    printf("# %s\n", l->sentence);
    CHECK(strncmp(l->sentence, "the gold choice is C in ", 24) == 0);
    made_done(m);
}

static void the_shortest_is_right_in_one_category(void)
{
    struct made *m = made_new(10);
    make_clean(m, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        struct bf_sample *s = &m->pool.samples[i];
        if (strcmp(s->category, "sounds") == 0 && with_probability(m, 0.35))
            set_gold(s, longest(s, -1));
    }
    check_first(m, "shortest", "category=sounds", "the gold choice is the shortest in ");
    CHECK(strstr(m->scores.leaks[0].sentence, "of questions of category `sounds`") != NULL);
    made_done(m);
}

static void yes_is_right_too_often(void)
{
    static const char *const choices[] = { "yes", "no" };
    struct made *m = made_new(11);
    for (int i = 0; i < 400; i++)
        add(m, bf_arena_printf(&m->pool.arena, "Is there a %s?", words(m, 3)), "", 2, choices,
            with_probability(m, 0.65) ? 0 : 1)
            ->task = BF_YESNO;
    check_first(m, "text", "all", "the answer is \"yes\" in 6");
    CHECK_INT(n_sure(m), 1); /* "no" is the same said twice */
    made_done(m);
}

static void one_number_is_right_too_often(void)
{
    struct made *m = made_new(12);
    static const char *const none[] = { "" };
    for (int i = 0; i < 300; i++) {
        struct bf_sample *s =
            add(m, bf_arena_printf(&m->pool.arena, "How many %s?", words(m, 3)), "", 1, none, 0);
        s->task = BF_NUMBER;
        s->n_choices = 0;
        s->gold = -1;
        s->gold_set = 0;
        s->gold_number = with_probability(m, 0.3) ? 2 : 1 + below(m, 12);
        s->gold_text = bf_arena_printf(&m->pool.arena, "%g", s->gold_number);
    }
    check_first(m, "value", "all", "the answer is \"2\" in 3");
    made_done(m);
}

/* A medium of its own for each question that is asked of several. */
static void show(struct made *m, struct bf_sample *s, uint32_t which)
{
    struct bf_file *f = bf_arena_alloc(&m->pool.arena, 1, sizeof *f);
    s->parts = bf_arena_alloc(&m->pool.arena, 1, sizeof *s->parts);
    s->n_parts = 1;
    s->parts->file = f;
    memcpy(f->sha, &which, sizeof which);
}

/* Gold at random in pools that have templates, repeated choices, yes and no, and categories. */
static void gold_at_random_is_no_leak(void)
{
    static const char *const yes[] = { "yes", "no" };
    static const char *const cloths[] = { "denim", "linen", "canvas", "cotton", "felt", "wool" };
    uint32_t n_pools = 0, n_suggestive = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct made *m = made_new(1000 + seed);
        make_clean(m, 150 + below(m, 500));
        for (uint32_t i = 0; i < 60; i++) {
            const char *choices[4];
            const uint32_t from = below(m, 6);
            for (uint32_t j = 0; j < 4; j++)
                choices[j] = cloths[(from + j) % 6];
            show(m, add(m, "Which cloth is it?", "cloth", 4, choices, (int)below(m, 4)), i + 1);
            show(m,
                 add(m, i % 2 ? "Are both the same?" : "Did it slip?", "pair", 2, yes,
                     (int)below(m, 2)),
                 i + 100);
        }
        find(m);
        n_pools += n_sure(m) > 0;
        n_suggestive += m->scores.n_leaks > n_sure(m);
        if (n_sure(m))
            printf("# seed %u: %s (p %.2g, q %.2g)\n", (unsigned)seed, m->scores.leaks[0].sentence,
                   m->scores.leaks[0].p, m->scores.leaks[0].q);
        made_done(m);
    }
    printf("# of 200 pools with gold at random %u have a leak, %u something suggestive\n", n_pools,
           n_suggestive);
    CHECK(n_pools <= 10);
}

static void copies_are_one_piece_of_evidence(void)
{
    static const char *const choices[] = { "oak", "elm", "fir", "ash" };
    struct made *m = made_new(20);
    make_clean(m, 200);
    for (int i = 0; i < 12; i++)
        add(m,
            i % 2 ? "What wood is the old table in the big hall made of?"
                  : "What wood is the old table in the small hall made of?",
            "", 4, choices, 0);
    find(m);
    CHECK_INT(n_sure(m), 0);
    made_done(m);
}

static void columns_say_which_samples_are_given_away(void)
{
    struct made *m = made_new(1);
    make_clean(m, 600);
    for (uint32_t i = 0; i < 600; i++)
        if (with_probability(m, 0.25))
            set_gold(&m->pool.samples[i], 1);
    find(m);
    const struct bf_column *n = bf_scores_find(&m->scores, "leaks");
    const struct bf_column *which = bf_scores_find(&m->scores, "leaks.strongest");
    CHECK(n && which && n->tells_gold && which->tells_gold);
    for (uint32_t i = 0; n && which && i < 600; i++) {
        CHECK((n->v[i] > 0) == (m->pool.samples[i].gold == 1) || n_sure(m) > 1);
        CHECK(isnan(which->v[i]) == (n->v[i] < 1));
    }
    CHECK_STR(m->scores.stats[0].score, "leak.letter_b");
    CHECK(m->scores.stats[0].value > 0.35);
    made_done(m);
}

/* Several choices may be right: a letter is right by chance as often as choices are. */
static void several_right_choices_are_judged_by_their_share(void)
{
    struct made *m = made_new(31);
    make_clean(m, 500);
    for (uint32_t i = 0; i < 500; i++) {
        struct bf_sample *s = &m->pool.samples[i];
        s->task = BF_CHOICES;
        s->gold_set |= BF_BIT((s->gold + 1 + (int)below(m, 3)) % 4);
        s->gold = -1;
        if (with_probability(m, 0.5)) /* C, and one of the others */
            s->gold_set = BF_BIT(2) | BF_BIT((3 + (int)below(m, 3)) % 4);
    }
    check_first(m, "letter_c", "all", "the gold choice is C in ");
    CHECK(fabs(m->scores.leaks[0].chance - 0.5) < 1e-12);
    made_done(m);
}

static void odd_pools_do_no_harm(void)
{
    static const char *const many[] = { "",
                                        " ",
                                        "?",
                                        "\xc3\xa9t\xc3\xa9",
                                        "3",
                                        "-3.5 kg",
                                        "A",
                                        "A",
                                        "(",
                                        ".",
                                        "all of the above",
                                        "x",
                                        "y",
                                        "z",
                                        "0",
                                        "1",
                                        "2",
                                        "\xff\xfe",
                                        "no",
                                        "not",
                                        "No.",
                                        "1e5",
                                        "a b",
                                        "b a",
                                        "ab",
                                        "a, b" };
    static const char *const empty[] = { "", "" };
    struct made *m = made_new(32);
    for (int i = 0; i < 60; i++) {
        add(m, i % 2 ? "" : "?!", "", 26, many, i % 26);
        add(m, "\xf0\x9f\x98\x80 \xff what", "\xff", 2, empty, i % 3 == 0);
    }
    find(m);
    CHECK(m->scores.n_leak_trials > 0);
    made_done(m);
}

static void a_pool_without_choices_has_none(void)
{
    struct made *m = made_new(30);
    find(m);
    CHECK_INT(m->scores.n_leaks, 0);
    CHECK(m->scores.leaks_sought);
    made_done(m);
}

/* docs/metrics.md: 6 of 6 at 1/4 is (1/4)^6; 15 of 21 at 1/2 is 2 P(X >= 15) = 0.0784. */
static void tails_are_exact(void)
{
    const double mixed[] = { 0.5, 0.25 };
    double work[4];
    CHECK(fabs(bf_binomial_p(6, 6, 0.25) - 1. / 4096) < 1e-15);
    CHECK(fabs(bf_binomial_p(21, 15, 0.5) - 0.0783538818359375) < 1e-12);
    CHECK(fabs(bf_binomial_upper(21, 15, 0.5) - 0.03917694091796875) < 1e-12);
    CHECK(fabs(bf_binomial_lower(4, 1, 0.5) - 5. / 16) < 1e-14);
    CHECK(bf_binomial_p(10, 5, 0.5) == 1);
    /* both of two, at 1/2 and 1/4: 1/8; neither is 3/8, more likely than that */
    CHECK(fabs(bf_hits_p(mixed, 2, 2, work) - 0.125) < 1e-15);
    /* 450 of 1000 at 1/4: scipy.stats.binom.sf(449, 1000, 0.25) */
    CHECK(fabs(bf_binomial_upper(1000, 450, 0.25) / 6.94022047970199e-43 - 1) < 1e-9);
}

/* Two of two at 1/4 is 1/16 at best: luck makes ten such tests find nothing at 0.05. */
static void small_tests_cost_nothing(void)
{
    static const double weights[] = { 1 };
    const double v[] = { 0.05, 1. / 16 };
    double e[2];
    struct bf_trials t;
    CHECK_INT(bf_trials_init(&t, weights, 1, NULL), BF_OK);
    for (int i = 0; i < 10; i++)
        bf_trials_add(&t, 0, 2, 0.25);
    bf_trials_expected(&t, v, 2, e);
    CHECK(e[0] == 0);
    CHECK(fabs(e[1] - 0.625) < 1e-12);
    bf_trials_add(&t, 0, 1000, 0.25); /* many trials: as small as one likes */
    bf_trials_expected(&t, v, 2, e);
    CHECK(fabs(e[0] - 0.05) < 1e-12);
    bf_trials_done(&t);
}

/* The recorded pool, where it is there: both cases that are known of it. */
static void the_recorded_pool(void)
{
    struct bf_arena a = { 0 };
    char path[4096], *text;
    size_t n;
    if (!test_shared(path, sizeof path, "data/pool/pool.jsonl") ||
        bf_file_read(path, (size_t)1 << 24, &text, &n, &a, NULL) != BF_OK)
        TEST_SKIP("no recorded pool");
    struct made *m = made_new(0);
    uint32_t row = 0;
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        struct bf_json_doc *doc;
        const char *choices[BF_MAX_CHOICES];
        CHECK_INT(bf_json_parse(line, (size_t)(end - line), &doc, NULL), BF_OK);
        const struct bf_json *root = bf_json_root(doc), *list = bf_json_get(root, "choices");
        const int k = (int)bf_json_count(list);
        for (int j = 0; j < k; j++)
            choices[j] = bf_arena_strdup(&a, bf_json_string(bf_json_at(list, (size_t)j)));
        show(m,
             add(m, bf_arena_strdup(&a, bf_json_string(bf_json_get(root, "question"))),
                 bf_arena_strdup(&a, bf_json_string(bf_json_get(root, "category"))), k, choices,
                 bf_json_string(bf_json_get(root, "answer"))[0] - 'A'),
             ++row);
        bf_json_free(&doc);
    }
    CHECK_INT(m->pool.n_samples, 254);
    check_first(
        m, "text", "all",
        "the answer to \"Which pressure channel has the highest mean reading over the whole "
        "trace?\" is always \"channel 5\" (6 of 6, chance 25 %)");
    for (uint32_t i = 0; i < m->scores.n_leaks; i++) /* 15 of 21: p = 0.08 */
        CHECK(!m->scores.leaks[i].sure || !strstr(m->scores.leaks[i].what, "slip"));
    made_done(m);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(one_letter_is_right_too_often), TEST(the_longest_is_right_in_where_questions),
          TEST(the_largest_number_is_right), TEST(the_answer_stands_in_the_question),
          TEST(all_of_the_above_is_right), TEST(one_answer_is_always_right),
          TEST(a_word_of_choices_is_right), TEST(a_phrase_of_the_question_decides_the_answer),
          TEST(a_phrase_of_the_question_decides_the_letter),
          TEST(the_shortest_is_right_in_one_category), TEST(yes_is_right_too_often),
          TEST(one_number_is_right_too_often), TEST(gold_at_random_is_no_leak),
          TEST(copies_are_one_piece_of_evidence), TEST(columns_say_which_samples_are_given_away),
          TEST(several_right_choices_are_judged_by_their_share), TEST(odd_pools_do_no_harm),
          TEST(a_pool_without_choices_has_none), TEST(tails_are_exact),
          TEST(small_tests_cost_nothing), TEST(the_recorded_pool))
