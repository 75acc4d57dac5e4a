/* The skeletons of picture files: signature, markers, chunks, checksums. */
#include "modalities/readers/marks.h"

#include <string.h>

#include "modalities/readers/exif.h"
#include "modalities/readers/pnm.h"

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

enum {
    JPEG_SOF0 = 0xc0,
    JPEG_DHT = 0xc4,
    JPEG_JPG = 0xc8,
    JPEG_DAC = 0xcc,
    JPEG_SOF15 = 0xcf,
    JPEG_RST0 = 0xd0,
    JPEG_SOI = 0xd8,
    JPEG_EOI = 0xd9,
    JPEG_APP1 = 0xe1,
    JPEG_TEM = 0x01,
};

static bool is_sof(int marker)
{
    return marker >= JPEG_SOF0 && marker <= JPEG_SOF15 && marker != JPEG_DHT &&
           marker != JPEG_JPG && marker != JPEG_DAC;
}

/* Markers of ITU T.81 annex B. Between a scan's header and the next marker lie entropy-coded
 * bytes, in which 0xff is followed by 0x00 or a restart marker; searching for the next 0xff that
 * is not passes over them. */
static int read_jpeg(const uint8_t *p, size_t n, struct bf_marks *out, struct bf_err *err)
{
    size_t at = 2;
    for (;;) {
        const uint8_t *ff = at < n ? memchr(p + at, 0xff, n - at) : NULL;
        if (!ff)
            break;
        at = (size_t)(ff - p);
        while (at < n && p[at] == 0xff)
            at++;
        if (at >= n)
            break;
        int marker = p[at++];
        if (marker == JPEG_EOI) {
            if (out->n_components == 0)
                return bf_fail(err, BF_EDATA, "the JPEG holds no picture");
            return BF_OK;
        }
        if (marker == 0 || marker == JPEG_TEM || (marker >= JPEG_RST0 && marker <= JPEG_SOI))
            continue;
        if (n - at < 2)
            break;
        size_t len = (size_t)p[at] << 8 | p[at + 1];
        if (len < 2 || len > n - at)
            break;
        if (is_sof(marker) && len >= 8 && out->n_components == 0)
            out->n_components = p[at + 7];
        if (marker == JPEG_APP1 && len >= 8 && memcmp(p + at + 2, "Exif\0", 6) == 0 &&
            out->orientation == 1)
            out->orientation = bf_exif_orientation(p + at + 8, len - 8);
        at += len;
    }
    return bf_fail(err, BF_EDATA, "the JPEG ends early: no end marker in %zu bytes", n);
}

/* CRC-32 of ISO 3309, as PNG (annex D) defines it. */
static uint32_t crc32_of(const uint8_t *p, size_t n)
{
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        table[i] = c;
    }
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < n; i++)
        crc = table[(crc ^ p[i]) & 0xff] ^ crc >> 8;
    return ~crc;
}

static int read_png(const uint8_t *p, size_t n, struct bf_marks *out, struct bf_err *err)
{
    bool has_data = false;
    for (size_t at = 8; n - at >= 12;) {
        size_t len = be32(p + at);
        const uint8_t *type = p + at + 4;
        if (len > n - at - 12)
            break;
        /* Chunks whose type starts with a capital are needed for the picture (PNG, 5.4). */
        bool critical = type[0] >= 'A' && type[0] <= 'Z';
        if (critical && crc32_of(type, len + 4) != be32(type + 4 + len))
            return bf_fail(err, BF_EDATA, "the PNG is damaged: wrong checksum in a chunk '%.4s'",
                           (const char *)type);
        if (memcmp(type, "CgBI", 4) == 0)
            return bf_fail(err, BF_EDATA, "a PNG in Apple's own form (CgBI) is not read");
        if (memcmp(type, "eXIf", 4) == 0)
            out->orientation = bf_exif_orientation(type + 4, len);
        has_data = has_data || memcmp(type, "IDAT", 4) == 0;
        if (memcmp(type, "IEND", 4) == 0) {
            if (!has_data)
                return bf_fail(err, BF_EDATA, "the PNG holds no picture data");
            return BF_OK;
        }
        at += len + 12;
    }
    return bf_fail(err, BF_EDATA, "the PNG ends early: no end chunk in %zu bytes", n);
}

