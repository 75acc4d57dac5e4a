#ifndef BF_PROBE_BATCH_FILES_H
#define BF_PROBE_BATCH_FILES_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "probe/batch_ids.h"

/* The folder of a batch probe: files of requests that we wrote (requests-0001.jsonl), and what
 * came back, in every other *.jsonl. Of both only ids and places are kept: memory grows by about
 * 100 bytes a request, whatever the requests hold. */
struct bf_batch_files;

/* Read the folder, made when it is not there. BF_EINVAL: a line that is no output, or a request
 * file that is not ours, named with file and line. */
int bf_batch_open(const char *dir, struct bf_batch_files **out, struct bf_err *err);
void bf_batch_close(struct bf_batch_files *f);

/* The entry of `id`, valid until the next bf_batch_write(); NULL when there is none. */
struct bf_batch_entry *bf_batch_find(struct bf_batch_files *f, const struct bf_batch_id *id);

/* Output `at` (an entry's `output`, or what this call said comes before it; 0 = none), from the
 * last by file name and line to the first: its text in `line`, and a number that equal lines
 * share. BF_EIO: it can be read no more. */
int bf_batch_output(struct bf_batch_files *f, uint32_t at, struct bf_buf *line, uint64_t *same_out,
                    uint32_t *before_out, struct bf_err *err);

/* BF_EINVAL: a file of outputs none of which belongs to a request that stands in a request file
 * here, or is asked. */
int bf_batch_foreign(const struct bf_batch_files *f, struct bf_err *err);

/* Note that the request of an entry waits for its output; then how many do, and in how many
 * files. */
void bf_batch_wait(struct bf_batch_files *f, const struct bf_batch_entry *e);
uint64_t bf_batch_waiting(const struct bf_batch_files *f, uint32_t *n_files_out);

/* Write a request, `body` being one JSON object, to the file that is being filled; files hold at
 * most `max_lines` and `max_bytes`. Nothing is there under its name before bf_batch_publish().
 * BF_EDATA: it is over `max_bytes` alone. BF_EIO. */
struct bf_batch_limits {
    uint32_t max_lines;
    uint64_t max_bytes;
};
int bf_batch_write(struct bf_batch_files *f, const struct bf_batch_limits *limits,
                   const struct bf_batch_id *id, const char *url, const struct bf_buf *body,
                   struct bf_err *err);
int bf_batch_publish(struct bf_batch_files *f, struct bf_err *err);

#endif
