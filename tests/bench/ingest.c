/* bench_ingest SPEC LEDGER [THREADS]: ingest alone, as `run` does it: rows, hashes, readings. Says
 * how many samples and files there were, and the most memory that the process with the pool
 * held. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

#include "core/state.h"
#include "core/text.h"

int main(int argc, char **argv)
{
    struct bf_spec spec = { 0 };
    struct bf_complaints complaints = { 0 };
    struct bf_err err = { 0 };
    const struct bf_run_options options = { 0 };
    struct bf_state st = { .spec = &spec, .options = &options };
    int64_t n_threads = 2;
    if (argc < 3 || (argc > 3 && !bf_text_integer(argv[3], &n_threads)))
        return 2;
    st.n_threads = (int)n_threads;
    int rc = bf_spec_read(argv[1], &spec, &complaints, &err);
    if (rc == BF_OK)
        rc = bf_ingest_rows(&spec, &st.pool, &err);
    if (rc == BF_OK)
        rc = bf_ledger_open(argv[2], &st.ledger, &err);
    if (rc == BF_OK)
        rc = bf_ingest_media(&st, &err);
    if (rc == BF_OK) {
        uint64_t cached = 0, made = 0;
        bf_readings_counts(st.readings, &cached, &made);
        struct rusage use = { 0 };
        getrusage(RUSAGE_SELF, &use);
        printf("%u samples, %u set aside, %u files, %" PRIu64 " readings new, %" PRIu64 " known, "
               "peak %ld MB\n",
               st.pool.n_samples, st.pool.n_set_aside, st.pool.n_files, made, cached,
               use.ru_maxrss * 1024 / 1000000);
    } else {
        fprintf(stderr, "%s\n", err.msg);
    }
    bf_workers_close(st.workers);
    bf_readings_close(st.readings);
    bf_ledger_close(st.ledger);
    bf_pool_done(&st.pool);
    bf_arena_reset(&st.arena);
    bf_spec_done(&spec);
    return rc == BF_OK ? 0 : 1;
}
