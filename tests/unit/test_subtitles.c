/* Modality `subtitles`: words out of plain text, SubRip and WebVTT. */
#include "core/near.h"
#include "modalities/readers/cues.h"
#include "tests/media.h"
#include "tests/test.h"

extern const struct bf_modality bf_modality_subtitles;

static struct bf_err err;

/* The text of a file; "" when it is refused, with the reason in err. */
static const char *read_bytes(const void *bytes, size_t n, const char *times,
                              struct bf_media_info *info, struct bf_arena *a)
{
    struct bf_media m = { .text = "" };
    const char *const options[] = { "times", times, NULL };
    if (test_decode(&bf_modality_subtitles, options, bytes, n, &m, info, a, &err) != BF_OK)
        return "";
    CHECK_INT(m.carrier, BF_TEXT);
    return m.text;
}

static const char *read_text(const char *bytes, struct bf_media_info *info, struct bf_arena *a)
{
    return read_bytes(bytes, strlen(bytes), "false", info, a);
}

static void plain_text_stays_as_it_is(void)
{
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    CHECK_STR(read_text("\xef\xbb\xbfIt rains <a lot>.\r\nShe said: 1 &amp; 2\rEnd", &info, &a),
              "It rains <a lot>.\nShe said: 1 &amp; 2\nEnd");
    CHECK_STR(info.format, "text");
    CHECK_STR(info.ext, "txt");
    CHECK_INT(info.n_words, 10);
    CHECK(info.seconds == 0);
    CHECK_STR(info.warning, "");
    bf_arena_reset(&a);
}

static const char srt[] = "1\r\n"
                          "00:00:01,500 --> 00:00:04,000\r\n"
                          "<i>It rains</i>\r\n"
                          "in  the {\\an8}garden\r\n"
                          "\r\n"
                          "2\r\n"
                          "00:00:04,000 --> 00:00:05,000\r\n"
                          "It rains in the garden\r\n"
                          "\r\n"
                          "3\r\n"
                          "00:01:59,960 --> 01:02:03,250\r\n"
                          "42\r\n"
                          "\r\n"
                          "is 7 < 8 & 9\r\n";

static void subrip_is_read_by_its_cues(void)
{
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    CHECK_STR(read_text(srt, &info, &a), "It rains in the garden\n42 is 7 < 8 & 9\n");
    CHECK_STR(info.format, "srt");
    CHECK(info.seconds == 3723.25);
    CHECK_STR(read_bytes(srt, sizeof srt - 1, "true", &info, &a),
              "[0:01.5 - 0:04] It rains in the garden\n[2:00 - 62:03.3] 42 is 7 < 8 & 9\n");
    bf_arena_reset(&a);
}

static void webvtt_is_read_without_notes_and_styles(void)
{
    static const char vtt[] = "WEBVTT - a title\n\n"
                              "NOTE not said\nat all\n\n"
                              "STYLE\n::cue { color: red }\n\n"
                              "intro\n"
                              "00:01.000 --> 00:02.000 align:start position:0%\n"
                              "<v Ann>Good <c.loud>morning</c></v>&nbsp;all\n\n"
                              "NOTE nor this\n\n"
                              "00:02.000 --> 00:03.000\n"
                              "<00:02.100>one <00:02.500>two &lt;3\n";
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    CHECK_STR(read_text(vtt, &info, &a), "Good morning all\none two <3\n");
    CHECK_STR(info.format, "vtt");
    CHECK(info.seconds == 3);
    bf_arena_reset(&a);
}

static void other_encodings_become_utf_8(void)
{
    static const char utf16[] = "\xff\xfe"
                                "H\0\xe9\0=\xd8\0\xde\x20\xd8"; /* Hé, an emoji, a half */
    static const char big[] = "\xfe\xff\0H\0i";
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    CHECK_STR(read_bytes(utf16, sizeof utf16 - 1, "no", &info, &a),
              "H\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd");
    CHECK_STR(read_bytes(big, sizeof big - 1, "no", &info, &a), "Hi");
    CHECK_STR(info.warning, "");
    CHECK_STR(read_text("caf\xe9 \x80 5", &info, &a), "caf\xc3\xa9 \xe2\x82\xac 5");
    CHECK_STR(info.warning, "no UTF-8: read as Windows-1252");
    bf_arena_reset(&a);
}

