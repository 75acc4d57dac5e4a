/* FLAC by the headers of its frames; whole files are read in tests/media. */
#include <string.h>

#include "modalities/readers/flac.h"
#include "tests/test.h"

enum { N = 256 };

/* 16 bits, two channels, 44.1 kHz; two frames whose third and fourth bytes are `first` and
 * `second`, which end with their checksums `crc`. */
static void make(uint8_t out[N], const uint8_t first[2], uint8_t crc1, const uint8_t second[2],
                 uint8_t crc2)
{
    static const uint8_t info[] = { 0x0a, 0xc4, 0x42, 0xf0 }; /* bytes 10 to 13 of STREAMINFO */
    memset(out, 0, N);
    memcpy(out, "fLaC", 4);
    memcpy(out + 8 + 10, info, sizeof info);
    memcpy(out + 60, (const uint8_t[]){ 0xff, 0xf8, first[0], first[1], 0, crc1 }, 6);
    memcpy(out + 160, (const uint8_t[]){ 0xff, 0xf8, second[0], second[1], 1, crc2 }, 6);
}

static void frames_that_differ_from_the_header_are_found(void)
{
    static const uint8_t stereo[] = { 0xc9, 0x18 }, mono[] = { 0xc9, 0x08 };
    static const uint8_t deep[] = { 0xc9, 0x1c }, side[] = { 0xc9, 0xa8 }, slow[] = { 0xc5, 0x18 };
    uint8_t v[N];
    make(v, stereo, 0xc2, stereo, 0xc5);
    CHECK(bf_is_flac(v, N) && bf_flac_is_even(v, N));
    make(v, stereo, 0xc2, side, 0x8a);
    CHECK(bf_flac_is_even(v, N)); /* two channels, coded as one and the difference */
    make(v, stereo, 0xc2, mono, 0x92);
    CHECK(!bf_flac_is_even(v, N));
    make(v, stereo, 0xc2, deep, 0x91);
    CHECK(!bf_flac_is_even(v, N));
    make(v, stereo, 0xc2, slow, 0x3f);
    CHECK(!bf_flac_is_even(v, N));
    make(v, stereo, 0xc2, mono, 0x93);
    CHECK(bf_flac_is_even(v, N)); /* a wrong checksum is no frame */
}

static void what_is_cut_is_read_no_further(void)
{
    static const uint8_t mono[] = { 0xc9, 0x08 };
    uint8_t v[N];
    make(v, mono, 0x95, mono, 0x92);
    CHECK(!bf_flac_is_even(v, N));
    for (size_t n = 42; n < 76; n++)
        CHECK(bf_flac_is_even(v, n));
    CHECK(!bf_is_flac(v, 41));
}

TEST_MAIN(TEST(frames_that_differ_from_the_header_are_found), TEST(what_is_cut_is_read_no_further))
