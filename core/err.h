#ifndef BF_CORE_ERR_H
#define BF_CORE_ERR_H

#include "core/api.h"

/* Result of every fallible call: 0 or positive is fine, negative is failure. */
enum bf_code {
    BF_OK = 0,
    BF_END = 1, /* iterator: no item left; look-up: not there */
    BF_ENOMEM = -1,
    BF_EIO = -2,    /* disk, pipe or network failed: stop, the run can be resumed */
    BF_EINVAL = -3, /* the spec or the caller asked for something impossible: stop before work */
    BF_EDATA = -4,  /* this one sample is bad: it is set aside, the run continues */
    BF_EMODEL = -5, /* the probe failed or gave no usable answer */
};

/* Owned by the caller, usually on its stack; may be passed as NULL.
 * Contents are meaningful only after a call returned a negative code. */
struct bf_err {
    int code;
    int line, col;  /* 1-based place in a spec or data file; 0 = not a file place */
    char msg[1024]; /* one line, no trailing newline or full stop */
};

/* Record a failure and return `code`, so that callers can write
 * `return bf_fail(err, BF_EIO, ...)`. Clears the place. Control characters become '?'. */
int bf_fail(struct bf_err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a place in a file; the caller's message does not repeat it. */
int bf_fail_at(struct bf_err *err, int code, int line, int col, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Put context in front of the message already in `err`: "fmt: old message". */
int bf_fail_in(struct bf_err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* "no memory": the one message for a failed allocation of `what`. */
int bf_fail_memory(struct bf_err *err, const char *what);

#define BF_TRY(call)                                                                               \
    do {                                                                                           \
        int bf_rc_ = (call);                                                                       \
        if (bf_rc_ < 0)                                                                            \
            return bf_rc_;                                                                         \
    } while (0)

/* Run `fn(&variable)` when the variable goes out of scope. */
#define BF_AUTO(fn) __attribute__((cleanup(fn)))

#endif
