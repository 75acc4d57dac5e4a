#ifndef BF_MODALITIES_READERS_WEBP_CLIP_H
#define BF_MODALITIES_READERS_WEBP_CLIP_H

#include <stdbool.h>

#include "modalities/readers/choice.h"
#include "modalities/readers/source.h"

/* Whether the file is a WebP, still or animated, by its first 12 bytes. */
bool bf_is_webp(const uint8_t *head, size_t n);

/* As bf_ffmpeg_clip() for a WebP file: animated, or one picture for no time at all. Transparency
 * goes over white. BF_EDATA, without libwebpdemux always; BF_ENOMEM. */
int bf_webp_clip(const uint8_t *bytes, size_t n, const struct bf_choice *how,
                 const struct bf_limits *limits, struct bf_clip *out, struct bf_media_info *info,
                 struct bf_arena *a, struct bf_err *err);

#endif
