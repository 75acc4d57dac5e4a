/* Modality `video`: a clip without its sound, as frames. */
#include <stdlib.h>
#include <string.h>

#include "core/ops.h"
#include "modalities/cloud.h"
#include "modalities/draw.h"
#include "modalities/readers/container.h"
#include "modalities/readers/choice.h"
#include "modalities/readers/events.h"
#include "modalities/features.h"
#include "modalities/film.h"
#include "modalities/readers/ffmpeg.h"
#include "modalities/look.h"
#include "modalities/picture.h"
#include "modalities/prints.h"
#include "modalities/raster.h"
#include "modalities/readers/source.h"
#include "modalities/readers/webp_clip.h"
#include "modalities/writers/png.h"

enum { PRESENT_FRAMES, PRESENT_FILE, PRESENT_SHEET };
enum { MAX_FRAMES = 64, S = BF_LOOK_SIDE, N_PIXELS = S * S };

struct video {
    int present;
    int sheet_side;
    struct bf_choice choice;
    const char *columns, *sensor;
    int time_unit;
    int read, up;
};

enum { READ_AUTO, READ_POINTS };

/* What a file is, by its content. */
enum kind { KIND_CONTAINER, KIND_EVENTS, KIND_POINTS, KIND_WEBP };

static enum kind kind_of(const struct video *o, struct bf_source *src)
{
    uint8_t head[4096];
    src->at = 0;
    const ptrdiff_t n = bf_source_read(src, head, sizeof head);
    src->at = 0;
    if (n > 0 && (o->read == READ_POINTS || bf_is_points(head, (size_t)n)))
        return KIND_POINTS;
    if (n > 0 && bf_is_webp(head, (size_t)n))
        return KIND_WEBP;
    return n > 0 && bf_is_events(head, (size_t)n) ? KIND_EVENTS : KIND_CONTAINER;
}

/* A cloud of points that turns around. */
static int decode_points(const struct video *o, struct bf_source *src,
                         const struct bf_limits *limits, struct bf_clip *out,
                         struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    struct bf_points points;
    uint8_t *bytes = NULL;
    size_t n = 0;
    BF_TRY(bf_source_all(src, &bytes, &n, a, err));
    BF_TRY(bf_points_read(bytes, n, limits, &points, info, a, err));
    BF_TRY(bf_cloud_turn(&points, (enum bf_up)o->up, o->choice.most, o->choice.side, out, a, err));
    info->carrier = BF_CLIP;
    info->w = info->h = o->choice.side;
    info->n_frames = out->n_frames;
    info->seconds = out->seconds;
    info->rate_hz = 1;
    for (int i = 0; i < out->n_frames; i++) {
        double mean[3] = { 0 };
        bf_raster_add_mean(&out->frames[i], mean);
        for (int c = 0; c < 3; c++)
            info->mean[c] += mean[c] / out->n_frames;
    }
    return BF_OK;
}

static int decode_webp(const struct video *o, struct bf_source *src, const struct bf_limits *limits,
                       struct bf_clip *out, struct bf_media_info *info, struct bf_arena *a,
                       struct bf_err *err)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    BF_TRY(bf_source_all(src, &bytes, &n, a, err));
    return bf_webp_clip(bytes, n, &o->choice, limits, out, info, a, err);
}

static struct bf_events_how events_how(const struct video *o)
{
    return (struct bf_events_how){ .n_frames = o->choice.most,
                                   .side = o->choice.side,
                                   .columns = o->columns,
                                   .time_unit = o->time_unit,
                                   .sensor = o->sensor };
}

static int video_check(const void *priv, struct bf_err *err)
{
    const struct bf_events_how how = events_how(priv);
    return bf_events_check(&how, err);
}

