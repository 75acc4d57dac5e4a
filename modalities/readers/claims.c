/* What the headers of sound files claim: libsndfile believes the file's size and passes over the
 * difference. */
#include "modalities/readers/claims.h"

#include <ctype.h>
#include <string.h>

#include "core/number.h"

enum { UNKNOWN_32 = 0x7fffff00 }; /* from here on a 32-bit size stands for "not known" */

/* Sizes beyond any file become -1. */
static int64_t size_of(uint64_t v)
{
    return v < (uint64_t)INT64_MAX / 2 ? (int64_t)v : -1;
}

/* How chunks look in one family of files. */
struct family {
    size_t n_head;  /* bytes of name and size */
    size_t size_at; /* of the size in them */
    int size_bytes;
    bool is_big;
    int64_t counted; /* bytes of the head that the size counts */
    int64_t align;
    const char *data; /* the chunk of samples */
    int64_t before;   /* bytes in it before the samples */
};

/* Bytes behind the samples, which end at `end`, when they do not look like another chunk. */
static int64_t behind(struct bf_source *src, int64_t end)
{
    uint8_t h[8];
    const int64_t left = src->size - end;
    src->at = end;
    if (left < 8 || bf_source_read(src, h, sizeof h) != sizeof h || bf_little(h, 8) == 0)
        return 0;
    for (int i = 0; i < 4; i++)
        if (!isprint(h[i]))
            return left;
    return 0;
}

static struct bf_claims walk(struct bf_source *src, const struct family *f, int64_t at)
{
    struct bf_claims c = { .claimed = -1 };
    int64_t long_size = -1; /* of an RF64's ds64 chunk */
    uint8_t h[24], ds64[16];
    for (int n = 0; n < 10000; n++) {
        src->at = at;
        if (bf_source_read(src, h, f->n_head) != (ptrdiff_t)f->n_head)
            return c;
        const uint64_t raw = f->is_big ? bf_big(h + f->size_at, f->size_bytes)
                                       : bf_little(h + f->size_at, f->size_bytes);
        int64_t size = size_of(raw);
        const bool unknown = f->size_bytes == 4 && raw >= UNKNOWN_32;
        if (memcmp(h, "ds64", 4) == 0 && bf_source_read(src, ds64, 16) == 16)
            long_size = size_of(bf_little(ds64 + 8, 8));
        if (memcmp(h, f->data, 4) == 0) {
            const int64_t begin = at + (int64_t)f->n_head + f->before;
            size = unknown ? long_size : size;
            c.claimed = size < 0 ? -1 : size - f->counted - f->before;
            c.there = src->size > begin ? src->size - begin : 0;
            if (c.claimed > 0 && c.claimed < c.there && f->n_head == 8)
                c.behind = behind(src, begin + (c.claimed + f->align - 1) / f->align * f->align);
            return c;
        }
        if (size < f->counted || unknown)
            return c;
        size -= f->counted;
        size += (f->align - size % f->align) % f->align;
        if (size > src->size - at)
            return c;
        at += (int64_t)f->n_head + size;
    }
    return c;
}

struct bf_claims bf_claims_read(struct bf_source *src)
{
    static const struct family riff = { 8, 4, 4, false, 0, 2, "data", 0 };
    static const struct family w64 = { 24, 16, 8, false, 24, 8, "data", 0 };
    static const struct family aiff = { 8, 4, 4, true, 0, 2, "SSND", 8 };
    static const struct family caf = { 12, 4, 8, true, 0, 1, "data", 4 };
    struct bf_claims none = { .claimed = -1 };
    uint8_t h[12];
    src->at = 0;
    if (bf_source_read(src, h, sizeof h) != sizeof h)
        return none;
    if ((memcmp(h, "RIFF", 4) == 0 || memcmp(h, "RF64", 4) == 0) && memcmp(h + 8, "WAVE", 4) == 0)
        return walk(src, &riff, 12);
    if (memcmp(h, "riff\x2e\x91\xcf\x11", 8) == 0)
        return walk(src, &w64, 40);
    if (memcmp(h, "FORM", 4) == 0 && memcmp(h + 8, "AIF", 3) == 0)
        return walk(src, &aiff, 12);
    if (memcmp(h, "caff", 4) == 0)
        return walk(src, &caf, 8);
    if (memcmp(h, ".snd", 4) == 0) {
        const uint64_t begin = bf_big(h + 4, 4), size = bf_big(h + 8, 4);
        none.there = src->size - (int64_t)begin;
        none.claimed = size < UNKNOWN_32 && none.there > 0 ? (int64_t)size : -1;
    }
    return none;
}

bool bf_ogg_is_whole(struct bf_source *src)
{
    enum { LAST_PAGE = 4, MAX_PAGE = 65307 };
    uint8_t tail[MAX_PAGE];
    src->at = 0;
    if (bf_source_read(src, tail, 4) != 4 || memcmp(tail, "OggS", 4) != 0)
        return true;
    src->at = src->size > MAX_PAGE ? src->size - MAX_PAGE : 0;
    const ptrdiff_t n = bf_source_read(src, tail, sizeof tail);
    for (ptrdiff_t i = n - 27; i >= 0; i--) {
        if (memcmp(tail + i, "OggS", 4) != 0 || tail[i + 4] != 0)
            continue;
        ptrdiff_t end = i + 27 + tail[i + 26];
        for (int k = 0; k < tail[i + 26] && i + 27 + k < n; k++)
            end += tail[i + 27 + k];
        return (tail[i + 5] & LAST_PAGE) && end <= n;
    }
    return false;
}
