/* Clips that FFmpeg's own encoders make here: what is decoded alone is what is decoded in order;
 * times that vary, matrices that turn, and files that end early. */
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "modalities/raster.h"
#include "tests/media.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_video;

enum { W = 64, H = 48, N = 60 };

/* How a clip is made. */
struct form {
    const char *container, *codec;
    int gop, n_b;
    int64_t start; /* of the first frame, ms */
    bool uneven;   /* frame i is i * i ms late */
};

static struct bf_err err;
static struct bf_media_info info;

static int64_t at_ms(const struct form *f, int i)
{
    return f->start + 40 * i + (f->uneven ? i * i : 0);
}

/* Frame i has a bright column at i; its background is another every 20 frames. */
static void paint(AVFrame *f, int i)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            f->data[0][y * f->linesize[0] + x] =
                (uint8_t)(x / 4 == i % 16 ? 235 : 40 + 60 * (i / 20) + y / 2);
    for (int p = 1; p < 3; p++)
        for (int y = 0; y < H / 2; y++)
            memset(f->data[p] + y * f->linesize[p], 128 + 8 * p, W / 2);
}

static void drain(AVCodecContext *enc, AVFormatContext *out, AVPacket *pkt)
{
    while (avcodec_receive_packet(enc, pkt) >= 0) {
        pkt->duration = enc->time_base.den / 25;
        av_packet_rescale_ts(pkt, enc->time_base, out->streams[0]->time_base);
        if (av_interleaved_write_frame(out, pkt) < 0)
            abort();
    }
}

/* Bytes for av_free(). */
static size_t make(const struct form *form, uint8_t **bytes_out)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(form->codec);
    AVCodecContext *enc = avcodec_alloc_context3(codec);
    AVFormatContext *out = NULL;
    AVFrame *frame = av_frame_alloc();
    AVPacket *pkt = av_packet_alloc();
    if (!codec || avformat_alloc_output_context2(&out, NULL, form->container, NULL) < 0)
        abort();
    enc->width = frame->width = W;
    enc->height = frame->height = H;
    enc->pix_fmt = frame->format = AV_PIX_FMT_YUV420P;
    /* MPEG-2 has but a few rates. */
    enc->time_base = form->uneven ? (AVRational){ 1, 1000 } : (AVRational){ 1, 25 };
    enc->framerate = (AVRational){ 25, 1 };
    enc->gop_size = form->gop;
    enc->max_b_frames = form->n_b;
    enc->global_quality = 2 * FF_QP2LAMBDA;
    enc->flags |= AV_CODEC_FLAG_QSCALE;
    enc->thread_count = 1;
    if (out->oformat->flags & AVFMT_GLOBALHEADER)
        enc->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    AVStream *st = avformat_new_stream(out, NULL);
    if (avcodec_open2(enc, codec, NULL) < 0 || av_frame_get_buffer(frame, 0) < 0 ||
        avcodec_parameters_from_context(st->codecpar, enc) < 0 || avio_open_dyn_buf(&out->pb) < 0)
        abort();
    st->time_base = enc->time_base;
    if (avformat_write_header(out, NULL) < 0)
        abort();
    for (int i = 0; i < N; i++) {
        if (av_frame_make_writable(frame) < 0)
            abort();
        paint(frame, i);
        frame->pts = form->uneven ? at_ms(form, i) : at_ms(form, i) / 40;
        if (avcodec_send_frame(enc, frame) < 0)
            abort();
        drain(enc, out, pkt);
    }
    if (avcodec_send_frame(enc, NULL) < 0)
        abort();
    drain(enc, out, pkt);
    if (av_write_trailer(out) < 0)
        abort();
    const int n = avio_close_dyn_buf(out->pb, bytes_out);
    out->pb = NULL;
    avformat_free_context(out);
    avcodec_free_context(&enc);
    av_frame_free(&frame);
    av_packet_free(&pkt);
    return (size_t)n;
}

static int read_clip(const char *const *pairs, const uint8_t *bytes, size_t n, struct bf_clip *clip,
                     struct bf_arena *a)
{
    struct bf_media m = { 0 };
    const int rc = test_decode(&bf_modality_video, pairs, bytes, n, &m, &info, a, &err);
    if (rc == BF_OK)
        *clip = m.clip;
    else
        printf("# %s\n", err.msg);
    return rc;
}

static bool same_pixels(const struct bf_raster *x, const struct bf_raster *y)
{
    return x->w == y->w && x->h == y->h &&
           memcmp(x->px, y->px, (size_t)x->w * 3 * (size_t)x->h) == 0;
}

static const char *const everything[] = { "select", "all", "frames", "1024", NULL };

