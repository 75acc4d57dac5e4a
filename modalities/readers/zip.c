/* ZIP archives, for the arrays in them. */
#include "modalities/readers/zip.h"

#include <string.h>

#include <zlib.h>

#include "core/number.h"

enum {
    END_BYTES = 22,
    END64_BYTES = 56,
    LOCATOR_BYTES = 20,
    CENTRAL_BYTES = 46,
    LOCAL_BYTES = 30,
    MAX_COMMENT = 65535,
    MAX_RATIO = 1032, /* what deflating can do at most (zlib's technical details) */
};

bool bf_is_zip(const uint8_t *bytes, size_t n)
{
    return n >= 4 && (memcmp(bytes, "PK\3\4", 4) == 0 || memcmp(bytes, "PK\5\6", 4) == 0);
}

/* Where the central directory lies and how many entries it has. */
struct directory {
    uint64_t at, n_entries;
};

static bool find_directory(const uint8_t *bytes, size_t n, struct directory *out)
{
    if (n < END_BYTES)
        return false;
    const size_t first = n - END_BYTES > MAX_COMMENT ? n - END_BYTES - MAX_COMMENT : 0;
    size_t at = n - END_BYTES;
    while (memcmp(bytes + at, "PK\5\6", 4) != 0) {
        if (at-- == first)
            return false;
    }
    *out = (struct directory){ bf_little(bytes + at + 16, 4), bf_little(bytes + at + 10, 2) };
    const uint8_t *locator = bytes + at - LOCATOR_BYTES;
    if (at >= LOCATOR_BYTES && memcmp(locator, "PK\6\7", 4) == 0) {
        const uint64_t end = bf_little(locator + 8, 8);
        if (n < END64_BYTES || end > n - END64_BYTES || memcmp(bytes + end, "PK\6\6", 4) != 0)
            return false;
        *out = (struct directory){ bf_little(bytes + end + 48, 8), bf_little(bytes + end + 32, 8) };
    }
    return out->n_entries <= BF_ZIP_MAX_ENTRIES;
}

/* Sizes and place of an entry that does not fit in 32 bits: extra field 1, those that do not. */
static void read_extra(const uint8_t *p, size_t n, struct bf_zip_entry *e, uint64_t *local)
{
    while (n >= 4) {
        const uint64_t size = bf_little(p + 2, 2);
        if (size > n - 4)
            return;
        const uint8_t *q = p + 4, *end = p + 4 + size;
        uint64_t *const wide[] = { &e->n, &e->n_stored, local };
        for (int i = 0; bf_little(p, 2) == 1 && i < 3; i++)
            if (*wide[i] == UINT32_MAX && end - q >= 8) {
                *wide[i] = bf_little(q, 8);
                q += 8;
            }
        p += 4 + size;
        n -= 4 + (size_t)size;
    }
}

int bf_zip_list(const uint8_t *bytes, size_t n, struct bf_zip_entry **list_out, size_t *n_out,
                struct bf_arena *a, struct bf_err *err)
{
    static const char broken[] = "the archive is damaged, or ends early";
    struct directory d;
    if (!find_directory(bytes, n, &d))
        return bf_fail(err, BF_EDATA, "%s", broken);
    struct bf_zip_entry *list = bf_arena_alloc(a, (size_t)d.n_entries + 1, sizeof *list);
    if (!list)
        return bf_fail_memory(err, "an archive");
    uint64_t at = d.at;
    for (uint64_t i = 0; i < d.n_entries; i++) {
        if (at > n || n - at < CENTRAL_BYTES || memcmp(bytes + at, "PK\1\2", 4) != 0)
            return bf_fail(err, BF_EDATA, "%s", broken);
        const uint8_t *p = bytes + at;
        const uint64_t n_name = bf_little(p + 28, 2), n_extra = bf_little(p + 30, 2);
        struct bf_zip_entry *e = &list[i];
        e->method = p[8] & 1 ? -1 : (int)bf_little(p + 10, 2); /* -1: encrypted */
        e->crc = (uint32_t)bf_little(p + 16, 4);
        e->n_stored = bf_little(p + 20, 4);
        e->n = bf_little(p + 24, 4);
        uint64_t local = bf_little(p + 42, 4);
        at += CENTRAL_BYTES;
        if (n_name + n_extra > n - at)
            return bf_fail(err, BF_EDATA, "%s", broken);
        e->name = bf_arena_strndup(a, (const char *)bytes + at, (size_t)n_name);
        if (!e->name)
            return bf_fail_memory(err, "an archive");
        read_extra(bytes + at + n_name, (size_t)n_extra, e, &local);
        at += n_name + n_extra + bf_little(p + 32, 2);
        if (local > n || n - local < LOCAL_BYTES || memcmp(bytes + local, "PK\3\4", 4) != 0)
            return bf_fail(err, BF_EDATA, "%s", broken);
        const uint64_t data = local + LOCAL_BYTES + bf_little(bytes + local + 26, 2) +
                              bf_little(bytes + local + 28, 2);
        if (data > n || e->n_stored > n - data)
            return bf_fail(err, BF_EDATA, "%s", broken);
        e->bytes = bytes + data;
    }
    *list_out = list;
    *n_out = (size_t)d.n_entries;
    return BF_OK;
}

