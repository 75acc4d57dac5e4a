/* Clips through FFmpeg: which frames there are, which are chosen, and only those made pictures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>

#include "modalities/raster.h"
#include "modalities/readers/ffmpeg.h"
#include "modalities/readers/rgb.h"
#include "modalities/readers/scene.h"
#include "modalities/readers/track.h"

enum { MAX_MOMENTS = 1 << 20, NONE = -1 };

/* A packet, in the order of the file, which is that of decoding. */
struct packet {
    int64_t pts;
    bool key;
    bool shown;  /* its frame is one of the clip's */
    bool needed; /* to be decoded for what was chosen */
    int slot;    /* which chosen frame is in it, or NONE */
};

/* A clip on its way. */
struct reading {
    struct bf_track track;
    struct bf_rgb rgb;
    const struct bf_choice *how;
    struct packet *packets;
    size_t n_packets, room;
    size_t *order; /* [n_moments] the shown packets in order of presentation, when `exact` */
    struct bf_moment *moments;
    size_t n_moments, moments_room;
    bool guessed; /* times that packets lack were worked out by the decoder */
    bool exact;   /* packets alone tell which frames there are, when, and how to get at them */
    int64_t first, end;
    double seconds;
    size_t *chosen; /* [how->most] indices of moments */
    int n_chosen;
    int orientation;
    int w, h;         /* of a frame as shown, before turning */
    int fit_w, fit_h; /* of the pictures made, before turning */
    bool sized;
    struct bf_clip clip;
    int n_made;
    struct bf_arena *a;
};

static void reading_done(struct reading *r)
{
    free(r->packets);
    free(r->order);
    free(r->moments);
    free(r->chosen);
    bf_rgb_done(&r->rgb);
    bf_track_done(&r->track);
}

static const AVStream *stream_of(const struct reading *r)
{
    return r->track.fmt->streams[r->track.index];
}

static double seconds_at(const struct reading *r, int64_t pts)
{
    const AVRational tick = stream_of(r)->time_base;
    return (double)(pts - r->first) * tick.num / tick.den;
}

/* One more element in an array that doubles. */
static int grow(void **v, size_t n, size_t *room, size_t size, struct bf_err *err)
{
    if (n < *room)
        return BF_OK;
    if (n >= MAX_MOMENTS)
        return bf_fail(err, BF_EDATA, "the clip has more than %d frames", MAX_MOMENTS);
    const size_t more = *room ? *room * 2 : 256;
    void *p = realloc(*v, more * size);
    if (!p)
        return bf_fail_memory(err, "the frames of a clip");
    *v = p;
    *room = more;
    return BF_OK;
}

/* Frames of VP8 and VP9 that are only there to be referred to have a packet of their own in some
 * files: the bit show_frame (RFC 6386, 9.1; VP9 bitstream specification 7.2). A packet that ends
 * as a superframe does shows one. */
static bool is_shown(const AVCodecParameters *par, const AVPacket *p)
{
    if (p->size < 1 || (p->flags & AV_PKT_FLAG_DISCARD))
        return false;
    if (par->codec_id == AV_CODEC_ID_VP8)
        return p->data[0] & 0x10;
    if (par->codec_id != AV_CODEC_ID_VP9 || (p->data[p->size - 1] & 0xe0) == 0xc0)
        return true;
    const int bits = p->data[0];
    const bool profile3 = (bits & 0x30) == 0x30;
    const bool again = bits & (profile3 ? 0x04 : 0x08); /* show_existing_frame */
    return again || (bits & (profile3 ? 0x01 : 0x02));
}

/* Decoders whose packets hold a frame each, and whose key packets need none before them. */
static bool can_start_inside(enum AVCodecID id)
{
    const AVCodecDescriptor *d = avcodec_descriptor_get(id);
    switch (id) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_HEVC:
    case AV_CODEC_ID_VP8:
    case AV_CODEC_ID_VP9:
    case AV_CODEC_ID_AV1:
    case AV_CODEC_ID_MPEG1VIDEO:
    case AV_CODEC_ID_MPEG2VIDEO:
    case AV_CODEC_ID_MPEG4:
        return true;
    case AV_CODEC_ID_APNG: /* its frames lie over each other */
    case AV_CODEC_ID_GIF:
        return false;
    default:
        return d && (d->props & AV_CODEC_PROP_INTRA_ONLY);
    }
}

