/* Vectors of samples from files: formats, types, orders, ids, and what is wrong with them. */
#include <math.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/file.h"
#include "core/npy.h"
#include "probe/builtin/embeddings.h"
#include "tests/test.h"

static char dir[64];
static struct bf_err err;
static const char *choices[] = { "red", "blue", "green" };
static struct bf_sample samples[] = {
    { .id = "q0", .index = 0, .n_choices = 2, .choices = choices },
    { .id = "q1", .index = 1, .n_choices = 3, .choices = choices },
    { .id = "q2", .index = 2, .n_choices = 2, .choices = choices },
};
static const struct bf_pool pool = { .n_samples = 3, .samples = samples };

static const char *write_file(struct bf_arena *a, const char *name, const void *bytes, size_t n)
{
    const char *path = bf_path_join(a, dir, name);
    CHECK_INT(bf_file_write(path, bytes, n, &err), BF_OK);
    return path;
}

/* An NPY file of version 1 with the header as given, 118 bytes of it, and the values behind. */
static const char *write_npy(struct bf_arena *a, const char *descr, const char *order,
                             const char *shape, const void *values, size_t n)
{
    struct bf_buf b = { 0 };
    char head[128];
    snprintf(head, sizeof head, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr, order,
             shape);
    bf_buf_add(&b, "\x93NUMPY\x01\0\x76\0", 10);
    bf_buf_printf(&b, "%-117s\n", head);
    bf_buf_add(&b, values, n);
    const char *path = write_file(a, "v.npy", b.data, b.len);
    bf_buf_done(&b);
    return path;
}

static const char *ids_of(struct bf_arena *a, const char *text)
{
    return write_file(a, "ids.txt", text, strlen(text));
}

static void begin(void)
{
    snprintf(dir, sizeof dir, "/tmp/bf_embeddings.XXXXXX");
    CHECK(mkdtemp(dir) != NULL);
}

static void end(struct bf_arena *a)
{
    bf_arena_reset(a);
    CHECK_INT(bf_dir_remove(dir, &err), BF_OK);
}

/* Rows (1, 2), (3, 4), (5, -6.5) for q2, another, q0: every value is one of binary16, too. */
static void check_three(const char *path, const char *ids, struct bf_arena *a)
{
    const struct bf_embedding_files files = { path, ids };
    struct bf_embeddings e = { 0 };
    CHECK_INT(bf_embeddings_check(&files, &err), BF_OK);
    CHECK_INT(bf_embeddings_read(&files, &pool, &e, a, &err), BF_OK);
    CHECK_INT(e.dim, 2);
    CHECK_INT(e.own_dim, 0);
    CHECK_INT(e.n_with, 2);
    CHECK_INT((long long)e.n_others, 1);
    CHECK(e.of && e.of[2] && e.of[2][0] == 1 && e.of[2][1] == 2);
    CHECK(e.of && e.of[0] && e.of[0][0] == 5 && e.of[0][1] == -6.5f);
    CHECK(e.of && !e.of[1]);
}

static void npy_of_every_float_and_order(void)
{
    static const float c4[] = { 1, 2, 3, 4, 5, -6.5f }, f4[] = { 1, 3, 5, 2, 4, -6.5f };
    static const double c8[] = { 1, 2, 3, 4, 5, -6.5 };
    /* binary16: 1 = 3c00, 2 = 4000, 3 = 4200, 4 = 4400, 5 = 4500, -6.5 = c680 */
    static const uint8_t c2[] = { 0, 0x3c, 0, 0x40, 0, 0x42, 0, 0x44, 0, 0x45, 0x80, 0xc6 };
    static const uint8_t big[] = { 0x3c, 0, 0x40, 0, 0x42, 0, 0x44, 0, 0x45, 0, 0xc6, 0x80 };
    struct bf_arena a = { 0 };
    begin();
    const char *ids = ids_of(&a, "q2\r\nelsewhere\nq0");
    check_three(write_npy(&a, "<f4", "False", "(3, 2)", c4, sizeof c4), ids, &a);
    check_three(write_npy(&a, "<f4", "True", "(3, 2)", f4, sizeof f4), ids, &a);
    check_three(write_npy(&a, "<f8", "False", "(3, 2)", c8, sizeof c8), ids, &a);
    check_three(write_npy(&a, "<f2", "False", "(3, 2)", c2, sizeof c2), ids, &a);
    check_three(write_npy(&a, ">f2", "False", "(3, 2)", big, sizeof big), ids, &a);
    end(&a);
}

