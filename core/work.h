#ifndef BF_CORE_WORK_H
#define BF_CORE_WORK_H

#include "core/worker.h"

/* What a worker process does, and how a result crosses over: the inside of core/worker.h. */

/* A small result lies in its slot of the memory that is mapped on both sides, so that it costs no
 * system call; a large one in the file of memory beside it. */
enum { BF_WORK_SLOTS = 8, BF_WORK_SLOT_BYTES = 8192 };

/* Goes to a worker together with the descriptor. `by` and `seen` are valid there, since a worker is
 * forked from the process that sends them. */
struct bf_work_request {
    uint32_t want;
    int32_t modality;
    uint32_t slot; /* where a small result goes */
    const struct bf_replace *by;
    struct bf_seen *seen;
    struct bf_apply with;
    bool checked; /* the file's SHA-256 must be `sha` */
    uint8_t sha[BF_SHA_BYTES];
};

/* Comes back once the result lies in the shared memory. */
struct bf_work_reply {
    uint64_t n_bytes;
};

/* Where results go: `slots` [BF_WORK_SLOTS][BF_WORK_SLOT_BYTES] and the descriptor `file`, memory
 * that both sides share. */
struct bf_work_memory {
    uint8_t *slots;
    int file;
};

/* Serve requests from `socket` until the other end closes it, then leave the process. */
_Noreturn void bf_work_serve(const struct bf_spec *spec, const struct bf_limits *limits, int socket,
                             const struct bf_work_memory *memory);

/* Take the result of `n_bytes` of the request with this slot; it is copied first and every size in
 * it checked, so that a worker that went wrong cannot harm. All memory is from `a`. BF_EDATA: it is
 * not well formed; BF_ENOMEM. */
int bf_work_read(const struct bf_work_memory *memory, uint32_t slot, uint64_t n_bytes,
                 struct bf_job_result *out, struct bf_arena *a, struct bf_err *err);

#endif
