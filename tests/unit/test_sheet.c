/* The contact sheet. */
#include "core/sheet.h"
#include "tests/test.h"

static const uint8_t *at(const struct bf_raster *r, int x, int y)
{
    return r->px + y * r->stride + 3 * x;
}

/* Cells are 166 x 146: a gap of 6, two lines of 10 for the names, the picture. */
static void tiles_stand_row_by_row(void)
{
    static uint8_t red[10 * 4 * 3];
    struct bf_arena a = { 0 };
    struct bf_raster sheet;
    struct bf_tile tiles[3] = { { "full", "image.1", { 0 } },
                                { "blind", "image.1", { 0 } },
                                { "noise_0.5", "image.1", { 0 } } };
    for (int i = 0; i < 40; i++)
        red[3 * i] = 255;
    tiles[0].picture = (struct bf_raster){ .w = 10, .h = 4, .stride = 30, .px = red };
    CHECK_INT(bf_sheet_draw(tiles, 3, &sheet, &a, NULL), BF_OK);
    CHECK_INT(sheet.w, 2 * 166 + 6);
    CHECK_INT(sheet.h, 2 * 146 + 6);
    /* The picture stands in the middle of the first tile: 6 + (160 - 10) / 2, 26 + (120 - 4) / 2.
     * */
    int n_red = 0;
    for (int y = 0; y < sheet.h; y++)
        for (int x = 0; x < sheet.w; x++)
            n_red += at(&sheet, x, y)[0] == 255 && at(&sheet, x, y)[1] == 0;
    CHECK_INT(n_red, 40);
    CHECK(at(&sheet, 81, 84)[1] == 0 && at(&sheet, 90, 87)[1] == 0);
    /* What is not shown is crossed out: corners of the second tile are drawn, it is else white. */
    CHECK(at(&sheet, 172, 26)[0] == 170 && at(&sheet, 331, 26)[0] == 170);
    CHECK_INT(at(&sheet, 172 + 80, 30)[0], 255);
    /* The third begins the second row; the fourth place stays white. */
    CHECK_INT(at(&sheet, 5, 146 + 25)[0], 170);
    CHECK_INT(at(&sheet, 171, 146 + 25)[0], 255);
    bf_arena_reset(&a);
}

static void names_are_written(void)
{
    struct bf_arena a = { 0 };
    struct bf_raster with, without;
    const struct bf_tile named = { "l", "", { 0 } }, nameless = { "", "", { 0 } };
    const struct bf_tile endless = { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                     "",
                                     { 0 } };
    int ink = 0;
    CHECK_INT(bf_sheet_draw(&named, 1, &with, &a, NULL), BF_OK);
    CHECK_INT(bf_sheet_draw(&nameless, 1, &without, &a, NULL), BF_OK);
    for (int y = 0; y < with.h; y++)
        for (int x = 0; x < with.w; x++)
            ink += at(&with, x, y)[0] != at(&without, x, y)[0];
    CHECK_INT(ink, 2 + 5 + 3); /* an l: its serif, its stem, its foot */
    CHECK_INT(bf_sheet_draw(&endless, 1, &with, &a, NULL), BF_OK);
    for (int y = 0; y < 25; y++)
        for (int x = 166; x < with.w; x++)
            CHECK_INT(at(&with, x, y)[0], 255); /* cut at the tile's edge */
    bf_arena_reset(&a);
}

static void every_letter_of_a_name_is_there(void)
{
    static const char names[] = "abcdefghijklmnopqrstuvwxyz0123456789_+.-"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ/:,;=()[]%^*#!?'\"&\xb0\xb2\xb3\xb5\xb7";
    for (int i = 0; names[i]; i++) {
        const uint8_t *rows = bf_letter(names[i]);
        CHECK(rows != NULL);
        for (int y = 0; rows && y < BF_LETTER_H; y++)
            CHECK(rows[y] < 1 << BF_LETTER_W);
        for (int k = 0; rows && k < i; k++)
            CHECK(memcmp(rows, bf_letter(names[k]), BF_LETTER_H) != 0); /* no two look alike */
    }
    CHECK(bf_letter('~') == NULL);
}

TEST_MAIN(TEST(tiles_stand_row_by_row), TEST(names_are_written),
          TEST(every_letter_of_a_name_is_there))
