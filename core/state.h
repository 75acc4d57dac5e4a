#ifndef BF_CORE_STATE_H
#define BF_CORE_STATE_H

#include "core/readings.h"
#include "core/table.h"

/* Everything one run holds while it goes from stage to stage. */
struct bf_state {
    const struct bf_spec *spec;
    const struct bf_run_options *options;
    int n_threads;
    struct bf_arena arena; /* lives as long as the run */
    const char *run_dir;
    struct bf_ledger *ledger;
    struct bf_workers *workers; /* opened on first need, before any thread */
    struct bf_pool pool;
    struct bf_readings *readings;
    struct bf_conditions conditions;
    struct bf_cell *cells;  /* [n_probes][n_conditions][n_samples] */
    struct bf_votes *votes; /* the same, or NULL: see struct bf_table */
    struct bf_judge_rates judge;
    struct bf_refitting *refitting; /* for st->table.refitter */
    struct bf_table table;
    struct bf_scores scores;
    struct bf_verdict *verdicts;
    struct bf_summary *summary;
};

/* Read the rows of all sources into `pool`: no media is opened. */
int bf_ingest_rows(const struct bf_spec *spec, struct bf_pool *pool, struct bf_err *err);

/* What the spec asks of the rows beyond their form. BF_EINVAL: a quota on a field that no sample
 * has. */
int bf_ingest_check(const struct bf_spec *spec, const struct bf_pool *pool, struct bf_err *err);

/* The first look at the pool's files: hash each that a sample shows, into its `sha` or with the
 * reason into its `bad`, and when `read`, read it as what the first sample shows it as, into
 * st->readings, unless its content was read before. */
int bf_scan_files(struct bf_state *st, bool read, struct bf_err *err);

/* Hash and read every file; set aside the samples whose media cannot be used; then groups, the
 * pool's digest and mean colours. */
int bf_ingest_media(struct bf_state *st, struct bf_err *err);

/* What the ledger remembers of the files: they are hashed, and get those readings that were made
 * before, none others. Nothing is decoded; what is known to be unusable is set aside. */
int bf_ingest_recall(struct bf_state *st, struct bf_err *err);

/* Whether what a sample is shown depends on the media of others: the mean of the pool, swaps. */
bool bf_needs_others(const struct bf_spec *spec);

/* Fill the cells: from the ledger what it has, from the probes the rest. `score` is called when all
 * that scores rest on is there; what is asked after that serves verdicts alone. */
int bf_ask_all(struct bf_state *st, int (*score)(struct bf_state *st, struct bf_err *err),
               struct bf_err *err);

/* set_aside.jsonl, scores.csv, stats.csv, verdicts.jsonl in the run folder. */
int bf_write_set_aside(const struct bf_state *st, struct bf_err *err);
int bf_write_tables(const struct bf_state *st, const uint8_t *kept, struct bf_err *err);

/* leaks.jsonl in the run folder, when leaks were looked for; else there is none. */
int bf_write_leaks(const struct bf_state *st, struct bf_err *err);

/* Say in the summary what leaks there are: how many, and the surest as sentences. */
int bf_summarize_leaks(const struct bf_scores *scores, struct bf_summary *out, struct bf_err *err);

/* run.json: versions, counts, seconds, SHA-256 of every output. */
int bf_write_run_json(const struct bf_state *st, double seconds, struct bf_err *err);

void bf_note(const struct bf_run_options *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
