/* TIFF through libtiff. */
#include "modalities/readers/pixels.h"

#ifdef BF_HAVE_TIFF

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

#include "modalities/raster.h"

/* The file in memory, and what libtiff has to say about it. */
struct memory {
    const uint8_t *bytes;
    toff_t n, at;
    int n_errors;
    char first[72];
};

static tmsize_t read_memory(thandle_t h, void *buf, tmsize_t n)
{
    struct memory *m = h;
    const toff_t left = m->at < m->n ? m->n - m->at : 0;
    const toff_t take = n < 0 ? 0 : (toff_t)n < left ? (toff_t)n : left;
    if (take > 0)
        memcpy(buf, m->bytes + m->at, take);
    m->at += take;
    return (tmsize_t)take;
}

static tmsize_t write_nothing(thandle_t h, void *buf, tmsize_t n)
{
    (void)h, (void)buf, (void)n;
    return 0;
}

static toff_t seek_memory(thandle_t h, toff_t to, int whence)
{
    struct memory *m = h;
    m->at = whence == SEEK_SET ? to : whence == SEEK_CUR ? m->at + to : m->n + to;
    return m->at;
}

static int close_nothing(thandle_t h)
{
    (void)h;
    return 0;
}

static toff_t size_memory(thandle_t h)
{
    return ((struct memory *)h)->n;
}

static int map_memory(thandle_t h, void **base, toff_t *size)
{
    union {
        const uint8_t *in;
        void *out;
    } u = { .in = ((struct memory *)h)->bytes }; /* opened for reading: nothing is written there */
    *base = u.out;
    *size = ((struct memory *)h)->n;
    return 1;
}

static void unmap_nothing(thandle_t h, void *base, toff_t size)
{
    (void)h, (void)base, (void)size;
}

/* Both return 1: nothing is printed. */
__attribute__((format(printf, 4, 0))) static int take_error(TIFF *t, void *ctx, const char *module,
                                                            const char *fmt, va_list args)
{
    struct memory *m = ctx;
    (void)t, (void)module;
    if (m->n_errors++ == 0)
        vsnprintf(m->first, sizeof m->first, fmt, args);
    return 1;
}

__attribute__((format(printf, 4, 0))) static int
take_warning(TIFF *t, void *ctx, const char *module, const char *fmt, va_list args)
{
    (void)t, (void)ctx, (void)module, (void)fmt, (void)args;
    return 1;
}

static void close_tiff(TIFF **t)
{
    if (*t)
        TIFFClose(*t);
}

static void end_image(TIFFRGBAImage *image)
{
    if (image->tif)
        TIFFRGBAImageEnd(image);
}

static TIFF *open_memory(struct memory *m)
{
    enum { MOST_BYTES = 1 << 30 };
    TIFFOpenOptions *o = TIFFOpenOptionsAlloc();
    if (!o)
        return NULL;
    TIFFOpenOptionsSetMaxSingleMemAlloc(o, MOST_BYTES);
    TIFFOpenOptionsSetErrorHandlerExtR(o, take_error, m);
    TIFFOpenOptionsSetWarningHandlerExtR(o, take_warning, NULL);
    TIFF *t = TIFFClientOpenExt("picture", "r", m, read_memory, write_nothing, seek_memory,
                                close_nothing, size_memory, map_memory, unmap_nothing, o);
    TIFFOpenOptionsFree(o);
    return t;
}

/* Inks row by row, so that a profile can make colours of them. */
static int read_inks(TIFF *t, struct bf_pixels *p, struct bf_arena *a, struct bf_err *err)
{
    BF_TRY(bf_pixels_new(p->full_w, p->full_h, 4, p, a, err));
    p->inks = true;
    for (int y = 0; y < p->h; y++)
        (void)TIFFReadScanline(t, p->px + (size_t)y * (size_t)p->w * 4, (uint32_t)y,
                               0); /* what fails is counted by take_error */
    return BF_OK;
}

static void free_raster(uint32_t **px)
{
    free(*px);
}

/* All other kinds, as libtiff makes RGBA of them; alpha comes multiplied with the colours. */
static int read_colours(TIFF *t, const struct memory *m, struct bf_pixels *p, struct bf_arena *a,
                        struct bf_err *err)
{
    BF_AUTO(end_image) TIFFRGBAImage image = { 0 };
    const size_t n = (size_t)p->full_w * (size_t)p->full_h;
    char why[1024] = "";
    if (!TIFFRGBAImageBegin(&image, t, 0, why)) {
        image.tif = NULL;
        return bf_fail(err, BF_EDATA, "the TIFF is of a kind that is not read: %.200s",
                       why[0] ? why : m->first);
    }
    image.req_orientation = image.orientation; /* turned later, with all other pictures */
    BF_AUTO(free_raster) uint32_t *px = calloc(n, sizeof *px);
    if (!px)
        return bf_fail_memory(err, "a picture");
    if (!TIFFRGBAImageGet(&image, px, (uint32_t)p->full_w, (uint32_t)p->full_h))
        return bf_fail(err, BF_EDATA, "the TIFF is damaged: %s", m->first);
    BF_TRY(bf_pixels_new(p->full_w, p->full_h, 3, p, a, err));
    for (size_t i = 0; i < n; i++) {
        const uint32_t rest = 255 - TIFFGetA(px[i]);
        const uint32_t rgb[3] = { TIFFGetR(px[i]), TIFFGetG(px[i]), TIFFGetB(px[i]) };
        for (int c = 0; c < 3; c++)
            p->px[3 * i + c] = (uint8_t)(rgb[c] + rest < 255 ? rgb[c] + rest : 255);
    }
    return BF_OK;
}

static bool has_plain_inks(TIFF *t)
{
    uint16_t kind = 0, bits = 0, n_samples = 0, planes = 0;
    (void)TIFFGetFieldDefaulted(t, TIFFTAG_PHOTOMETRIC, &kind); /* 0 when it fails */
    (void)TIFFGetFieldDefaulted(t, TIFFTAG_BITSPERSAMPLE, &bits);
    (void)TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLESPERPIXEL, &n_samples);
    (void)TIFFGetFieldDefaulted(t, TIFFTAG_PLANARCONFIG, &planes);
    return kind == PHOTOMETRIC_SEPARATED && bits == 8 && n_samples == 4 &&
           planes == PLANARCONFIG_CONTIG && !TIFFIsTiled(t);
}

int bf_tiff_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    struct memory m = { .bytes = bytes, .n = n };
    BF_AUTO(close_tiff) TIFF *t = open_memory(&m);
    uint32_t w = 0, h = 0;
    if (!t)
        return bf_fail(err, BF_EDATA, "the TIFF's header is damaged: %s", m.first);
    (void)TIFFGetField(t, TIFFTAG_IMAGEWIDTH, &w); /* 0 when it fails */
    (void)TIFFGetField(t, TIFFTAG_IMAGELENGTH, &h);
    BF_TRY(bf_raster_allowed(w, h, limits, err));
    struct bf_pixels p = { .full_w = (int)w, .full_h = (int)h, .decoder = "libtiff" };
    if (has_plain_inks(t))
        BF_TRY(read_inks(t, &p, a, err));
    else
        BF_TRY(read_colours(t, &m, &p, a, err));
    if (m.n_errors > 0) {
        p.damaged = true;
        bf_pixels_warn(&p, "damaged: %s", m.first);
    }
    *out = p;
    return BF_OK;
}

#else

int bf_tiff_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                 struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    (void)bytes, (void)n, (void)limits, (void)out, (void)a, (void)err;
    return BF_END;
}

#endif
