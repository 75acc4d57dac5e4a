/* Modality `image`: one picture. */
#include <math.h>
#include <string.h>

#include "core/npy.h"
#include "core/ops.h"
#include "modalities/cloud.h"
#include "modalities/cube.h"
#include "modalities/draw.h"
#include "modalities/features.h"
#include "modalities/look.h"
#include "modalities/picture.h"
#include "modalities/prints.h"
#include "modalities/readers/marks.h"
#include "modalities/readers/picture.h"
#include "modalities/raster.h"
#include "modalities/readers/source.h"
#include "modalities/trace.h"
#include "modalities/readers/values.h"
#include "modalities/writers/jpeg.h"
#include "modalities/writers/png.h"

struct image {
    int present;
    int side;
    int encode, quality;
    double black, white; /* equal: the file's own levels */
    const char *unit;    /* of black and white */
    int read, up;
};

enum { PRESENT_IMAGE, PRESENT_CUBE };
enum { READ_AUTO, READ_POINTS };

/* Pictures of measured values, such as depth in millimetres. */
static int decode_values(const struct image *o, const uint8_t *bytes, size_t n,
                         const struct bf_limits *limits, struct bf_media *out,
                         struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    struct bf_raster r;
    BF_TRY(bf_values_picture(bytes, n, o->black, o->white, limits, &r, info, a, err));
    bf_raster_add_mean(&r, info->mean);
    *out = (struct bf_media){ .carrier = BF_RASTER, .raster = r };
    return BF_OK;
}

/* A picture that is too large is refused before its file is in memory, where its beginning says
 * how large it is. */
static int check_size(struct bf_source *src, const struct bf_limits *limits, struct bf_err *err)
{
    enum { BEGINNING = 1 << 16 };
    uint8_t head[BEGINNING];
    int64_t w, h;
    if (src->size <= BEGINNING)
        return BF_OK; /* small enough to be read whole */
    const ptrdiff_t n = bf_source_read(src, head, sizeof head);
    if (n <= 0)
        return bf_fail(err, BF_EIO, "cannot read the file");
    bf_marks_size(head, (size_t)n, &w, &h);
    return w > 0 && h > 0 ? bf_raster_allowed(w, h, limits, err) : BF_OK;
}

/* Views of a cloud of points. */
static int decode_points(const struct image *o, const uint8_t *bytes, size_t n,
                         const struct bf_limits *limits, struct bf_media *out,
                         struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    struct bf_points points;
    struct bf_raster r;
    BF_TRY(bf_points_read(bytes, n, limits, &points, info, a, err));
    BF_TRY(bf_cloud_picture(&points, (enum bf_up)o->up, &r, a, err));
    info->carrier = BF_RASTER;
    info->w = r.w;
    info->h = r.h;
    bf_raster_add_mean(&r, info->mean);
    *out = (struct bf_media){ .carrier = BF_RASTER, .raster = r };
    return BF_OK;
}

static int image_decode(const void *priv, int fd, const struct bf_limits *limits,
                        struct bf_media *out, struct bf_media_info *info, struct bf_arena *a,
                        struct bf_err *err)
{
    struct bf_source src;
    uint8_t *bytes = NULL;
    size_t n = 0;
    const struct image *o = priv;
    BF_TRY(bf_source_open(fd, limits, &src, err));
    BF_TRY(check_size(&src, limits, err));
    BF_TRY(bf_source_all(&src, &bytes, &n, a, err));
    if (o->read == READ_POINTS || bf_is_points(bytes, n))
        return decode_points(o, bytes, n, limits, out, info, a, err);
    if (bf_is_npy(bytes, n) || !bf_is_even(o->black, o->white))
        return decode_values(o, bytes, n, limits, out, info, a, err);
    struct bf_raster r;
    BF_TRY(bf_picture_read(bytes, n, limits, &r, info, a, err));
    *out = (struct bf_media){ .carrier = BF_RASTER, .raster = r };
    return BF_OK;
}

/* The features of a picture, in this order (docs/modalities.md):
 *   0  15  square root of the share of 12 hues, black, gray, white
 *  15   3  mean of R, G, B                          18   3  standard deviation, doubled
 *  21  48  mean colour on a 4 x 4 grid              69   8  edges by orientation, times 2
 *  77   1  edge density                             78   1  share of foreground
 *  79  15  colours of the foreground                94   1  log2 of width by height
 *  95  64  low frequencies of the luminance (DCT), in units of 32 levels, the mean of 255
 * 159   9  number of blobs 0 .. 8, one hot         168   9  number of flat pieces, one hot
 * 177  15  flat pieces of each colour / 4          192   7  largest blob: fill, eccentricity,
 * 199   6  its fill, one hot                                 centre x, y, size w, h, area
 * 205   9  its place on a 3 x 3 grid, one hot */
