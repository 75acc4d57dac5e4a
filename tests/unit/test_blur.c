/* Operator `blur` beside the Gaussian it stands for. */
#include <math.h>

#include "tests/operators.h"
#include "tests/test.h"

enum { W = 61, H = 47 };

/* The level at (x, y) seen through a Gaussian, worked out term by term; beyond the edge the
 * outermost pixel goes on. */
static double gaussian_at(const struct bf_raster *r, double sigma, int x, int y, int c)
{
    const int reach = (int)ceil(6 * sigma);
    double sum = 0, all = 0;
    for (int v = -reach; v <= reach; v++) {
        const double wv = exp(-v * (double)v / (2 * sigma * sigma));
        const int yy = y + v < 0 ? 0 : y + v >= r->h ? r->h - 1 : y + v;
        double line = 0, weights = 0;
        for (int u = -reach; u <= reach; u++) {
            const double wu = exp(-u * (double)u / (2 * sigma * sigma));
            const int xx = x + u < 0 ? 0 : x + u >= r->w ? r->w - 1 : x + u;
            line += wu * r->px[yy * r->stride + 3 * xx + c];
            weights += wu;
        }
        sum += wv * line / weights;
        all += wv;
    }
    return sum / all;
}

/* Hard cases: black and white dots; stripes as wide as the grid of a wide blur; a corner; ramps. */
static uint8_t level(int kind, int x, int y, int c, int w, int h, struct bf_rng *rng)
{
    if (kind == 0)
        return bf_rng_below(rng, 2) ? 255 : 0;
    if (kind == 1)
        return (x >> c) & 1 ? 255 : 0;
    if (kind == 2)
        return x < w / 3 && y < h / 4 ? 255 : 0;
    return (uint8_t)(7 * x + 3 * y + 80 * c);
}

static struct bf_media picture(int kind, int w, int h, struct bf_arena *a)
{
    struct bf_media m = test_raster(w, h, NULL, a);
    struct bf_rng rng = bf_rng_for(1, "blur", "test", (uint64_t)kind);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            for (int c = 0; c < 3; c++)
                m.raster.px[y * m.raster.stride + 3 * x + c] = level(kind, x, y, c, w, h, &rng);
    return m;
}

static double worst_of(const char *radius, const struct bf_media *in, int step, struct bf_arena *a)
{
    const char *const pairs[] = { "radius", radius, NULL };
    struct bf_media out;
    double worst = 0;
    CHECK_INT(test_apply("blur", pairs, in, 1, &out, a), BF_OK);
    CHECK_INT(out.raster.w, in->raster.w);
    CHECK_INT(out.raster.h, in->raster.h);
    for (int y = 0; y < in->raster.h; y += step)
        for (int x = 0; x < in->raster.w; x += step)
            for (int c = 0; c < 3; c++)
                worst = fmax(worst, fabs(gaussian_at(&in->raster, strtod(radius, NULL), x, y, c) -
                                         out.raster.px[y * out.raster.stride + 3 * x + c]));
    return worst;
}

/* Half a level is rounding; half a level is what the coarse grid of a wide blur may add. */
static void blur_is_a_gaussian(void)
{
    static const char *const radii[] = { "0.3", "0.7", "1", "2.5", "4.9", "5", "9", "10", "33" };
    for (size_t r = 0; r < sizeof radii / sizeof *radii; r++)
        for (int kind = 0; kind < 4; kind++) {
            struct bf_arena a = { 0 };
            const struct bf_media in = picture(kind, W, H, &a);
            const double worst = worst_of(radii[r], &in, r > 3 ? 5 : 2, &a);
            if (worst > 1.25)
                printf("# radius %s, picture %d: off by %.2f\n", radii[r], kind, worst);
            CHECK(worst <= 1.25);
            bf_arena_reset(&a);
        }
}

static void blur_holds_on_the_smallest_pictures(void)
{
    static const int sizes[][2] = { { 1, 1 }, { 1, 9 }, { 9, 1 }, { 2, 3 }, { 17, 16 } };
    static const char *const radii[] = { "1", "7", "15" };
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int r = 0; r < 3; r++) {
            struct bf_arena a = { 0 };
            const struct bf_media in = picture(0, sizes[s][0], sizes[s][1], &a);
            CHECK(worst_of(radii[r], &in, 1, &a) <= 1.25);
            bf_arena_reset(&a);
        }
}

static void a_flat_picture_stays_as_it_is(void)
{
    static const char *const radii[] = { "0.8", "3", "5", "20", "64", "333", "1000" };
    for (int level = 0; level < 256; level++) {
        const char *const pairs[] = { "radius", radii[level % 7], NULL };
        struct bf_arena a = { 0 };
        struct bf_media in = test_raster(5, 4, NULL, &a);
        struct bf_media out;
        for (int y = 0; y < 4; y++)
            memset(in.raster.px + y * in.raster.stride, level, 15);
        CHECK_INT(test_apply("blur", pairs, &in, 1, &out, &a), BF_OK);
        CHECK(test_same_media(&in, &out));
        bf_arena_reset(&a);
    }
}

static void severity_scales_the_radius(void)
{
    static const char *const none[] = { "severity", "0", NULL };
    static const char *const half[] = { "radius", "6", "severity", "0.5", NULL };
    static const char *const three[] = { "radius", "3", NULL };
    struct bf_arena a = { 0 };
    const struct bf_media in = picture(3, W, H, &a);
    struct bf_media x, y;
    CHECK_INT(test_apply("blur", none, &in, 1, &x, &a), BF_OK);
    CHECK(test_same_media(&in, &x));
    CHECK_INT(test_apply("blur", half, &in, 1, &x, &a), BF_OK);
    CHECK_INT(test_apply("blur", three, &in, 1, &y, &a), BF_OK);
    CHECK(test_same_media(&x, &y));
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(blur_is_a_gaussian), TEST(blur_holds_on_the_smallest_pictures),
          TEST(a_flat_picture_stays_as_it_is), TEST(severity_scales_the_radius))
