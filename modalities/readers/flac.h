#ifndef BF_MODALITIES_READERS_FLAC_H
#define BF_MODALITIES_READERS_FLAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"
#include "modalities/readers/source.h"

/* Whether a file begins as FLAC does, behind an ID3 tag or not. */
bool bf_is_flac(struct bf_source *src);

/* Decode FLAC (RFC 9639) of 4 to 32 bits, `bytes` [n] followed by at least 16 zero bytes. Every
 * frame's checksums are checked; what fails is left out, and info->damaged says so, as it does when
 * the header's counts and the frames differ. BF_EDATA: no usable header, nothing decodes, or
 * channels, rate or bits change within the file. BF_END: differences of 33 bits, which this reader
 * does not hold. BF_ENOMEM. */
int bf_flac_wave(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_wave *out, struct bf_media_info *info, struct bf_arena *a,
                 struct bf_err *err);

#endif
