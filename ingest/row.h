#ifndef BF_INGEST_ROW_H
#define BF_INGEST_ROW_H

#include "core/json.h"
#include "core/spec.h"

/* One row of a pool, of whatever format, as a JSON object -> a sample of the pool.
 *
 * `where` is "pool.jsonl:12", `dir` the folder that media paths start from; both may be
 * short-lived. A row that cannot be used is set aside with its reason, which is a success.
 * BF_ENOMEM. */
int bf_row_read(const struct bf_spec *spec, const struct bf_pool_spec *source, const char *dir,
                const char *where, const struct bf_json *row, struct bf_pool *pool,
                struct bf_err *err);

#endif
