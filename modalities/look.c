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

static const uint8_t *at(const struct bf_raster *r, int i)
{
    return r->px + (i / S) * r->stride + 3 * (i % S);
}

static int distance(const uint8_t *a, const uint8_t *b)
{
    int d = 0;
    for (int c = 0; c < 3; c++) {
        int k = abs(a[c] - b[c]);
        d = k > d ? k : d;
    }
    return d;
}

/* Where a colour stands: hue 0 .. 11 with weight saturation x value, the rest of its weight
 * with black, gray or white. */
static void color_class(const uint8_t *p, int *hue_out, double *weight_out, int *plain_out)
{
    const int max = p[0] > p[1] ? (p[0] > p[2] ? p[0] : p[2]) : (p[1] > p[2] ? p[1] : p[2]);
    const int min = p[0] < p[1] ? (p[0] < p[2] ? p[0] : p[2]) : (p[1] < p[2] ? p[1] : p[2]);
    double h = 0;
    if (max > min) {
        const double d = max - min;
        h = max == p[0]   ? (p[1] - p[2]) / d
            : max == p[1] ? 2 + (p[2] - p[0]) / d
                          : 4 + (p[0] - p[1]) / d;
    }
    *hue_out = ((int)floor(h * 2 + 0.5) + N_HUES) % N_HUES;
    *weight_out = (max - min) / 255.0; /* s v = (max - min) / max * max */
    *plain_out = max < 70 ? N_HUES : max < 200 ? N_HUES + 1 : N_HUES + 2;
}

static void count_color(const uint8_t *p, double colors[BF_LOOK_COLORS])
{
    int hue, plain;
    double weight;
    color_class(p, &hue, &weight, &plain);
    colors[hue] += weight;
    colors[plain] += 1 - weight;
}

static void share_out(const double colors[BF_LOOK_COLORS], int n, float out[BF_LOOK_COLORS])
{
    for (int i = 0; i < BF_LOOK_COLORS; i++)
        out[i] = n ? (float)sqrt(colors[i] / n) : 0;
}

static void look_at_colors(const struct bf_raster *r, struct bf_look *out)
{
    enum { CELL = S / BF_LOOK_GRID };
    double colors[BF_LOOK_COLORS] = { 0 };
    double sum[3] = { 0 };
    double squares[3] = { 0 };
    double grid[BF_LOOK_GRID * BF_LOOK_GRID * 3] = { 0 };
    for (int i = 0; i < N_PIXELS; i++) {
        const uint8_t *p = at(r, i);
        const int cell = i / S / CELL * BF_LOOK_GRID + i % S / CELL;
        count_color(p, colors);
        for (int c = 0; c < 3; c++) {
            const double v = p[c] / 255.0;
            sum[c] += v;
            squares[c] += v * v;
            grid[3 * cell + c] += v;
        }
    }
    share_out(colors, N_PIXELS, out->colors);
    for (int c = 0; c < 3; c++) {
        const double mean = sum[c] / N_PIXELS;
        out->mean[c] = (float)mean;
        out->std[c] = (float)sqrt(fmax(squares[c] / N_PIXELS - mean * mean, 0));
    }
    for (int i = 0; i < BF_LOOK_GRID * BF_LOOK_GRID * 3; i++)
        out->grid[i] = (float)(grid[i] / (CELL * CELL));
}

static double luminance(const uint8_t *p)
{
    return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]; /* Rec. 601 */
}

static void look_at_edges(const struct bf_raster *r, struct bf_look *out)
{
    const double pi = 3.14159265358979323846;
    double share[BF_LOOK_EDGES] = { 0 };
    double total = 0;
    for (int y = 1; y < S - 1; y++) {
        for (int x = 1; x < S - 1; x++) {
            const int i = y * S + x;
            const double gx = luminance(at(r, i + 1)) - luminance(at(r, i - 1));
            const double gy = luminance(at(r, i + S)) - luminance(at(r, i - S));
            const double size = sqrt(gx * gx + gy * gy);
            if (size <= 0)
                continue;
            double turn = atan2(gy, gx) / pi; /* -1 .. 1; an edge and its mirror are one */
            turn -= floor(turn);
            share[(int)(turn * BF_LOOK_EDGES + 0.5) % BF_LOOK_EDGES] += size;
            total += size;
        }
    }
    for (int k = 0; k < BF_LOOK_EDGES; k++)
        out->edges[k] = total > 0 ? (float)(share[k] / total) : 0;
    out->edge_density = (float)(total / ((S - 2) * (S - 2)) / 64);
}

static int by_level(const void *x, const void *y)
{
    return *(const uint8_t *)x - *(const uint8_t *)y;
}

/* The median of each channel along the border: one thing that touches it does not matter. */
static void border_color(const struct bf_raster *r, uint8_t rgb[3])
{
    uint8_t v[4 * S];
    for (int c = 0; c < 3; c++) {
        for (int i = 0; i < S; i++) {
            v[i] = at(r, i)[c];
            v[S + i] = at(r, (S - 1) * S + i)[c];
            v[2 * S + i] = at(r, i * S)[c];
            v[3 * S + i] = at(r, i * S + S - 1)[c];
        }
        qsort(v, sizeof v, 1, by_level);
        rgb[c] = v[sizeof v / 2];
    }
}

