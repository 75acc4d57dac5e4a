/* bench_client URL IN_FLIGHT N KB: N questions asked by the probe `chat` itself, without driver and
 * ledger, to be read beside curl_floor, whose line it prints. IN_FLIGHT 0 = found while asking. */
#include <sys/resource.h>
#include <time.h>

#include "tests/asking/fake.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double cpu(const struct rusage *r)
{
    return (double)(r->ru_utime.tv_sec + r->ru_stime.tv_sec) +
           (double)(r->ru_utime.tv_usec + r->ru_stime.tv_usec) * 1e-6;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: bench_client URL IN_FLIGHT N KB\n");
        return 2;
    }
    const uint32_t n = (uint32_t)strtoul(argv[3], NULL, 10);
    struct fake *f = fake_new(n, (int)strtol(argv[4], NULL, 10));
    fake_set(f, "url", argv[1]);
    fake_set(f, "model", "mock-mcq");
    fake_set(f, "concurrency", argv[2]);
    fake_set(f, "max_tokens", "1");
    struct bf_err err = { 0 };
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    const double start = now();
    int rc = bf_probe_chat.ask(&f->asking, &err);
    const double seconds = now() - start;
    getrusage(RUSAGE_SELF, &after);
    if (rc != BF_OK)
        fprintf(stderr, "bench_client: %s\n", err.msg);
    printf("rate %.0f cpu_per_1000 %.4f peak_mb %.1f\n", n / seconds,
           (cpu(&after) - cpu(&before)) / n * 1000, (double)after.ru_maxrss / 1024);
    rc = rc != BF_OK || f->n_answered != n;
    fake_free(f);
    return rc;
}
