/* Sound tracks through FFmpeg. */
#include <stdio.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "modalities/readers/ffmpeg.h"
#include "modalities/readers/track.h"
#include "modalities/wave.h"

/* `n` samples of one channel, every `step` values from p[first] on, full scale -1 .. 1, to every
 * `n_ch`th place of `out`. */
static void convert(enum AVSampleFormat format, const uint8_t *p, size_t first, size_t step,
                    size_t n, float *out, size_t n_ch)
{
    switch (format) {
    case AV_SAMPLE_FMT_U8:
        for (size_t i = 0; i < n; i++)
            out[i * n_ch] = (float)(p[first + i * step] - 128) / 128;
        break;
    case AV_SAMPLE_FMT_S16:
        for (size_t i = 0; i < n; i++)
            out[i * n_ch] = (float)((const int16_t *)(const void *)p)[first + i * step] / 32768;
        break;
    case AV_SAMPLE_FMT_S32:
        for (size_t i = 0; i < n; i++)
            out[i * n_ch] =
                (float)((const int32_t *)(const void *)p)[first + i * step] / 2147483648.0f;
        break;
    case AV_SAMPLE_FMT_S64:
        for (size_t i = 0; i < n; i++)
            out[i * n_ch] = (float)((double)((const int64_t *)(const void *)p)[first + i * step] /
                                    9223372036854775808.0);
        break;
    case AV_SAMPLE_FMT_FLT:
        for (size_t i = 0; i < n; i++)
            out[i * n_ch] = ((const float *)(const void *)p)[first + i * step];
        break;
    case AV_SAMPLE_FMT_DBL:
        for (size_t i = 0; i < n; i++)
            out[i * n_ch] = (float)((const double *)(const void *)p)[first + i * step];
        break;
    default:
        for (size_t i = 0; i < n; i++)
            out[i * n_ch] = 0;
    }
}

static int add_frame(struct bf_wave_builder *b, const AVFrame *f, struct bf_err *err)
{
    float block[8192];
    const size_t n_ch = (size_t)b->n_ch;
    const size_t room = sizeof block / sizeof *block / n_ch;
    const size_t n = f->nb_samples > 0 ? (size_t)f->nb_samples : 0;
    const bool planar = av_sample_fmt_is_planar(f->format);
    const enum AVSampleFormat format = av_get_packed_sample_fmt(f->format);
    if (f->sample_rate != (int)b->rate_hz || f->ch_layout.nb_channels != b->n_ch)
        return bf_fail(err, BF_EDATA, "the sound changes from %d channels at %g Hz to %d at %d",
                       b->n_ch, b->rate_hz, f->ch_layout.nb_channels, f->sample_rate);
    for (size_t i = 0; i < n;) {
        const size_t k = n - i < room ? n - i : room;
        for (size_t ch = 0; ch < n_ch; ch++)
            convert(format, f->extended_data[planar ? ch : 0], planar ? i : i * n_ch + ch,
                    planar ? 1 : n_ch, k, block + ch, n_ch);
        BF_TRY(bf_wave_add(b, block, k, err));
        i += k;
    }
    return BF_OK;
}

/* Nothing is put before sound that begins later than the pictures, but people should know. */
static void compare_starts(const struct bf_track *t, struct bf_media_info *info)
{
    const AVStream *st = t->fmt->streams[t->index];
    const int video = av_find_best_stream(t->fmt, AVMEDIA_TYPE_VIDEO, -1, -1, NULL, 0);
    const AVStream *with = video >= 0 ? t->fmt->streams[video] : NULL;
    if (!with || st->start_time == AV_NOPTS_VALUE || with->start_time == AV_NOPTS_VALUE)
        return;
    const double late = (double)st->start_time * av_q2d(st->time_base) -
                        (double)with->start_time * av_q2d(with->time_base);
    if ((late > 0.1 || late < -0.1) && !info->warning[0])
        snprintf(info->warning, sizeof info->warning, "its sound begins %.3g s %s the pictures",
                 late < 0 ? -late : late, late < 0 ? "before" : "after");
}

/* The header of FLAC counts every sample, and its channels (RFC 9639, 8.2). */
static void compare_flac(const AVStream *st, const struct bf_wave_builder *b,
                         struct bf_media_info *info)
{
    enum { HEADER = 34 };
    const AVCodecParameters *p = st->codecpar;
    if (p->codec_id != AV_CODEC_ID_FLAC || p->extradata_size < HEADER || info->damaged)
        return;
    const int n_ch = (p->extradata[12] >> 1 & 7) + 1;
    const int64_t n = av_rescale_q(st->duration, st->time_base, (AVRational){ 1, (int)b->rate_hz });
    info->damaged = n_ch != b->n_ch || (st->duration > 0 && n != (int64_t)b->n);
    if (n_ch != b->n_ch)
        snprintf(info->warning, sizeof info->warning, "its header has %d channels, its sound %d",
                 n_ch, b->n_ch);
    else if (info->damaged)
        snprintf(info->warning, sizeof info->warning, "%s: %zu of %lld samples",
                 n > (int64_t)b->n ? "ends early" : "goes on", b->n, (long long)n);
}

int bf_ffmpeg_wave(struct bf_source *src, const struct bf_limits *limits, struct bf_wave *out,
                   struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    BF_AUTO(bf_track_done) struct bf_track t = { 0 };
    BF_TRY(bf_track_open(&t, src, AVMEDIA_TYPE_AUDIO, "no sound track", limits, err));
    /* What a header says counts where the file's size bears it out. */
    const AVStream *st = t.fmt->streams[t.index];
    const double claimed = st->duration > 0 ? (double)st->duration * av_q2d(st->time_base) : 0;
    if (claimed > limits->wave_seconds &&
        claimed * st->codecpar->sample_rate <= 64 * (double)src->size)
        return bf_fail(err, BF_EDATA, "the sound is longer than %g s", limits->wave_seconds);

    struct bf_wave_builder b = { 0 };
    struct bf_media_info got = { 0 };
    int64_t n_frames = 0;
    for (;; n_frames++) {
        int rc = bf_track_frame(&t, err);
        if (rc == BF_END)
            break;
        BF_TRY(rc);
        if (b.n_ch == 0)
            BF_TRY(bf_wave_begin(&b, t.frame->sample_rate, t.frame->ch_layout.nb_channels, limits,
                                 a, err));
        BF_TRY(add_frame(&b, t.frame, err));
    }
    if (b.n_ch == 0)
        return bf_fail(err, BF_EDATA, "the sound has no samples that can be decoded");
    bf_track_damage(&t, (double)b.n / b.rate_hz, n_frames + t.n_bad, &got);
    compare_flac(st, &b, &got);
    compare_starts(&t, &got);
    bf_track_name(&t, &got);
    BF_TRY(bf_wave_end(&b, out, &got, err));
    *info = got;
    return BF_OK;
}