static void what_says_nothing_is_refused(void)
{
    static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\b\2\0\0\0";
    struct bf_arena a = { 0 };
    struct bf_media_info info;
    CHECK_STR(read_bytes(png, sizeof png - 1, "no", &info, &a), "");
    CHECK(strncmp(err.msg, "not a text: it holds ", 21) == 0);
    CHECK_STR(read_text(" \n\t\n", &info, &a), "");
    CHECK_STR(err.msg, "the text holds no words");
    CHECK_STR(read_text("1\n00:00:01,000 --> 00:00:02,000\n<i></i>\n", &info, &a), "");
    CHECK_STR(err.msg, "the text holds no words");
    CHECK_STR(read_text("WEBVTT\n", &info, &a), "");
    char *much = malloc(5u << 20);
    memset(much, 'x', 5u << 20);
    CHECK_STR(read_bytes(much, 5u << 20, "no", &info, &a), "");
    CHECK_STR(err.msg, "more than 4194304 bytes of text");
    free(much);
    bf_arena_reset(&a);
}

/* Whatever bytes come: no crash, and what is read is UTF-8 with words. */
static void any_bytes_are_borne(void)
{
    static const char pieces[][24] = { "00:00:01,000 --> 00:02",
                                       "\n",
                                       "\n\n",
                                       "WEBVTT",
                                       "<",
                                       ">",
                                       "{\\",
                                       "&am",
                                       "&amp;",
                                       "12",
                                       "-->",
                                       "99:99:99.",
                                       "a b",
                                       "\xff\xfe",
                                       "\r",
                                       "\xe9",
                                       "0:0:0:0" };
    struct bf_arena a = { 0 };
    struct bf_rng r = { 9 };
    for (int i = 0; i < 3000; i++) {
        char text[512] = "";
        size_t n = 0;
        while (n + 32 < sizeof text && bf_rng_below(&r, 12) > 0) {
            const char *piece = pieces[bf_rng_below(&r, sizeof pieces / sizeof *pieces)];
            memcpy(text + n, piece, strlen(piece));
            n += strlen(piece);
        }
        struct bf_cues cues;
        if (bf_cues_read((const uint8_t *)text, n, i % 2, 4096, &cues, &a, NULL) == BF_OK)
            CHECK(cues.n_words > 0);
        bf_arena_reset(&a);
    }
}

static void alike_texts_have_near_fingerprints(void)
{
    static const char *const words = "the quick brown fox jumps over the lazy dog while seven "
                                     "wizards box quietly in the cold kitchen of the old house";
    struct bf_arena a = { 0 };
    struct bf_media x = { .carrier = BF_TEXT, .text = words };
    struct bf_features f = { 0 }, g = { 0 };
    const uint64_t print = bf_modality_subtitles.fingerprint(&x, &a);
    CHECK_INT(bf_modality_subtitles.features(&x, &f, &a, NULL), BF_OK);
    CHECK_INT(f.n, 260);
    x.text = bf_arena_printf(&a, "The QUICK %s.", words + strlen("the quick "));
    CHECK(bf_modality_subtitles.fingerprint(&x, &a) == print);
    x.text = bf_arena_printf(&a, "%s and garden", words);
    CHECK(bf_near_bits(print, bf_modality_subtitles.fingerprint(&x, &a)) <= 10);
    x.text = "nothing here is what was said before by anybody at all in that place";
    CHECK(bf_near_bits(print, bf_modality_subtitles.fingerprint(&x, &a)) >= 18);
    CHECK_INT(bf_modality_subtitles.features(&x, &g, &a, NULL), BF_OK);
    CHECK(memcmp(f.v, g.v, sizeof f.v) != 0);
    bf_arena_reset(&a);
}

static void a_model_is_shown_the_words(void)
{
    struct bf_arena a = { 0 };
    struct bf_shown shown;
    const struct bf_media x = { .carrier = BF_TEXT, .text = "It rains.\n" };
    CHECK_INT(bf_modality_subtitles.present(NULL, &x, &shown, &a, NULL), BF_OK);
    CHECK_INT(shown.n_blobs, 1);
    CHECK_STR(shown.blobs[0].mime, "text/plain");
    CHECK(shown.blobs[0].n == 10 && memcmp(shown.blobs[0].bytes, "It rains.\n", 10) == 0);
    bf_arena_reset(&a);
}

TEST_MAIN(TEST(plain_text_stays_as_it_is), TEST(subrip_is_read_by_its_cues),
          TEST(webvtt_is_read_without_notes_and_styles), TEST(other_encodings_become_utf_8),
          TEST(what_says_nothing_is_refused), TEST(any_bytes_are_borne),
          TEST(alike_texts_have_near_fingerprints), TEST(a_model_is_shown_the_words))
