/* The ledger's SQLite file: schema, migration, statements. SQLite is named nowhere else. */
#include "core/db.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum {
    SCHEMA_VERSION = 2,
    APPLICATION_ID = 0x626c6466, /* "bldf" */
    BUSY_MS = 60000,             /* another connection of ours is writing: wait */
};

/* Rows of answers stand in the order they came, and keys, which are as good as random, in an index
 * beside them: long replies do not make the tree of keys deep, and a batch changes few pages. */
static const char answers_table[] =
    "CREATE TABLE answers("
    " key BLOB NOT NULL, probe TEXT NOT NULL, sample TEXT NOT NULL, condition TEXT NOT NULL,"
    " trial INTEGER NOT NULL, class INTEGER NOT NULL, choice INTEGER NOT NULL,"
    " chosen INTEGER NOT NULL, n_in INTEGER NOT NULL, n_out INTEGER NOT NULL,"
    " finish INTEGER NOT NULL, received INTEGER NOT NULL, sum INTEGER, number REAL, text TEXT,"
    " p BLOB);";

static const char results_table[] =
    "CREATE TABLE results("
    " kind TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, received INTEGER NOT NULL,"
    " PRIMARY KEY(kind, key)"
    ") WITHOUT ROWID;";

static const char copy_from_1[] =
    "INSERT INTO answers SELECT key, probe, sample, condition, trial, class, choice, chosen,"
    " 0, 0, 0, received, NULL, number, text, p FROM answers_1;"
    "DROP TABLE answers_1;";

static const char rest_of_2[] =
    "CREATE UNIQUE INDEX answers_key ON answers(key);"
    "CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "PRAGMA application_id = 1651270758;"
    "PRAGMA user_version = 2;";

#define ANSWER_COLUMNS                                                                             \
    "key, probe, sample, condition, trial, class, choice, chosen, n_in, n_out, finish, received,"  \
    " sum, number, text, p"

enum {
    BEGIN,
    COMMIT,
    ANSWER_GET,
    ANSWER_PUT,
    ANSWER_FORGET,
    RESULT_GET,
    RESULT_PUT,
    COUNTER_GET,
    COUNTER_RAISE,
    N_STATEMENTS
};

static const char *const statements[N_STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ANSWER_GET] = "SELECT " ANSWER_COLUMNS " FROM answers WHERE key = ?1",
    [ANSWER_PUT] = "INSERT INTO answers VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1,"
                   " ?12, ?13, ?14, ?15) ON CONFLICT(key) DO UPDATE SET received = received + ?16",
    [ANSWER_FORGET] = "DELETE FROM answers WHERE key = ?1",
    [RESULT_GET] = "SELECT value FROM results WHERE kind = ?1 AND key = ?2",
    [RESULT_PUT] = "INSERT INTO results VALUES(?1, ?2, ?3, 1) ON CONFLICT(kind, key)"
                   " DO UPDATE SET value = excluded.value, received = received + 1",
    [COUNTER_GET] = "SELECT value FROM counters WHERE name = ?1",
    [COUNTER_RAISE] = "INSERT INTO counters VALUES(?1, ?2) ON CONFLICT(name)"
                      " DO UPDATE SET value = value + ?2",
};

struct bf_db {
    sqlite3 *db;
    sqlite3_stmt *st[N_STATEMENTS];
    char *path;
};

static int db_fail(const struct bf_db *db, struct bf_err *err)
{
    const int code = sqlite3_errcode(db->db) == SQLITE_NOMEM ? BF_ENOMEM : BF_EIO;
    return bf_fail(err, code, "ledger '%s': %s", db->path, sqlite3_errmsg(db->db));
}

static int run_sql(struct bf_db *db, const char *sql, struct bf_err *err)
{
    return sqlite3_exec(db->db, sql, NULL, NULL, NULL) == SQLITE_OK ? BF_OK : db_fail(db, err);
}

static int read_int(struct bf_db *db, const char *sql, int *out, struct bf_err *err)
{
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db->db, sql, -1, &st, NULL) != SQLITE_OK)
        return db_fail(db, err);
    const int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW)
        *out = sqlite3_column_int(st, 0);
    const int out_rc = rc == SQLITE_ROW ? BF_OK : db_fail(db, err);
    sqlite3_finalize(st);
    return out_rc;
}

