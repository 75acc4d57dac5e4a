#ifndef BF_MODALITIES_READERS_CLAIMS_H
#define BF_MODALITIES_READERS_CLAIMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modalities/readers/source.h"

/* What the header of a sound file says of its samples' bytes, against the file's. */
struct bf_claims {
    int64_t claimed; /* bytes; -1: nothing is said */
    int64_t there;   /* bytes from where they begin to the file's end */
    int64_t behind;  /* bytes behind the samples that belong to nothing */
};

/* Walk the chunks of RIFF, RF64, W64, AIFF, CAF and AU; `claimed` -1 for everything else, and for
 * the sizes that writers to a pipe leave there. Nothing is decoded. */
struct bf_claims bf_claims_read(struct bf_source *src);

/* Whether the last page of an Ogg file says that it is the last. Such a file that ends early has
 * no other mark. True for what is no Ogg file. */
bool bf_ogg_is_whole(struct bf_source *src);

#endif
