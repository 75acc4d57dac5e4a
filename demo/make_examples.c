/* make_examples OUTDIR: write a small pool for every spec of specs/examples: OUTDIR/NAME/pool.jsonl
 * and media beside it, made on the spot, the same bytes on every machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "demo/scene.h"

enum { N_SAMPLES = 72, N_CHOICES = 4, SIDE = 48 };

struct example {
    const char *name; /* of the folder */
    const char *modality, *ext;
    const char *question;
    const char *values[N_CHOICES];
    void (*make)(int value, struct bf_rng *r, struct bf_buf *out);
};

static void put_ppm(struct bf_buf *out, int w, int h, const uint8_t (*rgb)[3])
{
    bf_buf_printf(out, "P6 %d %d 255\n", w, h);
    bf_buf_add(out, rgb, (size_t)(w * h) * 3);
}

static int square(int v)
{
    return v * v;
}

/* Middle of a quadrant: upper left, upper right, lower left, lower right. */
static void quadrant(int value, struct bf_rng *r, int *x, int *y)
{
    *x = (value % 2 ? 3 : 1) * SIDE / 4 + draw_between(r, -3, 3);
    *y = (value / 2 ? 3 : 1) * SIDE / 4 + draw_between(r, -3, 3);
}

/* One warm place on a cool wall, in the colours of a thermal camera. */
static void make_thermal(int value, struct bf_rng *r, struct bf_buf *out)
{
    static const uint8_t iron[5][3] = {
        { 10, 0, 30 }, { 110, 10, 130 }, { 220, 60, 50 }, { 250, 160, 20 }, { 255, 250, 220 }
    };
    uint8_t rgb[SIDE * SIDE][3];
    int cx, cy;
    quadrant(value, r, &cx, &cy);
    for (int i = 0; i < SIDE * SIDE; i++) {
        const int far = square(i % SIDE - cx) + square(i / SIDE - cy);
        int heat = 60 + draw_between(r, -12, 12);
        heat += far < 150 ? 190 - far : 0;
        heat = heat > 255 ? 255 : heat;
        const int step = heat * 4 / 256, part = heat * 4 % 256;
        for (int c = 0; c < 3; c++)
            rgb[i][c] = (uint8_t)((iron[step][c] * (256 - part) + iron[step + 1][c] * part) / 256);
    }
    put_ppm(out, SIDE, SIDE, (const uint8_t(*)[3])rgb);
}

/* A room all around: ahead is the middle, behind are both ends. */
static void make_panorama(int value, struct bf_rng *r, struct bf_buf *out)
{
    enum { W = 160, H = 40 };
    static const int places[N_CHOICES] = { W / 2, 3 * W / 4, 0, W / 4 };
    uint8_t rgb[W * H][3];
    const int door = places[value] + draw_between(r, -6, 6);
    for (int i = 0; i < W * H; i++) {
        const int x = i % W, y = i / W;
        const int apart = ((x - door) % W + W + W / 2) % W - W / 2;
        const bool wall = y<28, red = y> 8 && y < 30 && abs(apart) < 8;
        rgb[i][0] = (uint8_t)(red ? 190 : (wall ? 200 : 110) + draw_between(r, -9, 9));
        rgb[i][1] = (uint8_t)(red ? 30 : (wall ? 195 : 85) + draw_between(r, -9, 9));
        rgb[i][2] = (uint8_t)(red ? 40 : (wall ? 180 : 60) + draw_between(r, -9, 9));
    }
    put_ppm(out, W, H, (const uint8_t(*)[3])rgb);
}

/* Millimetres in 16 bits: a wall at 3 m, a box in front of it, and places without a reading. */
static void make_depth(int value, struct bf_rng *r, struct bf_buf *out)
{
    int cx, cy;
    quadrant(value, r, &cx, &cy);
    const int near = draw_between(r, 700, 1200);
    bf_buf_printf(out, "P5 %d %d 65535\n", SIDE, SIDE);
    for (int i = 0; i < SIDE * SIDE; i++) {
        const bool box = abs(i % SIDE - cx) < 9 && abs(i / SIDE - cy) < 9;
        int mm = (box ? near : 3000) + draw_between(r, -25, 25);
        if (bf_rng_below(r, 60) == 0)
            mm = 0;
        bf_buf_char(out, (char)(mm >> 8));
        bf_buf_char(out, (char)mm);
    }
}

