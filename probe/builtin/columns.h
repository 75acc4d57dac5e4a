#ifndef BF_PROBE_BUILTIN_COLUMNS_H
#define BF_PROBE_BUILTIN_COLUMNS_H

#include <stdint.h>

#include "core/ops.h"

/* Dense columns for trees: one number for every row (sample, choice) of struct bf_rows. */
struct bf_columns {
    uint32_t n_rows;
    int n;
    const char *const *name;        /* [n] "longer choices", "letter" */
    const enum bf_evidence *family; /* [n] what kind of evidence it is */
    const float *const *v;          /* [n][n_rows]; NaN = missing */
};

#endif
