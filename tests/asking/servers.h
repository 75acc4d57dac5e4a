/* Servers for tests: the shared mock, compiled on the spot, and one that says what a test tells it
 * to, byte for byte. */
#ifndef BF_TESTS_ASKING_SERVERS_H
#define BF_TESTS_ASKING_SERVERS_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/asking/fake.h"
#include "tests/test.h"

static inline double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline void sleep_for(double seconds)
{
    struct timespec t = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9) };
    nanosleep(&t, NULL);
}

static inline int listen_at(int port, int *port_out)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
        bind(fd, (struct sockaddr *)(void *)&at, sizeof at) || listen(fd, 512) ||
        getsockname(fd, (struct sockaddr *)(void *)&at, &len)) {
        perror("listen");
        abort();
    }
    *port_out = ntohs(at.sin_port);
    return fd;
}

/* A port that nobody listens at. */
static inline int free_port(void)
{
    int port, fd = listen_at(0, &port);
    close(fd);
    return port;
}

/* `out_fd` -1 = where ours goes; `quiet`: errors go nowhere. */
static inline pid_t spawn(const char *const *argv, int out_fd, bool quiet)
{
    const pid_t pid = fork();
    if (pid)
        return pid;
    if (out_fd >= 0)
        dup2(out_fd, 1);
    if (quiet)
        dup2(open("/dev/null", O_WRONLY), 2);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* ---- the mock ---- */

struct mock {
    pid_t pid;
    int port;
    char url[64], log[256];
};

/* Path of the compiled mock; NULL when the shared folder is absent. */
static inline const char *mock_program(void)
{
    static char source[1024], program[1024];
    if (program[0])
        return program;
    if (!test_shared(source, sizeof source, "peers/mock/mockoai.c") || access(source, R_OK) != 0)
        return NULL;
    snprintf(program, sizeof program, "%s/mockoai", TEST_BUILD);
    const char *const cc[] = { "cc", "-std=c11", "-O2",  "-w",  "-pthread",
                               "-o", program,    source, "-lm", NULL };
    int status = 1;
    waitpid(spawn(cc, -1, false), &status, 0);
    if (status != 0)
        program[0] = '\0';
    return status == 0 ? program : NULL;
}

/* Start it with up to 12 further arguments, up to NULL; at `port`, or at any (0). */
static inline bool mock_start(struct mock *m, int port, const char *const *more)
{
    char number[16], line[256] = "";
    int ends[2];
    const char *program = mock_program();
    if (!program || pipe(ends) != 0)
        return false;
    m->port = port ? port : free_port();
    snprintf(m->url, sizeof m->url, "http://127.0.0.1:%d/v1", m->port);
    snprintf(m->log, sizeof m->log, "%s/mock-%d.log", TEST_BUILD, (int)getpid());
    snprintf(number, sizeof number, "%d", m->port);
    const char *argv[20] = { program, "--port", number, "--log", m->log };
    for (int i = 5; more && *more && i < 19; i++)
        argv[i] = *more++;
    m->pid = spawn(argv, ends[1], false);
    close(ends[1]);
    const bool up = read(ends[0], line, sizeof line - 1) > 0 && strstr(line, "LISTENING");
    close(ends[0]);
    return up;
}

static inline void mock_stop(struct mock *m)
{
    kill(m->pid, SIGTERM);
    waitpid(m->pid, NULL, 0);
}

/* A number of /stats. */
static inline long mock_stat(const struct mock *m, const char *name)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)m->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    static const char ask[] = "GET /stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    char reply[4096], key[64];
    size_t n = 0;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)(void *)&at, sizeof at) == 0 &&
        write(fd, ask, sizeof ask - 1) == (ssize_t)sizeof ask - 1)
        for (ssize_t k; (k = read(fd, reply + n, sizeof reply - 1 - n)) > 0;)
            n += (size_t)k;
    close(fd);
    reply[n] = '\0';
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = strstr(reply, key);
    return found ? strtol(found + strlen(key), NULL, 10) : -1;
}

/* What the log says of each distinct question: how often it was sent at most, and whether one was
 * sent again after its answer had gone out. */
struct mock_log {
    long n, most_attempts, after_answer;
};

