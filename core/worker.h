#ifndef BF_CORE_WORKER_H
#define BF_CORE_WORKER_H

#include "core/seen.h"
#include "core/spec.h"

/* Decoding happens in worker processes: a file descriptor goes in, results come back through
 * shared memory. A worker that crashes, hangs or eats too much costs one file, not the run. */

enum {
    BF_WANT_READING = 1, /* info, fingerprint, features */
    BF_WANT_SHOWN = 2,   /* the files a model would be shown */
    BF_WANT_DRAWN = 4, /* a small picture for people, alone: one blob of width and height (int32_t)
                            and RGB pixels; none where the modality cannot be drawn */
    BF_WANT_SHA = 8,   /* the file's SHA-256 */
};

/* One file to read as one modality, perhaps through an operator. */
struct bf_job {
    int fd;                      /* open for reading; the pool closes it */
    int modality;                /* index into spec->modalities */
    const struct bf_replace *by; /* NULL = as it is; must live in the spec (workers are forked
                                        from it) */
    struct bf_apply with;        /* for `by` */
    struct bf_seen *seen;        /* NULL, or with BF_WANT_SHA: a reading whose key is in it is left
                                    out, any other's is added; made before the workers were */
    const uint8_t *sha;          /* NULL, or what the file's SHA-256 must still be: else BF_EDATA,
                                    "it changed since it was read" */
    unsigned want;
};

/* What came back. Blobs point into shared memory: copy what must outlive the callback. */
struct bf_job_result {
    int code; /* BF_OK, or BF_EDATA with `reason` */
    const char *reason;
    unsigned got;              /* BF_WANT_SHA, BF_WANT_READING: whether they are there; the SHA-256
                                  can be where code is BF_EDATA */
    struct bf_reading reading; /* BF_WANT_READING; with `by`, of what the operator made */
    struct bf_features features; /* likewise */
    uint8_t sha[BF_SHA_BYTES];   /* BF_WANT_SHA */
    struct bf_shown shown;       /* BF_WANT_SHOWN */
};

struct bf_workers;

/* Fork `n` >= 1 workers that know `spec` as it is now, best before any thread is made. A lost
 * worker is replaced by forking again: threads that run by then may hold no lock that decoding
 * needs. */
int bf_workers_open(int n, const struct bf_spec *spec, const struct bf_limits *limits,
                    struct bf_workers **out, struct bf_err *err);

/* Jobs one by one, for callers that wait for other things too. All these come back at once.
 *
 * Hand a job to a free worker; `take` gets its result, called in this process by whoever collects:
 * bf_workers_collect() or a bf_workers_run() for other jobs. BF_END: every worker is busy, and
 * job->fd is still the caller's; BF_EIO: a worker cannot be started. */
int bf_workers_submit(struct bf_workers *w, const struct bf_job *job,
                      int (*take)(void *ctx, uint32_t tag, const struct bf_job_result *result,
                                  struct bf_err *err),
                      void *ctx, uint32_t tag, struct bf_err *err);

/* Take what has come in, jobs that overran included. The first negative code of a `take`. */
int bf_workers_collect(struct bf_workers *w, struct bf_err *err);

/* One descriptor a worker, which becomes readable when there is something to collect: the same
 * from bf_workers_open() on, though workers be replaced. Returns their number, at most `max`. */
int bf_workers_fds(const struct bf_workers *w, int *fds_out, int max);

/* Give up jobs submitted with this `ctx`: their `take` is never called. */
void bf_workers_forget(struct bf_workers *w, const void *ctx);

/* Run jobs 0 .. n_jobs - 1, some of them handed out ahead, so that no worker waits for the caller.
 * `make` fills a job (BF_END = leave this one out; negative = stop);
 * `take` gets its result, in the order of completion, in the calling process. A job whose worker
 * dies or overruns limits->wall_seconds comes back as BF_EDATA ("decoder crashed (signal 11)",
 * "decoding took longer than 60 s") and the worker is replaced. Returns the first negative code
 * of `make` or `take`, or BF_EIO when workers cannot be started. */
int bf_workers_run(struct bf_workers *w, uint32_t n_jobs,
                   int (*make)(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err),
                   int (*take)(void *ctx, uint32_t i, const struct bf_job_result *result,
                               struct bf_err *err),
                   void *ctx, struct bf_err *err);

/* Stop and reap all workers. Accepts NULL. */
void bf_workers_close(struct bf_workers *w);

#endif
