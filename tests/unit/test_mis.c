#include "core/file.h"
#include "core/json.h"
#include "core/ops.h"
#include "score/mis.h"
#include "tests/test.h"
#include "tests/unit/table_maker.h"

extern const struct bf_metric bf_metric_mis;

/* Right on video alone, subtitles alone, both; subsets 1, 2, 3. */
static uint64_t answers(int vid, int sub, int both)
{
    return (uint64_t)vid << 1 | (uint64_t)sub << 2 | (uint64_t)both << 3;
}

/* The eight rows of Park et al., Table 1: MIS of video and of subtitles, and the category. */
static void the_truth_table_of_the_paper_holds(void)
{
    static const struct {
        int vid, sub, both, mis_vid, mis_sub;
        enum bf_mis_kind kind;
        int biased;
    } rows[] = {
        { 0, 0, 0, 0, 0, BF_MIS_AGNOSTIC_INCORRECT, -1 },
        { 0, 1, 0, -1, 0, BF_MIS_BIASED, 1 },
        { 1, 0, 0, 0, -1, BF_MIS_BIASED, 0 },
        { 1, 1, 0, -1, -1, BF_MIS_NONE, -1 },
        { 0, 0, 1, 1, 1, BF_MIS_COMPLEMENTARY, -1 },
        { 0, 1, 1, 0, 1, BF_MIS_BIASED, 1 },
        { 1, 0, 1, 1, 0, BF_MIS_BIASED, 0 },
        { 1, 1, 1, 0, 0, BF_MIS_AGNOSTIC_CORRECT, -1 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double right[4] = { NAN, rows[i].vid, rows[i].sub, rows[i].both };
        double mis[2];
        int biased = -1;
        bf_mis(right, 2, mis);
        CHECK(mis[0] == rows[i].mis_vid && mis[1] == rows[i].mis_sub);
        CHECK_INT(bf_mis_category(answers(rows[i].vid, rows[i].sub, rows[i].both), 2, &biased),
                  rows[i].kind);
        CHECK_INT(biased, rows[i].biased);
    }
}

/* Three modalities: right exactly on {0,1} and {0,1,2}.
 * MIS_0: sides {01, 02, 012} and {1, 2, 12}: 2/3 - 0. MIS_1: 2/3. MIS_2: {02, 12, 012}: 1/3 less
 * {0, 1, 01}: 1/3, so 0. Not biased (two are positive), not complementary: none. */
static void three_modalities_average_three_subsets_a_side(void)
{
    double right[8] = { NAN, 0, 0, 1, 0, 0, 0, 1 }, mis[3];
    int biased = -1;
    bf_mis(right, 3, mis);
    CHECK(fabs(mis[0] - 2. / 3) < 1e-15 && fabs(mis[1] - 2. / 3) < 1e-15 && mis[2] == 0);
    CHECK_INT(bf_mis_category(1 << 3 | 1 << 7, 3, &biased), BF_MIS_NONE);
    /* Right on each alone and on all three: {ij, ik, ijk} 1 less {i, k, ik} 2, so -1/3 each. */
    CHECK_INT(bf_mis_category(1 << 1 | 1 << 2 | 1 << 4 | 1 << 7, 3, &biased), BF_MIS_NONE);
    CHECK_INT(bf_mis_category(0xfe, 3, &biased), BF_MIS_AGNOSTIC_CORRECT);
    CHECK_INT(biased, -1);
    /* Right wherever 2 is: biased to it. */
    CHECK_INT(bf_mis_category(1 << 4 | 1 << 5 | 1 << 6 | 1 << 7, 3, &biased), BF_MIS_BIASED);
    CHECK_INT(biased, 2);
}

static int mark(const struct bf_json *root, const char *key, uint8_t *seen, uint8_t bit)
{
    struct bf_json_iter it = { 0 };
    const struct bf_json *v;
    int n = 0;
    while (bf_json_each(bf_json_get(root, key), &it, NULL, &v)) {
        double id;
        if (!bf_json_number(v, &id) || id < 0 || id >= 1e6)
            return -1;
        seen[(int)id] |= bit;
        n++;
    }
    return n;
}

/* TVQA, 15,253 questions answered by one BERT model on each stream, recorded by Winterbottom et
 * al. (2020). Counts worked out by a separate script (facts/methods.md, section 4). */
static void recorded_tvqa_answers_give_the_measured_counts(void)
{
    char path[4096];
    struct bf_arena a = { 0 };
    struct bf_json_doc *doc = NULL;
    char *text;
    size_t n;
    if (!test_shared(path, sizeof path, "data/answers/tvqa-bias/valid_bert_correct_qids.json") ||
        bf_file_read(path, 1 << 22, &text, &n, &a, NULL) != BF_OK)
        TEST_SKIP("no recorded answers of TVQA");
    CHECK_INT(bf_json_parse(text, n, &doc, NULL), BF_OK);
    uint8_t *seen = calloc(1000000, 1);
    CHECK_INT(mark(bf_json_root(doc), "VI", seen, 1 << 1), 6890);
    CHECK_INT(mark(bf_json_root(doc), "S", seen, 1 << 2), 10418);
    CHECK_INT(mark(bf_json_root(doc), "SVI", seen, 1 << 3), 11002);

    int count[6] = { 0 };
    double sum[2] = { 0, 0 };
    for (int i = 0; i < 1000000; i++) {
        if (!seen[i])
            continue;
        const double right[4] = { NAN, seen[i] >> 1 & 1, seen[i] >> 2 & 1, seen[i] >> 3 & 1 };
        double mis[2];
        int biased = 0;
        const enum bf_mis_kind kind = bf_mis_category(seen[i], 2, &biased);
        count[kind == BF_MIS_BIASED ? biased : (int)kind + 1]++;
        bf_mis(right, 2, mis);
        sum[0] += mis[0];
        sum[1] += mis[1];
    }
    /* The rest of the 15,253 was wrong everywhere. */
    const int listed = count[0] + count[1] + count[2] + count[3] + count[5];
    CHECK_INT(count[0], 1426);
    CHECK_INT(count[1], 4954);
    CHECK_INT(count[2], 862);
    CHECK_INT(count[3], 5012);
    CHECK_INT(count[5], 452);
    CHECK_INT(15253 - listed, 2547);
    CHECK(sum[0] == 584 && sum[1] == 4112);
    free(seen);
    bf_json_free(&doc);
    bf_arena_reset(&a);
}

static void set_answers(struct maker *m, int probe, uint32_t sample, int vid, int sub, int both)
{
    maker_trials(m, probe, 0, sample, both, 1);
    maker_trials(m, probe, 1, sample, sub, 1);
    maker_trials(m, probe, 2, sample, vid, 1);
}

static void probes_are_averaged_and_vote(void)
{
    struct maker *m = maker_new();
    maker_init(m, 3, 4, 3);
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_condition(m, "without_image", BF_COND_WITHOUT_EACH, 1);
    maker_condition(m, "without_audio", BF_COND_WITHOUT_EACH, 2);
    maker_clear(m);
    /* s0: image-biased twice, complementary once: MIS image (1 + 1 + 1)/3, audio (0 + 0 + 1)/3 */
    set_answers(m, 0, 0, 1, 0, 1);
    set_answers(m, 1, 0, 1, 0, 1);
    set_answers(m, 2, 0, 0, 0, 1);
    /* s1: one each: the first in the fixed order wins, audio-biased before complementary */
    set_answers(m, 0, 1, 1, 1, 1);
    set_answers(m, 1, 1, 0, 0, 1);
    set_answers(m, 2, 1, 0, 1, 1);
    /* s2: one modality; s3: probe 1 and 2 have no answers */
    m->samples[2].has = m->samples[2].target = 1;
    set_answers(m, 0, 3, 0, 0, 0);
    CHECK_INT(bf_metric_mis.compute(&m->table, &m->scores, NULL), BF_OK);
    CHECK(maker_value(m, "mis.image", 0) == 1);
    CHECK(fabs(maker_value(m, "mis.audio", 0) - 1. / 3) < 1e-15);
    CHECK_STR(maker_word(m, "mis_category", 0), "image_biased");
    CHECK_STR(maker_word(m, "mis_category", 1), "audio_biased");
    CHECK_STR(maker_word(m, "mis_category", 2), "null");
    CHECK(isnan(maker_value(m, "mis.image", 2)));
    CHECK_STR(maker_word(m, "mis_category", 3), "agnostic_incorrect");
    const struct bf_stat *s = maker_stat(m, "mis_category.image_biased", "", "", "", "all");
    CHECK(fabs(s->value - 1. / 3) < 1e-15);
    CHECK_INT(s->n, 3);
    s = maker_stat(m, "mis", "", "", "image", "all");
    /* s0 1, s1 (0 + 1 + 0)/3, s3 0 */
    CHECK(fabs(s->value - 4. / 9) < 1e-15);
    maker_done(m);
}

static void several_trials_are_shares_and_the_first_has_the_category(void)
{
    struct maker *m = maker_new();
    maker_init(m, 1, 2, 3);
    m->probes[0].trials = 4;
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_condition(m, "without_image", BF_COND_WITHOUT_EACH, 1);
    maker_condition(m, "without_audio", BF_COND_WITHOUT_EACH, 2);
    maker_clear(m);
    for (uint32_t i = 0; i < 2; i++) {
        maker_trials(m, 0, 0, i, 3, 4);
        maker_trials(m, 0, 1, i, 1, 4);
        maker_trials(m, 0, 2, i, 2, 4);
    }
    struct bf_cell *c = maker_cell(m, 0, 1, 0); /* the first trial without image was wrong */
    c->first_class = BF_WRONG;
    maker_cell(m, 0, 1, 1)->first_class = BF_FAILED;
    CHECK_INT(bf_metric_mis.compute(&m->table, &m->scores, NULL), BF_OK);
    CHECK(maker_value(m, "mis.image", 0) == 0.5);
    CHECK(maker_value(m, "mis.audio", 0) == 0.25);
    CHECK_STR(maker_word(m, "mis_category", 0), "image_biased");
    CHECK(maker_value(m, "mis.image", 1) == 0.5);
    CHECK_STR(maker_word(m, "mis_category", 1), "null");
    maker_done(m);
}

static void an_incomplete_lattice_is_named(void)
{
    struct maker *m = maker_new();
    maker_init(m, 1, 1, 3);
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    maker_clear(m);
    maker_trials(m, 0, 0, 0, 1, 1);
    maker_trials(m, 0, 1, 0, 1, 1);
    CHECK_INT(bf_metric_mis.compute(&m->table, &m->scores, NULL), BF_OK);
    const struct bf_stat *s = maker_stat(m, "mis_category.none", "", "", "", "all");
    CHECK(isnan(s->value));
    CHECK(strstr(s->null_reason, "lattice incomplete"));
    maker_done(m);
}

TEST_MAIN(TEST(the_truth_table_of_the_paper_holds),
          TEST(three_modalities_average_three_subsets_a_side),
          TEST(recorded_tvqa_answers_give_the_measured_counts), TEST(probes_are_averaged_and_vote),
          TEST(several_trials_are_shares_and_the_first_has_the_category),
          TEST(an_incomplete_lattice_is_named))
