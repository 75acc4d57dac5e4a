/* The pool of workers: results come back, and decoders that die, hang or lie cost one file. */
#ifdef __linux__
#define _GNU_SOURCE /* sendmmsg */
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/worker.h"
#include "tests/media.h"
#include "tests/test.h"

/* A modality whose files say what its decoder does. */
static char fifo_path[64];

static void nap(long ms)
{
    struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&t, NULL);
}

/* How long each message to a worker takes to send, as on a machine with too much to do. */
static long send_ms;

#ifdef __linux__
/* In place of the one of the system. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct mmsghdr one = { .msg_hdr = *message };
    nap(send_ms);
    return sendmmsg(fd, &one, 1, flags) == 1 ? (ssize_t)one.msg_len : -1;
}
#endif

static int fake_decode(const void *priv, int fd, const struct bf_limits *limits,
                       struct bf_media *out, struct bf_media_info *info, struct bf_arena *a,
                       struct bf_err *err)
{
    char word[64] = { 0 };
    (void)priv;
    (void)limits;
    if (pread(fd, word, sizeof word - 1, 0) < 0)
        return bf_fail(err, BF_EIO, "cannot read");
    if (strcmp(word, "crash") == 0)
        raise(SIGKILL); /* any signal; this one no sanitizer turns into a report */
    if (strcmp(word, "exit") == 0)
        _exit(3);
    if (strcmp(word, "hang") == 0)
        for (;;)
            nap(1000);
    if (strcmp(word, "bad") == 0)
        return bf_fail(err, BF_EDATA, "the file is bad");
    if (strcmp(word, "big") == 0)
        return bf_arena_alloc(a, (size_t)8 << 30, 1) ? BF_OK : bf_fail_memory(err, "a big file");
    if (strcmp(word, "hold") == 0) {
        /* Keep the pipe open until this process is gone. */
        if (open(fifo_path, O_WRONLY) < 0)
            return bf_fail(err, BF_EIO, "cannot open the pipe");
        return bf_fail(err, BF_EDATA, "holding");
    }
    if (strcmp(word, "slow") == 0)
        nap(50);
    info->w = (int)strlen(word);
    info->n_ch = (int)getpid();
    float *v = bf_arena_memdup(a, &(float){ 2.5f }, sizeof *v);
    out->carrier = BF_TRACE;
    out->trace = (struct bf_trace){ .rate_hz = 1, .n_ch = 1, .n = 1, .v = v, .unit = "raw" };
    return BF_OK;
}

static int fake_features(const struct bf_media *in, struct bf_features *out, struct bf_arena *a,
                         struct bf_err *err)
{
    (void)a;
    (void)err;
    *out = (struct bf_features){ .n = 2, .v = { in->trace.v[0], 7 } };
    return BF_OK;
}

static uint64_t fake_fingerprint(const struct bf_media *in, struct bf_arena *a)
{
    (void)in;
    (void)a;
    return 0x123456789abcdefu;
}

static int fake_present(const void *priv, const struct bf_media *in, struct bf_shown *out,
                        struct bf_arena *a, struct bf_err *err)
{
    (void)priv;
    (void)in;
    (void)err;
    struct bf_blob *b = bf_arena_alloc(a, 2, sizeof *b);
    b[0] = (struct bf_blob){ "csv", "text/csv", (const uint8_t *)"one", 3 };
    b[1] = (struct bf_blob){ "csv", "text/csv", bf_arena_alloc(a, 9000000, 1), 9000000 };
    *out = (struct bf_shown){ 2, b };
    return BF_OK;
}

static const struct bf_modality fake = {
    .op = { .name = "fake" },
    .carrier = BF_TRACE,
    .decode = fake_decode,
    .features = fake_features,
    .fingerprint = fake_fingerprint,
    .present = fake_present,
};

static struct bf_spec spec = {
    .n_modalities = 1,
    .modalities = { { .name = "fake", .base = &fake } },
};

enum { MAX_JOBS = 64 };

struct jobs {
    const char *word[MAX_JOBS]; /* NULL: left out */
    const struct bf_replace *by;
    unsigned want;
    struct bf_seen *seen;
    int make_fails_at, take_fails_at; /* -1: never */
    int n_made, n_taken;
    int code[MAX_JOBS];
    char reason[MAX_JOBS][128];
    struct bf_reading reading[MAX_JOBS];
    struct bf_features features[MAX_JOBS];
    bool hashed[MAX_JOBS], read[MAX_JOBS];
    uint8_t sha[MAX_JOBS][BF_SHA_BYTES];
    int n_blobs[MAX_JOBS];
    size_t n_bytes[MAX_JOBS];
    char first_blob[MAX_JOBS][4];
};

