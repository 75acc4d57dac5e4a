/* A program of the user's: started, watched, and always ended. */
#ifdef __linux__
#define _GNU_SOURCE /* syscall */
#endif
#include "probe/child.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

static const double term_seconds = 10; /* from SIGTERM to SIGKILL */
static const double rest_seconds = 1;  /* for what a shell that ended leaves behind */

/* Waits for the end of its input, which is the end of us, and then ends the group $1. It is a
 * program of its own, not a copy of us, so that it keeps none of our memory. */
static const char keeper_script[] =
    "read -r gone; kill -s TERM -- \"-$1\" || exit 0; n=0; "
    "while [ $n -lt 10 ] && kill -s 0 -- \"-$1\"; do sleep 1; n=$((n + 1)); done; "
    "kill -s KILL -- \"-$1\"";

double bf_child_now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void nap(void)
{
    (void)nanosleep(&(struct timespec){ 0, 5000000 }, NULL); /* a shorter nap does no harm */
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* What a child does between fork and exec: calls that are safe in a copy of a process that had
 * threads, nothing else. */
struct start {
    int in, out, err;
    const char *dir;
    char *const *argv;
    int max_fd; /* where descriptors have to be closed one by one */
    bool dies_with_us;
};

static void close_others(int max_fd)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0)
        return;
#endif
    for (int fd = 3; fd < max_fd; fd++)
        close(fd);
}

_Noreturn static void become(const struct start *s, pid_t parent)
{
    sigset_t none;
    (void)setpgid(0, 0); /* the parent does the same: whoever comes first */
    for (int sig = 1; sig < 32; sig++)
        (void)signal(sig, SIG_DFL); /* fails for SIGKILL and SIGSTOP, which nobody ignores */
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
#ifdef __linux__
    /* A second line of defence. "Parent" is the thread that forked: it asks until the end. */
    if (s->dies_with_us)
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
    if (s->dies_with_us && getppid() != parent)
        _exit(126);
    /* Out of the way of 0 .. 2 first, lest one overwrite another. */
    const int in = fcntl(s->in, F_DUPFD, 3), out = fcntl(s->out, F_DUPFD, 3),
              err = fcntl(s->err, F_DUPFD, 3);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 || chdir(s->dir) != 0)
        _exit(126);
    close_others(s->max_fd);
    execv("/bin/sh", s->argv);
    _exit(127);
}

static pid_t spawn(const struct start *s)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0)
        become(s, parent);
    if (pid > 0)
        (void)setpgid(pid, pid); /* fails when it has done so itself, and has become another */
    return pid;
}

/* A pipe of which no program started by us inherits an end; `ours` never blocks. */
static int open_pipe(int ends[2], int ours)
{
    if (pipe(ends) != 0)
        return -1;
    for (int i = 0; i < 2; i++)
        (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC); /* cannot fail on a pipe just made */
    (void)fcntl(ends[ours], F_SETFL, O_NONBLOCK);  /* likewise */
    return 0;
}

struct ends {
    int in[2], out[2], hold[2], null, log;
};

static void ends_done(struct ends *e)
{
    for (int i = 0; i < 2; i++) {
        close_fd(&e->in[i]);
        close_fd(&e->out[i]);
        close_fd(&e->hold[i]);
    }
    close_fd(&e->null);
    close_fd(&e->log);
}

static int start_both(struct bf_child *c, struct ends *e, const char *command, const char *dir,
                      bool talks, struct bf_err *err)
{
    char group[32];
    char *const line[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char *)(void *)command, NULL };
    char *const keeper[] = { (char[]){ "sh" },
                             (char[]){ "-c" },
                             (char *)(void *)keeper_script,
                             (char[]){ "sh" },
                             group,
                             NULL };
    const long n_fds = sysconf(_SC_OPEN_MAX);
    struct start s = {
        .in = talks ? e->in[0] : e->null,
        .out = talks ? e->out[1] : e->log,
        .err = e->log,
        .dir = dir,
        .argv = line,
        .max_fd = n_fds > 0 && n_fds < 65536 ? (int)n_fds : 65536,
        .dies_with_us = true,
    };
    c->pid = spawn(&s);
    if (c->pid < 0) {
        c->pid = 0;
        return bf_fail(err, BF_EIO, "no process: %s", strerror(errno));
    }
    snprintf(group, sizeof group, "%ld", (long)c->pid);
    s = (struct start){ .in = e->hold[0],
                        .out = e->null,
                        .err = e->null,
                        .dir = "/",
                        .argv = keeper,
                        .max_fd = s.max_fd };
    c->keeper = spawn(&s);
    if (c->keeper < 0) {
        c->keeper = 0;
        const int why = errno;
        bf_child_stop(c, 0);
        return bf_fail(err, BF_EIO, "no process: %s", strerror(why));
    }
    return BF_OK;
}

