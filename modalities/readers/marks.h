#ifndef BF_MODALITIES_READERS_MARKS_H
#define BF_MODALITIES_READERS_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* What the skeleton of a picture file says before anything is decoded: decoders such as
 * stb_image pass over a missing end or a wrong checksum in silence, and half a grey picture
 * would count as a missing modality. */
struct bf_marks {
    const char *format; /* "jpeg", "png", "gif", "bmp", "pnm", "webp", "tiff"; NULL = unknown */
    const char *ext;    /* "jpg", "png", ... */
    int orientation;    /* EXIF, 1 .. 8 */
    int n_components;   /* jpeg: of the frame header, 0 when there is none */
};

/* Look at `bytes` [n]. BF_EDATA: not a picture, a JPEG that ends before its end marker, a PNG
 * whose chunks are cut or fail their checksum, a GIF, BMP or WebP that is shorter than it says. */
int bf_marks_read(const uint8_t *bytes, size_t n, struct bf_marks *out, struct bf_err *err);

#endif