static int decode_events(const struct video *o, struct bf_source *src,
                         const struct bf_limits *limits, struct bf_clip *out,
                         struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    const struct bf_events_how how = events_how(o);
    uint8_t *bytes = NULL;
    size_t n = 0;
    if (o->choice.select != BF_SELECT_COUNT)
        return bf_fail(err, BF_EDATA, "a table of events has no frames to select; allowed: count");
    BF_TRY(bf_source_all(src, &bytes, &n, a, err));
    return bf_events_clip(bytes, n, &how, limits, out, info, a, err);
}

static int video_decode(const void *priv, int fd, const struct bf_limits *limits,
                        struct bf_media *out, struct bf_media_info *info, struct bf_arena *a,
                        struct bf_err *err)
{
    const struct video *o = priv;
    struct bf_source src;
    struct bf_clip clip;
    BF_TRY(bf_source_open(fd, limits, &src, err));
    const enum kind kind = kind_of(o, &src);
    if (kind == KIND_EVENTS)
        BF_TRY(decode_events(o, &src, limits, &clip, info, a, err));
    else if (kind == KIND_POINTS)
        BF_TRY(decode_points(o, &src, limits, &clip, info, a, err));
    else if (kind == KIND_WEBP)
        BF_TRY(decode_webp(o, &src, limits, &clip, info, a, err));
    else
        BF_TRY(bf_ffmpeg_clip(&src, &o->choice, limits, &clip, info, a, err));
    *out = (struct bf_media){ .carrier = BF_CLIP, .clip = clip };
    return BF_OK;
}

/* Where something is in each frame. */
struct track {
    int n;                               /* frames in which it is seen */
    double x[MAX_FRAMES], y[MAX_FRAMES]; /* 0 .. 1 */
};

/* A clip measured frame by frame. */
struct sight {
    int n;
    double seconds;
    struct bf_raster small[MAX_FRAMES];
    struct bf_look look[MAX_FRAMES];
    struct track moving;                        /* what differs from the median over time */
    struct track outside;                       /* what differs from the border */
    double motion[BF_LOOK_GRID * BF_LOOK_GRID]; /* mean change between frames, by place, 0 .. 1 */
    double mean_change, max_change;
};

static int by_level(const void *x, const void *y)
{
    return *(const uint8_t *)x - *(const uint8_t *)y;
}

/* The median of every pixel over time: the scene without what passes through it. */
static void background(const struct sight *s, uint8_t *out)
{
    uint8_t v[MAX_FRAMES];
    for (int i = 0; i < N_PIXELS * 3; i++) {
        for (int k = 0; k < s->n; k++)
            v[k] = s->small[k].px[i];
        qsort(v, (size_t)s->n, 1, by_level);
        out[i] = v[s->n / 2];
    }
}

static void track_add(struct track *t, double x, double y)
{
    t->x[t->n] = x;
    t->y[t->n++] = y;
}

static void find_moving(struct sight *s, const uint8_t *still)
{
    enum { DISTANCE = 30, FEWEST = 6 };
    for (int k = 0; k < s->n; k++) {
        double x = 0;
        double y = 0;
        int n = 0;
        for (int i = 0; i < N_PIXELS; i++) {
            int d = 0;
            for (int c = 0; c < 3; c++) {
                int e = abs(s->small[k].px[3 * i + c] - still[3 * i + c]);
                d = e > d ? e : d;
            }
            if (d <= DISTANCE)
                continue;
            x += i % S + 0.5;
            y += i / S + 0.5;
            n++;
        }
        if (n >= FEWEST)
            track_add(&s->moving, x / n / S, y / n / S);
    }
}

static void find_change(struct sight *s)
{
    enum { CELL = S / BF_LOOK_GRID };
    for (int k = 1; k < s->n; k++) {
        double all = 0;
        for (int i = 0; i < N_PIXELS; i++) {
            int d = 0;
            for (int c = 0; c < 3; c++)
                d += abs(s->small[k].px[3 * i + c] - s->small[k - 1].px[3 * i + c]);
            const double part = d / 765.0;
            s->motion[i / S / CELL * BF_LOOK_GRID + i % S / CELL] +=
                part / (CELL * CELL) / (s->n - 1);
            all += part / N_PIXELS;
        }
        s->mean_change += all / (s->n - 1);
        s->max_change = fmax(s->max_change, all);
    }
}

