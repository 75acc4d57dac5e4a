/* How long one round of AFLite takes on dense features; prints one line of JSON.
 *
 *     aflite FILE MODELS THREADS [COUNTS]
 *
 * FILE: 32-bit integers n, dim and k, n gold choices (32 bits each), n vectors of dim floats, in
 * native order. Half of the samples train each model. COUNTS gets a line "judged right" a sample.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/file.h"
#include "probe/builtin/partitions.h"

struct input {
    uint32_t n;
    int dim;
    uint8_t *k, *gold;
    const float **v;
};

static int fail(const char *why)
{
    fprintf(stderr, "aflite: %s\n", why);
    return 1;
}

static int read_input(const char *path, struct input *in, struct bf_arena *a)
{
    char *data;
    size_t size;
    struct bf_err err = { 0 };
    if (bf_file_read(path, (size_t)4 << 30, &data, &size, a, &err) != BF_OK)
        return fail(err.msg);
    const int32_t *head = (const int32_t *)(const void *)data;
    in->n = size >= 12 ? (uint32_t)head[0] : 0;
    in->dim = in->n ? head[1] : 0;
    if (!in->n || size != 12 + (size_t)in->n * (4 + 4 * (size_t)in->dim))
        return fail("the file has another size than it says");
    in->k = bf_arena_alloc(a, in->n, 1);
    in->gold = bf_arena_alloc(a, in->n, 1);
    in->v = bf_arena_alloc(a, in->n, sizeof *in->v);
    if (!in->k || !in->gold || !in->v)
        return fail("no memory");
    for (uint32_t i = 0; i < in->n; i++) {
        in->k[i] = (uint8_t)head[2];
        in->gold[i] = (uint8_t)head[3 + i];
        in->v[i] = (const float *)(const void *)(head + 3 + in->n) + (size_t)i * (size_t)in->dim;
    }
    return 0;
}

static int write_counts(const char *path, const struct bf_partition_counts *c, uint32_t n)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return fail("cannot write the counts");
    for (uint32_t i = 0; i < n; i++)
        fprintf(f, "%d %d\n", c->n_judged[i], c->n_right[i]);
    return fclose(f) == 0 ? 0 : fail("cannot write the counts");
}

int main(int argc, char **argv)
{
    struct bf_arena a = { 0 };
    struct bf_err err = { 0 };
    struct input in = { 0 };
    if (argc < 4)
        return fail("usage: aflite FILE MODELS THREADS [COUNTS]");
    if (read_input(argv[1], &in, &a))
        return 1;
    const struct bf_partitions p = {
        .n = in.n,
        .n_choices = in.k,
        .gold = in.gold,
        .n_models = (uint32_t)strtoul(argv[2], NULL, 10),
        .n_train = in.n / 2,
        .seed = 1,
        .n_threads = (int)strtol(argv[3], NULL, 10),
    };
    const struct bf_partition_vectors x = { .dim = in.dim, .v = in.v, .l2 = 1 };
    const struct bf_partition_counts out = { bf_arena_alloc(&a, in.n, sizeof(uint16_t)),
                                             bf_arena_alloc(&a, in.n, sizeof(uint16_t)) };
    struct timespec t0, t1;
    if (!out.n_right || !out.n_judged)
        return fail("no memory");
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t0);
    if (bf_partitions_linear(&p, &x, &out, &err) != BF_OK)
        return fail(err.msg);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t1);
    double right = 0, judged = 0;
    for (uint32_t i = 0; i < in.n; i++) {
        right += out.n_right[i];
        judged += out.n_judged[i];
    }
    printf("{\"cpu_s\": %.3f, \"accuracy\": %.5f, \"judged\": %.0f}\n",
           (double)(t1.tv_sec - t0.tv_sec) + 1e-9 * (double)(t1.tv_nsec - t0.tv_nsec),
           right / judged, judged);
    const int rc = argc > 4 ? write_counts(argv[4], &out, in.n) : 0;
    bf_arena_reset(&a);
    return rc;
}
