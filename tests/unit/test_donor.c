/* Who lends what when media are swapped. */
#include "core/donor.h"
#include "tests/test.h"

enum { MAX = 400, IMAGE = 1 };

/* A pool in the making: sample i shows the file that `file` names, has the answer `answer`. */
struct maker {
    struct bf_spec spec;
    struct bf_pool pool;
    struct bf_arena arena;
    struct bf_swap swap;
    struct bf_operator op;
    struct bf_replace by;
    struct bf_condition_spec written;
    struct bf_conditions conditions;
    struct bf_sample samples[MAX];
    struct bf_part parts[MAX][2];
    struct bf_file files[MAX];
    char ids[MAX][16];
};

static const char *yes_no[2] = { "yes", "no" };

static void make(struct maker *m, int n, const int *file, const int *gold)
{
    memset(m, 0, sizeof *m);
    m->op = (struct bf_operator){ .op = { .name = "swap" }, .swaps = true };
    m->by = (struct bf_replace){ .modality = 0, .op = &m->op, .priv = &m->swap };
    m->written = (struct bf_condition_spec){
        .name = "other", .kind = BF_COND_REPLACE, .n_replaces = 1, .replaces = &m->by
    };
    m->spec = (struct bf_spec){
        .seed = 5, .n_modalities = 1, .n_conditions = 1, .conditions = &m->written
    };
    m->spec.modalities[0].name = "image";
    for (int i = 0; i < n; i++) {
        snprintf(m->ids[i], sizeof m->ids[i], "s%d", i);
        m->files[i].path = m->ids[i];
        memset(m->files[i].sha, file ? file[i] + 1 : 0, BF_SHA_BYTES);
        m->parts[i][0] = (struct bf_part){ .number = 1, .file = &m->files[i] };
        m->samples[i] = (struct bf_sample){ .id = m->ids[i],
                                            .index = (uint32_t)i,
                                            .task = BF_YESNO,
                                            .question = m->ids[i],
                                            .n_choices = 2,
                                            .choices = yes_no,
                                            .gold = gold ? gold[i] : 0,
                                            .gold_set = BF_BIT(gold ? gold[i] : 0),
                                            .has = IMAGE,
                                            .n_parts = 1,
                                            .parts = m->parts[i] };
    }
    m->pool = (struct bf_pool){ .n_samples = (uint32_t)n, .samples = m->samples };
}

static void expand(struct maker *m)
{
    CHECK_INT(bf_conditions_expand(&m->spec, &m->pool, &m->conditions, &m->arena, NULL), BF_OK);
}

/* The sample whose file stands in for that of `i`, -1 = it is not asked. */
static int donor(const struct maker *m, int i)
{
    struct bf_view v;
    struct bf_reading_key k;
    bf_view_of(&m->conditions.v[0], &m->pool.samples[i], &v);
    if (!v.asked)
        return -1;
    CHECK(bf_view_part(&v, &m->pool.samples[i], 0, &k));
    CHECK(k.by == NULL && k.sample == &m->pool.samples[i]);
    for (int d = 0; d < MAX; d++)
        if (k.part == &m->parts[d][0])
            return d;
    return -1;
}

static void everybody_gets_anothers_and_lends_once(void)
{
    static struct maker m;
    static const int sizes[] = { 2, 3, 7, 400 };
    for (int s = 0; s < 4; s++) {
        int lent[MAX] = { 0 };
        int n_same_step = 0;
        make(&m, sizes[s], NULL, NULL);
        expand(&m);
        CHECK_INT(m.conditions.v[0].n_without, 0);
        for (int i = 0; i < sizes[s]; i++) {
            const int d = donor(&m, i);
            CHECK(d >= 0 && d != i);
            lent[d >= 0 ? d : 0]++;
            n_same_step += d == (i + 1) % sizes[s];
        }
        for (int i = 0; i < sizes[s]; i++)
            CHECK_INT(lent[i], 1);
        CHECK(sizes[s] < 400 || n_same_step < 10); /* no neighbour's: 1 is expected */
        bf_arena_reset(&m.arena);
    }
}

static void the_order_of_the_pool_changes_nothing(void)
{
    static struct maker m, turned;
    enum { N = 50 };
    make(&m, N, NULL, NULL);
    make(&turned, N, NULL, NULL);
    for (int i = 0; i < N; i++) {
        turned.samples[i] = m.samples[N - 1 - i];
        turned.samples[i].index = (uint32_t)i;
        turned.samples[i].parts = turned.parts[N - 1 - i];
    }
    expand(&m);
    expand(&turned);
    for (int i = 0; i < N; i++)
        CHECK_INT(donor(&turned, N - 1 - i), donor(&m, i));
    int n_moved = 0;
    bf_arena_reset(&turned.arena);
    make(&turned, N, NULL, NULL);
    turned.swap.round = 1;
    expand(&turned);
    for (int i = 0; i < N; i++)
        n_moved += donor(&turned, i) != donor(&m, i);
    CHECK(n_moved > N / 2);
    bf_arena_reset(&m.arena);
    bf_arena_reset(&turned.arena);
}

/* Five of six show the same: the sixth lends to all of them. */
static void nobody_is_lent_the_same_file_under_another_name(void)
{
    static struct maker m;
    static const int file[] = { 1, 1, 1, 2, 1, 1 };
    make(&m, 6, file, NULL);
    expand(&m);
    for (int i = 0; i < 6; i++)
        CHECK(i == 3 ? donor(&m, i) != 3 && donor(&m, i) >= 0 : donor(&m, i) == 3);
    bf_arena_reset(&m.arena);
    static const int pairs[] = { 1, 1, 2, 2, 3, 3, 3, 2 };
    int lent[8] = { 0 };
    make(&m, 8, pairs, NULL);
    expand(&m);
    for (int i = 0; i < 8; i++) {
        CHECK(donor(&m, i) >= 0 && pairs[donor(&m, i)] != pairs[i]);
        lent[donor(&m, i)]++;
    }
    for (int i = 0; i < 8; i++)
        CHECK_INT(lent[i], 1);
    bf_arena_reset(&m.arena);
}

