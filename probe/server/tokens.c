/* What a request would take in tokens, and what a model can be shown at all. */
#include <math.h>
#include <string.h>

#include "core/buf.h"
#include "core/view.h"
#include "probe/prompts/manner.h"

/* What a part goes out as. */
enum way { WAY_PICTURE, WAY_CHART, WAY_FRAMES, WAY_FILE, WAY_SOUND, WAY_TABLE, WAY_WORDS };

/* By the modality's option `present`, where it leaves a choice. */
static enum way way_of(const struct bf_modality_use *use)
{
    const struct bf_opt *o = bf_opt_find(use->base->op.opts, "present");
    struct bf_buf word = { 0 };
    if (o)
        bf_opt_print(o, use->priv, &word);
    const char *w = word.data ? word.data : "";
    enum way way = use->base->carrier == BF_CLIP    ? WAY_FRAMES
                   : use->base->carrier == BF_WAVE  ? WAY_SOUND
                   : use->base->carrier == BF_TEXT  ? WAY_WORDS
                   : use->base->carrier == BF_TRACE ? WAY_CHART
                                                    : WAY_PICTURE;
    if (strcmp(w, "spectrogram") == 0 || strcmp(w, "sheet") == 0 || strcmp(w, "cube") == 0)
        way = WAY_CHART;
    else if (strcmp(w, "file") == 0)
        way = WAY_FILE;
    else if (strcmp(w, "table") == 0)
        way = WAY_TABLE;
    else if (strcmp(w, "sound") == 0)
        way = WAY_SOUND;
    bf_buf_done(&word);
    return way;
}

static int whole_option(const struct bf_modality_use *use, const char *name, int otherwise)
{
    const struct bf_opt *o = bf_opt_find(use->base->op.opts, name);
    int v = 0;
    if (o && o->type == BF_OPT_INT)
        memcpy(&v, (const char *)use->priv + o->offset, sizeof v);
    return v > 0 ? v : otherwise;
}

/* The larger of OpenAI's tiles (85 and 170 for each 512 px, after fitting into 2048 px and a short
 * side of 768) and the patches of 28 px of Qwen2-VL. */
static double picture_tokens(const struct bf_manner *m, double w, double h)
{
    enum { LOW = 85, TILE = 170, TILE_SIDE = 512, PATCH = 28, MOST_PATCHES = 16384 };
    static const double long_side = 2048, short_side = 768;
    enum { DETAIL_LOW = 2 };
    if (m->detail == DETAIL_LOW)
        return LOW;
    const double shrink = fmin(1, fmin(long_side / fmax(w, h), short_side / fmin(w, h)));
    const double tiles = ceil(w * shrink / TILE_SIDE) * ceil(h * shrink / TILE_SIDE);
    const double patches = ceil(w / PATCH) * ceil(h / PATCH);
    return fmax(LOW + TILE * tiles, fmin(patches, MOST_PATCHES));
}

/* The same with the longest side at most `side`; 0 = as it is. */
static double fitted_tokens(const struct bf_manner *m, const struct bf_media_info *i, int side)
{
    const double longest = fmax(i->w, i->h);
    const double shrink = side > 0 && longest > side ? side / longest : 1;
    return picture_tokens(m, fmax(i->w * shrink, 1), fmax(i->h * shrink, 1));
}

/* What removing operators make, by default (`size: fixed`). */
static struct bf_media_info removed_info(enum bf_carrier carrier)
{
    struct bf_media_info i = { .carrier = carrier, .seconds = 5, .n_ch = 1 };
    i.rate_hz = carrier == BF_TRACE ? 100 : 16000;
    i.w = i.h = 512;
    i.n_words = 4; /* "Please answer the question." */
    return i;
}

