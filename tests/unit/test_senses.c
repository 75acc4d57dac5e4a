/* What a model without a sense is shown instead: sound as a picture and as numbers, a clip as one
 * picture, a trace with axes, measured values with words. */
#include <math.h>

#include "modalities/chart.h"
#include "modalities/cube.h"
#include "modalities/draw.h"
#include "modalities/film.h"
#include "modalities/readers/stb.h"
#include "modalities/spectrogram.h"
#include "modalities/raster.h"
#include "modalities/trace.h"
#include "probe/prompts/manner.h"
#include "tests/draw.h"
#include "tests/media.h"
#include "tests/operators.h"
#include "tests/test.h"

enum { RATE = 16000 };
enum { LEFT = 76, TOP = 34, PLOT_W = 640, PLOT_H = 256 }; /* of a spectrogram */

static float sound[4 * RATE];

static const uint8_t *pixel(const struct bf_raster *r, int x, int y)
{
    return r->px + y * r->stride + 3 * x;
}

static int brightness(const uint8_t *rgb)
{
    return rgb[0] + rgb[1] + rgb[2];
}

/* Where a frequency stands, by m = 2595 log10(1 + f / 700): 2840.02 at 8000 Hz. */
static int row_of(double hz)
{
    return TOP + PLOT_H - 1 - 2 * (int)(2595 * log10(1 + hz / 700) / 2840.023 * 128);
}

static void presented(enum bf_carrier carrier, const char *const *pairs, const struct bf_media *in,
                      struct bf_shown *out, struct bf_arena *a)
{
    const struct bf_modality *m = bf_modality_of(carrier);
    struct bf_err err = { 0 };
    CHECK_INT(m->present(test_options(&m->op, pairs, a), in, out, a, &err), BF_OK);
}

static void a_tone_stands_at_its_frequency_and_its_time(void)
{
    struct bf_arena a = { 0 };
    struct bf_raster r;
    memset(sound, 0, sizeof sound);
    draw_tone(sound + RATE, RATE, RATE, 1000, 1); /* the second second of two */
    const struct bf_wave w = { RATE, 1, 2 * RATE, sound };
    CHECK_INT(bf_wave_spectrogram(&w, 8000, &r, &a, NULL), BF_OK);
    const int later = LEFT + PLOT_W * 3 / 4, sooner = LEFT + PLOT_W / 4, y = row_of(1000);
    CHECK(brightness(pixel(&r, later, y)) > 640);            /* 0 dB: pale yellow */
    CHECK_INT(brightness(pixel(&r, sooner, y)), 5 + 5 + 30); /* -80 dB and less */
    for (int k = 0; k < PLOT_H; k++)
        CHECK(brightness(pixel(&r, later, TOP + k)) <= brightness(pixel(&r, later, y)));
    CHECK(brightness(pixel(&r, later, row_of(2000))) < 150);
    CHECK(brightness(pixel(&r, later, row_of(500))) < 150);
    bf_arena_reset(&a);
}

/* Half the amplitude is 6 dB less; two channels that cancel out are silence. */
static void levels_are_those_of_all_channels(void)
{
    struct bf_arena a = { 0 };
    struct bf_blob table;
    memset(sound, 0, sizeof sound);
    draw_tone(sound, RATE, RATE, 1000, 0.5);
    struct bf_wave w = { RATE, 1, RATE, sound };
    CHECK_INT(bf_wave_table(&w, 2, &table, &a, NULL), BF_OK);
    /* 1000 Hz is the 64th of bins of 15.625 Hz, in the octave from 707 to 1414 Hz. At both ends a
     * window looks beyond the sound: only the one in each span's middle is whole, so that the mean
     * over its 32 is a little less. */
    const char *text = bf_arena_strndup(&a, (const char *)table.bytes, table.n);
    CHECK_STR(table.mime, "text/csv");
    CHECK(strstr(text, "\ntime,all,peak,62.5,125,250,500,1000,2000,4000\n0.250,-6,1000,") != NULL);
    int levels[7], n = 0;
    const char *row = strstr(text, "\n0.250,");
    if (row)
        n = sscanf(row, "\n0.250,-6,1000,%d,%d,%d,%d,%d,%d,%d\n0.750,-6,1000,", &levels[0],
                   &levels[1], &levels[2], &levels[3], &levels[4], &levels[5], &levels[6]);
    CHECK_INT(n, 7);
    CHECK_INT(levels[4], -6);
    for (int i = 0; i < 7 && n == 7; i++)
        CHECK(i == 4 || levels[i] < -30);
    for (size_t i = 0; i < RATE; i++)
        sound[RATE + i] = -sound[i];
    w.n_ch = 2;
    CHECK_INT(bf_wave_table(&w, 1, &table, &a, NULL), BF_OK);
    text = bf_arena_strndup(&a, (const char *)table.bytes, table.n);
    CHECK(strstr(text, "\n0.500,-99,,-99,-99,-99,-99,-99,-99,-99\n") != NULL);
    bf_arena_reset(&a);
}

