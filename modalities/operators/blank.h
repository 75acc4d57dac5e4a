#ifndef BF_MODALITIES_OPERATORS_BLANK_H
#define BF_MODALITIES_OPERATORS_BLANK_H

#include "core/ops.h"

/* The `size` of what an operator makes. A model that is shown black of the removed picture's size
 * still learns its size, and a length or a number of channels tells as much; so the default is
 * one size for all. */
enum bf_blank_size { BF_BLANK_FIXED, BF_BLANK_ORIGINAL };

/* The option row for it: put it in the table with the offset of an int. */
#define BF_BLANK_SIZE_OPT(offset)                                                                  \
    {                                                                                              \
        "size", BF_OPT_ENUM, offset, "fixed", 0, 0, NULL,                                          \
            "fixed: 512 x 512 pixels, 8 frames over 8 s, 5 s mono at 16 kHz, 5 s of one channel "  \
            "at 100 Hz, whatever was there; original: the size, length, rate and channels of "     \
            "what "                                                                                \
            "was there, which tells the model about it",                                           \
            "fixed|original"                                                                       \
    }

/* Options of the operators that have no others. */
struct bf_blank {
    int size;
};
extern const struct bf_opt bf_blank_opts[];

/* What they look at: nothing of the input, or its size. `priv` is a struct bf_blank. */
enum bf_looks_at bf_blank_looks_at(const void *priv);

/* Media of zeros of the carrier of `in`: of the fixed shape, or of that of `in`. Frames have
 * pixels of their own. BF_ENOMEM. */
int bf_blank_new(enum bf_blank_size size, const struct bf_media *in, struct bf_media *out,
                 struct bf_arena *a, struct bf_err *err);

/* A raster or clip of one colour. BF_ENOMEM. */
int bf_blank_color(enum bf_blank_size size, const struct bf_media *in, const uint8_t rgb[3],
                   struct bf_media *out, struct bf_arena *a, struct bf_err *err);

#endif
