#ifndef BF_MODALITIES_FILM_H
#define BF_MODALITIES_FILM_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* A clip as one picture, for models that take one: the frames in reading order, left to right and
 * down, on white, above each its time ("3.25 s"). As many columns as show the frames largest while
 * no side is longer than `side` px, which only the labels of very many frames can make impossible;
 * frames are made smaller for it, never larger. BF_ENOMEM. */
int bf_clip_sheet(const struct bf_clip *in, int side, struct bf_raster *out, struct bf_arena *a,
                  struct bf_err *err);

#endif
