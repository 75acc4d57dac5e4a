/* The pool of worker processes, seen from the parent. */
#ifdef __linux__
#define _GNU_SOURCE /* memfd_create */
#endif
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, which came with POSIX.1-2024 */
#include "core/worker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "core/sanitized.h"
#include "core/text.h"
#include "core/work.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

static const rlim_t address_bytes = (rlim_t)4 << 30;
static const double grace_seconds = 2; /* from closing its socket until a worker is killed */
/* Jobs are given ahead as long as a worker's files have no more bytes: so many take it longer to
 * read than anybody takes to give it the next. */
static const off_t ahead_bytes = 1 << 20;

/* A job from when it is given to a worker until its result is taken. */
struct given {
    struct bf_work_request request;
    int fd;
    off_t n_bytes;
    uint32_t tag;
    int (*take)(void *ctx, uint32_t tag, const struct bf_job_result *result, struct bf_err *err);
    void *ctx;
};

struct worker {
    pid_t pid;  /* 0: not running */
    int socket; /* -1: none; keeps its number, a dead end while no process is behind it */
    struct bf_work_memory memory; /* file -1: none */
    /* Jobs it has, in order, from `first` on in a ring; it works on the first of them, and no other
     * can be what ends it. The place in the ring is the slot of the result. */
    uint32_t first, n;
    struct given jobs[BF_WORK_SLOTS];
    double deadline; /* of the first job; seconds on the monotonic clock */
};

struct bf_workers {
    const struct bf_spec *spec;
    struct bf_limits limits;
    int n;
    int dead_end[2];      /* a pair of sockets over which nothing is ever said; -1: none */
    struct worker *w;     /* [n] */
    struct pollfd *polls; /* [n] */
};

static double now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Memory without a name that can be written by position, or -1. */
static int memory_open(void)
{
#ifdef __linux__
    return memfd_create("blindfold", MFD_CLOEXEC);
#else
    /* What shm_open gives elsewhere cannot grow (macOS); an unlinked file can. */
    char path[] = "/tmp/blindfold-XXXXXX";
    int fd = mkstemp(path);
    if (fd >= 0)
        (void)unlink(path); /* at worst an empty file stays behind */
    return fd;
#endif
}

/* A worker keeps nothing of its parent's open: a lock or a socket held on would outlive a parent
 * that is killed. */
static void close_others(int socket, int memory)
{
    DIR *d = opendir("/dev/fd");
    if (!d) {
        for (int fd = 3; fd < 1024; fd++)
            if (fd != socket && fd != memory)
                close(fd);
        return;
    }
    int own = dirfd(d);
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        int64_t number = -1;
        (void)bf_text_integer(e->d_name, &number); /* "." and ".." are none */
        const int fd = (int)number;
        if (fd > 2 && fd != socket && fd != memory && fd != own)
            close(fd);
    }
    closedir(d);
}

/* A worker leaves on end of file alone: signals meant for the parent (^C reaches the whole
 * group) must not look like a broken file. */
static void settle(int socket, int memory, pid_t parent)
{
    static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
    static const int plain[] = { SIGCHLD, SIGALRM, SIGUSR1, SIGUSR2, SIGSEGV, SIGBUS };
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        (void)signal(ignored[i], SIG_IGN); /* fails only for numbers that are no signals */
    for (size_t i = 0; i < sizeof plain / sizeof *plain && !BF_SANITIZED; i++)
        (void)signal(plain[i], SIG_DFL); /* likewise */

    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; null >= 0 && fd < (BF_SANITIZED ? 2 : 3); fd++)
        (void)dup2(null, fd); /* a decoder that prints is a nuisance, not a fault */
    close_others(socket, memory);

    const struct rlimit no_core = { 0, 0 };
    const struct rlimit space = { address_bytes, address_bytes };
    (void)setrlimit(RLIMIT_CORE, &no_core); /* limits are a second line of defence */
    if (!BF_SANITIZED)
        (void)setrlimit(RLIMIT_AS, &space);