/* What does not change is not heard: it is no level, and it is no tone. */
static void an_offset_is_no_sound(void)
{
    struct bf_arena a = { 0 };
    struct bf_blob table;
    for (size_t i = 0; i < RATE; i++)
        sound[i] = 0.7f;
    const struct bf_wave w = { RATE, 1, RATE, sound };
    CHECK_INT(bf_wave_table(&w, 1, &table, &a, NULL), BF_OK);
    CHECK(strstr(bf_arena_strndup(&a, (const char *)table.bytes, table.n), "\n0.500,-99,,") !=
          NULL);
    bf_arena_reset(&a);
}

/* Of one sample and of any rate: a picture of the same size, a table of one row and more. */
static void every_sound_can_be_shown(void)
{
    static const double rates[] = { 1, 800, 8000, 44100, 192000 };
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        for (size_t n = 1; n <= 3000; n = n * 50 + 7) {
            struct bf_arena a = { 0 };
            struct bf_raster r = { 0 }, again = { 0 };
            struct bf_blob table = { 0 };
            const struct bf_wave w = { rates[i], 1, n, sound };
            CHECK_INT(bf_wave_spectrogram(&w, 8000, &r, &a, NULL), BF_OK);
            CHECK_INT(bf_wave_spectrogram(&w, 8000, &again, &a, NULL), BF_OK);
            CHECK(test_same_raster(&r, &again));
            CHECK_INT(r.w, 812);
            CHECK_INT(bf_wave_table(&w, 50, &table, &a, NULL), BF_OK);
            int n_lines = 0;
            for (size_t k = 0; k < table.n; k++)
                n_lines += table.bytes[k] == '\n';
            const double spans = floor((double)n / rates[i] / 0.02);
            CHECK_INT(n_lines, 2 + (spans < 1 ? 1 : spans > 50 ? 50 : (int)spans));
            bf_arena_reset(&a);
        }
}

/* Eight frames of 4:3: two columns would be 448 px wide, three 384 and so on. */
static void a_sheet_has_all_frames_in_reading_order(void)
{
    struct bf_arena a = { 0 };
    struct bf_raster r;
    struct bf_media m = test_clip(8, &a);
    for (int i = 0; i < 8; i++) {
        const uint8_t v = (uint8_t)(20 * i + 20);
        m.clip.frames[i] = test_raster(400, 300, NULL, &a).raster;
        bf_raster_fill(&m.clip.frames[i], (const uint8_t[]){ v, v, v });
    }
    CHECK_INT(bf_clip_sheet(&m.clip, 1536, &r, &a, NULL), BF_OK);
    CHECK_INT(r.w, 3 * 408 + 8); /* of those that need not shrink them the squarest */
    CHECK_INT(r.h, 3 * (300 + 20 + 8) + 8);
    for (int i = 0; i < 8; i++) {
        const int x = 8 + i % 3 * 408, y = 8 + i / 3 * 328;
        CHECK_INT(*pixel(&r, x, y + 20), 20 * i + 20);
        CHECK_INT(*pixel(&r, x + 399, y + 319), 20 * i + 20);
        int ink = 0;
        for (int k = 0; k < 20 * 72; k++)
            ink += *pixel(&r, x + k % 72, y + k / 72) == 0;
        CHECK(ink > 40); /* its time */
    }
    CHECK_INT(*pixel(&r, 8 + 2 * 408 + 5, 8 + 2 * 328 + 30), 255); /* the ninth place */
    CHECK_INT(bf_clip_sheet(&m.clip, 700, &r, &a, NULL), BF_OK);
    CHECK(r.w <= 700 && r.h <= 700 && r.w > 600);
    bf_arena_reset(&a);
}

