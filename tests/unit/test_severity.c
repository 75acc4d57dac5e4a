/* What all operators with a strength have in common, and what those that draw at random share. */
#include <math.h>

#include "core/readings.h"
#include "tests/draw.h"
#include "tests/operators.h"
#include "tests/test.h"

enum { SIDE = 48, N_FRAMES = 8, N_STEPS = 4000, N_CH = 4 };

static struct bf_raster scene(int at, struct bf_arena *a)
{
    struct bf_raster r = test_raster(SIDE, SIDE, NULL, a).raster;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            for (int c = 0; c < 3; c++)
                r.px[y * r.stride + 3 * x + c] =
                    (uint8_t)(90 + 2 * x + (c + 1) * y / 2 + 40 * sin(x * 0.7 + y * 0.3 + at));
    return r;
}

static struct bf_media input(enum bf_carrier carrier, struct bf_arena *a)
{
    struct bf_media m = { .carrier = carrier };
    if (carrier == BF_TEXT)
        m.text = "what is the colour of the ball that rolls under the old table in the hall";
    if (carrier == BF_RASTER)
        m.raster = scene(0, a);
    if (carrier == BF_CLIP) {
        m = test_clip(N_FRAMES, a);
        for (int i = 0; i < N_FRAMES; i++)
            m.clip.frames[i] = scene(i, a);
    }
    float *v = bf_arena_alloc(a, N_STEPS * N_CH, sizeof *v);
    struct bf_rng rng = bf_rng_for(3, "severity", "test", 0);
    for (int ch = 0; v && ch < N_CH; ch++)
        for (int i = 0; i < N_STEPS; i++)
            v[ch * N_STEPS + i] = (float)(0.3 * sin(i * 0.02 * (ch + 1)) * (1 + i % 700 / 700.0) +
                                          0.1 * bf_rng_unit(&rng));
    if (carrier == BF_WAVE)
        m.wave = (struct bf_wave){ 8000, N_CH, N_STEPS, v };
    if (carrier == BF_TRACE)
        m.trace = (struct bf_trace){ 1000, N_CH, N_STEPS, v, "N", NULL, NULL };
    return m;
}

static double raster_distance(const struct bf_raster *x, const struct bf_raster *y)
{
    double sum = 0;
    for (int v = 0; v < SIDE; v++)
        for (int i = 0; i < 3 * SIDE; i++)
            sum += abs(x->px[v * x->stride + i] - y->px[v * y->stride + i]);
    return sum;
}

/* Of media of the same shape. */
static double distance(const struct bf_media *x, const struct bf_media *y)
{
    double sum = 0;
    if (x->carrier == BF_RASTER)
        return raster_distance(&x->raster, &y->raster);
    for (int i = 0; x->carrier == BF_CLIP && i < N_FRAMES; i++)
        sum += raster_distance(&x->clip.frames[i], &y->clip.frames[i]);
    const float *v = x->carrier == BF_WAVE ? x->wave.v : x->trace.v;
    const float *w = x->carrier == BF_WAVE ? y->wave.v : y->trace.v;
    for (int i = 0; (x->carrier == BF_WAVE || x->carrier == BF_TRACE) && i < N_STEPS * N_CH; i++)
        sum += fabs((double)v[i] - (double)w[i]);
    for (size_t i = 0; x->carrier == BF_TEXT && x->text[i] && y->text[i]; i++)
        sum += x->text[i] != y->text[i];
    return sum;
}

/* Mean over draws, since where a random operator strikes is another matter. */
static double effect(const struct bf_operator *op, const char *severity, const struct bf_media *in)
{
    static const char *const size[] = { "size", "original" };
    enum { N_DRAWS = 12 };
    const bool sized = bf_opt_find(op->op.opts, "size") != NULL;
    const char *const pairs[] = { "severity", severity, sized ? size[0] : NULL, size[1], NULL };
    double sum = 0;
    for (uint64_t seed = 1; seed <= (op->random ? N_DRAWS : 1); seed++) {
        struct bf_arena a = { 0 };
        struct bf_media out;
        CHECK_INT(test_apply(op->op.name, pairs, in, seed, &out, &a), BF_OK);
        if (strcmp(severity, "0") == 0)
            CHECK(test_same_media(in, &out));
        sum += distance(in, &out) / (double)(op->random ? N_DRAWS : 1);
        bf_arena_reset(&a);
    }
    return sum;
}

