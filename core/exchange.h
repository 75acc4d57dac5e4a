#ifndef BF_CORE_EXCHANGE_H
#define BF_CORE_EXCHANGE_H

#include <stdint.h>

#include "core/answer.h"
#include "core/arena.h"
#include "core/err.h"

/* Answers out of a ledger and into one, and what it holds. `ledger` is its file, or a run folder
 * with a ledger.db in it. BF_EINVAL: there is none; BF_EIO, BF_EDATA as when it is opened. */

/* Call `take` with every answer as one line of JSON with its end, in the order of probe, sample,
 * condition, trial and key; of one probe unless NULL. Also while a run holds the ledger.
 * `n_out` counts them, `n_damaged_out` those left out because they do not say any more what was
 * written. BF_EINVAL too: no answer of that probe. */
BF_API int bf_answers_export(const char *ledger, const char *probe,
                             int (*take)(void *ctx, const char *line, size_t n, struct bf_err *err),
                             void *ctx, uint64_t *n_out, uint64_t *n_damaged_out,
                             struct bf_err *err);

/* What was done with the lines of a file. */
struct bf_import {
    uint64_t n_new, n_same; /* same: there already, with the same content */
    uint64_t n_other;       /* there already with other content, which was kept */
};

/* Take the lines that export wrote. BF_EINVAL: a line cannot be used (the message names file and
 * line), and nothing at all was imported; with `make`, the ledger is there already. */
BF_API int bf_answers_import(const char *ledger, bool make, const char *file, struct bf_import *out,
                             struct bf_err *err);

struct bf_answers_of_probe {
    const char *probe;
    uint64_t n[BF_CLASS_COUNT]; /* answers by class */
    uint64_t n_in, n_out;       /* tokens, where the server counted */
    uint64_t n_again;           /* times that an answer came which was there already */
};

struct bf_answers_stats {
    struct bf_arena arena;
    uint32_t n_probes;
    struct bf_answers_of_probe *probes; /* by name */
    uint64_t n_lost;                    /* requests that hard kills cost */
    uint64_t n_damaged;                 /* answers found damaged, and forgotten */
};

/* Also while a run holds the ledger. */
BF_API int bf_answers_stats(const char *ledger, struct bf_answers_stats *out, struct bf_err *err);
BF_API void bf_answers_stats_done(struct bf_answers_stats *s);

/* Of both: the ledger's file, NULL when out of memory; words for how a reply ended, NULL for one
 * that needs none. */
const char *bf_answers_file(const char *ledger, struct bf_arena *a);
extern const char *const bf_finish_words[BF_FINISH_REFUSED + 1];

#endif
