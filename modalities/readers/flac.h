#ifndef BF_MODALITIES_READERS_FLAC_H
#define BF_MODALITIES_READERS_FLAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether bytes [n] begin as FLAC does. */
bool bf_is_flac(const uint8_t *bytes, size_t n);

/* Whether every frame of a FLAC file has the channels and the depth that its header has, and all
 * have one rate. Headers of frames are found by their mark and checksum (RFC 9639, 9.1), nothing is
 * decoded; sound data that look like one, some once in ten files, make the answer false. */
bool bf_flac_is_even(const uint8_t *bytes, size_t n);

#endif
