/* Columns of numbers cut into bins at their quantiles. */
#include "probe/builtin/bins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bits that sort like the number: floats of one sign sort like integers, negative ones reversed. */
static uint32_t sortable(float value)
{
    uint32_t bits;
    value += 0.0F; /* -0 and 0 are one value */
    memcpy(&bits, &value, sizeof bits);
    return bits & 0x80000000U ? ~bits : bits | 0x80000000U;
}

static float unsortable(uint32_t bits)
{
    float value;
    bits = bits & 0x80000000U ? bits & 0x7fffffffU : ~bits;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Ascending, by two passes over halves of the bits; `room` is as large as `v`. */
static void sort_bits(uint32_t *v, uint32_t *room, uint32_t n, uint32_t *count)
{
    for (int pass = 0; pass < 2; pass++) {
        const int shift = 16 * pass;
        memset(count, 0, 65537 * sizeof *count);
        for (uint32_t i = 0; i < n; i++)
            count[(v[i] >> shift & 0xffff) + 1]++;
        for (uint32_t k = 0; k < 65536; k++)
            count[k + 1] += count[k];
        for (uint32_t i = 0; i < n; i++)
            room[count[v[i] >> shift & 0xffff]++] = v[i];
        uint32_t *const other = v;
        v = room;
        room = other;
    }
}

/* The middle of two values, below the upper one. */
static float middle(float lower, float upper)
{
    const float m = lower + (upper - lower) / 2;
    return m < upper ? m : lower;
}

/* A bin is closed once it holds its share of the values not dealt yet, or when the next value alone
 * fills a share. With as many bins left as distinct values, each has its own. */
static void cut(const uint32_t *sorted, uint32_t n, int max_bins, struct bf_binning *out)
{
    uint32_t n_distinct = n > 0;
    for (uint32_t i = 1; i < n; i++)
        n_distinct += sorted[i] != sorted[i - 1];
    out->n = n > 0 ? 2 : 1;
    uint32_t begin = 0; /* of the bin */
    for (uint32_t i = 1, left = n_distinct; i < n; i++) {
        if (sorted[i] == sorted[i - 1])
            continue;
        left--; /* distinct values from sorted[i] on */
        const uint32_t bins_left = (uint32_t)(max_bins - out->n + 1);
        if (bins_left == 1)
            break;
        const uint32_t share = (n - begin + bins_left - 1) / bins_left;
        if (bins_left > left || i - begin >= share ||
            (share <= n - i && sorted[i + share - 1] == sorted[i])) {
            out->upper[out->n++ - 2] = middle(unsortable(sorted[i - 1]), unsortable(sorted[i]));
            begin = i;
        }
    }
}

int bf_binning_make(const float *v, const uint32_t *rows, uint32_t n_rows, int max_bins,
                    struct bf_binning *out, struct bf_err *err)
{
    uint32_t *keys = malloc(((size_t)n_rows * 2 + 65537) * sizeof *keys);
    if (!keys)
        return bf_fail_memory(err, "bins");
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_rows; i++) {
        const float value = v[rows ? rows[i] : i];
        if (!isnan(value))
            keys[n++] = sortable(value);
    }
    sort_bits(keys, keys + n_rows, n, keys + (size_t)n_rows * 2);
    cut(keys, n, max_bins, out);
    free(keys);
    return BF_OK;
}

/* Edges below a value, by halving without branches. */
uint8_t bf_bin_of(const struct bf_binning *b, float value)
{
    if (isnan(value) || b->n == 1)
        return 0;
    const float *edge = b->upper;
    for (int n = b->n - 2; n > 0;) {
        const int half = (n + 1) / 2;
        edge = edge[half - 1] < value ? edge + half : edge;
        n -= half;
    }
    return (uint8_t)(1 + (edge - b->upper));
}

int bf_bins_make(const struct bf_columns *columns, int max_bins, struct bf_bins *out,
                 struct bf_arena *a, struct bf_err *err)
{
    const size_t n = (size_t)columns->n;
    uint8_t *v = bf_arena_alloc(a, columns->n_rows * n + 1, 1);
    if (!v)
        return bf_fail_memory(err, "bins");
    for (size_t c = 0; c < n; c++) {
        struct bf_binning b;
        BF_TRY(bf_binning_make(columns->v[c], NULL, columns->n_rows, max_bins, &b, err));
        for (uint32_t row = 0; row < columns->n_rows; row++)
            v[row * n + c] = bf_bin_of(&b, columns->v[c][row]);
    }
    *out = (struct bf_bins){
        .n_rows = columns->n_rows, .n = columns->n, .family = columns->family, .v = v
    };
    return BF_OK;
}