/* Longer than what is read at a time, so that a column goes on in the next chunk. */
static void long_fortran_order_is_turned(void)
{
    enum { N = 20000, DIM = 3 };
    struct bf_arena a = { 0 };
    struct bf_buf ids = { 0 };
    float *v = malloc((size_t)N * DIM * sizeof *v);
    begin();
    for (int i = 0; i < N; i++) {
        bf_buf_printf(&ids, i == 17777 ? "q1\n" : "x%d\n", i);
        for (int k = 0; k < DIM; k++)
            v[k * N + i] = (float)(10 * i + k);
    }
    const struct bf_embedding_files files = { write_npy(&a, "<f4", "True", "(20000, 3)", v,
                                                        (size_t)N * DIM * sizeof *v),
                                              write_file(&a, "ids.txt", ids.data, ids.len) };
    struct bf_embeddings e = { 0 };
    CHECK_INT(bf_embeddings_read(&files, &pool, &e, &a, &err), BF_OK);
    CHECK(e.of && e.of[1] && e.of[1][0] == 177770 && e.of[1][1] == 177771 && e.of[1][2] == 177772);
    bf_buf_done(&ids);
    free(v);
    end(&a);
}

static void lines_have_vectors_of_samples_and_of_choices(void)
{
    static const char text[] =
        "{\"id\": \"q1\", \"embedding\": [0.5, -1e-3], \"embeddings\": [[1], [2], [3]]}\n"
        "\n"
        "{\"id\": \"q0\", \"embedding\": [2, 3]}\n"
        "{\"id\": 7, \"embedding\": [2, 3]}\n"
        "{\"id\": \"q2\", \"embeddings\": [[8], [9]]}";
    struct bf_arena a = { 0 };
    begin();
    const struct bf_embedding_files files = { write_file(&a, "v.jsonl", text, sizeof text - 1),
                                              "" };
    struct bf_embeddings e = { 0 };
    CHECK_INT(bf_embeddings_check(&files, &err), BF_OK);
    CHECK_INT(bf_embeddings_read(&files, &pool, &e, &a, &err), BF_OK);
    CHECK_INT(e.dim, 2);
    CHECK_INT(e.own_dim, 1);
    CHECK_INT(e.n_with, 3);
    CHECK_INT((long long)e.n_others, 1);
    CHECK(e.of[1] && e.of[1][0] == 0.5f && e.of[1][1] == -1e-3f);
    CHECK(e.own[1] && e.own[1][0] == 1 && e.own[1][2] == 3);
    CHECK(e.of[0] && !e.own[0] && !e.of[2] && e.own[2] && e.own[2][1] == 9);
    end(&a);
}

/* A vector of each, and of its choices: no two ids of a thousand short ones are the same. */
static void short_ids_are_told_apart(void)
{
    struct bf_arena a = { 0 };
    struct bf_buf b = { 0 };
    begin();
    for (int i = 0; i < 1000; i++)
        bf_buf_printf(&b, "{\"id\": \"%d\", \"embedding\": [1], \"embeddings\": [[1], [2]]}\n", i);
    const struct bf_embedding_files files = { write_file(&a, "v.jsonl", b.data, b.len), "" };
    CHECK_INT(bf_embeddings_check(&files, &err), BF_OK);
    bf_buf_done(&b);
    end(&a);
}

/* `want` is how the message ends; it stands behind the file's name. */
static void refused(const struct bf_embedding_files *files, const char *want)
{
    struct bf_arena a = { 0 };
    struct bf_embeddings e = { 0 };
    int rc = bf_embeddings_check(files, &err);
    if (rc == BF_OK)
        rc = bf_embeddings_read(files, &pool, &e, &a, &err);
    const size_t n = strlen(err.msg), m = strlen(want);
    CHECK_INT(rc, BF_EINVAL);
    CHECK_INT(err.code, BF_EINVAL);
    CHECK_STR(n > m ? err.msg + n - m : err.msg, want);
    CHECK(e.of == NULL);
    bf_arena_reset(&a);
}

