/* The frames of a FLAC file by their headers. */
#include "modalities/readers/flac.h"

#include <string.h>

enum { INFO = 8, INFO_BYTES = 34, MOST_HEADER = 16 };

bool bf_is_flac(const uint8_t *bytes, size_t n)
{
    return n >= INFO + INFO_BYTES && memcmp(bytes, "fLaC", 4) == 0;
}

/* Checksum of 8 bits, polynomial x^8 + x^2 + x + 1. */
static uint8_t crc8(const uint8_t *p, size_t n)
{
    unsigned crc = 0;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc << 1 ^ (crc & 0x80 ? 0x07 : 0)) & 0xff;
    }
    return (uint8_t)crc;
}

/* Bytes of the frame's or sample's number, which is coded as UTF-8 is; 0 when it is none. */
static size_t number_bytes(uint8_t first)
{
    size_t n = 0;
    while (n < 8 && first & 0x80 >> n)
        n++;
    return n == 0 ? 1 : n == 1 || n == 8 ? 0 : n;
}

/* What a header says; `rate` as it is coded. */
struct frame {
    int n_ch, depth, rate;
};

/* Whether a frame begins at p [MOST_HEADER]. */
static bool is_frame(const uint8_t *p, struct frame *out)
{
    static const uint8_t depths[] = { 0, 8, 12, 255, 16, 20, 24, 32 }; /* 0: the file's */
    const int size = p[2] >> 4, rate = p[2] & 15, channels = p[3] >> 4;
    const size_t n_number = number_bytes(p[4]);
    if (p[0] != 0xff || (p[1] & 0xfe) != 0xf8 || size == 0 || rate == 15 || channels > 10 ||
        p[3] & 1 || depths[p[3] >> 1 & 7] == 255 || n_number == 0)
        return false;
    const size_t n = 4 + n_number +
                     (size_t)(size == 6   ? 1
                              : size == 7 ? 2
                                          : 0) +
                     (size_t)(rate == 12  ? 1
                              : rate > 12 ? 2
                                          : 0);
    *out = (struct frame){ channels < 8 ? channels + 1 : 2, depths[p[3] >> 1 & 7], rate };
    return n < MOST_HEADER && crc8(p, n) == p[n];
}

bool bf_flac_is_even(const uint8_t *bytes, size_t n)
{
    const uint8_t *info = bytes + INFO;
    const int n_ch = (info[12] >> 1 & 7) + 1, depth = ((info[12] & 1) << 4 | info[13] >> 4) + 1;
    int rate = -1;
    struct frame f;
    for (size_t at = INFO + INFO_BYTES; at + MOST_HEADER <= n; at++) {
        const uint8_t *p = memchr(bytes + at, 0xff, n - MOST_HEADER - at + 1);
        if (!p)
            break;
        at = (size_t)(p - bytes);
        if (!is_frame(p, &f))
            continue;
        if (f.n_ch != n_ch || (f.depth && f.depth != depth) || (rate >= 0 && f.rate != rate))
            return false;
        rate = f.rate;
    }
    return true;
}
