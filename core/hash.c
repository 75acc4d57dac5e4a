/* SHA-256 by OpenSSL's plain functions: those of EVP take memory, and a hash that is not there
 * when memory is short would be a wrong name or a wrong key. */
#define OPENSSL_API_COMPAT 0x10100000L
#include "core/hash.h"

#include <errno.h>
#include <openssl/sha.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

uint64_t bf_hash64(const void *p, size_t n, uint64_t seed)
{
    return XXH3_64bits_withSeed(p, n, seed);
}

void bf_sha256(const void *p, size_t n, uint8_t out[BF_SHA_BYTES])
{
    SHA256_CTX ctx;
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, p, n);
    SHA256_Final(out, &ctx);
}

int bf_sha256_fd(int fd, uint8_t out[BF_SHA_BYTES], struct bf_err *err)
{
    char chunk[1 << 16];
    SHA256_CTX ctx;
    SHA256_Init(&ctx);
    if (lseek(fd, 0, SEEK_SET) < 0)
        return bf_fail(err, BF_EIO, "cannot read: %s", strerror(errno));
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return bf_fail(err, BF_EIO, "cannot read: %s", strerror(errno));
        if (n == 0)
            break;
        SHA256_Update(&ctx, chunk, (size_t)n);
    }
    if (lseek(fd, 0, SEEK_SET) < 0)
        return bf_fail(err, BF_EIO, "cannot rewind: %s", strerror(errno));
    SHA256_Final(out, &ctx);
    return BF_OK;
}

void bf_hmac_sha256(const void *key, size_t n_key, const void *p, size_t n,
                    uint8_t out[BF_SHA_BYTES])
{
    uint8_t block[SHA256_CBLOCK] = { 0 };
    SHA256_CTX ctx;
    if (n_key > sizeof block)
        bf_sha256(key, n_key, block);
    else if (n_key)
        memcpy(block, key, n_key);

    /* H((K ^ opad) | H((K ^ ipad) | text)) */
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36;
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, block, sizeof block);
    SHA256_Update(&ctx, p, n);
    SHA256_Final(out, &ctx);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36 ^ 0x5c;
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, block, sizeof block);
    SHA256_Update(&ctx, out, BF_SHA_BYTES);
    SHA256_Final(out, &ctx);
}

void bf_hex(const uint8_t *p, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[p[i] >> 4];
        out[2 * i + 1] = digits[p[i] & 15];
    }
    out[2 * n] = '\0';
}
