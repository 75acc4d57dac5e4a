/* Modality `subtitles`: words that come in a file of their own. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/ops.h"
#include "modalities/draw.h"
#include "core/set.h"
#include "modalities/readers/cues.h"
#include "modalities/features.h"
#include "modalities/prints.h"
#include "modalities/readers/source.h"

enum { MAX_TEXT = 4 << 20, N_HASHED = 256 };

struct subtitles {
    int present;
    bool times;
};

static int subtitles_decode(const void *priv, int fd, const struct bf_limits *limits,
                            struct bf_media *out, struct bf_media_info *info, struct bf_arena *a,
                            struct bf_err *err)
{
    const struct subtitles *o = priv;
    struct bf_source src;
    struct bf_cues cues;
    uint8_t *bytes = NULL;
    size_t n = 0;
    BF_TRY(bf_source_open(fd, limits, &src, err));
    BF_TRY(bf_source_all(&src, &bytes, &n, a, err));
    BF_TRY(bf_cues_read(bytes, n, o->times, MAX_TEXT, &cues, a, err));
    *out = (struct bf_media){ .carrier = BF_TEXT, .text = cues.text };
    *info = (struct bf_media_info){ .carrier = BF_TEXT, .seconds = cues.seconds };
    info->n_words = (int)cues.n_words; /* fewer than bytes */
    snprintf(info->format, sizeof info->format, "%s", cues.format);
    snprintf(info->ext, sizeof info->ext, "%s",
             strcmp(cues.format, "text") == 0 ? "txt" : cues.format);
    snprintf(info->decoder, sizeof info->decoder, "cues");
    if (cues.foreign)
        snprintf(info->warning, sizeof info->warning, "no UTF-8: read as Windows-1252");
    return BF_OK;
}

/* The features of a text, in this order (docs/modalities.md):
 *   0 256  words: each distinct one adds 1 or takes 1 from a place that its hash names, over
 *          sqrt(1 + distinct words / 256)
 * 256   4  log2 of words / 8, mean length of a word / 8, shares of digits and capitals, times 2 */
static int subtitles_features(const struct bf_media *in, struct bf_features *out,
                              struct bf_arena *a, struct bf_err *err)
{
    struct bf_set words;
    double place[N_HASHED] = { 0 };
    double n_words = 0, n_bytes = 0, n_digits = 0, n_capitals = 0;
    struct bf_features f = { 0 };
    if (bf_shingles_of_words(in->text, 1, &words, a) != BF_OK)
        return bf_fail_memory(err, "features");
    for (uint32_t i = 0; i < words.n; i++)
        place[words.v[i] % N_HASHED] += words.v[i] >> 63 ? 1 : -1;
    for (int i = 0; i < N_HASHED; i++)
        bf_features_add(&f, place[i] / sqrt(1 + words.n / (double)N_HASHED));
    bool inside = false;
    for (const char *s = in->text; *s; s++) {
        const bool blank = *s == ' ' || *s == '\n' || *s == '\t';
        n_words += !blank && !inside;
        inside = !blank;
        n_bytes += !blank;
        n_digits += *s >= '0' && *s <= '9';
        n_capitals += *s >= 'A' && *s <= 'Z';
    }
    bf_features_add(&f, log2(n_words + 1) / 8);
    bf_features_add(&f, n_words > 0 ? n_bytes / n_words / 8 : 0);
    bf_features_add(&f, n_bytes > 0 ? 2 * n_digits / n_bytes : 0);
    bf_features_add(&f, n_bytes > 0 ? 2 * n_capitals / n_bytes : 0);
    *out = f;
    return BF_OK;
}

static uint64_t subtitles_fingerprint(const struct bf_media *in, struct bf_arena *a)
{
    return bf_text_print(in->text, a);
}

static int subtitles_present(const void *priv, const struct bf_media *in, struct bf_shown *out,
                             struct bf_arena *a, struct bf_err *err)
{
    (void)priv;
    struct bf_blob *blob = bf_arena_alloc(a, 1, sizeof *blob);
    if (!blob)
        return bf_fail_memory(err, "a text");
    *blob = (struct bf_blob){ .ext = "txt",
                              .mime = "text/plain",
                              .bytes = (const uint8_t *)in->text,
                              .n = strlen(in->text) };
    *out = (struct bf_shown){ .n_blobs = 1, .blobs = blob };
    return BF_OK;
}

static int subtitles_draw(const struct bf_media *in, int w, int h, struct bf_raster *out,
                          struct bf_arena *a, struct bf_err *err)
{
    return bf_draw_words(in->text, w, h, out, a, err);
}

static const struct bf_opt subtitles_opts[] = {
    { "present", BF_OPT_ENUM, offsetof(struct subtitles, present), "words", 0, 0, NULL,
      "how a model is shown it: as words, under the modality's name", "words" },
    { "times", BF_OPT_BOOL, offsetof(struct subtitles, times), "false", 0, 0, NULL,
      "whether each line of subtitles begins with when it is said: [0:01.5 - 0:04]", NULL },
    { .name = NULL },
};

const struct bf_modality bf_modality_subtitles = {
    .op = {
        .name = "subtitles",
        .summary = "words in a file of their own: plain text, SubRip (SRT), WebVTT",
        .source = "docs/modalities.md#subtitles",
        .priv_size = sizeof(struct subtitles),
        .opts = subtitles_opts,
    },
    .carrier = BF_TEXT,
    .version = 1,
    .decode = subtitles_decode,
    .features = subtitles_features,
    .fingerprint = subtitles_fingerprint,
    .present = subtitles_present,
    .draw = subtitles_draw,
};
