#ifndef BF_MODALITIES_READERS_EXIF_H
#define BF_MODALITIES_READERS_EXIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One entry of a TIFF directory. */
struct bf_exif_entry {
    uint32_t type, count;
    uint32_t value;      /* of BYTE, SHORT and LONG: the first one */
    const uint8_t *data; /* the bytes of BYTE and UNDEFINED values, `count` of them; else NULL */
};

/* The entry `tag` of the first directory of a TIFF structure (TIFF 6.0, section 2): false when it
 * has none or is damaged. `p` [n] starts with the byte order mark, "II" or "MM". Reads nothing
 * outside it. */
bool bf_exif_find(const uint8_t *p, size_t n, unsigned tag, struct bf_exif_entry *out);

/* The orientation, 1 .. 8, that the first directory holds (Exif 2.32, tag 0x0112); 1 when it has
 * none or is damaged: a picture is never refused for its EXIF data. */
int bf_exif_orientation(const uint8_t *p, size_t n);

#endif
