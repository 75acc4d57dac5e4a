#ifndef BF_CORE_LEDGER_H
#define BF_CORE_LEDGER_H

#include "core/answer.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/hash.h"

/* The SQLite file (WAL, synchronous FULL) that remembers every answer ever received, every
 * reading of a media file, and which stage was done with which inputs. One process at a time.
 * Once a put's transaction is committed, what it stored is never computed or asked again. */
struct bf_ledger;
struct bf_db;

/* Open or make the ledger. BF_EIO: cannot open or write; another run holds it (its process id is
 * in the message); BF_EDATA: not a ledger, or of a newer version. */
int bf_ledger_open(const char *path, struct bf_ledger **out, struct bf_err *err);
void bf_ledger_close(struct bf_ledger *l);

/* For looking only: also while another process holds it, when what that one committed is seen.
 * BF_EINVAL: there is none. */
int bf_ledger_open_shared(const char *path, struct bf_ledger **out, struct bf_err *err);

/* The calling thread's connection, for export and import. */
struct bf_db *bf_ledger_db(struct bf_ledger *l);

int bf_ledger_begin(struct bf_ledger *l, struct bf_err *err);
int bf_ledger_commit(struct bf_ledger *l, struct bf_err *err);
void bf_ledger_rollback(struct bf_ledger *l);

/* Answers, by content key. Get returns BF_OK or BF_END; `text` lives in `a`. */
int bf_ledger_answer(struct bf_ledger *l, const uint8_t key[BF_SHA_BYTES], struct bf_answer *out,
                     struct bf_arena *a, struct bf_err *err);

/* Store one answer. Names are for people and exports; the key decides. A key that is there
 * already only has its `received` count raised. */
int bf_ledger_put_answer(struct bf_ledger *l, const uint8_t key[BF_SHA_BYTES], const char *probe,
                         const char *sample, const char *condition, int trial,
                         const struct bf_answer *answer, struct bf_err *err);

/* Recording beside the work: a thread commits what is queued, at once when it is idle, else what
 * came within two milliseconds together. Start it once, before that nothing is queued or in flight;
 * everything else may be called meanwhile, from one thread. Look-ups never wait for it. */
int bf_ledger_writer_start(struct bf_ledger *l, struct bf_err *err);

/* As bf_ledger_put_answer, copying what it is given; waits only while more than 16,384, or 4 MiB,
 * are queued. Once it returned, only a power cut can take the answer before it is committed: it
 * lies in the file of what is in flight, and whoever opens the ledger next records it.
 * BF_EIO: an earlier write failed, with its message; answers queued so far lie there. */
int bf_ledger_queue_answer(struct bf_ledger *l, const uint8_t key[BF_SHA_BYTES], const char *probe,
                           const char *sample, const char *condition, int trial,
                           const struct bf_answer *answer, struct bf_err *err);

/* Answers queued and not yet on disk. Look-ups do not find them before. */
uint32_t bf_ledger_n_queued(const struct bf_ledger *l);

/* Becomes readable when something was recorded; bf_ledger_woken() empties it and returns BF_EIO
 * with the message when a write failed. -1 without a writer. */
int bf_ledger_wake_fd(const struct bf_ledger *l);
int bf_ledger_woken(struct bf_ledger *l, struct bf_err *err);

/* Wait until all that was queued is on disk. */
int bf_ledger_flush(struct bf_ledger *l, struct bf_err *err);

/* Requests in flight, remembered where a kill cannot reach (`<ledger>-inflight`, mapped, no system
 * call each) once the writer was started. A key stays until its answer is queued or put, or
 * bf_ledger_gave_up(). What is found there when the ledger is opened again, and was not recorded,
 * was lost: it was perhaps paid for, and has to be asked again. At most BF_LEDGER_IN_FLIGHT at a
 * time are remembered. */
enum { BF_LEDGER_IN_FLIGHT = 8192 };
void bf_ledger_sent(struct bf_ledger *l, const uint8_t key[BF_SHA_BYTES]);
void bf_ledger_gave_up(struct bf_ledger *l, const uint8_t key[BF_SHA_BYTES]);

/* Requests lost to hard kills since the ledger was made. */
int bf_ledger_lost(struct bf_ledger *l, uint64_t *out, struct bf_err *err);

/* Small results by key: readings of media ("reading"), done stages ("stage"), vectors of words
 * ("embedding"). Get returns BF_OK or BF_END; the value lives in `a`. Put replaces and raises the
 * `received` count. */
int bf_ledger_get(struct bf_ledger *l, const char *kind, const uint8_t key[BF_SHA_BYTES],
                  const void **value_out, size_t *n_out, struct bf_arena *a, struct bf_err *err);
int bf_ledger_put(struct bf_ledger *l, const char *kind, const uint8_t key[BF_SHA_BYTES],
                  const void *value, size_t n, struct bf_err *err);

/* Call `visit` with the key of every result of a kind, in no order. */
int bf_ledger_each_key(struct bf_ledger *l, const char *kind,
                       int (*visit)(void *ctx, const uint8_t key[BF_SHA_BYTES], struct bf_err *err),
                       void *ctx, struct bf_err *err);

/* How many results were stored in all, and how many of them more than once (0 unless the same
 * thing was computed twice). */
int bf_ledger_counts(struct bf_ledger *l, uint64_t *stored_out, uint64_t *repeated_out,
                     struct bf_err *err);

#endif
