/* Sound files through libsndfile; the only file that includes it. */
#include "modalities/readers/sndfile.h"

#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>

#include "modalities/readers/claims.h"
#include "modalities/wave.h"

static sf_count_t vio_size(void *ctx)
{
    return ((struct bf_source *)ctx)->size;
}

static sf_count_t vio_seek(sf_count_t offset, int whence, void *ctx)
{
    return bf_source_seek(ctx, offset, whence);
}

static sf_count_t vio_read(void *p, sf_count_t n, void *ctx)
{
    ptrdiff_t got = n < 0 ? 0 : bf_source_read(ctx, p, (size_t)n);
    return got < 0 ? 0 : got;
}

static sf_count_t vio_write(const void *p, sf_count_t n, void *ctx)
{
    (void)p;
    (void)n;
    (void)ctx;
    return 0;
}

static sf_count_t vio_tell(void *ctx)
{
    return ((struct bf_source *)ctx)->at;
}

static void close_sound(SNDFILE **f)
{
    if (*f)
        sf_close(*f);
}

static const struct {
    int major;
    const char *format, *ext;
} kinds[] = {
    { SF_FORMAT_WAV, "wav", "wav" },    { SF_FORMAT_WAVEX, "wav", "wav" },
    { SF_FORMAT_RF64, "rf64", "wav" },  { SF_FORMAT_W64, "w64", "w64" },
    { SF_FORMAT_AIFF, "aiff", "aiff" }, { SF_FORMAT_AU, "au", "au" },
    { SF_FORMAT_CAF, "caf", "caf" },    { SF_FORMAT_FLAC, "flac", "flac" },
    { SF_FORMAT_OGG, "ogg", "ogg" },    { SF_FORMAT_MPEG, "mp3", "mp3" },
};

static void name_format(int major, struct bf_media_info *info)
{
    const char *format = "sound";
    const char *ext = "snd";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].major == major) {
            format = kinds[i].format;
            ext = kinds[i].ext;
        }
    }
    snprintf(info->format, sizeof info->format, "%s", format);
    snprintf(info->ext, sizeof info->ext, "%s", ext);
    snprintf(info->decoder, sizeof info->decoder, "libsndfile");
}

/* What the headers say of the file against what was decoded. */
static void judge(struct bf_source *src, const struct bf_claims *c, size_t n, const SF_INFO *si,
                  const char *stopped_by, struct bf_media_info *info)
{
    char *w = info->warning;
    const size_t size = sizeof info->warning;
    /* Writers that could not seek back leave a huge number of frames. */
    const bool counted = si->frames < INT32_MAX;
    if (c->claimed > c->there)
        snprintf(w, size, "ends early: %lld of %lld bytes of sound", (long long)c->there,
                 (long long)c->claimed);
    else if (counted && (int64_t)n < si->frames)
        snprintf(w, size, "ends early: %zu of %lld samples", n, (long long)si->frames);
    else if (stopped_by)
        snprintf(w, size, "damaged: decoding stops after %zu samples", n);
    else if (!bf_ogg_is_whole(src))
        snprintf(w, size, "ends early: %zu samples, and its last page is missing", n);
    else if (c->behind > 0)
        snprintf(w, size, "its header says %lld bytes of sound, %lld more follow",
                 (long long)c->claimed, (long long)c->behind);
    info->damaged = w[0] != '\0';
}

int bf_sndfile_wave(struct bf_source *src, const struct bf_limits *limits, struct bf_wave *out,
                    struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    SF_VIRTUAL_IO vio = { vio_size, vio_seek, vio_read, vio_write, vio_tell };
    SF_INFO si = { 0 };
    struct bf_media_info got = { 0 };

    const struct bf_claims claims = bf_claims_read(src);
    src->at = 0;
    BF_AUTO(close_sound) SNDFILE *f = sf_open_virtual(&vio, SFM_READ, &si, src);
    if (!f)
        return bf_fail(err, BF_EDATA, "libsndfile does not read it: %s", sf_strerror(NULL));

    struct bf_wave_builder b;
    BF_TRY(bf_wave_begin(&b, si.samplerate, si.channels, limits, a, err));
    name_format(si.format & SF_FORMAT_TYPEMASK, &got);
    /* As far as the file's size bears it out: writers to a pipe leave a huge number there. */
    if ((uint64_t)si.frames > b.max && si.frames / 64 <= src->size)
        return bf_fail(err, BF_EDATA, "the sound is longer than %g s", limits->wave_seconds);

    /* A header's count is worth room for as much as so many bytes may hold. */
    if (si.frames > 0 && si.frames / 64 <= src->size && (uint64_t)si.frames <= b.max)
        BF_TRY(bf_wave_reserve(&b, (size_t)si.frames, err));
    float block[4096];
    const sf_count_t n_block = (sf_count_t)(sizeof block / sizeof *block) / si.channels;
    for (;;) {
        sf_count_t n = sf_readf_float(f, block, n_block);
        if (n <= 0)
            break;
        BF_TRY(bf_wave_add(&b, block, (size_t)n, err));
    }
    if (sf_error(f) != SF_ERR_NO_ERROR && b.n == 0)
        return bf_fail(err, BF_EDATA, "the sound is damaged: %s", sf_strerror(f));
    const char *stopped_by = sf_error(f) != SF_ERR_NO_ERROR ? sf_strerror(f) : NULL;
    judge(src, &claims, b.n, &si, stopped_by, &got);
    BF_TRY(bf_wave_end(&b, out, &got, err));
    *info = got;
    return BF_OK;
}
