/* Pictures as JPEG, by libjpeg-turbo where it is there. */
#include "modalities/writers/jpeg.h"

#include "modalities/readers/stb.h"

enum { MAX_SIDE = 65535, HALF_UP_TO = 90 };

#ifdef BF_HAVE_TURBOJPEG
#include <turbojpeg.h>

static void close_handle(tjhandle *h)
{
    if (*h)
        (void)tjDestroy(*h); /* fails only without a handle */
}

static int encode(const struct bf_raster *r, int quality, uint8_t **out, size_t *n_out,
                  struct bf_arena *a, struct bf_err *err)
{
    const int sampling = quality <= HALF_UP_TO ? TJSAMP_420 : TJSAMP_444;
    const unsigned long room = tjBufSize(r->w, r->h, sampling);
    BF_AUTO(close_handle) tjhandle h = tjInitCompress();
    unsigned char *bytes = room == (unsigned long)-1 ? NULL : bf_arena_alloc(a, room, 1);
    if (!h || !bytes)
        return bf_fail(err, BF_ENOMEM, "no memory for a JPEG of %d x %d pixels", r->w, r->h);
    unsigned long n = room;
    if (tjCompress2(h, r->px, r->w, (int)r->stride, r->h, TJPF_RGB, &bytes, &n, sampling, quality,
                    TJFLAG_NOREALLOC) != 0)
        return bf_fail(err, BF_ENOMEM, "a JPEG of %d x %d pixels cannot be made: %s", r->w, r->h,
                       tjGetErrorStr2(h));
    *out = bytes;
    *n_out = n;
    return BF_OK;
}
#else
static int encode(const struct bf_raster *r, int quality, uint8_t **out, size_t *n_out,
                  struct bf_arena *a, struct bf_err *err)
{
    return bf_stb_jpeg(r, quality, out, n_out, a, err);
}
#endif

int bf_jpeg_encode(const struct bf_raster *r, int quality, struct bf_blob *out, struct bf_arena *a,
                   struct bf_err *err)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    if (r->w > MAX_SIDE || r->h > MAX_SIDE)
        return bf_fail(err, BF_EDATA, "a picture of %d x %d pixels is too large for a JPEG", r->w,
                       r->h);
    BF_TRY(encode(r, quality, &bytes, &n, a, err));
    *out = (struct bf_blob){ .ext = "jpg", .mime = "image/jpeg", .bytes = bytes, .n = n };
    return BF_OK;
}