static int make(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err)
{
    struct jobs *j = ctx;
    if ((int)i == j->make_fails_at)
        return bf_fail(err, BF_EIO, "no more");
    if (!j->word[i])
        return BF_END;
    j->n_made++;
    *job = (struct bf_job){
        .fd = test_fd(j->word[i], strlen(j->word[i])), .by = j->by, .seen = j->seen, .want = j->want
    };
    return BF_OK;
}

static int take(void *ctx, uint32_t i, const struct bf_job_result *r, struct bf_err *err)
{
    struct jobs *j = ctx;
    j->n_taken++;
    if ((int)i == j->take_fails_at)
        return bf_fail(err, BF_EIO, "disk full");
    j->code[i] = r->code;
    j->reading[i] = r->reading;
    j->features[i] = r->features;
    j->hashed[i] = r->got & BF_WANT_SHA;
    j->read[i] = r->got & BF_WANT_READING;
    memcpy(j->sha[i], r->sha, BF_SHA_BYTES);
    snprintf(j->reason[i], sizeof j->reason[i], "%.127s", r->reason ? r->reason : "");
    j->n_blobs[i] = r->shown.n_blobs;
    for (int k = 0; k < r->shown.n_blobs; k++)
        j->n_bytes[i] += r->shown.blobs[k].n;
    if (r->shown.n_blobs)
        memcpy(j->first_blob[i], r->shown.blobs[0].bytes, 3);
    return BF_OK;
}

static int run_with(int n_workers, uint32_t n, struct jobs *j, double wall, struct bf_err *err)
{
    struct bf_limits limits = bf_default_limits;
    struct bf_workers *w = NULL;
    limits.wall_seconds = wall;
    CHECK_INT(bf_workers_open(n_workers, &spec, &limits, &w, err), BF_OK);
    int rc = bf_workers_run(w, n, make, take, j, err);
    bf_workers_close(w);
    return rc;
}

/* Seconds that a decoder which hangs is given, by turns: under load, a good one may be kept waiting
 * for as long, and only a run in which none was tells anything. */
static const double waits[] = { 0.3, 2, 6 };
enum { N_WAITS = sizeof waits / sizeof *waits };

static bool only_hanging_ones_took_longer(const struct jobs *j, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(j->word[i], "hang") != 0 && strstr(j->reason[i], "took longer"))
            return false;
    return true;
}

static const char *took_longer_than(double seconds)
{
    static char text[64];
    snprintf(text, sizeof text, "decoding took longer than %g s", seconds);
    return text;
}

static struct jobs new_jobs(void)
{
    return (struct jobs){ .want = BF_WANT_READING | BF_WANT_SHOWN,
                          .make_fails_at = -1,
                          .take_fails_at = -1 };
}

static void results_come_back_whole(void)
{
    struct jobs j = new_jobs();
    struct bf_err err = { 0 };
    for (int i = 0; i < 20; i++)
        j.word[i] = i % 3 ? "abc" : "slow";
    j.word[5] = NULL;
    CHECK_INT(run_with(3, 20, &j, 10, &err), BF_OK);
    CHECK_INT(j.n_taken, 19);
    for (int i = 0; i < 20; i++) {
        if (i == 5)
            continue;
        CHECK_INT(j.code[i], BF_OK);
        CHECK_INT(j.reading[i].info.w, i % 3 ? 3 : 4);
        CHECK_INT(j.features[i].n, 2);
        CHECK(j.features[i].v[0] == 2.5f);
        CHECK(j.reading[i].fingerprint == 0x123456789abcdefu);
        CHECK_INT(j.n_blobs[i], 2);
        CHECK_INT((long long)j.n_bytes[i], 9000003);
        CHECK_STR(j.first_blob[i], "one");
        CHECK(j.reading[i].info.n_ch != (int)getpid());
    }
}

static void what_is_not_wanted_is_not_made(void)
{
    struct jobs j = new_jobs();
    struct bf_err err = { 0 };
    j.word[0] = "abc";
    j.want = BF_WANT_READING;
    CHECK_INT(run_with(1, 1, &j, 10, &err), BF_OK);
    CHECK_INT(j.n_blobs[0], 0);
    CHECK_INT(j.features[0].n, 2);
    j.want = BF_WANT_SHOWN;
    CHECK_INT(run_with(1, 1, &j, 10, &err), BF_OK);
    CHECK_INT(j.n_blobs[0], 2);
    CHECK_INT(j.features[0].n, 0);
}

