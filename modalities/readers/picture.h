#ifndef BF_MODALITIES_READERS_PICTURE_H
#define BF_MODALITIES_READERS_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* Read one picture of any format, chosen by its content: sRGB, upright, on white. `out` may be
 * smaller than `info` says where limits->enough allows it. A picture of which part is missing or
 * wrong is read with info->damaged. BF_EDATA with a reason; BF_ENOMEM. */
int bf_picture_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                    struct bf_raster *out, struct bf_media_info *info, struct bf_arena *a,
                    struct bf_err *err);

/* The file with the pixels it has and without all else that is in it: no camera, place, time,
 * comment, thumbnail or second picture. `out` shares bytes with the file or is new. BF_END: a model
 * would not see the same pixels that bf_picture_read() gives, or takes no such file: to be
 * presented. BF_EDATA; BF_ENOMEM. */
int bf_picture_strip(const uint8_t *bytes, size_t n, int side, struct bf_blob *out,
                     struct bf_arena *a, struct bf_err *err);

#endif
