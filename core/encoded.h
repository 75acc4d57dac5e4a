#ifndef BF_CORE_ENCODED_H
#define BF_CORE_ENCODED_H

#include "core/buf.h"
#include "core/view.h"
#include "core/worker.h"

/* Media as model servers take them, made ahead of need by worker processes and kept, so that each
 * is made once for all trials, orders and probes. What no operator touched goes out with its
 * original bytes when servers take its format; all else as its modality presents it. */
struct bf_encoder;

/* `spool_dir` holds a nameless temporary file for what does not fit into memory. `workers` is
 * opened here, with `n_workers`, when it is not yet and the pool has media. */
int bf_encoder_open(const struct bf_spec *spec, const struct bf_pool *pool, const char *spool_dir,
                    struct bf_workers **workers, int n_workers, struct bf_encoder **out,
                    struct bf_err *err);
void bf_encoder_close(struct bf_encoder *e);

/* How much is kept: 48 MiB in memory and 8 GiB in the file, unless told otherwise. What is
 * forgotten is made again. */
void bf_encoder_limit(struct bf_encoder *e, size_t memory_bytes, uint64_t file_bytes);

/* Begin to make what a sample shows under a view; never waits. */
int bf_encoder_want(struct bf_encoder *e, const struct bf_sample *s, const struct bf_view *v,
                    struct bf_err *err);

/* BF_OK: parts_out [*n_out], in order of the sample's parts, valid until the next call. BF_END: not
 * made yet. BF_EDATA: cannot be made; the reason is in err. */
int bf_encoder_get(struct bf_encoder *e, const struct bf_sample *s, const struct bf_view *v,
                   const struct bf_encoded_part **parts_out, int *n_out, struct bf_err *err);

/* Descriptors to wait on (at most `max`), the same as long as the encoder is open, and taking what
 * has come in. */
int bf_encoder_fds(const struct bf_encoder *e, int *fds_out, int max);
int bf_encoder_woken(struct bf_encoder *e, struct bf_err *err);

/* What a sample shows under a view as text for keys: every part shown, with all that decides its
 * bytes. Two that print the same are sent the same. */
void bf_encoder_print(const struct bf_spec *spec, const struct bf_pool *pool,
                      const struct bf_sample *s, const struct bf_view *v, struct bf_buf *out);

#endif
