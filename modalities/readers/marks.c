/* The skeletons of picture files: signature, markers, chunks, checksums. */
#include "modalities/readers/marks.h"

#include <limits.h>
#include <string.h>

#include <zlib.h>

#include "modalities/readers/exif.h"
#include "core/number.h"

enum {
    JPEG_SOF0 = 0xc0,
    JPEG_DHT = 0xc4,
    JPEG_JPG = 0xc8,
    JPEG_DAC = 0xcc,
    JPEG_SOF15 = 0xcf,
    JPEG_RST0 = 0xd0,
    JPEG_TEM = 0x01,
};

static bool is_sof(int marker)
{
    return marker >= JPEG_SOF0 && marker <= JPEG_SOF15 && marker != JPEG_DHT &&
           marker != JPEG_JPG && marker != JPEG_DAC;
}

/* Between a scan's header and the next marker lie entropy-coded bytes, in which 0xff is followed
 * by 0x00 or a restart marker. */
bool bf_jpeg_next(const uint8_t *p, size_t n, size_t *at, int *marker_out, size_t *len_out)
{
    for (;;) {
        const uint8_t *ff = *at < n ? memchr(p + *at, 0xff, n - *at) : NULL;
        if (!ff)
            return false;
        *at = (size_t)(ff - p);
        while (*at < n && p[*at] == 0xff)
            ++*at;
        if (*at >= n)
            return false;
        const int marker = p[(*at)++];
        if (marker == 0 || marker == JPEG_TEM || (marker >= JPEG_RST0 && marker <= BF_JPEG_SOI))
            continue;
        *marker_out = marker;
        *len_out = 0;
        if (marker == BF_JPEG_EOI)
            return true;
        if (n - *at < 2)
            return false;
        *len_out = bf_be16(p + *at);
        return *len_out >= 2 && *len_out <= n - *at;
    }
}

static int read_jpeg(const uint8_t *p, size_t n, struct bf_marks *out, struct bf_err *err)
{
    size_t at = 2, len = 0;
    int marker = 0;
    bool scan = false;
    while (marker != BF_JPEG_EOI && bf_jpeg_next(p, n, &at, &marker, &len)) {
        if (is_sof(marker) && len >= 8 && out->n_components == 0) {
            out->h = bf_be16(p + at + 3);
            out->w = bf_be16(p + at + 5);
            out->n_components = p[at + 7];
        }
        if (marker == BF_JPEG_APP1 && len >= 8 && memcmp(p + at + 2, "Exif\0", 6) == 0 &&
            out->orientation == 1)
            out->orientation = bf_exif_orientation(p + at + 8, len - 8);
        scan |= marker == BF_JPEG_SOS;
        at += len;
        /* Nearly every file ends with its end marker: then there is no need to look for it. */
        if (scan && p[n - 2] == 0xff && p[n - 1] == BF_JPEG_EOI)
            marker = BF_JPEG_EOI;
    }
    out->ends_early = marker != BF_JPEG_EOI;
    if (out->n_components == 0 || !scan)
        return bf_fail(err, BF_EDATA,
                       out->ends_early ? "the JPEG ends early: no picture in %zu bytes"
                                       : "the JPEG holds no picture in %zu bytes",
                       n);
    if (out->h == 0)
        return bf_fail(err, BF_EDATA, "a JPEG that tells its height at its end is not read");
    return BF_OK;
}

static void read_png_header(const uint8_t *p, struct bf_marks *out)
{
    enum { HAS_ALPHA = 4 };
    out->w = bf_be32(p);
    out->h = bf_be32(p + 4);
    out->deep = p[8] == 16;
    out->alpha = p[9] & HAS_ALPHA;
}

static int read_png(const uint8_t *p, size_t n, struct bf_marks *out, struct bf_err *err)
{
    enum { IHDR_BYTES = 13 };
    bool has_data = false;
    out->ends_early = true;
    for (size_t at = 8; n - at >= 12 && out->ends_early;) {
        size_t len = bf_be32(p + at);
        const uint8_t *type = p + at + 4;
        has_data = has_data || memcmp(type, "IDAT", 4) == 0;
        if (len > n - at - 12)
            break;
        /* Chunks whose type starts with a capital are needed for the picture (PNG, 5.4). */
        bool critical = type[0] >= 'A' && type[0] <= 'Z';
        if (critical && (len > INT_MAX ||
                         crc32(crc32(0, NULL, 0), type, (uInt)len + 4) != bf_be32(type + 4 + len)))
            return bf_fail(err, BF_EDATA, "the PNG is damaged: wrong checksum in a chunk '%.4s'",
                           (const char *)type);
        if (memcmp(type, "CgBI", 4) == 0)
            return bf_fail(err, BF_EDATA, "a PNG in Apple's own form (CgBI) is not read");
        if (memcmp(type, "IHDR", 4) == 0 && len >= IHDR_BYTES)
            read_png_header(type + 4, out);
        out->alpha = out->alpha || memcmp(type, "tRNS", 4) == 0;
        out->moves = out->moves || memcmp(type, "acTL", 4) == 0;
        if (memcmp(type, "eXIf", 4) == 0)
            out->orientation = bf_exif_orientation(type + 4, len);
        out->ends_early = memcmp(type, "IEND", 4) != 0;
        at += len + 12;
    }
    if (!has_data)
        return bf_fail(err, BF_EDATA,
                       out->ends_early ? "the PNG ends early: no picture data in %zu bytes"
                                       : "the PNG holds no picture data in %zu bytes",
                       n);
    return BF_OK;
}