static void who_has_no_donor_is_not_asked(void)
{
    static struct maker m;
    static const int same[] = { 1, 1, 1 };
    make(&m, 3, same, NULL);
    expand(&m);
    CHECK_INT(m.conditions.v[0].n_without, 3);
    for (int i = 0; i < 3; i++)
        CHECK_INT(donor(&m, i), -1);
    bf_arena_reset(&m.arena);
    /* Only one has a second picture, which nobody else can lend. */
    make(&m, 3, NULL, NULL);
    m.parts[1][1] = (struct bf_part){ .number = 2, .file = &m.files[0] };
    m.samples[1].n_parts = 2;
    expand(&m);
    CHECK_INT(m.conditions.v[0].n_without, 1);
    CHECK_INT(donor(&m, 1), -1);
    CHECK(donor(&m, 0) >= 0 && donor(&m, 2) >= 0);
    bf_arena_reset(&m.arena);
    /* One that shows no picture is asked as it is. */
    make(&m, 3, NULL, NULL);
    m.samples[0].n_parts = 0;
    m.samples[0].has = 0;
    expand(&m);
    struct bf_view v;
    bf_view_of(&m.conditions.v[0], &m.samples[0], &v);
    CHECK(v.asked && !v.by[0]);
    CHECK_INT(donor(&m, 1), 2);
    CHECK_INT(m.conditions.v[0].n_without, 0);
    bf_arena_reset(&m.arena);
}

static void ones_own_other_pictures_are_not_lent(void)
{
    static struct maker m;
    enum { N = 12 };
    static int file[N];
    for (int i = 0; i < N; i++)
        file[i] = i;
    make(&m, N, file, NULL);
    for (int i = 0; i < N; i++) { /* two pictures each: its own, and the next one's first */
        m.parts[i][1] = (struct bf_part){ .number = 2, .file = &m.files[(i + 1) % N] };
        m.samples[i].n_parts = 2;
    }
    expand(&m);
    for (int i = 0; i < N; i++) {
        struct bf_view v;
        bf_view_of(&m.conditions.v[0], &m.samples[i], &v);
        CHECK(v.asked);
        for (int p = 0; p < 2 && v.asked; p++) {
            struct bf_reading_key k;
            CHECK(bf_view_part(&v, &m.samples[i], p, &k));
            CHECK_INT(k.part->number, p + 1);
            CHECK(k.part->file != m.parts[i][0].file && k.part->file != m.parts[i][1].file);
        }
    }
    bf_arena_reset(&m.arena);
}

static void answers_decide_when_asked_to(void)
{
    static struct maker m;
    enum { N = 60 };
    static int file[N], gold[N];
    for (int i = 0; i < N; i++) {
        file[i] = i / 3; /* files are shared by samples of different answers */
        gold[i] = i % 2;
    }
    for (int of = BF_SWAP_SAME_ANSWER; of <= BF_SWAP_SAME_CHOICES; of++) {
        int lent[N] = { 0 };
        make(&m, N, file, gold);
        m.swap.of = of;
        expand(&m);
        CHECK_INT(m.conditions.v[0].n_without, 0);
        for (int i = 0; i < N; i++) {
            const int d = donor(&m, i);
            CHECK(d >= 0 && file[d] != file[i]);
            CHECK_INT(d >= 0 && gold[d] == gold[i], of == BF_SWAP_SAME_ANSWER);
            lent[d >= 0 ? d : 0]++;
        }
        for (int i = 0; i < N; i++)
            CHECK_INT(lent[i], 1);
        bf_arena_reset(&m.arena);
    }
    /* Other choices are no conflict: the one sample that has them is left alone. */
    static const char *colors[2] = { "red", "blue" };
    make(&m, N, file, gold);
    m.swap.of = BF_SWAP_SAME_CHOICES;
    m.samples[7].choices = colors;
    expand(&m);
    CHECK_INT(m.conditions.v[0].n_without, 1);
    CHECK_INT(donor(&m, 7), -1);
    bf_arena_reset(&m.arena);
}

static void questions_are_swapped_too(void)
{
    static struct maker m;
    enum { N = 9 };
    make(&m, N, NULL, NULL);
    m.by.modality = BF_QUESTION;
    m.samples[4].question = m.samples[5].question = "the same words";
    expand(&m);
    int lent[N] = { 0 };
    for (int i = 0; i < N; i++) {
        struct bf_view v;
        bf_view_of(&m.conditions.v[0], &m.samples[i], &v);
        CHECK(v.asked && v.kept == IMAGE);
        CHECK(strcmp(v.question, m.samples[i].question) != 0);
        for (int k = 0; k < N; k++)
            lent[k] += v.question == m.samples[k].question;
    }
    for (int k = 0; k < N; k++)
        CHECK_INT(lent[k], k == 4 || k == 5 ? 2 : 1);
    bf_arena_reset(&m.arena);
}

TEST_MAIN(TEST(everybody_gets_anothers_and_lends_once), TEST(the_order_of_the_pool_changes_nothing),
          TEST(nobody_is_lent_the_same_file_under_another_name),
          TEST(who_has_no_donor_is_not_asked), TEST(ones_own_other_pictures_are_not_lent),
          TEST(answers_decide_when_asked_to), TEST(questions_are_swapped_too))
