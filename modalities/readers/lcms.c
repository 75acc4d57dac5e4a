/* Colours through Little CMS. */
#include "modalities/readers/icc.h"

#ifdef BF_HAVE_LCMS

#include <limits.h>

#include <lcms2.h>

static void delete_context(cmsContext *c)
{
    cmsDeleteContext(*c);
}

static void close_profile(cmsHPROFILE *p)
{
    if (*p)
        (void)cmsCloseProfile(*p); /* nothing is written back */
}

static void delete_transform(cmsHTRANSFORM *t)
{
    if (*t)
        cmsDeleteTransform(*t);
}

/* How pixels are to be read under a profile of this space; 0: it is not of this kind of picture. A
 * gray profile is for pictures whose channels are equal, and reads the first. */
static cmsUInt32Number format_for(cmsColorSpaceSignature space, const struct bf_pixels *p,
                                  bool gray)
{
    if (space == cmsSigCmykData)
        return p->inks ? TYPE_CMYK_8 : 0;
    if (p->inks)
        return 0;
    if (space == cmsSigRgbData)
        return p->n_ch == 4 ? TYPE_RGBA_8 : TYPE_RGB_8;
    if (space == cmsSigGrayData && gray)
        return COLORSPACE_SH(PT_GRAY) | CHANNELS_SH(1) | EXTRA_SH(p->n_ch - 1) | BYTES_SH(1);
    return 0;
}

static bool is_gray(const struct bf_pixels *p)
{
    const size_t n = (size_t)p->w * (size_t)p->h;
    bool gray = !p->inks;
    for (size_t i = 0; gray && i < n; i++) {
        const uint8_t *q = p->px + i * (size_t)p->n_ch;
        gray = q[0] == q[1] && q[1] == q[2];
    }
    return gray;
}

/* In place: no pixel grows, alpha stays where it is. */
static int transform(cmsContext ctx, cmsHPROFILE from, cmsUInt32Number format, struct bf_pixels *p,
                     struct bf_err *err)
{
    BF_AUTO(close_profile) cmsHPROFILE to = cmsCreate_sRGBProfileTHR(ctx);
    if (!to)
        return bf_fail_memory(err, "a colour profile");
    const int n_out = p->inks ? 3 : p->n_ch;
    BF_AUTO(delete_transform)
    cmsHTRANSFORM t =
        cmsCreateTransformTHR(ctx, from, format, to, n_out == 4 ? TYPE_RGBA_8 : TYPE_RGB_8,
                              INTENT_PERCEPTUAL, 0);
    if (!t) {
        bf_pixels_warn(p, "its colour profile is broken, and was not applied");
        return BF_OK;
    }
    const size_t row_in = (size_t)p->w * (size_t)p->n_ch, row_out = (size_t)p->w * (size_t)n_out;
    for (int y = 0; y < p->h; y++)
        cmsDoTransform(t, p->px + (size_t)y * row_in, p->px + (size_t)y * row_out,
                       (cmsUInt32Number)p->w);
    p->n_ch = n_out;
    p->inks = false;
    return BF_OK;
}

int bf_lcms_to_srgb(const uint8_t *profile, size_t n, struct bf_pixels *p, struct bf_arena *a,
                    struct bf_err *err)
{
    (void)a;
    BF_AUTO(delete_context) cmsContext ctx = cmsCreateContext(NULL, NULL);
    if (!ctx)
        return bf_fail_memory(err, "a colour profile");
    BF_AUTO(close_profile)
    cmsHPROFILE from =
        n <= INT_MAX ? cmsOpenProfileFromMemTHR(ctx, profile, (cmsUInt32Number)n) : NULL;
    if (!from) {
        bf_pixels_warn(p, "its colour profile is broken, and was not applied");
        return BF_OK;
    }
    const cmsColorSpaceSignature space = cmsGetColorSpace(from);
    const cmsUInt32Number format = format_for(space, p, space == cmsSigGrayData && is_gray(p));
    if (!format) {
        bf_pixels_warn(p, "its colour profile is for another kind of picture, and was not applied");
        return BF_OK;
    }
    return transform(ctx, from, format, p, err);
}

#else

int bf_lcms_to_srgb(const uint8_t *profile, size_t n, struct bf_pixels *p, struct bf_arena *a,
                    struct bf_err *err)
{
    (void)profile, (void)n, (void)p, (void)a, (void)err;
    return BF_END;
}

#endif
