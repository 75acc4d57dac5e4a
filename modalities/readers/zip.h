#ifndef BF_MODALITIES_READERS_ZIP_H
#define BF_MODALITIES_READERS_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

/* One file in a ZIP archive (PKWARE's APPNOTE 6.3, ZIP64 too). */
struct bf_zip_entry {
    const char *name;
    const uint8_t *bytes; /* as stored */
    uint64_t n_stored, n; /* bytes as stored, and once unpacked, as the archive says */
    uint32_t crc;
    int method; /* 0 stored, 8 deflated; others cannot be unpacked */
};

enum { BF_ZIP_MAX_ENTRIES = 4096 };

bool bf_is_zip(const uint8_t *bytes, size_t n);

/* The entries by the central directory of `bytes` [n], which they point into. BF_EDATA: no archive
 * that is whole; BF_ENOMEM. */
int bf_zip_list(const uint8_t *bytes, size_t n, struct bf_zip_entry **list_out, size_t *n_out,
                struct bf_arena *a, struct bf_err *err);

/* The first `n_out` bytes of an entry, at most e->n, in `a`; of the whole of one the checksum is
 * checked. BF_EDATA: encrypted or damaged, another method, or it would be larger than deflating can
 * make it; BF_ENOMEM. */
int bf_zip_unpack(const struct bf_zip_entry *e, size_t n_out, uint8_t **out, struct bf_arena *a,
                  struct bf_err *err);

/* The first `n_out` bytes of zlib data. BF_EDATA: damaged, or there are fewer; BF_ENOMEM. */
int bf_inflate(const uint8_t *bytes, size_t n, bool bare, uint8_t *out, size_t n_out,
               struct bf_err *err);

#endif
