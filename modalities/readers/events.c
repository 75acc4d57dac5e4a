/* Clips out of the events of an event camera. */
#include "modalities/readers/events.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"
#include "modalities/raster.h"
#include "modalities/readers/decimal.h"

enum column { X, Y, T, P, N_COLUMNS, NO_COLUMN = -1 };

/* A table of events, read from its start. */
struct table {
    const char *p, *end;
    long line;            /* of what was read last, 1-based */
    int order[N_COLUMNS]; /* enum column, by place */
    double to_seconds;
};

struct cell {
    const char *at;
    size_t n;
};

static bool is_gap(char c)
{
    return c == ',' || c == ';' || c == '\t' || c == ' ' || c == '\r';
}

/* The cells of the next row that holds any and is no remark, at most `cap` of them; how many there
 * are, 0 at the end. */
static int next_row(struct table *t, struct cell *cells, int cap)
{
    while (t->p < t->end) {
        int n = 0;
        const char *const line = t->p;
        t->line++;
        while (t->p < t->end && *t->p != '\n') {
            if (is_gap(*t->p)) {
                t->p++;
                continue;
            }
            const char *const at = t->p;
            while (t->p < t->end && *t->p != '\n' && !is_gap(*t->p))
                t->p++;
            if (n < cap)
                cells[n] = (struct cell){ at, (size_t)(t->p - at) };
            n++;
        }
        t->p += t->p < t->end;
        if (n > 0 && *line != '#')
            return n;
    }
    return 0;
}

static bool read_number(const struct cell *c, double *out)
{
    char text[64];
    if (c->n >= sizeof text)
        return false;
    memcpy(text, c->at, c->n);
    text[c->n] = '\0';
    const char *end = bf_decimal_read(text, out);
    return (end && *end == '\0') || bf_text_number(text, out);
}

static enum column column_of(const char *name, size_t n)
{
    static const struct {
        const char *name;
        enum column column;
    } names[] = {
        { "x", X },    { "y", Y },         { "t", T },    { "ts", T },
        { "time", T }, { "timestamp", T }, { "t_us", T }, { "p", P },
        { "pol", P },  { "polarity", P },  { "on", P },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == n && strncasecmp(names[i].name, name, n) == 0)
            return names[i].column;
    return NO_COLUMN;
}

/* The order of the columns by their names; false unless each is there once. */
static bool read_order(const struct cell *cells, int order[N_COLUMNS])
{
    unsigned seen = 0;
    for (int i = 0; i < N_COLUMNS; i++) {
        const enum column c = column_of(cells[i].at, cells[i].n);
        if (c == NO_COLUMN)
            return false;
        order[i] = (int)c;
        seen |= BF_BIT(c);
    }
    return seen == BF_BIT(N_COLUMNS) - 1;
}

bool bf_is_events(const uint8_t *head, size_t n)
{
    struct table t = { .p = (const char *)head, .end = (const char *)head + n };
    struct cell cells[N_COLUMNS];
    double ignored;
    for (size_t i = 0; i < n; i++)
        if ((head[i] < ' ' && head[i] != '\n' && head[i] != '\r' && head[i] != '\t') ||
            head[i] >= 0x7f)
            return false;
    if (next_row(&t, cells, N_COLUMNS) != N_COLUMNS || next_row(&t, cells, N_COLUMNS) != N_COLUMNS)
        return false;
    for (int i = 0; i < N_COLUMNS; i++)
        if (!read_number(&cells[i], &ignored))
            return false;
    return true;
}

/* The option `columns`. */
static int read_columns(const char *columns, int order[N_COLUMNS], struct bf_err *err)
{
    struct table named = { .p = columns, .end = columns + strlen(columns) };
    struct cell cells[N_COLUMNS];
    if (next_row(&named, cells, N_COLUMNS) != N_COLUMNS || !read_order(cells, order))
        return bf_fail(err, BF_EINVAL, "'columns' is '%s'; allowed: x, y, t and p in their order",
                       columns);
    return BF_OK;
}

