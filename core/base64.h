#ifndef BF_CORE_BASE64_H
#define BF_CORE_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Base64 (RFC 4648, section 4), 12 bits at a time. */
struct bf_base64 {
    char pairs[4096][2];
};

void bf_base64_init(struct bf_base64 *b);

/* Characters that `n` bytes take, padding included. */
static inline size_t bf_base64_len(size_t n)
{
    return (n + 2) / 3 * 4;
}

/* Write bf_base64_len(n) characters to `out`, no NUL, no line breaks. */
void bf_base64_encode(const struct bf_base64 *b, const uint8_t *p, size_t n, char *out);

#endif