static void wrong_lines_are_named(void)
{
    static const struct {
        const char *text, *want;
    } bad[] = {
        { "{\"id\": \"q0\", \"embedding\": [1, 2]}\n{\"id\": \"q1\", \"embedding\": [1, 2, 3]}\n",
          "'v.jsonl' line 2, id 'q1': a vector has 3 values, those before it 2" },
        { "{\"id\": \"q0\", \"embedding\": [1, 1e39]}\n",
          "'v.jsonl' line 1, id 'q0': value 2 is 1e+39; allowed: finite ones" },
        { "{\"id\": \"q0\", \"embedding\": [1, NaN]}\n",
          "'v.jsonl' line 1: not JSON: unexpected character, expected a valid JSON value at byte "
          "31" },
        { "{\"id\": \"q0\", \"embedding\": [1, null]}\n",
          "'v.jsonl' line 1, id 'q0': value 2 is null; allowed: a number" },
        { "{\"id\": \"q0\", \"embedding\": []}\n",
          "'v.jsonl' line 1, id 'q0': a vector is a list of 0; allowed: 1 to 65536 numbers" },
        { "{\"embedding\": [1]}\n", "'v.jsonl' line 1: there is no 'id'" },
        { "{\"id\": \"q0\", \"vector\": [1]}\n",
          "'v.jsonl' line 1, id 'q0': there is no 'embedding', nor 'embeddings' of choices" },
        { "{\"id\": \"q0\", \"embeddings\": [[1], [2, 3]]}\n",
          "'v.jsonl' line 1, id 'q0': a vector has 2 values, those before it 1" },
        { "{\"id\": \"q1\", \"embeddings\": [[1], [2]]}\n",
          "'v.jsonl' line 1, id 'q1': there are 2 vectors for 3 choices" },
        { "{\"id\": \"q1\", \"embedding\": [1]}\n\n{\"id\": \"q1\", \"embedding\": [1]}\n",
          "1 and 3 have the same id" },
        { "{\"id\": \"r1\", \"embedding\": [1]}\n", "none of 1 ids is that of a sample" },
        { "\n", "holds no vector" },
    };
    struct bf_arena a = { 0 };
    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *path = write_file(&a, "v.jsonl", bad[i].text, strlen(bad[i].text));
        refused(&(struct bf_embedding_files){ path, "" }, bad[i].want);
    }
    refused(&(struct bf_embedding_files){ bf_path_join(&a, dir, "none"), "" },
            "none': No such file or directory");
    const char *path = write_file(&a, "v.jsonl", "{}", 2);
    refused(&(struct bf_embedding_files){ path, path },
            "'v.jsonl' is no NPY file; its lines have ids of their own, and 'embedding_ids' means "
            "nothing");
    end(&a);
}

static void wrong_rows_are_named(void)
{
    static const float v[] = { 1, 2, 3, 4, 5, 6 };
    static const struct {
        const char *descr, *shape, *ids, *want;
        size_t n;
    } bad[] = {
        { "<f4", "(3, 2)", "q0\nq1\n", "'ids.txt' has 2 ids for 3 rows of vectors", 24 },
        { "<f4", "(3, 2)", "q0\nq1\nq2\nq3\n", "'ids.txt' has 4 ids for 3 rows of vectors", 24 },
        { "<f4", "(3, 2)", "q0\n\nq2\n", "'ids.txt' line 2 is empty; allowed: one id", 24 },
        { "<f4", "(3, 2)", "q0\nq1\nq0\n", "1 and 3 have the same id", 24 },
        { "<f4", "(3, 2)", "q0\nq1\nq2\n", "'v.npy' has 148 bytes; 3 x 2 values take 152", 20 },
        { "<f4", "(3, 1)", "q0\nq1\nq2\n", "'v.npy' has 152 bytes; 3 x 1 values take 140", 24 },
        { "<f4", "(6,)", "q0\n", "'v.npy' has 1 dimensions; allowed: 2, a row a sample", 24 },
        { "<f4", "(3, 2, 1)", "q0\n", "'v.npy' has 3 dimensions; allowed: 2, a row a sample", 24 },
        { "<i4", "(3, 2)", "q0\n", "'v.npy' holds numbers of type 'i4'; allowed: f2, f4 or f8",
          24 },
        { "<f4", "(6, 0)", "q0\n", "'v.npy' has vectors of 0 values; allowed: 1 to 65536", 24 },
        { "<c8", "(3, 2)", "q0\n",
          "'v.npy': the npy type is none of f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 b1", 24 },
    };
    struct bf_arena a = { 0 };
    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *path = write_npy(&a, bad[i].descr, "False", bad[i].shape, v, bad[i].n);
        refused(&(struct bf_embedding_files){ path, ids_of(&a, bad[i].ids) }, bad[i].want);
    }
    const float odd[] = { 1, 2, 3, NAN };
    const double large[] = { 1, 2, -1e300, 4 };
    const char *ids = ids_of(&a, "q0\nq1\n");
    const char *path = write_npy(&a, "<f4", "False", "(2, 2)", odd, sizeof odd);
    refused(&(struct bf_embedding_files){ path, ids },
            "'v.npy' row 2, id 'q1': value 2 is nan; allowed: finite ones");
    path = write_npy(&a, "<f8", "True", "(2, 2)", large, sizeof large);
    refused(&(struct bf_embedding_files){ path, ids },
            "'v.npy' row 1, id 'q0': value 2 is -inf; allowed: finite ones");
    refused(&(struct bf_embedding_files){ path, "" },
            "'v.npy' names no samples; name the file that does with 'embedding_ids'");
    end(&a);
}

