/* What tests of media share: bytes as an open file, options as a spec would set them. */
#ifndef BF_TESTS_MEDIA_H
#define BF_TESTS_MEDIA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/ops.h"

/* A nameless file that holds `bytes`, open for reading at an offset that is not its start: decoders
 * must not rely on it. The caller closes it. */
static inline int test_fd(const void *bytes, size_t n)
{
    char path[] = "/tmp/bf-test-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || unlink(path) != 0 || write(fd, bytes, n) != (ssize_t)n)
        abort();
    return fd;
}

/* Options of an operation: defaults, then name and value by turns up to NULL. */
static inline void *test_options(const struct bf_op *op, const char *const *pairs,
                                 struct bf_arena *a)
{
    void *priv = NULL;
    if (bf_op_init(op, &priv, a, NULL) != BF_OK)
        abort();
    for (; pairs && pairs[0]; pairs += 2) {
        const struct bf_opt *opt = bf_opt_find(op->opts, pairs[0]);
        struct bf_err err;
        if (!opt || bf_opt_set(opt, priv, pairs + 1, 1, a, &err) != BF_OK)
            abort();
    }
    return priv;
}

/* Decode `bytes` with a modality's table entry. */
static inline int test_decode(const struct bf_modality *m, const char *const *pairs,
                              const void *bytes, size_t n, struct bf_media *out,
                              struct bf_media_info *info, struct bf_arena *a, struct bf_err *err)
{
    int fd = test_fd(bytes, n);
    *info = (struct bf_media_info){ 0 };
    int rc = m->decode(test_options(&m->op, pairs, a), fd, &bf_default_limits, out, info, a, err);
    close(fd);
    return rc;
}

#endif
