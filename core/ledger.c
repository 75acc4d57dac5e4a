/* The ledger: who holds it, what was in flight, and reading and writing one at a time. */
#include "core/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "core/writer.h"

struct bf_ledger {
    char *path, *flight_path;
    int lock;
    struct bf_db *db;                 /* of the calling thread; the writer has its own */
    pthread_mutex_t disk;             /* held by whoever writes */
    bool in_transaction, answers_put; /* by the calling thread, answers in this transaction */
    struct bf_flight *flight;         /* NULL until the writer is started */
    struct bf_writer *writer;
};

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

static int settle_left(struct bf_ledger *l, const struct bf_flight_left *left, uint64_t settled,
                       struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_db_answer row;
    const void *value;
    size_t n_value;
    uint64_t n_lost = 0;
    int rc = BF_OK;
    for (uint32_t i = 0; rc == BF_OK && i < left->n_answers; i++)
        rc = bf_db_put_answer(l->db, &left->answers[i], false, err);
    for (uint32_t i = 0; rc == BF_OK && i < left->n_keys; i++) {
        int there = bf_db_answer(l->db, left->keys[i], &row, &a, err);
        if (there == BF_END) /* or it was a request for vectors */
            there = bf_db_result(l->db, "embedding", left->keys[i], &value, &n_value, &a, err);
        n_lost += there == BF_END;
        if (there != BF_EDATA)
            rc = there < 0 ? there : BF_OK;
        bf_arena_reset(&a);
    }
    if (rc == BF_OK)
        rc = bf_db_raise(l->db, "lost", n_lost, err);
    if (rc == BF_OK)
        rc = bf_db_raise(l->db, "settled", left->session - settled, err);
    return rc;
}

/* What a killed run left behind: its answers are recorded, its requests without one counted, once
 * whatever kills this in turn. */
static int settle(struct bf_ledger *l, struct bf_err *err)
{
    if (!bf_file_exists(l->flight_path))
        return BF_OK;
    struct bf_arena a = { 0 };
    struct bf_flight_left left;
    uint64_t session = 0, settled = 0;
    int rc = bf_flight_read(l->flight_path, &left, &a, err);
    const bool whole = rc == BF_OK;
    if (rc >= 0)
        rc = bf_db_counter(l->db, "session", &session, err);
    if (rc == BF_OK)
        rc = bf_db_counter(l->db, "settled", &settled, err);
    if (rc == BF_OK && whole && left.session == session && settled < session) {
        rc = bf_ledger_begin(l, err);
        if (rc == BF_OK)
            rc = settle_left(l, &left, settled, err);
        if (rc == BF_OK)
            rc = bf_ledger_commit(l, err);
        if (rc != BF_OK && l->in_transaction)
            bf_ledger_rollback(l);
    }
    bf_arena_reset(&a);
    if (rc == BF_OK)
        (void)unlink(l->flight_path); /* one that stays is known as settled */
    return rc;
}

static int make_ledger(const char *path, struct bf_ledger **out, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_ledger *l = calloc(1, sizeof *l);
    const char *flight = bf_arena_printf(&a, "%s-inflight", path);
    if (l) {
        l->lock = -1;
        l->path = strdup(path);
        l->flight_path = flight ? strdup(flight) : NULL;
        pthread_mutex_init(&l->disk, NULL);
    }
    bf_arena_reset(&a);
    if (l && l->path && l->flight_path) {
        *out = l;
        return BF_OK;
    }
    bf_ledger_close(l);
    return bf_fail_memory(err, "the ledger");
}

int bf_ledger_open(const char *path, struct bf_ledger **out, struct bf_err *err)
{
    struct bf_ledger *l = NULL;
    BF_TRY(make_ledger(path, &l, err));
    int rc = take_lock(l, err);
    if (rc == BF_OK)
        rc = bf_db_open(l->path, NULL, &l->db, err);
    if (rc == BF_OK)
        rc = settle(l, err);
    if (rc != BF_OK) {
        bf_ledger_close(l);
        return rc;
    }
    *out = l;
    return BF_OK;
}

