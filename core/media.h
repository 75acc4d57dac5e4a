#ifndef BF_CORE_MEDIA_H
#define BF_CORE_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/api.h"

/* The shape of decoded data. BF_TEXT is the question, and words that come as a file. */
enum bf_carrier { BF_TEXT, BF_RASTER, BF_CLIP, BF_WAVE, BF_TRACE, BF_CARRIER_COUNT };

#define BF_BIT(i) (1u << (i))

/* The name a spec uses: "text", "raster", "clip", "wave", "trace". */
BF_API const char *bf_carrier_name(enum bf_carrier carrier);

/* Interleaved RGB, 8 bits a channel, sRGB, top row first. Transparency is flattened on white. */
struct bf_raster {
    int w, h;         /* pixels, both >= 1 */
    ptrdiff_t stride; /* bytes from one row to the next, >= 3 * w */
    uint8_t *px;      /* shape [h][w][3], rows `stride` bytes apart */
};

/* Frames of one size in order of presentation time. */
struct bf_clip {
    int n_frames;             /* >= 1 */
    struct bf_raster *frames; /* [n_frames] */
    double *at_seconds;       /* [n_frames], from the clip's start, ascending */
    double seconds;           /* length of the clip they were taken from, >= 0 */
};

/* Sound. Full scale is -1 .. 1; values beyond it are kept, NaN and infinity become 0. */
struct bf_wave {
    double rate_hz; /* > 0 */
    int n_ch;       /* >= 1 */
    size_t n;       /* samples per channel, >= 1 */
    float *v;       /* shape [n_ch][n] */
};

/* A sensor's multi-channel signal at a fixed rate. */
struct bf_trace {
    double rate_hz;           /* steps a second, > 0 */
    int n_ch;                 /* >= 1 */
    size_t n;                 /* steps, >= 1 */
    float *v;                 /* shape [n_ch][n]; NaN where the sensor gave none */
    const char *unit;         /* of every channel: "kPa", "N", "raw"; never NULL */
    const char *const *names; /* [n_ch] as the file's header calls them, or NULL */
    const char *const *units; /* [n_ch] where the file gives each its own, or NULL: `unit` */
};

/* One decoded part. Memory belongs to the arena that was handed to whoever made it. */
struct bf_media {
    enum bf_carrier carrier;
    union {
        struct bf_raster raster;
        struct bf_clip clip;
        struct bf_wave wave;
        struct bf_trace trace;
        const char *text; /* UTF-8 */
    };
};

/* What is known of a media file without keeping it decoded. Plain data without pointers: it
 * crosses process borders and is stored in the ledger. Zero where it does not apply. */
struct bf_media_info {
    enum bf_carrier carrier;
    int w, h;     /* pixels, after EXIF or display rotation */
    int n_frames; /* frames in the file that were decoded and counted */
    int n_ch;     /* sound or trace channels */
    int n_words;  /* text */
    double seconds;
    double rate_hz;   /* frames, samples or steps a second */
    double mean[3];   /* raster, clip: mean R, G, B in 0 .. 255 over what was decoded */
    char format[16];  /* found in the content, not the name: "jpeg", "png", "wav", "mp4" */
    char ext[8];      /* a usual file ending for that format, without the dot */
    char decoder[24]; /* who read it: "stb_image", "libsndfile", "ffmpeg", "csv", "npy" */
    int damaged;      /* 1: part of the content is missing or wrong, and `warning` says what; such a
                         file is kept out unless the spec says otherwise */
    char warning[96]; /* "" or what a person should know: "ends early: 12 of 30 frames" */
};

enum { BF_MAX_FEATURES = 512 };

/* What the built-in probe sees of one part: a fixed number of values for each modality. */
struct bf_features {
    int n;                    /* 0 .. BF_MAX_FEATURES */
    float v[BF_MAX_FEATURES]; /* finite */
};

/* One file as a model or a person would be shown it. */
struct bf_blob {
    const char *ext;  /* "png", "wav", "csv" */
    const char *mime; /* "image/png" */
    const uint8_t *bytes;
    size_t n;
};

/* A part presented: one blob, or several (the frames of a clip). */
struct bf_shown {
    int n_blobs;
    struct bf_blob *blobs;
};

/* How much one file may cost. Checked before memory is taken. */
struct bf_limits {
    size_t file_bytes;   /* 512 MiB */
    int64_t pixels;      /* 64 million a picture or frame */
    int side;            /* 16384 px */
    double wave_seconds; /* 3600 s */
    double clip_seconds; /* 3600 s */
    size_t trace_values; /* 64 million */
    double wall_seconds; /* 60 s before a decoder is stopped */
    int enough; /* px; pictures and frames may come smaller than they are, as long as neither side
                   falls below this, for readings need no more; info tells their own size. 0 = as
                   they are */
};

extern const struct bf_limits bf_default_limits;

#endif
