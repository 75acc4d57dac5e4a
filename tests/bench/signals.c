/* bench_signals MODALITY REPEAT FILE...: what a sound or a trace costs to read: decoding, hashing,
 * features and fingerprint, over all files in one process. Prints CPU milliseconds a
 * file, of each the least of REPEAT rounds. */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/hash.h"
#include "core/ops.h"

extern const struct bf_modality bf_modality_audio, bf_modality_tactile;

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* One file, from its descriptor to its readings; ms [3] of decode, hash, readings are added to. */
static int read_one(const struct bf_modality *m, const void *priv, const char *path, double *ms)
{
    struct bf_arena a = { 0 };
    struct bf_media media;
    struct bf_media_info info = { 0 };
    struct bf_features features;
    struct bf_err err;
    uint8_t sha[BF_SHA_BYTES];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const double begin = cpu_ms();
    int rc = fd < 0 ? BF_EIO : bf_sha256_fd(fd, sha, &err);
    const double hashed = cpu_ms();
    if (rc == BF_OK)
        rc = m->decode(priv, fd, &bf_default_limits, &media, &info, &a, &err);
    const double decoded = cpu_ms();
    uint64_t print = 0;
    if (rc == BF_OK && m->both) {
        rc = m->both(&media, &features, &print, &a, &err);
    } else if (rc == BF_OK) {
        rc = m->features(&media, &features, &a, &err);
        print = rc == BF_OK ? m->fingerprint(&media, &a) : 0;
    }
    ms[0] += decoded - hashed;
    ms[1] += hashed - begin;
    ms[2] += cpu_ms() - decoded;
    close(fd);
    bf_arena_reset(&a);
    if (rc != BF_OK)
        fprintf(stderr, "%s: %s\n", path, err.msg);
    return rc;
}

int main(int argc, char **argv)
{
    struct bf_arena a = { 0 };
    void *priv = NULL;
    double best[3] = { INFINITY, INFINITY, INFINITY };
    if (argc < 4) {
        fprintf(stderr, "usage: bench_signals audio|tactile REPEAT FILE...\n");
        return 2;
    }
    const struct bf_modality *m =
        strcmp(argv[1], "audio") == 0 ? &bf_modality_audio : &bf_modality_tactile;
    if (bf_op_init(&m->op, &priv, &a, NULL) != BF_OK)
        return 2;
    for (int r = 0; r < strtol(argv[2], NULL, 10); r++) {
        double ms[3] = { 0 };
        for (int i = 3; i < argc; i++)
            if (read_one(m, priv, argv[i], ms) != BF_OK)
                return 1;
        for (int k = 0; k < 3; k++)
            best[k] = fmin(best[k], ms[k]);
    }
    const int n = argc - 3;
    printf("%d files, ms a file: decode %.3f hash %.3f readings %.3f\n", n, best[0] / n,
           best[1] / n, best[2] / n);
    bf_arena_reset(&a);
    return 0;
}
