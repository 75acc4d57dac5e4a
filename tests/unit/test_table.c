#include "core/ops.h"
#include "tests/unit/table_maker.h"
#include "tests/test.h"

static void a_subset_is_found_whatever_its_condition_is_called(void)
{
    struct maker *m = maker_new();
    maker_init(m, 1, 2, 3);
    m->samples[1].target = 1;
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    maker_condition(m, "full", BF_COND_FULL, 0);
    maker_condition(m, "without_audio", BF_COND_WITHOUT_EACH, 2);

    CHECK_INT(bf_table_subset(&m->table, 0, 3), 1);
    CHECK_INT(bf_table_subset(&m->table, 0, 1), 2);
    CHECK_INT(bf_table_subset(&m->table, 0, 0), 0);
    CHECK_INT(bf_table_subset(&m->table, 0, 2), -1);
    /* Blind drops the target only, and that is image for this one. */
    CHECK_INT(bf_table_subset(&m->table, 1, 2), 0);
    CHECK_INT(bf_table_subset(&m->table, 1, 0), -1);
    maker_done(m);
}

static void columns_start_as_nulls_and_are_found_by_name(void)
{
    struct bf_scores s = { 0 };
    char name[16];
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "c%d", i);
        double *v = bf_scores_column(&s, name, NULL, 3);
        CHECK(v && isnan(v[0]) && isnan(v[2]));
        v[1] = i;
    }
    CHECK(bf_scores_find(&s, "c39")->v[1] == 39);
    CHECK(bf_scores_find(&s, "c0")->v[1] == 0);
    CHECK(!bf_scores_find(&s, "c40"));
    bf_scores_done(&s);
}

static void stats_copy_their_strings(void)
{
    struct bf_scores s = { 0 };
    char group[] = "category=x";
    struct bf_stat stat = { .score = "accuracy", .group = group, .value = 1, .n = 3 };
    CHECK_INT(bf_scores_stat(&s, &stat, NULL), BF_OK);
    group[0] = 'Z';
    CHECK_STR(s.stats[0].group, "category=x");
    CHECK_STR(s.stats[0].probe, "");
    bf_scores_done(&s);
}

static void out_of_memory_is_reported(void)
{
    struct bf_scores s = { .arena = { .limit = 64 } };
    struct bf_err err;
    struct bf_stat stat = { .score = "a name of more than sixty-four bytes, so that it is over "
                                     "the limit of the arena" };
    CHECK(!bf_scores_column(&s, "c", NULL, 100));
    CHECK_INT(bf_scores_stat(&s, &stat, &err), BF_ENOMEM);
    CHECK_INT(s.n_columns, 0);
    CHECK_INT(s.n_stats, 0);
    bf_scores_done(&s);
}

static void only_voters_of_a_spec_that_filters_select(void)
{
    struct maker *m = maker_new();
    maker_init(m, 2, 1, 1);
    m->probes[1].held_out = true;
    CHECK(!bf_probe_selects(&m->spec, 0));
    m->spec.n_filters = 1;
    CHECK(bf_probe_selects(&m->spec, 0));
    CHECK(!bf_probe_selects(&m->spec, 1));
    m->probes[0].judge = true;
    CHECK(!bf_probe_selects(&m->spec, 0));
    maker_done(m);
}

static void columns_are_known_before_they_are_computed(void)
{
    static const struct bf_column_row rows[] = {
        { "accuracy.<probe>.<condition>", "", "" },
        { "pvi.<probe>.<modality>", "", "" },
        { "mis_category", "word", "" },
        { .name = NULL },
    };
    static const struct bf_metric metric = { .columns = rows };
    const struct bf_metric *scores[] = { &metric };
    struct bf_column_match match;
    struct maker *m = maker_new();
    maker_init(m, 2, 1, 1);
    maker_condition(m, "blind", BF_COND_BLIND, 0);
    m->spec.scores = scores;
    m->spec.n_scores = 1;
    m->probes[1].name = "stat.2";

    CHECK(bf_column_known(&m->spec, "accuracy.stat.blind", &match));
    CHECK_INT(match.probe, 0);
    CHECK(bf_column_known(&m->spec, "accuracy.stat.2.blind", &match));
    CHECK_INT(match.probe, 1);
    CHECK_INT(match.modality, -1);
    CHECK(bf_column_known(&m->spec, "pvi.stat.audio", &match));
    CHECK_INT(match.modality, 1);
    CHECK(bf_column_known(&m->spec, "mis_category", &match));
    CHECK(!bf_column_known(&m->spec, "mis", &match));
    CHECK(!bf_column_known(&m->spec, "pvi.stat.smell", &match));
    CHECK(!bf_column_known(&m->spec, "accuracy.stat", &match));
    CHECK(!bf_column_known(&m->spec, "accuracy.stat.full", &match));
    CHECK(!bf_column_known(&m->spec, "", &match));
    static const char *under[] = { "full" };
    m->probes[0].under = (struct bf_names){ 1, under };
    CHECK(!bf_column_known(&m->spec, "accuracy.stat.blind", &match));
    m->probes[1].judge = true;
    CHECK(!bf_column_known(&m->spec, "accuracy.stat.2.blind", &match));
    maker_done(m);
}

TEST_MAIN(TEST(a_subset_is_found_whatever_its_condition_is_called),
          TEST(columns_start_as_nulls_and_are_found_by_name), TEST(stats_copy_their_strings),
          TEST(out_of_memory_is_reported), TEST(only_voters_of_a_spec_that_filters_select),
          TEST(columns_are_known_before_they_are_computed))