#ifdef __linux__
    /* Saves the rest of a decode nobody waits for. "Parent" is the thread that forked: workers
     * must be opened and run by one that lives as long as they do. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    if (getppid() != parent)
        _exit(0);
}

/* Let the descriptor `number`, which is open, be another name of `fd`. */
static void put_at(int fd, int number)
{
    while (dup2(fd, number) < 0 && errno == EINTR)
        continue; /* nothing else can fail: both are open */
}

static int memory_ready(struct bf_work_memory *m, struct bf_err *err)
{
    if (!m->slots) {
        void *slots = mmap(NULL, (size_t)BF_WORK_SLOTS * BF_WORK_SLOT_BYTES, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        m->slots = slots == MAP_FAILED ? NULL : slots;
    }
    if (m->file < 0)
        m->file = memory_open();
    if (!m->slots || m->file < 0)
        return bf_fail(err, BF_EIO, "no shared memory for a worker: %s", strerror(errno));
    return BF_OK;
}

static int worker_start(struct bf_workers *pool, struct worker *w, struct bf_err *err)
{
    int pair[2];
    BF_TRY(memory_ready(&w->memory, err));
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return bf_fail(err, BF_EIO, "no socket for a worker: %s", strerror(errno));
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
        settle(pair[1], w->memory.file, parent);
        bf_work_serve(pool->spec, &pool->limits, pair[1], &w->memory);
    }
    const int why = errno;
    close(pair[1]);
    if (pid < 0) {
        close(pair[0]);
        return bf_fail(err, BF_EIO, "no process for a worker: %s", strerror(why));
    }
#ifdef SO_NOSIGPIPE
    /* Where MSG_NOSIGNAL is unknown; it cannot fail on a socket just made. */
    (void)setsockopt(pair[0], SOL_SOCKET, SO_NOSIGPIPE, &(int){ 1 }, sizeof(int));
#endif
    w->pid = pid;
    if (w->socket < 0)
        w->socket = pair[0];
    else
        put_at(pair[0], w->socket);
    if (w->socket != pair[0])
        close(pair[0]);
    /* Cannot fail on an open socket; if it did, only a program started later would see it. */
    (void)fcntl(w->socket, F_SETFD, FD_CLOEXEC);
    return BF_OK;
}

/* Wait for the end of a worker, killing it when it does not come. Its wait status, or -1. */
static int worker_reap(const struct bf_workers *pool, struct worker *w, double seconds)
{
    int status = -1;
    const struct timespec nap = { 0, 2000000 };
    const double until = now_seconds() + seconds;
    if (w->socket >= 0)
        put_at(pool->dead_end[0], w->socket); /* the worker sees the end of its own */
    pid_t got = 0;
    while (w->pid > 0 && got == 0) {
        got = waitpid(w->pid, &status, WNOHANG);
        if (got != 0)
            break;
        if (now_seconds() >= until)
            (void)kill(w->pid, SIGKILL); /* our child, not yet waited for: the pid is its own */
        (void)nanosleep(&nap, NULL);     /* a shorter nap does no harm */
    }
    w->pid = 0;
    return got > 0 ? status : -1;
}

