#ifndef BF_CORE_WRITER_H
#define BF_CORE_WRITER_H

#include <pthread.h>

#include "core/flight.h"

/* The thread that records answers beside the work; private to the ledger. It commits what is
 * queued at once when it is idle, and else gathers what comes within two milliseconds, so that the
 * cost of a commit is shared by many. All but the thread itself is called from one thread. */
struct bf_writer;

/* What is queued lies in `flight` until it is committed, on a connection of its own. `disk` is held
 * while writing. */
int bf_writer_start(const char *ledger, struct bf_flight *flight, pthread_mutex_t *disk,
                    struct bf_writer **out, struct bf_err *err);

/* Record all that is queued, unless writing failed, and end the thread. */
void bf_writer_close(struct bf_writer *w);

/* `answer` takes at most BF_FLIGHT_HALF bytes there. As bf_ledger_queue_answer. */
int bf_writer_queue(struct bf_writer *w, const struct bf_db_answer *answer, struct bf_err *err);

uint32_t bf_writer_n_queued(const struct bf_writer *w);
int bf_writer_wake_fd(const struct bf_writer *w);
int bf_writer_woken(struct bf_writer *w, struct bf_err *err);
int bf_writer_flush(struct bf_writer *w, struct bf_err *err);

#endif