static void a_decoder_that_dies_costs_one_file(void)
{
    struct jobs j = new_jobs();
    struct bf_err err = { 0 };
    static const char *const words[] = {
        "abc", "crash", "abc", "exit", "bad", "crash", "big", "abc"
    };
    for (int i = 0; i < 8; i++)
        j.word[i] = words[i];
    CHECK_INT(run_with(2, 8, &j, 10, &err), BF_OK);
    CHECK_INT(j.n_taken, 8);
    for (int i = 0; i < 8; i++)
        CHECK_INT(j.code[i], strcmp(words[i], "abc") == 0 ? BF_OK : BF_EDATA);
    CHECK_STR(j.reason[1], "decoder crashed (signal 9)");
    CHECK_STR(j.reason[3], "decoder stopped (status 3)");
    CHECK_STR(j.reason[4], "the file is bad");
    CHECK_STR(j.reason[6], "no memory for a big file");
}

/* Jobs handed out ahead of the one that dies are done by the worker that comes after. */
static void jobs_behind_one_that_dies_are_not_lost(void)
{
    enum { N = 40 };
    struct jobs j;
    struct bf_err err = { 0 };
    double wait = 0;
    for (int k = 0; k < N_WAITS && (k == 0 || !only_hanging_ones_took_longer(&j, N)); k++) {
        wait = waits[k];
        j = new_jobs();
        j.want = BF_WANT_READING;
        for (int i = 0; i < N; i++)
            j.word[i] = i % 5 == 2 ? "crash" : i % 11 == 7 ? "exit" : i == 20 ? "hang" : "abcd";
        CHECK_INT(run_with(1, N, &j, wait, &err), BF_OK);
    }
    CHECK_INT(j.n_taken, N);
    for (int i = 0; i < N; i++) {
        const bool good = strcmp(j.word[i], "abcd") == 0;
        CHECK_INT(j.code[i], good ? BF_OK : BF_EDATA);
        CHECK_INT(j.read[i], good);
        CHECK_INT(j.reading[i].info.w, good ? 4 : 0);
        CHECK_STR(j.reason[i], good                              ? ""
                               : strcmp(j.word[i], "crash") == 0 ? "decoder crashed (signal 9)"
                               : strcmp(j.word[i], "exit") == 0  ? "decoder stopped (status 3)"
                                                                 : took_longer_than(wait));
    }
}

/* The worker that comes after may die, too, while it is still being given jobs. */
static void jobs_may_end_workers_faster_than_they_are_given(void)
{
    enum { N = 8 };
    struct jobs j = new_jobs();
    struct bf_err err = { 0 };
    j.want = BF_WANT_READING;
    for (int i = 0; i < N; i++)
        j.word[i] = i == N - 1 ? "abc" : "crash";
    send_ms = 20;
    CHECK_INT(run_with(1, N, &j, 10, &err), BF_OK);
    send_ms = 0;
    CHECK_STR(err.msg, "");
    CHECK_INT(j.n_taken, N);
    for (int i = 0; i < N; i++)
        CHECK_STR(j.reason[i], i == N - 1 ? "" : "decoder crashed (signal 9)");
}

static void files_are_hashed_and_read_once(void)
{
    struct jobs j = new_jobs();
    struct bf_err err = { 0 };
    uint8_t sha[BF_SHA_BYTES];
    static const char *const words[] = { "abc", "abc", "abcd", "bad", "abcd", "bad", "crash" };
    j.want = BF_WANT_READING | BF_WANT_SHA;
    CHECK_INT(bf_seen_make(8, &j.seen, &err), BF_OK);
    for (int i = 0; i < 7; i++)
        j.word[i] = words[i];
    CHECK_INT(run_with(1, 7, &j, 10, &err), BF_OK);
    for (int i = 0; i < 7; i++) {
        bf_sha256(words[i], strlen(words[i]), sha);
        CHECK_INT(j.hashed[i], i < 6);
        CHECK(i == 6 || memcmp(sha, j.sha[i], sizeof sha) == 0);
        CHECK_INT(j.read[i], i == 0 || i == 2); /* the first of each content that can be read */
        CHECK_INT(j.code[i], i == 3 || i == 6 ? BF_EDATA : BF_OK);
    }
    j.want = BF_WANT_SHA;
    CHECK_INT(run_with(1, 7, &j, 10, &err), BF_OK);
    CHECK_INT(j.code[6], BF_OK); /* it is not even decoded */
    CHECK_INT(j.hashed[6], true);
    CHECK_INT(j.read[0], false);
    bf_seen_free(j.seen);
}

