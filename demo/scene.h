#ifndef BF_DEMO_SCENE_H
#define BF_DEMO_SCENE_H

#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/rng.h"

/* The made pool: scenes, each with one picture, one sound, one clip and one tactile trace, and
 * questions about what they show. Everything is whole-number arithmetic, so that the same bytes
 * come out on every machine. */

enum sense { IMAGE, AUDIO, VIDEO, TACTILE, N_SENSES };

/* What a question can ask. The first twelve need one sense each, three a sense; the last five
 * are those of the leaking categories. */
enum attr {
    HUE,
    PLACE,
    FLOOR,
    PITCH,
    SWELL,
    COMPANION,
    MOTION,
    FLASH,
    LAMP,
    TEXTURE,
    HAND,
    TREND,
    N_NEEDS,
    SHAPE = N_NEEDS,
    ENDING,
    TOOL,
    GROUND,
    FINISH,
    N_ATTRS
};

enum { N_SCENES = 125, MAX_VALUES = 9, N_TEMPLATES = 6 };

/* What the four media of one scene show. */
struct scene {
    int v[N_ATTRS]; /* which value of each attribute */
    int start;      /* FINISH: the colour the clip begins with */
    uint64_t seed;  /* of everything that is free to vary */
    char path[N_SENSES][48];
};

/* How an attribute is spoken of. */
struct attr_words {
    const char *category;
    enum sense sense;
    const char *noun; /* "the pitch of the tone" */
    int n_values;
    const char *values[MAX_VALUES];
    const char *longs[MAX_VALUES];      /* ENDING only: the same values at length */
    const char *templates[N_TEMPLATES]; /* SHAPE: %s is the word that leaks */
};

extern const struct attr_words words[N_ATTRS];
extern const char *const sense_names[N_SENSES];

/* Sine of a phase in 2^-32 turns, in -32767 .. 32767. */
int wave_sine(uint32_t phase);

/* Uniform in lo .. hi. */
int draw_between(struct bf_rng *r, int lo, int hi);

/* The files, appended to `out`. */
void picture_make(const struct scene *s, struct bf_buf *out); /* PNG, 96 x 96 */
void sound_make(const struct scene *s, struct bf_buf *out);   /* WAV, 16 kHz, 1.2 s */
void clip_make(const struct scene *s, struct bf_buf *out);    /* AVI, 64 x 64, 16 frames, 2 s */
void trace_make(const struct scene *s, struct bf_buf *out);   /* CSV, 8 channels, 200 Hz, 2 s */

/* Little-endian numbers, for the file formats. */
void put_u16(struct bf_buf *b, unsigned v);
void put_u32(struct bf_buf *b, uint32_t v);

/* DIR/NAME. BF_EIO. */
int file_write(const char *dir, const char *name, const struct bf_buf *b, struct bf_err *err);

/* An AVI of raw I420 frames, side x side pixels (an even number): begin, every frame, end. */
struct avi {
    int side, fps, n_frames;
};
void avi_begin(const struct avi *v, struct bf_buf *out);
void avi_frame(const struct avi *v, const int (*rgb)[3], struct bf_buf *out); /* [side * side] */
void avi_end(const struct avi *v, struct bf_buf *out);

#endif
