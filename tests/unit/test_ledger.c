#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/exchange.h"
#include "core/file.h"
#include "core/ledger.h"
#include "tests/test.h"

static const uint8_t key[BF_SHA_BYTES] = { 1, 2, 3 };
static const uint8_t other[BF_SHA_BYTES] = { 9 };

static void clean(const char *path)
{
    const char *const ends[] = { "", "-wal", "-shm", ".lock", "-inflight" };
    char name[256];
    for (int i = 0; i < 5; i++) {
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

static int count_line(void *ctx, const char *line, size_t n, struct bf_err *err)
{
    (void)err;
    *(int *)ctx += n > 2 && line[0] == '{' && line[n - 1] == '\n';
    return BF_OK;
}

/* In the child: 0 when all that another process committed can be seen, and nothing be held. */
static int look_from_outside(void)
{
    struct bf_ledger *mine = NULL;
    struct bf_answers_stats stats = { 0 };
    struct bf_import done;
    uint64_t n = 0, n_damaged = 0;
    int n_lines = 0;
    if (bf_answers_export("t8.db", NULL, count_line, &n_lines, &n, &n_damaged, NULL) != BF_OK ||
        n != 2 || n_lines != 2)
        return 1;
    if (bf_answers_stats("t8.db", &stats, NULL) != BF_OK || stats.n_probes != 1 ||
        stats.probes[0].n[BF_WRONG] != 2)
        return 2;
    bf_answers_stats_done(&stats);
    if (bf_ledger_open("t8.db", &mine, NULL) != BF_EIO)
        return 3;
    return bf_answers_import("t8.db", false, "empty.jsonl", &done, NULL) == BF_EIO ? 0 : 4;
}

static void answers_can_be_looked_at_while_a_run_goes_on(void)
{
    struct bf_ledger *l = NULL;
    struct bf_answer in = { .cls = BF_WRONG, .choice = 1, .number = NAN };
    int go[2];
    char byte;
    clean("t8.db");
    CHECK_INT(bf_file_write("empty.jsonl", "\n", 1, NULL), BF_OK);
    CHECK_INT(pipe(go), 0);
    fflush(stdout);
    const pid_t child = fork(); /* before: SQLite does not go through a fork */
    if (child == 0)
        _exit(read(go[0], &byte, 1) == 1 ? look_from_outside() : 9);
    CHECK_INT(bf_ledger_open("t8.db", &l, NULL), BF_OK);
    CHECK_INT(bf_ledger_writer_start(l, NULL), BF_OK);
    CHECK_INT(bf_ledger_queue_answer(l, key, "p", "s", "full", 0, &in, NULL), BF_OK);
    CHECK_INT(bf_ledger_flush(l, NULL), BF_OK);
    CHECK_INT(bf_ledger_put_answer(l, other, "p", "s", "full", 1, &in, NULL), BF_OK);
    CHECK_INT(write(go[1], "", 1), 1);
    int status = -1;
    waitpid(child, &status, 0);
    CHECK_INT(WEXITSTATUS(status), 0);
    bf_ledger_close(l);
    close(go[0]);
    close(go[1]);
    (void)remove("empty.jsonl");
    clean("t8.db");
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
          TEST(answers_can_be_looked_at_while_a_run_goes_on), TEST(another_kind_of_file_is_refused))