static void a_sheet_of_one_pixel_frames_has_room_for_their_times(void)
{
    for (int n = 1; n <= 64; n += 21) {
        struct bf_arena a = { 0 };
        struct bf_raster r = { 0 };
        const struct bf_media m = test_clip(n, &a);
        CHECK_INT(bf_clip_sheet(&m.clip, 256, &r, &a, NULL), BF_OK);
        CHECK(r.w >= 8 + 70 && r.w < 1000 && r.h >= 8 + 21);
        bf_arena_reset(&a);
    }
}

static void ticks_stand_at_round_numbers(void)
{
    static const struct {
        double span;
        int most;
        double step;
    } steps[] = { { 10, 8, 2 },       { 8, 8, 1 },   { 0.3, 8, 0.05 },  { 7, 8, 1 },
                  { 64.8, 8, 10 },    { 1, 6, 0.2 }, { 6000, 6, 1000 }, { 1e-7, 8, 2e-8 },
                  { INFINITY, 8, 1 }, { 0, 8, 1 } };
    static const struct {
        double v, step;
        const char *text;
    } numbers[] = { { 0.15, 0.05, "0.15" }, { 2, 0.5, "2.0" },     { -1e-18, 0.2, "0.0" },
                    { -250, 50, "-250" },   { 2e7, 1e7, "2e+07" }, { 3e-9, 1e-9, "3e-09" } };
    char text[32];
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const double step = bf_chart_step(steps[i].span, steps[i].most);
        CHECK(fabs(step - steps[i].step) <= 1e-9 * steps[i].step);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        bf_chart_number(numbers[i].v, numbers[i].step, text, sizeof text);
        CHECK_STR(text, numbers[i].text);
    }
}

static void letters_of_units_are_known(void)
{
    struct bf_arena a = { 0 };
    struct bf_raster one = test_raster(120, 20, NULL, &a).raster;
    struct bf_raster other = test_raster(120, 20, NULL, &a).raster;
    CHECK_INT(bf_chart_width("m/s\xc2\xb2"), 3 * 12 + 10);
    CHECK_INT(bf_chart_text(&one, 0, 0,
                            "\xc2\xb0"
                            "C \xc2\xb5N",
                            bf_white),
              5 * 12);
    CHECK_INT(bf_chart_text(&other, 0, 0,
                            "\xe6\xbc\xa2"
                            "C \xc3\x28N",
                            bf_white),
              6 * 12); /* boxes */
    CHECK(!test_same_raster(&one, &other));
    CHECK_INT(bf_chart_text(&one, 100, 10, "beyond the edge", bf_white), 100 + 15 * 12);
    bf_arena_reset(&a);
}

/* A ramp from 0 to 10 over 10 s: its line goes from the lower left to the upper right corner, the
 * middle of the values is in the middle of the axis. */
static void a_chart_of_a_trace_is_to_scale(void)
{
    enum { N = 101, X0 = 96, X1 = 744, Y0 = 56, Y1 = 332 };
    static const char *const names[] = { "force" };
    struct bf_arena a = { 0 };
    struct bf_raster r;
    float v[N];
    for (int i = 0; i < N; i++)
        v[i] = (float)i / 10;
    const struct bf_trace t = { 10, 1, N, v, "N", names, NULL };
    CHECK_INT(bf_trace_chart(&t, &r, &a, NULL), BF_OK);
    CHECK_INT(brightness(pixel(&r, X0 + 1, Y0 + 1)), 765);
    CHECK(brightness(pixel(&r, (X0 + X1) / 2, (Y0 + Y1) / 2)) < 600);
    CHECK(brightness(pixel(&r, X1, Y0)) < 600);
    CHECK_INT(brightness(pixel(&r, X0 - 3, (Y0 + Y1) / 2)), 765); /* 5: ticks are steps of 2 */
    CHECK_INT(brightness(pixel(&r, X0 - 3, 222)), 450);           /* 4: 332 - 0.4 276 */
    bf_arena_reset(&a);
}

static void every_trace_can_be_drawn(void)
{
    static const float values[] = { 0, 1, -3e38f, 3e38f, 16777216, NAN, 1e-30f };
    enum { N_VALUES = sizeof values / sizeof *values, N_CH = 300 };
    float v[N_CH * N_VALUES];
    for (int i = 0; i < N_CH * N_VALUES; i++)
        v[i] = values[i % N_VALUES];
    for (int n_ch = 1; n_ch <= N_CH; n_ch += 299)
        for (size_t n = 1; n <= N_VALUES; n++) {
            struct bf_arena a = { 0 };
            struct bf_raster r = { 0 };
            const struct bf_trace t = { 1e-3, n_ch, n, v, "a unit of many, many words and signs",
                                        NULL, NULL };
            CHECK_INT(bf_trace_chart(&t, &r, &a, NULL), BF_OK);
            CHECK_INT(r.w, 768);
            bf_arena_reset(&a);
        }
}

