#ifndef BF_MODALITIES_READERS_CHOICE_H
#define BF_MODALITIES_READERS_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/err.h"

/* Which frames of a clip stand for it. */

enum bf_select {
    BF_SELECT_COUNT,
    BF_SELECT_RATE,
    BF_SELECT_INTERVAL,
    BF_SELECT_KEYFRAMES,
    BF_SELECT_SCENES,
    BF_SELECT_ALL,
};
#define BF_SELECT_WORDS "count|rate|interval|keyframes|scene_changes|all"

enum { BF_MAX_CLIP_FRAMES = 1024 };

struct bf_choice {
    int select;        /* enum bf_select */
    int most;          /* frames: of COUNT so many spans, of the others never more */
    double rate_hz;    /* of RATE */
    double interval_s; /* of INTERVAL */
    double threshold;  /* of SCENES */
    int side;          /* longest side of the frames, px */
};

/* What is known of one frame before it is chosen. */
struct bf_moment {
    double at;    /* seconds from the clip's start, ascending */
    bool key;     /* can be decoded by itself */
    float change; /* from the frame before, 0 .. 1: bf_scene_change() */
};

/* Indices into `m` [n], ascending, no two the same, at least one and at most how->most, in
 * `chosen_out` [how->most]; returns how many.
 *
 * By time, for a clip of D = `seconds`: COUNT takes the frames nearest to (i + 1/2) D / most, i = 0
 * .. most - 1; INTERVAL those nearest to i x interval_s < D, i = 0, 1, ...; RATE those of the
 * interval 1 / rate_hz. Of two equally near ones the earlier; a frame that was taken is not taken
 * again. KEYFRAMES takes those; SCENES the first frame and those whose change is above
 * `threshold`; ALL all. Where that would be N > most, those numbered floor((i + 1/2) N / most)
 * stay, i = 0 .. most - 1. */
int bf_choose(const struct bf_choice *how, const struct bf_moment *m, size_t n, double seconds,
              size_t *chosen_out);

/* How much the scene changes at a frame: with m the mean absolute difference of luma to the frame
 * before, in levels of 0 to 255, and m' the same of the frame before to its own,
 *
 *     change = min(m, |m - m'|) / 100, at most 1
 *
 * so that steady motion counts little. Source: the score of FFmpeg's filter `select`, "scene". */
float bf_scene_change(double m, double before);

#endif
