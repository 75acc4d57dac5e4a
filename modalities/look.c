/* What one picture looks like: colours, edges, foreground, blobs, low frequencies. */
#include "modalities/look.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    S = BF_LOOK_SIDE,
    N_PIXELS = S * S,
    N_HUES = 12,
    FG_DISTANCE = 40,   /* levels, of 255, that make foreground */
    FLAT_DISTANCE = 24, /* levels between neighbours of even colour */
    MIN_BLOB = 10,      /* pixels: 0.25 % of the picture */
    MIN_FLAT = 4,
};

/* The picture channel by channel, so that loops over it run many pixels at a time. */
struct planes {
    uint8_t c[3][N_PIXELS];
};

static void split(const struct bf_raster *r, struct planes *out)
{
    for (int y = 0; y < S; y++) {
        const uint8_t *row = r->px + y * r->stride;
        for (int x = 0; x < S; x++)
            for (int c = 0; c < 3; c++)
                out->c[c][y * S + x] = row[3 * x + c];
    }
}

static int max_of(int a, int b)
{
    return a > b ? a : b;
}

static int min_of(int a, int b)
{
    return a < b ? a : b;
}

static int distance(const struct planes *p, int i, int k)
{
    int d = 0;
    for (int c = 0; c < 3; c++)
        d = max_of(d, abs(p->c[c][i] - p->c[c][k]));
    return d;
}

/* Where a colour stands: hue 0 .. 11 with weight saturation x value, in 1/255, the rest of its
 * weight with black, gray or white. */
static void color_class(int r, int g, int b, int *hue_out, int *weight_out, int *plain_out)
{
    const int max = max_of(r, max_of(g, b));
    const int d = max - min_of(r, min_of(g, b));
    const int sextant = max == r ? 0 : max == g ? 4 : 8;
    const int n = 4 * (max == r ? g - b : max == g ? b - r : r - g);
    /* floor(2 h + 1/2) with h = sextant / 2 + n / 4 d, n / 4 d in -1 .. 1 */
    const int step = (n >= -3 * d) + (n >= -d) + (n >= d) + (n >= 3 * d) - 2;
    const int hue = sextant + step;
    *hue_out = d == 0 ? 0 : hue < 0 ? hue + N_HUES : hue;
    *weight_out = d; /* s v = (max - min) / max * max */
    *plain_out = max < 70 ? N_HUES : max < 200 ? N_HUES + 1 : N_HUES + 2;
}

/* The same of every pixel. */
struct classes {
    uint8_t hue[N_PIXELS], weight[N_PIXELS], plain[N_PIXELS];
};

static void classify(const struct planes *p, struct classes *out)
{
    for (int i = 0; i < N_PIXELS; i++) {
        int hue, weight, plain;
        color_class(p->c[0][i], p->c[1][i], p->c[2][i], &hue, &weight, &plain);
        out->hue[i] = (uint8_t)hue;
        out->weight[i] = (uint8_t)weight;
        out->plain[i] = (uint8_t)plain;
    }
}

static void count_color(const struct classes *k, int i, uint32_t colors[BF_LOOK_COLORS])
{
    colors[k->hue[i]] += k->weight[i];
    colors[k->plain[i]] += 255u - k->weight[i];
}

static void share_out(const uint32_t colors[BF_LOOK_COLORS], int n, float out[BF_LOOK_COLORS])
{
    for (int i = 0; i < BF_LOOK_COLORS; i++)
        out[i] = n ? (float)sqrt(colors[i] / (255.0 * n)) : 0;
}

static void look_at_channel(const uint8_t *v, int c, struct bf_look *out)
{
    enum { G = BF_LOOK_GRID, CELL = S / G };
    uint32_t sum = 0, squares = 0;
    for (int i = 0; i < N_PIXELS; i++)
        squares += (uint32_t)v[i] * v[i]; /* at most 4096 * 255^2 */
    for (int cell = 0; cell < G * G; cell++) {
        uint32_t level = 0;
        for (int y = cell / G * CELL; y < (cell / G + 1) * CELL; y++)
            for (int x = cell % G * CELL; x < (cell % G + 1) * CELL; x++)
                level += v[y * S + x];
        out->grid[3 * cell + c] = (float)(level / (255.0 * CELL * CELL));
        sum += level;
    }
    const double mean = sum / (255.0 * N_PIXELS);
    out->mean[c] = (float)mean;
    out->std[c] = (float)sqrt(fmax(squares / (255.0 * 255.0 * N_PIXELS) - mean * mean, 0));
}