static bool send_request(struct worker *w, const struct bf_work_request *r, int fd)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    struct iovec io = { .iov_base = (void *)r, .iov_len = sizeof *r };
    struct msghdr msg = {
        .msg_iov = &io,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    ssize_t n;
    do
        n = sendmsg(w->socket, &msg, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *r;
}

static struct given *job_at(struct worker *w, uint32_t i)
{
    return &w->jobs[(w->first + i) % BF_WORK_SLOTS];
}

/* The first of its jobs is done with. */
static void drop_first(struct bf_workers *pool, struct worker *w)
{
    close(job_at(w, 0)->fd);
    w->first = (w->first + 1) % BF_WORK_SLOTS;
    w->n--;
    w->deadline = now_seconds() + pool->limits.wall_seconds;
}

static void drop_all(struct bf_workers *pool, struct worker *w)
{
    while (w->n)
        drop_first(pool, w);
}

/* Start a worker that ended, and give it what the one before did not come to. */
static int worker_resume(struct bf_workers *pool, struct worker *w, struct bf_err *err)
{
    BF_TRY(worker_start(pool, w, err));
    for (uint32_t i = 0; i < w->n; i++) {
        if (send_request(w, &job_at(w, i)->request, job_at(w, i)->fd))
            continue;
        if (i == 0 || (errno != EPIPE && errno != ECONNRESET))
            return bf_fail(err, BF_EIO, "cannot reach a worker: %s", strerror(errno));
        break; /* the first job has ended it already: seen to when that is collected */
    }
    pool->polls[w - pool->w].revents = 0; /* whatever it said was about other jobs */
    w->deadline = now_seconds() + pool->limits.wall_seconds;
    return BF_OK;
}

/* Hand a job to a worker that has room, which is started anew when it died while it had nothing to
 * do; one that dies with jobs is seen to when they are collected. */
static int worker_give(struct bf_workers *pool, struct worker *w, const struct bf_job *job,
                       struct given given, struct bf_err *err)
{
    const uint32_t slot = (w->first + w->n) % BF_WORK_SLOTS;
    struct bf_work_request *r = &given.request;
    memset(r, 0, sizeof *r); /* padding, too: it crosses a process border */
    r->want = job->want;
    r->modality = job->modality;
    r->slot = slot;
    r->by = job->by;
    r->seen = job->seen;
    r->with = job->with;
    r->checked = job->sha != NULL;
    if (job->sha)
        memcpy(r->sha, job->sha, sizeof r->sha);
    struct stat st;
    given.fd = job->fd;
    given.n_bytes = fstat(job->fd, &st) == 0 ? st.st_size : 0;
    w->jobs[slot] = given;
    const bool alone = w->n++ == 0;
    if (alone && w->pid == 0)
        return worker_resume(pool, w, err);
    const bool sent = send_request(w, &w->jobs[slot].request, given.fd);
    if (!sent && errno != EPIPE && errno != ECONNRESET)
        return bf_fail(err, BF_EIO, "cannot reach a worker: %s", strerror(errno));
    if (alone && !sent) {
        (void)worker_reap(pool, w, 0); /* how it ended while idle concerns no file */
        return worker_resume(pool, w, err);
    }
    if (alone) {
        pool->polls[w - pool->w].revents = 0; /* whatever it said was about another job */
        w->deadline = now_seconds() + pool->limits.wall_seconds;
    }
    return BF_OK;
}

static char *too_slow(const struct bf_workers *pool, struct bf_arena *a)
{
    return bf_arena_printf(a, "decoding took longer than %g s", pool->limits.wall_seconds);
}

/* What a busy worker has to say: its result, or how it ended. */
static int worker_result(const struct bf_workers *pool, struct worker *w, struct bf_job_result *out,
                         struct bf_arena *a, struct bf_err *err)
{
    struct bf_work_reply reply;
    ssize_t n;
    do
        n = recv(w->socket, &reply, sizeof reply, MSG_WAITALL);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)sizeof reply) {
        struct bf_err why = { 0 };
        int rc = bf_work_read(&w->memory, w->first, reply.n_bytes, out, a, &why);
        if (rc != BF_EDATA)
            return rc == BF_OK ? rc : bf_fail(err, rc, "%s", why.msg);
        (void)worker_reap(pool, w, 0);
        *out = (struct bf_job_result){ .code = BF_EDATA, .reason = bf_arena_strdup(a, why.msg) };
    } else {
        const int status = worker_reap(pool, w, grace_seconds);
        const bool killed = status >= 0 && WIFSIGNALED(status);
        const char *reason =
            killed && WTERMSIG(status) == SIGALRM ? too_slow(pool, a)
            : killed ? bf_arena_printf(a, "decoder crashed (signal %d)", WTERMSIG(status))
                     : bf_arena_printf(a, "decoder stopped (status %d)",
                                       status >= 0 ? WEXITSTATUS(status) : -1);
        *out = (struct bf_job_result){ .code = BF_EDATA, .reason = reason };
    }
    return out->reason ? BF_OK : bf_fail_memory(err, "a message");
}

int bf_workers_submit(struct bf_workers *w, const struct bf_job *job,
                      int (*take)(void *ctx, uint32_t tag, const struct bf_job_result *result,
                                  struct bf_err *err),
                      void *ctx, uint32_t tag, struct bf_err *err)
{
    struct worker *idle = NULL;
    for (int k = 0; k < w->n && !idle; k++)
        idle = w->w[k].n ? NULL : &w->w[k];
    if (!idle)
        return BF_END;
    return worker_give(w, idle, job, (struct given){ .tag = tag, .take = take, .ctx = ctx }, err);
}

