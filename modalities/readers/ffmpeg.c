/* Video, sound and a few kinds of picture, decoded through FFmpeg. */
#include "modalities/readers/ffmpeg.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "modalities/readers/container.h"
#include "modalities/raster.h"
#include "modalities/wave.h"

/* An open stream and everything that must be freed with it. */
struct stream {
    AVFormatContext *fmt;
    struct AVIOContext *io;
    AVCodecContext *dec;
    AVPacket *pkt;
    AVFrame *frame, *kept, *rgb;
    struct SwsContext *sws;
    int index;
    bool at_end;      /* no packets left: the decoder is being drained */
    bool cut;         /* reading stopped by an error, not by the end */
    int64_t n_bad;    /* packets or frames that did not decode */
    int n_stuck;      /* errors while draining */
    double next_time; /* for frames without a time of their own */
};

static void stream_done(struct stream *s)
{
    sws_freeContext(s->sws);
    av_frame_free(&s->frame);
    av_frame_free(&s->kept);
    av_frame_free(&s->rgb);
    av_packet_free(&s->pkt);
    avcodec_free_context(&s->dec);
    bf_container_close(&s->fmt, &s->io);
    *s = (struct stream){ 0 };
}

static int decoder_open(struct stream *s, enum AVCodecID id, const AVCodecParameters *par,
                        const struct bf_limits *limits, struct bf_err *err)
{
    const AVCodec *codec = avcodec_find_decoder(id);
    if (!codec)
        return bf_fail(err, BF_EDATA, "this FFmpeg has no decoder for '%s'", avcodec_get_name(id));
    s->dec = avcodec_alloc_context3(codec);
    if (!s->dec)
        return bf_fail_memory(err, "a decoder");
    int rc = par ? avcodec_parameters_to_context(s->dec, par) : 0;
    s->dec->thread_count = 1;
    s->dec->max_pixels = limits->pixels;
    s->dec->flags |= AV_CODEC_FLAG_BITEXACT;
    /* Half a picture is none, while a clip may go on. Odd tags in a TIFF would be fatal, too. */
    if (!par && id != AV_CODEC_ID_TIFF)
        s->dec->err_recognition |= AV_EF_EXPLODE;
    if (rc >= 0)
        rc = avcodec_open2(s->dec, codec, NULL);
    return rc < 0 ? bf_container_fail(err, rc, "the decoder refuses it") : BF_OK;
}

static int track_open(struct stream *s, struct bf_source *src, enum AVMediaType type,
                      const char *none, const struct bf_limits *limits, struct bf_err *err)
{
    BF_TRY(bf_container_open(src, &s->fmt, &s->io, err));
    s->pkt = av_packet_alloc();
    s->frame = av_frame_alloc();
    s->kept = av_frame_alloc();
    s->rgb = av_frame_alloc();
    if (!s->pkt || !s->frame || !s->kept || !s->rgb)
        return bf_fail_memory(err, "a decoder");
    s->index = bf_container_choose(s->fmt, type);
    if (s->index < 0)
        return bf_fail(err, BF_EDATA, "%s", none);
    const AVStream *st = s->fmt->streams[s->index];
    if (st->codecpar->codec_id == AV_CODEC_ID_NONE)
        return bf_fail(err, BF_EDATA, "its track is of a kind that is not known");
    if (type == AVMEDIA_TYPE_VIDEO && st->codecpar->width > 0)
        BF_TRY(bf_raster_allowed(st->codecpar->width, st->codecpar->height, limits, err));
    return decoder_open(s, st->codecpar->codec_id, st->codecpar, limits, err);
}

/* The next packet of the chosen stream in s->pkt; false at the end or when reading fails. */
static bool next_packet(struct stream *s)
{
    for (;;) {
        av_packet_unref(s->pkt);
        int rc = av_read_frame(s->fmt, s->pkt);
        if (rc < 0) {
            s->cut = s->cut || rc != AVERROR_EOF;
            return false;
        }
        if (s->pkt->stream_index == s->index)
            return true;
    }
}