/* A file that was cut short, wherever, is refused; one of lines may have lost whole ones. */
static void every_beginning_is_refused(void)
{
    static const char lines[] = "{\"id\": \"q0\", \"embedding\": [0.5, -1e-3]}\n"
                                "{\"id\": \"q2\", \"embeddings\": [[8], [9]]}\n";
    static const float v[] = { 1, 2, 3, 4 };
    struct bf_arena a = { 0 };
    char *bytes = NULL;
    size_t len = 0;
    begin();
    const char *ids = ids_of(&a, "q0\nq1\n");
    const char *path = write_npy(&a, "<f4", "True", "(2, 2)", v, sizeof v);
    CHECK_INT(bf_file_read(path, 1 << 20, &bytes, &len, &a, &err), BF_OK);
    for (size_t n = 0; n < len; n++) {
        write_file(&a, "v.npy", bytes, n);
        CHECK_INT(bf_embeddings_check(&(struct bf_embedding_files){ path, ids }, &err), BF_EINVAL);
    }
    const size_t first = strcspn(lines, "\n");
    for (size_t n = 0; n < sizeof lines - 2; n++) {
        const bool whole = n == first || n == first + 1;
        path = write_file(&a, "v.jsonl", lines, n);
        CHECK_INT(bf_embeddings_check(&(struct bf_embedding_files){ path, "" }, &err),
                  whole ? BF_OK : BF_EINVAL);
    }
    end(&a);
}

static void another_byte_is_another_digest(void)
{
    struct bf_arena a = { 0 };
    uint8_t x[3][BF_SHA_BYTES];
    begin();
    struct bf_embedding_files files = { write_file(&a, "v", "abc", 3), ids_of(&a, "q0\n") };
    CHECK_INT(bf_embeddings_digest(&files, x[0], &err), BF_OK);
    ids_of(&a, "q1\n");
    CHECK_INT(bf_embeddings_digest(&files, x[1], &err), BF_OK);
    write_file(&a, "v", "abd", 3);
    CHECK_INT(bf_embeddings_digest(&files, x[2], &err), BF_OK);
    CHECK(memcmp(x[0], x[1], BF_SHA_BYTES) != 0);
    CHECK(memcmp(x[1], x[2], BF_SHA_BYTES) != 0);
    end(&a);
}

static void out_of_memory_is_reported(void)
{
    static const char text[] = "{\"id\": \"q0\", \"embedding\": [1, 2]}\n";
    struct bf_arena a = { 0 }, small = { .limit = 32 };
    struct bf_embeddings e = { 0 };
    begin();
    const struct bf_embedding_files files = { write_file(&a, "v.jsonl", text, sizeof text - 1),
                                              "" };
    CHECK_INT(bf_embeddings_read(&files, &pool, &e, &small, &err), BF_ENOMEM);
    CHECK(e.of == NULL);
    bf_arena_reset(&small);
    end(&a);
}

TEST_MAIN(TEST(npy_of_every_float_and_order), TEST(long_fortran_order_is_turned),
          TEST(lines_have_vectors_of_samples_and_of_choices), TEST(short_ids_are_told_apart),
          TEST(wrong_lines_are_named), TEST(wrong_rows_are_named), TEST(every_beginning_is_refused),
          TEST(another_byte_is_another_digest), TEST(out_of_memory_is_reported))
