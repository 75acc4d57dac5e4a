/* One track of a container: its packets, once or several times, and its decoder. */
#include "modalities/readers/track.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "modalities/raster.h"
#include "modalities/readers/container.h"
#include "modalities/readers/cut.h"

enum { MAX_KEPT_BYTES = 16 << 20, MAX_STUCK = 1000 };

static void drop_kept(struct bf_track *t)
{
    for (size_t i = 0; i < t->n_kept; i++)
        av_packet_free(&t->kept[i]);
    free(t->kept);
    t->kept = NULL;
    t->n_kept = t->room = 0;
    t->no_keeping = true;
}

void bf_track_done(struct bf_track *t)
{
    drop_kept(t);
    av_frame_free(&t->frame);
    av_packet_free(&t->pkt);
    avcodec_free_context(&t->dec);
    bf_container_close(&t->fmt, &t->io);
    *t = (struct bf_track){ 0 };
}

/* WebM has transparency as a second stream within the first, and says so beside the track. */
static const AVCodec *decoder_for(const AVStream *st)
{
    const enum AVCodecID id = st->codecpar->codec_id;
    const AVDictionaryEntry *alpha = av_dict_get(st->metadata, "alpha_mode", NULL, 0);
    const AVCodec *codec = NULL;
    if (alpha && strcmp(alpha->value, "1") == 0 && id == AV_CODEC_ID_VP8)
        codec = avcodec_find_decoder_by_name("libvpx");
    if (alpha && strcmp(alpha->value, "1") == 0 && id == AV_CODEC_ID_VP9)
        codec = avcodec_find_decoder_by_name("libvpx-vp9");
    return codec ? codec : avcodec_find_decoder(id);
}

static int decoder_open(struct bf_track *t, const struct bf_limits *limits, struct bf_err *err)
{
    const AVStream *st = t->fmt->streams[t->index];
    const AVCodec *codec = decoder_for(st);
    if (!codec)
        return bf_fail(err, BF_EDATA, "this FFmpeg has no decoder for '%s'",
                       avcodec_get_name(st->codecpar->codec_id));
    t->dec = avcodec_alloc_context3(codec);
    if (!t->dec)
        return bf_fail_memory(err, "a decoder");
    int rc = avcodec_parameters_to_context(t->dec, st->codecpar);
    t->dec->pkt_timebase = st->time_base;
    t->dec->thread_count = 1;
    t->dec->max_pixels = limits->pixels;
    t->dec->flags |= AV_CODEC_FLAG_BITEXACT;
    if (st->codecpar->codec_id == AV_CODEC_ID_FLAC)
        t->dec->err_recognition |= AV_EF_CRCCHECK; /* others do without, or have none */
    if (rc >= 0)
        rc = avcodec_open2(t->dec, codec, NULL);
    return rc < 0 ? bf_container_fail(err, rc, "the decoder refuses it") : BF_OK;
}

static int find_track(struct bf_track *t, const char *none, struct bf_err *err)
{
    BF_TRY(bf_container_open(t->src, &t->fmt, &t->io, err));
    t->index = bf_container_choose(t->fmt, t->type);
    return t->index < 0 ? bf_fail(err, BF_EDATA, "%s", none) : BF_OK;
}

int bf_track_open(struct bf_track *t, struct bf_source *src, int type, const char *none,
                  const struct bf_limits *limits, struct bf_err *err)
{
    *t = (struct bf_track){ .src = src, .type = type };
    BF_TRY(find_track(t, none, err));
    t->pkt = av_packet_alloc();
    t->frame = av_frame_alloc();
    if (!t->pkt || !t->frame)
        return bf_fail_memory(err, "a decoder");
    const AVStream *st = t->fmt->streams[t->index];
    if (st->codecpar->codec_id == AV_CODEC_ID_NONE)
        return bf_fail(err, BF_EDATA, "its track is of a kind that is not known");
    if (type == AVMEDIA_TYPE_VIDEO && st->codecpar->width > 0)
        BF_TRY(bf_raster_allowed(st->codecpar->width, st->codecpar->height, limits, err));
    return decoder_open(t, limits, err);
}

bool bf_track_packet(struct bf_track *t)
{
    av_packet_unref(t->pkt);
    if (t->replays) {
        if (t->at == t->n_kept)
            return false;
        return av_packet_ref(t->pkt, t->kept[t->at++]) >= 0;
    }
    for (;;) {
        int rc = av_read_frame(t->fmt, t->pkt);
        if (rc < 0) {
            t->cut = t->cut || rc != AVERROR_EOF;
            return false;
        }
        if (t->pkt->stream_index == t->index)
            return true;
        av_packet_unref(t->pkt);
    }
}