/* All in one transaction, the version with it: a kill leaves the old one whole. */
static int bring_up_to_date(struct bf_db *db, int version, struct bf_err *err)
{
    BF_TRY(run_sql(db, "BEGIN IMMEDIATE", err));
    if (version == 1)
        BF_TRY(run_sql(db, "ALTER TABLE answers RENAME TO answers_1", err));
    BF_TRY(run_sql(db, answers_table, err));
    BF_TRY(run_sql(db, version == 1 ? copy_from_1 : results_table, err));
    BF_TRY(run_sql(db, rest_of_2, err));
    return run_sql(db, "COMMIT", err);
}

static int prepare(struct bf_db *db, bool *is_old_out, struct bf_err *err)
{
    int version = 0, application = 0;
    if (sqlite3_open_v2(db->path, &db->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return db->db ? db_fail(db, err) : bf_fail_memory(err, "the ledger");
    (void)sqlite3_busy_timeout(db->db, BUSY_MS); /* cannot fail */
    if (read_int(db, "PRAGMA user_version", &version, NULL) != BF_OK ||
        read_int(db, "PRAGMA application_id", &application, NULL) != BF_OK)
        return sqlite3_errcode(db->db) == SQLITE_NOTADB
                   ? bf_fail(err, BF_EDATA, "'%s' is not a ledger", db->path)
                   : db_fail(db, err);
    if (version && application != APPLICATION_ID)
        return bf_fail(err, BF_EDATA, "'%s' is not a ledger", db->path);
    if (version < 0 || version > SCHEMA_VERSION)
        return bf_fail(err, BF_EDATA, "ledger '%s' has version %d; this program reads up to %d",
                       db->path, version, SCHEMA_VERSION);
    if (is_old_out) {
        *is_old_out = version < SCHEMA_VERSION;
        if (*is_old_out)
            return BF_OK;
    }
    /* Keys are random, so that batches change pages all over their tree: keep 16 MB of it at hand,
     * and let as much gather before it goes from the log to its place. */
    BF_TRY(run_sql(db,
                   "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                   "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000;",
                   err));
    if (version < SCHEMA_VERSION)
        BF_TRY(bring_up_to_date(db, version, err));
    for (int i = 0; i < N_STATEMENTS; i++)
        if (sqlite3_prepare_v3(db->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &db->st[i],
                               NULL) != SQLITE_OK)
            return db_fail(db, err);
    return BF_OK;
}

int bf_db_open(const char *path, bool *is_old_out, struct bf_db **out, struct bf_err *err)
{
    struct bf_db *db = calloc(1, sizeof *db);
    if (!db)
        return bf_fail_memory(err, "the ledger");
    db->path = strdup(path);
    const int rc = db->path ? prepare(db, is_old_out, err) : bf_fail_memory(err, "the ledger");
    if (rc != BF_OK) {
        bf_db_close(db);
        return rc;
    }
    *out = db;
    return BF_OK;
}

void bf_db_close(struct bf_db *db)
{
    if (!db)
        return;
    for (int i = 0; i < N_STATEMENTS; i++)
        sqlite3_finalize(db->st[i]);
    sqlite3_close(db->db);
    free(db->path);
    free(db);
}

/* Run a statement that returns no row. */
static int step_done(struct bf_db *db, sqlite3_stmt *st, struct bf_err *err)
{
    const int rc = sqlite3_step(st);
    const int out = rc == SQLITE_DONE ? BF_OK : db_fail(db, err);
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    return out;
}

int bf_db_begin(struct bf_db *db, struct bf_err *err)
{
    return step_done(db, db->st[BEGIN], err);
}

int bf_db_commit(struct bf_db *db, struct bf_err *err)
{
    return step_done(db, db->st[COMMIT], err);
}

void bf_db_rollback(struct bf_db *db)
{
    (void)run_sql(db, "ROLLBACK", NULL); /* nothing better can be done: the failure is recorded */
}

/* Over all that an answer says, so that what a bad disk changed is not taken for an answer. */
static int64_t sum_of(const struct bf_db_answer *row)
{
    const struct bf_answer *a = &row->answer;
    const int64_t fixed[] = { row->trial, a->cls,    a->choice, a->set,    a->n_in,
                              a->n_out,   a->finish, a->n_p,    !!a->text, !isnan(a->number) };
    const double number = isnan(a->number) ? 0 : a->number;
    uint64_t h = bf_hash64(row->key, BF_SHA_BYTES, 0);
    h = bf_hash64(row->probe, strlen(row->probe), h);
    h = bf_hash64(row->sample, strlen(row->sample), h);
    h = bf_hash64(row->condition, strlen(row->condition), h);
    h = bf_hash64(fixed, sizeof fixed, h);
    h = bf_hash64(&number, sizeof number, h);
    h = bf_hash64(a->p, (size_t)a->n_p * sizeof *a->p, h);
    return (int64_t)bf_hash64(a->text ? a->text : "", a->text ? strlen(a->text) : 0, h);
}

int bf_db_put_answer(struct bf_db *db, const struct bf_db_answer *row, bool count,
                     struct bf_err *err)
{
    sqlite3_stmt *st = db->st[ANSWER_PUT];
    const struct bf_answer *a = &row->answer;
    sqlite3_bind_blob(st, 1, row->key, BF_SHA_BYTES, SQLITE_STATIC);
    sqlite3_bind_text(st, 2, row->probe, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 3, row->sample, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 4, row->condition, -1, SQLITE_STATIC);
    sqlite3_bind_int(st, 5, row->trial);
    sqlite3_bind_int(st, 6, (int)a->cls);
    sqlite3_bind_int(st, 7, a->choice);
    sqlite3_bind_int64(st, 8, a->set);
    sqlite3_bind_int64(st, 9, a->n_in);
    sqlite3_bind_int64(st, 10, a->n_out);
    sqlite3_bind_int(st, 11, (int)a->finish);
    sqlite3_bind_int64(st, 12, sum_of(row));
    if (!isnan(a->number))
        sqlite3_bind_double(st, 13, a->number);
    if (a->text)
        sqlite3_bind_text(st, 14, a->text, -1, SQLITE_STATIC);
    if (a->n_p)
        sqlite3_bind_blob(st, 15, a->p, a->n_p * (int)sizeof *a->p, SQLITE_STATIC);
    sqlite3_bind_int(st, 16, count);
    return step_done(db, st, err);
}

/* Whether a row says what was written: its sum, and no number out of its range. */
static bool is_sound(sqlite3_stmt *st, const struct bf_db_answer *row)
{
    const struct bf_answer *a = &row->answer;
    return (int)a->cls >= 0 && a->cls < BF_CLASS_COUNT && a->choice >= -1 &&
           a->choice < BF_MAX_CHOICES && (int)a->finish >= 0 && a->finish <= BF_FINISH_REFUSED &&
           row->trial >= 0 &&
           (sqlite3_column_type(st, 12) == SQLITE_NULL || /* came with an older version */
            sqlite3_column_int64(st, 12) == sum_of(row));
}

/* A row of ANSWER_COLUMNS. BF_EDATA: it is damaged; BF_ENOMEM. */
static int fill_answer(const struct bf_db *db, sqlite3_stmt *st, struct bf_db_answer *out,
                       struct bf_arena *a, struct bf_err *err)
{
    static const int words[] = { 1, 2, 3 };
    bool whole = sqlite3_column_bytes(st, 0) == BF_SHA_BYTES;
    for (int i = 0; i < 3; i++)
        whole = whole && sqlite3_column_type(st, words[i]) == SQLITE_TEXT;
    const size_t n_p = (size_t)sqlite3_column_bytes(st, 15);
    whole = whole && n_p % sizeof *out->answer.p == 0 && n_p <= sizeof out->answer.p;
    if (!whole)
        return bf_fail(err, BF_EDATA, "ledger '%s' has a damaged answer", db->path);
    struct bf_db_answer r = {
        .key = bf_arena_memdup(a, sqlite3_column_blob(st, 0), BF_SHA_BYTES),
        .probe = bf_arena_strdup(a, (const char *)sqlite3_column_text(st, 1)),
        .sample = bf_arena_strdup(a, (const char *)sqlite3_column_text(st, 2)),
        .condition = bf_arena_strdup(a, (const char *)sqlite3_column_text(st, 3)),
        .trial = sqlite3_column_int(st, 4),
        .received = (uint32_t)sqlite3_column_int64(st, 11),
        .answer = { .cls = (enum bf_answer_class)sqlite3_column_int(st, 5),
                    .choice = sqlite3_column_int(st, 6),
                    .set = (uint32_t)sqlite3_column_int64(st, 7),
                    .n_in = (uint32_t)sqlite3_column_int64(st, 8),
                    .n_out = (uint32_t)sqlite3_column_int64(st, 9),
                    .finish = (enum bf_finish)sqlite3_column_int(st, 10),
                    .number = sqlite3_column_type(st, 13) == SQLITE_NULL
                                  ? NAN
                                  : sqlite3_column_double(st, 13),
                    .n_p = (int)(n_p / sizeof *r.answer.p) },
    };
    const bool has_text = sqlite3_column_type(st, 14) != SQLITE_NULL;
    if (has_text)
        r.answer.text = bf_arena_strdup(a, (const char *)sqlite3_column_text(st, 14));
    if (n_p)
        memcpy(r.answer.p, sqlite3_column_blob(st, 15), n_p);
    if (!r.key || !r.probe || !r.sample || !r.condition || (has_text && !r.answer.text))
        return bf_fail_memory(err, "an answer");
    if (!is_sound(st, &r))
        return bf_fail(err, BF_EDATA, "ledger '%s' has a damaged answer of probe '%s'", db->path,
                       r.probe);
    *out = r;
    return BF_OK;
}

int bf_db_answer(struct bf_db *db, const uint8_t key[BF_SHA_BYTES], struct bf_db_answer *out,
                 struct bf_arena *a, struct bf_err *err)
{
    sqlite3_stmt *st = db->st[ANSWER_GET];
    sqlite3_bind_blob(st, 1, key, BF_SHA_BYTES, SQLITE_STATIC);
    const int step = sqlite3_step(st);
    int rc = step == SQLITE_ROW ? BF_OK : step == SQLITE_DONE ? BF_END : db_fail(db, err);
    if (rc == BF_OK)
        rc = fill_answer(db, st, out, a, err);
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    return rc;
}

int bf_db_forget_answer(struct bf_db *db, const uint8_t key[BF_SHA_BYTES], struct bf_err *err)
{
    sqlite3_stmt *st = db->st[ANSWER_FORGET];
    sqlite3_bind_blob(st, 1, key, BF_SHA_BYTES, SQLITE_STATIC);
    return step_done(db, st, err);
}

int bf_db_each_answer(struct bf_db *db, const char *probe,
                      int (*visit)(void *ctx, const struct bf_db_answer *answer,
                                   struct bf_err *err),
                      void *ctx, uint64_t *n_damaged_out, struct bf_err *err)
{
    static const char sql[] = "SELECT " ANSWER_COLUMNS " FROM answers"
                              " WHERE ?1 IS NULL OR probe = ?1"
                              " ORDER BY probe, sample, condition, trial, key";
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db->db, sql, -1, &st, NULL) != SQLITE_OK)
        return db_fail(db, err);
    if (probe)
        sqlite3_bind_text(st, 1, probe, -1, SQLITE_STATIC);
    int rc = BF_OK, step = sqlite3_step(st);
    for (; rc == BF_OK && step == SQLITE_ROW; step = sqlite3_step(st)) {
        struct bf_arena a = { 0 };
        struct bf_db_answer row;
        rc = fill_answer(db, st, &row, &a, err);
        if (rc == BF_OK)
            rc = visit(ctx, &row, err);
        else if (rc == BF_EDATA && n_damaged_out) {
            ++*n_damaged_out;
            rc = BF_OK;
        }
        bf_arena_reset(&a);
    }
    if (rc == BF_OK && step != SQLITE_DONE)
        rc = db_fail(db, err);
    sqlite3_finalize(st);
    return rc;
}

