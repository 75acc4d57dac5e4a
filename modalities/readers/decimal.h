#ifndef BF_MODALITIES_READERS_DECIMAL_H
#define BF_MODALITIES_READERS_DECIMAL_H

#include <stdbool.h>

/* Read the number at `p` where that can be done exactly by one product or quotient of doubles: up
 * to 15 digits and a power of ten up to 22, both exact in a double (Clinger 1990, "How to read
 * floating point numbers accurately"). One past it, or NULL: it is another kind of number, or none;
 * bf_text_number() decides. `p` must end with what is no part of a number. */
const char *bf_decimal_read(const char *p, double *out);

#endif
