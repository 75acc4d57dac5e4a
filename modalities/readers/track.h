#ifndef BF_MODALITIES_READERS_TRACK_H
#define BF_MODALITIES_READERS_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/media.h"
#include "modalities/readers/source.h"

struct AVFormatContext;
struct AVIOContext;
struct AVCodecContext;
struct AVPacket;
struct AVFrame;

/* One track of a container with its decoder, one thread. */
struct bf_track {
    struct bf_source *src;
    int type; /* enum AVMediaType */
    struct AVFormatContext *fmt;
    struct AVIOContext *io;
    struct AVCodecContext *dec;
    struct AVPacket *pkt;
    struct AVFrame *frame;
    int index; /* of the stream */
    /* Packets read so far, while they are few bytes, so that a second pass need not read. */
    struct AVPacket **kept;
    size_t n_kept, room, n_bytes;
    bool no_keeping; /* they were too many */
    bool replays;    /* packets come from `kept`, [at] next */
    size_t at;
    bool at_end;   /* no packets left: the decoder is being drained */
    bool cut;      /* reading stopped by an error, not by the end */
    int64_t n_bad; /* packets or frames that did not decode */
    int n_stuck;   /* errors while draining */
};

/* Open the track of enum AVMediaType `type` that a player would choose, and its decoder; VP8 and
 * VP9 with transparency get libvpx, if FFmpeg has it, for only that decodes it. `none` is what to
 * say when there is no such track. BF_EDATA; BF_ENOMEM. bf_track_done() on failure, too. */
int bf_track_open(struct bf_track *t, struct bf_source *src, int type, const char *none,
                  const struct bf_limits *limits, struct bf_err *err);
void bf_track_done(struct bf_track *t);

/* The next packet in t->pkt; false at the end or when reading fails. */
bool bf_track_packet(struct bf_track *t);

/* Keep t->pkt for later passes; it is empty then. Past 16 MiB none is kept. BF_ENOMEM. */
int bf_track_keep(struct bf_track *t, struct bf_err *err);

/* Back to the first packet, the decoder empty; where not every packet was kept the container is
 * opened again. BF_EDATA; BF_ENOMEM. */
int bf_track_rewind(struct bf_track *t, struct bf_err *err);

/* Hand the decoder t->pkt, or NULL to drain it: false when it is damaged, which is counted. */
int bf_track_send(struct bf_track *t, bool drain, struct bf_err *err);

/* BF_OK: a frame in t->frame; BF_END: the decoder wants another packet, or is drained; BF_ENOMEM.
 * Damage is counted, not fatal. */
int bf_track_receive(struct bf_track *t, struct bf_err *err);

/* BF_OK: the next frame of all in t->frame; BF_END: none left; BF_ENOMEM. */
int bf_track_frame(struct bf_track *t, struct bf_err *err);

/* What of the track is missing or damaged, in info->warning, with info->damaged set; left alone
 * when nothing is. `seconds` were found. */
void bf_track_damage(const struct bf_track *t, double seconds, int64_t n_of,
                     struct bf_media_info *info);

/* info->format, ext and decoder. */
void bf_track_name(const struct bf_track *t, struct bf_media_info *info);

#endif
