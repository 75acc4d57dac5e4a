#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/ledger.h"
#include "tests/test.h"

static const uint8_t key[BF_SHA_BYTES] = { 1, 2, 3 };
static const uint8_t other[BF_SHA_BYTES] = { 9 };

static void clean(const char *path)
{
    const char *const ends[] = { "", "-wal", "-shm", ".lock" };
    char name[256];
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)remove(name);
    }
}

static void an_answer_comes_back_as_it_was(void)
{
    struct bf_arena a = { 0 };
    struct bf_ledger *l = NULL;
    struct bf_answer in = { .cls = BF_WRONG,
                            .choice = 2,
                            .set = 5,
                            .number = 1.5,
                            .text = "C, I think",
                            .n_p = 3,
                            .p = { 0.25f, 0.5f, 0.25f } };
    struct bf_answer out;
    clean("t1.db");
    CHECK_INT(bf_ledger_open("t1.db", &l, NULL), BF_OK);
    CHECK_INT(bf_ledger_answer(l, key, &out, &a, NULL), BF_END);
    CHECK_INT(bf_ledger_put_answer(l, key, "p", "s", "full", 0, &in, NULL), BF_OK);
    bf_ledger_close(l);

    CHECK_INT(bf_ledger_open("t1.db", &l, NULL), BF_OK);
    CHECK_INT(bf_ledger_answer(l, key, &out, &a, NULL), BF_OK);
    CHECK_INT(out.cls, BF_WRONG);
    CHECK_INT(out.choice, 2);
    CHECK_INT(out.set, 5);
    CHECK(out.number == 1.5);
    CHECK_STR(out.text, "C, I think");
    CHECK_INT(out.n_p, 3);
    CHECK(out.p[1] == 0.5f);
    CHECK_INT(bf_ledger_answer(l, other, &out, &a, NULL), BF_END);
    bf_ledger_close(l);
    bf_arena_reset(&a);
    clean("t1.db");
}

static void what_is_missing_is_null_not_zero(void)
{
    struct bf_arena a = { 0 };
    struct bf_ledger *l = NULL;
    struct bf_answer in = { .cls = BF_REFUSED, .choice = -1, .number = NAN }, out;
    clean("t2.db");
    CHECK_INT(bf_ledger_open("t2.db", &l, NULL), BF_OK);
    CHECK_INT(bf_ledger_put_answer(l, key, "p", "s", "full", 0, &in, NULL), BF_OK);
    CHECK_INT(bf_ledger_answer(l, key, &out, &a, NULL), BF_OK);
    CHECK(isnan(out.number));
    CHECK(out.text == NULL);
    CHECK_INT(out.choice, -1);
    CHECK_INT(out.n_p, 0);
    bf_ledger_close(l);
    bf_arena_reset(&a);
    clean("t2.db");
}

static void a_second_put_keeps_the_first_answer_and_is_counted(void)
{
    struct bf_arena a = { 0 };
    struct bf_ledger *l = NULL;
    struct bf_answer in = { .cls = BF_RIGHT, .choice = 1, .number = NAN }, out;
    uint64_t stored = 0, repeated = 0;
    clean("t3.db");
    CHECK_INT(bf_ledger_open("t3.db", &l, NULL), BF_OK);
    CHECK_INT(bf_ledger_put_answer(l, key, "p", "s", "full", 0, &in, NULL), BF_OK);
    CHECK_INT(bf_ledger_counts(l, &stored, &repeated, NULL), BF_OK);
    CHECK_INT(stored, 1);
    CHECK_INT(repeated, 0);
    in.choice = 3;
    CHECK_INT(bf_ledger_put_answer(l, key, "p", "s", "full", 0, &in, NULL), BF_OK);
    CHECK_INT(bf_ledger_answer(l, key, &out, &a, NULL), BF_OK);
    CHECK_INT(out.choice, 1);
    CHECK_INT(bf_ledger_counts(l, &stored, &repeated, NULL), BF_OK);
    CHECK_INT(repeated, 1);
    bf_ledger_close(l);
    bf_arena_reset(&a);
    clean("t3.db");
}

static void what_was_not_committed_is_gone(void)
{
    struct bf_arena a = { 0 };
    struct bf_ledger *l = NULL;
    const void *value;
    size_t n;
    clean("t4.db");
    CHECK_INT(bf_ledger_open("t4.db", &l, NULL), BF_OK);
    CHECK_INT(bf_ledger_put(l, "reading", key, "abc", 3, NULL), BF_OK);
    CHECK_INT(bf_ledger_begin(l, NULL), BF_OK);
    CHECK_INT(bf_ledger_put(l, "reading", other, "def", 3, NULL), BF_OK);
    bf_ledger_rollback(l);
    CHECK_INT(bf_ledger_get(l, "reading", key, &value, &n, &a, NULL), BF_OK);
    CHECK(n == 3 && memcmp(value, "abc", 3) == 0);
    CHECK_INT(bf_ledger_get(l, "reading", other, &value, &n, &a, NULL), BF_END);
    CHECK_INT(bf_ledger_get(l, "stage", key, &value, &n, &a, NULL), BF_END);
    bf_ledger_close(l);
    bf_arena_reset(&a);
    clean("t4.db");
}

static void a_second_process_is_told_who_holds_it(void)
{
    struct bf_ledger *l = NULL;
    clean("t5.db");
    CHECK_INT(bf_ledger_open("t5.db", &l, NULL), BF_OK);
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        struct bf_ledger *mine = NULL;
        struct bf_err err = { 0 };
        char want[128];
        snprintf(want, sizeof want, "ledger 't5.db' is in use by process %ld", (long)getppid());
        const int rc = bf_ledger_open("t5.db", &mine, &err);
        _exit(rc == BF_EIO && strcmp(err.msg, want) == 0 ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_INT(status, 0);
    bf_ledger_close(l);
    clean("t5.db");
}

static void another_kind_of_file_is_refused(void)
{
    struct bf_ledger *l = NULL;
    struct bf_err err = { 0 };
    char text[4096];
    memset(text, 'x', sizeof text);
    clean("t6.db");
    CHECK_INT(bf_file_write("t6.db", text, sizeof text, NULL), BF_OK);
    CHECK_INT(bf_ledger_open("t6.db", &l, &err), BF_EDATA);
    CHECK_STR(err.msg, "'t6.db' is not a ledger");
    CHECK_INT(bf_ledger_open("no/such/t7.db", &l, &err), BF_EIO);
    CHECK_STR(err.msg, "cannot open ledger 'no/such/t7.db': No such file or directory");
    clean("t6.db");
}

TEST_MAIN(TEST(an_answer_comes_back_as_it_was), TEST(what_is_missing_is_null_not_zero),
          TEST(a_second_put_keeps_the_first_answer_and_is_counted),
          TEST(what_was_not_committed_is_gone), TEST(a_second_process_is_told_who_holds_it),
          TEST(another_kind_of_file_is_refused))
