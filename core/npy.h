#ifndef BF_CORE_NPY_H
#define BF_CORE_NPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/number.h"

/* What the header of a NumPy .npy file says of its one array. */
struct bf_npy {
    struct bf_number type;
    bool big;        /* the most significant byte first */
    bool fortran;    /* the first index runs fastest */
    int n_dims;      /* 0 = one number */
    size_t shape[2]; /* of the first two dimensions, 1 where there are fewer */
    size_t data;     /* where the values begin, in bytes */
};

enum { BF_NPY_MAX_HEADER = 4096 + 12 };

/* Whether a file that begins with `bytes` [n] is one. */
bool bf_is_npy(const uint8_t *bytes, size_t n);

/* Read the header of a file whose first bytes are `bytes` [n]: BF_NPY_MAX_HEADER of them are always
 * enough. shape[0] * shape[1] values of any type fit into a size_t. BF_EDATA: a type that is no
 * real number, a shape that overflows, a header that is not whole. BF_ENOMEM.
 * Source: numpy.lib.format, "NPY format", versions 1.0 to 3.0. */
int bf_npy_read_header(const uint8_t *bytes, size_t n, struct bf_npy *out, struct bf_arena *a,
                       struct bf_err *err);

#endif
