/* The fingerprints of media files, "HEX PATH" a line.
 *
 *     prints MODALITY FILE... */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "core/ops.h"

int main(int argc, char **argv)
{
    const struct bf_op *op =
        argc > 1 ? bf_op_find((const struct bf_op *const *)bf_modalities, argv[1]) : NULL;
    const struct bf_modality *m = (const struct bf_modality *)op;
    struct bf_arena options = { 0 }, a = { 0 };
    struct bf_err err;
    void *priv = NULL;
    int rc = 0;

    if (!m || bf_op_init(op, &priv, &options, &err) != BF_OK) {
        fprintf(stderr, "usage: prints MODALITY FILE...\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        struct bf_media media;
        struct bf_media_info info = { 0 };
        const int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0 || m->decode(priv, fd, &bf_default_limits, &media, &info, &a, &err) != BF_OK) {
            fprintf(stderr, "prints: %s: %s\n", argv[i], fd < 0 ? "cannot open" : err.msg);
            rc = 1;
        } else {
            printf("%016" PRIx64 " %s\n", m->fingerprint(&media, &a), argv[i]);
        }
        if (fd >= 0)
            close(fd);
        bf_arena_reset(&a);
    }
    bf_arena_reset(&options);
    return rc;
}
