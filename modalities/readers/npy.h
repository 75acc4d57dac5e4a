#ifndef BF_MODALITIES_READERS_NPY_H
#define BF_MODALITIES_READERS_NPY_H

#include "core/npy.h"
#include "modalities/readers/arrays.h"

/* What the header of an NPY file with the first bytes `bytes` [n] says of its array, which is
 * `wrong` when it has more than two dimensions; `*data_out` is where the values begin. Codes as
 * bf_npy_read_header(). */
int bf_npy_header(const uint8_t *bytes, size_t n, struct bf_array *out, size_t *data_out,
                  struct bf_arena *a, struct bf_err *err);

#endif