static int look_at_clip(const struct bf_clip *clip, struct sight *s, struct bf_arena *a,
                        struct bf_err *err)
{
    s->n = clip->n_frames < MAX_FRAMES ? clip->n_frames : MAX_FRAMES;
    s->seconds = clip->seconds;
    for (int k = 0; k < s->n; k++) {
        const int from = (int)((int64_t)k * clip->n_frames / s->n);
        BF_TRY(bf_raster_resize(&clip->frames[from], S, S, &s->small[k], a, err));
        bf_look_at(&s->small[k], &s->look[k]);
        if (s->look[k].fg_share > 0.002f)
            track_add(&s->outside, (double)s->look[k].fg_x, (double)s->look[k].fg_y);
    }
    uint8_t *still = bf_arena_alloc(a, N_PIXELS, 3);
    if (!still)
        return bf_fail_memory(err, "features");
    background(s, still);
    find_moving(s, still);
    find_change(s);
    return BF_OK;
}

/* 16 values: net x, y; path; net by path; still, left, right, up, down one hot; speed; share of
 * frames; first x, y; last x, y; whether it is seen. */
static void add_track(struct bf_features *f, const struct track *t, const struct sight *s)
{
    enum { STILL, LEFT, RIGHT, UP, DOWN };
    double path = 0;
    for (int k = 1; k < t->n; k++)
        path += hypot(t->x[k] - t->x[k - 1], t->y[k] - t->y[k - 1]);
    const int last = t->n - 1;
    const double dx = t->n ? t->x[last] - t->x[0] : 0;
    const double dy = t->n ? t->y[last] - t->y[0] : 0;
    const double net = hypot(dx, dy);
    const int way = t->n == 0              ? -1
                    : net < 0.06           ? STILL
                    : fabs(dx) >= fabs(dy) ? (dx < 0 ? LEFT : RIGHT)
                                           : (dy < 0 ? UP : DOWN);
    bf_features_add(f, 2 * dx);
    bf_features_add(f, 2 * dy);
    bf_features_add(f, path);
    bf_features_add(f, path > 0 ? net / path : 0);
    bf_features_add_one_hot(f, way, 5);
    bf_features_add(f, s->seconds > 0 ? 4 * path / s->seconds : 0);
    bf_features_add(f, (double)t->n / s->n);
    bf_features_add(f, t->n ? t->x[0] : 0.5);
    bf_features_add(f, t->n ? t->y[0] : 0.5);
    bf_features_add(f, t->n ? t->x[last] : 0.5);
    bf_features_add(f, t->n ? t->y[last] : 0.5);
    bf_features_add(f, t->n > 0);
}

static void add_mean_look(struct bf_features *f, const struct sight *s)
{
    for (int i = 0; i < BF_LOOK_COLORS; i++) {
        double sum = 0;
        for (int k = 0; k < s->n; k++)
            sum += (double)s->look[k].colors[i];
        bf_features_add(f, sum / s->n);
    }
    for (int c = 0; c < 3; c++) {
        double mean = 0;
        double std = 0;
        for (int k = 0; k < s->n; k++) {
            mean += (double)s->look[k].mean[c];
            std += (double)s->look[k].std[c];
        }
        bf_features_add(f, mean / s->n);
        bf_features_add(f, 2 * std / s->n);
    }
    for (int i = 0; i < BF_LOOK_GRID * BF_LOOK_GRID * 3; i++) {
        double sum = 0;
        for (int k = 0; k < s->n; k++)
            sum += (double)s->look[k].grid[i];
        bf_features_add(f, sum / s->n);
    }
    for (int i = 0; i < BF_LOOK_EDGES; i++) {
        double sum = 0;
        for (int k = 0; k < s->n; k++)
            sum += (double)s->look[k].edges[i];
        bf_features_add(f, 2 * sum / s->n);
    }
}

