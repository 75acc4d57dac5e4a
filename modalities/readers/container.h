#ifndef BF_MODALITIES_READERS_CONTAINER_H
#define BF_MODALITIES_READERS_CONTAINER_H

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"
#include "modalities/readers/source.h"

struct AVFormatContext;
struct AVIOContext;

/* Open what `src` holds: its bytes come from there alone, no name is opened, no format is read that
 * points elsewhere. Both outputs are for bf_container_close, on failure too. BF_EDATA;
  * BF_ENOMEM. */
int bf_container_open(struct bf_source *src, struct AVFormatContext **fmt_out,
                      struct AVIOContext **io_out, struct bf_err *err);
void bf_container_close(struct AVFormatContext **fmt, struct AVIOContext **io);

/* The track of an enum AVMediaType that a player would choose, a cover picture never; packets of
 * the others are not read. Negative when there is none. */
int bf_container_choose(struct AVFormatContext *fmt, int type);

/* BF_EDATA with FFmpeg's words for its `code`, or BF_ENOMEM. */
int bf_container_fail(struct bf_err *err, int code, const char *what);

/* FFmpeg logs nothing. */
void bf_container_hush(void);

/* The pictures of a file without its sound, without titles and other words about them: packets
 * are copied, nothing is decoded. MP4, or WebM where that is what fits. BF_END: the pictures fit
 * into neither; BF_EDATA; BF_ENOMEM. */
int bf_container_strip(struct bf_source *src, struct bf_blob *out, struct bf_arena *a,
                       struct bf_err *err);

#endif