/* BF_OK: a frame in s->frame; BF_END: none left; BF_ENOMEM. Damage is counted, not fatal. */
static int next_frame(struct stream *s, struct bf_err *err)
{
    for (;;) {
        int rc = avcodec_receive_frame(s->dec, s->frame);
        if (rc >= 0) {
            bool bad = s->frame->decode_error_flags || (s->frame->flags & AV_FRAME_FLAG_CORRUPT);
            s->n_bad += bad;
            return BF_OK;
        }
        if (rc == AVERROR_EOF || (s->at_end && (rc == AVERROR(EAGAIN) || s->n_stuck++ > 1000)))
            return BF_END;
        if (rc == AVERROR(ENOMEM))
            return bf_fail_memory(err, "a decoder");
        s->n_bad += rc != AVERROR(EAGAIN);
        if (s->at_end)
            continue;
        s->at_end = !next_packet(s);
        rc = avcodec_send_packet(s->dec, s->at_end ? NULL : s->pkt);
        if (rc == AVERROR(ENOMEM))
            return bf_fail_memory(err, "a decoder");
        s->n_bad += rc < 0 && rc != AVERROR(EAGAIN) && rc != AVERROR_EOF;
    }
}

/* ITU matrices by what the frame says, else by its height as players do. */
static int matrix_of(const AVFrame *f)
{
    switch (f->colorspace) {
    case AVCOL_SPC_BT709:
        return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
        return SWS_CS_FCC;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
        return SWS_CS_ITU601;
    case AVCOL_SPC_SMPTE240M:
        return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
        return SWS_CS_BT2020;
    default:
        return f->height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601;
    }
}

/* The yuvj formats are the plain ones at full range, under a name that swscale warns about. */
static enum AVPixelFormat plain_format(const AVFrame *f, bool *full_out)
{
    *full_out = f->color_range == AVCOL_RANGE_JPEG;
    switch (f->format) {
    case AV_PIX_FMT_YUVJ420P:
        *full_out = true;
        return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
        *full_out = true;
        return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
        *full_out = true;
        return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
        *full_out = true;
        return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ411P:
        *full_out = true;
        return AV_PIX_FMT_YUV411P;
    default:
        return f->format;
    }
}

/* A decoded frame as RGB of w x h. swscale writes whole vectors past a row's end, hence its own
 * padded frame and a copy. */
static int to_raster(struct stream *s, const AVFrame *f, int w, int h, struct bf_raster *out,
                     struct bf_arena *a, struct bf_err *err)
{
    bool full;
    const enum AVPixelFormat from = plain_format(f, &full);
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(from);
    if (!d)
        return bf_fail(err, BF_EDATA, "its pixel format is not known");
    const bool alpha = (d->flags & AV_PIX_FMT_FLAG_ALPHA) || from == AV_PIX_FMT_PAL8;
    const enum AVPixelFormat to = alpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24;

    s->sws = sws_getCachedContext(s->sws, f->width, f->height, from, w, h, to,
                                  SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT |
                                      SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP,
                                  NULL, NULL, NULL);
    if (!s->sws)
        return bf_fail(err, BF_EDATA, "its pixel format '%s' cannot be converted", d->name);
    /* Returns -1 for formats that have no range, such as RGB: nothing to set there. */
    (void)sws_setColorspaceDetails(s->sws, sws_getCoefficients(matrix_of(f)), full,
                                   sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);

    av_frame_unref(s->rgb);
    s->rgb->width = w;
    s->rgb->height = h;
    s->rgb->format = to;
    if (av_frame_get_buffer(s->rgb, 0) < 0)
        return bf_fail_memory(err, "a frame");
    int rc = sws_scale(s->sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height,
                       s->rgb->data, s->rgb->linesize);
    if (rc < 0)
        return bf_container_fail(err, rc, "the frame cannot be converted");

    struct bf_raster r;
    BF_TRY(bf_raster_new(w, h, &r, a, err));
    for (int y = 0; y < h; y++) {
        const uint8_t *p = s->rgb->data[0] + (ptrdiff_t)y * s->rgb->linesize[0];
        uint8_t *q = r.px + y * r.stride;
        if (!alpha)
            memcpy(q, p, (size_t)w * 3);
        for (int x = 0; alpha && x < w; x++)
            for (int c = 0; c < 3; c++)
                q[3 * x + c] = bf_over_white(p[4 * x + c], p[4 * x + 3]);
    }
    *out = r;
    return BF_OK;
}

