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

/* Whether libsndfile would go on in silence where a FLAC file changes its channels or its depth. */
static int find_changes(struct bf_source *src, bool *changes_out, struct bf_arena *a,
                        struct bf_err *err)
{
    uint8_t *bytes = NULL;
    size_t n = 0;
    char head[4];
    *changes_out = false;
    src->at = 0;
    if (bf_source_read(src, head, sizeof head) != sizeof head || memcmp(head, "fLaC", 4) != 0)
        return BF_OK;
    BF_TRY(bf_source_all(src, &bytes, &n, a, err));
    *changes_out = !bf_is_flac(bytes, n) || !bf_flac_is_even(bytes, n);
    return BF_OK;
}

int bf_sound_wave(struct bf_source *src, const struct bf_limits *limits, struct bf_wave *out,
                  struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    bool changes;
    BF_TRY(find_changes(src, &changes, a, err));
    int rc = changes ? BF_EDATA : bf_sndfile_wave(src, limits, out, info, a, NULL);
    if (rc == BF_EDATA)
        return bf_ffmpeg_wave(src, limits, out, info, a, err);
    return rc < 0 ? bf_fail_memory(err, "a sound") : rc;
}
