#include "core/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SCHEMA_VERSION = 1, APPLICATION_ID = 0x626c6466 /* "bldf" */ };

static const char schema[] =
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

enum { ANSWER_GET, ANSWER_PUT, RESULT_GET, RESULT_PUT, N_STATEMENTS };

static const char *const statements[N_STATEMENTS] = {
    [ANSWER_GET] = "SELECT class, choice, chosen, number, text, p FROM answers WHERE key = ?1",
    [ANSWER_PUT] = "INSERT INTO answers VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1)"
                   " ON CONFLICT(key) DO UPDATE SET received = received + 1",
    [RESULT_GET] = "SELECT value FROM results WHERE kind = ?1 AND key = ?2",
    [RESULT_PUT] = "INSERT INTO results VALUES(?1, ?2, ?3, 1) ON CONFLICT(kind, key)"
                   " DO UPDATE SET value = excluded.value, received = received + 1",
};

struct bf_ledger {
    sqlite3 *db;
    sqlite3_stmt *st[N_STATEMENTS];
    char *path;
    int lock;
};

static int db_fail(const struct bf_ledger *l, struct bf_err *err)
{
    const int code = sqlite3_errcode(l->db) == SQLITE_NOMEM ? BF_ENOMEM : BF_EIO;
    return bf_fail(err, code, "ledger '%s': %s", l->path, sqlite3_errmsg(l->db));
}

static int run_sql(struct bf_ledger *l, const char *sql, struct bf_err *err)
{
    return sqlite3_exec(l->db, sql, NULL, NULL, NULL) == SQLITE_OK ? BF_OK : db_fail(l, err);
}

/* A lock that the kernel drops when its holder dies, however it dies. */
static int take_lock(struct bf_ledger *l, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    char *path = bf_arena_printf(&a, "%s.lock", l->path);
    l->lock = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
    bf_arena_reset(&a);
    if (l->lock < 0)
        return bf_fail(err, BF_EIO, "cannot open ledger '%s': %s", l->path, strerror(errno));

    struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fcntl(l->lock, F_SETLK, &fl) == 0)
        return BF_OK;
    struct flock held = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fcntl(l->lock, F_GETLK, &held) == 0 && held.l_type != F_UNLCK)
        return bf_fail(err, BF_EIO, "ledger '%s' is in use by process %ld", l->path,
                       (long)held.l_pid);
    return bf_fail(err, BF_EIO, "cannot lock ledger '%s': %s", l->path, strerror(errno));
}

static int read_int(struct bf_ledger *l, const char *sql, int *out, struct bf_err *err)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(l->db, sql, -1, &st, NULL) != SQLITE_OK)
        return db_fail(l, err);
    const int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW)
        *out = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    return rc == SQLITE_ROW ? BF_OK : db_fail(l, err);
}

