#ifndef BF_MODALITIES_READERS_ARRAYS_H
#define BF_MODALITIES_READERS_ARRAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"
#include "modalities/trace.h"

/* Numbers of one type as they lie in memory, in rows and columns. */
struct bf_array {
    const char *name;          /* in its file, "" when it has none */
    const uint8_t *bytes;      /* NULL until it is loaded */
    char kind;                 /* 'f' floats, 'i' and 'u' whole numbers, 'b' truth values */
    int size;                  /* bytes of each: floats 2, 4, 8; others 1, 2, 4, 8 */
    bool big;                  /* the most significant byte first */
    bool wrong;                /* of more than two dimensions */
    size_t rows, cols;         /* cols 1: one channel */
    size_t row_step, col_step; /* bytes from one to the next */
    size_t place;              /* for `load`: where its file has it */
};

enum { BF_MAX_ARRAYS = 4096 };

/* What a file holds. */
struct bf_arrays {
    struct bf_array *list; /* [n] */
    size_t n;
    double rate_hz;           /* 0: it does not say */
    const char *unit;         /* NULL: it does not say */
    const char *const *names; /* of the columns of its one array, or NULL */
    size_t n_names;
    /* optional: fetch an array's bytes; called for what is needed only. BF_EDATA, BF_ENOMEM. */
    int (*load)(void *ctx, struct bf_array *x, struct bf_arena *a, struct bf_err *err);
    void *ctx;
};

/* Steps in C order: what a dense array [rows][cols] has. */
void bf_array_dense(struct bf_array *x, bool fortran);

/* Make a trace of the array that how->array names, else of the one with most values. When that is
 * a single channel, all others of its length are channels, too, by their names. Times are in a
 * column or array that how->time names. BF_EDATA: no such array, several as large, too large, no
 * number in it; BF_ENOMEM. `info` comes in with what the reader knows. */
int bf_arrays_trace(struct bf_arrays *from, const struct bf_trace_how *how,
                    const struct bf_limits *limits, struct bf_trace *out,
                    struct bf_media_info *info, struct bf_arena *a, struct bf_err *err);

#endif
