/* Numbers and files of what is made here. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "demo/scene.h"

int wave_sine(uint32_t phase)
{
    /* Odd Taylor polynomial of the quarter wave, in whole numbers; x in 2^-14 quarter turns. */
    const uint32_t quarter = phase >> 30;
    int64_t x = (int64_t)(phase << 2 >> 16) >> 2;
    if (quarter & 1)
        x = 16384 - x;
    const int64_t a = x * 25736 >> 14; /* in 2^-14 radians */
    const int64_t a2 = a * a >> 14, a3 = a2 * a >> 14, a5 = a3 * a2 >> 14, a7 = a5 * a2 >> 14;
    int64_t v = 2 * (a - a3 / 6 + a5 / 120 - a7 / 5040);
    v = v > 32767 ? 32767 : v;
    return (int)(quarter & 2 ? -v : v);
}

int draw_between(struct bf_rng *r, int lo, int hi)
{
    return lo + (int)bf_rng_below(r, (uint64_t)(hi - lo) + 1);
}

void put_u16(struct bf_buf *b, unsigned v)
{
    const uint8_t bytes[2] = { (uint8_t)v, (uint8_t)(v >> 8) };
    bf_buf_add(b, bytes, sizeof bytes);
}

void put_u32(struct bf_buf *b, uint32_t v)
{
    put_u16(b, v & 0xffff);
    put_u16(b, v >> 16);
}

/* Plain writing: what a power cut takes is made again in seconds. */
int file_write(const char *dir, const char *name, const struct bf_buf *b, struct bf_err *err)
{
    char path[4096];
    const int n = snprintf(path, sizeof path, "%s/%s", dir, name);
    if (b->failed || n < 0 || (size_t)n >= sizeof path)
        return bf_fail_memory(err, name);
    FILE *f = fopen(path, "wbe");
    if (!f)
        return bf_fail(err, BF_EIO, "cannot write '%s': %s", path, strerror(errno));
    const size_t written = fwrite(b->data, 1, b->len, f);
    if (fclose(f) != 0 || written != b->len)
        return bf_fail(err, BF_EIO, "cannot write '%s': %s", path, strerror(errno));
    return BF_OK;
}