int bf_ffmpeg_picture(const uint8_t *bytes, size_t n, const char *format,
                      const struct bf_limits *limits, struct bf_raster *out, struct bf_arena *a,
                      struct bf_err *err)
{
    const enum AVCodecID id = strcmp(format, "jpeg") == 0   ? AV_CODEC_ID_MJPEG
                              : strcmp(format, "webp") == 0 ? AV_CODEC_ID_WEBP
                                                            : AV_CODEC_ID_TIFF;
    BF_AUTO(stream_done) struct stream s = { 0 };
    bf_container_hush();
    if (n > INT_MAX - AV_INPUT_BUFFER_PADDING_SIZE)
        return bf_fail(err, BF_EDATA, "the picture file has %zu bytes, limit %d", n, INT_MAX);
    s.pkt = av_packet_alloc();
    s.frame = av_frame_alloc();
    s.rgb = av_frame_alloc();
    if (!s.pkt || !s.frame || !s.rgb || av_new_packet(s.pkt, (int)n) < 0)
        return bf_fail_memory(err, "a decoder");
    memcpy(s.pkt->data, bytes, n);

    BF_TRY(decoder_open(&s, id, NULL, limits, err));
    int rc = avcodec_send_packet(s.dec, s.pkt);
    if (rc >= 0)
        rc = avcodec_send_packet(s.dec, NULL);
    if (rc >= 0)
        rc = avcodec_receive_frame(s.dec, s.frame);
    if (rc < 0)
        return bf_container_fail(err, rc == AVERROR_EOF ? AVERROR_INVALIDDATA : rc,
                                 "the picture is damaged, or of a kind that is not read here");
    if (s.frame->decode_error_flags)
        return bf_fail(err, BF_EDATA, "the picture is damaged");
    BF_TRY(bf_raster_allowed(s.frame->width, s.frame->height, limits, err));
    return to_raster(&s, s.frame, s.frame->width, s.frame->height, out, a, err);
}

/* What the packets say of a track's time, in its time base. */
struct span {
    int64_t first, last, end; /* earliest start, latest start, latest end */
    int64_t n;                /* packets with a time that are shown */
};

static struct span scan_packets(struct stream *s)
{
    struct span sp = { .first = INT64_MAX, .last = INT64_MIN, .end = INT64_MIN };
    while (next_packet(s)) {
        const AVPacket *p = s->pkt;
        int64_t at = p->pts != AV_NOPTS_VALUE ? p->pts : p->dts;
        if (at == AV_NOPTS_VALUE || (p->flags & AV_PKT_FLAG_DISCARD) || at > INT64_MAX / 4 ||
            at < INT64_MIN / 4)
            continue;
        int64_t duration = p->duration > 0 && p->duration < INT32_MAX ? p->duration : 0;
        sp.n++;
        sp.first = at < sp.first ? at : sp.first;
        sp.last = at > sp.last ? at : sp.last;
        sp.end = at + duration > sp.end ? at + duration : sp.end;
    }
    if (sp.n > 1 && sp.end == sp.last)
        sp.end = sp.last + (sp.last - sp.first) / (sp.n - 1);
    return sp;
}

/* The matrix [a b; c d] that a track asks to be shown through (ISO 14496-12, 6.2.2), as the EXIF
 * orientation that does the same; angles between right ones go to the nearest. */
static int orientation_of(const AVStream *st)
{
#if LIBAVFORMAT_VERSION_INT >= AV_VERSION_INT(60, 15, 100)
    const AVPacketSideData *sd =
        av_packet_side_data_get(st->codecpar->coded_side_data, st->codecpar->nb_coded_side_data,
                                AV_PKT_DATA_DISPLAYMATRIX);
    const int32_t *m = sd && sd->size >= 9 * sizeof *m ? (const void *)sd->data : NULL;
#else
    size_t n = 0;
    const void *p = av_stream_get_side_data(st, AV_PKT_DATA_DISPLAYMATRIX, &n);
    const int32_t *m = n >= 9 * sizeof *m ? p : NULL;
#endif
    if (!m)
        return 1;
    const int64_t a = m[0], b = m[1], c = m[3], d = m[4];
    if (llabs(a) + llabs(d) >= llabs(b) + llabs(c))
        return a >= 0 ? (d >= 0 ? 1 : 4) : (d >= 0 ? 2 : 3);
    return b >= 0 ? (c >= 0 ? 5 : 6) : (c >= 0 ? 8 : 7);
}