static inline struct mock_log mock_read_log(const struct mock *m)
{
    enum { MAX = 60000 };
    static struct {
        char hash[17];
        long n;
        bool answered;
    } seen[MAX];
    static const char *const answers[] = { "none", "trickle", "empty", "null", "refuse" };
    struct mock_log out = { 0 };
    char line[512];
    size_t n_seen = 0;
    FILE *f = fopen(m->log, "r");
    while (f && fgets(line, sizeof line, f)) {
        const char *hash = strstr(line, "\"hash\":\""), *fault = strstr(line, "\"fault\":\"");
        if (!hash || !fault || n_seen == MAX)
            continue;
        size_t i = 0;
        while (i < n_seen && strncmp(seen[i].hash, hash + 8, 16) != 0)
            i++;
        if (i == n_seen) {
            memset(&seen[n_seen], 0, sizeof *seen);
            memcpy(seen[n_seen++].hash, hash + 8, 16);
        }
        out.n++;
        out.after_answer += seen[i].answered;
        if (++seen[i].n > out.most_attempts)
            out.most_attempts = seen[i].n;
        for (size_t a = 0; a < sizeof answers / sizeof *answers; a++)
            seen[i].answered |= strncmp(fault + 9, answers[a], strlen(answers[a])) == 0;
    }
    if (f)
        fclose(f);
    return out;
}

/* ---- the one that is told what to say ---- */

struct told {
    int fd, port;
    char url[64];
    pthread_t thread;
    /* what to say to request number `n` (from 0), whose text `request` is; NULL = close */
    const char *(*say)(void *ctx, int n, const char *request);
    void *ctx;
    int n;
    double at[64];    /* when each came */
    char last[65536]; /* the last request */
};

static inline size_t told_read(int fd, char *text, size_t size)
{
    size_t n = 0, want = SIZE_MAX;
    while (n < size - 1 && n < want) {
        ssize_t k = read(fd, text + n, size - 1 - n);
        if (k <= 0)
            break;
        n += (size_t)k;
        text[n] = '\0';
        const char *end = strstr(text, "\r\n\r\n"), *length = strstr(text, "Content-Length: ");
        if (end && want == SIZE_MAX)
            want = (size_t)(end - text) + 4 + (length ? strtoul(length + 16, NULL, 10) : 0);
    }
    return n;
}

static inline void *told_serve(void *ctx)
{
    struct told *t = ctx;
    for (;;) {
        int fd = accept(t->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        if (told_read(fd, t->last, sizeof t->last)) {
            if (t->n < 64)
                t->at[t->n] = seconds_now();
            const char *say = t->say(t->ctx, t->n++, t->last);
            for (size_t n = say ? strlen(say) : 0, at = 0; at < n;) {
                ssize_t k = send(fd, say + at, n - at, MSG_NOSIGNAL);
                if (k <= 0)
                    break;
                at += (size_t)k;
            }
        }
        shutdown(fd, SHUT_RDWR);
        close(fd);
    }
}

static inline void told_start(struct told *t,
                              const char *(*say)(void *ctx, int n, const char *request), void *ctx)
{
    memset(t, 0, sizeof *t);
    t->say = say;
    t->ctx = ctx;
    t->fd = listen_at(0, &t->port);
    snprintf(t->url, sizeof t->url, "http://127.0.0.1:%d/v1", t->port);
    if (pthread_create(&t->thread, NULL, told_serve, t) != 0)
        abort();
}

static inline void told_stop(struct told *t)
{
    shutdown(t->fd, SHUT_RDWR);
    pthread_join(t->thread, NULL);
    close(t->fd);
}

/* ---- questions for them ---- */

static inline struct fake *questions(uint32_t n, int kb, const char *url, const char *concurrency)
{
    struct fake *f = fake_new(n, kb);
    fake_set(f, "url", url);
    fake_set(f, "model", "mock-mcq");
    fake_set(f, "max_tokens", "1");
    fake_set(f, "concurrency", concurrency);
    return f;
}

/* Every question was put once, and sent before that unless it could not be. */
static inline void each_was_put_once(const struct fake *f)
{
    uint32_t n_bad = 0;
    for (uint32_t i = 0; i < f->asking.n; i++)
        n_bad += f->asked[i].n_put != 1 || f->asked[i].n_sent > 1;
    CHECK_INT(n_bad, 0);
}

#endif
