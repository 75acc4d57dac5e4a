/* Files that end before what they say of themselves. */
#include "modalities/readers/cut.h"

#include <stdbool.h>
#include <string.h>

#include "core/number.h"

enum { HEAD = 16, MAX_BOXES = 1 << 16, TS_PACKET = 188, TS_SYNC = 0x47 };

static bool read_at(struct bf_source *src, int64_t at, uint8_t *buf, size_t n)
{
    src->at = at;
    return bf_source_read(src, buf, n) == (ptrdiff_t)n;
}

/* What may stand outermost; anything else is rubbish behind the end. */
static bool is_box(const uint8_t *type)
{
    static const char types[] =
        "ftyp moov mdat moof mfra free skip wide uuid meta udta sidx ssix styp "
        "emsg prft pdin pnot";
    char word[5] = { 0 };
    memcpy(word, type, 4);
    return strlen(word) == 4 && word[0] != ' ' && strstr(types, word);
}

static int64_t needs_boxes(struct bf_source *src)
{
    int64_t at = 0;
    for (int i = 0; i < MAX_BOXES && at < src->size; i++) {
        uint8_t h[HEAD];
        if (!read_at(src, at, h, 8))
            return at + 8;
        uint64_t size = bf_big(h, 4);
        if (size == 1 && !read_at(src, at, h, 16))
            return at + 16;
        size = size == 1 ? bf_big(h + 8, 8) : size;
        if (size < 8 || size > INT64_MAX / 2 || !is_box(h + 4))
            return 0; /* to the end of the file, or no box */
        at += (int64_t)size;
    }
    return at;
}

/* An element's identifier or size of 1 to 8 bytes: the number, or -1; `all_out`: unknown size. */
static int64_t read_vint(struct bf_source *src, int64_t *at, bool keep_mark, bool *all_out)
{
    uint8_t b[8];
    int n = 1;
    if (!read_at(src, *at, b, 1) || b[0] == 0)
        return -1;
    while (!(b[0] << (n - 1) & 0x80))
        n++;
    if (!read_at(src, *at, b, (size_t)n))
        return -1;
    *at += n;
    const uint64_t mark = (uint64_t)1 << (7 * n);
    const uint64_t v = bf_big(b, n);
    *all_out = (v & (mark - 1)) == mark - 1;
    return (int64_t)(keep_mark ? v : v & (mark - 1));
}

/* Matroska's outermost elements, and those right inside a segment. */
static bool is_element(int64_t id)
{
    static const int64_t ids[] = { 0x1a45dfa3, 0x18538067, 0xec,       0xbf,
                                   0x1f43b675, 0x1c53bb6b, 0x114d9b74, 0x1549a966,
                                   0x1654ae6b, 0x1254c367, 0x1941a469, 0x1043a770 };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* The segment, or where its size is not known the clusters and what else lies in it. */
static int64_t needs_elements(struct bf_source *src)
{
    enum { SEGMENT = 0x18538067 };
    int64_t at = 0;
    for (int i = 0; i < MAX_BOXES && at < src->size; i++) {
        bool unknown;
        const int64_t id = read_vint(src, &at, true, &unknown);
        const int64_t size = id < 0 ? -1 : read_vint(src, &at, false, &unknown);
        if (size < 0 || !is_element(id) || (unknown && id != SEGMENT))
            return 0;
        if (!unknown)
            at += size;
    }
    return at;
}

static int64_t needs_riff(struct bf_source *src)
{
    uint8_t h[8];
    int64_t at = 0;
    while (at < src->size && read_at(src, at, h, 8) && memcmp(h, "RIFF", 4) == 0) {
        const int64_t size = bf_le32(h + 4);
        if (size == 0 || size == UINT32_MAX)
            return 0; /* written by somebody who could not go back */
        at += 8 + size + (size & 1);
    }
    return at > src->size && at - src->size == 1 ? src->size : at; /* a pad byte may be missing */
}

int64_t bf_cut_needs(struct bf_source *src)
{
    uint8_t h[HEAD], last = 0, next = 0;
    const int64_t was_at = src->at;
    int64_t needs = 0;
    if (!read_at(src, 0, h, sizeof h))
        needs = 0;
    else if (memcmp(h + 4, "ftyp", 4) == 0 || memcmp(h + 4, "moov", 4) == 0)
        needs = needs_boxes(src);
    else if (memcmp(h, "\x1a\x45\xdf\xa3", 4) == 0)
        needs = needs_elements(src);
    else if (memcmp(h, "RIFF", 4) == 0)
        needs = needs_riff(src);
    else if (memcmp(h, "GIF8", 4) == 0)
        needs =
            read_at(src, src->size - 1, &last, 1) && last != 0x3b && last != 0 ? src->size + 1 : 0;
    else if (h[0] == TS_SYNC && read_at(src, TS_PACKET, &next, 1) && next == TS_SYNC)
        needs = (src->size + TS_PACKET - 1) / TS_PACKET * TS_PACKET;
    src->at = was_at;
    return needs;
}
