#ifndef BF_MODALITIES_READERS_CUES_H
#define BF_MODALITIES_READERS_CUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

/* What a file of words says. */
struct bf_cues {
    const char *format; /* "srt", "vtt" or "text", by content */
    char *text;         /* UTF-8, lines ended by \n; of subtitles one line a cue, without marks */
    double seconds;     /* when the last cue ends; 0 for plain text */
    uint32_t n_words;
    bool foreign; /* no UTF-8: read as Windows-1252 */
};

/* Read plain text, SubRip (SRT) or WebVTT in UTF-8, UTF-16 with its byte order mark, or else in
 * Windows-1252. `times`: a cue's line begins with when it is said, "[0:01.5 - 0:04] ". A cue that
 * says what the one before it said is left out. BF_EDATA: it is no text, holds more than `max`
 * bytes of it, or no words; BF_ENOMEM. */
int bf_cues_read(const uint8_t *bytes, size_t n, bool times, size_t max, struct bf_cues *out,
                 struct bf_arena *a, struct bf_err *err);

#endif
