#ifndef BF_MODALITIES_OPERATORS_DCT_H
#define BF_MODALITIES_OPERATORS_DCT_H

#include <stdint.h>

/* The cosine transform of 8 x 8 values (ITU-T T.81, A.3.3) in whole numbers, by the method of
 * Loeffler, Ligtenberg and Moschytz ("Practical Fast 1-D DCT Algorithms with 11 Multiplications",
 * 1989), with the 13 bits and the roundings that libjpeg's accurate method has, so that the
 * results are the same. */
enum { BF_DCT_SIDE = 8, BF_DCT_SIZE = 64, BF_DCT_SCALE = 8 };

/* Samples of -128 .. 127 to frequencies times BF_DCT_SCALE, by row. */
void bf_dct(int32_t v[BF_DCT_SIZE]);

/* Frequencies, not scaled, to samples. */
void bf_dct_back(int32_t v[BF_DCT_SIZE]);

#endif
