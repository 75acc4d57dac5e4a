#ifndef BF_MODALITIES_READERS_EVENTS_H
#define BF_MODALITIES_READERS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/media.h"

/* The output of an event camera: pixels that became brighter or darker, each with its time. */

enum bf_event_unit { BF_EVENT_S, BF_EVENT_MS, BF_EVENT_US, BF_EVENT_NS };

/* How a file of events becomes a clip. */
struct bf_events_how {
    int n_frames;        /* equal spans of time, a frame each */
    int side;            /* longest side of the frames kept */
    const char *columns; /* of a file without a header: "x,y,t,p" in their order */
    int time_unit;       /* enum bf_event_unit */
    const char *sensor;  /* "346x260", or "auto": as far as there are events */
};

/* Whether the first bytes [n] of a file are those of a table of events: rows of four cells, of
 * which the second row's are numbers. */
bool bf_is_events(const uint8_t *head, size_t n);

/* BF_EINVAL when `columns` or `sensor` is not what they may be. */
int bf_events_check(const struct bf_events_how *how, struct bf_err *err);

/* Rows of x, y, time and polarity, with commas, semicolons, tabs or blanks between them, a header
 * or none, lines that begin with # passed over. Every frame holds the events of its span: gray 128
 * where there were none, brighter or darker by 64 for each one more to either side, polarity above
 * 0 being brighter. BF_EDATA names the line of what is no event; BF_ENOMEM. */
int bf_events_clip(const uint8_t *bytes, size_t n, const struct bf_events_how *how,
                   const struct bf_limits *limits, struct bf_clip *out, struct bf_media_info *info,
                   struct bf_arena *a, struct bf_err *err);

#endif
