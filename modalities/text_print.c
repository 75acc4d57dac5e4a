/* The fingerprint of a text. */
#include "core/err.h"
#include "core/set.h"
#include "modalities/prints.h"

/* Each bit by the majority over the hashes of all pairs of neighbouring words (Charikar,
 * "Similarity estimation techniques from rounding algorithms", STOC 2002). */
uint64_t bf_text_print(const char *text, struct bf_arena *a)
{
    struct bf_set pairs;
    int votes[64] = { 0 };
    uint64_t bits = 0;
    if (bf_shingles_of_words(text, 2, &pairs, a) != BF_OK)
        return 0;
    for (uint32_t i = 0; i < pairs.n; i++)
        for (int b = 0; b < 64; b++)
            votes[b] += pairs.v[i] >> b & 1 ? 1 : -1;
    for (int b = 0; b < 64; b++)
        bits |= (uint64_t)(votes[b] > 0) << b;
    return bits;
}