/* Decoders that pass over frames which no other refers to, before they decode them. */
static bool can_pass_over(enum AVCodecID id)
{
    return id == AV_CODEC_ID_H264 || id == AV_CODEC_ID_MPEG1VIDEO || id == AV_CODEC_ID_MPEG2VIDEO ||
           id == AV_CODEC_ID_MPEG4;
}

static bool changes_decoder(const AVPacket *p)
{
    return av_packet_get_side_data(p, AV_PKT_DATA_NEW_EXTRADATA, NULL) ||
           av_packet_get_side_data(p, AV_PKT_DATA_PARAM_CHANGE, NULL);
}

/* Read all packets once. Times come from them, never from what the container claims. */
static int read_packets(struct reading *r, struct bf_err *err)
{
    struct bf_track *t = &r->track;
    int64_t last = INT64_MIN;
    int64_t n_shown = 0;
    r->first = INT64_MAX;
    r->end = INT64_MIN;
    r->exact = true;
    while (bf_track_packet(t)) {
        const AVPacket *p = t->pkt;
        BF_TRY(grow((void **)&r->packets, r->n_packets, &r->room, sizeof *r->packets, err));
        const int64_t at = p->pts != AV_NOPTS_VALUE ? p->pts : p->dts;
        const bool timed = at != AV_NOPTS_VALUE && at <= INT64_MAX / 4 && at >= INT64_MIN / 4;
        const bool shown = is_shown(stream_of(r)->codecpar, p);
        r->packets[r->n_packets++] = (struct packet){
            .pts = p->pts, .key = p->flags & AV_PKT_FLAG_KEY, .shown = shown, .slot = NONE
        };
        if (p->flags & AV_PKT_FLAG_CORRUPT)
            t->n_bad++;
        if ((shown && (p->pts == AV_NOPTS_VALUE || !timed)) || (p->flags & AV_PKT_FLAG_CORRUPT) ||
            (r->n_packets > 1 && changes_decoder(p)))
            r->exact = false;
        r->guessed = r->guessed || (shown && p->pts == AV_NOPTS_VALUE);
        if (shown && timed) {
            const int64_t lasts = p->duration > 0 && p->duration < INT32_MAX ? p->duration : 0;
            n_shown++;
            r->first = at < r->first ? at : r->first;
            last = at > last ? at : last;
            r->end = at + lasts > r->end ? at + lasts : r->end;
        }
        BF_TRY(bf_track_keep(t, err));
    }
    if (n_shown == 0)
        return bf_fail(err, BF_EDATA, "the video track holds no packets");
    if (n_shown > 1 && r->end == last)
        r->end = last + (last - r->first) / (n_shown - 1);
    r->seconds = seconds_at(r, r->end);
    return BF_OK;
}

struct by_time {
    int64_t pts;
    size_t packet;
};

static int earlier(const void *x, const void *y)
{
    const int64_t a = ((const struct by_time *)x)->pts;
    const int64_t b = ((const struct by_time *)y)->pts;
    return (a > b) - (a < b);
}

/* The frames as their packets have them. Not `exact` where packets leave a doubt about them: times
 * missing or double, or frames that come before the first one that can be decoded. */
static int moments_of_packets(struct reading *r, struct bf_err *err)
{
    struct by_time *v = malloc(r->n_packets * sizeof *v);
    r->moments = malloc(r->n_packets * sizeof *r->moments);
    r->order = malloc(r->n_packets * sizeof *r->order);
    if (!v || !r->moments || !r->order) {
        free(v);
        return bf_fail_memory(err, "the frames of a clip");
    }
    r->moments_room = r->n_packets;
    size_t n = 0;
    for (size_t i = 0; i < r->n_packets; i++)
        if (r->packets[i].shown)
            v[n++] = (struct by_time){ r->packets[i].pts, i };
    qsort(v, n, sizeof *v, earlier);
    r->exact = r->packets[0].key && r->first >= r->packets[0].pts;
    for (size_t i = 0; i < n; i++) {
        r->exact = r->exact && (i == 0 || v[i].pts > v[i - 1].pts);
        r->order[i] = v[i].packet;
        r->moments[i] =
            (struct bf_moment){ .at = seconds_at(r, v[i].pts), .key = r->packets[v[i].packet].key };
    }
    r->n_moments = n;
    free(v);
    return BF_OK;
}

