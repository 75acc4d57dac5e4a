/* Reads pictures as the modality `image` does: read_picture FILE [ENOUGH] writes the pixels as PPM
 * to standard output and what was found to standard error; without pixels, why. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/ops.h"

extern const struct bf_modality bf_modality_image;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long peak_kb(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

int main(int argc, char **argv)
{
    struct bf_arena a = { 0 };
    struct bf_limits limits = bf_default_limits;
    struct bf_media m;
    struct bf_media_info i = { 0 };
    struct bf_err err = { 0 };
    void *priv = NULL;
    const int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1;
    if (fd < 0 || bf_op_init(&bf_modality_image.op, &priv, &a, &err) != BF_OK)
        return 2;
    limits.enough = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;
    const double start = now();
    const long before = peak_kb();
    const int rc = bf_modality_image.decode(priv, fd, &limits, &m, &i, &a, &err);
    fprintf(stderr, "ms=%.1f\nkb=%ld\n", (now() - start) * 1e3, peak_kb() - before);
    close(fd);
    if (rc != BF_OK) {
        fprintf(stderr, "refused=%s\n", err.msg);
        bf_arena_reset(&a);
        return 1;
    }
    fprintf(stderr, "w=%d\nh=%d\nformat=%s\ndecoder=%s\ndamaged=%d\nwarning=%s\n", i.w, i.h,
            i.format, i.decoder, i.damaged, i.warning);
    printf("P6\n%d %d\n255\n", m.raster.w, m.raster.h);
    for (int y = 0; y < m.raster.h; y++)
        fwrite(m.raster.px + y * m.raster.stride, 3, (size_t)m.raster.w, stdout);
    bf_arena_reset(&a);
    return 0;
}
