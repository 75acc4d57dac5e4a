#ifndef BF_PROBE_CHILD_H
#define BF_PROBE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/err.h"

/* A program of the user's: a line for /bin/sh in a process group of its own, which ends as a whole
 * when it is told to, and when we are gone, however we went. A zeroed one is not running. */
struct bf_child {
    pid_t pid;       /* of the shell, and of the group; 0 = not running */
    pid_t keeper;    /* ends the group once nobody holds `hold` any more; 0 = none */
    int hold;        /* what the keeper waits on */
    int to, from;    /* its input and output when it talks, non-blocking; else -1 */
    bool ended;      /* found out by bf_child_ended() */
    int status;      /* then: as of waitpid */
    char *log;       /* path of the file that its messages are added to; malloc'ed */
    off_t log_start; /* where the messages of this start begin */
};

/* Start `command` in folder `dir`. Its messages (and its output, when it does not `talk`) are added
 * to the file `log`. It inherits no descriptor of ours, no signal we block or ignore. BF_EIO: no
 * process, no pipe, or the log cannot be written. */
int bf_child_start(struct bf_child *c, const char *command, const char *dir, const char *log,
                   bool talks, struct bf_err *err);

/* Whether the shell has ended; never waits. */
bool bf_child_ended(struct bf_child *c);

/* As write(), but a reader that is gone is EPIPE only, never a signal. */
ssize_t bf_child_write(struct bf_child *c, const void *p, size_t n);

/* Close its input and give it `patience` seconds to end by itself; then SIGTERM to the whole group,
 * and SIGKILL after 10 s. Nothing of it is left on return. Accepts a zeroed one; afterwards it is
 * not running, and `log`, `log_start` and `status` are still good for bf_child_words(). */
void bf_child_stop(struct bf_child *c, double patience);

/* Stop as above, and free. */
void bf_child_done(struct bf_child *c);

/* How it ended and the last line it wrote to its log since it started: "status 3: 'no such model'",
 * "signal 9". Always ends with NUL. */
void bf_child_words(const struct bf_child *c, char *out, size_t size);

/* Seconds on a clock that only goes forward. */
double bf_child_now(void);

#endif