/* The first picture of a GIF; what follows is other frames. Blocks of GIF89a. */
static int read_gif(const uint8_t *p, size_t n, struct bf_marks *out, struct bf_err *err)
{
    enum { EXTENSION = 0x21, IMAGE = 0x2c, HEADER = 13 };
    size_t at = HEADER;
    bool image = false;
    if (n <= HEADER)
        return bf_fail(err, BF_EDATA, "the GIF ends early: no picture in %zu bytes", n);
    out->w = bf_le16(p + 6);
    out->h = bf_le16(p + 8);
    if (p[10] & 0x80)
        at += (size_t)3 << ((p[10] & 7) + 1);
    while (at < n && !image && (p[at] == EXTENSION || p[at] == IMAGE)) {
        image = p[at] == IMAGE && n - at > 10;
        if (image)
            at += (p[at + 9] & 0x80 ? (size_t)3 << ((p[at + 9] & 7) + 1) : 0) + 11;
        else
            at += p[at] == IMAGE ? n : 2;
        while (at < n && p[at] != 0)
            at += (size_t)p[at] + 1;
        if (!image)
            at++;
    }
    out->ends_early = at >= n;
    if (!image)
        return bf_fail(err, BF_EDATA,
                       at < n ? "the GIF holds no picture in %zu bytes"
                              : "the GIF ends early: no picture in %zu bytes",
                       n);
    return BF_OK;
}

/* The size that the first chunk tells, and what else is there (RIFF container of WebP; RFC 6386,
 * 9.1; the header of WebP lossless). */
static void read_webp_chunk(const uint8_t *p, size_t len, const uint8_t *v, struct bf_marks *out)
{
    enum { EXTENDED_MOVES = 0x02, EXTENDED_ALPHA = 0x10 };
    if (memcmp(p, "VP8X", 4) == 0 && len >= 10) {
        out->w = (int64_t)bf_le24(v + 4) + 1;
        out->h = (int64_t)bf_le24(v + 7) + 1;
        out->moves = v[0] & EXTENDED_MOVES;
        out->alpha = v[0] & EXTENDED_ALPHA;
    } else if (memcmp(p, "VP8L", 4) == 0 && len >= 5 && v[0] == 0x2f) {
        const uint32_t bits = bf_le32(v + 1);
        out->alpha = out->alpha || (bits >> 28 & 1);
        if (out->w == 0) {
            out->w = (bits & 0x3fff) + 1;
            out->h = (bits >> 14 & 0x3fff) + 1;
        }
    } else if (memcmp(p, "VP8 ", 4) == 0 && len >= 10 && out->w == 0) {
        out->w = bf_le16(v + 6) & 0x3fff;
        out->h = bf_le16(v + 8) & 0x3fff;
    } else if (memcmp(p, "ALPH", 4) == 0) {
        out->alpha = true;
    } else if (memcmp(p, "EXIF", 4) == 0) {
        /* Some writers put JPEG's "Exif\0\0" in front. */
        size_t skip = len >= 6 && memcmp(v, "Exif\0", 6) == 0 ? 6 : 0;
        out->orientation = bf_exif_orientation(v + skip, len - skip);
    }
}

static void read_webp(const uint8_t *p, size_t n, struct bf_marks *out)
{
    out->ends_early = bf_le32(p + 4) > n - 8;
    for (size_t at = 12; n - at >= 8;) {
        size_t len = bf_le32(p + at + 4);
        const size_t left = n - at - 8;
        read_webp_chunk(p + at, len < left ? len : left, p + at + 8, out);
        if (len > left)
            break;
        at += 8 + len + (len & 1 && len < left);
    }
}

