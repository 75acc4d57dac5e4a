#ifndef BF_MODALITIES_READERS_FFMPEG_H
#define BF_MODALITIES_READERS_FFMPEG_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"
#include "modalities/readers/source.h"

/* FFmpeg with everything shut that is not decoding: bytes come from the source alone, no name is
 * opened, no playlist or other format that points elsewhere is read, nothing is logged, one
 * thread. All fill `info`; BF_EDATA with a reason, BF_ENOMEM. */

/* One picture; `format` is "jpeg", "webp" or "tiff". Orientation is the caller's. */
int bf_ffmpeg_picture(const uint8_t *bytes, size_t n, const char *format,
                      const struct bf_limits *limits, struct bf_raster *out, struct bf_arena *a,
                      struct bf_err *err);

/* At most `n_frames` different frames, those nearest in presentation time to the middles of
 * `n_frames` equal spans of the clip, no side longer than `side` pixels, turned as the display
 * matrix says. Times come from the packets and frames, never from what the container claims.
 * BF_EDATA: "no pictures" when the file has no video track. */
int bf_ffmpeg_clip(struct bf_source *src, int n_frames, int side, const struct bf_limits *limits,
                   struct bf_clip *out, struct bf_media_info *info, struct bf_arena *a,
                   struct bf_err *err);

/* The sound track at its own rate. BF_EDATA: "no sound track". */
int bf_ffmpeg_wave(struct bf_source *src, const struct bf_limits *limits, struct bf_wave *out,
                   struct bf_media_info *info, struct bf_arena *a, struct bf_err *err);

#endif
