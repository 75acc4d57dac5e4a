/* Changes of scene, measured on decoded frames. */
#include "modalities/readers/scene.h"

#include <stdlib.h>

#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

#include "modalities/readers/choice.h"

/* Sums of a row fit into 32 bits, and a loop over them into vectors. */
static uint64_t differ8(const uint8_t *x, const uint8_t *y, int n)
{
    uint32_t sum = 0;
    for (int i = 0; i < n; i++)
        sum += (uint32_t)abs(x[i] - y[i]);
    return sum;
}

static uint64_t differ16(const uint8_t *x, const uint8_t *y, int n)
{
    const uint16_t *u = (const void *)x;
    const uint16_t *v = (const void *)y;
    uint64_t sum = 0;
    for (int i = 0; i < n; i++)
        sum += (uint64_t)abs(u[i] - v[i]);
    return sum;
}

/* The mean difference of two frames of one size and format, in levels of 8 bits. */
static double mean_difference(const AVFrame *f, const AVFrame *g)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
    const int depth = d->comp[0].depth;
    const bool luma = !(d->flags & AV_PIX_FMT_FLAG_RGB) && d->nb_components != 0 &&
                      (d->flags & AV_PIX_FMT_FLAG_PLANAR || d->nb_components < 3);
    const int n_planes = luma ? 1 : av_pix_fmt_count_planes(f->format);
    uint64_t sum = 0;
    uint64_t n = 0;
    for (int p = 0; p < n_planes; p++) {
        const int bytes = av_image_get_linesize(f->format, f->width, p);
        const int h = p == 1 || p == 2 ? AV_CEIL_RSHIFT(f->height, d->log2_chroma_h) : f->height;
        const int values = depth > 8 ? bytes / 2 : bytes;
        for (int y = 0; y < h && bytes > 0; y++) {
            const uint8_t *u = f->data[p] + (ptrdiff_t)y * f->linesize[p];
            const uint8_t *v = g->data[p] + (ptrdiff_t)y * g->linesize[p];
            sum += depth > 8 ? differ16(u, v, values) : differ8(u, v, values);
        }
        n += (uint64_t)(values > 0 ? values : 0) * (uint64_t)h;
    }
    return n ? (double)sum / (double)n / (double)(1u << (depth > 8 ? depth - 8 : 0)) : 0;
}

int bf_scene_next(struct bf_scene *s, const struct AVFrame *f, float *change_out,
                  struct bf_err *err)
{
    *change_out = 0;
    if (s->before && s->before->width == f->width && s->before->height == f->height &&
        s->before->format == f->format) {
        const double mean = mean_difference(f, s->before);
        *change_out = bf_scene_change(mean, s->mean);
        s->mean = mean;
    }
    av_frame_free(&s->before);
    s->before = av_frame_clone(f);
    return s->before ? BF_OK : bf_fail_memory(err, "a frame");
}

void bf_scene_done(struct bf_scene *s)
{
    av_frame_free(&s->before);
    *s = (struct bf_scene){ 0 };
}