int bf_track_keep(struct bf_track *t, struct bf_err *err)
{
    t->n_bytes += (size_t)t->pkt->size + sizeof *t->pkt;
    if (t->n_bytes > MAX_KEPT_BYTES)
        drop_kept(t);
    if (t->no_keeping)
        return BF_OK;
    if (t->n_kept == t->room) {
        const size_t room = t->room ? t->room * 2 : 256;
        AVPacket **kept = realloc(t->kept, room * sizeof *kept);
        if (!kept)
            return bf_fail_memory(err, "packets");
        t->kept = kept;
        t->room = room;
    }
    AVPacket *p = av_packet_alloc();
    if (!p)
        return bf_fail_memory(err, "packets");
    av_packet_move_ref(p, t->pkt);
    t->kept[t->n_kept++] = p;
    return BF_OK;
}

int bf_track_rewind(struct bf_track *t, struct bf_err *err)
{
    avcodec_flush_buffers(t->dec);
    t->dec->skip_frame = AVDISCARD_DEFAULT;
    t->at = 0;
    t->at_end = false;
    t->n_stuck = 0;
    t->replays = !t->no_keeping;
    if (t->replays)
        return BF_OK;
    bf_container_close(&t->fmt, &t->io);
    return find_track(t, "the track is gone", err);
}

int bf_track_send(struct bf_track *t, bool drain, struct bf_err *err)
{
    int rc = avcodec_send_packet(t->dec, drain ? NULL : t->pkt);
    if (rc == AVERROR(ENOMEM))
        return bf_fail_memory(err, "a decoder");
    t->n_bad += rc < 0 && rc != AVERROR(EAGAIN) && rc != AVERROR_EOF;
    return BF_OK;
}

int bf_track_receive(struct bf_track *t, struct bf_err *err)
{
    for (;;) {
        int rc = avcodec_receive_frame(t->dec, t->frame);
        if (rc >= 0) {
            const bool bad =
                t->frame->decode_error_flags || (t->frame->flags & AV_FRAME_FLAG_CORRUPT);
            t->n_bad += bad;
            return BF_OK;
        }
        if (rc == AVERROR_EOF || rc == AVERROR(EAGAIN) || t->n_stuck++ > MAX_STUCK)
            return BF_END;
        if (rc == AVERROR(ENOMEM))
            return bf_fail_memory(err, "a decoder");
        t->n_bad++;
    }
}

int bf_track_frame(struct bf_track *t, struct bf_err *err)
{
    for (;;) {
        int rc = bf_track_receive(t, err);
        if (rc != BF_END || t->at_end)
            return rc;
        t->n_stuck = 0;
        t->at_end = !bf_track_packet(t);
        BF_TRY(bf_track_send(t, t->at_end, err));
    }
}

void bf_track_damage(const struct bf_track *t, double seconds, int64_t n_of,
                     struct bf_media_info *info)
{
    const AVStream *st = t->fmt->streams[t->index];
    const double claimed = st->duration > 0 ? (double)st->duration * av_q2d(st->time_base) : 0;
    const long long n_bad = t->n_bad + t->cut;
    const int64_t needs = bf_cut_needs(t->src);
    if (claimed > seconds * 1.1 + 0.5)
        snprintf(info->warning, sizeof info->warning, "ends early: %.3g of %.3g s", seconds,
                 claimed);
    else if (n_bad > 0)
        snprintf(info->warning, sizeof info->warning, "damaged: %lld of %lld packets or frames",
                 n_bad < n_of ? n_bad : (long long)n_of, (long long)n_of);
    else if (needs > t->src->size)
        snprintf(info->warning, sizeof info->warning,
                 "cut after %.3g s: %lld bytes or more missing", seconds,
                 (long long)(needs - t->src->size));
    else
        return;
    info->damaged = 1;
}

void bf_track_name(const struct bf_track *t, struct bf_media_info *info)
{
    static const char *const exts[][3] = {
        /* demuxer, format, ending */
        { "mov", "mp4", "mp4" },      { "matroska", "matroska", "mkv" }, { "avi", "avi", "avi" },
        { "mpegts", "mpegts", "ts" }, { "mpeg", "mpeg", "mpg" },         { "asf", "asf", "wmv" },
    };
    const char *name = t->fmt->iformat->name;
    size_t n = strcspn(name, ",");
    snprintf(info->format, sizeof info->format, "%.*s", (int)n, name);
    snprintf(info->ext, sizeof info->ext, "%.*s", (int)(n > 4 ? 4 : n), name);
    for (size_t i = 0; i < sizeof exts / sizeof *exts; i++) {
        if (strlen(exts[i][0]) == n && strncmp(name, exts[i][0], n) == 0) {
            snprintf(info->format, sizeof info->format, "%s", exts[i][1]);
            snprintf(info->ext, sizeof info->ext, "%s", exts[i][2]);
        }
    }
    snprintf(info->decoder, sizeof info->decoder, "ffmpeg");
}