static void severity_goes_from_nothing_to_all(void)
{
    static const char *const levels[] = { "0", "0.1", "0.4", "0.7", "1" };
    int n = 0;
    for (size_t i = 0; bf_operators[i]; i++)
        for (int c = BF_TEXT; c < BF_CARRIER_COUNT; c++) {
            const struct bf_operator *op = bf_operators[i];
            if (!bf_opt_find(op->op.opts, "severity") || !(op->carriers & BF_BIT(c)))
                continue;
            struct bf_arena a = { 0 };
            const struct bf_media in = input((enum bf_carrier)c, &a);
            /* What repeats fits again when it is shifted far enough. */
            const bool grows = op != test_operator("shift");
            double before = 0;
            for (int k = 0; k < 5; k++) {
                const double now = effect(op, levels[k], &in);
                if (grows && now < 0.93 * before)
                    printf("# %s of a %s: %g at severity %s, %g before\n", op->op.name,
                           bf_carrier_name((enum bf_carrier)c), now, levels[k], before);
                CHECK(!grows || now >= 0.93 * before);
                before = now;
            }
            if (!(before > 0))
                printf("# %s of a %s does nothing\n", op->op.name,
                       bf_carrier_name((enum bf_carrier)c));
            CHECK(before > 0);
            n++;
            bf_arena_reset(&a);
        }
    CHECK(n >= 25);
}

static void the_same_seed_makes_the_same(void)
{
    for (size_t i = 0; bf_operators[i]; i++)
        for (int c = BF_TEXT; c < BF_CARRIER_COUNT; c++) {
            const struct bf_operator *op = bf_operators[i];
            if (!op->apply || !(op->carriers & BF_BIT(c)))
                continue;
            struct bf_arena a = { 0 };
            const struct bf_media in = input((enum bf_carrier)c, &a);
            struct bf_media copy = input((enum bf_carrier)c, &a), x, y;
            CHECK_INT(test_apply(op->op.name, NULL, &in, 5, &x, &a), BF_OK);
            CHECK(test_same_media(&in, &copy)); /* the input is untouched */
            CHECK_INT(test_apply(op->op.name, NULL, &copy, 5, &y, &a), BF_OK);
            CHECK(test_same_media(&x, &y));
            bf_arena_reset(&a);
        }
}

/* What is shifted in a sample is shifted by the same time; noise is another one in each part. */
static void parts_are_shifted_together(void)
{
    struct bf_spec spec = { .seed = 3 };
    struct bf_pool pool = { 0 };
    struct bf_file file = { 0 };
    const struct bf_sample s = { .id = "a" }, t = { .id = "b" };
    const struct bf_part parts[] = { { .modality = 0, .number = 1, .file = &file },
                                     { .modality = 2, .number = 1, .file = &file },
                                     { .modality = 2, .number = 2, .file = &file } };
    const struct bf_replace shift = { .op = test_operator("shift") };
    const struct bf_replace noise = { .op = test_operator("noise") };
    const uint64_t first = bf_apply_for(&spec, &pool, &s, &parts[0], &shift).rng.s;
    for (int p = 1; p < 3; p++) {
        CHECK(bf_apply_for(&spec, &pool, &s, &parts[p], &shift).rng.s == first);
        CHECK(bf_apply_for(&spec, &pool, &t, &parts[p], &shift).rng.s != first);
        CHECK(bf_apply_for(&spec, &pool, &s, &parts[0], &noise).rng.s !=
              bf_apply_for(&spec, &pool, &s, &parts[p], &noise).rng.s);
    }
}

TEST_MAIN(TEST(severity_goes_from_nothing_to_all), TEST(the_same_seed_makes_the_same),
          TEST(parts_are_shifted_together))