/* A connected piece: its pixels are piece[0 .. n - 1]. */
struct piece {
    int n;
    uint16_t i[N_PIXELS];
};

/* The piece that holds pixel `start`; its pixels are taken out of `mask`. Neighbours to all eight
 * sides belong when they are in the mask, and, when `r` is given, of nearly the same colour. */
static void grow(bool mask[N_PIXELS], int start, const struct bf_raster *r, struct piece *p)
{
    p->n = 1;
    p->i[0] = (uint16_t)start;
    mask[start] = false;
    for (int done = 0; done < p->n; done++) {
        const int x = p->i[done] % S;
        const int y = p->i[done] / S;
        for (int v = y - 1; v <= y + 1; v++) {
            for (int u = x - 1; u <= x + 1; u++) {
                if (u < 0 || v < 0 || u >= S || v >= S || !mask[v * S + u])
                    continue;
                if (r && distance(at(r, v * S + u), at(r, y * S + x)) > FLAT_DISTANCE)
                    continue;
                mask[v * S + u] = false;
                p->i[p->n++] = (uint16_t)(v * S + u);
            }
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
static int piece_color(const struct bf_raster *r, const struct piece *p)
{
    int sum[3] = { 0 };
    uint8_t mean[3];
    int hue, plain;
    double weight;
    for (int k = 0; k < p->n; k++)
        for (int c = 0; c < 3; c++)
            sum[c] += at(r, p->i[k])[c];
    for (int c = 0; c < 3; c++)
        mean[c] = (uint8_t)(sum[c] / p->n);
    color_class(mean, &hue, &weight, &plain);
    return weight > 0.2 ? hue : plain;
}

/* Pixels that none of their four neighbours differs from: the inside of a drawn thing, without the
 * mixed colours of its rim. */
static bool is_even(const struct bf_raster *r, int i)
{
    const int x = i % S;
    const int y = i / S;
    return (x == 0 || distance(at(r, i), at(r, i - 1)) <= FLAT_DISTANCE) &&
           (x == S - 1 || distance(at(r, i), at(r, i + 1)) <= FLAT_DISTANCE) &&
           (y == 0 || distance(at(r, i), at(r, i - S)) <= FLAT_DISTANCE) &&
           (y == S - 1 || distance(at(r, i), at(r, i + S)) <= FLAT_DISTANCE);
}

static void look_at_foreground(const struct bf_raster *r, struct bf_look *out)
{
    bool blobs[N_PIXELS];
    bool flats[N_PIXELS];
    double colors[BF_LOOK_COLORS] = { 0 };
    uint8_t border[3];
    int n = 0;
    double sx = 0;
    double sy = 0;
    border_color(r, border);
    for (int i = 0; i < N_PIXELS; i++) {
        blobs[i] = distance(at(r, i), border) > FG_DISTANCE;
        flats[i] = blobs[i] && is_even(r, i);
        if (!blobs[i])
            continue;
        count_color(at(r, i), colors);
        sx += i % S + 0.5;
        sy += i / S + 0.5;
        n++;
    }
    share_out(colors, n, out->fg_colors);
    out->fg_share = (float)n / N_PIXELS;
    out->fg_x = n ? (float)(sx / n / S) : 0.5f;
    out->fg_y = n ? (float)(sy / n / S) : 0.5f;

    struct piece p;
    int largest = 0;
    for (int i = 0; i < N_PIXELS; i++) {
        if (blobs[i]) {
            grow(blobs, i, NULL, &p);
            out->n_blobs += p.n >= MIN_BLOB;
            if (p.n >= MIN_BLOB && p.n > largest) {
                largest = p.n;
                look_at_shape(&p, out);
            }
        }
        if (flats[i]) {
            grow(flats, i, r, &p);
            out->n_flats += p.n >= MIN_FLAT;
            if (p.n >= MIN_FLAT)
                out->flat_colors[piece_color(r, &p)] += 0.25f;
        }
    }
}

void bf_look_at(const struct bf_raster *small, struct bf_look *out)
{
    *out = (struct bf_look){ 0 };
    look_at_colors(small, out);
    look_at_edges(small, out);
    look_at_foreground(small, out);
}

void bf_look_dct(const struct bf_raster *small, double out[BF_LOOK_DCT * BF_LOOK_DCT])
{
    enum { N = 32, D = BF_LOOK_DCT };
    const double pi = 3.14159265358979323846;
    double cosine[D][N];
    double rows[N][D] = { { 0 } };
    for (int k = 0; k < D; k++)
        for (int i = 0; i < N; i++)
            cosine[k][i] = cos(pi * k * (2 * i + 1) / (2 * N)) * sqrt((k ? 2.0 : 1.0) / N);
    for (int y = 0; y < N; y++) {
        for (int x = 0; x < N; x++) {
            const int i = 2 * y * S + 2 * x;
            const double v = (luminance(at(small, i)) + luminance(at(small, i + 1)) +
                              luminance(at(small, i + S)) + luminance(at(small, i + S + 1))) /
                             4;
            for (int k = 0; k < D; k++)
                rows[y][k] += v * cosine[k][x];
        }
    }
    for (int j = 0; j < D; j++) {
        for (int k = 0; k < D; k++) {
            double sum = 0;
            for (int y = 0; y < N; y++)
                sum += rows[y][k] * cosine[j][y];
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