/* Brightness over time: last minus first, spread, largest jump, number of peaks one hot. */
static void add_light(struct bf_features *f, const struct sight *s)
{
    double v[MAX_FRAMES];
    double lo = 1, hi = 0, jump = 0;
    int peaks = 0;
    for (int k = 0; k < s->n; k++) {
        const float *mean = s->look[k].mean;
        v[k] = ((double)mean[0] + (double)mean[1] + (double)mean[2]) / 3;
        lo = fmin(lo, v[k]);
        hi = fmax(hi, v[k]);
        jump = k ? fmax(jump, fabs(v[k] - v[k - 1])) : 0;
    }
    bool above = false;
    for (int k = 0; k < s->n && hi - lo > 0.05; k++) {
        const bool now = v[k] > lo + (hi - lo) * (above ? 0.4 : 0.6);
        peaks += now && !above;
        above = now;
    }
    bf_features_add(f, 2 * (v[s->n - 1] - v[0]));
    bf_features_add(f, 2 * (hi - lo));
    bf_features_add(f, 2 * jump);
    bf_features_add_one_hot(f, peaks, 6);
}

static int by_count(const void *x, const void *y)
{
    return *(const int *)x - *(const int *)y;
}

/* Blobs: median and largest number over the frames, one hot each; whether the foreground grows. */
static void add_blobs(struct bf_features *f, const struct sight *s)
{
    int counts[MAX_FRAMES];
    for (int k = 0; k < s->n; k++)
        counts[k] = s->look[k].n_blobs;
    qsort(counts, (size_t)s->n, sizeof *counts, by_count);
    bf_features_add_one_hot(f, counts[s->n / 2], 9);
    bf_features_add_one_hot(f, counts[s->n - 1], 9);
    const double first = (double)s->look[0].fg_share + 0.002;
    const double last = (double)s->look[s->n - 1].fg_share + 0.002;
    const double growth = log2(last / first);
    bf_features_add(f, growth);
    bf_features_add_one_hot(f, growth < -0.5 ? 0 : growth > 0.5 ? 2 : 1, 3);
}

/* The features of a clip, in this order (docs/modalities.md):
 *   0  77  means over the frames of: 15 colours, mean and deviation of R, G, B, 48 of a 4 x 4
 *          grid, 8 edge orientations
 *  77  60  15 colours of the first and the last frame, of the foreground of each
 * 137  15  colours of the foreground, mean over the frames
 * 152  16  the path of what moves against the median over time
 * 168  16  the path of what differs from the border
 * 184   9  brightness over time
 * 193  22  blobs
 * 215  18  change between frames: mean, largest, by place on a 4 x 4 grid
 * 233   3  frames / 32, log2 of seconds / 4, log2 of width by height */
static int video_features(const struct bf_media *in, struct bf_features *out, struct bf_arena *a,
                          struct bf_err *err)
{
    const struct bf_clip *clip = &in->clip;
    struct sight *s = bf_arena_alloc(a, 1, sizeof *s);
    if (!s)
        return bf_fail_memory(err, "features");
    BF_TRY(look_at_clip(clip, s, a, err));

    struct bf_features f = { 0 };
    const struct bf_look *first = &s->look[0];
    const struct bf_look *last = &s->look[s->n - 1];
    add_mean_look(&f, s);
    bf_features_add_all(&f, first->colors, BF_LOOK_COLORS);
    bf_features_add_all(&f, last->colors, BF_LOOK_COLORS);
    bf_features_add_all(&f, first->fg_colors, BF_LOOK_COLORS);
    bf_features_add_all(&f, last->fg_colors, BF_LOOK_COLORS);
    for (int i = 0; i < BF_LOOK_COLORS; i++) {
        double sum = 0;
        for (int k = 0; k < s->n; k++)
            sum += (double)s->look[k].fg_colors[i];
        bf_features_add(&f, sum / s->n);
    }
    add_track(&f, &s->moving, s);
    add_track(&f, &s->outside, s);
    add_light(&f, s);
    add_blobs(&f, s);
    bf_features_add(&f, 8 * s->mean_change);
    bf_features_add(&f, 4 * s->max_change);
    for (int i = 0; i < BF_LOOK_GRID * BF_LOOK_GRID; i++)
        bf_features_add(&f, 8 * s->motion[i]);
    bf_features_add(&f, s->n / 32.0);
    bf_features_add(&f, log2(clip->seconds + 0.1) / 4);
    bf_features_add(&f, log2((double)clip->frames[0].w / clip->frames[0].h));
    *out = f;
    return BF_OK;
}