int bf_ledger_open_shared(const char *path, struct bf_ledger **out, struct bf_err *err)
{
    struct bf_ledger *l = NULL;
    bool is_old = true;
    if (!bf_file_exists(path))
        return bf_fail(err, BF_EINVAL, "no ledger '%s'", path);
    BF_TRY(make_ledger(path, &l, err));
    int rc = take_lock(l, err);
    const bool held = rc != BF_OK && l->lock >= 0;
    if (rc == BF_OK || held) {
        struct bf_err why = { 0 };
        const int opened = bf_db_open(l->path, held ? &is_old : NULL, &l->db, &why);
        if (opened != BF_OK)
            rc = bf_fail(err, opened, "%s", why.msg);
        else if (!held)
            rc = settle(l, err);
        else if (!is_old)
            rc = BF_OK; /* else: in use by a process that is just bringing it up to date */
    }
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
    if (l->in_transaction)
        bf_ledger_rollback(l);
    bf_writer_close(l->writer);
    bf_flight_close(l->flight);
    bf_db_close(l->db);
    pthread_mutex_destroy(&l->disk);
    if (l->lock >= 0)
        close(l->lock);
    free(l->path);
    free(l->flight_path);
    free(l);
}

struct bf_db *bf_ledger_db(struct bf_ledger *l)
{
    return l->db;
}

/* The calling thread's transactions and the writer's take turns. */
static void take_disk(struct bf_ledger *l)
{
    if (!l->in_transaction)
        pthread_mutex_lock(&l->disk);
}

static void leave_disk(struct bf_ledger *l)
{
    if (!l->in_transaction)
        pthread_mutex_unlock(&l->disk);
}

int bf_ledger_begin(struct bf_ledger *l, struct bf_err *err)
{
    take_disk(l);
    const int rc = bf_db_begin(l->db, err);
    if (rc == BF_OK)
        l->in_transaction = true;
    else
        leave_disk(l);
    return rc;
}

/* Keys in flight that this thread's transaction recorded. */
static void land(struct bf_ledger *l)
{
    struct bf_arena a = { 0 };
    struct bf_db_answer row;
    for (int i = 0; i < BF_LEDGER_IN_FLIGHT; i++) {
        const uint8_t *key = bf_flight_key(l->flight, i);
        if (key && bf_db_answer(l->db, key, &row, &a, NULL) == BF_OK)
            bf_flight_remove(l->flight, key);
        bf_arena_reset(&a);
    }
}

int bf_ledger_commit(struct bf_ledger *l, struct bf_err *err)
{
    BF_TRY(bf_db_commit(l->db, err));
    l->in_transaction = false;
    leave_disk(l);
    if (l->flight && l->answers_put)
        land(l);
    l->answers_put = false;
    return BF_OK;
}

void bf_ledger_rollback(struct bf_ledger *l)
{
    bf_db_rollback(l->db);
    if (!l->in_transaction)
        return;
    l->in_transaction = l->answers_put = false;
    leave_disk(l);
}

/* It was there, but a bad disk changed it: as if it had never been. */
static int forget(struct bf_ledger *l, const uint8_t *key, struct bf_err *err)
{
    take_disk(l);
    int rc = bf_db_forget_answer(l->db, key, err);
    if (rc == BF_OK)
        rc = bf_db_raise(l->db, "damaged", 1, err);
    leave_disk(l);
    return rc == BF_OK ? BF_END : rc;
}

int bf_ledger_answer(struct bf_ledger *l, const uint8_t key[BF_SHA_BYTES], struct bf_answer *out,
                     struct bf_arena *a, struct bf_err *err)
{
    struct bf_db_answer row;
    const int rc = bf_db_answer(l->db, key, &row, a, err);
    if (rc == BF_EDATA)
        return forget(l, key, err);
    if (rc == BF_OK)
        *out = row.answer;
    return rc;
}

static int put_row(struct bf_ledger *l, const struct bf_db_answer *row, struct bf_err *err)
{
    take_disk(l);
    const int rc = bf_db_put_answer(l->db, row, true, err);
    leave_disk(l);
    if (l->in_transaction)
        l->answers_put = true;
    else if (rc == BF_OK && l->flight)
        bf_flight_remove(l->flight, row->key);
    return rc;
}