int bf_db_each_stats(struct bf_db *db,
                     int (*visit)(void *ctx, const struct bf_db_stats *stats, struct bf_err *err),
                     void *ctx, struct bf_err *err)
{
    static const char sql[] = "SELECT probe, class, count(*), sum(n_in), sum(n_out),"
                              " sum(received - 1) FROM answers GROUP BY probe, class"
                              " ORDER BY probe, class";
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db->db, sql, -1, &st, NULL) != SQLITE_OK)
        return db_fail(db, err);
    int rc = BF_OK, step = sqlite3_step(st);
    for (; rc == BF_OK && step == SQLITE_ROW; step = sqlite3_step(st)) {
        const char *probe = (const char *)sqlite3_column_text(st, 0);
        const struct bf_db_stats row = {
            .probe = probe ? probe : "",
            .cls = sqlite3_column_int(st, 1),
            .n = (uint64_t)sqlite3_column_int64(st, 2),
            .n_in = (uint64_t)sqlite3_column_int64(st, 3),
            .n_out = (uint64_t)sqlite3_column_int64(st, 4),
            .n_again = (uint64_t)sqlite3_column_int64(st, 5),
        };
        rc = visit(ctx, &row, err);
    }
    if (rc == BF_OK && step != SQLITE_DONE)
        rc = db_fail(db, err);
    sqlite3_finalize(st);
    return rc;
}