int bf_workers_fds(const struct bf_workers *w, int *fds_out, int max)
{
    int n = 0;
    for (int k = 0; k < w->n && n < max; k++)
        fds_out[n++] = w->w[k].socket;
    return n;
}

void bf_workers_forget(struct bf_workers *w, const void *ctx)
{
    for (int k = 0; k < w->n; k++)
        if (w->w[k].n && job_at(&w->w[k], 0)->ctx == ctx) {
            (void)worker_reap(w, &w->w[k], 0); /* killed */
            drop_all(w, &w->w[k]);
        }
}

/* Wait at most `ms` for anything to come in from a worker. */
static void wait_for_any(struct bf_workers *pool, int ms)
{
    for (int k = 0; k < pool->n; k++) {
        const struct worker *w = &pool->w[k];
        pool->polls[k] = (struct pollfd){ .fd = w->pid > 0 ? w->socket : -1, .events = POLLIN };
    }
    if (poll(pool->polls, (nfds_t)pool->n, ms) < 0)
        for (int k = 0; k < pool->n; k++) /* a signal came in: nothing is known */
            pool->polls[k].revents = 0;
}

/* A worker has something to say, or overran. */
static int worker_collect(struct bf_workers *pool, struct worker *w, bool spoke, struct bf_err *err)
{
    struct bf_arena a = { 0 };
    struct bf_job_result result = { .code = BF_EDATA };
    const struct given job = *job_at(w, 0);
    int rc = BF_OK;
    if (spoke) {
        rc = worker_result(pool, w, &result, &a, err);
    } else {
        (void)worker_reap(pool, w, 0); /* it is killed: nothing to learn from its status */
        result.reason = too_slow(pool, &a);
        rc = result.reason ? BF_OK : bf_fail_memory(err, "a message");
    }
    drop_first(pool, w);
    if (rc == BF_OK && w->n && w->pid == 0)
        rc = worker_resume(pool, w, err);
    if (rc == BF_OK)
        rc = job.take(job.ctx, job.tag, &result, err);
    bf_arena_reset(&a);
    return rc;
}

/* Of what the last wait found. */
static int collect(struct bf_workers *pool, struct bf_err *err)
{
    for (int k = 0; k < pool->n; k++) {
        struct worker *w = &pool->w[k];
        const bool spoke = pool->polls[k].revents != 0;
        if (w->n && (spoke || now_seconds() >= w->deadline))
            BF_TRY(worker_collect(pool, w, spoke, err));
        else if (spoke && !w->n)
            (void)worker_reap(pool, w, 0); /* it ended while idle, which concerns no file */
    }
    return BF_OK;
}

int bf_workers_collect(struct bf_workers *w, struct bf_err *err)
{
    wait_for_any(w, 0);
    return collect(w, err);
}

struct run {
    struct bf_workers *pool;
    uint32_t next, n_jobs, n_under_way;
    int (*make)(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err);
    int (*take)(void *ctx, uint32_t i, const struct bf_job_result *result, struct bf_err *err);
    void *ctx;
};

static int run_take(void *ctx, uint32_t i, const struct bf_job_result *result, struct bf_err *err)
{
    struct run *r = ctx;
    r->n_under_way--;
    return r->take(r->ctx, i, result, err);
}

/* Whether a worker can take one more job of this run. Only small results may wait to be taken. */
static bool has_room(const struct run *r, struct worker *w)
{
    const unsigned large = BF_WANT_SHOWN | BF_WANT_DRAWN;
    off_t n_bytes = 0;
    bool small = w->n < BF_WORK_SLOTS;
    for (uint32_t i = 0; small && i < w->n; i++) {
        const struct given *job = job_at(w, i);
        n_bytes += job->n_bytes;
        small = job->ctx == r && !(job->request.want & large) && n_bytes < ahead_bytes;
    }
    return small;
}

