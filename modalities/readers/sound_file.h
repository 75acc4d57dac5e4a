#ifndef BF_MODALITIES_READERS_SOUND_FILE_H
#define BF_MODALITIES_READERS_SOUND_FILE_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"
#include "modalities/readers/source.h"

/* A sound file, or the sound track of a clip, by whoever reads it right. BF_EDATA; BF_ENOMEM. */
int bf_sound_wave(struct bf_source *src, const struct bf_limits *limits, struct bf_wave *out,
                  struct bf_media_info *info, struct bf_arena *a, struct bf_err *err);

/* Whether a file begins as sound files do, which no table of numbers does. */
bool bf_is_sound(struct bf_source *src);

#endif
