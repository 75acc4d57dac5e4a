/* Just enough of EXIF, and of TIFF, to know a picture's size, which way is up, and its profile. */
#include "modalities/readers/exif.h"
#include "core/number.h"

#include <string.h>

enum {
    TAG_ORIENTATION = 0x0112,
    TYPE_BYTE = 1,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    TYPE_UNDEFINED = 7,
    ENTRY_BYTES = 12,
};

static void read_entry(const uint8_t *p, size_t n, const uint8_t *e, bool big,
                       struct bf_exif_entry *out)
{
    *out = (struct bf_exif_entry){ .type = (uint32_t)bf_whole(e + 2, 2, big),
                                   .count = (uint32_t)bf_whole(e + 4, 4, big) };
    const uint32_t at = (uint32_t)bf_whole(e + 8, 4, big);
    if (out->type == TYPE_SHORT)
        out->value = (uint32_t)bf_whole(e + 8, 2, big);
    else if (out->type == TYPE_LONG)
        out->value = at;
    else if (out->type == TYPE_BYTE || out->type == TYPE_UNDEFINED) {
        out->value = e[8];
        if (out->count <= 4)
            out->data = e + 8;
        else if (at < n && out->count <= n - at)
            out->data = p + at;
    }
}

bool bf_exif_find(const uint8_t *p, size_t n, unsigned tag, struct bf_exif_entry *out)
{
    if (n < 8 || (memcmp(p, "II*\0", 4) != 0 && memcmp(p, "MM\0*", 4) != 0))
        return false;
    const bool big = p[0] == 'M';
    size_t at = (uint32_t)bf_whole(p + 4, 4, big);
    if (at > n - 2 || at < 8)
        return false;
    size_t n_entries = (uint32_t)bf_whole(p + at, 2, big);
    at += 2;
    for (size_t i = 0; i < n_entries && n - at >= ENTRY_BYTES; i++, at += ENTRY_BYTES)
        if ((uint32_t)bf_whole(p + at, 2, big) == tag) {
            read_entry(p, n, p + at, big, out);
            return true;
        }
    return false;
}

int bf_exif_orientation(const uint8_t *p, size_t n)
{
    struct bf_exif_entry e;
    if (!bf_exif_find(p, n, TAG_ORIENTATION, &e) || e.type != TYPE_SHORT)
        return 1;
    return e.value >= 1 && e.value <= 8 ? (int)e.value : 1;
}
