/* Ledgers of other versions. */
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/ledger.h"
#include "tests/test.h"

static const char path[] = "old.db";

/* As version 1 made it. */
static const char schema_1[] =
    "CREATE TABLE answers("
    " key BLOB PRIMARY KEY, probe TEXT NOT NULL, sample TEXT NOT NULL, condition TEXT NOT NULL,"
    " trial INTEGER NOT NULL, class INTEGER NOT NULL, choice INTEGER NOT NULL,"
    " chosen INTEGER NOT NULL, number REAL, text TEXT, p BLOB, received INTEGER NOT NULL"
    ") WITHOUT ROWID;"
    "CREATE TABLE results("
    " kind TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, received INTEGER NOT NULL,"
    " PRIMARY KEY(kind, key)"
    ") WITHOUT ROWID;"
    "PRAGMA application_id = 1651270758;"
    "PRAGMA user_version = 1;";

/* Answer i has the key whose last bytes are i. p is 0.25, 0.75 as floats of this machine. */
static const char rows_1[] =
    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29999)"
    "INSERT INTO answers SELECT CAST(printf('%032d', i) AS BLOB), 'p', 's' || i, 'full', i, 1, 2, "
    "5,"
    " CASE i WHEN 7 THEN 1.5 END, CASE i WHEN 7 THEN NULL ELSE 'reply ' || i END,"
    " x'0000803e0000403f', 1 + (i = 9) FROM n;"
    "INSERT INTO results VALUES('reading', CAST(printf('%032d', 3) AS BLOB), 'value', 1)";

static void clean(void)
{
    static const char *const ends[] = { "", "-wal", "-shm", ".lock", "-inflight" };
    char name[64];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        (void)remove(name);
    }
}

static void run(const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        printf("# %s\n", message ? message : "cannot open");
        exit(1);
    }
    sqlite3_close(db);
}

static void make_version_1(void)
{
    clean();
    run("PRAGMA journal_mode = WAL; BEGIN");
    run(schema_1);
    run(rows_1);
}

