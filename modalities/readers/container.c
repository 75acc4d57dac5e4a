/* Containers through FFmpeg: opened so that they reach nothing else, and copied without sound. */
#include "modalities/readers/container.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/mathematics.h>

/* Formats that hold their own data. Playlists and lists of files (hls, concat, dash, image2)
 * stay out. */
static const char formats[] = "mov,matroska,avi,mpegts,mpeg,gif,apng,flv,ogg,asf,ivf,"
                              "wav,w64,flac,mp3,aac,ac3,eac3,aiff,caf,au,amr,wv,tta";

enum { IO_BYTES = 1 << 16, MAX_INDEX_BYTES = 32 << 20 };

static void log_nothing(void *ctx, int level, const char *fmt, va_list ap)
{
    (void)ctx;
    (void)level;
    (void)fmt;
    (void)ap;
}

int bf_container_fail(struct bf_err *err, int code, const char *what)
{
    char why[128] = "unknown";
    if (code == AVERROR(ENOMEM))
        return bf_fail_memory(err, "a decoder");
    if (code == AVERROR_INVALIDDATA || code == AVERROR(EINVAL)) /* of which it says no more */
        return bf_fail(err, BF_EDATA, "%s", what);
    (void)av_strerror(code, why, sizeof why); /* fills in a text for unknown codes, too */
    why[0] = (char)tolower((unsigned char)why[0]);
    return bf_fail(err, BF_EDATA, "%s: %s", what, why);
}

static int io_read(void *ctx, uint8_t *buf, int n)
{
    ptrdiff_t got = bf_source_read(ctx, buf, (size_t)n);
    return got < 0 ? AVERROR(EIO) : got == 0 ? AVERROR_EOF : (int)got;
}

static int64_t io_seek(void *ctx, int64_t offset, int whence)
{
    struct bf_source *src = ctx;
    if (whence & AVSEEK_SIZE)
        return src->size;
    return bf_source_seek(src, offset, whence & ~AVSEEK_FORCE);
}

/* Any other file or address that the data names. */
static int io_refuse(AVFormatContext *fmt, AVIOContext **pb, const char *url, int flags,
                     AVDictionary **options)
{
    (void)fmt;
    (void)pb;
    (void)url;
    (void)flags;
    (void)options;
    return AVERROR(EACCES);
}

void bf_container_hush(void)
{
    av_log_set_callback(log_nothing);
}

int bf_container_open(struct bf_source *src, AVFormatContext **fmt_out, AVIOContext **io_out,
                      struct bf_err *err)
{
    bf_container_hush();
    src->at = 0;
    uint8_t *buf = av_malloc(IO_BYTES);
    AVIOContext *io =
        buf ? avio_alloc_context(buf, IO_BYTES, 0, src, io_read, NULL, io_seek) : NULL;
    if (!io)
        av_free(buf);
    AVFormatContext *fmt = avformat_alloc_context();
    *io_out = io;
    *fmt_out = fmt;
    if (!io || !fmt)
        return bf_fail_memory(err, "a decoder");
    fmt->pb = io;
    fmt->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    fmt->io_open = io_refuse;
    fmt->format_whitelist = av_strdup(formats);
    fmt->protocol_whitelist = av_strdup("none");
    if (!fmt->format_whitelist || !fmt->protocol_whitelist)
        return bf_fail_memory(err, "a decoder");
    /* An MP4 of some hundred bytes can say that it has two billion frames, each of which takes its
     * place in an index. Of frames that are there 32 MiB hold three hours at 120 a second. */
    av_max_alloc(MAX_INDEX_BYTES);
    int rc = avformat_open_input(fmt_out, NULL, NULL, NULL);
    av_max_alloc(INT_MAX);
    if (rc == AVERROR(ENOMEM))
        return bf_fail(err, BF_EDATA, "its index of frames takes more than %d MiB",
                       MAX_INDEX_BYTES >> 20);
    if (rc < 0)
        return bf_container_fail(err, rc,
                                 "damaged, or not a video or sound format that is read here");
    rc = avformat_find_stream_info(fmt, NULL);
    return rc < 0 ? bf_container_fail(err, rc, "the container is damaged") : BF_OK;
}

void bf_container_close(AVFormatContext **fmt, AVIOContext **io)
{
    avformat_close_input(fmt);
    if (*io)
        av_freep(&(*io)->buffer);
    avio_context_free(io);
}

int bf_container_choose(AVFormatContext *fmt, int type)
{
    for (unsigned i = 0; i < fmt->nb_streams; i++) {
        AVStream *st = fmt->streams[i];
        if (st->disposition & AV_DISPOSITION_ATTACHED_PIC)
            st->codecpar->codec_type = AVMEDIA_TYPE_ATTACHMENT;
    }
    const int best = av_find_best_stream(fmt, (enum AVMediaType)type, -1, -1, NULL, 0);
    for (unsigned i = 0; i < fmt->nb_streams; i++)
        if ((int)i != best)
            fmt->streams[i]->discard = AVDISCARD_ALL;
    return best;
}

/* A copy in the making. */
struct copy {
    AVFormatContext *in, *out;
    AVIOContext *io;
    AVPacket *pkt;
    int index; /* of the track that is copied */
};

static void copy_done(struct copy *c)
{
    if (c->out && c->out->pb) {
        uint8_t *bytes = NULL;
        (void)avio_close_dyn_buf(c->out->pb, &bytes); /* its length is of no use any more */
        av_free(bytes);
        c->out->pb = NULL;
    }
    avformat_free_context(c->out);
    av_packet_free(&c->pkt);
    bf_container_close(&c->in, &c->io);
}