static void read_tiff(const uint8_t *p, size_t n, struct bf_marks *out)
{
    enum { TAG_WIDTH = 256, TAG_LENGTH = 257, TAG_PROFILE = 34675 };
    struct bf_exif_entry e;
    out->orientation = bf_exif_orientation(p, n);
    if (bf_exif_find(p, n, TAG_WIDTH, &e))
        out->w = e.value;
    if (bf_exif_find(p, n, TAG_LENGTH, &e))
        out->h = e.value;
    out->ends_early = bf_exif_find(p, n, TAG_PROFILE, &e) && !e.data; /* it is often written last */
}

/* The brands of ISO 14496-12 that stand for pictures in HEIF; NULL for all else, clips included. */
static const char *heif_of(const uint8_t *p, size_t n)
{
    static const char brands[][5] = { "avif", "heic", "heix", "heim", "heis", "mif1" };
    static const char *const formats[] = { "avif", "heic", "heic", "heic", "heic", "heic" };
    if (n < 16 || memcmp(p + 4, "ftyp", 4) != 0)
        return NULL;
    const size_t len = bf_be32(p) < n ? bf_be32(p) : n;
    for (size_t b = 0; b < sizeof brands / sizeof *brands; b++)
        for (size_t at = 8; at + 4 <= len; at += at == 8 ? 8 : 4)
            if (memcmp(p + at, brands[b], 4) == 0)
                return formats[b];
    return NULL;
}

static bool starts(const uint8_t *p, size_t n, const char *magic, size_t n_magic)
{
    return n >= n_magic && memcmp(p, magic, n_magic) == 0;
}

/* What is known well enough to be named, and not read. */
static int refuse(const uint8_t *p, size_t n, struct bf_err *err)
{
    static const struct {
        size_t at, n;
        const char *magic, *name;
    } known[] = {
        { 0, 12, "\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL" },
        { 0, 2, "\xff\x0a", "JPEG XL" },
        { 4, 8, "jP  \r\n\x87\n", "JPEG 2000" },
        { 0, 4, "\xff\x4f\xff\x51", "JPEG 2000" },
        { 0, 4, "8BPS", "Photoshop" },
        { 0, 4, "\0\0\1\0", "icon" },
        { 0, 4, "%PDF", "PDF" },
        { 0, 4, "<svg", "SVG" },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (n > known[i].at && starts(p + known[i].at, n - known[i].at, known[i].magic, known[i].n))
            return bf_fail(err, BF_EDATA,
                           "a picture in the format %s is not read; allowed: JPEG, "
                           "PNG, GIF, BMP, PNM, WebP, TIFF, HEIC, AVIF",
                           known[i].name);
    return bf_fail(err, BF_EDATA,
                   "not a picture that is read here: its first bytes are those of no JPEG, PNG, "
                   "GIF, BMP, PNM, WebP, TIFF, HEIC or AVIF");
}

/* `out` is filled as far as it goes, whatever is returned. */
static int look(const uint8_t *p, size_t n, struct bf_marks *out, struct bf_err *err)
{
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
        rc = read_gif(p, n, &m, err);
    } else if (starts(p, n, "BM", 2) && n >= 26) {
        m.format = m.ext = "bmp";
    } else if (n >= 8 && p[0] == 'P' && p[1] >= '1' && p[1] <= '6' && memchr(" \t\r\n#", p[2], 5)) {
        m.format = "pnm";
        m.ext = (const char *[]){ "pbm", "pgm", "ppm" }[(p[1] - '1') % 3];
    } else if (starts(p, n, "RIFF", 4) && n >= 16 && memcmp(p + 8, "WEBP", 4) == 0) {
        m.format = m.ext = "webp";
        read_webp(p, n, &m);
    } else if (starts(p, n, "II*\0", 4) || starts(p, n, "MM\0*", 4) || starts(p, n, "II+\0", 4) ||
               starts(p, n, "MM\0+", 4)) {
        m.format = m.ext = "tiff";
        read_tiff(p, n, &m);
    } else if (heif_of(p, n)) {
        m.format = m.ext = heif_of(p, n);
    } else {
        rc = refuse(p, n, err);
    }
    *out = m;
    return rc;
}

int bf_marks_read(const uint8_t *bytes, size_t n, struct bf_marks *out, struct bf_err *err)
{
    struct bf_marks m;
    BF_TRY(look(bytes, n, &m, err));
    *out = m;
    return BF_OK;
}

void bf_marks_size(const uint8_t *bytes, size_t n, int64_t *w_out, int64_t *h_out)
{
    struct bf_marks m;
    (void)look(bytes, n, &m, NULL); /* a beginning is rarely a picture */
    *w_out = m.w;
    *h_out = m.h;
}
