#ifndef BF_CORE_READINGS_H
#define BF_CORE_READINGS_H

#include "core/ledger.h"
#include "core/run.h"
#include "core/view.h"
#include "core/worker.h"

/* Readings of media files, each computed once ever: first looked for in the ledger, then made by
 * the workers and stored there. A reading is named by the file's content, the modality with its
 * options and version, and the operator with its options and what it draws from. In memory is what
 * a few bytes say of each; features are in the ledger until somebody asks for them. */
struct bf_readings;

/* `ledger` may be NULL: then nothing is remembered. */
int bf_readings_open(const struct bf_spec *spec, const struct bf_pool *pool,
                     struct bf_ledger *ledger, struct bf_readings **out, struct bf_err *err);
void bf_readings_close(struct bf_readings *r);

/* Want a reading; wanting it again is free. BF_ENOMEM. */
int bf_readings_want(struct bf_readings *r, const struct bf_reading_key *key, struct bf_err *err);

/* What a worker said of one file: kept, and stored unless it is why it cannot be read. Such results
 * are on disk some time later, all of them after bf_readings_save(); that returns `rc` when it is a
 * failure, having saved what came in before it. */
int bf_readings_put(struct bf_readings *r, const struct bf_reading_key *key,
                    const struct bf_job_result *result, struct bf_err *err);
int bf_readings_save(struct bf_readings *r, int rc, struct bf_err *err);

/* Make all that is wanted and not there yet; `workers` may be NULL when the ledger is expected to
 * have them all, else *workers is opened on first need. What cannot be read is remembered with
 * its reason and not stored. */
int bf_readings_fill(struct bf_readings *r, struct bf_workers **workers, int n_workers,
                     const struct bf_run_options *options, const char *stage, struct bf_err *err);

/* The same from the ledger alone: nothing is read, and what it lacks stays missing. */
int bf_readings_recall(struct bf_readings *r, struct bf_err *err);

/* The reading, or NULL with `*reason_out` (may be NULL) set when the file cannot be read or the
 * reading was never wanted; NULL is no reason when it was only recalled, and the ledger lacks it.
 * Pointers live as long as the store. Takes no memory for what was
 * wanted. */
struct bf_reading *bf_readings_get(struct bf_readings *r, const struct bf_reading_key *key,
                                   const char **reason_out);

/* Have the features of all readings that are there in memory, for bf_readings_features(). */
int bf_readings_load_features(struct bf_readings *r, struct bf_err *err);

/* The features of a reading: [*n_out] values, or NULL when it is not there. */
const float *bf_readings_features(struct bf_readings *r, const struct bf_reading_key *key,
                                  int *n_out);

/* How many came from the ledger and how many were made. */
void bf_readings_counts(const struct bf_readings *r, uint64_t *cached_out, uint64_t *new_out);

/* What a reading depends on, as text for keys. `shown`: of a part as a model is shown it; the
 * options of presenting count then, and the file does not where an operator leaves nothing of
  * it. */
void bf_reading_print(const struct bf_spec *spec, const struct bf_pool *pool,
                      const struct bf_reading_key *key, bool shown, struct bf_buf *out);

/* The key of a file's own reading, by its content alone. */
int bf_reading_name(const struct bf_spec *spec, int modality, const uint8_t sha[BF_SHA_BYTES],
                    uint8_t out[BF_SHA_BYTES], struct bf_err *err);

/* What an operator gets for one part: randomness by sample, never by file, so that noise says
 * nothing of what it replaces. */
struct bf_apply bf_apply_for(const struct bf_spec *spec, const struct bf_pool *pool,
                             const struct bf_sample *s, const struct bf_part *part,
                             const struct bf_replace *by);

/* Whether the user asked to stop. */
static inline bool bf_run_stopped(const struct bf_run_options *o)
{
    return o->stopped && o->stopped(o->ctx);
}

#endif