int bf_db_result(struct bf_db *db, const char *kind, const uint8_t key[BF_SHA_BYTES],
                 const void **value_out, size_t *n_out, struct bf_arena *a, struct bf_err *err)
{
    sqlite3_stmt *st = db->st[RESULT_GET];
    sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC);
    sqlite3_bind_blob(st, 2, key, BF_SHA_BYTES, SQLITE_STATIC);
    const int step = sqlite3_step(st);
    int rc = step == SQLITE_ROW ? BF_OK : step == SQLITE_DONE ? BF_END : db_fail(db, err);
    if (rc == BF_OK) {
        const size_t n = (size_t)sqlite3_column_bytes(st, 0);
        void *copy = bf_arena_memdup(a, sqlite3_column_blob(st, 0), n);
        if (copy) {
            *value_out = copy;
            *n_out = n;
        } else {
            rc = bf_fail_memory(err, "a stored result");
        }
    }
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    return rc;
}

int bf_db_put_result(struct bf_db *db, const char *kind, const uint8_t key[BF_SHA_BYTES],
                     const void *value, size_t n, struct bf_err *err)
{
    sqlite3_stmt *st = db->st[RESULT_PUT];
    sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC);
    sqlite3_bind_blob(st, 2, key, BF_SHA_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob64(st, 3, value, n, SQLITE_STATIC);
    return step_done(db, st, err);
}

