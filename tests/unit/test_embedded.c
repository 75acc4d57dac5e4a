/* Vectors as evidence: what a look shows of them, and what is made of them. */
#include <math.h>
#include <unistd.h>

#include "core/file.h"
#include "probe/builtin/embedded.h"
#include "tests/test.h"

enum { IMAGE, AUDIO };

static struct bf_err err;
static const char *words[] = { "red", "blue", "green" };
static struct bf_file file;
static struct bf_part parts[] = {
    { .modality = IMAGE, .number = 1, .file = &file },
    { .modality = IMAGE, .number = 2, .file = &file },
    { .modality = AUDIO, .number = 1, .file = &file },
};
/* A picture; two pictures; a sound; nothing. */
static struct bf_sample samples[] = {
    { .id = "q0", .has = 1, .n_parts = 1, .parts = parts },
    { .id = "q1", .has = 1, .n_parts = 2, .parts = parts },
    { .id = "q2", .has = 2, .n_parts = 1, .parts = parts + 2 },
    { .id = "q3" },
};
enum { N = sizeof samples / sizeof *samples };
static const struct bf_pool pool = { .n_samples = N, .samples = samples };
static uint32_t first_row[N + 1];
static const struct bf_rows rows = { .n_samples = N, .first_row = first_row };
static struct bf_spec spec = { .n_modalities = 2,
                               .modalities = { { .name = "image" }, { .name = "audio" } } };
static const struct bf_asking asking = { .spec = &spec, .pool = &pool };
static struct bf_embed_options options;

/* Vectors of every sample, "made of" what `names` says, as look `l` shows them. */
static void show(struct bf_look *l, const char **names, int n, const char *text, struct bf_arena *a)
{
    struct bf_embedded e;
    char path[] = "/tmp/bf_embedded.XXXXXX";
    const int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    for (uint32_t i = 0; i < N; i++) {
        samples[i].index = i;
        samples[i].question = i == 3 ? "" : "Which?";
        samples[i].n_choices = 3;
        samples[i].choices = words;
        first_row[i + 1] = first_row[i] + 3;
    }
    options = (struct bf_embed_options){ .files = { path, "" }, .made_of = { n, names } };
    l->rows = &rows;
    CHECK_INT(bf_embed_options_check(&options, &spec, &err), BF_OK);
    CHECK_INT(bf_embedded_open(&options, &asking, &e, a, &err), BF_OK);
    CHECK_INT(bf_embedded_add(&e, l, l, a, &err), BF_OK);
    unlink(path);
}

static const char each[] =
    "{\"id\": \"q0\", \"embedding\": [0]}\n{\"id\": \"q1\", \"embedding\": [1]}\n"
    "{\"id\": \"q2\", \"embedding\": [2]}\n{\"id\": \"q3\", \"embedding\": [3]}\n";

/* Bit i: sample i is shown its vector. */
static unsigned shown(struct bf_look l, const char **names, int n)
{
    struct bf_arena a = { 0 };
    unsigned bits = 0;
    show(&l, names, n, each, &a);
    for (uint32_t i = 0; l.n_blocks && i < N; i++) {
        bits |= (unsigned)(l.blocks[0].f[i] != NULL) << i;
        CHECK(!l.blocks[0].f[i] || l.blocks[0].f[i][0] == (float)i);
    }
    CHECK(l.n_blocks <= 1);
    bf_arena_reset(&a);
    return bits;
}