static uint64_t video_fingerprint(const struct bf_media *in, struct bf_arena *a)
{
    return bf_clip_print(&in->clip, a);
}

static int video_present(const void *priv, const struct bf_media *in, struct bf_shown *out,
                         struct bf_arena *a, struct bf_err *err)
{
    const struct video *o = priv;
    const struct bf_clip *clip = &in->clip;
    struct bf_blob *blobs = bf_arena_alloc(a, (size_t)clip->n_frames, sizeof *blobs);
    if (!blobs)
        return bf_fail_memory(err, "frames");
    if (o->present == PRESENT_SHEET) {
        struct bf_raster sheet;
        BF_TRY(bf_clip_sheet(clip, o->sheet_side, &sheet, a, err));
        BF_TRY(bf_png_encode(&sheet, blobs, a, err));
        *out = (struct bf_shown){ .n_blobs = 1, .blobs = blobs };
        return BF_OK;
    }
    for (int k = 0; k < clip->n_frames; k++) {
        /* Frames of blank clips are often one and the same. */
        if (k > 0 && clip->frames[k].px == clip->frames[k - 1].px)
            blobs[k] = blobs[k - 1];
        else
            BF_TRY(bf_picture_present(&clip->frames[k], 0, 0, &blobs[k], a, err));
    }
    *out = (struct bf_shown){ .n_blobs = clip->n_frames, .blobs = blobs };
    return BF_OK;
}

/* What `head` [n] begins: MP4 or QuickTime by its brand (ISO 14496-12, 4.3), WebM or Matroska by
 * the name in its first element (RFC 8794, 11.2.4). */
static const char *file_mime(const char *format, const uint8_t *head, size_t n)
{
    enum { FIRST = 64 };
    if (strcmp(format, "mp4") == 0)
        return n >= 12 && memcmp(head + 4, "ftypqt  ", 8) == 0 ? "video/quicktime" : "video/mp4";
    for (size_t i = 0; i + 4 <= n && i < FIRST; i++)
        if (memcmp(head + i, "webm", 4) == 0)
            return "video/webm";
    return "video/x-matroska";
}

static const char *video_original(const void *priv, const struct bf_media_info *info, bool whole,
                                  const uint8_t *head, size_t n)
{
    const struct video *o = priv;
    const bool known = strcmp(info->format, "mp4") == 0 || strcmp(info->format, "matroska") == 0;
    return whole && known && o->present == PRESENT_FILE ? file_mime(info->format, head, n) : NULL;
}

static int video_strip(const void *priv, int fd, const struct bf_limits *limits,
                       struct bf_shown *out, struct bf_arena *a, struct bf_err *err)
{
    const struct video *o = priv;
    struct bf_source src;
    if (o->present != PRESENT_FILE)
        return BF_END;
    struct bf_blob *blob = bf_arena_alloc(a, 1, sizeof *blob);
    if (!blob)
        return bf_fail_memory(err, "a clip");
    BF_TRY(bf_source_open(fd, limits, &src, err));
    if (kind_of(o, &src) != KIND_CONTAINER)
        return BF_END;
    const int rc = bf_container_strip(&src, blob, a, err);
    if (rc == BF_OK)
        *out = (struct bf_shown){ .n_blobs = 1, .blobs = blob };
    return rc;
}

static int video_draw(const struct bf_media *in, int w, int h, struct bf_raster *out,
                      struct bf_arena *a, struct bf_err *err)
{
    if (in->clip.n_frames == 1)
        return bf_draw_picture(&in->clip.frames[0], w, h, out, a, err);
    return bf_draw_clip(&in->clip, 2, 2, w, h, out, a, err);
}