/* The option `sensor`; 0 x 0 for `auto`. */
static int read_sensor(const char *sensor, int *w_out, int *h_out, struct bf_err *err)
{
    int w = 0, h = 0;
    char more;
    if (strcmp(sensor, "auto") != 0 &&
        (sscanf(sensor, "%5dx%5d%c", &w, &h, &more) != 2 || w < 1 || h < 1))
        return bf_fail(err, BF_EINVAL, "'sensor' is '%s'; allowed: auto, or as 346x260", sensor);
    *w_out = w;
    *h_out = h;
    return BF_OK;
}

int bf_events_check(const struct bf_events_how *how, struct bf_err *err)
{
    int order[N_COLUMNS], w, h;
    BF_TRY(read_columns(how->columns, order, err));
    return read_sensor(how->sensor, &w, &h, err);
}

/* Read up to the first event; what `columns` says holds when there is no header. */
static int open_table(const uint8_t *bytes, size_t n, const struct bf_events_how *how,
                      struct table *out, struct bf_err *err)
{
    static const double units[] = { 1, 1e-3, 1e-6, 1e-9 };
    struct table t = { .p = (const char *)bytes, .end = (const char *)bytes + n };
    struct cell cells[N_COLUMNS];
    double ignored;
    t.to_seconds = units[how->time_unit];
    BF_TRY(read_columns(how->columns, t.order, err));
    struct table ahead = t;
    if (next_row(&ahead, cells, N_COLUMNS) == N_COLUMNS && !read_number(&cells[0], &ignored)) {
        if (!read_order(cells, ahead.order))
            return bf_fail(err, BF_EDATA,
                           "line %ld: the events' columns are not called x, y, t and p",
                           ahead.line);
        t = ahead;
    }
    *out = t;
    return BF_OK;
}

struct event {
    double v[N_COLUMNS]; /* by enum column; time in seconds */
};

/* BF_END after the last. */
static int next_event(struct table *t, struct event *out, struct bf_err *err)
{
    struct cell cells[N_COLUMNS];
    const int n = next_row(t, cells, N_COLUMNS);
    if (n == 0)
        return BF_END;
    if (n != N_COLUMNS)
        return bf_fail(err, BF_EDATA, "line %ld: %d cells, an event has %d", t->line, n,
                       (int)N_COLUMNS);
    for (int i = 0; i < N_COLUMNS; i++)
        if (!read_number(&cells[i], &out->v[t->order[i]]))
            return bf_fail(err, BF_EDATA, "line %ld: '%.*s' is no number", t->line,
                           (int)(cells[i].n < 40 ? cells[i].n : 40), cells[i].at);
    out->v[T] *= t->to_seconds;
    for (int k = X; k <= Y; k++)
        if (!(out->v[k] >= 0 && out->v[k] < 65536))
            return bf_fail(err, BF_EDATA, "line %ld: an event at %c = %g", t->line, "xy"[k],
                           out -> v[k]);
    return BF_OK;
}

struct extent {
    int w, h;
    double first, last; /* seconds */
    uint64_t n;
};

static int measure(struct table t, const struct bf_events_how *how, struct extent *out,
                   struct bf_err *err)
{
    struct extent e = { .first = INFINITY, .last = -INFINITY };
    struct event event;
    int rc, w = 0, h = 0;
    BF_TRY(read_sensor(how->sensor, &w, &h, err));
    while ((rc = next_event(&t, &event, err)) == BF_OK) {
        e.w = (int)event.v[X] >= e.w ? (int)event.v[X] + 1 : e.w;
        e.h = (int)event.v[Y] >= e.h ? (int)event.v[Y] + 1 : e.h;
        e.first = fmin(e.first, event.v[T]);
        e.last = fmax(e.last, event.v[T]);
        e.n++;
    }
    if (rc < 0)
        return rc;
    if (e.n == 0)
        return bf_fail(err, BF_EDATA, "the table holds no events");
    if (w > 0) {
        if (e.w > w || e.h > h)
            return bf_fail(err, BF_EDATA, "an event at %d, %d of a sensor of %d x %d", e.w - 1,
                           e.h - 1, w, h);
        e.w = w;
        e.h = h;
    }
    *out = e;
    return BF_OK;
}

