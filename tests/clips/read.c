/* One media file as blindfold reads it, for suites that compare it to other programs.
 *
 *     clip_read [-n TIMES] [-e ENOUGH] [-f] MODALITY FILE OUT [NAME VALUE]...
 *
 * Writes its pixels (RGB, frame after frame) or samples (32-bit floats, interleaved) to OUT and
 * says what was found: "refused REASON"; or "info" with format, width, height, frames, seconds,
 * damaged; "warning"; "frame WIDTH HEIGHT SECONDS"; "wave RATE CHANNELS SAMPLES"; "cpu" with the
 * milliseconds of one reading, the least of -n; -f: features and fingerprint with it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/ops.h"
#include "tests/media.h"

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void write_frames(const struct bf_raster *frames, const double *at, int n, FILE *out)
{
    for (int k = 0; k < n; k++) {
        const struct bf_raster *r = &frames[k];
        printf("frame %d %d %.9f\n", r->w, r->h, at ? at[k] : 0);
        for (int y = 0; y < r->h; y++)
            fwrite(r->px + y * r->stride, 3, (size_t)r->w, out);
    }
}

static void write_wave(const struct bf_wave *w, FILE *out)
{
    printf("wave %.17g %d %zu\n", w->rate_hz, w->n_ch, w->n);
    for (size_t i = 0; i < w->n; i++)
        for (int c = 0; c < w->n_ch; c++)
            fwrite(&w->v[(size_t)c * w->n + i], sizeof(float), 1, out);
}

int main(int argc, char **argv)
{
    struct bf_limits limits = bf_default_limits;
    struct bf_arena options = { 0 }, a = { 0 };
    struct bf_media media = { 0 };
    struct bf_media_info info = { 0 };
    struct bf_err err = { 0 };
    int times = 1;
    bool features = false;
    double least = 1e300;
    int rc = BF_OK;
    for (int opt = 0; (opt = getopt(argc, argv, "+n:e:f")) != -1;) {
        if (opt == 'n')
            times = (int)strtol(optarg, NULL, 10);
        else if (opt == 'e')
            limits.enough = (int)strtol(optarg, NULL, 10);
        else
            features = true;
    }
    if (argc - optind < 3)
        return 2;
    const struct bf_modality *m =
        (const struct bf_modality *)bf_op_find((const struct bf_op *const *)bf_modalities,
                                               argv[optind]);
    const int fd = open(argv[optind + 1], O_RDONLY | O_CLOEXEC);
    FILE *out = fopen(argv[optind + 2], "wbe");
    if (!m || fd < 0 || !out)
        return 2;
    const void *priv = test_options(&m->op, (const char *const *)argv + optind + 3, &options);
    for (int i = 0; i < times && rc == BF_OK; i++) {
        struct bf_features f;
        bf_arena_reset(&a);
        info = (struct bf_media_info){ 0 };
        const double start = cpu_ms();
        rc = m->decode(priv, fd, &limits, &media, &info, &a, &err);
        if (rc == BF_OK && features)
            rc = m->features(&media, &f, &a, &err) + (m->fingerprint(&media, &a) == 1);
        const double ms = cpu_ms() - start;
        least = ms < least ? ms : least;
    }
    if (rc < 0) {
        printf("refused %s\n", err.msg);
    } else {
        printf("info %s %d %d %d %.9f %d\n", info.format, info.w, info.h, info.n_frames,
               info.seconds, info.damaged);
        printf("warning %s\ncpu %.3f\n", info.warning, least);
        if (media.carrier == BF_CLIP)
            write_frames(media.clip.frames, media.clip.at_seconds, media.clip.n_frames, out);
        else if (media.carrier == BF_RASTER)
            write_frames(&media.raster, NULL, 1, out);
        else if (media.carrier == BF_WAVE)
            write_wave(&media.wave, out);
    }
    close(fd);
    bf_arena_reset(&a);
    bf_arena_reset(&options);
    return fclose(out) == 0 ? 0 : 1;
}
