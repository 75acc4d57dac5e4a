#ifndef BF_MODALITIES_READERS_FFMPEG_H
#define BF_MODALITIES_READERS_FFMPEG_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"
#include "modalities/readers/choice.h"
#include "modalities/readers/source.h"

/* FFmpeg with everything shut that is not decoding: bytes come from the source alone, no name is
 * opened, no playlist or other format that points elsewhere is read, nothing is logged, one
 * thread. All fill `info`; BF_EDATA with a reason, BF_ENOMEM. */

/* One picture; `format` is "jpeg", "webp" or "tiff". Orientation is the caller's. */
int bf_ffmpeg_picture(const uint8_t *bytes, size_t n, const char *format,
                      const struct bf_limits *limits, struct bf_raster *out, struct bf_arena *a,
                      struct bf_err *err);

/* The frames of a clip that `how` chooses, no side longer than how->side, turned as the display
 * matrix says, pixels made square. Times are from the first frame, of the packets and frames, never
 * what the container claims; `info` has the size as shown and the number of all frames. Only what
 * the chosen frames need is decoded, as long as the packets leave no doubt that it is the same as
 * decoding everything; damage elsewhere is not seen then. BF_EDATA: "no pictures" when the file has
 * no video track. */
int bf_ffmpeg_clip(struct bf_source *src, const struct bf_choice *how,
                   const struct bf_limits *limits, struct bf_clip *out, struct bf_media_info *info,
                   struct bf_arena *a, struct bf_err *err);

/* The sound track that a player would choose, at its own rate, as it begins: where the pictures
 * begin earlier there is no silence before it (as from `ffmpeg -i`), and a warning. BF_EDATA: "no
 * sound track". */
int bf_ffmpeg_wave(struct bf_source *src, const struct bf_limits *limits, struct bf_wave *out,
                   struct bf_media_info *info, struct bf_arena *a, struct bf_err *err);

#endif
