/* Vectors of a pool's samples that a model made somewhere else. */
#include "probe/builtin/embeddings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "probe/builtin/vectors.h"

/* ---- without a pool ---- */

/* An id, by its hash, of one kind of vector, and where it was. */
struct seen {
    uint64_t hash, at;
    bool of_choices; /* not mixed into the hash: xxHash of few bytes takes seeds for other bytes */
};

struct seens {
    struct seen *v; /* malloc'ed */
    size_t n, cap;
};

static int by_hash(const void *x, const void *y)
{
    const struct seen *a = x, *b = y;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    if (a->of_choices != b->of_choices)
        return a->of_choices ? 1 : -1;
    return (a->at > b->at) - (a->at < b->at);
}

static int remember(void *ctx, const struct bf_vectors *x, struct bf_err *err)
{
    struct seens *s = ctx;
    if (s->n == s->cap) {
        const size_t cap = s->cap ? s->cap * 2 : 1024;
        struct seen *more = realloc(s->v, cap * sizeof *more);
        if (!more)
            return bf_fail_memory(err, "ids");
        s->v = more;
        s->cap = cap;
    }
    s->v[s->n++] = (struct seen){ bf_hash64(x->id, strlen(x->id), 0), x->at, x->of_choices };
    return BF_OK;
}

int bf_embeddings_check(const struct bf_embedding_files *files, struct bf_err *err)
{
    struct seens s = { 0 };
    int rc = bf_vectors_each(files, remember, &s, err);
    if (rc == BF_OK && s.n == 0)
        rc = bf_fail(err, BF_EINVAL, "'%s' holds no vector", files->path);
    if (rc == BF_OK)
        qsort(s.v, s.n, sizeof *s.v, by_hash);
    for (size_t i = 1; rc == BF_OK && i < s.n; i++)
        if (s.v[i].hash == s.v[i - 1].hash && s.v[i].of_choices == s.v[i - 1].of_choices)
            rc = bf_fail(err, BF_EINVAL, "'%s': %llu and %llu have the same id", files->path,
                         (unsigned long long)s.v[i - 1].at, (unsigned long long)s.v[i].at);
    free(s.v);
    return rc;
}

static int add_digest(const char *path, uint8_t out[BF_SHA_BYTES], struct bf_err *err)
{
    const int fd = bf_file_open(path, path, err);
    if (fd < 0)
        return fd;
    const int rc = bf_sha256_fd(fd, out, err);
    close(fd);
    return rc;
}

int bf_embeddings_digest(const struct bf_embedding_files *files, uint8_t out[BF_SHA_BYTES],
                         struct bf_err *err)
{
    uint8_t both[2 * BF_SHA_BYTES] = { 0 };
    BF_TRY(add_digest(files->path, both, err));
    if (files->ids && files->ids[0])
        BF_TRY(add_digest(files->ids, both + BF_SHA_BYTES, err));
    bf_sha256(both, sizeof both, out);
    return BF_OK;
}

/* ---- of a pool ---- */

/* A sample's place by its id. */
struct place {
    uint64_t hash;
    uint32_t sample;
};

struct reading {
    const struct bf_pool *pool;
    struct place *places; /* [n_samples] by hash, then sample */
    struct bf_embeddings got;
    struct bf_arena *a;
};

static int by_place(const void *x, const void *y)
{
    const struct place *a = x, *b = y;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->sample > b->sample) - (a->sample < b->sample);
}

/* The sample of that id, or NULL. */
static const struct bf_sample *find(const struct reading *r, const char *id)
{
    const uint64_t hash = bf_hash64(id, strlen(id), 0);
    uint32_t lo = 0, hi = r->pool->n_samples;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (r->places[mid].hash < hash)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < r->pool->n_samples && r->places[lo].hash == hash; lo++) {
        const struct bf_sample *s = &r->pool->samples[r->places[lo].sample];
        if (strcmp(s->id, id) == 0)
            return s;
    }
    return NULL;
}

static int take(void *ctx, const struct bf_vectors *x, struct bf_err *err)
{
    struct reading *r = ctx;
    const struct bf_sample *s = find(r, x->id);
    if (!s) {
        r->got.n_others++;
        return BF_OK;
    }
    const float **at = x->of_choices ? &r->got.own[s->index] : &r->got.of[s->index];
    if (*at)
        return bf_vectors_fail(x, err, "it is there twice");
    if (x->of_choices && x->n != s->n_choices)
        return bf_vectors_fail(x, err, "there are %d vectors for %d choices", x->n, s->n_choices);
    r->got.n_with += !r->got.of[s->index] && !r->got.own[s->index];
    *at = bf_arena_memdup(r->a, x->v, (size_t)x->n * (size_t)x->dim * sizeof *x->v);
    if (!*at)
        return bf_fail_memory(err, "vectors");
    *(x->of_choices ? &r->got.own_dim : &r->got.dim) = x->dim;
    return BF_OK;
}

int bf_embeddings_read(const struct bf_embedding_files *files, const struct bf_pool *pool,
                       struct bf_embeddings *out, struct bf_arena *a, struct bf_err *err)
{
    const size_t n = (size_t)pool->n_samples + 1;
    struct reading r = { .pool = pool, .a = a };
    r.places = malloc(n * sizeof *r.places);
    r.got.of = bf_arena_alloc(a, n, sizeof *r.got.of);
    r.got.own = bf_arena_alloc(a, n, sizeof *r.got.own);
    int rc = r.places && r.got.of && r.got.own ? BF_OK : bf_fail_memory(err, "vectors");
    for (uint32_t i = 0; rc == BF_OK && i < pool->n_samples; i++) {
        const char *id = pool->samples[i].id;
        r.places[i] = (struct place){ bf_hash64(id, strlen(id), 0), i };
    }
    if (rc == BF_OK) {
        qsort(r.places, pool->n_samples, sizeof *r.places, by_place);
        rc = bf_vectors_each(files, take, &r, err);
    }
    if (rc == BF_OK && r.got.n_with == 0)
        rc = bf_fail(err, BF_EINVAL, "'%s': none of %llu ids is that of a sample", files->path,
                     (unsigned long long)r.got.n_others);
    if (rc == BF_OK)
        *out = r.got;
    free(r.places);
    return rc;
}