static void look_at_colors(const struct planes *p, const struct classes *k, struct bf_look *out)
{
    uint32_t colors[BF_LOOK_COLORS] = { 0 };
    for (int i = 0; i < N_PIXELS; i++)
        count_color(k, i, colors);
    share_out(colors, N_PIXELS, out->colors);
    for (int c = 0; c < 3; c++)
        look_at_channel(p->c[c], c, out);
}

/* In 1/1000 of a level; Rec. 601. */
static int luminance(int r, int g, int b)
{
    return 299 * r + 587 * g + 114 * b;
}

/* Of a gradient, its length and its orientation in eighths of half a turn, the first about 0; an
 * edge and its mirror are one. */
static void orient(double gx, double gy, double *size_out, int *eighth_out)
{
    /* tan of 1/2, 3/2, 5/2, 7/2 eighths */
    static const double bounds[] = { 0.19891236737965801, 0.66817863791929890, 1.49660576266548900,
                                     5.02733949212584790 };
    const double u = fabs(gx), v = fabs(gy);
    const int k =
        (v >= u * bounds[0]) + (v >= u * bounds[1]) + (v >= u * bounds[2]) + (v >= u * bounds[3]);
    *size_out = sqrt(gx * gx + gy * gy);
    *eighth_out = gx * gy >= 0 ? k : BF_LOOK_EDGES - k; /* 8 is 0 again */
}

static void look_at_edges(const struct planes *p, struct bf_look *out)
{
    int light[N_PIXELS];
    double share[BF_LOOK_EDGES + 1] = { 0 };
    double total = 0;
    for (int i = 0; i < N_PIXELS; i++)
        light[i] = luminance(p->c[0][i], p->c[1][i], p->c[2][i]);
    for (int y = 1; y < S - 1; y++) {
        double size[S];
        int eighth[S];
        const int *l = light + y * S;
        for (int x = 1; x < S - 1; x++)
            orient(l[x + 1] - l[x - 1], l[x + S] - l[x - S], &size[x], &eighth[x]);
        for (int x = 1; x < S - 1; x++) {
            share[eighth[x]] += size[x];
            total += size[x];
        }
    }
    share[0] += share[BF_LOOK_EDGES];
    for (int k = 0; k < BF_LOOK_EDGES; k++)
        out->edges[k] = total > 0 ? (float)(share[k] / total) : 0;
    out->edge_density = (float)(total / 1000 / ((S - 2) * (S - 2)) / 64);
}

/* The median of a channel along the border: one thing that touches it does not matter. */
static uint8_t border_level(const uint8_t *v)
{
    uint32_t count[256] = { 0 };
    for (int i = 0; i < S; i++) {
        count[v[i]]++;
        count[v[(S - 1) * S + i]]++;
        count[v[i * S]]++;
        count[v[i * S + S - 1]]++;
    }
    int level = 0;
    for (uint32_t below = count[0]; below <= 2 * S; below += count[level])
        level++;
    return (uint8_t)level;
}

/* A connected piece: its pixels are piece[0 .. n - 1]. */
struct piece {
    int n;
    uint16_t i[N_PIXELS];
};

/* A mask with a border of pixels that are never in it. */
enum { W = S + 2 };
struct mask {
    bool in[W * W];
};

static bool *mask_at(struct mask *m, int i)
{
    return &m->in[(i / S + 1) * W + i % S + 1];
}

/* The piece that holds pixel `start`; its pixels are taken out of `mask`. Neighbours to all eight
 * sides belong when they are in the mask, and, when `p` is given, of nearly the same colour. */