static void a_decoder_that_hangs_is_stopped(void)
{
    struct jobs j;
    struct bf_err err = { 0 };
    double wait = 0;
    for (int k = 0; k < N_WAITS && (k == 0 || !only_hanging_ones_took_longer(&j, 4)); k++) {
        wait = waits[k];
        j = new_jobs();
        for (int i = 0; i < 4; i++)
            j.word[i] = i % 2 ? "abc" : "hang";
        CHECK_INT(run_with(2, 4, &j, wait, &err), BF_OK);
    }
    CHECK_INT(j.code[0], BF_EDATA);
    CHECK_STR(j.reason[0], took_longer_than(wait));
    CHECK_STR(j.reason[2], took_longer_than(wait));
    CHECK_INT(j.code[1], BF_OK);
    CHECK_INT(j.code[3], BF_OK);
}

static void a_worker_killed_while_idle_is_replaced(void)
{
    struct jobs j = new_jobs();
    struct bf_err err = { 0 };
    struct bf_workers *w = NULL;
    j.word[0] = "abc";
    CHECK_INT(bf_workers_open(1, &spec, &bf_default_limits, &w, &err), BF_OK);
    CHECK_INT(bf_workers_run(w, 1, make, take, &j, &err), BF_OK);
    const pid_t pid = (pid_t)j.reading[0].info.n_ch;
    siginfo_t ignored;
    CHECK_INT(kill(pid, SIGKILL), 0);
    CHECK_INT(waitid(P_PID, (id_t)pid, &ignored, WEXITED | WNOWAIT), 0); /* left to the pool */
    CHECK_INT(bf_workers_run(w, 1, make, take, &j, &err), BF_OK);
    CHECK_INT(j.code[0], BF_OK);
    bf_workers_close(w);
}

static void what_fails_in_the_parent_stops_the_run(void)
{
    struct jobs j = new_jobs();
    struct bf_err err = { 0 };
    for (int i = 0; i < 6; i++)
        j.word[i] = "abc";
    j.take_fails_at = 2;
    CHECK_INT(run_with(1, 6, &j, 10, &err), BF_EIO);
    CHECK_STR(err.msg, "disk full");
    CHECK_INT(j.n_taken, 3);
    j = new_jobs();
    j.make_fails_at = 0;
    CHECK_INT(run_with(2, 6, &j, 10, &err), BF_EIO);
    CHECK_STR(err.msg, "no more");
    /* Jobs under way when the run stops do not turn up in the next one. */
    struct bf_workers *w = NULL;
    j = new_jobs();
    j.word[0] = "slow";
    j.make_fails_at = 1;
    CHECK_INT(bf_workers_open(2, &spec, &bf_default_limits, &w, &err), BF_OK);
    CHECK_INT(bf_workers_run(w, 2, make, take, &j, &err), BF_EIO);
    CHECK_INT(j.n_taken, 0);
    j = new_jobs();
    j.word[0] = "abcdef";
    CHECK_INT(bf_workers_run(w, 1, make, take, &j, &err), BF_OK);
    CHECK_INT(j.n_taken, 1);
    CHECK_INT(j.reading[0].info.w, 6);
    bf_workers_close(w);
}

static int seven(const void *priv, const struct bf_media *in, struct bf_apply *with,
                 struct bf_media *out, struct bf_arena *a, struct bf_err *err)
{
    (void)priv;
    (void)err;
    *out = *in;
    out->trace.v =
        bf_arena_memdup(a, &(float){ (float)(7 + bf_rng_below(&with->rng, 1)) }, sizeof(float));
    out->trace.rate_hz = 4;
    return BF_OK;
}