static int image_features(const struct bf_media *in, struct bf_features *out, struct bf_arena *a,
                          struct bf_err *err)
{
    struct bf_raster small;
    struct bf_look look;
    double dct[BF_LOOK_DCT * BF_LOOK_DCT];
    BF_TRY(bf_raster_resize(&in->raster, BF_LOOK_SIDE, BF_LOOK_SIDE, &small, a, err));
    bf_look_at(&small, &look);
    bf_look_dct(&small, dct);

    struct bf_features f = { 0 };
    bf_features_add_all(&f, look.colors, BF_LOOK_COLORS);
    bf_features_add_all(&f, look.mean, 3);
    for (int c = 0; c < 3; c++)
        bf_features_add(&f, 2 * (double)look.std[c]);
    bf_features_add_all(&f, look.grid, BF_LOOK_GRID * BF_LOOK_GRID * 3);
    for (int k = 0; k < BF_LOOK_EDGES; k++)
        bf_features_add(&f, 2 * (double)look.edges[k]);
    bf_features_add(&f, (double)look.edge_density);
    bf_features_add(&f, (double)look.fg_share);
    bf_features_add_all(&f, look.fg_colors, BF_LOOK_COLORS);
    bf_features_add(&f, log2((double)in->raster.w / in->raster.h));
    for (int k = 0; k < BF_LOOK_DCT * BF_LOOK_DCT; k++)
        bf_features_add(&f, dct[k] / (k ? 32 : 255));
    bf_features_add_one_hot(&f, look.n_blobs, 9);
    bf_features_add_one_hot(&f, look.n_flats, 9);
    bf_features_add_all(&f, look.flat_colors, BF_LOOK_COLORS);
    const float shape[] = {
        look.fill, look.eccentricity, look.x, look.y, look.w, look.h, look.area
    };
    bf_features_add_all(&f, shape, 7);
    /* Between the fills of triangle 0.5, disc 0.79 and box 1 on a coarse grid. */
    static const float bounds[] = { 0.4f, 0.58f, 0.68f, 0.88f, 0.95f };
    int fill = look.area > 0 ? 0 : -1;
    for (int k = 0; k < 5 && fill >= 0; k++)
        fill += look.fill > bounds[k];
    bf_features_add_one_hot(&f, fill, 6);
    bf_features_add_one_hot(&f, look.area > 0 ? (int)(look.y * 3) * 3 + (int)(look.x * 3) : -1, 9);
    *out = f;
    return BF_OK;
}

static uint64_t image_fingerprint(const struct bf_media *in, struct bf_arena *a)
{
    return bf_raster_print(&in->raster, a);
}

int bf_picture_present(const struct bf_raster *r, int side, int quality, struct bf_blob *out,
                       struct bf_arena *a, struct bf_err *err)
{
    struct bf_raster shown = *r;
    int w = r->w, h = r->h;
    if (side > 0)
        bf_raster_fit(r->w, r->h, side, &w, &h);
    if (w != r->w || h != r->h)
        BF_TRY(bf_raster_resize(r, w, h, &shown, a, err));
    return quality > 0 ? bf_jpeg_encode(&shown, quality, out, a, err)
                       : bf_png_encode(&shown, out, a, err);
}

/* What the levels of a picture of measured values mean. Without a range of its own a file's is not
 * told: what an operator makes in its place could not have the same. */
static int values_words(const struct image *o, struct bf_blob *out, struct bf_arena *a)
{
    const char *gap = strcmp(o->unit, "raw") == 0 ? "" : " ";
    const char *unit = *gap ? o->unit : "";
    const char *words = bf_arena_printf(
        a,
        "measured values: black is %.9g%s%s, white is %.9g%s%s, levels between are even "
        "steps; black is also what was not measured",
        o->black, gap, unit, o->white, gap, unit);
    *out = (struct bf_blob){ .ext = "txt", .mime = "text/plain", .bytes = (const uint8_t *)words };
    out->n = words ? strlen(words) : 0;
    return words ? BF_OK : BF_ENOMEM;
}

static int image_present(const void *priv, const struct bf_media *in, struct bf_shown *out,
                         struct bf_arena *a, struct bf_err *err)
{
    const struct image *o = priv;
    const int n_words = bf_is_even(o->black, o->white) ? 0 : 1;
    struct bf_blob *blobs = bf_arena_alloc(a, 2, sizeof *blobs);
    if (!blobs || (n_words && values_words(o, blobs, a) != BF_OK))
        return bf_fail_memory(err, "a picture");
    struct bf_raster shown = in->raster;
    if (o->present == PRESENT_CUBE)
        BF_TRY(bf_raster_cube(&in->raster, &shown, a, err));
    BF_TRY(
        bf_picture_present(&shown, o->side, o->encode ? o->quality : 0, &blobs[n_words], a, err));
    *out = (struct bf_shown){ .n_blobs = n_words + 1, .blobs = blobs };
    return BF_OK;
}