static void what_levels_measure_is_said(void)
{
    struct bf_arena a = { 0 };
    struct bf_shown s;
    const struct bf_media m = test_raster(2, 2, NULL, &a);
    presented(BF_RASTER, NULL, &m, &s, &a);
    CHECK_INT(s.n_blobs, 1);
    presented(BF_RASTER, (const char *[]){ "black", "4000", "white", "500", "unit", "mm", NULL },
              &m, &s, &a);
    CHECK_INT(s.n_blobs, 2);
    CHECK_STR(s.blobs[0].mime, "text/plain");
    CHECK_STR((const char *)s.blobs[0].bytes,
              "measured values: black is 4000 mm, white is 500 mm, levels between are even steps; "
              "black is also what was not measured");
    CHECK_STR(s.blobs[1].mime, "image/png");
    presented(BF_RASTER, (const char *[]){ "white", "0.5", NULL }, &m, &s, &a);
    CHECK(strstr((const char *)s.blobs[0].bytes, ": black is 0, white is 0.5, levels") != NULL);
    bf_arena_reset(&a);
}

/* A panorama of 400 x 200 px whose quarters have a colour each, so that sides of 100 px do, too:
 * red ahead, green right, blue left, gray behind; white from 45 degrees up, black below. */
static void a_panorama_is_cut_into_what_lies_around(void)
{
    enum { W = 400, H = 200, PX = 100, CELL_W = PX + 8, CELL_H = PX + 28 };
    static const uint32_t want[] = { 0xff0000, 0x00ff00, 0x808080, 0x0000ff, 0xffffff, 0x000000 };
    struct bf_arena a = { 0 };
    struct bf_raster r;
    struct bf_media m = test_raster(W, H, NULL, &a);
    draw_fill(&m.raster, 0, 0, W, H, 0x808080);
    draw_fill(&m.raster, 50, 0, 100, H, 0x0000ff);
    draw_fill(&m.raster, 150, 0, 100, H, 0xff0000);
    draw_fill(&m.raster, 250, 0, 100, H, 0x00ff00);
    draw_fill(&m.raster, 0, 0, W, 50, 0xffffff);
    draw_fill(&m.raster, 0, 150, W, 50, 0x000000);
    draw_fill(&m.raster, 210, 90, 10, 10, 0xffff00); /* ahead, a little right and above */
    CHECK_INT(bf_raster_cube(&m.raster, &r, &a, NULL), BF_OK);
    CHECK_INT(r.w, 3 * CELL_W + 8);
    CHECK_INT(r.h, 2 * CELL_H + 8);
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 2; k++) { /* the middle, and near the left edge at half the height */
            const uint8_t *p =
                pixel(&r, 8 + i % 3 * CELL_W + (k ? 2 : PX / 2), 28 + i / 3 * CELL_H + PX / 2);
            const uint32_t got = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
            CHECK_INT(got, want[i]);
        }
    /* 215 is 13.5 degrees to the right: 50 (1 + tan) = 62; 95 is 4.5 degrees up: 46. */
    CHECK_INT(pixel(&r, 8 + 62, 28 + 46)[1], 255);
    CHECK_INT(pixel(&r, 8 + 37, 28 + 46)[1], 0);
    /* Of a strip nothing is above and below. */
    m = test_raster(W, 40, NULL, &a);
    draw_fill(&m.raster, 0, 0, W, 40, 0xffffff);
    CHECK_INT(bf_raster_cube(&m.raster, &r, &a, NULL), BF_OK);
    CHECK_INT(*pixel(&r, 8 + 50, 28 + 50), 255);
    CHECK_INT(*pixel(&r, 8 + 50, 28 + 5), 0);
    CHECK_INT(*pixel(&r, 8 + CELL_W + 50, 28 + CELL_H + 50), 0);
    for (int w = 1; w < 9; w++) { /* the smallest */
        m = test_raster(w, 1, NULL, &a);
        CHECK_INT(bf_raster_cube(&m.raster, &r, &a, NULL), BF_OK);
    }
    bf_arena_reset(&a);
}

