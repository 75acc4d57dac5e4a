/* JPEG through libjpeg-turbo, at a smaller scale where that is enough. */
#include "modalities/readers/pixels.h"

#ifdef BF_HAVE_TURBOJPEG

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <turbojpeg.h>

#include "modalities/raster.h"

static void close_handle(tjhandle *h)
{
    if (*h)
        (void)tjDestroy(*h); /* it can only say that there was nothing */
}

/* The smallest scale of 1/8, 1/4, 1/2 that leaves both sides long enough: those between are slower
 * to decode than the next larger one. */
static tjscalingfactor scale_for(int w, int h, int enough)
{
    tjscalingfactor f = { 1, 1 };
    for (int denom = 8; enough > 0 && denom > 1; denom /= 2) {
        const tjscalingfactor smaller = { 1, denom };
        if (TJSCALED(w, smaller) >= enough && TJSCALED(h, smaller) >= enough)
            return smaller;
    }
    return f;
}

/* Whether a warning is about what is not needed for the picture: version numbers, a few bytes of
 * stuffing, or more of it in front of markers that come before the first scan. "Corrupt JPEG data:
 * 3 extraneous bytes before marker 0xd9" */
static bool is_harmless(const char *warning)
{
    enum { FEW = 16, SOF0 = 0xc0, SOF3 = 0xc3, DQT = 0xdb, APP0 = 0xe0 };
    const char *count = strstr(warning, ": "), *before;
    char *end;
    if (strncmp(warning, "Corrupt", 7) != 0)
        return strncmp(warning, "Premature", 9) != 0 && strncmp(warning, "Inconsistent", 12) != 0;
    before = count ? strstr(count, "extraneous bytes before marker 0x") : NULL;
    if (!before)
        return false;
    const unsigned long marker = strtoul(strstr(before, "0x"), &end, 16);
    return strtoul(count + 2, &end, 10) <= FEW || (marker >= SOF0 && marker <= SOF3) ||
           marker == DQT || marker >= APP0;
}

static void take_warning(const char *warning, struct bf_pixels *p)
{
    p->damaged = !is_harmless(warning);
    if (strncmp(warning, "Premature", 9) == 0 || strstr(warning, "premature end"))
        bf_pixels_warn(p, "ends early: part of the picture is missing");
    else
        bf_pixels_warn(p, "libjpeg-turbo: %s", warning);
}

/* Inks as Adobe stores them, 0 = all of it: what files with four components do, marked or not. */
static void turn_inks(struct bf_pixels *p)
{
    const size_t n = (size_t)p->w * (size_t)p->h * 4;
    for (size_t i = 0; i < n; i++)
        p->px[i] = (uint8_t)(255 - p->px[i]);
    p->inks = true;
}

/* What went wrong, without the name of the function that says so: "tjDecompress2(): Bad ..." */
static const char *reason(tjhandle h)
{
    const char *text = tjGetErrorStr2(h);
    const char *after = strstr(text, "(): ");
    return after ? after + 4 : text;
}

int bf_turbojpeg_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                      struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    BF_AUTO(close_handle) tjhandle tj = tjInitDecompress();
    int w = 0, h = 0, sampling = 0, colours = -1;
    if (!tj)
        return bf_fail_memory(err, "a decoder");
    /* A sampling of its components that it has no name for is told as an error, but no obstacle. */
    if (tjDecompressHeader3(tj, bytes, n, &w, &h, &sampling, &colours) != 0 &&
        tjGetErrorCode(tj) != TJERR_WARNING && (sampling >= 0 || colours < 0))
        return bf_fail(err, BF_EDATA, "the JPEG is damaged, or of a kind that is not read: %s",
                       reason(tj));
    BF_TRY(bf_raster_allowed(w, h, limits, err));

    const bool inks = colours == TJCS_CMYK || colours == TJCS_YCCK;
    const tjscalingfactor f = scale_for(w, h, limits->enough);
    struct bf_pixels p = { .full_w = w, .full_h = h, .decoder = "libjpeg-turbo" };
    BF_TRY(bf_pixels_new(TJSCALED(w, f), TJSCALED(h, f), inks ? 4 : 3, &p, a, err));
    /* A picture in many more passes than any program writes is meant to take for ever. */
    if (tjDecompress2(tj, bytes, n, p.px, p.w, p.w * p.n_ch, p.h, inks ? TJPF_CMYK : TJPF_RGB,
                      TJFLAG_LIMITSCANS) != 0) {
        if (tjGetErrorCode(tj) != TJERR_WARNING)
            return bf_fail(err, BF_EDATA, "the JPEG is damaged: %s", reason(tj));
        take_warning(reason(tj), &p);
    }
    if (inks)
        turn_inks(&p);
    *out = p;
    return BF_OK;
}

#else

int bf_turbojpeg_read(const uint8_t *bytes, size_t n, const struct bf_limits *limits,
                      struct bf_pixels *out, struct bf_arena *a, struct bf_err *err)
{
    (void)bytes, (void)n, (void)limits, (void)out, (void)a, (void)err;
    return BF_END;
}

#endif
