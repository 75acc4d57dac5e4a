/* The thread that commits queued answers, many at a time. */
#include "core/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_QUEUED = 16384,
    ENOUGH = 1024, /* answers in one commit: more make it no cheaper */
    GATHER_NS = 2000000,
};

struct bf_writer {
    struct bf_db *db;
    struct bf_flight *flight;
    pthread_mutex_t *disk;
    pthread_t thread;
    int wake[2]; /* a pipe: read here, written by the thread */

    pthread_mutex_t lock; /* of all below */
    pthread_cond_t work;  /* the thread waits: for something to write, or the end */
    pthread_cond_t done;  /* the caller waits: for room, or for all to be on disk */
    int filling;          /* the half that takes what is queued */
    uint32_t n_filling;
    bool hurry, stopping, failed;
    struct bf_err err; /* when failed */

    _Atomic uint32_t n_queued;
    atomic_bool signalled; /* the pipe holds a byte that nobody took yet */
};

/* `ns` from now, on the clock that the condition uses. */
static struct timespec in_ns(long ns)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    t.tv_nsec += ns;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

static void wake(struct bf_writer *w)
{
    if (atomic_exchange(&w->signalled, true))
        return;
    ssize_t k;
    do
        k = write(w->wake[1], "", 1);
    while (k < 0 && errno == EINTR);
}

static int put_half(struct bf_writer *w, int half, uint32_t n, struct bf_err *err)
{
    struct bf_db_answer row;
    uint32_t k = 0;
    for (size_t at = 0; bf_flight_next(w->flight, half, &at, &row); k++)
        BF_TRY(bf_db_put_answer(w->db, &row, true, err));
    if (k != n)
        return bf_fail(err, BF_EIO, "what waited to be recorded was changed by another program");
    return BF_OK;
}

static int commit_half(struct bf_writer *w, int half, uint32_t n, struct bf_err *err)
{
    pthread_mutex_lock(w->disk);
    int rc = bf_db_begin(w->db, err);
    if (rc == BF_OK) {
        rc = put_half(w, half, n, err);
        if (rc == BF_OK)
            rc = bf_db_commit(w->db, err);
        if (rc != BF_OK)
            bf_db_rollback(w->db);
    }
    pthread_mutex_unlock(w->disk);
    return rc;
}

/* Wait, with the lock held, until there is something to write; false at the end. */
static bool gather(struct bf_writer *w, const struct timespec *until)
{
    while (w->n_filling == 0 && !w->stopping)
        pthread_cond_wait(&w->work, &w->lock);
    int late = 0;
    while (late == 0 && !w->hurry && !w->stopping && w->n_filling < ENOUGH)
        late = pthread_cond_timedwait(&w->work, &w->lock, until);
    return w->n_filling > 0;
}