/* `i` is NULL when nothing is known of the part. */
static double part_tokens(const struct bf_manner *m, const struct bf_modality_use *use,
                          const struct bf_media_info *i)
{
    static const double unknown_picture = 1000, unknown_seconds = 10, per_second = 25;
    static const double frame_most = 768, per_value = 6;
    static const double unknown_words = 500, words_per_token = 0.75;
    enum { CHART_W = 812, CHART_H = 384, SHEET_SIDE = 1536, FRAMES = 8, ROWS = 200 };
    enum { OF_SOUND = 10 }; /* columns of a table of levels */
    enum { CUBE_W = 1568, CUBE_H = 1088 };
    const double seconds = i && i->seconds > 0 ? i->seconds : unknown_seconds;
    const bool sized = i && i->w > 0 && i->h > 0;
    const int side = whole_option(use, "side", 0);
    switch (way_of(use)) {
    case WAY_FRAMES:
        return whole_option(use, "frames", FRAMES) *
               (sized ? fitted_tokens(m, i, side) : unknown_picture);
    case WAY_FILE:
        return fmax(ceil(seconds), 1) *
               fmin(sized ? fitted_tokens(m, i, 0) : frame_most, frame_most);
    case WAY_SOUND:
        return ceil(seconds * per_second);
    case WAY_TABLE:
        if (use->base->carrier == BF_WAVE)
            return whole_option(use, "rows", ROWS) * OF_SOUND * per_value;
        return fmin(i ? seconds * i->rate_hz : ROWS, whole_option(use, "rows", ROWS)) *
               (i ? i->n_ch + 1 : 2) * per_value;
    case WAY_WORDS:
        return (i && i->n_words > 0 ? i->n_words : unknown_words) / words_per_token;
    case WAY_CHART:
        if (use->base->carrier == BF_RASTER)
            return picture_tokens(m, CUBE_W, CUBE_H);
        if (use->base->carrier != BF_CLIP)
            return picture_tokens(m, CHART_W, CHART_H);
        return picture_tokens(m, whole_option(use, "sheet_side", SHEET_SIDE),
                              whole_option(use, "sheet_side", SHEET_SIDE));
    case WAY_PICTURE:
        return sized ? fitted_tokens(m, i, side) : unknown_picture;
    }
    return 0;
}

/* Words / 0.75; a sign of a script without blanks between words counts as a token. */
static double text_tokens(const struct bf_buf *text)
{
    double words = 0, signs = 0;
    bool inside = false;
    for (size_t i = 0; i < text->len; i++) {
        const unsigned char c = (unsigned char)text->data[i];
        if (c >= 0xe3 && c < 0xf8) /* from U+3000 on */
            signs++;
        const bool blank = c <= ' ' || c >= 0x80;
        words += !blank && !inside;
        inside = !blank;
    }
    return words / 0.75 + signs;
}

void bf_manner_estimate(const struct bf_manner *m, const struct bf_spec *spec,
                        const struct bf_sample *s, const struct bf_view *view, double *n_in_out,
                        double *n_out_out)
{
    uint8_t order[BF_MAX_CHOICES];
    struct bf_buf text = { 0 };
    for (int c = 0; c < BF_MAX_CHOICES; c++)
        order[c] = (uint8_t)c;
    bf_prompt_text(m->prompt, s, view, order, &text, &text);
    double n = text_tokens(&text);
    bf_buf_done(&text);
    for (int p = 0; p < s->n_parts; p++) {
        struct bf_reading_key k;
        if (!bf_view_part(view, s, p, &k))
            continue;
        const struct bf_modality_use *use = &spec->modalities[k.part->modality];
        const struct bf_reading *r = k.part->file->readings[k.part->modality];
        const struct bf_media_info removed = removed_info(use->base->carrier);
        n += part_tokens(m, use, k.by && k.by->op->removes ? &removed : r ? &r->info : NULL);
    }
    *n_in_out = n;
    *n_out_out = bf_manner_max_tokens(m, s);
}

static bool is_named(const struct bf_names *names, const char *name)
{
    for (int i = 0; i < names->n; i++)
        if (strcmp(names->v[i], name) == 0)
            return true;
    return false;
}

uint32_t bf_manner_takes(const struct bf_manner *m, const struct bf_spec *spec,
                         const struct bf_names *server_takes)
{
    static const char *const as[] = {
        [WAY_PICTURE] = "image", [WAY_CHART] = "image", [WAY_FRAMES] = "image",
        [WAY_FILE] = "video",    [WAY_SOUND] = "audio", [WAY_TABLE] = "text",
        [WAY_WORDS] = "text",
    };
    uint32_t set = 0;
    for (int i = 0; i < spec->n_modalities; i++) {
        const struct bf_modality_use *use = &spec->modalities[i];
        bool taken = true;
        if (m->takes.n)
            taken = is_named(&m->takes, "all") || is_named(&m->takes, use->name) ||
                    is_named(&m->takes, bf_carrier_name(use->base->carrier));
        else if (server_takes)
            taken = strcmp(as[way_of(use)], "text") == 0 || is_named(server_takes, as[way_of(use)]);
        if (taken)
            set |= BF_BIT(i);
    }
    return set;
}