/* WebM stays WebM; all else goes to MP4 where it fits. */
static const AVOutputFormat *format_for(const AVFormatContext *in, enum AVCodecID codec)
{
    const AVOutputFormat *mp4 = av_guess_format("mp4", NULL, NULL);
    const AVOutputFormat *webm = av_guess_format("webm", NULL, NULL);
    const bool in_mp4 = mp4 && avformat_query_codec(mp4, codec, FF_COMPLIANCE_NORMAL) == 1;
    const bool in_webm = webm && avformat_query_codec(webm, codec, FF_COMPLIANCE_NORMAL) == 1;
    if (in_webm && (!in_mp4 || strncmp(in->iformat->name, "matroska", 8) == 0))
        return webm;
    return in_mp4 ? mp4 : NULL;
}

/* How the pictures are turned is theirs; it lies beside the track before FFmpeg 6.1. */
static int copy_turn(const AVStream *from, AVStream *to)
{
#if LIBAVFORMAT_VERSION_INT < AV_VERSION_INT(60, 15, 100)
    size_t n = 0;
    const uint8_t *matrix = av_stream_get_side_data(from, AV_PKT_DATA_DISPLAYMATRIX, &n);
    uint8_t *copy = matrix ? av_stream_new_side_data(to, AV_PKT_DATA_DISPLAYMATRIX, n) : NULL;
    if (matrix && !copy)
        return AVERROR(ENOMEM);
    if (matrix)
        memcpy(copy, matrix, n);
#else
    (void)from;
    (void)to;
#endif
    return 0;
}

static int copy_begin(struct copy *c, const AVOutputFormat *format)
{
    const AVStream *from = c->in->streams[c->index];
    int rc = avformat_alloc_output_context2(&c->out, format, NULL, NULL);
    if (rc < 0)
        return rc;
    c->out->flags |= AVFMT_FLAG_BITEXACT; /* no time, no name of the program */
    /* When the pictures begin often depends on the sound beside them: on how long its codec takes,
     * or on which of the two began first. */
    c->out->avoid_negative_ts = AVFMT_AVOID_NEG_TS_MAKE_ZERO;
    AVStream *to = avformat_new_stream(c->out, NULL);
    c->pkt = av_packet_alloc();
    if (!to || !c->pkt)
        return AVERROR(ENOMEM);
    rc = avcodec_parameters_copy(to->codecpar, from->codecpar);
    if (rc >= 0)
        rc = copy_turn(from, to);
    to->codecpar->codec_tag = 0; /* another container, another name for the same */
    /* Of all that is said about the track only what it takes to decode it. */
    const AVDictionaryEntry *alpha = av_dict_get(from->metadata, "alpha_mode", NULL, 0);
    if (rc >= 0 && alpha)
        rc = av_dict_set(&to->metadata, "alpha_mode", alpha->value, 0);
    to->time_base = from->time_base;
    to->avg_frame_rate = from->avg_frame_rate;
    to->sample_aspect_ratio = from->sample_aspect_ratio;
    if (rc >= 0)
        rc = avio_open_dyn_buf(&c->out->pb);
    return rc < 0 ? rc : avformat_write_header(c->out, NULL);
}

static int copy_packets(struct copy *c)
{
    AVStream *to = c->out->streams[0];
    const AVRational base = c->in->streams[c->index]->time_base;
    int rc = 0;
    while (rc >= 0 && av_read_frame(c->in, c->pkt) >= 0) {
        if (c->pkt->stream_index == c->index) {
            c->pkt->stream_index = 0;
            c->pkt->pos = -1;
            if (c->pkt->pts == AV_NOPTS_VALUE)
                c->pkt->pts = c->pkt->dts;
            av_packet_rescale_ts(c->pkt, base, to->time_base);
            rc = av_interleaved_write_frame(c->out, c->pkt);
        }
        av_packet_unref(c->pkt);
    }
    return rc < 0 ? rc : av_write_trailer(c->out);
}

int bf_container_strip(struct bf_source *src, struct bf_blob *out, struct bf_arena *a,
                       struct bf_err *err)
{
    BF_AUTO(copy_done) struct copy c = { 0 };
    BF_TRY(bf_container_open(src, &c.in, &c.io, err));
    c.index = bf_container_choose(c.in, AVMEDIA_TYPE_VIDEO);
    if (c.index < 0)
        return bf_fail(err, BF_EDATA, "no pictures: the file has no video track");
    const AVOutputFormat *format = format_for(c.in, c.in->streams[c.index]->codecpar->codec_id);
    if (!format)
        return BF_END;
    int rc = copy_begin(&c, format);
    if (rc >= 0)
        rc = copy_packets(&c);
    if (rc == AVERROR(ENOMEM))
        return bf_fail_memory(err, "a clip");
    if (rc < 0)
        return BF_END; /* times that the container cannot hold, and the like */
    uint8_t *bytes = NULL;
    const int n = avio_close_dyn_buf(c.out->pb, &bytes);
    c.out->pb = NULL;
    const bool webm = strcmp(format->name, "webm") == 0;
    *out = (struct bf_blob){
        .ext = webm ? "webm" : "mp4",
        .mime = webm ? "video/webm" : "video/mp4",
        .bytes = bf_arena_memdup(a, bytes, (size_t)n),
        .n = (size_t)n,
    };
    av_free(bytes);
    return out->bytes ? BF_OK : bf_fail_memory(err, "a clip");
}