/* Sum the events of every span up by pixel, held within -2 .. 2. */
static int sum_up(struct table t, const struct extent *e, int n_frames, int8_t *sums,
                  struct bf_err *err)
{
    struct event event;
    int rc;
    while ((rc = next_event(&t, &event, err)) == BF_OK) {
        const double share =
            e->last > e->first ? (event.v[T] - e->first) / (e->last - e->first) : 0;
        const int frame = share < 1 ? (int)(share * n_frames) : n_frames - 1;
        int8_t *s = &sums[((size_t)frame * (size_t)e->h + (size_t)event.v[Y]) * (size_t)e->w +
                          (size_t)event.v[X]];
        const int now = *s + (event.v[P] > 0 ? 1 : -1);
        *s = (int8_t)(now < -2 ? -2 : now > 2 ? 2 : now);
    }
    return rc == BF_END ? BF_OK : rc;
}

static int draw_frame(const int8_t *sums, const struct extent *e, int side, struct bf_raster *out,
                      struct bf_arena *a, struct bf_err *err)
{
    static const uint8_t levels[] = { 0, 64, 128, 192, 255 };
    struct bf_raster whole;
    int w, h;
    BF_TRY(bf_raster_new(e->w, e->h, &whole, a, err));
    for (int y = 0; y < e->h; y++)
        for (int x = 0; x < e->w; x++)
            memset(whole.px + y * whole.stride + 3 * x,
                   levels[sums[(size_t)y * (size_t)e->w + (size_t)x] + 2], 3);
    bf_raster_fit(e->w, e->h, side, &w, &h);
    *out = whole;
    return w == e->w && h == e->h ? BF_OK : bf_raster_resize(&whole, w, h, out, a, err);
}

int bf_events_clip(const uint8_t *bytes, size_t n, const struct bf_events_how *how,
                   const struct bf_limits *limits, struct bf_clip *out, struct bf_media_info *info,
                   struct bf_arena *a, struct bf_err *err)
{
    struct table t;
    struct extent e = { 0 };
    BF_TRY(open_table(bytes, n, how, &t, err));
    BF_TRY(measure(t, how, &e, err));
    BF_TRY(bf_raster_allowed(e.w, e.h, limits, err));
    const double seconds = e.last - e.first;
    if (seconds > limits->clip_seconds)
        return bf_fail(err, BF_EDATA, "the events take %.3g s, limit %g", seconds,
                       limits->clip_seconds);
    const int n_frames = seconds > 0 ? how->n_frames : 1;
    const size_t n_pixels = (size_t)e.w * (size_t)e.h;
    if (n_pixels > (size_t)limits->pixels / (size_t)n_frames)
        return bf_fail(err, BF_EDATA, "%d frames of %d x %d pixels, limit %lld pixels", n_frames,
                       e.w, e.h, (long long)limits->pixels);
    int8_t *sums = bf_arena_alloc(a, (size_t)n_frames, n_pixels);
    struct bf_clip clip = {
        .n_frames = n_frames,
        .seconds = seconds,
        .frames = bf_arena_alloc(a, (size_t)n_frames, sizeof *clip.frames),
        .at_seconds = bf_arena_alloc(a, (size_t)n_frames, sizeof *clip.at_seconds),
    };
    struct bf_media_info got = { .carrier = BF_CLIP, .n_frames = n_frames, .seconds = seconds };
    if (!sums || !clip.frames || !clip.at_seconds)
        return bf_fail_memory(err, "a clip");
    BF_TRY(sum_up(t, &e, n_frames, sums, err));
    for (int i = 0; i < n_frames; i++) {
        BF_TRY(draw_frame(sums + (size_t)i * n_pixels, &e, how->side, &clip.frames[i], a, err));
        clip.at_seconds[i] = (i + 0.5) * seconds / n_frames;
        bf_raster_add_mean(&clip.frames[i], got.mean);
    }
    for (int c = 0; c < 3; c++)
        got.mean[c] /= n_frames;
    got.w = e.w;
    got.h = e.h;
    got.rate_hz = seconds > 0 ? n_frames / seconds : 0;
    snprintf(got.format, sizeof got.format, "events");
    snprintf(got.ext, sizeof got.ext, "csv");
    snprintf(got.decoder, sizeof got.decoder, "events");
    *out = clip;
    *info = got;
    return BF_OK;
}
