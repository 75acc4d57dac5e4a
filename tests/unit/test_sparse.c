#include "core/sparse.h"

#include <string.h>

#include "tests/test.h"

static void rows_come_back_as_they_were(void)
{
    static const float rows[][10] = {
        { 0 }, { 1, 0, 0, -2, 0, 0, 0, 0, 0, 3 }, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, { 0, -0.0f }
    };
    static const int bytes[] = { 4, 16, 44, 8 }; /* 2 and 2, and 4 for each that is not zero */
    for (int r = 0; r < 4; r++) {
        uint8_t packed[BF_SPARSE_BYTES(10)];
        float back[10] = { 9, 9, 9, 9, 9, 9, 9, 9, 9, 9 };
        const size_t n = bf_sparse_pack(rows[r], 10, packed);
        CHECK_INT(n, bytes[r]);
        CHECK_INT(bf_sparse_unpack(packed, n, back, 10), 10);
        CHECK(memcmp(back, rows[r], sizeof back) == 0);
    }
}

static void what_is_cut_or_too_long_is_refused(void)
{
    const uint32_t row[9] = { 1, 0, 3, 0, 5, 0, 7, 8, 9 };
    uint8_t packed[BF_SPARSE_BYTES(9) + 1] = { 0 };
    uint32_t back[9];
    const size_t n = bf_sparse_pack(row, 9, packed);
    for (size_t cut = 0; cut < n; cut++)
        CHECK_INT(bf_sparse_unpack(packed, cut, back, 9), -1);
    CHECK_INT(bf_sparse_unpack(packed, n + 1, back, 9), -1);
    CHECK_INT(bf_sparse_unpack(packed, n, back, 8), -1);
    CHECK_INT(bf_sparse_unpack(packed, n, back, 9), 9);
}

TEST_MAIN(TEST(rows_come_back_as_they_were), TEST(what_is_cut_or_too_long_is_refused))