static int64_t duration_of(const AVFrame *f)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    return f->duration > 0 ? f->duration : 0;
#else
    return f->pkt_duration > 0 ? f->pkt_duration : 0;
#endif
}

/* The frames wanted of a clip while it is decoded in order. */
struct picker {
    int n_wanted, n_due; /* spans in all; spans whose frame is known */
    double seconds;      /* of the clip as its packets have it */
    int w, h;            /* as stored, before turning */
    int orientation;
    double kept_at; /* time of s->kept */
    bool kept_used; /* whether s->kept was taken already */
    struct bf_clip *clip;
};

static double due(const struct picker *p)
{
    return (p->n_due + 0.5) * p->seconds / p->n_wanted;
}

static int take(struct stream *s, struct picker *p, const AVFrame *f, double at, struct bf_arena *a,
                struct bf_err *err)
{
    struct bf_raster r;
    struct bf_clip *clip = p->clip;
    BF_TRY(to_raster(s, f, p->w, p->h, &r, a, err));
    BF_TRY(bf_raster_orient(&r, p->orientation, &clip->frames[clip->n_frames], a, err));
    clip->at_seconds[clip->n_frames++] = at;
    return BF_OK;
}

/* A frame was decoded: take it or the one before for every span whose middle now lies behind. */
static int offer(struct stream *s, struct picker *p, double at, bool used, struct bf_arena *a,
                 struct bf_err *err)
{
    while (p->n_due < p->n_wanted && due(p) <= at) {
        const bool before = due(p) - p->kept_at <= at - due(p);
        if (before && !p->kept_used) {
            BF_TRY(take(s, p, s->kept, p->kept_at, a, err));
            p->kept_used = true;
        } else if (!before && !used) {
            BF_TRY(take(s, p, s->frame, at, a, err));
            used = true;
        }
        p->n_due++;
    }
    av_frame_unref(s->kept);
    av_frame_move_ref(s->kept, s->frame);
    p->kept_at = at;
    p->kept_used = used;
    return BF_OK;
}

static int decode_clip(struct stream *s, struct picker *p, const struct span *sp,
                       const struct bf_limits *limits, int side, struct bf_media_info *info,
                       struct bf_arena *a, struct bf_err *err)
{
    const AVStream *st = s->fmt->streams[s->index];
    const double tick = av_q2d(st->time_base);
    double end = 0;
    double last = -1;
    for (;;) {
        int rc = next_frame(s, err);
        if (rc == BF_END)
            break;
        BF_TRY(rc);
        int64_t pts = s->frame->best_effort_timestamp;
        double at = pts == AV_NOPTS_VALUE ? s->next_time : (double)(pts - sp->first) * tick;
        at = at < 0 ? 0 : at;
        if (at <= last)
            at = last + tick;
        last = at;
        double step = (double)duration_of(s->frame) * tick;
        s->next_time = at + (step > 0 ? step : tick);
        end = at + step;
        if (at > limits->clip_seconds)
            return bf_fail(err, BF_EDATA, "the clip is longer than %g s", limits->clip_seconds);
        if (info->n_frames++ == 0) {
            BF_TRY(bf_raster_allowed(s->frame->width, s->frame->height, limits, err));
            info->w = s->frame->width;
            info->h = s->frame->height;
            bf_raster_fit(info->w, info->h, side, &p->w, &p->h);
            /* Nothing lies before the first frame: every early middle is nearest to it. */
            p->kept_at = -INFINITY;
            p->kept_used = true;
        }
        BF_TRY(offer(s, p, at, false, a, err));
    }
    if (info->n_frames == 0)
        return bf_fail(err, BF_EDATA, "no frame of the clip can be decoded");
    if (p->n_due < p->n_wanted && !p->kept_used)
        BF_TRY(take(s, p, s->kept, p->kept_at, a, err));
    p->seconds = end > p->seconds ? end : p->seconds;
    return BF_OK;
}