int bf_db_each_key(struct bf_db *db, const char *kind,
                   int (*visit)(void *ctx, const uint8_t key[BF_SHA_BYTES], struct bf_err *err),
                   void *ctx, struct bf_err *err)
{
    static const char sql[] = "SELECT key FROM results WHERE kind = ?1";
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db->db, sql, -1, &st, NULL) != SQLITE_OK)
        return db_fail(db, err);
    sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC);
    int rc = BF_OK, step = sqlite3_step(st);
    for (; rc == BF_OK && step == SQLITE_ROW; step = sqlite3_step(st))
        if (sqlite3_column_bytes(st, 0) == BF_SHA_BYTES)
            rc = visit(ctx, sqlite3_column_blob(st, 0), err);
    if (rc == BF_OK && step != SQLITE_DONE)
        rc = db_fail(db, err);
    sqlite3_finalize(st);
    return rc;
}

int bf_db_counter(struct bf_db *db, const char *name, uint64_t *out, struct bf_err *err)
{
    sqlite3_stmt *st = db->st[COUNTER_GET];
    sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
    const int step = sqlite3_step(st);
    const int rc = step == SQLITE_ROW || step == SQLITE_DONE ? BF_OK : db_fail(db, err);
    if (rc == BF_OK)
        *out = step == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(st, 0) : 0;
    sqlite3_reset(st);
    sqlite3_clear_bindings(st);
    return rc;
}

int bf_db_raise(struct bf_db *db, const char *name, uint64_t by, struct bf_err *err)
{
    sqlite3_stmt *st = db->st[COUNTER_RAISE];
    sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 2, (sqlite3_int64)by);
    return step_done(db, st, err);
}

int bf_db_counts(struct bf_db *db, uint64_t *stored_out, uint64_t *repeated_out, struct bf_err *err)
{
    static const char sql[] =
        "SELECT sum(n), sum(r) FROM ("
        " SELECT count(*) AS n, coalesce(sum(received > 1), 0) AS r FROM answers"
        " UNION ALL SELECT count(*), coalesce(sum(received > 1), 0) FROM results"
        "  WHERE kind <> 'pace')"; /* grows with every run */
    sqlite3_stmt *st = NULL;
    if (sqlite3_prepare_v2(db->db, sql, -1, &st, NULL) != SQLITE_OK)
        return db_fail(db, err);
    int rc = BF_OK;
    if (sqlite3_step(st) == SQLITE_ROW) {
        *stored_out = (uint64_t)sqlite3_column_int64(st, 0);
        *repeated_out = (uint64_t)sqlite3_column_int64(st, 1);
    } else {
        rc = db_fail(db, err);
    }
    sqlite3_finalize(st);
    return rc;
}