/* Two seconds at 50 Hz of a sensor in a pocket, hundredths of m/s^2 and of rad/s. */
static void make_imu(int value, struct bf_rng *r, struct bf_buf *out)
{
    enum { STILL, WALKING, RUNNING, TURNING, RATE = 50, N = 100 };
    static const int swing[] = { 0, 250, 900, 40 }, tenths_hz[] = { 0, 19, 31, 5 };
    const uint32_t turn = (uint32_t)(((uint64_t)tenths_hz[value] << 32) / (10 * RATE));
    uint32_t phase = (uint32_t)bf_rng_next(r);
    bf_buf_str(out, "acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z\n");
    for (int i = 0; i < N; i++, phase += turn) {
        const int wave = wave_sine(phase) * swing[value] / 32767;
        const int v[6] = { wave / 3,  wave / 5,  981 + wave,
                           wave / 10, wave / 12, value == TURNING ? 120 : wave / 20 };
        for (int c = 0; c < 6; c++) {
            const int noisy = v[c] + draw_between(r, -8, 8);
            bf_buf_printf(out, "%s%s%d.%02d", c ? "," : "", noisy < 0 ? "-" : "", abs(noisy) / 100,
                          abs(noisy) % 100);
        }
        bf_buf_char(out, '\n');
    }
}

/* A bright square crosses the view of an event camera: brighter where it comes, darker where it
 * leaves, and some noise. */
static void make_events(int value, struct bf_rng *r, struct bf_buf *out)
{
    enum { RIGHT, LEFT, DOWN, UP, SENSOR = 32, STEPS = 24, HALF = 3 };
    const int across = draw_between(r, 12, 20);
    bf_buf_str(out, "x,y,t,p\n");
    for (int s = 0; s < STEPS; s++) {
        const int t = s * 40000;
        const int at = value == RIGHT || value == DOWN ? 4 + s : SENSOR - 5 - s;
        const int step = value == RIGHT || value == DOWN ? 1 : -1;
        for (int k = -HALF; k <= HALF; k++)
            for (int p = 0; p < 2; p++) {
                const int along = p ? at + step * HALF : at - step * HALF, side = across + k;
                const bool flat = value == RIGHT || value == LEFT;
                bf_buf_printf(out, "%d,%d,%d,%d\n", flat ? along : side, flat ? side : along,
                              t + draw_between(r, 0, 9000), p);
            }
        for (int k = 0; k < 2; k++)
            bf_buf_printf(out, "%d,%d,%d,%d\n", draw_between(r, 0, SENSOR - 1),
                          draw_between(r, 0, SENSOR - 1), t + 10000 + k, draw_between(r, 0, 1));
    }
}

/* What two people say, as SubRip. */
static void make_subtitles(int value, struct bf_rng *r, struct bf_buf *out)
{
    static const char *const places[] = { "at the harbour", "in the museum", "on the market",
                                          "behind the station" };
    static const char *const before[] = { "Did you call her back?", "It is getting late.",
                                          "I have the tickets.", "Nobody saw us." };
    static const char *const after[] = { "Bring the map.", "Do not be late again.",
                                         "I shall wear the red hat.", "And come alone." };
    bf_buf_printf(out,
                  "1\n00:00:01,000 --> 00:00:02,500\n%s\n\n"
                  "2\n00:00:03,000 --> 00:00:05,200\n<i>We meet\n%s.</i>\n\n"
                  "3\n00:00:05,400 --> 00:00:07,000\n%s\n",
                  before[bf_rng_below(r, 4)], places[value], after[bf_rng_below(r, 4)]);
}

/* The gel of a tactile camera: even light, darker on one side and brighter on the other of every
 * place where something presses. */
