/* Base64: two characters from each 12 bits. */
#include "core/base64.h"

#include <string.h>

void bf_base64_init(struct bf_base64 *b)
{
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (unsigned i = 0; i < 4096; i++) {
        b->pairs[i][0] = signs[i >> 6];
        b->pairs[i][1] = signs[i & 63];
    }
}

void bf_base64_encode(const struct bf_base64 *b, const uint8_t *p, size_t n, char *out)
{
    for (; n >= 6; n -= 6, p += 6, out += 8) {
        const unsigned x = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
        const unsigned y = (unsigned)p[3] << 16 | (unsigned)p[4] << 8 | p[5];
        memcpy(out, b->pairs[x >> 12], 2);
        memcpy(out + 2, b->pairs[x & 4095], 2);
        memcpy(out + 4, b->pairs[y >> 12], 2);
        memcpy(out + 6, b->pairs[y & 4095], 2);
    }
    while (n > 0) {
        const size_t k = n < 3 ? n : 3;
        const unsigned x =
            (unsigned)p[0] << 16 | (k > 1 ? (unsigned)p[1] << 8 : 0) | (k > 2 ? p[2] : 0U);
        memcpy(out, b->pairs[x >> 12], 2);
        memcpy(out + 2, b->pairs[x & 4095], 2);
        if (k < 3)
            out[3] = '=';
        if (k < 2)
            out[2] = '=';
        n -= k;
        p += k;
        out += 4;
    }
}