static void grow(struct mask *mask, int start, const struct planes *p, struct piece *piece)
{
    static const int dx[] = { -1, 0, 1, -1, 1, -1, 0, 1 }, dy[] = { -1, -1, -1, 0, 0, 1, 1, 1 };
    piece->n = 1;
    piece->i[0] = (uint16_t)start;
    *mask_at(mask, start) = false;
    for (int done = 0; done < piece->n; done++) {
        const int i = piece->i[done];
        bool *in = mask_at(mask, i);
        for (int k = 0; k < 8; k++) {
            const int next = i + dy[k] * S + dx[k];
            bool *there = in + dy[k] * W + dx[k];
            if (!*there || (p && distance(p, next, i) > FLAT_DISTANCE))
                continue;
            *there = false;
            piece->i[piece->n++] = (uint16_t)next;
        }
    }
}

static void look_at_shape(const struct piece *p, struct bf_look *out)
{
    int x0 = S, y0 = S, x1 = -1, y1 = -1;
    double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
    for (int k = 0; k < p->n; k++) {
        const int x = p->i[k] % S;
        const int y = p->i[k] / S;
        x0 = x < x0 ? x : x0;
        x1 = x > x1 ? x : x1;
        y0 = y < y0 ? y : y0;
        y1 = y > y1 ? y : y1;
        sx += x;
        sy += y;
        sxx += x * x;
        syy += y * y;
        sxy += x * y;
    }
    const double n = p->n;
    const double cxx = sxx / n - sx / n * (sx / n);
    const double cyy = syy / n - sy / n * (sy / n);
    const double cxy = sxy / n - sx / n * (sy / n);
    const double mid = (cxx + cyy) / 2;
    const double half = sqrt(fmax((cxx - cyy) * (cxx - cyy) / 4 + cxy * cxy, 0));
    out->eccentricity = mid + half > 0 ? (float)sqrt(fmax(1 - (mid - half) / (mid + half), 0)) : 0;
    out->fill = (float)(n / ((x1 - x0 + 1) * (y1 - y0 + 1)));
    out->x = (float)((x0 + x1 + 1) / 2.0 / S);
    out->y = (float)((y0 + y1 + 1) / 2.0 / S);
    out->w = (float)(x1 - x0 + 1) / S;
    out->h = (float)(y1 - y0 + 1) / S;
    out->area = (float)(n / N_PIXELS);
}

/* The mean colour of a piece, as one of the classes. */
static int piece_color(const struct planes *p, const struct piece *piece)
{
    int mean[3];
    int hue, weight, plain;
    for (int c = 0; c < 3; c++) {
        int sum = 0;
        for (int k = 0; k < piece->n; k++)
            sum += p->c[c][piece->i[k]];
        mean[c] = sum / piece->n;
    }
    color_class(mean[0], mean[1], mean[2], &hue, &weight, &plain);
    return weight > 51 ? hue : plain; /* a fifth */
}

/* Pixels that none of their four neighbours differs from: the inside of a drawn thing, without the
 * mixed colours of its rim. */
static void find_even(const struct planes *p, bool even[N_PIXELS])
{
    bool right[N_PIXELS], below[N_PIXELS]; /* whether the neighbour there is of even colour */
    for (int i = 0; i < N_PIXELS - 1; i++)
        right[i] = distance(p, i, i + 1) <= FLAT_DISTANCE;
    for (int i = 0; i < N_PIXELS - S; i++)
        below[i] = distance(p, i, i + S) <= FLAT_DISTANCE;
    for (int i = 0; i < N_PIXELS; i++) {
        const int x = i % S, y = i / S;
        even[i] = (x == 0 || right[i - 1]) && (x == S - 1 || right[i]) &&
                  (y == 0 || below[i - S]) && (y == S - 1 || below[i]);
    }
}

/* What differs from the border's colour. */
static void find_foreground(const struct planes *p, bool out[N_PIXELS])
{
    uint8_t border[3];
    for (int c = 0; c < 3; c++)
        border[c] = border_level(p->c[c]);
    for (int i = 0; i < N_PIXELS; i++) {
        int d = 0;
        for (int c = 0; c < 3; c++)
            d = max_of(d, abs(p->c[c][i] - border[c]));
        out[i] = d > FG_DISTANCE;
    }
}