static void describe_clip(const struct stream *s, const struct picker *p, double decoded_to,
                          struct bf_media_info *info)
{
    const AVStream *st = s->fmt->streams[s->index];
    const AVRational sar =
        st->sample_aspect_ratio.num ? st->sample_aspect_ratio : s->dec->sample_aspect_ratio;
    const double claimed = st->duration > 0 ? (double)st->duration * av_q2d(st->time_base) : 0;
    const double frame = p->seconds / info->n_frames;
    if (claimed > p->seconds * 1.1 + 0.5)
        snprintf(info->warning, sizeof info->warning, "ends early: %.3g of %.3g s", p->seconds,
                 claimed);
    else if (decoded_to + 3 * frame + 0.1 < p->seconds)
        snprintf(info->warning, sizeof info->warning, "ends early: %.3g of %.3g s decoded",
                 decoded_to, p->seconds);
    else if (s->n_bad > 0 || s->cut)
        snprintf(info->warning, sizeof info->warning, "damaged: %lld packets or frames",
                 (long long)s->n_bad + s->cut);
    info->damaged = *info->warning != '\0';
    if (!info->damaged && sar.num > 0 && sar.num != sar.den)
        snprintf(info->warning, sizeof info->warning,
                 "pixels are %d:%d, not square; shown unstretched", sar.num, sar.den);
}

