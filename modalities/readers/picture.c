/* One picture, by the reader that its content asks for. */
#include "modalities/readers/picture.h"

#include <stdio.h>
#include <string.h>

#include "modalities/raster.h"
#include "modalities/readers/exif.h"
#include "modalities/readers/ffmpeg.h"
#include "modalities/readers/icc.h"
#include "modalities/readers/marks.h"
#include "modalities/readers/pixels.h"
#include "modalities/readers/pnm.h"
#include "modalities/readers/stb.h"

static int read_ffmpeg(const uint8_t *bytes, size_t n, const char *format,
                       const struct bf_limits *limits, struct bf_pixels *out, struct bf_arena *a,
                       struct bf_err *err)
{
    struct bf_raster r;
    BF_TRY(bf_ffmpeg_picture(bytes, n, format, limits, &r, a, err));
    *out = (struct bf_pixels){
        .w = r.w, .h = r.h, .full_w = r.w, .full_h = r.h, .n_ch = 3, .px = r.px, .decoder = "ffmpeg"
    };
    return BF_OK;
}

static int read_pnm(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                    struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    struct bf_pnm pnm;
    struct bf_raster r;
    BF_TRY(bf_pnm_open(bytes, n, limits, &pnm, a, err));
    BF_TRY(bf_pnm_picture(&pnm, &r, a, err));
    *out = (struct bf_pixels){
        .w = r.w, .h = r.h, .full_w = r.w, .full_h = r.h, .n_ch = 3, .px = r.px, .decoder = "pnm"
    };
    if (pnm.n_there < pnm.h) {
        out->damaged = true;
        bf_pixels_warn(out, "ends early: %lld of %lld rows", (long long)pnm.n_there,
                       (long long)pnm.h);
    }
    return BF_OK;
}

/* FFmpeg takes the compressed data of a TIFF with JPEG inside, and Y, Cb, Cr, for colours. */
static int refuse_tiff(const uint8_t *bytes, size_t n, struct bf_err *err)
{
    enum { TAG_COMPRESSION = 259, TAG_PHOTOMETRIC = 262, OLD_JPEG = 6, JPEG = 7, YCBCR = 6 };
    struct bf_exif_entry e;
    if ((bf_exif_find(bytes, n, TAG_COMPRESSION, &e) && (e.value == OLD_JPEG || e.value == JPEG)) ||
        (bf_exif_find(bytes, n, TAG_PHOTOMETRIC, &e) && e.value == YCBCR))
        return bf_fail(err, BF_EDATA,
                       "a TIFF of this kind cannot be read without libtiff; install "
                       "it and build again");
    return BF_OK;
}

/* What reads where a library is absent. stb_image takes the inks of a JPEG for colours, and says
 * nothing of damage. */
static int read_plain(const uint8_t *bytes, size_t n, const struct bf_marks *m,
                      const struct bf_limits *limits, struct bf_pixels *out, struct bf_arena *a,
                      struct bf_err *err)
{
    enum { STB_COMPONENTS = 3 };
    const bool jpeg = strcmp(m->format, "jpeg") == 0;
    if (strcmp(m->format, "webp") == 0 && m->moves)
        return bf_fail(err, BF_EDATA,
                       "an animated WebP cannot be read without libwebp; install it "
                       "and build again");
    if (strcmp(m->format, "heic") == 0)
        return bf_fail(err, BF_EDATA,
                       "HEIC cannot be read without libheif; install it and build again");
    if (strcmp(m->format, "avif") == 0)
        return bf_fail(err, BF_EDATA,
                       "AVIF cannot be read without libheif; install it and build again");
    if (strcmp(m->format, "tiff") == 0)
        BF_TRY(refuse_tiff(bytes, n, err));
    if ((jpeg && m->n_components <= STB_COMPONENTS) || strcmp(m->format, "png") == 0 ||
        strcmp(m->format, "gif") == 0)
        BF_TRY(bf_stb_read(bytes, n, limits, out, a, err));
    else
        BF_TRY(read_ffmpeg(bytes, n, m->format, limits, out, a, err));
    if (m->ends_early) {
        out->damaged = true;
        bf_pixels_warn(out, "ends early: part of the picture is missing");
    }
    return BF_OK;
}

/* Those who read row by row know whether any is missing; of a JPEG, the last passes may be, of a
 * TIFF what its colours mean. */