int bf_child_start(struct bf_child *c, const char *command, const char *dir, const char *log,
                   bool talks, struct bf_err *err)
{
    struct ends e = { { -1, -1 }, { -1, -1 }, { -1, -1 }, -1, -1 };
    *c = (struct bf_child){ .hold = -1, .to = -1, .from = -1, .log = strdup(log) };
    if (!c->log)
        return bf_fail_memory(err, "a path");
    e.log = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (e.log < 0) {
        const int rc = bf_fail(err, BF_EIO, "cannot write '%s': %s", log, strerror(errno));
        bf_child_done(c);
        return rc;
    }
    c->log_start = lseek(e.log, 0, SEEK_END);
    e.null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int rc = BF_OK;
    if (e.null < 0 || open_pipe(e.hold, 1) != 0 ||
        (talks && (open_pipe(e.in, 1) != 0 || open_pipe(e.out, 0) != 0)))
        rc = bf_fail(err, BF_EIO, "no pipe: %s", strerror(errno));
    if (rc == BF_OK)
        rc = start_both(c, &e, command, dir, talks, err);
    if (rc == BF_OK) {
        c->to = e.in[1];
        c->from = e.out[0];
        c->hold = e.hold[1];
        e.in[1] = e.out[0] = e.hold[1] = -1;
    }
    ends_done(&e);
    if (rc != BF_OK)
        bf_child_done(c);
    return rc;
}

bool bf_child_ended(struct bf_child *c)
{
    siginfo_t info = { 0 };
    if (c->pid == 0 || c->ended)
        return true;
    /* Not reaped yet: its number stays the group's until bf_child_stop(). */
    if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        return errno != EINTR;
    if (info.si_pid == 0)
        return false;
    c->ended = true;
    return true;
}

ssize_t bf_child_write(struct bf_child *c, const void *p, size_t n)
{
    sigset_t broken, before, pending;
    (void)sigemptyset(&broken);
    (void)sigaddset(&broken, SIGPIPE);
    (void)sigpending(&pending);
    const bool was_pending = sigismember(&pending, SIGPIPE) == 1;
    (void)pthread_sigmask(SIG_BLOCK, &broken, &before); /* cannot fail for these arguments */
    const ssize_t k = write(c->to, p, n);
    const int why = errno;
    (void)sigpending(&pending);
    if (k < 0 && why == EPIPE && !was_pending && sigismember(&pending, SIGPIPE) == 1) {
        int sig;
        (void)sigwait(&broken, &sig); /* it is there: taken, never waited for */
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = why;
    return k;
}

static bool wait_end(struct bf_child *c, double seconds)
{
    const double until = bf_child_now() + seconds;
    while (!bf_child_ended(c)) {
        if (bf_child_now() >= until)
            return false;
        nap();
    }
    return true;
}

/* What a shell that has ended leaves behind in its group. A zombie that nobody reaps counts as
 * alive: the wait is short. */
static void end_rest(pid_t group)
{
    const double until = bf_child_now() + rest_seconds;
    if (kill(-group, SIGTERM) != 0)
        return;
    while (kill(-group, 0) == 0 && bf_child_now() < until)
        nap();
    (void)kill(-group, SIGKILL); /* fails when nothing is left, which is the aim */
}

void bf_child_stop(struct bf_child *c, double patience)
{
    if (c->pid == 0)
        return;
    close_fd(&c->to);
    close_fd(&c->from);
    if (!wait_end(c, patience)) {
        (void)kill(-c->pid, SIGTERM); /* the group is there: its leader is not reaped */
        if (!wait_end(c, term_seconds)) {
            (void)kill(-c->pid, SIGKILL); /* likewise */
            (void)wait_end(c, term_seconds);
        }
    }
    while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
        ;
    c->ended = true;
    end_rest(c->pid);
    if (c->keeper > 0) {
        (void)kill(c->keeper, SIGKILL); /* our child, not reaped yet */
        while (waitpid(c->keeper, &(int){ 0 }, 0) < 0 && errno == EINTR)
            ;
    }
    close_fd(&c->hold);
    c->pid = c->keeper = 0;
}

void bf_child_done(struct bf_child *c)
{
    bf_child_stop(c, 0);
    free(c->log);
    c->log = NULL;
}

/* The last line with something on it of what `fd` holds from `start` on; "" when there is none. */
static void last_line(int fd, off_t start, char *out, size_t size)
{
    char text[4096];
    struct stat st;
    if (fstat(fd, &st) != 0)
        return;
    const off_t at =
        st.st_size - start > (off_t)sizeof text ? st.st_size - (off_t)sizeof text : start;
    const ssize_t got = pread(fd, text, sizeof text, at);
    size_t end = got > 0 ? (size_t)got : 0;
    while (end > 0 && isspace((unsigned char)text[end - 1]))
        end--;
    size_t from = end;
    while (from > 0 && text[from - 1] != '\n' && end - from < size - 1)
        from--;
    memcpy(out, text + from, end - from);
    out[end - from] = '\0';
}

void bf_child_words(const struct bf_child *c, char *out, size_t size)
{
    char line[256] = "";
    const int fd = c->log ? open(c->log, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        last_line(fd, c->log_start, line, sizeof line);
        close(fd);
    }
    const bool killed = WIFSIGNALED(c->status);
    snprintf(out, size, "%s %d%s%s%s", killed ? "signal" : "status",
             killed ? WTERMSIG(c->status) : WEXITSTATUS(c->status), *line ? ": '" : "", line,
             *line ? "'" : "");
}
