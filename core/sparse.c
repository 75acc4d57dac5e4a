/* Rows of words without their zeros. */
#include "core/sparse.h"

#include <string.h>

size_t bf_sparse_pack(const void *row, int n, uint8_t *out)
{
    const char *words = row;
    uint8_t *bits = out + 2, *to = bits + (n + 7) / 8;
    out[0] = (uint8_t)(n & 255);
    out[1] = (uint8_t)(n >> 8);
    memset(bits, 0, (size_t)(n + 7) / 8);
    for (int i = 0; i < n; i++) {
        uint32_t word;
        memcpy(&word, words + 4 * (size_t)i, sizeof word);
        if (word == 0)
            continue;
        bits[i / 8] |= (uint8_t)(1u << (i % 8));
        memcpy(to, &word, sizeof word);
        to += sizeof word;
    }
    return (size_t)(to - out);
}

int bf_sparse_unpack(const uint8_t *in, size_t n_bytes, void *row, int max)
{
    char *words = row;
    if (n_bytes < 2)
        return -1;
    const int n = in[0] | in[1] << 8;
    const size_t n_bits = (size_t)(n + 7) / 8;
    if (n > max || n_bytes - 2 < n_bits)
        return -1;
    const uint8_t *bits = in + 2, *from = bits + n_bits, *end = in + n_bytes;
    for (int i = 0; i < n; i++) {
        uint32_t word = 0;
        if (bits[i / 8] >> (i % 8) & 1) {
            if ((size_t)(end - from) < sizeof word)
                return -1;
            memcpy(&word, from, sizeof word);
            from += sizeof word;
        }
        memcpy(words + 4 * (size_t)i, &word, sizeof word);
    }
    return from == end ? n : -1;
}
