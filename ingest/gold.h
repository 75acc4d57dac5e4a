#ifndef BF_INGEST_GOLD_H
#define BF_INGEST_GOLD_H

#include "core/json.h"
#include "core/sample.h"

/* The words of a pool's fields, for messages and look-ups. */
struct bf_gold_fields {
    const char *choices, *answer, *task;
};

/* Fill in task, choices and gold of `s` from a row. A `task` field wins; else choices make it
 * `choice`, a gold of yes or no `yesno`, a number `number`, anything else `text`. Memory comes
 * from `a`. BF_EDATA: they are missing or contradict each other; BF_ENOMEM. */
int bf_gold_read(const struct bf_json *row, const struct bf_gold_fields *fields,
                 struct bf_sample *s, struct bf_arena *a, struct bf_err *err);

/* A scalar, or the scalars of a list with `between` between them; NULL when out of memory. */
const char *bf_gold_join(const struct bf_json *v, const char *between, struct bf_arena *a);

#endif