static void shade_gel(const int (*press)[3], int n, int side, struct bf_rng *r, int (*rgb)[3])
{
    for (int i = 0; i < side * side; i++) {
        int light[3] = { 105, 100, 120 };
        for (int k = 0; k < n; k++) {
            const int dx = i % side - press[k][0], dy = i / side - press[k][1];
            if (dx * dx + dy * dy > square(press[k][2]))
                continue;
            light[0] = 150 + 12 * dx;
            light[1] = 150 + 12 * dy;
            light[2] = 230 - 6 * (dx + dy);
        }
        for (int c = 0; c < 3; c++) {
            const int level = light[c] + draw_between(r, -4, 4);
            rgb[i][c] = level < 0 ? 0 : level > 255 ? 255 : level;
        }
    }
}

/* One bump or more on the gel, each in a quadrant of its own. */
static void make_gelsight(int value, struct bf_rng *r, struct bf_buf *out)
{
    int press[N_CHOICES][3], rgb[SIDE * SIDE][3];
    uint8_t bytes[SIDE * SIDE][3];
    uint32_t order[N_CHOICES] = { 0, 1, 2, 3 };
    bf_rng_shuffle(r, order, N_CHOICES);
    for (int k = 0; k <= value; k++) {
        quadrant((int)order[k], r, &press[k][0], &press[k][1]);
        press[k][2] = draw_between(r, 5, 6);
    }
    shade_gel((const int(*)[3])press, value + 1, SIDE, r, rgb);
    for (int i = 0; i < SIDE * SIDE; i++)
        for (int c = 0; c < 3; c++)
            bytes[i][c] = (uint8_t)rgb[i][c];
    put_ppm(out, SIDE, SIDE, (const uint8_t(*)[3])bytes);
}

/* A bump that slides over the gel of a tactile camera. */
static void make_gelsight_clip(int value, struct bf_rng *r, struct bf_buf *out)
{
    enum { N_FRAMES = 10 };
    static const int ways[N_CHOICES][2] = { { 2, 0 }, { -2, 0 }, { 0, 2 }, { 0, -2 } };
    const struct avi avi = { SIDE, 10, N_FRAMES };
    int rgb[SIDE * SIDE][3];
    int press[1][3] = { { SIDE / 2 + draw_between(r, -3, 3) - 9 * ways[value][0] / 2,
                          SIDE / 2 + draw_between(r, -3, 3) - 9 * ways[value][1] / 2, 8 } };
    avi_begin(&avi, out);
    for (int i = 0; i < N_FRAMES; i++) {
        shade_gel((const int(*)[3])press, 1, SIDE, r, rgb);
        avi_frame(&avi, (const int(*)[3])rgb, out);
        press[0][0] += ways[value][0];
        press[0][1] += ways[value][1];
    }
    avi_end(&avi, out);
}

/* A ball on a table, as a laser scanner sees it: millimetres, x to the right, y away, z up. */
static void make_points(int value, struct bf_rng *r, struct bf_buf *out)
{
    enum { TABLE = 900, BALL = 500, HALF = 400, RADIUS = 90 };
    const int cx = (value % 2 ? 200 : -200) + draw_between(r, -40, 40);
    const int cy = (value / 2 ? 200 : -200) + draw_between(r, -40, 40);
    bf_buf_printf(out,
                  "ply\nformat ascii 1.0\ncomment made on the spot\nelement vertex %d\n"
                  "property float x\nproperty float y\nproperty float z\nend_header\n",
                  TABLE + BALL);
    for (int i = 0; i < TABLE; i++)
        bf_buf_printf(out, "%d %d %d\n", draw_between(r, -HALF, HALF), draw_between(r, -HALF, HALF),
                      draw_between(r, -2, 2));
    for (int i = 0; i < BALL;) {
        const int x = draw_between(r, -RADIUS, RADIUS), y = draw_between(r, -RADIUS, RADIUS);
        const int z = draw_between(r, -RADIUS, RADIUS);
        const int far = square(x) + square(y) + square(z);
        if (far > square(RADIUS) || far < square(RADIUS - 6))
            continue;
        bf_buf_printf(out, "%d %d %d\n", cx + x, cy + y, RADIUS + z);
        i++;
    }
}