int bf_ledger_put_answer(struct bf_ledger *l, const uint8_t key[BF_SHA_BYTES], const char *probe,
                         const char *sample, const char *condition, int trial,
                         const struct bf_answer *answer, struct bf_err *err)
{
    const struct bf_db_answer row = { key, probe, sample, condition, trial, *answer, 1 };
    return put_row(l, &row, err);
}

int bf_ledger_writer_start(struct bf_ledger *l, struct bf_err *err)
{
    uint64_t session = 0;
    take_disk(l);
    int rc = bf_db_raise(l->db, "session", 1, err);
    leave_disk(l);
    if (rc == BF_OK)
        rc = bf_db_counter(l->db, "session", &session, err);
    if (rc == BF_OK)
        rc = bf_flight_make(l->flight_path, session, &l->flight, err);
    if (rc == BF_OK)
        rc = bf_writer_start(l->path, l->flight, &l->disk, &l->writer, err);
    if (rc != BF_OK) {
        bf_flight_close(l->flight);
        l->flight = NULL;
    }
    return rc;
}

int bf_ledger_queue_answer(struct bf_ledger *l, const uint8_t key[BF_SHA_BYTES], const char *probe,
                           const char *sample, const char *condition, int trial,
                           const struct bf_answer *answer, struct bf_err *err)
{
    const struct bf_db_answer row = { key, probe, sample, condition, trial, *answer, 1 };
    /* Within a transaction of this thread the writer has to wait for us. */
    if (!l->writer || l->in_transaction || bf_flight_size(&row) > BF_FLIGHT_HALF)
        return put_row(l, &row, err);
    const int rc = bf_writer_queue(l->writer, &row, err);
    if (rc == BF_OK)
        bf_flight_remove(l->flight, key);
    return rc;
}

uint32_t bf_ledger_n_queued(const struct bf_ledger *l)
{
    return l->writer ? bf_writer_n_queued(l->writer) : 0;
}

int bf_ledger_wake_fd(const struct bf_ledger *l)
{
    return l->writer ? bf_writer_wake_fd(l->writer) : -1;
}

int bf_ledger_woken(struct bf_ledger *l, struct bf_err *err)
{
    return l->writer ? bf_writer_woken(l->writer, err) : BF_OK;
}

int bf_ledger_flush(struct bf_ledger *l, struct bf_err *err)
{
    return l->writer ? bf_writer_flush(l->writer, err) : BF_OK;
}

void bf_ledger_sent(struct bf_ledger *l, const uint8_t key[BF_SHA_BYTES])
{
    if (l->flight)
        bf_flight_add(l->flight, key);
}

void bf_ledger_gave_up(struct bf_ledger *l, const uint8_t key[BF_SHA_BYTES])
{
    if (l->flight)
        bf_flight_remove(l->flight, key);
}

int bf_ledger_lost(struct bf_ledger *l, uint64_t *out, struct bf_err *err)
{
    return bf_db_counter(l->db, "lost", out, err);
}

int bf_ledger_get(struct bf_ledger *l, const char *kind, const uint8_t key[BF_SHA_BYTES],
                  const void **value_out, size_t *n_out, struct bf_arena *a, struct bf_err *err)
{
    return bf_db_result(l->db, kind, key, value_out, n_out, a, err);
}

int bf_ledger_each_key(struct bf_ledger *l, const char *kind,
                       int (*visit)(void *ctx, const uint8_t key[BF_SHA_BYTES], struct bf_err *err),
                       void *ctx, struct bf_err *err)
{
    return bf_db_each_key(l->db, kind, visit, ctx, err);
}

int bf_ledger_put(struct bf_ledger *l, const char *kind, const uint8_t key[BF_SHA_BYTES],
                  const void *value, size_t n, struct bf_err *err)
{
    take_disk(l);
    const int rc = bf_db_put_result(l->db, kind, key, value, n, err);
    leave_disk(l);
    return rc;
}

int bf_ledger_counts(struct bf_ledger *l, uint64_t *stored_out, uint64_t *repeated_out,
                     struct bf_err *err)
{
    return bf_db_counts(l->db, stored_out, repeated_out, err);
}
