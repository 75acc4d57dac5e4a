/* Clouds of points, seen. */
#include "modalities/cloud.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "modalities/chart.h"
#include "modalities/raster.h"

enum { VIEW = 380, GAP = 8, MOST_PX = 9 };
static const double darkest = 0.3;

/* The ball that holds all points. */
struct ball {
    double middle[3], radius;
};

/* Halves, so that nothing overflows however far out points are. */
static struct ball ball_of(const struct bf_points *p)
{
    struct ball b = { .radius = 0 };
    for (int k = 0; k < 3; k++) {
        double lo = INFINITY, hi = -INFINITY;
        for (size_t i = 0; i < p->n; i++) {
            lo = fmin(lo, p->xyz[3 * i + (size_t)k]);
            hi = fmax(hi, p->xyz[3 * i + (size_t)k]);
        }
        b.middle[k] = lo / 2 + hi / 2;
        b.radius = hypot(b.radius, hi / 2 - lo / 2);
    }
    b.radius = fmin(b.radius > 0 ? b.radius : 1, DBL_MAX / 4);
    return b;
}

/* Cosine and sine of degrees, exact for multiples of 90. */
static void turn_of(double degrees, double *c, double *s)
{
    const double quarters = degrees / 90;
    *c = cos(degrees * 3.14159265358979323846 / 180);
    *s = sin(degrees * 3.14159265358979323846 / 180);
    if (quarters >= floor(quarters) && quarters <= floor(quarters)) {
        *c = round(*c);
        *s = round(*s);
    }
}

/* How a view looks at things. */
struct eye {
    struct ball ball;
    enum bf_up up;
    double cos_turn, sin_turn, cos_lift, sin_lift;
};

/* Where a point is seen, in radii: to the right, up, and towards the eye. */
static void look(const struct eye *e, const double *xyz, double out[3])
{
    double v[3];
    for (int k = 0; k < 3; k++)
        v[k] = (xyz[k] - e->ball.middle[k]) / e->ball.radius;
    const double x = v[0], y = e->up == BF_UP_Z ? v[1] : -v[2], z = e->up == BF_UP_Z ? v[2] : v[1];
    const double away = y * e->cos_turn - x * e->sin_turn;
    out[0] = x * e->cos_turn + y * e->sin_turn;
    out[1] = z * e->cos_lift + away * e->sin_lift;
    out[2] = z * e->sin_lift - away * e->cos_lift;
}

/* Least and greatest distance towards the eye. */
static void depth_of(const struct bf_points *p, const struct eye *e, double *far, double *near)
{
    *far = INFINITY;
    *near = -INFINITY;
    for (size_t i = 0; i < p->n; i++) {
        double at[3];
        look(e, p->xyz + 3 * i, at);
        *far = fmin(*far, at[2]);
        *near = fmax(*near, at[2]);
    }
}

static void draw_points(const struct bf_points *p, const struct eye *e, float *depth,
                        struct bf_raster *r)
{
    const int px = (int)fmin(1 + r->w / (2 * sqrt((double)p->n)), MOST_PX);
    double far, near;
    depth_of(p, e, &far, &near);
    for (size_t i = 0; i < p->n; i++) {
        double at[3];
        look(e, p->xyz + 3 * i, at);
        const double share = near > far ? (at[2] - far) / (near - far) : 1;
        const double light = darkest + (1 - darkest) * share;
        const int x0 = (int)floor((at[0] + 1) / 2 * (r->w - px) + 0.5);
        const int y0 = (int)floor((1 - at[1]) / 2 * (r->h - px) + 0.5);
        for (int y = y0 < 0 ? 0 : y0; y < y0 + px && y < r->h; y++)
            for (int x = x0 < 0 ? 0 : x0; x < x0 + px && x < r->w; x++) {
                float *d = &depth[y * r->w + x];
                if ((float)share <= *d)
                    continue;
                *d = (float)share;
                for (int c = 0; c < 3; c++) {
                    const double level = p->rgb ? p->rgb[3 * i + (size_t)c] : 255;
                    r->px[y * r->stride + 3 * x + c] = (uint8_t)(level * light + 0.5);
                }
            }
    }
}

int bf_cloud_view(const struct bf_points *p, enum bf_up up, double turn, double lift, int side,
                  struct bf_raster *out, struct bf_arena *a, struct bf_err *err)
{
    struct eye e = { .ball = ball_of(p), .up = up };
    const size_t n_px = (size_t)side * (size_t)side;
    float *depth = bf_arena_alloc(a, n_px, sizeof *depth);
    if (!depth)
        return bf_fail_memory(err, "a view of points");
    for (size_t i = 0; i < n_px; i++)
        depth[i] = -1;
    BF_TRY(bf_raster_new(side, side, out, a, err)); /* black */
    turn_of(turn, &e.cos_turn, &e.sin_turn);
    turn_of(lift, &e.cos_lift, &e.sin_lift);
    draw_points(p, &e, depth, out);
    return BF_OK;
}

int bf_cloud_picture(const struct bf_points *p, enum bf_up up, struct bf_raster *out,
                     struct bf_arena *a, struct bf_err *err)
{
    static const struct {
        const char *name;
        double turn, lift;
    } views[] = { { "front", 0, 0 }, { "right", 90, 0 }, { "top", 0, 90 }, { "oblique", 45, 30 } };
    enum { CELL_H = VIEW + BF_CHART_LINE + GAP };
    struct bf_raster r;
    BF_TRY(bf_raster_new(2 * (VIEW + GAP) + GAP, 2 * CELL_H + GAP, &r, a, err));
    bf_raster_fill(&r, bf_white);
    for (int i = 0; i < 4; i++) {
        struct bf_raster view;
        const int x = GAP + i % 2 * (VIEW + GAP), y = GAP + i / 2 * CELL_H;
        BF_TRY(bf_cloud_view(p, up, views[i].turn, views[i].lift, VIEW, &view, a, err));
        bf_chart_text(&r, x, y, views[i].name, bf_black);
        for (int v = 0; v < VIEW; v++)
            memcpy(r.px + (y + BF_CHART_LINE + v) * r.stride + 3 * x, view.px + v * view.stride,
                   (size_t)VIEW * 3);
    }
    *out = r;
    return BF_OK;
}

int bf_cloud_turn(const struct bf_points *p, enum bf_up up, int n_frames, int side,
                  struct bf_clip *out, struct bf_arena *a, struct bf_err *err)
{
    static const double lift = 20;
    struct bf_clip c = { .n_frames = n_frames, .seconds = n_frames };
    c.frames = bf_arena_alloc(a, (size_t)n_frames, sizeof *c.frames);
    c.at_seconds = bf_arena_alloc(a, (size_t)n_frames, sizeof *c.at_seconds);
    if (!c.frames || !c.at_seconds)
        return bf_fail_memory(err, "a clip");
    for (int i = 0; i < n_frames; i++) {
        BF_TRY(bf_cloud_view(p, up, 360.0 * i / n_frames, lift, side, &c.frames[i], a, err));
        c.at_seconds[i] = i;
    }
    *out = c;
    return BF_OK;
}
