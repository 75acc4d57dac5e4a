/* The conditions white, black, noise and blur of JPEG files as a run renders them for a model
 * server: through two worker processes, at most 1024 pixels a side, JPEG of quality 90, base64.
 * Prints how many were made and how many characters.
 *
 *     conditions FILE... */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base64.h"
#include "core/worker.h"

enum { N_WORKERS = 2, N_CONDITIONS = 4, HEAD = 65536 };

static const struct {
    const char *op;
    const char *options[8]; /* name and value by turns */
} conditions[N_CONDITIONS] = {
    { "white", { "size", "original" } },
    { "black", { "size", "original" } },
    { "noise", { "kind", "gaussian", "level", "127", "spread", "50", "size", "original" } },
    { "blur", { "radius", "20" } },
};

static struct {
    struct bf_spec spec;
    struct bf_replace by[N_CONDITIONS];
    struct bf_base64 base64;
    char **files;
    size_t n_made, n_characters, cap;
    char *characters;
} b;

static void *init(const struct bf_op *op, const char *const *pairs, struct bf_arena *a)
{
    void *priv = NULL;
    struct bf_err err = { 0 };
    int rc = bf_op_init(op, &priv, a, &err);
    for (int i = 0; rc == BF_OK && i < 8 && pairs[i]; i += 2) {
        const struct bf_opt *opt = bf_opt_find(op->opts, pairs[i]);
        rc = opt ? bf_opt_set(opt, priv, pairs + i + 1, 1, a, &err) : BF_EINVAL;
    }
    if (rc != BF_OK) {
        fprintf(stderr, "conditions: %s: %s\n", op->name, err.msg);
        exit(2);
    }
    return priv;
}

/* Width and height as a run knows them once the pool is read: here from the frame header. */
static void read_size(int fd, int *w, int *h)
{
    static uint8_t head[HEAD];
    const ssize_t n = pread(fd, head, sizeof head, 0);
    for (ssize_t i = 2; i + 9 < n; i += 2 + (head[i + 2] << 8 | head[i + 3]))
        if (head[i] == 0xff && head[i + 1] >= 0xc0 && head[i + 1] <= 0xc2) {
            *h = head[i + 5] << 8 | head[i + 6];
            *w = head[i + 7] << 8 | head[i + 8];
            return;
        }
}

static int make(void *ctx, uint32_t i, struct bf_job *job, struct bf_err *err)
{
    (void)ctx;
    const char *path = b.files[i / N_CONDITIONS];
    const int c = (int)(i % N_CONDITIONS);
    *job = (struct bf_job){ .by = &b.by[c], .want = BF_WANT_SHOWN };
    job->with.rng = bf_rng_for(1, path, conditions[c].op, 0);
    job->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (job->fd < 0)
        return bf_fail(err, BF_EIO, "cannot open '%s'", path);
    read_size(job->fd, &job->with.w, &job->with.h);
    return BF_OK;
}

static int take(void *ctx, uint32_t i, const struct bf_job_result *result, struct bf_err *err)
{
    (void)ctx;
    if (result->code != BF_OK || result->shown.n_blobs != 1)
        return bf_fail(err, BF_EDATA, "%s: %s", b.files[i / N_CONDITIONS], result->reason);
    const struct bf_blob *blob = result->shown.blobs;
    const size_t n = bf_base64_len(blob->n);
    if (n > b.cap) {
        free(b.characters);
        b.cap = 2 * n;
        b.characters = malloc(b.cap);
        if (!b.characters)
            return bf_fail_memory(err, "base64");
    }
    bf_base64_encode(&b.base64, blob->bytes, blob->n, b.characters);
    b.n_made++;
    b.n_characters += n;
    return BF_OK;
}

int main(int argc, char **argv)
{
    static const char *const shown[8] = { "encode", "jpeg", "quality", "90", "side", "1024" };
    const struct bf_modality *image = bf_modality_of(BF_RASTER);
    struct bf_arena a = { 0 };
    struct bf_workers *workers = NULL;
    struct bf_err err = { 0 };
    b.files = argv + 1;
    b.spec.n_modalities = 1;
    b.spec.modalities[0] = (struct bf_modality_use){ .name = "image",
                                                     .base = image,
                                                     .priv = init(&image->op, shown, &a) };
    for (int c = 0; c < N_CONDITIONS; c++) {
        b.by[c].op =
            (const void *)bf_op_find((const struct bf_op *const *)(const void *)bf_operators,
                                     conditions[c].op);
        b.by[c].priv = init(&b.by[c].op->op, conditions[c].options, &a);
    }
    bf_base64_init(&b.base64);
    int rc = bf_workers_open(N_WORKERS, &b.spec, &bf_default_limits, &workers, &err);
    if (rc == BF_OK)
        rc = bf_workers_run(workers, (uint32_t)(argc - 1) * N_CONDITIONS, make, take, NULL, &err);
    bf_workers_close(workers);
    bf_arena_reset(&a);
    free(b.characters);
    if (rc != BF_OK)
        fprintf(stderr, "conditions: %s\n", err.msg);
    else
        printf("%zu %zu\n", b.n_made, b.n_characters);
    return rc != BF_OK;
}
