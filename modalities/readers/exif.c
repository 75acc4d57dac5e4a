/* Just enough of EXIF to turn a picture upright. */
#include "modalities/readers/exif.h"

#include <stdbool.h>
#include <string.h>

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, ENTRY_BYTES = 12 };

static uint32_t get16(const uint8_t *p, bool big)
{
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t get32(const uint8_t *p, bool big)
{
    return big ? get16(p, big) << 16 | get16(p + 2, big) : get16(p + 2, big) << 16 | get16(p, big);
}

int bf_exif_orientation(const uint8_t *p, size_t n)
{
    if (n < 8 || (memcmp(p, "II*\0", 4) != 0 && memcmp(p, "MM\0*", 4) != 0))
        return 1;
    const bool big = p[0] == 'M';
    size_t at = get32(p + 4, big);
    if (at > n - 2 || at < 8)
        return 1;
    size_t n_entries = get16(p + at, big);
    at += 2;
    for (size_t i = 0; i < n_entries && n - at >= ENTRY_BYTES; i++, at += ENTRY_BYTES) {
        const uint8_t *e = p + at;
        if (get16(e, big) != TAG_ORIENTATION)
            continue;
        uint32_t v = get16(e + 8, big);
        return get16(e + 2, big) == TYPE_SHORT && v >= 1 && v <= 8 ? (int)v : 1;
    }
    return 1;
}