static void name_container(const struct stream *s, struct bf_media_info *info)
{
    static const char *const exts[][3] = {
        /* demuxer, format, ending */
        { "mov", "mp4", "mp4" },      { "matroska", "matroska", "mkv" }, { "avi", "avi", "avi" },
        { "mpegts", "mpegts", "ts" }, { "mpeg", "mpeg", "mpg" },         { "asf", "asf", "wmv" },
    };
    const char *name = s->fmt->iformat->name;
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

int bf_ffmpeg_clip(struct bf_source *src, int n_frames, int side, const struct bf_limits *limits,
                   struct bf_clip *out, struct bf_media_info *info, struct bf_arena *a,
                   struct bf_err *err)
{
    static const char none[] = "no pictures: the file has no video track";
    struct span sp;
    {
        BF_AUTO(stream_done) struct stream s = { 0 };
        BF_TRY(track_open(&s, src, AVMEDIA_TYPE_VIDEO, none, limits, err));
        sp = scan_packets(&s);
    }
    BF_AUTO(stream_done) struct stream s = { 0 };
    BF_TRY(track_open(&s, src, AVMEDIA_TYPE_VIDEO, none, limits, err));
    const AVStream *st = s.fmt->streams[s.index];
    if (sp.n == 0)
        return bf_fail(err, BF_EDATA, "the video track holds no packets");

    struct bf_clip clip = { 0 };
    struct bf_media_info got = { .carrier = BF_CLIP };
    struct picker p = {
        .n_wanted = n_frames,
        .clip = &clip,
        .orientation = orientation_of(st),
        .seconds = (double)(sp.end - sp.first) * av_q2d(st->time_base),
    };
    if (p.seconds > limits->clip_seconds)
        return bf_fail(err, BF_EDATA, "the clip is %.0f s long, limit %g", p.seconds,
                       limits->clip_seconds);
    clip.frames = bf_arena_alloc(a, (size_t)n_frames, sizeof *clip.frames);
    clip.at_seconds = bf_arena_alloc(a, (size_t)n_frames, sizeof *clip.at_seconds);
    if (!clip.frames || !clip.at_seconds)
        return bf_fail_memory(err, "a clip");
    BF_TRY(decode_clip(&s, &p, &sp, limits, side, &got, a, err));

    clip.seconds = p.seconds;
    if (p.orientation >= 5) {
        int w = got.w;
        got.w = got.h;
        got.h = w;
    }
    got.seconds = p.seconds;
    got.rate_hz = p.seconds > 0 ? got.n_frames / p.seconds : 0;
    describe_clip(&s, &p, p.kept_at, &got);
    name_container(&s, &got);
    for (int i = 0; i < clip.n_frames; i++)
        bf_raster_add_mean(&clip.frames[i], got.mean);
    for (int c = 0; c < 3; c++)
        got.mean[c] /= clip.n_frames;
    *out = clip;
    *info = got;
    return BF_OK;
}

/* One value of a decoded frame, full scale -1 .. 1. */
static float sample_at(const AVFrame *f, int n_ch, int ch, int i)
{
    const bool planar = av_sample_fmt_is_planar(f->format);
    const uint8_t *p = f->extended_data[planar ? ch : 0];
    const size_t at = planar ? (size_t)i : (size_t)i * (size_t)n_ch + (size_t)ch;
    switch (av_get_packed_sample_fmt(f->format)) {
    case AV_SAMPLE_FMT_U8:
        return (float)(p[at] - 128) / 128;
    case AV_SAMPLE_FMT_S16:
        return (float)((const int16_t *)(const void *)p)[at] / 32768;
    case AV_SAMPLE_FMT_S32:
        return (float)((double)((const int32_t *)(const void *)p)[at] / 2147483648.0);
    case AV_SAMPLE_FMT_S64:
        return (float)((double)((const int64_t *)(const void *)p)[at] / 9223372036854775808.0);
    case AV_SAMPLE_FMT_FLT:
        return ((const float *)(const void *)p)[at];
    case AV_SAMPLE_FMT_DBL:
        return (float)((const double *)(const void *)p)[at];
    default:
        return 0;
    }
}

static int add_frame(struct bf_wave_builder *b, const AVFrame *f, struct bf_err *err)
{
    float block[4096];
    const int room = (int)(sizeof block / sizeof *block) / b->n_ch;
    if (f->sample_rate != (int)b->rate_hz || f->ch_layout.nb_channels != b->n_ch)
        return bf_fail(err, BF_EDATA, "the sound changes from %d channels at %g Hz to %d at %d",
                       b->n_ch, b->rate_hz, f->ch_layout.nb_channels, f->sample_rate);
    for (int i = 0; i < f->nb_samples;) {
        int n = 0;
        for (; n < room && i < f->nb_samples; n++, i++)
            for (int ch = 0; ch < b->n_ch; ch++)
                block[n * b->n_ch + ch] = sample_at(f, b->n_ch, ch, i);
        BF_TRY(bf_wave_add(b, block, (size_t)n, err));
    }
    return BF_OK;
}

int bf_ffmpeg_wave(struct bf_source *src, const struct bf_limits *limits, struct bf_wave *out,
                   struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    BF_AUTO(stream_done) struct stream s = { 0 };
    BF_TRY(track_open(&s, src, AVMEDIA_TYPE_AUDIO, "no sound track", limits, err));

    struct bf_wave_builder b = { 0 };
    struct bf_media_info got = { 0 };
    for (;;) {
        int rc = next_frame(&s, err);
        if (rc == BF_END)
            break;
        BF_TRY(rc);
        if (b.n_ch == 0)
            BF_TRY(bf_wave_begin(&b, s.frame->sample_rate, s.frame->ch_layout.nb_channels, limits,
                                 a, err));
        BF_TRY(add_frame(&b, s.frame, err));
    }
    if (b.n_ch == 0)
        return bf_fail(err, BF_EDATA, "the sound has no samples that can be decoded");
    const AVStream *st = s.fmt->streams[s.index];
    const double claimed = st->duration > 0 ? (double)st->duration * av_q2d(st->time_base) : 0;
    const double seconds = (double)b.n / b.rate_hz;
    if (claimed > seconds * 1.1 + 0.5)
        snprintf(got.warning, sizeof got.warning, "ends early: %.3g of %.3g s", seconds, claimed);
    else if (s.n_bad > 0 || s.cut)
        snprintf(got.warning, sizeof got.warning, "damaged: %lld packets or frames",
                 (long long)s.n_bad + s.cut);
    got.damaged = *got.warning != '\0';
    name_container(&s, &got);
    BF_TRY(bf_wave_end(&b, out, &got, err));
    *info = got;
    return BF_OK;
}
