/* Colour profiles in picture files (ICC.1:2010), and the one that changes nothing. */
#include "modalities/readers/icc.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include <zlib.h>

#include "modalities/readers/exif.h"
#include "modalities/readers/marks.h"
#include "core/number.h"

enum { MOST_BYTES = 1 << 24, HEADER_BYTES = 128 };

/* APP2 segments "ICC_PROFILE\0", number, count; in any order (ICC.1, B.4). */
static int find_jpeg(const uint8_t *p, size_t n, const uint8_t **out, size_t *n_out,
                     struct bf_arena *a, struct bf_err *err)
{
    static const char mark[12] = "ICC_PROFILE";
    enum { HEAD = 16 }; /* length, mark, number, count */
    const uint8_t *piece[256] = { NULL };
    size_t len_of[256] = { 0 }, total = 0, at = 2, len = 0;
    int marker = 0, count = 0, got = 0;
    while (marker != BF_JPEG_SOS && bf_jpeg_next(p, n, &at, &marker, &len)) {
        if (marker == BF_JPEG_APP2 && len >= HEAD && memcmp(p + at + 2, mark, sizeof mark) == 0 &&
            !piece[p[at + 14]]) {
            count = p[at + 15];
            piece[p[at + 14]] = p + at + HEAD;
            len_of[p[at + 14]] = len - HEAD;
            total += len - HEAD;
            got++;
        }
        at += len;
    }
    if (got == 0 || got != count || total > MOST_BYTES)
        return BF_OK;
    uint8_t *all = bf_arena_alloc(a, total + 1, 1);
    if (!all)
        return bf_fail_memory(err, "a colour profile");
    size_t used = 0;
    for (int i = 0; i < 256; i++)
        if (piece[i]) {
            memcpy(all + used, piece[i], len_of[i]);
            used += len_of[i];
        }
    *out = all;
    *n_out = used;
    return BF_OK;
}

static int inflate_all(const uint8_t *p, size_t n, const uint8_t **out, size_t *n_out,
                       struct bf_arena *a, struct bf_err *err)
{
    uint8_t *buf = NULL;
    z_stream z = { .next_in = (z_const Bytef *)p, .avail_in = (uInt)n };
    uint8_t head[HEADER_BYTES];
    if (inflateInit(&z) != Z_OK)
        return bf_fail_memory(err, "a colour profile");
    /* A profile begins with its own size. */
    z.next_out = head;
    z.avail_out = sizeof head;
    int rc = inflate(&z, Z_SYNC_FLUSH);
    const size_t size = z.avail_out == 0 ? bf_be32(head) : 0;
    if ((rc == Z_OK || rc == Z_STREAM_END) && size >= sizeof head && size <= MOST_BYTES) {
        buf = bf_arena_alloc(a, size, 1);
        if (!buf) {
            (void)inflateEnd(&z); /* frees */
            return bf_fail_memory(err, "a colour profile");
        }
        memcpy(buf, head, sizeof head);
        z.next_out = buf + sizeof head;
        z.avail_out = (uInt)(size - sizeof head);
        while (rc == Z_OK && z.avail_out > 0)
            rc = inflate(&z, Z_SYNC_FLUSH);
        if (z.avail_out == 0) {
            *out = buf;
            *n_out = size;
        }
    }
    (void)inflateEnd(&z); /* frees */
    return BF_OK;
}

/* iCCP: a name, 0, the method 0, the profile deflated (PNG, 11.3.3.3). */
static int find_png(const uint8_t *p, size_t n, const uint8_t **out, size_t *n_out,
                    struct bf_arena *a, struct bf_err *err)
{
    for (size_t at = 8; n - at >= 12;) {
        const size_t len = bf_be32(p + at);
        const uint8_t *type = p + at + 4;
        if (len > n - at - 12 || memcmp(type, "IDAT", 4) == 0)
            break;
        const uint8_t *end = memcmp(type, "iCCP", 4) == 0 ? memchr(type + 4, 0, len) : NULL;
        if (end && len - (size_t)(end - type - 4) > 2 && len <= INT_MAX)
            return inflate_all(end + 2, len - (size_t)(end + 2 - type - 4), out, n_out, a, err);
        at += len + 12;
    }
    return BF_OK;
}

static void find_webp(const uint8_t *p, size_t n, const uint8_t **out, size_t *n_out)
{
    for (size_t at = 12; n - at >= 8;) {
        const size_t len = bf_le32(p + at + 4);
        if (len > n - at - 8)
            break;
        if (memcmp(p + at, "ICCP", 4) == 0 && len <= MOST_BYTES) {
            *out = p + at + 8;
            *n_out = len;
            break;
        }
        at += 8 + len + (len & 1 && len < n - at - 8);
    }
}