static int ink_in(const struct bf_raster *r, int x, int y, int w, int h)
{
    int n = 0;
    for (int v = y; v < y + h; v++)
        for (int u = x; u < x + w; u++)
            n += *pixel(r, u, v) == 0;
    return n;
}

/* On a contact sheet, 160 x 120: small pictures are made larger, words are broken into lines. */
static void people_can_see_what_is_small(void)
{
    static const char *const texts[] = { "",
                                         "\n\n",
                                         "a",
                                         "one two three four five six",
                                         "awordthatislongerthananyoneline and one that is not",
                                         "\xe6\xbc\xa2 ~" };
    struct bf_arena a = { 0 };
    struct bf_raster r;
    struct bf_media m = test_raster(48, 20, NULL, &a);
    m.raster.px[m.raster.stride + 3] = 200; /* the second pixel of the second row */
    CHECK_INT(bf_draw_picture(&m.raster, 160, 120, &r, &a, NULL), BF_OK);
    CHECK_INT(r.w, 3 * 48);
    CHECK_INT(r.h, 3 * 20);
    CHECK_INT(*pixel(&r, 3, 3), 200);
    CHECK_INT(*pixel(&r, 5, 5), 200);
    CHECK_INT(*pixel(&r, 6, 5), 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CHECK_INT(bf_draw_words(texts[i], 160, 120, &r, &a, NULL), BF_OK);
        CHECK_INT(r.w, 160);
        CHECK_INT(ink_in(&r, 0, 0, 160, 120) > 0, texts[i][0] > ' ' || texts[i][0] < 0);
    }
    CHECK_INT(bf_draw_words("one two three four five six", 160, 120, &r, &a, NULL), BF_OK);
    CHECK(ink_in(&r, 0, 0, 160, 13) > 0 && ink_in(&r, 0, 13, 160, 10) > 0); /* 25 to a line */
    CHECK_INT(ink_in(&r, 3 + 19, 13, 100, 10), 0);
    bf_arena_reset(&a);
}

/* Whether a server that takes these is shown a modality, by what it goes out as. */
static void models_are_shown_what_they_take(void)
{
    static const struct {
        enum bf_carrier carrier;
        const char *present, *takes;
    } cases[] = { { BF_RASTER, "cube", "image" },      { BF_WAVE, "wav", "audio" },
                  { BF_WAVE, "spectrogram", "image" }, { BF_WAVE, "table", "text" },
                  { BF_CLIP, "sheet", "image" },       { BF_CLIP, "file", "video" },
                  { BF_TRACE, "plot", "image" },       { BF_TRACE, "sound", "audio" },
                  { BF_TRACE, "table", "text" } };
    const char *all[] = { "audio", "image", "video", "nothing" };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bf_arena a = { 0 };
        struct bf_spec spec = { .n_modalities = 1 };
        const struct bf_modality *m = bf_modality_of(cases[i].carrier);
        spec.modalities[0] = (struct bf_modality_use){ .name = "m", .base = m };
        spec.modalities[0].priv =
            test_options(&m->op, (const char *[]){ "present", cases[i].present, NULL }, &a);
        for (size_t k = 0; k < 4; k++) {
            const struct bf_manner manner = { .extra = "" };
            const struct bf_names one = { .n = 1, .v = &all[k] };
            const bool taken =
                strcmp(cases[i].takes, "text") == 0 || strcmp(cases[i].takes, all[k]) == 0;
            CHECK_INT(bf_manner_takes(&manner, &spec, &one) != 0, taken);
        }
        bf_arena_reset(&a);
    }
}

TEST_MAIN(TEST(a_tone_stands_at_its_frequency_and_its_time), TEST(levels_are_those_of_all_channels),
          TEST(an_offset_is_no_sound), TEST(every_sound_can_be_shown),
          TEST(a_sheet_has_all_frames_in_reading_order),
          TEST(a_sheet_of_one_pixel_frames_has_room_for_their_times),
          TEST(ticks_stand_at_round_numbers), TEST(letters_of_units_are_known),
          TEST(a_chart_of_a_trace_is_to_scale), TEST(every_trace_can_be_drawn),
          TEST(what_levels_measure_is_said), TEST(people_can_see_what_is_small),
          TEST(a_panorama_is_cut_into_what_lies_around), TEST(models_are_shown_what_they_take))