static int prepare(struct bf_ledger *l, struct bf_err *err)
{
    int version = 0, application = 0;
    if (sqlite3_open_v2(l->path, &l->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
        SQLITE_OK)
        return l->db ? db_fail(l, err) : bf_fail_memory(err, "the ledger");
    if (read_int(l, "PRAGMA user_version", &version, NULL) != BF_OK ||
        read_int(l, "PRAGMA application_id", &application, NULL) != BF_OK)
        return sqlite3_errcode(l->db) == SQLITE_NOTADB
                   ? bf_fail(err, BF_EDATA, "'%s' is not a ledger", l->path)
                   : db_fail(l, err);
    if (version > SCHEMA_VERSION || (version && application != APPLICATION_ID))
        return bf_fail(err, BF_EDATA, "ledger '%s' has version %d; this program reads %d", l->path,
                       version, SCHEMA_VERSION);
    BF_TRY(run_sql(l, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", err));
    if (version == 0) {
        BF_TRY(run_sql(l, "BEGIN IMMEDIATE", err));
        BF_TRY(run_sql(l, schema, err));
        BF_TRY(run_sql(l, "COMMIT", err));
    }
    for (int i = 0; i < N_STATEMENTS; i++)
        if (sqlite3_prepare_v3(l->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &l->st[i],
                               NULL) != SQLITE_OK)
            return db_fail(l, err);
    return BF_OK;
}

int bf_ledger_open(const char *path, struct bf_ledger **out, struct bf_err *err)
{
    struct bf_ledger *l = calloc(1, sizeof *l);
    if (!l)
        return bf_fail_memory(err, "the ledger");
    l->lock = -1;
    l->path = strdup(path);
    int rc = l->path ? take_lock(l, err) : bf_fail_memory(err, "the ledger");
    if (rc == BF_OK)
        rc = prepare(l, err);
    if (rc != BF_OK) {
        bf_ledger_close(l);
        return rc;
    }
    *out = l;
    return BF_OK;
}

void bf_ledger_close(struct bf_ledger *l)
{
    if (!l)
        return;
    for (int i = 0; i < N_STATEMENTS; i++)
        sqlite3_finalize(l->st[i]);
    sqlite3_close(l->db);
    if (l->lock >= 0)
        close(l->lock);
    free(l->path);
    free(l);
}

int bf_ledger_begin(struct bf_ledger *l, struct bf_err *err)
{
    return run_sql(l, "BEGIN IMMEDIATE", err);
}

int bf_ledger_commit(struct bf_ledger *l, struct bf_err *err)
{
    return run_sql(l, "COMMIT", err);
}

void bf_ledger_rollback(struct bf_ledger *l)
{
    (void)run_sql(l, "ROLLBACK", NULL); /* nothing better can be done: the failure is recorded */
}

/* Run a statement that returns no row. */
static int step_done(struct bf_ledger *l, sqlite3_stmt *st, struct bf_err *err)
{
    const int rc = sqlite3_step(st);
    const int out = rc == SQLITE_DONE ? BF_OK : db_fail(l, err);
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    return out;
}

static int fill_answer(sqlite3_stmt *st, struct bf_answer *out, struct bf_arena *a,
                       struct bf_err *err)
{
    struct bf_answer r = {
        .cls = (enum bf_answer_class)sqlite3_column_int(st, 0),
        .choice = sqlite3_column_int(st, 1),
        .set = (uint32_t)sqlite3_column_int64(st, 2),
        .number = sqlite3_column_type(st, 3) == SQLITE_NULL ? NAN : sqlite3_column_double(st, 3),
    };
    if (sqlite3_column_type(st, 4) != SQLITE_NULL) {
        r.text = bf_arena_strdup(a, (const char *)sqlite3_column_text(st, 4));
        if (!r.text)
            return bf_fail_memory(err, "an answer");
    }
    const size_t n = (size_t)sqlite3_column_bytes(st, 5);
    if (n && n <= sizeof r.p && n % sizeof *r.p == 0) {
        memcpy(r.p, sqlite3_column_blob(st, 5), n);
        r.n_p = (int)(n / sizeof *r.p);
    }
    *out = r;
    return BF_OK;
}

int bf_ledger_answer(struct bf_ledger *l, const uint8_t key[BF_SHA_BYTES], struct bf_answer *out,
                     struct bf_arena *a, struct bf_err *err)
{
    sqlite3_stmt *st = l->st[ANSWER_GET];
    sqlite3_bind_blob(st, 1, key, BF_SHA_BYTES, SQLITE_STATIC);
    const int rc = sqlite3_step(st);
    int result = rc == SQLITE_ROW    ? fill_answer(st, out, a, err)
                 : rc == SQLITE_DONE ? BF_END
                                     : db_fail(l, err);
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    return result;
}

int bf_ledger_put_answer(struct bf_ledger *l, const uint8_t key[BF_SHA_BYTES], const char *probe,
                         const char *sample, const char *condition, int trial,
                         const struct bf_answer *answer, struct bf_err *err)
{
    sqlite3_stmt *st = l->st[ANSWER_PUT];
    sqlite3_bind_blob(st, 1, key, BF_SHA_BYTES, SQLITE_STATIC);
    sqlite3_bind_text(st, 2, probe, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 3, sample, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 4, condition, -1, SQLITE_STATIC);
    sqlite3_bind_int(st, 5, trial);
    sqlite3_bind_int(st, 6, (int)answer->cls);
    sqlite3_bind_int(st, 7, answer->choice);
    sqlite3_bind_int64(st, 8, answer->set);
    if (!isnan(answer->number))
        sqlite3_bind_double(st, 9, answer->number);
    if (answer->text)
        sqlite3_bind_text(st, 10, answer->text, -1, SQLITE_STATIC);
    if (answer->n_p)
        sqlite3_bind_blob(st, 11, answer->p, answer->n_p * (int)sizeof *answer->p, SQLITE_STATIC);
    return step_done(l, st, err);
}

int bf_ledger_get(struct bf_ledger *l, const char *kind, const uint8_t key[BF_SHA_BYTES],
                  const void **value_out, size_t *n_out, struct bf_arena *a, struct bf_err *err)
{
    sqlite3_stmt *st = l->st[RESULT_GET];
    sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC);
    sqlite3_bind_blob(st, 2, key, BF_SHA_BYTES, SQLITE_STATIC);
    const int rc = sqlite3_step(st);
    int result = rc == SQLITE_ROW ? BF_OK : rc == SQLITE_DONE ? BF_END : db_fail(l, err);
    if (result == BF_OK) {
        const size_t n = (size_t)sqlite3_column_bytes(st, 0);
        void *copy = bf_arena_memdup(a, sqlite3_column_blob(st, 0), n);
        if (copy) {
            *value_out = copy;
            *n_out = n;
        } else {
            result = bf_fail_memory(err, "a stored result");
        }
    }
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    return result;
}

int bf_ledger_put(struct bf_ledger *l, const char *kind, const uint8_t key[BF_SHA_BYTES],
                  const void *value, size_t n, struct bf_err *err)
{
    sqlite3_stmt *st = l->st[RESULT_PUT];
    sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC);
    sqlite3_bind_blob(st, 2, key, BF_SHA_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob64(st, 3, value, n, SQLITE_STATIC);
    return step_done(l, st, err);
}

int bf_ledger_counts(struct bf_ledger *l, uint64_t *stored_out, uint64_t *repeated_out,
                     struct bf_err *err)
{
    static const char sql[] =
        "SELECT sum(n), sum(r) FROM ("
        " SELECT count(*) AS n, coalesce(sum(received > 1), 0) AS r FROM answers"
        " UNION ALL SELECT count(*), coalesce(sum(received > 1), 0) FROM results)";
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(l->db, sql, -1, &st, NULL) != SQLITE_OK)
        return db_fail(l, err);
    int rc = BF_OK;
    if (sqlite3_step(st) == SQLITE_ROW) {
        *stored_out = (uint64_t)sqlite3_column_int64(st, 0);
        *repeated_out = (uint64_t)sqlite3_column_int64(st, 1);
    } else {
        rc = db_fail(l, err);
    }
    sqlite3_finalize(st);
    return rc;
}
