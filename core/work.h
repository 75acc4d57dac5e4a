#ifndef BF_CORE_WORK_H
#define BF_CORE_WORK_H

#include "core/worker.h"

/* What a worker process does, and how a result crosses over: the inside of core/worker.h. */

/* Goes to a worker together with the descriptor. `by` is valid there, since a worker is forked
 * from the process that sends it. */
struct bf_work_request {
    uint32_t want;
    int32_t modality;
    const struct bf_replace *by;
    struct bf_apply with;
    bool checked; /* the file's SHA-256 must be `sha` */
    uint8_t sha[BF_SHA_BYTES];
};

/* Comes back once the result lies in the shared memory. */
struct bf_work_reply {
    uint64_t n_bytes;
};

/* Serve requests from `socket` until the other end closes it, then leave the process. Results go
 * to `memory`, a descriptor of memory that both sides share. */
_Noreturn void bf_work_serve(const struct bf_spec *spec, const struct bf_limits *limits, int socket,
                             int memory);

/* Take a result of `n_bytes` out of `memory`; it is copied first and every size in it checked, so
 * that a worker that went wrong cannot harm. All memory is from `a`. BF_EDATA: it is not well
 * formed; BF_ENOMEM. */
int bf_work_read(int memory, uint64_t n_bytes, struct bf_job_result *out, struct bf_arena *a,
                 struct bf_err *err);

#endif
