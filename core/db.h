#ifndef BF_CORE_DB_H
#define BF_CORE_DB_H

#include "core/answer.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/hash.h"

/* One connection to a ledger's SQLite file; private to the ledger. A connection is used by one
 * thread at a time. Reading goes on while another connection writes (WAL), and sees what was
 * committed when it began; of two that write, the second waits. */
struct bf_db;

/* One stored answer with its names. */
struct bf_db_answer {
    const uint8_t *key; /* [BF_SHA_BYTES] */
    const char *probe, *sample, *condition;
    int trial;
    struct bf_answer answer;
    uint32_t received; /* how often it came; read only */
};

/* Open, or make; an older version is brought up to date in one transaction, unless `is_old_out` is
 * not NULL: then nothing is changed, it says whether the version is an older one, and an older one
 * can only be closed again. BF_EIO; BF_EDATA: not a ledger, or of a newer version. */
int bf_db_open(const char *path, bool *is_old_out, struct bf_db **out, struct bf_err *err);
void bf_db_close(struct bf_db *db);

int bf_db_begin(struct bf_db *db, struct bf_err *err);
int bf_db_commit(struct bf_db *db, struct bf_err *err);
void bf_db_rollback(struct bf_db *db);

/* What is there under a key already keeps its content, and only its `received` is raised when
 * `count` is true. */
int bf_db_put_answer(struct bf_db *db, const struct bf_db_answer *answer, bool count,
                     struct bf_err *err);

/* BF_OK or BF_END; what `out` points to lives in `a`. BF_EDATA: it is there, but does not say any
 * more what was written; forget it then, and ask again. */
int bf_db_answer(struct bf_db *db, const uint8_t key[BF_SHA_BYTES], struct bf_db_answer *out,
                 struct bf_arena *a, struct bf_err *err);
int bf_db_forget_answer(struct bf_db *db, const uint8_t key[BF_SHA_BYTES], struct bf_err *err);

/* Call `visit` with every answer, of one probe unless NULL, in the order of probe, sample,
 * condition, trial and key, as they stand at one instant. What it is given is gone afterwards.
 * Damaged ones are left out and counted. */
int bf_db_each_answer(struct bf_db *db, const char *probe,
                      int (*visit)(void *ctx, const struct bf_db_answer *answer,
                                   struct bf_err *err),
                      void *ctx, uint64_t *n_damaged_out, struct bf_err *err);

/* What is there of one probe and class. */
struct bf_db_stats {
    const char *probe;
    int cls;
    uint64_t n, n_in, n_out; /* answers, and their tokens */
    uint64_t n_again;        /* times that one came which was there already */
};

/* In the order of probe and class. */
int bf_db_each_stats(struct bf_db *db,
                     int (*visit)(void *ctx, const struct bf_db_stats *stats, struct bf_err *err),
                     void *ctx, struct bf_err *err);

/* Small results by kind and key; BF_OK or BF_END, the value lives in `a`. Put replaces. */
int bf_db_result(struct bf_db *db, const char *kind, const uint8_t key[BF_SHA_BYTES],
                 const void **value_out, size_t *n_out, struct bf_arena *a, struct bf_err *err);
int bf_db_put_result(struct bf_db *db, const char *kind, const uint8_t key[BF_SHA_BYTES],
                     const void *value, size_t n, struct bf_err *err);

/* Call `visit` with the key of every result of a kind, in no order. */
int bf_db_each_key(struct bf_db *db, const char *kind,
                   int (*visit)(void *ctx, const uint8_t key[BF_SHA_BYTES], struct bf_err *err),
                   void *ctx, struct bf_err *err);

/* Numbers by name that only grow; one that was never raised is 0. */
int bf_db_counter(struct bf_db *db, const char *name, uint64_t *out, struct bf_err *err);
int bf_db_raise(struct bf_db *db, const char *name, uint64_t by, struct bf_err *err);

/* Answers and results stored, and how many of them more than once. */
int bf_db_counts(struct bf_db *db, uint64_t *stored_out, uint64_t *repeated_out,
                 struct bf_err *err);

#endif
