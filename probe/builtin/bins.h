#ifndef BF_PROBE_BUILTIN_BINS_H
#define BF_PROBE_BUILTIN_BINS_H

#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "probe/builtin/columns.h"

/* Bins of one column, so that trees look at few places where it could be split. Bin 0 is for
 * missing values; bin 1 + i holds those in (upper[i - 1], upper[i]], the last bin all above. */
enum {
    BF_MAX_BINS = 255,   /* of a column, the one for missing values included */
    BF_MAX_COLUMNS = 256 /* that trees look at, a fit's own ones included */
};

struct bf_binning {
    int n; /* bins in all, the one for missing values included: 1 .. BF_MAX_BINS */
    float upper[BF_MAX_BINS - 2]; /* [n - 2], ascending */
};

/* Cut a column at its quantiles over `rows` [n_rows] (NULL: rows 0 .. n_rows - 1) of `v` into at
 * most `max_bins` bins, 2 .. BF_MAX_BINS. A value that fills more than one bin's share gets a bin
 * of its own and the rest is shared among the others, as in Ke et al., "LightGBM", NIPS 2017, 2.1.
 * Up to max_bins - 1 distinct values have a bin each. An edge is the middle between the two values
 * that it parts. Labels are not looked at. BF_ENOMEM. */
int bf_binning_make(const float *v, const uint32_t *rows, uint32_t n_rows, int max_bins,
                    struct bf_binning *out, struct bf_err *err);

/* The bin of a value. */
uint8_t bf_bin_of(const struct bf_binning *b, float value);

/* All columns of a pool in bins: made once for all folds, since no label enters. */
struct bf_bins {
    uint32_t n_rows;
    int n;                          /* columns */
    const enum bf_evidence *family; /* [n], of the columns */
    const uint8_t *v;               /* [n_rows][n] */
};

/* Bin every column over all its rows, with at most `max_bins` bins a column. `out->v` lives in `a`,
 * `out->family` is that of `columns`. BF_ENOMEM. */
int bf_bins_make(const struct bf_columns *columns, int max_bins, struct bf_bins *out,
                 struct bf_arena *a, struct bf_err *err);

#endif