int bf_inflate(const uint8_t *bytes, size_t n, bool bare, uint8_t *out, size_t n_out,
               struct bf_err *err)
{
    enum { MOST_AT_ONCE = 1 << 30 };
    z_stream z = { 0 };
    if (inflateInit2(&z, bare ? -15 : 15) != Z_OK)
        return bf_fail_memory(err, "unpacking");
    int rc = Z_OK;
    size_t left = n, wanted = n_out;
    z.next_in = (Bytef *)(uintptr_t)bytes; /* zlib reads it only */
    z.next_out = out;
    while (rc == Z_OK && (wanted > 0 || z.avail_out > 0)) {
        if (z.avail_in == 0) {
            z.avail_in = left < MOST_AT_ONCE ? (uInt)left : MOST_AT_ONCE;
            left -= z.avail_in;
        }
        if (z.avail_out == 0) {
            z.avail_out = wanted < MOST_AT_ONCE ? (uInt)wanted : MOST_AT_ONCE;
            wanted -= z.avail_out;
        }
        rc = inflate(&z, Z_NO_FLUSH);
    }
    const bool whole = wanted == 0 && z.avail_out == 0;
    inflateEnd(&z);
    if (rc == Z_MEM_ERROR)
        return bf_fail_memory(err, "unpacking");
    return whole ? BF_OK : bf_fail(err, BF_EDATA, "its packed data are damaged, or end early");
}

int bf_zip_unpack(const struct bf_zip_entry *e, size_t n_out, uint8_t **out, struct bf_arena *a,
                  struct bf_err *err)
{
    if (e->method != 0 && e->method != 8)
        return bf_fail(err, BF_EDATA, "'%.40s' in it is %s; allowed: stored or deflated", e->name,
                       e->method < 0 ? "encrypted" : "packed in another way");
    if (e->method == 0 ? e->n != e->n_stored : e->n / MAX_RATIO > e->n_stored)
        return bf_fail(err, BF_EDATA, "'%.40s' in it cannot have %llu bytes, packed as %llu",
                       e->name, (unsigned long long)e->n, (unsigned long long)e->n_stored);
    if (n_out > e->n)
        return bf_fail(err, BF_EDATA, "'%.40s' in it ends early", e->name);
    uint8_t *bytes = bf_arena_alloc(a, n_out + 1, 1);
    if (!bytes)
        return bf_fail_memory(err, "what an archive holds");
    if (e->method == 0)
        memcpy(bytes, e->bytes, n_out);
    else
        BF_TRY(bf_inflate(e->bytes, (size_t)e->n_stored, true, bytes, n_out, err));
    if (n_out == e->n && crc32_z(0, bytes, n_out) != e->crc)
        return bf_fail(err, BF_EDATA, "the checksum of '%.40s' in it is wrong", e->name);
    *out = bytes;
    return BF_OK;
}
