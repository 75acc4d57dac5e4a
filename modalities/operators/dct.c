/* The cosine transform of JPEG. */
#include "modalities/operators/dct.h"

enum { N = BF_DCT_SIDE, BITS = 13, MORE = 2 }; /* the first pass keeps MORE bits */

/* sqrt(2) cos(k pi / 16) and their sums, in 1/8192. */
enum {
    F_0_298 = 2446,
    F_0_390 = 3196,
    F_0_541 = 4433,
    F_0_765 = 6270,
    F_0_899 = 7373,
    F_1_175 = 9633,
    F_1_501 = 12299,
    F_1_847 = 15137,
    F_1_961 = 16069,
    F_2_053 = 16819,
    F_2_562 = 20995,
    F_3_072 = 25172,
};

static int32_t scaled(int32_t v, int bits)
{
    return (v + (1 << (bits - 1))) >> bits;
}

/* The odd half, which is its own way back. */
static void odd(int32_t t[4])
{
    const int32_t z5 = (t[0] + t[2] + t[1] + t[3]) * F_1_175;
    const int32_t z1 = (t[0] + t[3]) * -F_0_899;
    const int32_t z2 = (t[1] + t[2]) * -F_2_562;
    const int32_t z3 = (t[0] + t[2]) * -F_1_961 + z5;
    const int32_t z4 = (t[1] + t[3]) * -F_0_390 + z5;
    t[0] = t[0] * F_0_298 + z1 + z3;
    t[1] = t[1] * F_2_053 + z2 + z4;
    t[2] = t[2] * F_3_072 + z2 + z3;
    t[3] = t[3] * F_1_501 + z1 + z4;
}

/* Down all columns at once, so that the compiler makes vectors of them. */
static void forth(int32_t v[BF_DCT_SIZE], int bits, int whole)
{
    for (int i = 0; i < N; i++) {
        int32_t *c = v + i;
        const int32_t s0 = c[0] + c[7 * N];
        const int32_t s1 = c[N] + c[6 * N];
        const int32_t s2 = c[2 * N] + c[5 * N];
        const int32_t s3 = c[3 * N] + c[4 * N];
        int32_t t[4] = { c[3 * N] - c[4 * N], c[2 * N] - c[5 * N], c[N] - c[6 * N],
                         c[0] - c[7 * N] };
        const int32_t a = s0 + s3;
        const int32_t b = s1 + s2;
        const int32_t d = s1 - s2;
        const int32_t e = s0 - s3;
        const int32_t z = (d + e) * F_0_541;
        odd(t);
        c[0] = whole > 0 ? (a + b) * (1 << whole) : scaled(a + b, -whole);
        c[4 * N] = whole > 0 ? (a - b) * (1 << whole) : scaled(a - b, -whole);
        c[2 * N] = scaled(z + e * F_0_765, bits);
        c[6 * N] = scaled(z - d * F_1_847, bits);
        c[7 * N] = scaled(t[0], bits);
        c[5 * N] = scaled(t[1], bits);
        c[3 * N] = scaled(t[2], bits);
        c[N] = scaled(t[3], bits);
    }
}

static void back(int32_t v[BF_DCT_SIZE], int bits)
{
    for (int i = 0; i < N; i++) {
        int32_t *c = v + i;
        const int32_t z = (c[2 * N] + c[6 * N]) * F_0_541;
        const int32_t d = z - c[6 * N] * F_1_847;
        const int32_t e = z + c[2 * N] * F_0_765;
        const int32_t a = (c[0] + c[4 * N]) * (1 << BITS);
        const int32_t b = (c[0] - c[4 * N]) * (1 << BITS);
        int32_t t[4] = { c[7 * N], c[5 * N], c[3 * N], c[N] };
        odd(t);
        c[0] = scaled(a + e + t[3], bits);
        c[7 * N] = scaled(a + e - t[3], bits);
        c[N] = scaled(b + d + t[2], bits);
        c[6 * N] = scaled(b + d - t[2], bits);
        c[2 * N] = scaled(b - d + t[1], bits);
        c[5 * N] = scaled(b - d - t[1], bits);
        c[3 * N] = scaled(a - e + t[0], bits);
        c[4 * N] = scaled(a - e - t[0], bits);
    }
}

static void transpose(int32_t v[BF_DCT_SIZE])
{
    for (int y = 0; y < N; y++)
        for (int x = y + 1; x < N; x++) {
            const int32_t t = v[y * N + x];
            v[y * N + x] = v[x * N + y];
            v[x * N + y] = t;
        }
}

void bf_dct(int32_t v[BF_DCT_SIZE])
{
    transpose(v);
    forth(v, BITS - MORE, MORE);
    transpose(v);
    forth(v, BITS + MORE, -MORE);
}

void bf_dct_back(int32_t v[BF_DCT_SIZE])
{
    back(v, BITS - MORE);
    transpose(v);
    back(v, BITS + MORE + 3);
    transpose(v);
}
