#include "core/rng.h"
#include "tests/test.h"

/* SplitMix64 from state 0: the published first outputs (Vigna, splitmix64.c; also the JDK's). */
static void next_is_splitmix64(void)
{
    struct bf_rng r = { 0 };
    CHECK(bf_rng_next(&r) == 0xe220a8397b1dcdafu);
    CHECK(bf_rng_next(&r) == 0x6e789e6aa1b965f4u);
    CHECK(bf_rng_next(&r) == 0x06c45d188009454fu);
}

static void streams_differ_in_every_part_of_their_name(void)
{
    const uint64_t base = bf_rng_for(1, "q1", "noise", 0).s;
    CHECK(bf_rng_for(1, "q1", "noise", 0).s == base);
    CHECK(bf_rng_for(2, "q1", "noise", 0).s != base);
    CHECK(bf_rng_for(1, "q2", "noise", 0).s != base);
    CHECK(bf_rng_for(1, "q1", "folds", 0).s != base);
    CHECK(bf_rng_for(1, "q1", "noise", 1).s != base);
    /* what ends one part does not begin the next */
    CHECK(bf_rng_for(1, "q1n", "oise", 0).s != base);
}

static void below_stays_below_and_reaches_all(void)
{
    struct bf_rng r = { 5 };
    int seen[7] = { 0 };
    for (int i = 0; i < 7000; i++) {
        const uint64_t v = bf_rng_below(&r, 7);
        CHECK(v < 7);
        seen[v]++;
    }
    /* mean 1000, sd 29: five sd either side */
    for (int i = 0; i < 7; i++)
        CHECK(seen[i] > 850 && seen[i] < 1150);
    CHECK(bf_rng_below(&r, 1) == 0);
}

static void shuffle_keeps_every_item_once(void)
{
    struct bf_rng r = { 9 };
    uint32_t v[50];
    uint64_t set = 0;
    for (uint32_t i = 0; i < 50; i++)
        v[i] = i;
    bf_rng_shuffle(&r, v, 50);
    int moved = 0;
    for (uint32_t i = 0; i < 50; i++) {
        set |= (uint64_t)1 << v[i];
        moved += v[i] != i;
    }
    CHECK(set == ((uint64_t)1 << 50) - 1);
    CHECK(moved > 40);
}

TEST_MAIN(TEST(next_is_splitmix64), TEST(streams_differ_in_every_part_of_their_name),
          TEST(below_stays_below_and_reaches_all), TEST(shuffle_keeps_every_item_once))
