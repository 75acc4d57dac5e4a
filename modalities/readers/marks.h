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
    const char *format; /* "jpeg", "png", "gif", "bmp", "pnm", "webp", "tiff", "heic", "avif" */
    const char *ext;    /* "jpg", "png", ... */
    int64_t w, h;       /* pixels as stored; 0 where only the decoder knows */
    int orientation;    /* EXIF, 1 .. 8 */
    int n_components;   /* jpeg: of the frame header, 0 when there is none */
    bool ends_early;    /* the end is missing: the rest may still be shown */
    bool deep;          /* png: 16 bits a channel */
    bool alpha;         /* png, webp: it has transparency */
    bool moves;         /* webp, png: animated */
};

/* Look at `bytes` [n]. BF_EDATA: not a picture that is read here, or one of which nothing can be
 * shown: a PNG with a wrong checksum, a JPEG without a frame. */
int bf_marks_read(const uint8_t *bytes, size_t n, struct bf_marks *out, struct bf_err *err);

/* The size, as stored, that the beginning of a file tells; 0 x 0 where it does not. */
void bf_marks_size(const uint8_t *bytes, size_t n, int64_t *w_out, int64_t *h_out);

/* The next marker of a JPEG (ITU T.81, annex B) at or after `at`, padding and entropy-coded bytes
 * passed over; false at the end. `*at` moves to its length field, `*len_out` is that length, 0 for
 * markers that have none. */
bool bf_jpeg_next(const uint8_t *p, size_t n, size_t *at, int *marker_out, size_t *len_out);

enum {
    BF_JPEG_SOI = 0xd8,
    BF_JPEG_EOI = 0xd9,
    BF_JPEG_SOS = 0xda,
    BF_JPEG_APP0 = 0xe0,
    BF_JPEG_APP1 = 0xe1,
    BF_JPEG_APP2 = 0xe2,
    BF_JPEG_APP14 = 0xee,
    BF_JPEG_APP15 = 0xef,
    BF_JPEG_COM = 0xfe,
};

#endif