static void look_at_pieces(const struct planes *p, struct mask *blobs, struct mask *flats,
                           struct bf_look *out)
{
    struct piece piece;
    int largest = 0;
    for (int i = 0; i < N_PIXELS; i++) {
        if (*mask_at(blobs, i)) {
            grow(blobs, i, NULL, &piece);
            out->n_blobs += piece.n >= MIN_BLOB;
            if (piece.n >= MIN_BLOB && piece.n > largest) {
                largest = piece.n;
                look_at_shape(&piece, out);
            }
        }
        if (*mask_at(flats, i)) {
            grow(flats, i, p, &piece);
            out->n_flats += piece.n >= MIN_FLAT;
            if (piece.n >= MIN_FLAT)
                out->flat_colors[piece_color(p, &piece)] += 0.25f;
        }
    }
}

static void look_at_foreground(const struct planes *p, const struct classes *k, struct bf_look *out)
{
    bool fg[N_PIXELS], even[N_PIXELS];
    struct mask blobs = { 0 }, flats = { 0 };
    uint32_t colors[BF_LOOK_COLORS] = { 0 };
    int n = 0, sx = 0, sy = 0;
    find_foreground(p, fg);
    find_even(p, even);
    for (int i = 0; i < N_PIXELS; i++) {
        if (!fg[i])
            continue;
        *mask_at(&blobs, i) = true;
        *mask_at(&flats, i) = even[i];
        count_color(k, i, colors);
        sx += i % S;
        sy += i / S;
        n++;
    }
    share_out(colors, n, out->fg_colors);
    out->fg_share = (float)n / N_PIXELS;
    out->fg_x = n ? (float)(((double)sx / n + 0.5) / S) : 0.5f;
    out->fg_y = n ? (float)(((double)sy / n + 0.5) / S) : 0.5f;
    look_at_pieces(p, &blobs, &flats, out);
}

void bf_look_at(const struct bf_raster *small, struct bf_look *out)
{
    struct planes p;
    struct classes k;
    *out = (struct bf_look){ 0 };
    split(small, &p);
    classify(&p, &k);
    look_at_colors(&p, &k, out);
    look_at_edges(&p, out);
    look_at_foreground(&p, &k, out);
}

void bf_look_dct(const struct bf_raster *small, double out[BF_LOOK_DCT * BF_LOOK_DCT])
{
    enum { N = 32, D = BF_LOOK_DCT };
    const double pi = 3.14159265358979323846;
    double wave[2 * N + 1]; /* half a wave; cos is even, and of period 4 N steps */
    double cosine[N][D];
    double rows[N][D] = { { 0 } };
    for (int i = 0; i <= 2 * N; i++)
        wave[i] = cos(pi * i / (2 * N));
    for (int k = 0; k < D; k++)
        for (int i = 0; i < N; i++) {
            const int turn = k * (2 * i + 1) % (4 * N);
            cosine[i][k] = wave[turn <= 2 * N ? turn : 4 * N - turn] * sqrt((k ? 2.0 : 1.0) / N);
        }
    for (int y = 0; y < N; y++) {
        const uint8_t *a = small->px + 2 * y * small->stride, *b = a + small->stride;
        for (int x = 0; x < N; x++, a += 6, b += 6) {
            const int four = luminance(a[0] + a[3] + b[0] + b[3], a[1] + a[4] + b[1] + b[4],
                                       a[2] + a[5] + b[2] + b[5]);
            const double v = four / 4000.0;
            for (int k = 0; k < D; k++)
                rows[y][k] += v * cosine[x][k];
        }
    }
    for (int j = 0; j < D; j++) {
        for (int k = 0; k < D; k++) {
            double sum = 0;
            for (int y = 0; y < N; y++)
                sum += rows[y][k] * cosine[y][j];
            out[j * D + k] = sum / N;
        }
    }
}

static int by_value(const void *x, const void *y)
{
    const double a = *(const double *)x;
    const double b = *(const double *)y;
    return (a > b) - (a < b);
}

uint64_t bf_look_hash(const double dct[BF_LOOK_DCT * BF_LOOK_DCT])
{
    enum { N = BF_LOOK_DCT * BF_LOOK_DCT };
    double v[N - 1];
    uint64_t bits = 0;
    memcpy(v, dct + 1, sizeof v);
    qsort(v, N - 1, sizeof *v, by_value);
    /* Of a flat picture only rounding is left, which must not decide. */
    const double median = v[(N - 1) / 2];
    for (int i = 0; i < N; i++)
        bits |= (uint64_t)(dct[i] > median + 1e-6) << i;
    return bits;
}
