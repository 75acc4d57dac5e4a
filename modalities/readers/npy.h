#ifndef BF_MODALITIES_READERS_NPY_H
#define BF_MODALITIES_READERS_NPY_H

#include "modalities/readers/arrays.h"

/* What the header of an NPY file of `n_all` bytes, of which `bytes` [n] are the first, says of its
 * array; `*data_out` is where the values begin. BF_EDATA: a type that is no real number, a shape
 * that overflows, a header that is not whole. BF_ENOMEM. */
int bf_npy_header(const uint8_t *bytes, size_t n, struct bf_array *out, size_t *data_out,
                  struct bf_arena *a, struct bf_err *err);

enum { BF_NPY_MAX_HEADER = 4096 + 12 };

#endif
