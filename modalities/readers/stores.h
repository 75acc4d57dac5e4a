#ifndef BF_MODALITIES_READERS_STORES_H
#define BF_MODALITIES_READERS_STORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modalities/readers/arrays.h"

/* Traces from files that hold several arrays by name. how->array names one; "auto" is as
 * bf_arrays_trace() says. A single number called rate, fs and the like is the rate. `bytes` [n] are
 * the whole file. All: BF_EDATA with a reason, BF_ENOMEM. */

/* NumPy's .npz, stored or deflated. */
int bf_npz_trace(const uint8_t *bytes, size_t n, const struct bf_trace_how *how,
                 const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err);

/* HDF5 by libhdf5, which MATLAB's files of version 7.3 are, too. Nothing outside of the file is
 * opened. BF_EDATA when this program was built without libhdf5. */
int bf_hdf5_trace(const uint8_t *bytes, size_t n, const struct bf_trace_how *how,
                  const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                  struct bf_arena *a, struct bf_err *err);

bool bf_is_hdf5(const uint8_t *bytes, size_t n);

/* MATLAB's files of version 5 to 7.2; fields of a structure are called "name.field". */
int bf_mat_trace(const uint8_t *bytes, size_t n, const struct bf_trace_how *how,
                 const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err);

bool bf_is_mat(const uint8_t *bytes, size_t n);

/* JSON: a list of numbers or of rows, an object of such lists, a list of objects with the same
 * keys. null is a missing value. Beside the lists "rate" (in Hz), "unit" and "names" or "channels"
 * say more. */
int bf_json_trace(const char *text, size_t n, const struct bf_trace_how *how,
                  const struct bf_limits *limits, struct bf_trace *out, struct bf_media_info *info,
                  struct bf_arena *a, struct bf_err *err);

/* Whether text begins as a list or an object does. */
bool bf_is_json(const char *text, size_t n);

/* Whether this is what a rate is called: "rate", "fs", "sampling_rate", ... */
bool bf_is_rate(const char *name);

/* Take the single numbers out of a list of arrays; one that is called as a rate sets rate_hz. */
int bf_arrays_scalars(struct bf_arrays *arrays, struct bf_arena *a, struct bf_err *err);

#endif