static void a_vector_is_shown_with_all_it_was_made_from(void)
{
    const char *image[] = { "image" }, *both[] = { "image", "audio" };
    const char *question[] = { "question" }, *read[] = { "question", "choices" };
    const char *seen[] = { "question", "image" };
    const struct bf_operator drop = { .op = { .name = "drop" } };
    struct bf_replace second = { .modality = IMAGE, .op = &drop, .number = 2 };
    const struct bf_condition_spec named = { .n_replaces = 1, .replaces = &second };
    const struct bf_replace white = { .modality = IMAGE, .op = &drop };
    const struct bf_lent lent = { .questions = (const char *[]){ "a", "b", "c", "d" } };
    const struct bf_look full = { .kept = 3, .choices = true }, blind = { .choices = true };
    const struct bf_look replaced = { .by = { &white }, .kept = 2, .choices = true };
    const struct bf_look without_second = { .kept = 3, .named = &named, .choices = true };
    const struct bf_look other_words = { .kept = 3, .question = "Why?", .choices = true };
    const struct bf_look lent_words = { .kept = 3, .lent = &lent, .choices = true };
    const struct bf_look alone = { .kept = 3 };
    /* What a sample does not have cannot have been used; of nothing at all no vector is made. */
    CHECK_INT(shown(full, image, 1), 3);
    CHECK_INT(shown(full, both, 2), 7);
    CHECK_INT(shown(full, question, 1), 7);
    CHECK_INT(shown(full, read, 2), 15);
    CHECK_INT(shown(blind, image, 1), 0);
    CHECK_INT(shown(blind, both, 2), 0);
    CHECK_INT(shown(blind, read, 2), 15);
    CHECK_INT(shown(blind, seen, 2), 4); /* q2 shows no picture: its vector is of the question */
    CHECK_INT(shown(replaced, image, 1), 0);
    CHECK_INT(shown(replaced, both, 2), 4);
    CHECK_INT(shown(without_second, image, 1), 1); /* q1 has a second one, which is gone */
    CHECK_INT(shown(other_words, question, 1), 0);
    CHECK_INT(shown(other_words, seen, 2), 0);
    CHECK_INT(shown(other_words, image, 1), 3);
    CHECK_INT(shown(lent_words, question, 1), 0);
    CHECK_INT(shown(alone, read, 2), 0);
    CHECK_INT(shown(alone, question, 1), 7);
}

/* q = (1, 0) and choices (1, 0), (0, 1), (-1, 0): cosines with q 1, 0, -1. The sum of the others is
 * (-1, 1), (0, 0), (1, 1): cosines -1/sqrt 2, 0 (there is no direction), -1/sqrt 2, whose mean is
 * -sqrt 2 / 3. */
static void likeness_is_what_it_says(void)
{
    static const double want[3][4] = { { 1, 1, -0.2357022604, 0 },
                                       { 0, 0, 0.4714045208, 1 },
                                       { -1, 0, -0.2357022604, 0 } };
    const char *read[] = { "question", "choices" };
    struct bf_arena a = { 0 };
    struct bf_look l = { .choices = true };
    show(&l, read, 2,
         "{\"id\": \"q1\", \"embedding\": [1, 0], \"embeddings\": [[1, 0], [0, 1], [-1, 0]]}\n",
         &a);
    CHECK_INT(l.n_blocks, 3);
    CHECK_INT(l.blocks[1].dim, 2);
    CHECK_INT(l.blocks[2].dim, 4);
    for (int c = 0; c < 3; c++) {
        CHECK(l.blocks[1].own[3 + c] && !l.blocks[1].own[c] && !l.blocks[2].own[c]);
        for (int i = 0; i < 4; i++)
            CHECK(fabs((double)l.blocks[2].own[3 + c][i] - want[c][i]) < 1e-6);
    }
    bf_arena_reset(&a);
}

static void vectors_of_choices_go_with_the_choices(void)
{
    const char *question[] = { "question" };
    struct bf_arena a = { 0 };
    struct bf_look l = { .choices = false };
    show(&l, question, 1, "{\"id\": \"q1\", \"embeddings\": [[1, 0], [0, 1], [-1, 0]]}\n", &a);
    CHECK_INT(l.n_blocks, 0);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(a_vector_is_shown_with_all_it_was_made_from), TEST(likeness_is_what_it_says),
          TEST(vectors_of_choices_go_with_the_choices))
