/* Sounds, each by the reader for it. */
#include "modalities/readers/sound_file.h"

#include <string.h>

#include "modalities/readers/ffmpeg.h"
#include "modalities/readers/flac.h"
#include "modalities/readers/sndfile.h"

bool bf_is_sound(struct bf_source *src)
{
    static const char *const marks[] = { "RIFF", "RF64", "riff", "FORM", "caff",
                                         ".snd", "fLaC", "OggS", "ID3" };
    char head[4];
    src->at = 0;
    if (bf_source_read(src, head, sizeof head) != sizeof head)
        return false;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (memcmp(head, marks[i], strlen(marks[i])) == 0)
            return true;
    return (head[0] & 0xff) == 0xff && (head[1] & 0xe0) == 0xe0; /* a frame of MP3 */
}

static int read_flac(struct bf_source *src, const struct bf_limits *limits, struct bf_wave *out,
                     struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    BF_TRY(bf_source_all(src, &bytes, &n, a, err));
    return bf_flac_wave(bytes, n, limits, out, info, a, err);
}

int bf_sound_wave(struct bf_source *src, const struct bf_limits *limits, struct bf_wave *out,
                  struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    int rc = bf_is_flac(src) ? read_flac(src, limits, out, info, a, err) : BF_END;
    if (rc != BF_END)
        return rc;
    rc = bf_sndfile_wave(src, limits, out, info, a, NULL);
    if (rc == BF_EDATA)
        return bf_ffmpeg_wave(src, limits, out, info, a, err);
    return rc < 0 ? bf_fail_memory(err, "a sound") : rc;
}