static const struct example examples[] = {
    { "thermal",
      "thermal",
      "ppm",
      "Where is it warmest?",
      { "upper left", "upper right", "lower left", "lower right" },
      make_thermal },
    { "panorama",
      "panorama",
      "ppm",
      "Where is the red door?",
      { "ahead", "to the right", "behind", "to the left" },
      make_panorama },
    { "depth",
      "depth",
      "pgm",
      "Where is what is nearest?",
      { "upper left", "upper right", "lower left", "lower right" },
      make_depth },
    { "imu",
      "imu",
      "csv",
      "What does the person do?",
      { "stand still", "walk", "run", "turn on the spot" },
      make_imu },
    { "events",
      "event",
      "csv",
      "Which way does it move?",
      { "to the right", "to the left", "down", "up" },
      make_events },
    { "subtitles",
      "subtitles",
      "srt",
      "Where do they meet?",
      { "at the harbour", "in the museum", "on the market", "behind the station" },
      make_subtitles },
    { "points",
      "points",
      "ply",
      "Where on the table is the ball, seen from the front?",
      { "in front on the left", "in front on the right", "behind on the left",
        "behind on the right" },
      make_points },
    { "gelsight",
      "gelsight",
      "ppm",
      "How many bumps press into the gel?",
      { "one", "two", "three", "four" },
      make_gelsight },
    { "gelsight_clip",
      "gelsight",
      "avi",
      "Which way does the bump slide?",
      { "to the right", "to the left", "down", "up" },
      make_gelsight_clip },
};

/* Sample `i` shows value i % 4; the choices stand in another order each time. */
static int make_sample(const char *dir, const struct example *e, int i, struct bf_buf *rows,
                       struct bf_err *err)
{
    struct bf_rng r = bf_rng_for(1, e->name, "example", (uint64_t)i);
    const int value = i % N_CHOICES, first = (int)bf_rng_below(&r, N_CHOICES);
    char path[64];
    struct bf_buf b = { 0 };
    /* A name that tells nothing of the value. */
    (void)snprintf(path, sizeof path, "media/%016llx.%s", (unsigned long long)bf_rng_next(&r),
                   e->ext);
    e->make(value, &r, &b);
    const int rc = file_write(dir, path, &b, err);
    bf_buf_done(&b);
    /* Its number keeps the questions from being near-duplicates of each other. */
    bf_buf_printf(
        rows, "{\"id\": \"%s_%02d\", \"task\": \"choice\", \"question\": \"Recording %d: %s\", ",
        e->name, i + 1, i + 1, e->question);
    for (int c = 0; c < N_CHOICES; c++)
        bf_buf_printf(rows, "%s\"%s\"", c ? ", " : "\"choices\": [",
                      e->values[(first + c) % N_CHOICES]);
    bf_buf_printf(rows,
                  "], \"answer\": \"%c\", \"category\": \"%s\", \"media\": [{\"modality\": "
                  "\"%s\", \"path\": \"%s\"}], \"licence\": \"CC0-1.0\"}\n",
                  'A' + (value - first + N_CHOICES) % N_CHOICES, e->name, e->modality, path);
    return rc;
}

static int make_example(const char *out, const struct example *e, struct bf_err *err)
{
    char dir[4096], media[4104];
    struct bf_buf rows = { 0 };
    const int n = snprintf(dir, sizeof dir, "%s/%s", out, e->name);
    if (n < 0 || (size_t)n >= sizeof dir)
        return bf_fail(err, BF_EIO, "'%s' is too long a path", out);
    (void)snprintf(media, sizeof media, "%s/media", dir); /* fits: 6 bytes more */
    int rc = bf_dir_make(media, err);
    for (int i = 0; i < N_SAMPLES && rc == BF_OK; i++)
        rc = make_sample(dir, e, i, &rows, err);
    if (rc == BF_OK)
        rc = file_write(dir, "pool.jsonl", &rows, err);
    bf_buf_done(&rows);
    return rc;
}

int main(int argc, char **argv)
{
    struct bf_err err;
    if (argc != 2) {
        fputs("usage: make_examples OUTDIR\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        if (make_example(argv[1], &examples[i], &err) != BF_OK) {
            fprintf(stderr, "make_examples: %s\n", err.msg);
            return 1;
        }
        printf("%d questions in %s/%s\n", N_SAMPLES, argv[1], examples[i].name);
    }
    return 0;
}