int bf_icc_find(const uint8_t *bytes, size_t n, const char *format, const uint8_t **profile_out,
                size_t *n_out, struct bf_arena *a, struct bf_err *err)
{
    enum { TAG_PROFILE = 34675 };
    struct bf_exif_entry e;
    *profile_out = NULL;
    *n_out = 0;
    if (strcmp(format, "jpeg") == 0)
        return find_jpeg(bytes, n, profile_out, n_out, a, err);
    if (strcmp(format, "png") == 0)
        return find_png(bytes, n, profile_out, n_out, a, err);
    if (strcmp(format, "webp") == 0)
        find_webp(bytes, n, profile_out, n_out);
    if (strcmp(format, "tiff") == 0 && bf_exif_find(bytes, n, TAG_PROFILE, &e) && e.data &&
        e.count <= MOST_BYTES) {
        *profile_out = e.data;
        *n_out = e.count;
    }
    return BF_OK;
}

/* The element `name` of a profile's table; NULL when it has none that lies inside. */
static const uint8_t *tag_of(const uint8_t *p, size_t n, const char *name, size_t *len_out)
{
    const uint32_t n_tags = bf_be32(p + HEADER_BYTES);
    for (size_t i = 0; i < n_tags && HEADER_BYTES + 4 + 12 * (i + 1) <= n; i++) {
        const uint8_t *t = p + HEADER_BYTES + 4 + 12 * i;
        const uint32_t at = bf_be32(t + 4), len = bf_be32(t + 8);
        if (memcmp(t, name, 4) == 0 && at <= n && len <= n - at && len >= 12) {
            *len_out = len;
            return p + at;
        }
    }
    return NULL;
}

static double fixed(const uint8_t *p)
{
    return (double)(int32_t)bf_be32(p) / 65536;
}

static double srgb_to_linear(double v)
{
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

/* The value of a curve at `x`: a table, a power, or "para" of kind 3, sRGB's own form; NaN for all
 * others. */
static double curve_at(const uint8_t *t, size_t len, double x)
{
    if (memcmp(t, "para", 4) == 0 && t[9] == 3 && len >= 32) {
        const double g = fixed(t + 12), a = fixed(t + 16), b = fixed(t + 20);
        return x >= fixed(t + 28) ? pow(a * x + b, g) : fixed(t + 24) * x;
    }
    const uint32_t count = bf_be32(t + 8);
    if (memcmp(t, "curv", 4) != 0 || count < 2 || count > (len - 12) / 2)
        return NAN;
    const double at = x * (count - 1);
    const uint32_t i = (uint32_t)at < count - 1 ? (uint32_t)at : count - 2;
    const uint8_t *v = t + 12 + 2 * (size_t)i;
    const double lo = bf_be16(v) / 65535.0, hi = bf_be16(v + 2) / 65535.0;
    return lo + (hi - lo) * (at - i);
}

static bool is_srgb_curve(const uint8_t *p, size_t n, const char *name)
{
    enum { STEPS = 16 };
    size_t len = 0;
    const uint8_t *t = tag_of(p, n, name, &len);
    bool same = t != NULL;
    for (int i = 0; same && i <= STEPS; i++) {
        const double x = (double)i / STEPS;
        /* A third of a level where the curve is steepest; false for NaN, too. */
        same = fabs(curve_at(t, len, x) - srgb_to_linear(x)) < 0.0013;
    }
    return same;
}

bool bf_icc_is_srgb(const uint8_t *p, size_t n)
{
    static const char *const colorants[3] = { "rXYZ", "gXYZ", "bXYZ" };
    static const char *const curves[3] = { "rTRC", "gTRC", "bTRC" };
    /* Of sRGB under D50, as its usual profiles have them. */
    static const double primaries[3][3] = { { 0.4361, 0.2225, 0.0139 },
                                            { 0.3851, 0.7169, 0.0971 },
                                            { 0.1431, 0.0606, 0.7141 } };
    size_t len = 0;
    if (n < HEADER_BYTES + 4 || tag_of(p, n, "A2B0", &len))
        return false;
    if (memcmp(p + 16, "GRAY", 4) == 0)
        return is_srgb_curve(p, n, "kTRC");
    bool same = memcmp(p + 16, "RGB ", 4) == 0;
    for (int c = 0; same && c < 3; c++) {
        const uint8_t *t = tag_of(p, n, colorants[c], &len);
        same = t && len >= 20 && is_srgb_curve(p, n, curves[c]);
        for (int k = 0; same && k < 3; k++)
            same = fabs(fixed(t + 8 + 4 * k) - primaries[c][k]) < 0.002;
    }
    return same;
}