static int number(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    int n = -1;
    if (sqlite3_open(path, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        n = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

static void key_of(int i, uint8_t out[BF_SHA_BYTES])
{
    char text[BF_SHA_BYTES + 1];
    snprintf(text, sizeof text, "%032d", i);
    memcpy(out, text, BF_SHA_BYTES);
}

/* Everything version 1 knew, and what version 2 adds. */
static void check_all(void)
{
    struct bf_ledger *l = NULL;
    struct bf_arena a = { 0 };
    struct bf_answer out;
    struct bf_err err = { 0 };
    uint8_t key[BF_SHA_BYTES];
    const void *value;
    size_t n = 0;
    uint64_t stored = 0, repeated = 0, lost = 9;
    CHECK_INT(bf_ledger_open(path, &l, &err), BF_OK);
    if (!l) {
        printf("# %s\n", err.msg);
        return;
    }
    key_of(7, key);
    CHECK_INT(bf_ledger_answer(l, key, &out, &a, NULL), BF_OK);
    CHECK(out.number == 1.5);
    CHECK(out.text == NULL);
    CHECK_INT(out.cls, BF_WRONG);
    CHECK_INT(out.choice, 2);
    CHECK_INT(out.set, 5);
    CHECK_INT(out.n_p, 2);
    CHECK(out.p[1] == 0.75f);
    CHECK_INT(out.n_in, 0);
    CHECK_INT(out.n_out, 0);
    CHECK_INT(out.finish, BF_FINISH_NONE);
    key_of(29999, key);
    CHECK_INT(bf_ledger_answer(l, key, &out, &a, NULL), BF_OK);
    CHECK(isnan(out.number));
    CHECK_STR(out.text, "reply 29999");
    key_of(3, key);
    CHECK_INT(bf_ledger_get(l, "reading", key, &value, &n, &a, NULL), BF_OK);
    CHECK_INT(n, 5);
    CHECK_INT(bf_ledger_counts(l, &stored, &repeated, NULL), BF_OK);
    CHECK_INT(stored, 30001);
    CHECK_INT(repeated, 1);
    CHECK_INT(bf_ledger_lost(l, &lost, NULL), BF_OK);
    CHECK_INT(lost, 0);
    /* New answers go in beside the old ones, and an old one is not overwritten. */
    out = (struct bf_answer){ .choice = 1, .number = NAN, .n_in = 300, .n_out = 2 };
    CHECK_INT(bf_ledger_put_answer(l, key, "q", "s", "full", 0, &out, NULL), BF_OK);
    CHECK_INT(bf_ledger_answer(l, key, &out, &a, NULL), BF_OK);
    CHECK_STR(out.text, "reply 3");
    bf_ledger_close(l);
    bf_arena_reset(&a);
}

static void version_1_is_brought_up_to_date(void)
{
    make_version_1();
    CHECK_INT(number("PRAGMA user_version"), 1);
    check_all();
    CHECK_INT(number("PRAGMA user_version"), 2);
    CHECK_INT(number("SELECT count(*) FROM sqlite_master WHERE name LIKE '%1'"), 0);
    clean();
}

static void a_kill_in_the_middle_leaves_version_1(void)
{
    int n_left[3] = { 0 };
    struct timespec t = { 0, 2000000 };
    while (t.tv_nsec < 400000000 && n_left[2] < 2) {
        make_version_1();
        fflush(stdout);
        const pid_t child = fork();
        if (child == 0) {
            struct bf_ledger *mine = NULL;
            _exit(bf_ledger_open(path, &mine, NULL) == BF_OK ? 0 : 1);
        }
        nanosleep(&t, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        const int version = number("PRAGMA user_version");
        CHECK(version == 1 || version == 2);
        if (version == 1)
            CHECK_INT(number("SELECT count(*) FROM answers"), 30000);
        n_left[version == 2 ? 2 : 1]++;
        check_all();
        t.tv_nsec += t.tv_nsec / 8;
    }
    printf("# killed: %d times left at version 1, %d at version 2\n", n_left[1], n_left[2]);
    CHECK(n_left[1] > 0);
    clean();
}

static void a_newer_version_is_refused_and_left_alone(void)
{
    struct bf_ledger *l = NULL;
    struct bf_err err = { 0 };
    clean();
    CHECK_INT(bf_ledger_open(path, &l, NULL), BF_OK);
    bf_ledger_close(l);
    run("PRAGMA user_version = 3");
    CHECK_INT(bf_ledger_open(path, &l, &err), BF_EDATA);
    CHECK_STR(err.msg, "ledger 'old.db' has version 3; this program reads up to 2");
    CHECK_INT(number("PRAGMA user_version"), 3);
    run("PRAGMA application_id = 7");
    CHECK_INT(bf_ledger_open(path, &l, &err), BF_EDATA);
    CHECK_STR(err.msg, "'old.db' is not a ledger");
    clean();
}

/* What a bad disk changed is asked again, not taken for an answer. */
static void a_damaged_answer_is_as_good_as_none(void)
{
    static const char *const damages[] = {
        "UPDATE answers SET text = 'another'", "UPDATE answers SET class = 99",
        "UPDATE answers SET choice = 3",       "UPDATE answers SET p = x'00'",
        "UPDATE answers SET n_in = 7",         "UPDATE answers SET probe = x'00ff'",
        "UPDATE answers SET number = 2.0",     "UPDATE answers SET trial = 1",
    };
    struct bf_arena a = { 0 };
    struct bf_answer out;
    const struct bf_answer in = { .choice = 1, .number = 1.5, .text = "B", .n_p = 1, .p = { 1 } };
    uint8_t key[BF_SHA_BYTES];
    key_of(1, key);
    clean();
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct bf_ledger *l = NULL;
        uint64_t stored, repeated = 9;
        CHECK_INT(bf_ledger_open(path, &l, NULL), BF_OK);
        CHECK_INT(bf_ledger_put_answer(l, key, "p", "s", "full", 0, &in, NULL), BF_OK);
        CHECK_INT(bf_ledger_answer(l, key, &out, &a, NULL), BF_OK);
        bf_ledger_close(l);
        run(damages[i]);
        CHECK_INT(bf_ledger_open(path, &l, NULL), BF_OK);
        CHECK_INT(bf_ledger_answer(l, key, &out, &a, NULL), BF_END);
        CHECK_INT(bf_ledger_put_answer(l, key, "p", "s", "full", 0, &in, NULL), BF_OK);
        CHECK_INT(bf_ledger_answer(l, key, &out, &a, NULL), BF_OK);
        CHECK_STR(out.text, "B");
        CHECK_INT(bf_ledger_counts(l, &stored, &repeated, NULL), BF_OK);
        CHECK_INT(repeated, 0);
        bf_ledger_close(l);
        clean();
    }
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(version_1_is_brought_up_to_date), TEST(a_kill_in_the_middle_leaves_version_1),
          TEST(a_newer_version_is_refused_and_left_alone),
          TEST(a_damaged_answer_is_as_good_as_none))
