#ifndef BF_MODALITIES_READERS_EXIF_H
#define BF_MODALITIES_READERS_EXIF_H

#include <stddef.h>
#include <stdint.h>

/* The orientation, 1 .. 8, that the first directory of a TIFF structure holds (Exif 2.32, tag
 * 0x0112); 1 when it has none or is damaged: a picture is never refused for its EXIF data.
 * `p` [n] starts with the byte order mark, "II" or "MM". Reads nothing outside it. */
int bf_exif_orientation(const uint8_t *p, size_t n);

#endif
