/* A few kinds of picture, decoded through FFmpeg. */
#include "modalities/readers/ffmpeg.h"

#include <limits.h>
#include <string.h>

#include <libavcodec/avcodec.h>

#include "modalities/raster.h"
#include "modalities/readers/container.h"
#include "modalities/readers/rgb.h"

/* A decoder and everything that must be freed with it. */
struct still {
    AVCodecContext *dec;
    AVPacket *pkt;
    AVFrame *frame;
    struct bf_rgb pixels;
};

static void still_done(struct still *s)
{
    bf_rgb_done(&s->pixels);
    av_frame_free(&s->frame);
    av_packet_free(&s->pkt);
    avcodec_free_context(&s->dec);
}

static int decoder_open(struct still *s, enum AVCodecID id, const struct bf_limits *limits,
                        struct bf_err *err)
{
    const AVCodec *codec = avcodec_find_decoder(id);
    if (!codec)
        return bf_fail(err, BF_EDATA, "this FFmpeg has no decoder for '%s'", avcodec_get_name(id));
    s->dec = avcodec_alloc_context3(codec);
    if (!s->dec)
        return bf_fail_memory(err, "a decoder");
    s->dec->thread_count = 1;
    s->dec->max_pixels = limits->pixels;
    s->dec->flags |= AV_CODEC_FLAG_BITEXACT;
    /* Half a picture is none. Odd tags in a TIFF would be fatal, too. */
    if (id != AV_CODEC_ID_TIFF)
        s->dec->err_recognition |= AV_EF_EXPLODE;
    const int rc = avcodec_open2(s->dec, codec, NULL);
    return rc < 0 ? bf_container_fail(err, rc, "the decoder refuses it") : BF_OK;
}

int bf_ffmpeg_picture(const uint8_t *bytes, size_t n, const char *format,
                      const struct bf_limits *limits, struct bf_raster *out, struct bf_arena *a,
                      struct bf_err *err)
{
    const enum AVCodecID id = strcmp(format, "jpeg") == 0   ? AV_CODEC_ID_MJPEG
                              : strcmp(format, "webp") == 0 ? AV_CODEC_ID_WEBP
                                                            : AV_CODEC_ID_TIFF;
    BF_AUTO(still_done) struct still s = { 0 };
    bf_container_hush();
    if (n > INT_MAX - AV_INPUT_BUFFER_PADDING_SIZE)
        return bf_fail(err, BF_EDATA, "the picture file has %zu bytes, limit %d", n, INT_MAX);
    s.pkt = av_packet_alloc();
    s.frame = av_frame_alloc();
    if (!s.pkt || !s.frame || av_new_packet(s.pkt, (int)n) < 0)
        return bf_fail_memory(err, "a decoder");
    memcpy(s.pkt->data, bytes, n);

    BF_TRY(decoder_open(&s, id, limits, err));
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
    if (id == AV_CODEC_ID_TIFF) /* gray levels would be taken for those of video, 16 to 235 */
        s.frame->color_range = AVCOL_RANGE_JPEG;
    return bf_rgb_raster(&s.pixels, s.frame, s.frame->width, s.frame->height, out, a, err);
}