static void note_end(const struct bf_marks *m, struct bf_pixels *p)
{
    p->damaged = p->damaged || strcmp(m->format, "jpeg") == 0 || strcmp(m->format, "tiff") == 0;
    bf_pixels_warn(p, p->damaged ? "ends early: part of the picture is missing"
                                 : "ends early, after its last pixel");
}

static int read_pixels(const uint8_t *bytes, size_t n, const struct bf_marks *m,
                       const struct bf_limits *limits, struct bf_pixels *out, struct bf_arena *a,
                       struct bf_err *err)
{
    static const struct {
        const char *format;
        int (*read)(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                    struct bf_pixels *out, struct bf_arena *a, struct bf_err *err);
    } readers[] = {
        { "jpeg", bf_turbojpeg_read }, { "png", bf_spng_read },  { "webp", bf_webp_read },
        { "tiff", bf_tiff_read },      { "heic", bf_heif_read }, { "avif", bf_heif_read },
        { "bmp", bf_bmp_read },        { "pnm", read_pnm },
    };
    int rc = BF_END;
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strcmp(m->format, readers[i].format) == 0)
            rc = readers[i].read(bytes, n, limits, out, a, err);
    return rc == BF_END ? read_plain(bytes, n, m, limits, out, a, err) : rc;
}

/* R = (255 - C) (255 - K) / 255 and so on, for want of a profile. */
static void inks_to_rgb(struct bf_pixels *p)
{
    const size_t n = (size_t)p->w * (size_t)p->h;
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < 3; c++)
            p->px[3 * i + c] =
                (uint8_t)(((255 - p->px[4 * i + c]) * (255 - p->px[4 * i + 3]) + 127) / 255);
    p->n_ch = 3;
    p->inks = false;
}

static int to_srgb(const uint8_t *bytes, size_t n, const struct bf_marks *m, struct bf_pixels *p,
                   struct bf_arena *a, struct bf_err *err)
{
    if (!p->profile)
        BF_TRY(bf_icc_find(bytes, n, m->format, &p->profile, &p->n_profile, a, err));
    if (p->n_profile > 0 && !bf_icc_is_srgb(p->profile, p->n_profile)) {
        const int rc = bf_lcms_to_srgb(p->profile, p->n_profile, p, a, err);
        if (rc < 0)
            return rc;
        if (rc == BF_END)
            bf_pixels_warn(p, "its colour profile was not applied, for want of Little CMS");
    }
    if (p->inks)
        inks_to_rgb(p);
    return BF_OK;
}

static void flatten(struct bf_pixels *p)
{
    const size_t n = (size_t)p->w * (size_t)p->h;
    if (p->n_ch != 4)
        return;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *q = p->px + 4 * i;
        const uint8_t alpha = q[3];
        for (int c = 0; c < 3; c++)
            p->px[3 * i + c] = alpha == 255 ? q[c] : bf_over_white(q[c], alpha);
    }
    p->n_ch = 3;
}

static void describe(const struct bf_marks *m, const struct bf_pixels *p, const struct bf_raster *r,
                     struct bf_media_info *info)
{
    const bool turned = m->orientation >= 5;
    *info = (struct bf_media_info){
        .carrier = BF_RASTER,
        .w = turned ? p->full_h : p->full_w,
        .h = turned ? p->full_w : p->full_h,
        .damaged = p->damaged,
    };
    bf_raster_add_mean(r, info->mean);
    snprintf(info->format, sizeof info->format, "%s", m->format);
    snprintf(info->ext, sizeof info->ext, "%s", m->ext);
    snprintf(info->decoder, sizeof info->decoder, "%s", p->decoder);
    snprintf(info->warning, sizeof info->warning, "%s", p->warning);
}

int bf_picture_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                    struct bf_raster *out, struct bf_media_info *info, struct bf_arena *a,
                    struct bf_err *err)
{
    struct bf_marks m;
    struct bf_pixels p = { 0 };
    BF_TRY(bf_marks_read(bytes, n, &m, err));
    if (m.w > 0 || m.h > 0)
        BF_TRY(bf_raster_allowed(m.w, m.h, limits, err));
    BF_TRY(read_pixels(bytes, n, &m, limits, &p, a, err));
    if (m.ends_early)
        note_end(&m, &p);
    BF_TRY(to_srgb(bytes, n, &m, &p, a, err));
    flatten(&p);
    const struct bf_raster stored = {
        .w = p.w, .h = p.h, .stride = (ptrdiff_t)p.w * 3, .px = p.px
    };
    BF_TRY(bf_raster_orient(&stored, m.orientation, out, a, err));
    describe(&m, &p, out, info);
    return BF_OK;
}