/* The first picture of a GIF must be whole; what follows is other frames. Blocks of GIF89a. */
static int read_gif(const uint8_t *p, size_t n, struct bf_err *err)
{
    enum { EXTENSION = 0x21, IMAGE = 0x2c, HEADER = 13 };
    size_t at = HEADER;
    if (n > HEADER && (p[10] & 0x80))
        at += (size_t)3 << ((p[10] & 7) + 1);
    while (at < n && (p[at] == EXTENSION || p[at] == IMAGE)) {
        const bool image = p[at] == IMAGE;
        if (image && n - at > 10)
            at += (p[at + 9] & 0x80 ? (size_t)3 << ((p[at + 9] & 7) + 1) : 0) + 11;
        else
            at += image ? n : 2;
        while (at < n && p[at] != 0)
            at += (size_t)p[at] + 1;
        if (image && at < n)
            return BF_OK;
        at++;
    }
    if (at < n)
        return bf_fail(err, BF_EDATA, "the GIF holds no picture");
    return bf_fail(err, BF_EDATA, "the GIF ends early: no whole picture in %zu bytes", n);
}

/* Uncompressed pixels must all be there: decoders read zeros past the end. */
static int read_bmp(const uint8_t *p, size_t n, struct bf_err *err)
{
    enum { CORE_HEADER = 12, PLAIN = 0, BIT_FIELDS = 3 };
    const uint32_t data = le32(p + 10);
    if (le32(p + 14) == CORE_HEADER || n < 54)
        return BF_OK; /* as old as OS/2: left to the decoder */
    const int64_t w = (int32_t)le32(p + 18);
    const int64_t h = (int32_t)le32(p + 22);
    const int64_t bits = p[28] | p[29] << 8;
    const uint32_t packing = le32(p + 30);
    const int64_t need = (w * bits + 31) / 32 * 4 * (h < 0 ? -h : h);
    if ((packing == PLAIN || packing == BIT_FIELDS) && w > 0 && need > (int64_t)n - data)
        return bf_fail(err, BF_EDATA, "the BMP ends early: %lld of %lld bytes of pixels",
                       (long long)(data < n ? n - data : 0), (long long)need);
    return BF_OK;
}

static void read_webp(const uint8_t *p, size_t n, struct bf_marks *out)
{
    for (size_t at = 12; n - at >= 8;) {
        size_t len = le32(p + at + 4);
        if (len > n - at - 8)
            break;
        if (memcmp(p + at, "EXIF", 4) == 0) {
            /* Some writers put JPEG's "Exif\0\0" in front. */
            size_t skip = len >= 6 && memcmp(p + at + 8, "Exif\0", 6) == 0 ? 6 : 0;
            out->orientation = bf_exif_orientation(p + at + 8 + skip, len - skip);
        }
        at += 8 + len + (len & 1 && len < n - at - 8);
    }
}

static bool starts(const uint8_t *p, size_t n, const char *magic, size_t n_magic)
{
    return n >= n_magic && memcmp(p, magic, n_magic) == 0;
}

int bf_marks_read(const uint8_t *bytes, size_t n, struct bf_marks *out, struct bf_err *err)
{
    struct bf_pnm pnm;
    const uint8_t *p = bytes;
    struct bf_marks m = { .orientation = 1 };
    int rc = BF_OK;

    if (starts(p, n, "\xff\xd8\xff", 3)) {
        m.format = "jpeg";
        m.ext = "jpg";
        rc = read_jpeg(p, n, &m, err);
    } else if (starts(p, n, "\x89PNG\r\n\x1a\n", 8)) {
        m.format = m.ext = "png";
        rc = read_png(p, n, &m, err);
    } else if (starts(p, n, "GIF87a", 6) || starts(p, n, "GIF89a", 6)) {
        m.format = m.ext = "gif";
        rc = read_gif(p, n, err);
    } else if (starts(p, n, "BM", 2) && n >= 26) {
        m.format = m.ext = "bmp";
        rc = read_bmp(p, n, err);
    } else if (n >= 8 && p[0] == 'P' && (p[1] == '5' || p[1] == '6') &&
               memchr(" \t\r\n", p[2], 4)) {
        m.format = "pnm";
        m.ext = p[1] == '5' ? "pgm" : "ppm";
        rc = bf_pnm_open(p, n, &pnm, err);
    } else if (starts(p, n, "RIFF", 4) && n >= 16 && memcmp(p + 8, "WEBP", 4) == 0) {
        m.format = m.ext = "webp";
        if (le32(p + 4) > n - 8)
            rc = bf_fail(err, BF_EDATA, "the WebP ends early: %zu of %u bytes", n, le32(p + 4) + 8);
        read_webp(p, n, &m);
    } else if (starts(p, n, "II*\0", 4) || starts(p, n, "MM\0*", 4)) {
        m.format = m.ext = "tiff";
        m.orientation = bf_exif_orientation(p, n);
    } else {
        rc = bf_fail(err, BF_EDATA,
                     "not a picture that is read here: its first bytes are those "
                     "of no JPEG, PNG, GIF, BMP, PGM, PPM, WebP or TIFF");
    }
    if (rc == BF_OK)
        *out = m;
    return rc;
}
