/* Just enough of EXIF, and of TIFF, to know a picture's size, which way is up, and its profile. */
#include "modalities/readers/exif.h"

#include <string.h>

enum {
    TAG_ORIENTATION = 0x0112,
    TYPE_BYTE = 1,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    TYPE_UNDEFINED = 7,
    ENTRY_BYTES = 12,
};

static uint32_t get16(const uint8_t *p, bool big)
{
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t get32(const uint8_t *p, bool big)
{
    return big ? get16(p, big) << 16 | get16(p + 2, big) : get16(p + 2, big) << 16 | get16(p, big);
}

static void read_entry(const uint8_t *p, size_t n, const uint8_t *e, bool big,
                       struct bf_exif_entry *out)
{
    *out = (struct bf_exif_entry){ .type = get16(e + 2, big), .count = get32(e + 4, big) };
    const uint32_t at = get32(e + 8, big);
    if (out->type == TYPE_SHORT)
        out->value = get16(e + 8, big);
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
    size_t at = get32(p + 4, big);
    if (at > n - 2 || at < 8)
        return false;
    size_t n_entries = get16(p + at, big);
    at += 2;
    for (size_t i = 0; i < n_entries && n - at >= ENTRY_BYTES; i++, at += ENTRY_BYTES)
        if (get16(p + at, big) == tag) {
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