/* Few frames, chosen in every way, are those of all frames at the same times. */
static void check_alone(const struct form *form)
{
    static const char *const ways[][7] = {
        { "frames", "3", NULL },
        { "frames", "8", NULL },
        { "select", "rate", "rate", "2 Hz", NULL },
        { "select", "interval", "interval", "0.9 s", NULL },
        { "select", "keyframes", NULL },
        { "select", "scene_changes", "threshold", "0.1", NULL },
        { "select", "all", "frames", "5", NULL },
    };
    struct bf_arena a = { 0 };
    struct bf_clip whole, few;
    uint8_t *bytes = NULL;
    const size_t n = make(form, &bytes);
    CHECK_INT(read_clip(everything, bytes, n, &whole, &a), BF_OK);
    CHECK_INT(whole.n_frames, N);
    CHECK_INT(info.damaged, 0);
    for (int i = 0; i < N && !test_failed; i++)
        CHECK(fabs(whole.at_seconds[i] - (double)(at_ms(form, i) - form->start) / 1000) < 1e-4);
    for (size_t k = 0; k < sizeof ways / sizeof *ways && !test_failed; k++) {
        CHECK_INT(read_clip(ways[k], bytes, n, &few, &a), BF_OK);
        CHECK(few.n_frames >= 1 && few.n_frames <= 8);
        CHECK_INT(info.n_frames, N);
        int i = 0;
        for (int j = 0; j < few.n_frames && !test_failed; j++, i++) {
            while (i < N - 1 && whole.at_seconds[i] < few.at_seconds[j])
                i++;
            CHECK(fabs(whole.at_seconds[i] - few.at_seconds[j]) < 1e-12);
            CHECK(same_pixels(&whole.frames[i], &few.frames[j]));
        }
    }
    if (test_failed)
        printf("# %s in %s\n", form->codec, form->container);
    av_free(bytes);
    bf_arena_reset(&a);
}

static void what_is_decoded_alone_is_what_is_decoded_in_order(void)
{
    static const struct form forms[] = {
        { .container = "mp4", .codec = "mpeg4", .gop = 12 },
        { .container = "mp4", .codec = "mpeg4", .gop = 12, .n_b = 2 },
        { .container = "matroska", .codec = "mpeg4", .gop = 1000, .n_b = 2 },
        { .container = "mpegts", .codec = "mpeg2video", .gop = 10, .n_b = 2, .start = 5000 },
        { .container = "matroska", .codec = "ffv1", .gop = 6, .start = 720 },
        { .container = "mov", .codec = "mpeg4", .gop = 9, .uneven = true },
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        test_failed = 0;
        check_alone(&forms[i]);
        failed |= test_failed;
    }
    test_failed = failed;
}

static void cut_files_are_read_as_far_as_they_go(void)
{
    static const struct form forms[] = {
        { .container = "matroska", .codec = "mpeg4", .gop = 12 },
        { .container = "mpegts", .codec = "mpeg2video", .gop = 10 },
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct bf_arena a = { 0 };
        struct bf_clip clip;
        uint8_t *bytes = NULL;
        const size_t n = make(&forms[i], &bytes);
        CHECK_INT(read_clip(everything, bytes, n, &clip, &a), BF_OK);
        CHECK_INT(info.damaged, 0);
        CHECK_STR(info.warning, "");
        CHECK_INT(read_clip(everything, bytes, n * 6 / 10 + 1, &clip, &a), BF_OK);
        CHECK(info.n_frames > N / 4 && info.n_frames < N);
        CHECK_INT(info.damaged, 1);
        CHECK(info.warning[0] != 0);
        printf("# %s: %d of %d frames, %s\n", forms[i].container, info.n_frames, N, info.warning);
        av_free(bytes);
        bf_arena_reset(&a);
    }
}

static void readings_take_smaller_frames_of_the_same_times(void)
{
    static const struct form form = { .container = "mp4", .codec = "mpeg4", .gop = 12 };
    struct bf_arena a = { 0 };
    struct bf_limits limits = bf_default_limits;
    struct bf_media full, small;
    uint8_t *bytes = NULL;
    const size_t n = make(&form, &bytes);
    const int fd = test_fd(bytes, n);
    const void *priv = test_options(&bf_modality_video.op, NULL, &a);
    CHECK_INT(bf_modality_video.decode(priv, fd, &limits, &full, &info, &a, &err), BF_OK);
    limits.enough = 20;
    CHECK_INT(bf_modality_video.decode(priv, fd, &limits, &small, &info, &a, &err), BF_OK);
    CHECK_INT(info.w, W);
    CHECK_INT(small.clip.frames[0].h, 20); /* 64 x 48 to 26.7 x 20 */
    CHECK_INT(small.clip.frames[0].w, 27);
    CHECK_INT(small.clip.n_frames, full.clip.n_frames);
    for (int i = 0; i < full.clip.n_frames; i++)
        CHECK(full.clip.at_seconds[i] == small.clip.at_seconds[i]);
    close(fd);
    av_free(bytes);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(what_is_decoded_alone_is_what_is_decoded_in_order),
          TEST(cut_files_are_read_as_far_as_they_go),
          TEST(readings_take_smaller_frames_of_the_same_times))