/* Its own bytes where they show the same, since recompressing costs accuracy, but only those that
 * are pixels: no name, place or comment reaches a model. */
static int image_strip(const void *priv, int fd, const struct bf_limits *limits,
                       struct bf_shown *out, struct bf_arena *a, struct bf_err *err)
{
    struct bf_source src;
    uint8_t *bytes = NULL;
    size_t n = 0;
    const struct image *o = priv;
    if (o->present != PRESENT_IMAGE || o->read == READ_POINTS)
        return BF_END;
    BF_TRY(bf_source_open(fd, limits, &src, err));
    BF_TRY(bf_source_all(&src, &bytes, &n, a, err));
    if (bf_is_npy(bytes, n) || bf_is_points(bytes, n) || !bf_is_even(o->black, o->white))
        return BF_END;
    struct bf_blob *blob = bf_arena_alloc(a, 1, sizeof *blob);
    if (!blob)
        return bf_fail_memory(err, "a picture");
    const int rc = bf_picture_strip(bytes, n, o->side, blob, a, err);
    if (rc == BF_OK)
        *out = (struct bf_shown){ .n_blobs = 1, .blobs = blob };
    return rc;
}

static int image_draw(const struct bf_media *in, int w, int h, struct bf_raster *out,
                      struct bf_arena *a, struct bf_err *err)
{
    return bf_draw_picture(&in->raster, w, h, out, a, err);
}

static const struct bf_opt image_opts[] = {
    { "present", BF_OPT_ENUM, offsetof(struct image, present), "image", 0, 0, NULL,
      "how a model is shown it: JPEG, PNG and WebP files with their own pixels and nothing else "
      "that is in them, all others as 'encode' says; or, of an equirectangular panorama, the sides "
      "of a cube in one picture",
      "image|cube" },
    { "side", BF_OPT_INT, offsetof(struct image, side), "0", 0, 16384, "px",
      "longest side that is sent; larger pictures are made smaller; 0: no limit", NULL },
    { "encode", BF_OPT_ENUM, offsetof(struct image, encode), "png", 0, 0, NULL,
      "what is not sent with its own bytes is sent as: png, exact; jpeg, a tenth of the bytes and "
      "of the time, but lossy",
      "png|jpeg" },
    { "quality", BF_OPT_INT, offsetof(struct image, quality), "90", 1, 100, "quality",
      "of jpeg, the Independent JPEG Group's scale; 90 and less halve the resolution of colours",
      NULL },
    { "black", BF_OPT_NUM, offsetof(struct image, black), "0", -1e9, 1e9, "as stored",
      "of pictures of measured values (16-bit PNG and PGM, NPY): the value that is shown black",
      NULL },
    { "white", BF_OPT_NUM, offsetof(struct image, white), "0", -1e9, 1e9, "as stored",
      "the value that is shown white, below black when what is near is to be bright; as black: "
      "the file's own levels, of NPY its least and greatest value",
      NULL },
    { "unit", BF_OPT_STR, offsetof(struct image, unit), "raw", 0, 0, NULL,
      "what black and white count in; a model is told both", NULL },
    { "read", BF_OPT_ENUM, offsetof(struct image, read), "auto", 0, 0, NULL,
      "what files are: auto: clouds of points where they are PLY or PCD, else pictures; points: "
      "clouds also where they are tables (XYZ, CSV) or arrays (NPY)",
      "auto|points" },
    { "up", BF_OPT_ENUM, offsetof(struct image, up), "z", 0, 0, NULL,
      "which coordinate of points goes up", "z|y" },
    { .name = NULL },
};

static int image_check(const void *priv, struct bf_err *err)
{
    const struct image *o = priv;
    if (bf_is_even(o->black, o->white) && !bf_is_even(o->black, 0))
        return bf_fail(err, BF_EINVAL, "'black' and 'white' are both %.9g; allowed: two values",
                       o->black);
    return BF_OK;
}

static const char *const image_shown_by[] = {
    "present", "side", "unit", "encode", "quality", NULL
};

const struct bf_modality bf_modality_image = {
    .op = {
        .name = "image",
        .summary = "one picture: JPEG, PNG, WebP, TIFF, HEIC, AVIF, GIF, BMP, PNM; measured: NPY; "
                   "points: PLY, PCD",
        .source = "docs/modalities.md#image",
        .priv_size = sizeof(struct image),
        .opts = image_opts,
    },
    .carrier = BF_RASTER,
    .version = 3,
    .shown_by = image_shown_by,
    .check = image_check,
    .decode = image_decode,
    .features = image_features,
    .fingerprint = image_fingerprint,
    .present = image_present,
    .strip = image_strip,
    .draw = image_draw,
};
