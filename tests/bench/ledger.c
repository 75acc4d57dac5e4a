/* How much time of the processors recording an answer takes: queue N answers at a rate, flush.
 *
 *     ledger PATH [N] [RATE a second, 0 = as fast as it goes] [BYTES of text] [FROM]
 *
 * FROM numbers the first answer: to go on where an earlier call ended. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/ledger.h"

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double number(int argc, char **argv, int i, double otherwise)
{
    return argc > i ? strtod(argv[i], NULL) : otherwise;
}

int main(int argc, char **argv)
{
    const long n = (long)number(argc, argv, 2, 20000);
    const double rate = number(argc, argv, 3, 20000);
    const size_t n_text = (size_t)number(argc, argv, 4, 20);
    const long from = (long)number(argc, argv, 5, 0);
    struct bf_err err = { 0 };
    struct bf_ledger *l = NULL;
    char *text = calloc(1, n_text + 1);
    if (argc < 2 || !text || bf_ledger_open(argv[1], &l, &err) != BF_OK ||
        bf_ledger_writer_start(l, &err) != BF_OK) {
        fprintf(stderr, "ledger: %s\n", err.msg);
        return 1;
    }
    memset(text, 'x', n_text);
    const struct bf_answer answer = { .choice = 1, .number = NAN, .text = text, .n_in = 300 };
    const double start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    uint32_t most = 0;
    for (long i = 0; i < n; i++) {
        uint8_t key[BF_SHA_BYTES];
        char sample[32];
        snprintf(sample, sizeof sample, "sample_%ld", from + i);
        bf_sha256(sample, strlen(sample), key);
        bf_ledger_sent(l, key);
        if (bf_ledger_queue_answer(l, key, "qwen7b", sample, "blind", 0, &answer, &err) != BF_OK) {
            fprintf(stderr, "ledger: %s\n", err.msg);
            return 1;
        }
        const uint32_t queued = bf_ledger_n_queued(l);
        most = queued > most ? queued : most;
        const double ahead = rate > 0 ? (double)i / rate - (now(CLOCK_MONOTONIC) - start) : 0;
        if (ahead > 1e-3) {
            const struct timespec t = { (time_t)ahead, (long)(fmod(ahead, 1) * 1e9) };
            nanosleep(&t, NULL);
        }
    }
    const int rc = bf_ledger_flush(l, &err);
    if (rc != BF_OK)
        fprintf(stderr, "ledger: %s\n", err.msg);
    const double wall = now(CLOCK_MONOTONIC) - start;
    const double used = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    printf("%ld answers in %.3f s: %.0f/s, %.1f us of CPU each, %u queued at most, %ld MB\n", n,
           wall, (double)n / wall, used * 1e6 / (double)n, most, r.ru_maxrss / 1024);
    bf_ledger_close(l);
    free(text);
    return rc != BF_OK;
}
