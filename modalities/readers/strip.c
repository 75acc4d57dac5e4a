/* Picture files without all that is no pixel: nothing decoded, so that no pixel changes. */
#include <string.h>

#include "modalities/readers/icc.h"
#include "modalities/readers/marks.h"
#include "modalities/readers/picture.h"
#include "core/number.h"

/* A copy of a file, of which some pieces are left out: never longer than the file by more than what
 * a new head takes. */
struct copy {
    uint8_t *bytes;
    size_t n;
};

static int copy_new(size_t n, struct copy *c, struct bf_arena *a, struct bf_err *err)
{
    enum { HEAD = 64 };
    *c = (struct copy){ .bytes = bf_arena_alloc(a, n + HEAD, 1) };
    return c->bytes ? BF_OK : bf_fail_memory(err, "a picture file");
}

static void add(struct copy *c, const void *p, size_t n)
{
    memcpy(c->bytes + c->n, p, n);
    c->n += n;
}

/* Application data but for Adobe's mark, which says what the components mean; comments. JFIF's mark
 * is made anew, without resolution and thumbnail: it says that they are Y, Cb, Cr. */
static bool keeps(int marker, const uint8_t *v, size_t len)
{
    if (marker == BF_JPEG_APP14)
        return len >= 14 && memcmp(v + 2, "Adobe", 5) == 0;
    return marker != BF_JPEG_COM && (marker < BF_JPEG_APP0 || marker > BF_JPEG_APP15);
}

static int strip_jpeg(const uint8_t *p, size_t n, struct copy *c, struct bf_arena *a,
                      struct bf_err *err)
{
    static const uint8_t start[] = { 0xff, BF_JPEG_SOI };
    static const uint8_t jfif[] = {
        0xff, BF_JPEG_APP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };
    size_t at = 2, len = 0, from = 2;
    int marker = 0;
    bool scan = false, has_jfif = false;
    BF_TRY(copy_new(n, c, a, err));
    add(c, start, sizeof start);
    while (marker != BF_JPEG_EOI && bf_jpeg_next(p, n, &at, &marker, &len)) {
        const uint8_t *v = p + at;
        if (scan) /* what lies between is the scan's */
            add(c, p + from, at - 2 - from);
        const uint8_t mark[] = { 0xff, (uint8_t)marker };
        if (marker == BF_JPEG_APP0 && len >= 16 && memcmp(v + 2, "JFIF", 5) == 0 && !has_jfif) {
            add(c, jfif, sizeof jfif);
            has_jfif = true;
        } else if (keeps(marker, v, len)) {
            add(c, mark, sizeof mark);
            add(c, v, marker == BF_JPEG_APP14 ? 14 : len);
            if (marker == BF_JPEG_APP14) /* and no byte behind it */
                c->bytes[c->n - 14] = 0, c->bytes[c->n - 13] = 14;
        }
        scan = scan || marker == BF_JPEG_SOS;
        at += len;
        from = at;
    }
    return marker == BF_JPEG_EOI ? BF_OK : BF_END;
}

/* IHDR, PLTE, IDAT and IEND alone: transparency is not left to whoever shows it, and other chunks
 * are words, times, resolutions, other frames, or colours that were found to be sRGB. */
static int strip_png(const uint8_t *p, size_t n, struct copy *c, struct bf_arena *a,
                     struct bf_err *err)
{
    bool end = false;
    BF_TRY(copy_new(n, c, a, err));
    add(c, p, 8);
    for (size_t at = 8; n - at >= 12 && !end;) {
        const size_t len = bf_be32(p + at);
        const uint8_t *type = p + at + 4;
        if (len > n - at - 12)
            break;
        end = memcmp(type, "IEND", 4) == 0;
        if (end || memcmp(type, "IHDR", 4) == 0 || memcmp(type, "PLTE", 4) == 0 ||
            memcmp(type, "IDAT", 4) == 0)
            add(c, p + at, len + 12);
        at += len + 12;
    }
    return end ? BF_OK : BF_END;
}

static void put_le32(uint8_t *p, size_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

/* The one chunk that is the picture, in the simple form of the container. */
static int strip_webp(const uint8_t *p, size_t n, struct copy *c, struct bf_arena *a,
                      struct bf_err *err)
{
    BF_TRY(copy_new(n, c, a, err));
    for (size_t at = 12; n - at >= 8;) {
        const size_t len = bf_le32(p + at + 4);
        if (len > n - at - 8)
            break;
        if (memcmp(p + at, "VP8 ", 4) == 0 || memcmp(p + at, "VP8L", 4) == 0) {
            add(c, "RIFF\0\0\0\0WEBP", 12);
            add(c, p + at, 8 + len);
            if (len & 1)
                add(c, "", 1);
            put_le32(c->bytes + 4, c->n - 8);
            return BF_OK;
        }
        at += 8 + len + (len & 1 && len < n - at - 8);
    }
    return BF_END;
}

/* Whether whoever takes the file's bytes sees the pixels that we do. Not so where its colours need
 * a profile or inks, where it lies on a side, is seen through, has more than 8 bits, moves, or is
 * not whole. */
static int is_plain(const uint8_t *bytes, size_t n, const struct bf_marks *m, bool *out,
                    struct bf_arena *a, struct bf_err *err)
{
    const uint8_t *profile;
    size_t n_profile;
    *out = false;
    if (m->orientation != 1 || m->ends_early || m->deep || m->alpha || m->n_components > 3)
        return BF_OK;
    if (m->moves && strcmp(m->format, "webp") == 0)
        return BF_OK;
    BF_TRY(bf_icc_find(bytes, n, m->format, &profile, &n_profile, a, err));
    *out = n_profile == 0 || bf_icc_is_srgb(profile, n_profile);
    return BF_OK;
}

int bf_picture_strip(const uint8_t *bytes, size_t n, int side, struct bf_blob *out,
                     struct bf_arena *a, struct bf_err *err)
{
    static const struct {
        const char *format, *mime;
        int (*strip)(const uint8_t *p, size_t n, struct copy *c, struct bf_arena *a,
                     struct bf_err *err);
    } known[] = {
        { "jpeg", "image/jpeg", strip_jpeg },
        { "png", "image/png", strip_png },
        { "webp", "image/webp", strip_webp },
    };
    struct bf_marks m;
    struct copy c = { 0 };
    bool plain;
    BF_TRY(bf_marks_read(bytes, n, &m, err));
    BF_TRY(is_plain(bytes, n, &m, &plain, a, err));
    if (!plain || (side > 0 && (m.w > side || m.h > side)))
        return BF_END;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(m.format, known[i].format) == 0) {
            const int rc = known[i].strip(bytes, n, &c, a, err);
            if (rc == BF_OK)
                *out = (struct bf_blob){
                    .ext = m.ext, .mime = known[i].mime, .bytes = c.bytes, .n = c.n
                };
            return rc;
        }
    return BF_END;
}
