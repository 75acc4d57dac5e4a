#ifndef BF_PROBE_BUILTIN_EMBEDDINGS_H
#define BF_PROBE_BUILTIN_EMBEDDINGS_H

#include "core/hash.h"
#include "core/sample.h"

/* Where a user's own vectors lie. Paths are absolute; "" or NULL = none.
 *
 * An NPY file holds [n][dim] floats of 16, 32 or 64 bits in C or Fortran order, and `ids` names the
 * sample of each row, one id a line: rows are never counted off against the pool, whose rows shift
 * as soon as one of them is set aside. Any other file is JSONL: {"id": ..., "embedding": [...]},
 * or "embeddings": [[...], ...] with a vector for each choice, or both. */
struct bf_embedding_files {
    const char *path, *ids;
};

enum { BF_EMBEDDING_MAX_DIM = 65536 };

/* Vectors by sample of a pool, of any unit. Memory belongs to an arena. */
struct bf_embeddings {
    int dim;           /* of samples' vectors; 0 = there are none */
    int own_dim;       /* of choices' vectors; 0 = there are none */
    const float **of;  /* [n_samples] -> [dim], or NULL where a sample has none */
    const float **own; /* [n_samples] -> [n_choices][own_dim], or NULL */
    uint32_t n_with;   /* samples that have any */
    uint64_t n_others; /* ids that are no sample's */
};

/* What can be known without a pool: that both files can be read to their end, that every vector has
 * as many values as the first of its kind, all of them finite, and that there is one id a row and
 * none twice. BF_EINVAL names file, line, id, what was found and what is allowed. */
int bf_embeddings_check(const struct bf_embedding_files *files, struct bf_err *err);

/* SHA-256 of what the files hold: part of what a probe that uses them is. BF_EIO. */
int bf_embeddings_digest(const struct bf_embedding_files *files, uint8_t out[BF_SHA_BYTES],
                         struct bf_err *err);

/* The vectors of a pool's samples, and of no others. Codes as bf_embeddings_check(), also when a
 * sample's choices are more or fewer than its vectors for them, or when no id is a sample's;
 * BF_ENOMEM. On failure `out` is untouched. */
int bf_embeddings_read(const struct bf_embedding_files *files, const struct bf_pool *pool,
                       struct bf_embeddings *out, struct bf_arena *a, struct bf_err *err);

#endif