static int64_t duration_of(const AVFrame *f)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    return f->duration > 0 ? f->duration : 0;
#else
    return f->pkt_duration > 0 ? f->pkt_duration : 0;
#endif
}

static bool is_key(const AVFrame *f)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    return f->flags & AV_FRAME_FLAG_KEY;
#else
    return f->key_frame;
#endif
}

/* The frames as the decoder gives them, all of them decoded, none made a picture. */
static int moments_of_frames(struct reading *r, const struct bf_limits *limits, struct bf_err *err)
{
    BF_AUTO(bf_scene_done) struct bf_scene scene = { 0 };
    const AVRational base = stream_of(r)->time_base;
    const double tick = (double)base.num / base.den;
    double last = -1;
    double next = 0;
    BF_TRY(bf_track_rewind(&r->track, err));
    r->n_moments = 0;
    for (;;) {
        int rc = bf_track_frame(&r->track, err);
        if (rc == BF_END)
            return BF_OK;
        BF_TRY(rc);
        const AVFrame *f = r->track.frame;
        const int64_t pts = f->pts != AV_NOPTS_VALUE ? f->pts : f->best_effort_timestamp;
        /* Times of decoding, which is all that some packets have, begin before the first frame. */
        if (r->guessed && r->n_moments == 0 && pts != AV_NOPTS_VALUE) {
            r->seconds -= seconds_at(r, pts);
            r->first = pts;
        }
        double at = pts == AV_NOPTS_VALUE ? next : fmax(seconds_at(r, pts), 0);
        if (at <= last)
            at = last + tick;
        last = at;
        const double step = (double)duration_of(f) * tick;
        next = at + (step > 0 ? step : tick);
        r->seconds = fmax(r->seconds, at + step);
        if (at > limits->clip_seconds)
            return bf_fail(err, BF_EDATA, "the clip is longer than %g s", limits->clip_seconds);
        BF_TRY(grow((void **)&r->moments, r->n_moments, &r->moments_room, sizeof *r->moments, err));
        struct bf_moment *m = &r->moments[r->n_moments++];
        *m = (struct bf_moment){ .at = at, .key = is_key(f) };
        if (r->how->select == BF_SELECT_SCENES)
            BF_TRY(bf_scene_next(&scene, f, &m->change, err));
    }
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

/* Pixels that are not square become so: the side on which they are longer grows, so that nothing
 * is lost. What is stranger than 1:16 is a slip, and stays. */
static void stretch(const struct reading *r, int *w, int *h)
{
    const AVRational sar =
        av_guess_sample_aspect_ratio(r->track.fmt, (AVStream *)stream_of(r), r->track.frame);
    if (sar.num <= 0 || sar.den <= 0 || sar.num / 16 >= sar.den || sar.den / 16 >= sar.num)
        return;
    if (sar.num > sar.den)
        *w = (int)lrint((double)*w * sar.num / sar.den);
    else
        *h = (int)lrint((double)*h * sar.den / sar.num);
}

static int size_frames(struct reading *r, const struct bf_limits *limits, struct bf_err *err)
{
    int w = r->track.frame->width;
    int h = r->track.frame->height;
    BF_TRY(bf_raster_allowed(w, h, limits, err));
    stretch(r, &w, &h);
    BF_TRY(bf_raster_allowed(w, h, limits, err));
    r->w = w;
    r->h = h;
    bf_raster_fit(w, h, r->how->side, &r->fit_w, &r->fit_h);
    const int least = r->fit_w < r->fit_h ? r->fit_w : r->fit_h;
    if (limits->enough > 0 && least > limits->enough) {
        r->fit_w = (int)(((int64_t)r->fit_w * limits->enough + least - 1) / least);
        r->fit_h = (int)(((int64_t)r->fit_h * limits->enough + least - 1) / least);
    }
    r->sized = true;
    return BF_OK;
}

static int make(struct reading *r, int slot, const struct bf_limits *limits, struct bf_err *err)
{
    struct bf_raster picture;
    if (!r->sized)
        BF_TRY(size_frames(r, limits, err));
    BF_TRY(bf_rgb_raster(&r->rgb, r->track.frame, r->fit_w, r->fit_h, &picture, r->a, err));
    BF_TRY(bf_raster_orient(&picture, r->orientation, &r->clip.frames[slot], r->a, err));
    r->n_made++;
    return BF_OK;
}

/* The chosen frames, every frame before them decoded. */
static int make_in_order(struct reading *r, const struct bf_limits *limits, struct bf_err *err)
{
    BF_TRY(bf_track_rewind(&r->track, err));
    size_t i = 0;
    while (r->n_made < r->n_chosen) {
        int rc = bf_track_frame(&r->track, err);
        if (rc == BF_END)
            return bf_fail(err, BF_EDATA, "the clip decodes differently each time");
        BF_TRY(rc);
        if (i++ == r->chosen[r->n_made])
            BF_TRY(make(r, r->n_made, limits, err));
    }
    return BF_OK;
}

/* Mark the packets that must be decoded: of each chosen frame those from the last key packet on
 * that comes before it both in the file and in time. A frame shown before the key packet that
 * precedes it in the file refers to what lies before that one. */
static void mark_needed(struct reading *r)
{
    const bool inside = can_start_inside(stream_of(r)->codecpar->codec_id);
    for (int k = 0; k < r->n_chosen; k++) {
        size_t i = r->order[r->chosen[k]];
        const int64_t pts = r->packets[i].pts;
        r->packets[i].slot = k;
        /* What is needed already is so for an earlier frame, back to a key packet that does. */
        while (!r->packets[i].needed) {
            r->packets[i].needed = true;
            if (i == 0 || (inside && r->packets[i].key && r->packets[i].pts <= pts))
                break;
            i--;
        }
    }
}

static int slot_of(const struct reading *r, int64_t pts)
{
    int lo = 0;
    int hi = r->n_chosen;
    while (lo < hi) {
        const int mid = lo + (hi - lo) / 2;
        const int64_t at = r->packets[r->order[r->chosen[mid]]].pts;
        if (at == pts)
            return mid;
        if (at < pts)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NONE;
}

/* Frames that have come out of the decoder. BF_END: one that nobody expects, or a damaged one. */
static int take_decoded(struct reading *r, const struct bf_limits *limits, struct bf_err *err)
{
    for (;;) {
        int rc = bf_track_receive(&r->track, err);
        if (rc == BF_END)
            return r->track.n_bad ? BF_END : BF_OK;
        BF_TRY(rc);
        const int64_t pts = r->track.frame->pts;
        const int slot = slot_of(r, pts);
        if (r->track.n_bad || pts == AV_NOPTS_VALUE)
            return BF_END;
        if (slot == NONE)
            continue;
        if (r->clip.frames[slot].px)
            return BF_END;
        BF_TRY(make(r, slot, limits, err));
    }
}

/* The chosen frames, nothing decoded that they do not need. Packets between are read, since that
 * costs little beside decoding and is exact in every container. BF_END: what came out is not what
 * the packets said. */
static int make_alone(struct reading *r, const struct bf_limits *limits, struct bf_err *err)
{
    struct bf_track *t = &r->track;
    const bool passes = can_pass_over(stream_of(r)->codecpar->codec_id);
    bool running = false;
    mark_needed(r);
    BF_TRY(bf_track_rewind(t, err));
    for (size_t i = 0; r->n_made < r->n_chosen; i++) {
        const bool there = i < r->n_packets && bf_track_packet(t);
        const bool needed = there && r->packets[i].needed;
        if (there && t->pkt->pts != r->packets[i].pts)
            return BF_END;
        if (running && !needed) {
            BF_TRY(bf_track_send(t, true, err));
            int rc = take_decoded(r, limits, err);
            if (rc != BF_OK)
                return rc;
            avcodec_flush_buffers(t->dec);
        }
        running = needed;
        if (!there)
            break;
        if (!needed)
            continue;
        const bool pass = passes && r->packets[i].slot == NONE;
        t->dec->skip_frame = pass ? AVDISCARD_NONREF : AVDISCARD_DEFAULT;
        BF_TRY(bf_track_send(t, false, err));
        int rc = take_decoded(r, limits, err);
        if (rc != BF_OK)
            return rc;
    }
    return r->n_made == r->n_chosen ? BF_OK : BF_END;
}

static int begin_frames(struct reading *r, struct bf_err *err)
{
    const size_t most = (size_t)r->how->most;
    if (!r->chosen)
        r->chosen = calloc(most, sizeof *r->chosen);
    if (!r->chosen)
        return bf_fail_memory(err, "a clip");
    r->n_chosen = bf_choose(r->how, r->moments, r->n_moments, r->seconds, r->chosen);
    r->n_made = 0;
    const size_t n = (size_t)r->n_chosen;
    r->clip = (struct bf_clip){
        .n_frames = r->n_chosen,
        .frames = bf_arena_alloc(r->a, n, sizeof *r->clip.frames),
        .at_seconds = bf_arena_alloc(r->a, n, sizeof *r->clip.at_seconds),
    };
    if (!r->clip.frames || !r->clip.at_seconds)
        return bf_fail_memory(err, "a clip");
    for (size_t k = 0; k < n; k++)
        r->clip.at_seconds[k] = r->moments[r->chosen[k]].at;
    return BF_OK;
}

/* By what packets say, and where that is in doubt or turns out wrong, by decoding everything. */
static int make_frames(struct reading *r, const struct bf_limits *limits, struct bf_err *err)
{
    const enum AVCodecID id = stream_of(r)->codecpar->codec_id;
    const int64_t n_bad = r->track.n_bad;
    if (r->how->select == BF_SELECT_SCENES ||
        (r->how->select == BF_SELECT_KEYFRAMES && !can_start_inside(id)))
        r->exact = false;
    if (r->exact)
        BF_TRY(moments_of_packets(r, err));
    if (r->exact) {
        BF_TRY(begin_frames(r, err));
        int rc = make_alone(r, limits, err);
        if (rc != BF_END)
            return rc;
        r->exact = false;
    }
    r->track.n_bad = n_bad;
    BF_TRY(moments_of_frames(r, limits, err));
    if (r->n_moments == 0)
        return bf_fail(err, BF_EDATA, "no frame of the clip can be decoded");
    const int64_t n_all_bad = r->track.n_bad;
    BF_TRY(begin_frames(r, err));
    BF_TRY(make_in_order(r, limits, err));
    r->track.n_bad = n_all_bad;
    return BF_OK;
}

static void describe(const struct reading *r, struct bf_media_info *info)
{
    const double frame = r->seconds / (double)r->n_moments;
    const double to = r->moments[r->n_moments - 1].at;
    const bool turned = r->orientation >= 5;
    info->carrier = BF_CLIP;
    info->w = turned ? r->h : r->w;
    info->h = turned ? r->w : r->h;
    info->n_frames = (int)r->n_moments;
    info->seconds = r->seconds;
    info->rate_hz = r->seconds > 0 ? (double)r->n_moments / r->seconds : 0;
    bf_track_name(&r->track, info);
    bf_track_damage(&r->track, r->seconds, (int64_t)r->n_packets, info);
    if (!info->damaged && to + 3 * frame + 0.1 < r->seconds) {
        info->damaged = 1;
        snprintf(info->warning, sizeof info->warning, "ends early: %.3g of %.3g s decoded", to,
                 r->seconds);
    }
    for (int i = 0; i < r->clip.n_frames; i++)
        bf_raster_add_mean(&r->clip.frames[i], info->mean);
    for (int c = 0; c < 3; c++)
        info->mean[c] /= r->clip.n_frames;
}

int bf_ffmpeg_clip(struct bf_source *src, const struct bf_choice *how,
                   const struct bf_limits *limits, struct bf_clip *out, struct bf_media_info *info,
                   struct bf_arena *a, struct bf_err *err)
{
    static const char none[] = "no pictures: the file has no video track";
    BF_AUTO(reading_done) struct reading r = { .how = how, .a = a };
    struct bf_media_info got = { 0 };
    BF_TRY(bf_track_open(&r.track, src, AVMEDIA_TYPE_VIDEO, none, limits, err));
    BF_TRY(read_packets(&r, err));
    if (r.seconds > limits->clip_seconds)
        return bf_fail(err, BF_EDATA, "the clip is %.0f s long, limit %g", r.seconds,
                       limits->clip_seconds);
    r.orientation = orientation_of(stream_of(&r));
    BF_TRY(make_frames(&r, limits, err));
    describe(&r, &got);
    r.clip.seconds = r.seconds;
    *out = r.clip;
    *info = got;
    return BF_OK;
}
