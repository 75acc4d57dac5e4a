/* Decoded frames of any pixel format as RGB, through libswscale. */
#include "modalities/readers/rgb.h"

#include <stdbool.h>
#include <string.h>

#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "modalities/raster.h"
#include "modalities/readers/container.h"

/* ITU matrices by what the frame says, else by its height as players do. */
static int matrix_of(const AVFrame *f)
{
    switch (f->colorspace) {
    case AVCOL_SPC_BT709:
        return SWS_CS_ITU709;
    case AVCOL_SPC_FCC:
        return SWS_CS_FCC;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
        return SWS_CS_ITU601;
    case AVCOL_SPC_SMPTE240M:
        return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL:
        return SWS_CS_BT2020;
    default:
        return f->height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601;
    }
}

/* The yuvj formats are the plain ones at full range, under a name that swscale warns about. */
static enum AVPixelFormat plain_format(const AVFrame *f, int *full_out)
{
    *full_out = f->color_range == AVCOL_RANGE_JPEG;
    switch (f->format) {
    case AV_PIX_FMT_YUVJ420P:
        *full_out = true;
        return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
        *full_out = true;
        return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
        *full_out = true;
        return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
        *full_out = true;
        return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ411P:
        *full_out = true;
        return AV_PIX_FMT_YUV411P;
    default:
        return f->format;
    }
}

/* swscale writes whole vectors past a row's end, hence a padded frame of its own. */
static int prepare(struct bf_rgb *p, const struct bf_rgb_form *form, struct bf_err *err)
{
    if (p->sws && memcmp(&p->form, form, sizeof *form) == 0)
        return BF_OK;
    bf_rgb_done(p);
    const enum AVPixelFormat from = (enum AVPixelFormat)form->format;
    const enum AVPixelFormat to = (enum AVPixelFormat)form->to_format;
    const char *name = av_get_pix_fmt_name(from);
    p->sws = sws_getContext(form->w, form->h, from, form->to_w, form->to_h, to,
                            SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT |
                                SWS_FULL_CHR_H_INP,
                            NULL, NULL, NULL);
    p->rgb = av_frame_alloc();
    if (!p->sws)
        return bf_fail(err, BF_EDATA, "its pixel format '%s' cannot be converted",
                       name ? name : "?");
    if (!p->rgb)
        return bf_fail_memory(err, "a frame");
    p->rgb->width = form->to_w;
    p->rgb->height = form->to_h;
    p->rgb->format = to;
    if (av_frame_get_buffer(p->rgb, 0) < 0)
        return bf_fail_memory(err, "a frame");
    /* Returns -1 for formats that have no range, such as RGB: nothing to set there. */
    (void)sws_setColorspaceDetails(p->sws, sws_getCoefficients(form->matrix), form->full,
                                   sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
    p->form = *form;
    return BF_OK;
}

int bf_rgb_raster(struct bf_rgb *p, const struct AVFrame *f, int w, int h, struct bf_raster *out,
                  struct bf_arena *a, struct bf_err *err)
{
    struct bf_rgb_form form = { .w = f->width, .h = f->height, .to_w = w, .to_h = h };
    const enum AVPixelFormat from = plain_format(f, &form.full);
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(from);
    if (!d)
        return bf_fail(err, BF_EDATA, "its pixel format is not known");
    const bool alpha = (d->flags & AV_PIX_FMT_FLAG_ALPHA) || from == AV_PIX_FMT_PAL8;
    form.format = from;
    form.to_format = alpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24;
    form.matrix = matrix_of(f);
    BF_TRY(prepare(p, &form, err));
    const int rc = sws_scale(p->sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height,
                             p->rgb->data, p->rgb->linesize);
    if (rc < 0)
        return bf_container_fail(err, rc, "the frame cannot be converted");

    struct bf_raster r;
    BF_TRY(bf_raster_new(w, h, &r, a, err));
    for (int y = 0; y < h; y++) {
        const uint8_t *from_row = p->rgb->data[0] + (ptrdiff_t)y * p->rgb->linesize[0];
        uint8_t *row = r.px + y * r.stride;
        if (!alpha)
            memcpy(row, from_row, (size_t)w * 3);
        for (int x = 0; alpha && x < w; x++)
            for (int c = 0; c < 3; c++)
                row[3 * x + c] = bf_over_white(from_row[4 * x + c], from_row[4 * x + 3]);
    }
    *out = r;
    return BF_OK;
}

void bf_rgb_done(struct bf_rgb *p)
{
    sws_freeContext(p->sws);
    av_frame_free(&p->rgb);
    *p = (struct bf_rgb){ 0 };
}
