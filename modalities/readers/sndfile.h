#ifndef BF_MODALITIES_READERS_SNDFILE_H
#define BF_MODALITIES_READERS_SNDFILE_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"
#include "modalities/readers/source.h"

/* Decode a sound file that libsndfile reads. BF_EDATA: it does not know the format, or gives up
 * before the first sample; another decoder may be tried then. A file that ends early is decoded
 * and info->warning says so. */
int bf_sndfile_wave(struct bf_source *src, const struct bf_limits *limits, struct bf_wave *out,
                    struct bf_media_info *info, struct bf_arena *a, struct bf_err *err);

#endif