static void operators_apply_in_the_worker(void)
{
    static const struct bf_operator op = { .op = { .name = "seven" }, .apply = seven };
    static const struct bf_operator drop = { .op = { .name = "drop" } };
    const struct bf_replace by = { .op = &op };
    const struct bf_replace dropped = { .op = &drop };
    struct jobs j = new_jobs();
    struct bf_err err = { 0 };
    j.word[0] = "abc";
    j.by = &by;
    CHECK_INT(run_with(1, 1, &j, 10, &err), BF_OK);
    CHECK(j.features[0].v[0] == 7);
    CHECK(j.reading[0].info.rate_hz == 4); /* described anew, nothing of the input left */
    CHECK_INT(j.reading[0].info.w, 0);
    j = new_jobs();
    j.word[0] = "crash"; /* what is dropped is not even decoded */
    j.by = &dropped;
    CHECK_INT(run_with(1, 1, &j, 10, &err), BF_OK);
    CHECK_INT(j.code[0], BF_OK);
    CHECK_INT(j.n_blobs[0], 0);
    CHECK_INT(j.features[0].n, 0);
}

static void signals_for_the_parent_do_not_reach_files(void)
{
    struct jobs j = new_jobs();
    struct bf_err err = { 0 };
    struct bf_workers *w = NULL;
    j.word[0] = "abc";
    CHECK_INT(bf_workers_open(1, &spec, &bf_default_limits, &w, &err), BF_OK);
    CHECK_INT(bf_workers_run(w, 1, make, take, &j, &err), BF_OK);
    const pid_t pid = (pid_t)j.reading[0].info.n_ch;
    CHECK_INT(kill(pid, SIGINT), 0);
    CHECK_INT(kill(pid, SIGTERM), 0);
    CHECK_INT(bf_workers_run(w, 1, make, take, &j, &err), BF_OK);
    CHECK_INT(j.reading[0].info.n_ch, (int)pid); /* the same worker */
    bf_workers_close(w);
}

static int hold_make(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err)
{
    (void)ctx;
    (void)i;
    (void)err;
    *job = (struct bf_job){ .fd = test_fd("hold", 4), .want = BF_WANT_READING };
    return BF_OK;
}

static void a_parent_killed_leaves_no_orphan(void)
{
    char dir[] = "/tmp/bf-worker-XXXXXX";
    if (!mkdtemp(dir))
        abort();
    snprintf(fifo_path, sizeof fifo_path, "%s/pipe", dir);
    if (mkfifo(fifo_path, 0600) != 0)
        abort();
    const pid_t parent = fork();
    if (parent == 0) {
        struct bf_workers *w = NULL;
        struct jobs j = new_jobs();
        if (bf_workers_open(2, &spec, &bf_default_limits, &w, NULL) == BF_OK)
            (void)bf_workers_run(w, 2, hold_make, take, &j, NULL); /* both hold the pipe now */
        for (;;)
            nap(1000);
    }
    /* Opening waits for a worker; its data end only when every worker is gone. */
    const int fd = open(fifo_path, O_RDONLY);
    nap(300);
    CHECK_INT(kill(parent, SIGKILL), 0);
    waitpid(parent, NULL, 0);
    char c;
    alarm(20); /* an orphan would keep the pipe open for ever */
    CHECK_INT(read(fd, &c, 1), 0);
    alarm(0);
    close(fd);
    unlink(fifo_path);
    rmdir(dir);
}

static int submit(struct bf_workers *w, struct jobs *j, uint32_t i, struct bf_err *err)
{
    struct bf_job job;
    CHECK_INT(make(j, i, &job, err), BF_OK);
    const int rc = bf_workers_submit(w, &job, take, j, i, err);
    if (rc == BF_END)
        close(job.fd);
    return rc;
}

/* As an event loop would: wait for descriptors alone, then collect. */
static void wait_and_collect(struct bf_workers *w, const struct jobs *j, int n)
{
    int fds[8];
    struct pollfd polls[8];
    const int n_fds = bf_workers_fds(w, fds, 8);
    while (j->n_taken < n) {
        for (int k = 0; k < n_fds; k++)
            polls[k] = (struct pollfd){ .fd = fds[k], .events = POLLIN };
        CHECK(poll(polls, (nfds_t)n_fds, 10000) > 0);
        CHECK_INT(bf_workers_collect(w, NULL), BF_OK);
        if (test_failed)
            return;
    }
}