static const struct bf_opt video_opts[] = {
    { "present", BF_OPT_ENUM, offsetof(struct video, present), "frames", 0, 0, NULL,
      "how a model is shown it: one PNG a frame; or the file, without its sound unless that is "
      "shown too; frames all the same for what operators touch and for codecs that neither MP4 "
      "nor WebM holds; or all frames on one sheet, a PNG, with their times",
      "frames|file|sheet" },
    { "select", BF_OPT_ENUM, offsetof(struct video, choice.select), "count", 0, 0, NULL,
      "which frames stand for the clip: those at the middles of as many equal spans as `frames` "
      "says; those at a `rate` or an `interval`; those that need no other to be decoded; the first "
      "one of each scene; or all",
      BF_SELECT_WORDS },
    { "frames", BF_OPT_INT, offsetof(struct video, choice.most), "8", 1, BF_MAX_CLIP_FRAMES,
      "frames",
      "how many frames stand for the clip, at most; where `select` finds more, they are thinned "
      "evenly",
      NULL },
    { "rate", BF_OPT_NUM, offsetof(struct video, choice.rate_hz), "2", 0.001, 1000, "Hz",
      "of `select: rate`: frames a second of the clip, from its start", NULL },
    { "interval", BF_OPT_NUM, offsetof(struct video, choice.interval_s), "1", 0.001, 3600, "s",
      "of `select: interval`: time from one frame to the next, from the start of the clip", NULL },
    { "threshold", BF_OPT_NUM, offsetof(struct video, choice.threshold), "0.3", 0, 1,
      "of full change", "of `select: scene_changes`: a frame that changes by more begins a scene",
      NULL },
    { "side", BF_OPT_INT, offsetof(struct video, choice.side), "448", 16, 4096, "px",
      "longest side of the frames kept; larger ones are made smaller", NULL },
    { "sheet_side", BF_OPT_INT, offsetof(struct video, sheet_side), "1536", 256, 8192, "px",
      "longest side of the sheet; frames are made smaller to fit", NULL },
    { "columns", BF_OPT_STR, offsetof(struct video, columns), "x,y,t,p", 0, 0, NULL,
      "of a table of events without a header: which column is which", NULL },
    { "time_unit", BF_OPT_ENUM, offsetof(struct video, time_unit), "us", 0, 0, NULL,
      "what the times of events count in", "s|ms|us|ns" },
    { "sensor", BF_OPT_STR, offsetof(struct video, sensor), "auto", 0, 0, NULL,
      "pixels of the camera that saw the events, 346x260; auto: as far as there are events", NULL },
    { "read", BF_OPT_ENUM, offsetof(struct video, read), "auto", 0, 0, NULL,
      "what files are: auto: turning clouds of points where they are PLY or PCD, else clips; "
      "points: clouds also where they are tables (XYZ, CSV) or arrays (NPY)",
      "auto|points" },
    { "up", BF_OPT_ENUM, offsetof(struct video, up), "z", 0, 0, NULL,
      "which coordinate of points goes up", "z|y" },
    { .name = NULL },
};

static const char *const video_shown_by[] = { "present", "sheet_side", NULL };

const struct bf_modality bf_modality_video = {
    .op = {
        .name = "video",
        .summary = "a clip without its sound: MP4, WebM, Matroska, AVI, MPEG-TS, GIF, WebP; or a "
                   "table of events; or points: PLY, PCD",
        .source = "docs/modalities.md#video",
        .priv_size = sizeof(struct video),
        .opts = video_opts,
    },
    .carrier = BF_CLIP,
    .version = 3,
    .shown_by = video_shown_by,
    .check = video_check,
    .decode = video_decode,
    .features = video_features,
    .fingerprint = video_fingerprint,
    .present = video_present,
    .original = video_original,
    .strip = video_strip,
    .draw = video_draw,
};
