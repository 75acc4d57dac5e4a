#ifndef BF_MODALITIES_READERS_CUT_H
#define BF_MODALITIES_READERS_CUT_H

#include "modalities/readers/source.h"

/* How many bytes the file must have at least by what its own structure says: boxes of MP4
 * (ISO 14496-12, 4.2), the elements of Matroska and WebM (RFC 8794), chunks of RIFF, whole packets
 * of MPEG-TS, the trailer of GIF. More than src->size: it was cut. 0 = it does not say. */
int64_t bf_cut_needs(struct bf_source *src);

#endif
