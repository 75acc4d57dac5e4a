#ifndef BF_PROBE_BUILTIN_VECTORS_H
#define BF_PROBE_BUILTIN_VECTORS_H

#include "probe/builtin/embeddings.h"

/* One vector, or a choice's each, as a file has them. */
struct bf_vectors {
    const char *file; /* without its folder, for messages */
    const char *what; /* "line" or "row" */
    uint64_t at;      /* 1-based */
    const char *id;
    bool of_choices; /* one a choice, else one */
    int n, dim;
    const float *v; /* [n][dim], all finite */
};

/* Walk through the files and call `visit` for whatever vectors they hold, in their order; what it
 * is given is gone afterwards. All of one kind have the same dimension. Stops at the first failure,
 * its own or that of `visit`. BF_EINVAL, BF_ENOMEM. */
int bf_vectors_each(const struct bf_embedding_files *files,
                    int (*visit)(void *ctx, const struct bf_vectors *x, struct bf_err *err),
                    void *ctx, struct bf_err *err);

/* "'clip.npy' row 3, id 'q7': " and the rest. */
int bf_vectors_fail(const struct bf_vectors *x, struct bf_err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