static void *write_all(void *arg)
{
    struct bf_writer *w = arg;
    struct timespec until = in_ns(0);
    pthread_mutex_lock(&w->lock);
    while (!w->failed && gather(w, &until)) {
        const int half = w->filling;
        const uint32_t n = w->n_filling;
        struct bf_err err = { 0 };
        w->filling = 1 - half;
        w->n_filling = 0;
        pthread_cond_signal(&w->done);
        pthread_mutex_unlock(&w->lock);

        until = in_ns(GATHER_NS);
        const int rc = commit_half(w, half, n, &err);

        pthread_mutex_lock(&w->lock);
        if (rc == BF_OK) {
            bf_flight_clear(w->flight, half);
            atomic_fetch_sub(&w->n_queued, n);
        } else {
            w->failed = true; /* what was queued stays in the file */
            w->err = err;
        }
        pthread_cond_signal(&w->done);
        wake(w);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static int make_pipe(int fds[2], struct bf_err *err)
{
    if (pipe(fds) != 0) {
        fds[0] = fds[1] = -1;
        return bf_fail(err, BF_EIO, "cannot make a pipe: %s", strerror(errno));
    }
    for (int i = 0; i < 2; i++)
        if (fcntl(fds[i], F_SETFD, FD_CLOEXEC) != 0 || fcntl(fds[i], F_SETFL, O_NONBLOCK) != 0)
            return bf_fail(err, BF_EIO, "cannot set up a pipe: %s", strerror(errno));
    return BF_OK;
}

/* Signals stay with the thread that the program handles them in. */
static int start_thread(struct bf_writer *w, struct bf_err *err)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    const int why = pthread_create(&w->thread, NULL, write_all, w);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return why == 0 ? BF_OK : bf_fail(err, BF_EIO, "cannot start a thread: %s", strerror(why));
}

static void free_writer(struct bf_writer *w)
{
    for (int i = 0; i < 2; i++)
        if (w->wake[i] >= 0)
            close(w->wake[i]);
    bf_db_close(w->db);
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->done);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

int bf_writer_start(const char *ledger, struct bf_flight *flight, pthread_mutex_t *disk,
                    struct bf_writer **out, struct bf_err *err)
{
    struct bf_writer *w = calloc(1, sizeof *w);
    pthread_condattr_t monotonic;
    if (!w || pthread_condattr_init(&monotonic) != 0) {
        free(w);
        return bf_fail_memory(err, "recording answers");
    }
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC); /* this clock is always there */
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, &monotonic);
    pthread_cond_init(&w->done, NULL);
    pthread_condattr_destroy(&monotonic);
    w->flight = flight;
    w->disk = disk;
    w->wake[0] = w->wake[1] = -1;
    int rc = make_pipe(w->wake, err);
    if (rc == BF_OK)
        rc = bf_db_open(ledger, NULL, &w->db, err);
    if (rc == BF_OK)
        rc = start_thread(w, err);
    if (rc != BF_OK) {
        free_writer(w);
        return rc;
    }
    *out = w;
    return BF_OK;
}

void bf_writer_close(struct bf_writer *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    free_writer(w);
}

/* Have the thread write at once, and wait for it; the lock is held. */
static void wait_for_it(struct bf_writer *w)
{
    w->hurry = true;
    pthread_cond_signal(&w->work);
    pthread_cond_wait(&w->done, &w->lock);
    w->hurry = false;
}

static int failure(const struct bf_writer *w, struct bf_err *err)
{
    return bf_fail(err, w->err.code, "%s", w->err.msg);
}

int bf_writer_queue(struct bf_writer *w, const struct bf_db_answer *row, struct bf_err *err)
{
    pthread_mutex_lock(&w->lock);
    bool in = false;
    for (;;) {
        if (w->failed || atomic_load(&w->n_queued) < MAX_QUEUED)
            in = bf_flight_put(w->flight, w->filling, row);
        if (in || w->failed)
            break;
        wait_for_it(w);
    }
    if (in) {
        atomic_fetch_add(&w->n_queued, 1);
        w->n_filling++;
        if (w->n_filling == 1 || w->n_filling == ENOUGH)
            pthread_cond_signal(&w->work);
    }
    const int rc = w->failed ? failure(w, err) : BF_OK;
    pthread_mutex_unlock(&w->lock);
    return rc;
}

uint32_t bf_writer_n_queued(const struct bf_writer *w)
{
    return atomic_load(&w->n_queued);
}

int bf_writer_wake_fd(const struct bf_writer *w)
{
    return w->wake[0];
}

int bf_writer_woken(struct bf_writer *w, struct bf_err *err)
{
    char bytes[64];
    while (read(w->wake[0], bytes, sizeof bytes) > 0)
        ;
    atomic_store(&w->signalled, false);
    pthread_mutex_lock(&w->lock);
    const int rc = w->failed ? failure(w, err) : BF_OK;
    pthread_mutex_unlock(&w->lock);
    return rc;
}

int bf_writer_flush(struct bf_writer *w, struct bf_err *err)
{
    pthread_mutex_lock(&w->lock);
    while (!w->failed && atomic_load(&w->n_queued) > 0)
        wait_for_it(w);
    const int rc = w->failed ? failure(w, err) : BF_OK;
    pthread_mutex_unlock(&w->lock);
    return rc;
}