/* Give every worker jobs while there are any. */
static int feed(struct run *r, struct bf_err *err)
{
    for (int k = 0; k < r->pool->n; k++) {
        struct worker *w = &r->pool->w[k];
        while (r->next < r->n_jobs && has_room(r, w)) {
            struct bf_job job = { .fd = -1 };
            const uint32_t i = r->next++;
            int rc = r->make(r->ctx, i, &job, err);
            BF_TRY(rc);
            if (rc == BF_END)
                continue;
            const struct given given = { .tag = i, .take = run_take, .ctx = r };
            BF_TRY(worker_give(r->pool, w, &job, given, err));
            r->n_under_way++;
        }
    }
    return BF_OK;
}

/* Until the first deadline, in milliseconds. */
static int patience(const struct bf_workers *pool)
{
    double first = INFINITY;
    for (int k = 0; k < pool->n; k++)
        if (pool->w[k].n)
            first = fmin(first, pool->w[k].deadline);
    return (int)fmin(fmax((first - now_seconds()) * 1000, 0), 60000) + 1;
}

int bf_workers_open(int n, const struct bf_spec *spec, const struct bf_limits *limits,
                    struct bf_workers **out, struct bf_err *err)
{
    struct bf_workers *pool = calloc(1, sizeof *pool);
    if (!pool)
        return bf_fail_memory(err, "workers");
    *pool = (struct bf_workers){
        .spec = spec,
        .limits = *limits,
        .n = n,
        .w = calloc((size_t)n, sizeof *pool->w),
        .polls = calloc((size_t)n, sizeof *pool->polls),
        .dead_end = { -1, -1 },
    };
    int rc = pool->w && pool->polls ? BF_OK : bf_fail_memory(err, "workers");
    if (rc == BF_OK && socketpair(AF_UNIX, SOCK_STREAM, 0, pool->dead_end) != 0)
        rc = bf_fail(err, BF_EIO, "no sockets for workers: %s", strerror(errno));
    for (int k = 0; rc == BF_OK && k < 2; k++)
        (void)fcntl(pool->dead_end[k], F_SETFD, FD_CLOEXEC); /* as for a worker's socket */
    for (int k = 0; pool->w && k < n; k++)
        pool->w[k] = (struct worker){ .socket = -1, .memory = { .file = -1 } };
    for (int k = 0; rc == BF_OK && k < n; k++)
        rc = worker_start(pool, &pool->w[k], err);
    if (rc == BF_OK)
        *out = pool;
    else
        bf_workers_close(pool);
    return rc;
}

int bf_workers_run(struct bf_workers *w, uint32_t n_jobs,
                   int (*make)(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err),
                   int (*take)(void *ctx, uint32_t i, const struct bf_job_result *result,
                               struct bf_err *err),
                   void *ctx, struct bf_err *err)
{
    struct run r = { .pool = w, .n_jobs = n_jobs, .make = make, .take = take, .ctx = ctx };
    int rc;
    do {
        rc = feed(&r, err);
        if (rc == BF_OK && r.n_under_way == 0 && r.next == n_jobs)
            return BF_OK;
        if (rc == BF_OK) {
            wait_for_any(w, patience(w));
            rc = collect(w, err);
        }
    } while (rc == BF_OK);
    bf_workers_forget(w, &r); /* their workers would answer a later run */
    return rc;
}

void bf_workers_close(struct bf_workers *w)
{
    if (!w)
        return;
    /* All learn of it before any is waited for. */
    for (int k = 0; w->w && k < w->n; k++) {
        if (w->w[k].socket >= 0)
            close(w->w[k].socket);
        w->w[k].socket = -1;
    }
    for (int k = 0; w->w && k < w->n; k++) {
        struct bf_work_memory *m = &w->w[k].memory;
        (void)worker_reap(w, &w->w[k], w->w[k].n ? 0 : grace_seconds); /* nobody asks any more */
        drop_all(w, &w->w[k]);
        if (m->slots)
            (void)munmap(m->slots, (size_t)BF_WORK_SLOTS * BF_WORK_SLOT_BYTES); /* cannot fail */
        if (m->file >= 0)
            close(m->file);
    }
    for (int k = 0; k < 2; k++)
        if (w->dead_end[k] >= 0)
            close(w->dead_end[k]);
    free(w->w);
    free(w->polls);
    free(w);
}