/* Four jobs by two workers, each given `seconds`. */
static void submit_four(struct jobs *j, double seconds)
{
    struct bf_err err = { 0 };
    struct bf_workers *w = NULL;
    struct bf_limits limits = bf_default_limits;
    int before[4], after[4];
    static const char *const words[] = { "slow", "crash", "abc", "hang" };
    limits.wall_seconds = seconds;
    *j = new_jobs();
    for (int i = 0; i < 4; i++)
        j->word[i] = words[i];
    CHECK_INT(bf_workers_open(2, &spec, &limits, &w, &err), BF_OK);
    CHECK_INT(bf_workers_fds(w, before, 4), 2);
    CHECK_INT(submit(w, j, 0, &err), BF_OK);
    CHECK_INT(submit(w, j, 1, &err), BF_OK);
    CHECK_INT(submit(w, j, 2, &err), BF_END); /* both are busy */
    wait_and_collect(w, j, 2);
    CHECK_INT(submit(w, j, 2, &err), BF_OK);
    CHECK_INT(submit(w, j, 3, &err), BF_OK);
    wait_and_collect(w, j, 4);
    CHECK_INT(bf_workers_fds(w, after, 4), 2);
    CHECK(before[0] == after[0] && before[1] == after[1]);
    bf_workers_close(w);
}

static void jobs_one_by_one_come_back_over_the_same_descriptors(void)
{
    struct jobs j;
    double wait = 0;
    for (int k = 0; k < N_WAITS && (k == 0 || !only_hanging_ones_took_longer(&j, 4)); k++) {
        wait = waits[k];
        submit_four(&j, wait);
    }
    CHECK_INT(j.code[0], BF_OK);
    CHECK_STR(j.reason[1], "decoder crashed (signal 9)");
    CHECK_INT(j.code[2], BF_OK);
    CHECK_STR(j.reason[3], took_longer_than(wait));
}

static void jobs_of_others_are_kept_apart(void)
{
    struct jobs own = new_jobs(), other = new_jobs(), given_up = new_jobs();
    struct bf_err err = { 0 };
    struct bf_workers *w = NULL;
    other.word[0] = "slow";
    given_up.word[0] = "hang";
    for (int i = 0; i < 6; i++)
        own.word[i] = "abc";
    CHECK_INT(bf_workers_open(2, &spec, &bf_default_limits, &w, &err), BF_OK);
    CHECK_INT(submit(w, &other, 0, &err), BF_OK);
    CHECK_INT(submit(w, &given_up, 0, &err), BF_OK);
    bf_workers_forget(w, &given_up);
    CHECK_INT(bf_workers_run(w, 6, make, take, &own, &err), BF_OK);
    CHECK_INT(own.n_taken, 6);
    wait_and_collect(w, &other, 1);
    CHECK_INT(other.code[0], BF_OK);
    CHECK_INT(given_up.n_taken, 0);
    bf_workers_close(w);
}

static void a_file_that_changed_is_refused(void)
{
    struct jobs j = new_jobs();
    struct bf_err err = { 0 };
    struct bf_workers *w = NULL;
    uint8_t sha[2][BF_SHA_BYTES];
    bf_sha256("abc", 3, sha[0]);
    bf_sha256("abd", 3, sha[1]);
    j.word[0] = j.word[1] = "abc";
    CHECK_INT(bf_workers_open(1, &spec, &bf_default_limits, &w, &err), BF_OK);
    for (uint32_t i = 0; i < 2; i++) {
        struct bf_job job;
        CHECK_INT(make(&j, i, &job, &err), BF_OK);
        job.sha = sha[i];
        CHECK_INT(bf_workers_submit(w, &job, take, &j, i, &err), BF_OK);
        wait_and_collect(w, &j, (int)i + 1);
    }
    CHECK_INT(j.code[0], BF_OK);
    CHECK_INT(j.code[1], BF_EDATA);
    CHECK_STR(j.reason[1], "it changed since it was read");
    bf_workers_close(w);
}

static void closing_nothing_is_fine(void)
{
    bf_workers_close(NULL);
}

TEST_MAIN(TEST(results_come_back_whole), TEST(what_is_not_wanted_is_not_made),
          TEST(a_decoder_that_dies_costs_one_file), TEST(jobs_behind_one_that_dies_are_not_lost),
          TEST(jobs_may_end_workers_faster_than_they_are_given),
          TEST(files_are_hashed_and_read_once), TEST(a_decoder_that_hangs_is_stopped),
          TEST(a_worker_killed_while_idle_is_replaced),
          TEST(what_fails_in_the_parent_stops_the_run), TEST(operators_apply_in_the_worker),
          TEST(signals_for_the_parent_do_not_reach_files), TEST(a_parent_killed_leaves_no_orphan),
          TEST(jobs_one_by_one_come_back_over_the_same_descriptors),
          TEST(jobs_of_others_are_kept_apart), TEST(a_file_that_changed_is_refused),
          TEST(closing_nothing_is_fine))
